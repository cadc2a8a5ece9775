"""A file is parsed once: preview, other names for the same reading, and the build share one table."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from core.datasets import reading, table_cache
from core.datasets.reading import read_preview, read_raw
from core.domain.dataset import TableFormat

CONTENT = "text;label\n" + "".join(f"words and more {i};{'ab'[i % 2]}\n" for i in range(20))


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / hashlib.sha256(CONTENT.encode()).hexdigest()
    path.write_text(CONTENT)
    return path


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return tmp_path / "tables"


@pytest.fixture
def n_parsed(monkeypatch) -> list[str]:
    calls: list[str] = []
    real = reading.ask

    def counted(*args, **options):
        calls.append(args[0])
        return real(*args, **options)

    monkeypatch.setattr(reading, "ask", counted)
    return calls


def first_cell(upload: Path, tables: Path, format: TableFormat = TableFormat()) -> str:  # noqa: B008
    with read_raw(upload, "a.csv", format, cache_dir=tables) as raw:
        return str(raw.columns.column(0)[0])


def test_preview_and_build_parse_a_file_once(upload, tables, n_parsed):
    preview = read_preview(upload, "a.csv", cache_dir=tables)
    assert first_cell(upload, tables, preview.format) == "words and more 0"
    assert first_cell(upload, tables) == "words and more 0"
    assert read_preview(upload, "a.csv", preview.format, cache_dir=tables) == preview
    assert len(n_parsed) == 1


def test_another_reading_or_another_file_is_parsed_anew(upload, tables, n_parsed):
    read_preview(upload, "a.csv", cache_dir=tables)
    assert read_preview(upload, "a.csv", TableFormat(delimiter=""), cache_dir=tables).columns == ("text;label",)
    assert len(n_parsed) == 2


@pytest.mark.parametrize("harm", ["cut", "flipped", "no_table", "no_answer", "no_alias_target"])
def test_a_damaged_entry_is_as_good_as_absent(upload, tables, n_parsed, harm):
    read_preview(upload, "a.csv", cache_dir=tables)
    (folder,) = [path for path in tables.iterdir() if path.is_dir()]
    table = folder / table_cache.TABLE
    content = table.read_bytes()
    if harm == "cut":
        table.write_bytes(content[:-20])
    elif harm == "flipped":
        at = content.index(b"words and more 0")
        table.write_bytes(content[:at] + b"X" + content[at + 1 :])
    elif harm == "no_table":
        table.unlink()
    elif harm == "no_answer":
        (folder / table_cache.ANSWER).write_text("{")
    else:
        folder.rename(tables / "elsewhere")
    assert first_cell(upload, tables) == "words and more 0"
    assert len(n_parsed) == 2
    assert first_cell(upload, tables) == "words and more 0"
    assert len(n_parsed) == 2


def test_the_oldest_tables_make_room(upload, tables):
    read_preview(upload, "a.csv", cache_dir=tables)
    (old,) = [path for path in tables.iterdir() if path.is_dir()]
    os.utime(old, (time.time() - 999, time.time() - 999))
    read_preview(upload, "a.csv", TableFormat(header_row=0), cache_dir=tables)
    size = sum(file.stat().st_size for file in old.iterdir())
    table_cache.shrink(tables, max_bytes=size + size // 2)
    assert not old.exists()
    assert len([path for path in tables.iterdir() if path.is_dir()]) == 1
    table_cache.shrink(tables, max_age_seconds=-1)
    assert not [path for path in tables.iterdir() if not path.name.startswith(".")]


def test_a_table_in_use_outlives_its_removal_and_all_of_an_upload_are_forgotten(upload, tables):
    with read_raw(upload, "a.csv", TableFormat(), cache_dir=tables) as raw:
        table_cache.forget(tables, upload.name)
        assert not list(tables.iterdir())
        assert len(raw.columns) == 20
