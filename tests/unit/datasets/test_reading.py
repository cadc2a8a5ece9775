"""What is written in any encoding, separator and layout is read back as it was."""

import csv
import datetime
import io
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.datasets.parsing import text_source
from core.datasets.parsing.encodings import guess_encoding
from core.datasets.parsing.layout import guess_delimiter, guess_header_row, name_columns, sample_records
from core.datasets.parsing.text_table import read_text_table
from core.datasets.reading import read_preview, read_table
from core.domain.dataset import TableFormat
from core.errors import NotFound, UnreadableFile

ROWS = [
    ("包裹还没有到，已经三天了", "物流"),
    ("客服态度很好, 解决得快", "服务"),
    ('他说"再也不买了"', "服务"),
    ("第一行\n第二行", "物流"),
    ("NA", "001"),
    ("屏幕有划痕；要求退款", "质量"),
    ("充电很慢", "质量"),
]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030")
DELIMITERS = (",", ";", "\t", "|")


def csv_bytes(rows, *, header=("内容", "类别"), delimiter=",", encoding="utf-8", newline="\r\n") -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=newline)
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)


def xlsx(path: Path, rows, title: str = "Sheet") -> Path:
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


def read_text(tmp_path: Path, content: bytes, format: TableFormat | None = None):
    """The child's work without the child: quick enough for property tests."""
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    resolved, table, _notices = read_text_table(path, path.name, format or TableFormat(), None, tmp_path)
    return resolved, table


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_a_table_comes_back_from_every_encoding_and_separator(tmp_path, encoding, delimiter):
    format, table = read_text(tmp_path, csv_bytes(ROWS, delimiter=delimiter, encoding=encoding))
    assert format.delimiter == delimiter
    assert table.names == ("内容", "类别")
    assert [tuple(row) for row in table.sample] == ROWS


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\u2028\u2029\x85"),
    min_size=1,
    max_size=30,
).filter(str.strip)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(cells, cells, cells), min_size=2, max_size=12),
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "gb18030")),
    newline=st.sampled_from(("\n", "\r\n")),
)
def test_any_table_is_read_back_exactly_when_its_format_is_given(tmp_path, rows, delimiter, encoding, newline):
    content = csv_bytes(rows, header=("a", "b", "c"), delimiter=delimiter, encoding=encoding, newline=newline)
    format = TableFormat(encoding=encoding, delimiter=delimiter, header_row=1)
    _, table = read_text(tmp_path, content, format)
    assert [tuple(row) for row in table.sample] == rows
    assert not table.long_rows.n and not table.short_rows.n


def arrow_of(path: Path, format: TableFormat, folder: Path, *, fast: bool) -> pa.Table | str:
    out = folder / f"{fast}.arrow"
    try:
        read_text_table(path, path.name, format, out, folder, fast=fast)
    except UnreadableFile as refusal:
        return str(refusal)
    with pa.ipc.open_file(pa.memory_map(str(out))) as file:
        return file.read_all().combine_chunks()


PIECES = (
    "a",
    "bc",
    " ",
    ",",
    ";",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    ',"',
    '",',
    '"\n',
    "好",
    "\ufeff",
    "\0",
    "\x85",
    "x,y\n",
    '"q","r"\n',
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=60))
def test_the_fast_path_gives_the_same_table_as_the_csv_module(tmp_path, monkeypatch, pieces):
    for name in ("FIRST_BYTES", "SLOW_BYTES", "FAST_BYTES"):  # so that small files have many regions
        monkeypatch.setattr(text_source, name, 24)
    content = "x,y\na,b\n" + "".join(pieces)
    path = tmp_path / "pieces.csv"
    path.write_bytes(content.encode())
    format = TableFormat(encoding="utf-8", delimiter=",", header_row=1, smart_quotes=False, joined_column=0)
    fast = arrow_of(path, format, tmp_path, fast=True)
    assert fast == arrow_of(path, format, tmp_path, fast=False)
    if isinstance(fast, pa.Table) and not content.endswith("\x1a"):
        records = list(csv.reader(io.StringIO(content, newline=""), strict=True))
        whole = {number: record for number, record in enumerate(records[1:], start=2) if any(map(str.strip, record))}
        for row, x, y, n_cells in zip(
            *(fast.column(name).to_pylist() for name in ("row", "0", "1", "cells")), strict=True
        ):
            assert (n_cells or len(whole[row]) != 2) or [x, y] == whole[row]
        assert len(fast) <= len(whole) + sum(not any(map(str.strip, record)) for record in records)


def test_a_cell_longer_than_a_region_is_read_whole(tmp_path, monkeypatch):
    for name in ("FIRST_BYTES", "SLOW_BYTES", "FAST_BYTES"):
        monkeypatch.setattr(text_source, name, 24)
    rows = [("short", "a"), ("line\n" * 200, "b"), ("x" * 500, "a")] * 3
    _, table = read_text(tmp_path, csv_bytes(rows, header=("text", "label")))
    assert [tuple(row) for row in table.sample] == rows


def test_cp1252_is_told_from_gb18030_by_its_lonely_accents(tmp_path):
    path = tmp_path / "menu.csv"
    path.write_bytes("text,label\nUn café très cher à Liège,négatif\nDéjà vu,neutre\n".encode("cp1252"))
    assert guess_encoding(path, path.name) == "cp1252"


def test_japanese_and_traditional_chinese_are_recognized(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("text,label\nとても良い商品でした,良い\n配送がおそいです,悪い\n".encode("shift_jis"))
    assert guess_encoding(path, path.name) == "shift_jis"
    path.write_bytes("text,label\n這個產品的質量很好，我們都很喜歡,正面\n還沒有收到,負面\n".encode("big5"))
    assert guess_encoding(path, path.name) == "big5"


def test_a_file_in_two_encodings_is_read_line_by_line_and_the_lines_are_told(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_bytes(
        "text,label\n很好很好很好,好\n".encode() + "café,x\n".encode("cp1252") + "退款,好\n".encode("gb18030")
    )
    preview = read_preview(path, path.name)
    assert preview.rows == (("很好很好很好", "好"), ("café", "x"), ("退款", "好"))
    (notice,) = [notice for notice in preview.notices if notice.code == "mixed_encodings"]
    assert "3, 4" in str(notice.message)


def test_a_chosen_encoding_that_does_not_fit_names_the_line(tmp_path):
    with pytest.raises(UnreadableFile, match=r"Line 2 .* is not utf-8"):
        read_text(tmp_path, csv_bytes(ROWS, encoding="gb18030", header=("a", "b")), TableFormat(encoding="utf-8"))
    with pytest.raises(NotFound, match="no encoding named"):
        read_text(tmp_path, csv_bytes(ROWS), TableFormat(encoding="latin-99"))


def test_separators_inside_quotes_and_sentences_do_not_count():
    assert guess_delimiter('text;label\n"a; b";x\nc, d, e;y\n') == ";"
    assert guess_delimiter("comment\nWell, I like it, really\nNo, thanks\nFine\n") == ""


def test_header_below_title_rows_and_missing_header():
    titled = sample_records("Report 2026\n\ntext,label\ngood,a\nbad,b\n", ",")
    assert guess_header_row(titled) == 2  # among the records that are not blank
    assert guess_header_row([["I like it", "good"], ["No", "bad"], ["Yes", "good"]]) == 0


def test_title_rows_and_blank_lines_keep_the_row_numbers_of_the_spreadsheet(tmp_path):
    path = tmp_path / "titled.csv"
    path.write_text("Report 2026,\n,\ntext,label\ngood,a\n,\nbad,b\n")
    table = read_table(path, path.name)
    assert table.format.header_row == 3
    assert table.frame.index.tolist() == [4, 6]
    assert (table.n_blank, table.blank_rows) == (1, (5,))


def test_names_of_columns_are_never_blank_or_twice_the_same():
    assert name_columns(["text", "", "text", " text "], 5) == ("text", "Column 2", "text (2)", "text (3)", "Column 5")


def test_tables_without_header_get_numbered_columns(tmp_path):
    _, table = read_text(tmp_path, csv_bytes(ROWS[:3], header=None), TableFormat(header_row=0))
    assert table.names == ("Column 1", "Column 2")
    assert table.n_rows == 3


def test_sep_line_of_excel_is_honored_and_not_counted(tmp_path):
    path = tmp_path / "sep.csv"
    path.write_text("sep=|\ntext|label\ngood, really|a\nbad, very|b\n")
    table = read_table(path, path.name)
    assert table.format.delimiter == "|"
    assert table.frame.loc[2].tolist() == ["good, really", "a"]


def test_backslash_quotes_and_unquoted_tabs_are_understood(tmp_path):
    _, table = read_text(tmp_path, b'text,label\n"he said \\"hi, you\\" loudly",a\n"fine",b\n')
    assert table.sample[0] == ['he said "hi, you" loudly', "a"]
    _, table = read_text(tmp_path, b'text\tlabel\n"Great" product\ta\nfine\tb\n')
    assert table.sample[0] == ['"Great" product', "a"]


def test_cells_stay_strings_as_they_stand(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("text,label\nNA,001\nnull,1.0\nNone,1e5\n")
    frame = read_table(path, path.name).frame
    assert frame["text"].tolist() == ["NA", "null", "None"]
    assert frame["label"].tolist() == ["001", "1.0", "1e5"]


def test_excel_cells_look_as_in_excel(tmp_path):
    day = datetime.date(2026, 3, 1)
    path = xlsx(tmp_path / "kinds.xlsx", [["a", "b", "c"], [1, 2.5, True], [day, 3.0, None], ["007", 10**12, "x"]])
    frame = read_table(path, path.name).frame
    assert frame.loc[2].tolist() == ["1", "2.5", "TRUE"]
    assert frame.loc[3].tolist() == ["2026-03-01", "3", ""]
    assert frame.loc[4].tolist() == ["007", "1000000000000", "x"]


def test_excel_is_recognized_by_content_and_text_too(tmp_path):
    table = [["text", "label"], ["good", "a"], ["bad", "b"]]
    path = xlsx(tmp_path / "book.xlsx", table)
    assert read_preview(path, "renamed.csv").rows == (("good", "a"), ("bad", "b"))
    path = tmp_path / "text.xlsx"
    path.write_bytes(csv_bytes(table[1:], header=table[0]))
    assert read_preview(path, "text.xlsx").format.delimiter == ","


def test_the_first_visible_sheet_with_a_table_is_read_unless_another_is_chosen(tmp_path):
    path = tmp_path / "sheets.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.append(["A cover page"])
    for name, state in (("Hidden", "hidden"), ("Data", "visible")):
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = state
        for row in (["text", "label"], [f"good {name}", "a"], ["bad", "b"]):
            sheet.append(row)
    workbook.save(path)
    preview = read_preview(path, path.name)
    assert preview.format.sheet == "Data"
    assert preview.sheets == ("Sheet", "Hidden", "Data")
    assert read_preview(path, path.name, TableFormat(sheet="Hidden")).rows[0] == ("good Hidden", "a")
    with pytest.raises(NotFound, match="Hidden, Data"):
        read_preview(path, path.name, TableFormat(sheet="Nope"))


def test_a_preview_of_a_guess_reads_the_same_when_taken_as_it_is(tmp_path):
    path = tmp_path / "guess.csv"
    path.write_bytes(csv_bytes(ROWS, delimiter=";", encoding="gb18030"))
    first = read_preview(path, path.name)
    assert read_preview(path, path.name, first.format) == first
    assert (first.text_column, first.label_column) == ("内容", "类别")
