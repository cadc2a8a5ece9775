"""Text tables as people really send them."""

import codecs
import gzip

from tests.hostile.building_blocks import HEADER, LABELS, OPENINGS, Case, plain, rows, table, zh_rows, zipped

GOOD = rows()
ZH = zh_rows()
HEADER_ZH = ("内容", "类别")
ACCENTS = [(f"{text} près du café", label) for text, label in GOOD]
CRLF, CR = "\r\n", "\r"


def labeled(labels: list[str], n: int = 24) -> list[tuple[str, str]]:
    return [(text, labels[i % len(labels)]) for i, (text, _) in enumerate(rows(n))]


ENCODINGS = [
    Case(name="good.csv", response="ok", content=table(GOOD), cells=GOOD),
    Case(name="bom.csv", response="ok", content=codecs.BOM_UTF8 + table(GOOD).encode(), cells=GOOD),
    Case(name="utf16.csv", response="note", content=table(GOOD).encode("utf-16"), cells=GOOD, code="unusual_encoding"),
    Case(name="utf16be_without_mark.csv", response="note", content=table(GOOD).encode("utf-16-be"), cells=GOOD),
    Case(name="utf16le_without_mark.csv", response="note", content=table(GOOD).encode("utf-16-le"), cells=GOOD),
    Case(
        name="utf16_chinese.csv",
        response="note",
        content=table(ZH, HEADER_ZH).encode("utf-16"),
        cells=ZH,
        names=HEADER_ZH,
    ),
    Case(name="utf32.csv", response="note", content=table(GOOD).encode("utf-32"), cells=GOOD),
    Case(
        name="utf16_odd_byte.csv",
        response="ask",
        content=table(GOOD).encode("utf-16") + b"x",
        code="unreadable_characters",
    ),
    Case(name="cp1252.csv", response="ask", content=table(ACCENTS).encode("cp1252"), cells=ACCENTS),
    Case(name="mac_roman.csv", response="ask", content=table(ACCENTS).encode("mac_roman"), cells=ACCENTS),
    Case(
        name="euro_cp1252.csv",
        response="ask",
        content=table([(f"{text} for 5 €", label) for text, label in GOOD]).encode("cp1252"),
    ),
    Case(name="gbk.csv", response="ask", content=table(ZH, HEADER_ZH).encode("gbk"), cells=ZH, names=HEADER_ZH),
    Case(
        name="gbk_english_header.csv",
        response="ask",
        content=table(ZH).encode("gbk"),
        cells=ZH,
        code="guessed_encoding",
    ),
    Case(
        name="gb18030_four_bytes.csv",
        response="ask",
        content=table([(f"{text}𠂇", label) for text, label in ZH]).encode("gb18030"),
        cells=[(f"{text}𠂇", label) for text, label in ZH],
    ),
    Case(
        name="gb18030_euro.csv",
        response="ask",
        content=table([(f"{text}，退我5€", label) for text, label in ZH]).encode("gb18030"),
        cells=[(f"{text}，退我5€", label) for text, label in ZH],
    ),
    Case(
        name="big5.csv",
        response="ask",
        content=table([(f"這個產品的質量不好，我們還沒有收到{i}號", f"類別{'一二'[i % 2]}") for i in range(12)]).encode(
            "big5"
        ),
        cells=[(f"這個產品的質量不好，我們還沒有收到{i}號", f"類別{'一二'[i % 2]}") for i in range(12)],
    ),
    Case(
        name="shift_jis.csv",
        response="ask",
        content=table([(f"とても良い商品でした、{i}番です", ("良い", "悪い")[i % 2]) for i in range(12)]).encode(
            "shift_jis"
        ),
        cells=[(f"とても良い商品でした、{i}番です", ("良い", "悪い")[i % 2]) for i in range(12)],
    ),
    Case(
        name="euc_kr.csv",
        response="ask",
        content=table(
            [(f"배송이 너무 늦어서 아직 받지 못했습니다 {i}", ("배송", "품질")[i % 2]) for i in range(12)]
        ).encode("euc_kr"),
        cells=[(f"배송이 너무 늦어서 아직 받지 못했습니다 {i}", ("배송", "품질")[i % 2]) for i in range(12)],
    ),
    Case(
        name="cp1251.csv",
        response="ask",
        content=table([(f"Посылка до сих пор не пришла {i}", ("доставка", "оплата")[i % 2]) for i in range(12)]).encode(
            "cp1251"
        ),
        cells=[(f"Посылка до сих пор не пришла {i}", ("доставка", "оплата")[i % 2]) for i in range(12)],
    ),
    Case(
        name="mixed_utf8_cp1252.csv",
        response="ask",
        content=table([(f"{t}很好很好", lb) for t, lb in GOOD[:6]]).encode()
        + table([(f"{t} café", lb) for t, lb in GOOD[6:]], None).encode("cp1252"),
        cells=[*((f"{t}很好很好", lb) for t, lb in GOOD[:6]), *((f"{t} café", lb) for t, lb in GOOD[6:])],
        code="mixed_encodings",
    ),
    Case(
        name="mixed_utf8_gbk.csv",
        response="ask",
        content=table(ZH[:9]).encode() + table(ZH[9:], None).encode("gbk"),
        cells=ZH,
        code="mixed_encodings",
    ),
    Case(
        name="ascii_then_cp1252.csv",
        response="ask",
        content=table(GOOD[:6]).encode() + table(ACCENTS[6:], None).encode("cp1252"),
        cells=[*GOOD[:6], *ACCENTS[6:]],
    ),
    Case(
        name="lone_surrogate.csv",
        response="ask",
        content=table(GOOD).encode().replace(b"kettle", b"ket\xed\xa0\x80tle"),
        code="unreadable_characters",
    ),
    Case(
        name="cut_in_a_character.csv",
        response="ask",
        content=table(ZH, HEADER_ZH).encode() + "包裹".encode()[:-1],
        code="unreadable_characters",
    ),
    Case(
        name="mark_in_the_middle.csv",
        response="note",
        content=table(GOOD[:6]) + "\ufeff" + table(GOOD[6:], None),
        code="byte_order_mark",
    ),
    Case(
        name="two_files_pasted.csv",
        response="ask",
        content="\ufeff" + table(GOOD[:6]) + "\ufeff" + table(GOOD[6:]),
        code="byte_order_mark",
    ),
    Case(name="dos_end_mark.csv", response="note", content=table(GOOD) + "\x1a", cells=GOOD, code="end_mark"),
    Case(
        name="next_line_characters.csv",
        response="ok",
        content=table([(f"{t}\x85then\u2028and", lb) for t, lb in GOOD]),
        cells=[(f"{t}\x85then\u2028and", lb) for t, lb in GOOD],
    ),
]

SEPARATORS = [
    Case(name="semicolon.csv", response="note", content=table(GOOD, sep=";"), cells=GOOD, code="separator"),
    Case(name="tab.tsv", response="note", content=table(GOOD, sep="\t"), cells=GOOD),
    Case(name="bar.csv", response="note", content=table(GOOD, sep="|"), cells=GOOD),
    Case(
        name="semicolon_and_commas.csv",
        response="note",
        content=table([(f"{t}, really, yes", lb) for t, lb in GOOD], sep=";"),
        cells=[(f"{t}, really, yes", lb) for t, lb in GOOD],
    ),
    Case(
        name="decimal_commas.csv",
        response="note",
        content=table([(t, f"{i},5", lb) for i, (t, lb) in enumerate(GOOD)], ("text", "price", "label"), sep=";"),
        cells=[(t, f"{i},5", lb) for i, (t, lb) in enumerate(GOOD)],
        names=("text", "price", "label"),
    ),
    Case(name="sep_line.csv", response="note", content="sep=;\r\n" + table(GOOD, sep=";", end=CRLF), cells=GOOD),
    Case(name="sep_line_bom.csv", response="note", content="\ufeffsep=|\n" + table(GOOD, sep="|"), cells=GOOD),
    Case(name="crlf.csv", response="ok", content=table(GOOD, end=CRLF), cells=GOOD),
    Case(name="cr_only.csv", response="ok", content=table(GOOD, end=CR), cells=GOOD),
    Case(
        name="mixed_line_ends.csv",
        response="ok",
        content=table(GOOD[:4]) + table(GOOD[4:8], None, end=CRLF) + table(GOOD[8:], None, end=CR),
        cells=GOOD,
    ),
    Case(name="no_last_line_end.csv", response="ok", content=table(GOOD).rstrip("\n"), cells=GOOD),
    Case(
        name="line_breaks_in_cells.csv",
        response="ok",
        content=table([(f"{t}\nand\r\nmore", lb) for t, lb in GOOD]),
        cells=[(f"{t}\nand\r\nmore", lb) for t, lb in GOOD],
    ),
    Case(
        name="fullwidth_header.csv",
        response="note",
        content="内容，类别\n" + table(ZH, None),
        cells=ZH,
        names=HEADER_ZH,
        code="fullwidth_header",
    ),
    Case(
        name="fullwidth_throughout.csv",
        response="note",
        content="内容，类别\n" + plain(f"{t.replace('，', '')}，{lb}" for t, lb in ZH),
        cells=[(t.replace("，", ""), lb) for t, lb in ZH],
        names=HEADER_ZH,
    ),
    Case(
        name="pasted_cells.txt",
        response="note",
        content="text\tlabel\n" + plain(f'"{t}\nsaid ""{lb}"""\t{lb}' for t, lb in GOOD),
        cells=[(f'{t}\nsaid "{lb}"', lb) for t, lb in GOOD],
    ),
    Case(
        name="tabs_in_quotes.tsv",
        response="note",
        content=table([(f"{t}\tindeed", lb) for t, lb in GOOD], sep="\t"),
        cells=[(f"{t}\tindeed", lb) for t, lb in GOOD],
    ),
    Case(
        name="quotes_that_enclose_nothing.tsv",
        response="note",
        content="text\tlabel\n" + plain(f'"Well" {t}\t{lb}' for t, lb in GOOD),
        cells=[(f'"Well" {t}', lb) for t, lb in GOOD],
        code="literal_quotes",
    ),
    Case(
        name="tabs_and_commas.tsv",
        response="note",
        content=table([(f"{t}, {lb}, ok", lb) for t, lb in GOOD], sep="\t"),
        cells=[(f"{t}, {lb}, ok", lb) for t, lb in GOOD],
    ),
    Case(
        name="all_quoted.csv",
        response="ok",
        content=plain(f'"{t}","{lb}"' for t, lb in [HEADER, *GOOD]),
        cells=GOOD,
    ),
    Case(
        name="inches.csv",
        response="ok",
        content=plain(f'{t} of 5" width,{lb}' if i else f"{t},{lb}" for i, (t, lb) in enumerate([HEADER, *GOOD])),
        cells=[(f'{t} of 5" width', lb) for t, lb in GOOD],
    ),
]

SHAPES = [
    Case(
        name="long_row.csv",
        response="ask",
        content=table(GOOD[:6]) + "too,many,cells,here\n" + table(GOOD[6:], None),
        code="ragged_row",
    ),
    Case(
        name="short_row.csv",
        response="ask",
        content=table(GOOD[:6]) + "only one cell\n" + table(GOOD[6:], None),
        code="ragged_row",
    ),
    Case(
        name="unquoted_commas.csv",
        response="ask",
        content="text,label\n" + plain(f"{t}, and more,{lb}" for t, lb in GOOD),
        cells=[(f"{t}, and more", lb) for t, lb in GOOD],
        code="unquoted_separators",
    ),
    Case(
        name="unquoted_commas_label_first.csv",
        response="ask",
        content="label,text\n" + plain(f"{lb},{t}, and more" for t, lb in GOOD),
        cells=[(lb, f"{t}, and more") for t, lb in GOOD],
        names=("label", "text"),
        code="unquoted_separators",
    ),
    Case(
        name="unclosed_quote.csv",
        response="refuse",
        content=table(GOOD[:6]) + '"never closed,delivery\n' + table(GOOD[6:], None),
    ),
    Case(
        name="text_behind_a_quote.csv",
        response="refuse",
        content=table(GOOD[:6]) + '"closed" but not done,delivery\n' + table(GOOD[6:], None),
    ),
    Case(
        name="backslash_quotes.csv",
        response="note",
        content="text,label\n" + plain(f'"{t} said \\"hello\\", and left",{lb}' for t, lb in GOOD),
        cells=[(f'{t} said "hello", and left', lb) for t, lb in GOOD],
        code="backslash_quotes",
    ),
    Case(
        name="smart_quotes.csv",
        response="ask",
        content="text,label\n" + plain(f"“{t}, and more”,{lb}" for t, lb in GOOD),
        cells=[(f"{t}, and more", lb) for t, lb in GOOD],
        code="smart_quotes",
    ),
    Case(
        name="smart_quotes_in_sentences.csv",
        response="ok",
        content=table([(f"“{t}” is what I said", lb) for t, lb in GOOD]),
        cells=[(f"“{t}” is what I said", lb) for t, lb in GOOD],
    ),
    Case(
        name="nul.csv",
        response="ask",
        content=table(GOOD).replace("kettle", "ket\0tle"),
        code="nul_character",
    ),
    Case(name="empty.csv", response="refuse", content=b""),
    Case(name="header_only.csv", response="refuse", content="text,label\n"),
    Case(name="quoted_header_only.csv", response="refuse", content='"text","label"\n'),
    Case(name="blank_lines.csv", response="refuse", content="\n\n\n"),
    Case(name="only_separators.csv", response="refuse", content=",,\n,,\n;;\n"),
    Case(name="one_row.csv", response="refuse", content=table(GOOD[:1])),
    Case(name="one_column.csv", response="refuse", content=plain(["text", *OPENINGS])),
    Case(name="no_header.csv", response="ask", content=table(GOOD, None), cells=GOOD, names=("Column 1", "Column 2")),
    Case(
        name="same_names.csv",
        response="ask",
        content=table([(t, t, lb) for t, lb in GOOD], ("text", "text", "label")),
        cells=[(t, t, lb) for t, lb in GOOD],
        names=("text", "text (2)", "label"),
        code="repeated_names",
    ),
    Case(
        name="nameless_column.csv",
        response="ask",
        content=table(GOOD, ("", "label")),
        cells=GOOD,
        names=("Column 1", "label"),
        code="blank_names",
    ),
    Case(
        name="spaces_in_header.csv",
        response="ok",
        content=table(GOOD, (" Text ", "LABEL ")),
        cells=GOOD,
        names=("Text", "LABEL"),
    ),
    Case(
        name="title_rows.csv",
        response="ask",
        content="Feedback of the third quarter\nmade on Monday\n\n" + table(GOOD),
        cells=GOOD,
        code="title_rows",
    ),
    Case(name="total_row.csv", response="ask", content=table(GOOD) + "Total,12\n", code="total_row"),
    Case(name="total_row_zh.csv", response="ask", content=table(ZH, HEADER_ZH) + "合计：,12\n", code="total_row"),
    Case(
        name="commas_at_the_end.csv",
        response="note",
        content=plain(line + ",," for line in table(GOOD).splitlines()),
        cells=GOOD,
        code="empty_columns",
    ),
    Case(
        name="blank_lines_above.csv",
        response="note",
        content="\n\n" + table(GOOD),
        cells=GOOD,
        code="offset_table",
    ),
    Case(
        name="rows_of_separators.csv",
        response="note",
        content=table(GOOD[:6]) + ",\n,\n" + table(GOOD[6:], None),
        cells=GOOD,
    ),
    Case(
        name="index_column.csv",
        response="ok",
        content=table([(i, t, lb) for i, (t, lb) in enumerate(GOOD)], ("", "text", "label")),
        cells=[(str(i), t, lb) for i, (t, lb) in enumerate(GOOD)],
        names=("Column 1", "text", "label"),
    ),
    Case(
        name="header_with_line_break.csv",
        response="ok",
        content=table(GOOD, ("text of\nthe customer", "label")),
        cells=GOOD,
        names=("text of the customer", "label"),
    ),
    Case(
        name="emoji_header.csv",
        response="ok",
        content=table(GOOD, ("💬 text", "label")),
        cells=GOOD,
        names=("💬 text", "label"),
    ),
    Case(
        name="endless_header.csv",
        response="ok",
        content=table([(t, lb, "1") for t, lb in GOOD], ("text", "label", "n" * 100_000)),
    ),
    Case(
        name="thousands.csv",
        response="ok",
        content=table([(t, f"{i + 1},234", lb) for i, (t, lb) in enumerate(GOOD)], ("text", "price", "label")),
        cells=[(t, f"{i + 1},234", lb) for i, (t, lb) in enumerate(GOOD)],
        names=("text", "price", "label"),
    ),
    Case(
        name="5000_columns.csv",
        response="ask",
        content=lambda: table(
            [(t, lb, *["1"] * 4998) for t, lb in GOOD], ("text", "label", *(f"c{i}" for i in range(4998)))
        ).encode(),
        code="many_columns",
    ),
    Case(
        name="20000_columns.csv",
        response="refuse",
        content=lambda: (",".join(f"c{i}" for i in range(20_000)) + "\n" + "x," * 19_999 + "x\n").encode(),
    ),
    Case(
        name="cell_of_1_mb.csv",
        response="ask",
        content=lambda: table([*GOOD, ("word " * 200_000, "delivery")]).encode(),
        code="huge_cell",
    ),
    Case(
        name="cell_of_20_mb.csv",
        response="ask",
        content=lambda: table([*GOOD, ("x" * 20_000_000, "delivery")]).encode(),
        built=False,
        code="huge_cell",
    ),
    Case(name="one_endless_line.csv", response="refuse", content=lambda: b"a" * 3_000_000),
]

OTHER_KINDS = [
    Case(name="picture.csv", response="refuse", content=b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16),
    Case(name="page.csv", response="refuse", content="<html><body><table><tr><td>text</td></tr></table></body></html>"),
    Case(name="list.csv", response="refuse", content='[{"text": "a", "label": "b"}]'),
    Case(name="letter.csv", response="refuse", content=b"%PDF-1.7\n" + bytes(range(256))),
    Case(name="noise.csv", response="refuse", content=bytes((i * 73 + i // 7) % 256 for i in range(8000))),
    Case(name="good.csv.gz", response="note", content=gzip.compress(table(GOOD).encode()), cells=GOOD, code="unpacked"),
    Case(
        name="good.zip", response="note", content=zipped({"a.csv": table(GOOD).encode()}), cells=GOOD, code="unpacked"
    ),
    Case(
        name="mac.zip",
        response="note",
        content=zipped({"a.csv": table(GOOD).encode(), "__MACOSX/._a.csv": b"\0\5\x16\7", ".DS_Store": b"\0\0"}),
        cells=GOOD,
    ),
    Case(
        name="several.zip",
        response="ask",
        content=zipped({"a.csv": table(GOOD).encode(), "b.csv": table(GOOD[:6]).encode(), "read me.md": b"hi"}),
        cells=GOOD,
        code="several_tables",
    ),
    Case(name="gz_of_gz.csv.gz", response="refuse", content=gzip.compress(gzip.compress(table(GOOD).encode()))),
    Case(name="zip_of_zip.zip", response="refuse", content=zipped({"a.zip": zipped({"a.csv": b"text,label\n"})})),
    Case(name="cut.csv.gz", response="refuse", content=gzip.compress(table(rows(400)).encode())[:-20]),
    Case(name="slip.zip", response="refuse", content=zipped({"../../a.csv": table(GOOD).encode()})),
    Case(name="no_table.zip", response="refuse", content=zipped({"a.exe": b"MZ", "b.dll": b"MZ"})),
    Case(
        name="bomb.csv.gz",
        response="refuse",
        content=lambda: gzip.compress(b"text,label\n" + b"a,b\n" * (15 << 20), compresslevel=1),
    ),
]

CONTENTS = [
    Case(name="one_label.csv", response="refuse", content=table(labeled(["praise"]))),
    Case(name="rare_label.csv", response="ask", content=table([*rows(24), ("I want my money back now", "refund")])),
    Case(
        name="labels_missing.csv",
        response="ask",
        content=table([(t, lb if i % 5 else "") for i, (t, lb) in enumerate(rows(30))]),
    ),
    Case(name="labels_like_missing.csv", response="ask", content=table(labeled(["N/A", "null", "yes", "no"], 40))),
    Case(name="no_labels.csv", response="refuse", content=table(labeled([""]))),
    Case(name="1_and_1.0.csv", response="ask", content=table(labeled(["1", "1.0", "0", "0.0"], 40))),
    Case(name="numbers_with_gaps.csv", response="ask", content=table(labeled(["1", "0", ""], 30))),
    Case(name="leading_zeros.csv", response="note", content=table(labeled(["007", "07", "7"], 30))),
    Case(name="truths.csv", response="ask", content=table(labeled(["True", "TRUE", "Yes", "no", "False", "true"], 60))),
    Case(
        name="labels_by_space.csv",
        response="ask",
        content=table(labeled(["Praise", "praise ", " PRAISE", "blame"], 48)),
    ),
    Case(name="labels_by_form.csv", response="note", content=table(labeled(["café", "cafe\u0301", "Ｂar", "Bar"], 48))),
    Case(
        name="scores.csv",
        response="refuse",
        content=table([(t, f"{i * 0.137:.3f}") for i, (t, _) in enumerate(rows(60))]),
    ),
    Case(name="swapped.csv", response="ask", content=table([(lb, t) for t, lb in rows(30)])),
    Case(
        name="label_per_row.csv",
        response="refuse",
        content=table([(t, f"id-{i}") for i, (t, _) in enumerate(rows(120))]),
    ),
    Case(name="several_labels.csv", response="ask", content=table(labeled(["a;b", "a", "b;c", "a;b;c"], 48))),
    Case(name="label_in_text.csv", response="ask", content=table([(f"[{lb}] {t}", lb) for t, lb in rows(30)])),
    Case(
        name="giveaway.csv",
        response="note",
        content=table([(t, lb, lb.upper()) for t, lb in rows(30)], ("text", "label", "resolution_code")),
    ),
    Case(name="copies.csv", response="note", content=table([row for row in GOOD for _ in range(4)])),
    Case(
        name="conflicts.csv",
        response="ask",
        content=table([*rows(24), *(("the same words", LABELS[i % 2]) for i in range(4))]),
    ),
    Case(
        name="near_copies.csv",
        response="note",
        content=table([(f"{t}{'!' * (i % 3)}", lb) for i in range(3) for t, lb in rows(12)]),
    ),
    Case(
        name="emoji_labels.csv",
        response="ok",
        content=table([(f"{t} 👨‍👩‍👧", "😀😡"[i % 2]) for i, (t, _) in enumerate(GOOD)]),
        cells=[(f"{t} 👨‍👩‍👧", "😀😡"[i % 2]) for i, (t, _) in enumerate(GOOD)],
    ),
    Case(
        name="right_to_left.csv",
        response="ok",
        content=table([(f"{t} \u202eevil\u202c שלום", lb) for t, lb in GOOD]),
        cells=[(f"{t} \u202eevil\u202c שלום", lb) for t, lb in GOOD],
    ),
    Case(name="control_characters.csv", response="note", content=table([(f"{t}\x01\x1b[31m", lb) for t, lb in GOOD])),
    Case(
        name="blank_texts.csv",
        response="ask",
        content=table([("  \t " if i % 3 == 0 else t, lb) for i, (t, lb) in enumerate(rows(30))]),
    ),
    Case(
        name="empty_texts.csv",
        response="ask",
        content=table([("" if i % 3 == 0 else t, lb) for i, (t, lb) in enumerate(rows(30))]),
    ),
    Case(
        name="texts_named_na.csv",
        response="ok",
        content=table([*rows(24), ("NA", "delivery"), ("null", "payment"), ("None", "quality")]),
        cells=[*rows(24), ("NA", "delivery"), ("null", "payment"), ("None", "quality")],
    ),
    Case(
        name="texts_like_numbers.csv",
        response="ok",
        content=table([*rows(24), ("2024-01-05", "delivery"), ("3.10", "payment"), ("00123", "quality")]),
        cells=[*rows(24), ("2024-01-05", "delivery"), ("3.10", "payment"), ("00123", "quality")],
    ),
    Case(
        name="scripts.csv",  # nothing but script: shown as the text it is
        response="ok",
        content=table([(f"<script>alert('{t}')</script>", lb) for t, lb in GOOD]),
        cells=[(f"<script>alert('{t}')</script>", lb) for t, lb in GOOD],
    ),
    Case(
        name="scripts_beside_words.csv",  # the words could be kept alone
        response="ask",
        content=table([(f"{t} <script>alert(1)</script>", lb) for t, lb in GOOD]),
        cells=[(f"{t} <script>alert(1)</script>", lb) for t, lb in GOOD],
        code="markup",
    ),
    Case(
        name="markdown.csv",
        response="ok",
        content=table([(f"{t} ![x](http://127.0.0.1:9/a.png) :red[x]", lb) for t, lb in GOOD]),
    ),
    Case(
        name="html_names.csv",
        response="ok",
        content=table([(t, f"<b onmouseover=alert(1)>{lb}") for t, lb in GOOD], ("text<script>", "label")),
        names=("text<script>", "label"),
    ),
    Case(
        name="formulas.csv",
        response="ok",
        content=table([(f"={t}", lb) for t, lb in GOOD]),
        cells=[(f"={t}", lb) for t, lb in GOOD],
    ),
    Case(name="../../etc/passwd.csv", response="ok", content=table(GOOD), cells=GOOD),
    Case(
        name="unknown_in_exam.csv",
        response="ask",
        content=table(rows(24)),
        exam=table([("a wholly new sentence", "brand new"), ("another one about my parcel", "delivery")]),
    ),
    Case(
        name="exam_of_other_columns.csv", response="refuse", content=table(rows(24)), exam=table(GOOD, ("body", "sort"))
    ),
    Case(
        name="spreadsheet_errors.csv",
        response="ask",
        content=table([*rows(24), ("#REF!", "delivery"), ("#N/A", "payment")]),
        code="error_cells",
    ),
    Case(
        name="dates_as_labels.csv",
        response="ask",
        content=table([(t, f"2026-03-{i % 3 + 1:02}") for i, (t, _) in enumerate(rows(24))]),
        code="dates_as_labels",
    ),
]

TEXT_CASES = [*ENCODINGS, *SEPARATORS, *SHAPES, *OTHER_KINDS, *CONTENTS]
