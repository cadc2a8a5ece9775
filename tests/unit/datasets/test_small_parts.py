"""Comparing, language, inert cells, samples and the registry of checks."""

import io
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from core.datasets.comparing import compared, equality_codes
from core.datasets.findings import CHECKS
from core.datasets.inert import MAX_CELL_CHARS, inert
from core.datasets.language import language_of
from core.datasets.operations.base import NONE_OF_THESE, REMOVED
from core.datasets.reading import read_preview
from core.datasets.rows import REASONS
from core.datasets.samples import SAMPLE_TEXTS, list_samples, template_xlsx
from core.settings import load


def texts(*values: str) -> pa.Array:
    return pa.array(values, pa.large_string())


def test_texts_are_equal_beyond_case_width_and_white_space():
    equal = ("A b", "a  B", " a\tb\n", "a\u3000b", "Ａ ｂ", "a\u00a0b", "a\u2028b")
    assert set(compared(texts(*equal)).to_pylist()) == {"a b"}
    assert len(set(equality_codes(texts(*equal)).tolist())) == 1
    assert len(set(equality_codes(texts("ab", "a b", "a-b", "", "退款", "退 款")).tolist())) == 6


def test_equality_codes_agree_across_chunks():
    chunked = pa.chunked_array([texts("x", "Y"), texts("y", "X ")])
    codes = equality_codes(chunked)
    assert codes[0] == codes[3] and codes[1] == codes[2] and codes[0] != codes[1]


@pytest.mark.parametrize(
    ("sample", "language"),
    [
        (["Where is my parcel?", "I was charged twice for the same thing"], "en"),
        (["快递太慢了", "iPhone 屏幕碎了，要求 refund"], "zh"),
        (["Wo ist mein Paket geblieben?", "Das Gerät funktioniert nicht mehr"], "other"),
        (["とても良い商品でした", "配送がおそいです"], "other"),
        (["Где моя посылка?"], "other"),
        (["12345", "!!!"], "other"),
        ([], "other"),
    ],
)
def test_language_of_texts(sample, language):
    assert language_of(sample) == language


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t=", " =", "\n@"])
def test_formulas_become_inert(start):
    assert inert(f"{start}1+1").startswith("'")


def test_inert_cells_keep_ordinary_text_and_lose_what_excel_cannot_hold():
    assert inert("A plain text, 100% = fine\nsecond line") == "A plain text, 100% = fine\nsecond line"
    assert inert("a\x00b\x1bc\ud800") == "abc"
    assert len(inert("=" + "x" * 40_000)) == MAX_CELL_CHARS


def test_every_check_has_a_name_of_its_own_and_reasons_belong_to_checks():
    assert len(set(CHECKS.names())) == len(CHECKS)
    assert set(REASONS) - {REMOVED, NONE_OF_THESE} <= set(CHECKS.names())


@pytest.mark.parametrize("sample", list_samples(load().samples_dir), ids=lambda sample: sample.name)
def test_samples_are_what_they_say(sample):
    folder = load().samples_dir / sample.name
    path = folder / sample.filename
    assert path.stat().st_size < 1_000_000
    assert (folder / "SOURCE.md").read_text().strip()
    preview = read_preview(path, sample.filename)
    assert preview.n_rows == sample.n_rows
    assert preview.text_column in sample.text_columns
    assert preview.label_column == sample.label_column
    assert {sample.title.text, sample.scene.text} <= {text.text for text in SAMPLE_TEXTS}


def test_there_are_english_and_chinese_samples():
    samples = list_samples(load().samples_dir)
    assert {sample.language for sample in samples} == {"en", "zh"}
    assert {sample.scene.text for sample in samples} >= {"Customer feedback", "Marketing", "Spam filter"}


def test_template_can_be_uploaded_as_it_is(tmp_path: Path):
    content = template_xlsx()
    assert len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) == 2
    path = tmp_path / "template.xlsx"
    path.write_bytes(content)
    preview = read_preview(path, path.name)
    assert (preview.text_column, preview.label_column, preview.n_rows) == ("text", "label", 6)
