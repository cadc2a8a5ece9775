"""What the hostile files are made of: a small good table, and ways to write it down."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import openpyxl

Rows = Sequence[Sequence[Any]]
HEADER = ("text", "label")
OPENINGS = (
    "My parcel never reached the office",
    "Nobody answers when I call about billing",
    "The blue kettle leaks from its lid",
    "Yesterday your driver left everything outside in heavy rain",
    "I was charged twice for one subscription",
    "Assembling this wardrobe took four people",
    "Tracking has shown the same depot since Monday",
    "Please correct the address on invoice seven",
    "A screw is missing and two boards are cracked",
    "Could somebody move my delivery to Friday afternoon",
    "Why does the receipt list a different currency",
    "The zipper broke after wearing this jacket once",
)
LABELS = ("delivery", "payment", "quality")
ZH_TEXTS = (
    "包裹三天了还没有送到公司",
    "账单的金额和合同里写的不一样",
    "水壶的盖子一直在漏水",
    "快递员把东西直接放在雨里",
    "同一个月的会员费被扣了两次",
    "衣柜装好以后门关不上",
    "物流信息从周一起没有更新过",
    "请帮我修改发票上的地址",
    "少了一颗螺丝，还有两块板裂了",
    "能不能改到周五下午再送货",
    "收据上的货币为什么不是人民币",
    "这件外套只穿一次拉链就坏了",
)
ZH_LABELS = ("物流", "付款", "质量")


def rows(n: int = 12) -> list[tuple[str, str]]:
    """Texts that are unlike each other, each category as often as the next."""
    return [
        (
            OPENINGS[i % 12] if i < 12 else f"{OPENINGS[i % 12]}, {OPENINGS[(i * 5 + i // 12) % 12].lower()}",
            LABELS[i % 3],
        )
        for i in range(n)
    ]


def zh_rows() -> list[tuple[str, str]]:
    return [(text, ZH_LABELS[i % 3]) for i, text in enumerate(ZH_TEXTS)]


def table(rows: Rows, header: Sequence[str] | None = HEADER, *, sep: str = ",", end: str = "\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sep, lineterminator=end)
    if header is not None:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def plain(lines: Iterable[str], end: str = "\n") -> str:
    return "".join(line + end for line in lines)


def workbook(*sheets: tuple[str, Rows, str], change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook of (name, rows, "visible" or "hidden") sheets; `change` gets it before it is saved."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells, state in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for record in cells:
            sheet.append(list(record))
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def one_sheet(cells: Rows, change: Callable[[Any], None] | None = None) -> bytes:
    return workbook(("Sheet", cells, "visible"), change=(lambda book: change(book.active)) if change else None)


@cache
def good_book() -> bytes:
    return one_sheet([HEADER, *rows()])


def repacked(
    edit: Callable[[str, bytes], bytes] = lambda name, part: part, *, more: dict[str, bytes] | None = None
) -> bytes:
    """The good workbook with each part edited, and more parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good_book())) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, edit(name, source.read(name)))
        for name, part in (more or {}).items():
            target.writestr(name, part)
    return out.getvalue()


def in_sheet(edit: Callable[[bytes], bytes]) -> bytes:
    return repacked(lambda name, part: edit(part) if name.endswith("sheet1.xml") else part)


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file, what a person must see, and what stands in it."""

    name: str
    response: str  #: "ok", "note", "ask" or "refuse"
    content: bytes | str | Callable[[], bytes]
    cells: Rows | None = None  #: the exact table, where it is readable
    names: Sequence[str] | None = None  #: the columns, where they are not text and label
    exam: str | None = None  #: the exam file that is added with it
    built: bool = True  #: False: looked at only, as checking takes long
    code: str = ""  #: a notice that must be among those of the reader

    def bytes(self) -> bytes:
        content = self.content() if callable(self.content) else self.content
        return content.encode() if isinstance(content, str) else content
