"""Which column holds the text and which the category, judged by a sample of cells. Never an id, a date or an address."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.message import Message, msg
from core.errors import NotFound

TEXT_NAMES = frozenset(
    [
        "text",
        "texts",
        "message",
        "messages",
        "content",
        "body",
        "comment",
        "comments",
        "review",
        "reviews",
        "sentence",
        "utterance",
        "query",
        "question",
        "description",
        "feedback",
        "title",
        "subject",
        "ticket",
        "narrative",
        "complaint",
        "sms",
        "tweet",
        "request",
        "input",
        "文本",
        "内容",
        "评论",
        "评价",
        "文字",
        "正文",
        "消息",
        "留言",
        "问题",
        "描述",
        "反馈",
        "标题",
        "句子",
        "语句",
        "投诉",
        "留言内容",
        "评论内容",
        "文本内容",
        "诉求",
    ]
)
PLAIN_TEXT_NAMES = frozenset(
    ["text", "texts", "message", "content", "comment", "review", "sentence", "文本", "内容", "评论", "评价"]
)  # believed at once
LABEL_NAMES = frozenset(
    [
        "label",
        "labels",
        "category",
        "categories",
        "class",
        "intent",
        "topic",
        "sentiment",
        "tag",
        "tags",
        "target",
        "type",
        "kind",
        "department",
        "product",
        "类别",
        "标签",
        "分类",
        "意图",
        "类型",
        "情感",
        "主题",
        "种类",
        "部门",
        "品类",
        "情感倾向",
    ]
)
NEITHER_NAMES = frozenset(
    [
        "id",
        "uuid",
        "guid",
        "key",
        "index",
        "no",
        "number",
        "row",
        "date",
        "time",
        "datetime",
        "timestamp",
        "created",
        "created_at",
        "updated",
        "updated_at",
        "user",
        "user_id",
        "userid",
        "username",
        "name",
        "email",
        "e-mail",
        "mail",
        "phone",
        "mobile",
        "url",
        "link",
        "ip",
        "price",
        "amount",
        "age",
        "split",
        "编号",
        "序号",
        "日期",
        "时间",
        "创建时间",
        "姓名",
        "用户",
        "用户名",
        "电话",
        "手机",
        "手机号",
        "邮箱",
        "链接",
        "价格",
        "金额",
        "年龄",
        "订单号",
    ]
)
NUMBER = re.compile(r"[-+]?[¥$€£]?\d[\d,.\s]*%?")
DECIMAL = re.compile(r"[-+]?\d*[.,]\d+")
DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([ T]\d{1,2}:\d{2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( \d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?"
)
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|(https?://|www\.)\S+", re.IGNORECASE)
CODE = re.compile(r"(?=\S*\d)[A-Za-z0-9_\-#:/.]+")
MAX_LABEL_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSketch:
    """What a column looks like. Ratios are of the cells that are not blank."""

    name: str
    n_filled: int
    n_distinct: int
    mean_chars: float
    number_ratio: float
    decimal_ratio: float
    date_ratio: float
    address_ratio: float
    code_ratio: float

    @property
    def hint(self) -> str:
        return re.sub(r"[\s_]+", "_", self.name.strip().casefold())

    @property
    def distinct_ratio(self) -> float:
        return self.n_distinct / self.n_filled if self.n_filled else 0.0

    @property
    def is_mechanical(self) -> bool:
        """Numbers, dates, addresses and codes: never free text."""
        return max(self.number_ratio, self.date_ratio, self.address_ratio, self.code_ratio) > 0.6


def sketch(name: str, cells: Sequence[str]) -> ColumnSketch:
    filled = [cell.strip() for cell in cells if cell.strip()]
    n = max(len(filled), 1)

    def ratio(pattern: re.Pattern[str]) -> float:
        return sum(1 for cell in filled if pattern.fullmatch(cell[:200])) / n

    return ColumnSketch(
        name=name,
        n_filled=len(filled),
        n_distinct=len(set(filled)),
        mean_chars=sum(map(len, filled)) / n,
        number_ratio=ratio(NUMBER),
        decimal_ratio=ratio(DECIMAL),
        date_ratio=ratio(DATE),
        address_ratio=ratio(ADDRESS),
        code_ratio=ratio(CODE),
    )


def guess_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str | None, str | None]:
    """The likely text column and the likely category column; None where nothing looks like one."""
    sketches = [sketch(name, [row[index] for row in rows]) for index, name in enumerate(names)]
    text = max(sketches, key=_text_score, default=None)
    if text is None or _text_score(text) <= 0:
        text = None
    rest = [column for column in sketches if column is not text]
    label = max(rest, key=lambda column: _label_score(column, len(rows)), default=None)
    if label is None or _label_score(label, len(rows)) <= 0:
        label = None
    return (text.name if text else None), (label.name if label else None)


def _text_score(column: ColumnSketch) -> float:
    mechanical = column.is_mechanical and column.hint not in PLAIN_TEXT_NAMES
    if not column.n_filled or mechanical or column.hint in NEITHER_NAMES:
        return 0.0
    score = min(column.mean_chars, 200.0) * (0.1 + column.distinct_ratio)
    if column.hint in LABEL_NAMES and column.mean_chars < MAX_LABEL_CHARS and column.distinct_ratio < 0.9:
        return score * 0.05
    return (score + 20) * 5 if column.hint in TEXT_NAMES else score


def _label_score(column: ColumnSketch, n_rows: int) -> float:
    if not column.n_filled or column.hint in NEITHER_NAMES or column.mean_chars > MAX_LABEL_CHARS:
        return 0.0
    if column.hint in LABEL_NAMES:
        return 3.0 + 1.0 - column.distinct_ratio
    if max(column.date_ratio, column.address_ratio, column.decimal_ratio) > 0.6 or column.n_distinct < 2:
        return 0.0
    if column.distinct_ratio > 0.5 or column.n_distinct > max(200, n_rows // 5):
        return 0.0
    return (1.0 - column.distinct_ratio) * column.n_filled / max(n_rows, 1)


def find_column(names: Sequence[str], wanted: str, filename: str) -> str:
    """The column a person means: by exact name, else by name without regard to case and outer spaces.

    Raises:
        NotFound: names the columns that exist.
    """
    if wanted in names:
        return wanted
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    raise NotFound(
        msg("{filename} has no column named “{column}”.", filename=filename, column=wanted), hint=columns_hint(names)
    )


def columns_hint(names: Sequence[str], limit: int = 20) -> Message:
    shown = ", ".join(f"“{name[:60]}”" for name in names[:limit]) + (", …" if len(names) > limit else "")
    return msg("Choose from its columns: {columns}.", columns=shown)
