"""Hostile and damaged files: one plain sentence with a way out, or the right table. Never a traceback, never a guess
that silently changes what stands there."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from core.datasets import reading
from core.datasets.reading import read_preview, read_table
from core.domain.dataset import TableFormat
from core.errors import UnreadableFile

GOOD = "text,label\nThe parcel is late,delivery\nI paid twice,payment\n"


def workbook(rows=(("text", "label"), ("good", "a"), ("bad", "b"))) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(changes: dict[str, bytes]) -> bytes:
    """A good workbook with some parts replaced or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name not in changes:
                target.writestr(name, source.read(name))
        for name, content in changes.items():
            target.writestr(name, content)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    return repacked({"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * (60 << 20) + b"</worksheet>"})


def ole(stream: str = "EncryptedPackage") -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + stream.encode("utf-16-le") + bytes(512)


XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'

REFUSED: list[tuple[str, bytes | Callable[[], bytes], str]] = [
    ("empty.csv", b"", "has no rows"),
    ("blank.csv", b"\n\n  \r\n,,\n", "has no rows"),
    ("header.csv", b"text,label\n", "no rows below"),
    ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a picture"),
    ("letter.xlsx", b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    ("noise.csv", bytes(range(1, 32)) * 200 + bytes(range(128, 256)) * 50, "not a text file"),
    ("page.csv", b"<!DOCTYPE html><html><body><table></table>", "web page"),
    ("data.csv", b'[{"text": "a", "label": "b"}]', "JSON"),
    ("quote.csv", GOOD.encode() + b'"never closed,payment\n' + b"more,delivery\n" * 5, "line 4"),
    ("locked.xlsx", ole(), "password"),
    ("old.xls", ole("Workbook"), "before 2007"),
    ("letter.doc", ole("WordDocument"), "Word"),
    ("cut.xlsx", lambda: workbook()[:3000], "damaged"),
    ("parts.xlsx", lambda: repacked({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}), "damaged|no rows"),
    ("xxe.xlsx", lambda: repacked({"xl/worksheets/sheet1.xml": XXE}), "not opened"),
    ("slip.xlsx", lambda: repacked({"../../evil.sh": b"rm"}), "not opened"),
    ("bomb.xlsx", zip_bomb, "unpacks to more"),
    ("binary.xlsb", lambda: repacked_as({"xl/workbook.bin": b"x"}), "binary Excel"),
    ("letter.docx", lambda: repacked_as({"word/document.xml": b"<w/>"}), "Word"),
    ("nested.zip", lambda: repacked_as({"a.zip": repacked_as({"a.csv": GOOD.encode()})}), "another compressed"),
    ("nothing.zip", lambda: repacked_as({"a.exe": b"MZ", "b.dll": b"MZ"}), "holds no table"),
    ("cut.csv.gz", gzip.compress(GOOD.encode() * 50)[:-9], "cut off"),
    ("slip.zip", lambda: repacked_as({"../evil.csv": GOOD.encode()}), "outside of its folder"),
    ("nothing.xlsx", lambda: workbook(()), "no rows"),
    (
        "formulas.xlsx",
        lambda: workbook((("text", "label"), ("good", '=IF(1,"a")'), ("bad", '=IF(1,"b")'))),
        "never calculated",
    ),
]


def repacked_as(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(("filename", "content", "sentence"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_in_one_sentence_with_a_way_out(tmp_path: Path, filename, content, sentence):
    path = tmp_path / "upload"  # uploads are stored without the person's file name
    path.write_bytes(content() if callable(content) else content)
    with pytest.raises(UnreadableFile, match=sentence) as refusal:
        read_preview(path, filename)
    assert refusal.value.hint is not None
    assert filename in str(refusal.value)


def read(tmp_path: Path, content: bytes, filename: str = "table", format: TableFormat | None = None):
    path = tmp_path / "upload"
    path.write_bytes(content)
    return read_table(path, filename, format or TableFormat())


def test_long_and_short_rows_are_kept_whole_and_told(tmp_path):
    rows = "".join(f"text {i},a\n" for i in range(8))
    table = read(tmp_path, f"text,label\n{rows}one, two,b\nonly\n,,\n".encode())
    assert table.ragged_rows == {10: 3, 11: 1}
    assert table.frame.loc[10].tolist() == ["one", " two,b"]
    assert table.frame.loc[11].tolist() == ["only", ""]
    assert table.blank_rows == (12,)


def test_nul_stays_in_its_cell(tmp_path):
    assert read(tmp_path, GOOD.encode() + b"a\x00b,payment\n").frame.loc[4, "text"] == "a\x00b"


def test_five_thousand_columns(tmp_path):
    header = ",".join(["text", "label", *(f"c{i}" for i in range(4998))])
    table = read(tmp_path, "\n".join([header, *(",".join([f"text {i}"] * 5000) for i in range(5))]).encode())
    assert table.frame.shape == (5, 5000)


def test_too_many_columns_are_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="columns"):
        read(tmp_path, (",".join(f"c{i}" for i in range(20_000)) + "\n" + "," * 19_999 + "x\n").encode())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_byte_order_mark(tmp_path, encoding):
    content = "内容,类别\n很好,正面\n不好,负面\n一般,中性\n"
    table = read(tmp_path, content.encode(encoding))
    assert table.format.encoding == encoding
    assert table.frame["内容"].tolist() == ["很好", "不好", "一般"]


def test_short_western_european_file(tmp_path):
    table = read(tmp_path, "texte;avis\nTrès décu;négatif\nÇa va à peu près;neutre\n".encode("cp1252"))
    assert table.frame["texte"].tolist() == ["Très décu", "Ça va à peu près"]


def test_four_byte_gb18030(tmp_path):
    table = read(tmp_path, "内容,类别\n很好\U00020087,正面\n不好㐀,负面\n".encode("gb18030"))
    assert table.frame["内容"].tolist() == ["很好\U00020087", "不好㐀"]


def test_stray_cell_in_the_last_corner_costs_nothing(tmp_path):
    book = openpyxl.Workbook()
    for row in (("text", "label"), ("good", "a"), ("bad", "b")):
        book.active.append(row)
    book.active["XFD1048576"] = "ghost"
    buffer = io.BytesIO()
    book.save(buffer)
    table = read(tmp_path, buffer.getvalue())
    assert table.frame.to_numpy().tolist() == [["good", "a"], ["bad", "b"]]


def test_a_formula_gives_its_last_result_and_nothing_is_run(tmp_path):
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>text</v></c><c r="B1" t="str"><v>label</v></c></row>'
        b'<row r="2"><c r="A2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
        b"</sheetData></worksheet>"
    )
    table = read(tmp_path, repacked({"xl/worksheets/sheet1.xml": sheet}))
    assert table.frame.to_numpy().tolist() == [["ab", "2"]]


def test_macros_are_told_and_not_run(tmp_path):
    assert [notice.code for notice in read(tmp_path, repacked({"xl/vbaProject.bin": b"\x00"})).notices] == ["macros"]


def test_a_hostile_file_name_is_only_a_word(tmp_path):
    path = tmp_path / "upload"
    path.write_text("text,label\n")
    with pytest.raises(UnreadableFile, match=r"\.\./\.\./etc/{passwd}\.csv has column names"):
        read_preview(path, "../../etc/{passwd}.csv")


def test_a_child_at_its_memory_limit_is_a_plain_refusal(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MEMORY_BYTES", 300 << 20)
    with pytest.raises(UnreadableFile, match="more memory or time"):
        read(tmp_path, GOOD.encode() + b'"' + b"x" * (200 << 20) + b'",payment\n')


def test_a_child_at_its_time_limit_is_a_plain_refusal(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BASE_SECONDS", 1)
    monkeypatch.setattr(reading, "SECONDS_PER_MB", 0)
    with pytest.raises(UnreadableFile, match="more memory or time"):
        read(tmp_path, GOOD.encode() + b"some words here,payment\n" * 3_000_000)


def test_nothing_is_left_behind_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "aside"))
    (tmp_path / "aside").mkdir()
    read(tmp_path, GOOD.encode())
    with pytest.raises(UnreadableFile):
        read(tmp_path, b"text,label\n")
    assert os.listdir(tmp_path / "aside") == []  # noqa: PTH208
