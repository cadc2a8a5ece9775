"""The small real data sets that ship with Tunedesk, and the Excel template."""

import io
import json
from dataclasses import fields
from pathlib import Path

from core.domain.dataset import Sample
from core.domain.message import Message, msg

RECORD = "sample.json"
ORDER = ("spam", "reviews", "products", "ratings", "stars", "risks", "jobs")  # on Home; others follow by name
#: Titles and scenes stand in the samples' JSON files; named here once so that message extraction finds them.
SAMPLE_TEXTS = (
    msg("Product reviews, positive or negative"),
    msg("Customer feedback"),
    msg("Product reviews with 1 to 5 stars"),
    msg("Product reviews with a score from -4 to 4"),
    msg("Reviews in Chinese, positive or negative"),
    msg("Marketing"),
    msg("Text messages, normal or spam"),
    msg("Security findings, each with all that it puts at risk"),
    msg("IT security"),
    msg("Jobs and tasks: does the task belong to the job?"),
    msg("Human resources"),
    msg("Spam filter"),
)
TEMPLATE_ROWS = (
    ("text", "label"),
    ("My parcel has not arrived yet.", "delivery"),
    ("I was charged twice this month.", "payment"),
    ("How do I change my password?", "account"),
    ("快递一直没有更新，什么时候能到？", "delivery"),
    ("这个月被重复扣款了。", "payment"),
    ("怎么修改登录密码？", "account"),
)
TEMPLATE_GUIDE = (
    ("How to fill in this table", "如何填写这张表"),
    (
        "One example per row: the text in the first column, its category in the second.",
        "每行一条示例：第一列写文本，第二列写类别。",
    ),
    ("Replace the rows that stand there now.", "请用自己的内容替换现有的行。"),
    ("Write a category the same way every time.", "同一个类别每次都要写得完全一样。"),
    (
        "2 examples of a category are the minimum, 50 are good, 100 let you trust the result.",
        "每个类别至少 2 条示例，50 条较好，100 条以上结果才可信。",
    ),
    ("Use one language for all texts, if you can.", "尽量让所有文本使用同一种语言。"),
)


def list_samples(samples_dir: Path) -> tuple[Sample, ...]:
    """Every folder with a `sample.json`; Home shows them in this order."""
    paths = sorted(samples_dir.glob(f"*/{RECORD}"))
    samples = [_sample(path) for path in paths]
    return tuple(sorted(samples, key=lambda s: (ORDER.index(s.name) if s.name in ORDER else len(ORDER), s.name)))


def template_xlsx() -> bytes:
    """A workbook with a few example rows, and a second sheet that explains it in English and Chinese."""
    import openpyxl
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

    workbook = openpyxl.Workbook()
    table, guide = workbook.active, workbook.create_sheet("How to · 说明")
    if not isinstance(table, Worksheet):
        raise TypeError("a new workbook has no worksheet")
    table.title = "Examples"
    for sheet, rows, widths in ((table, TEMPLATE_ROWS, (60, 20)), (guide, TEMPLATE_GUIDE, (80, 60))):
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for letter, width in zip("AB", widths, strict=True):
            sheet.column_dimensions[letter].width = width
        sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _sample(path: Path) -> Sample:
    record = json.loads(path.read_text(encoding="utf-8"))
    record["title"] = Message.from_json(record["title"])
    record["scene"] = Message.from_json(record["scene"])
    record["text_columns"] = tuple(record["text_columns"])
    known = {field.name for field in fields(Sample)}
    return Sample(**{key: value for key, value in record.items() if key in known})
