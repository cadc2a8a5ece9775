"""Forty tables as businesses export them: what to read, what to learn, and the sentence that says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from core.datasets.columns import guess_columns
from core.datasets.understanding import understand
from core.domain.dataset import ColumnRole, Understanding
from core.i18n import say, speaking

PLACES = ["the lobby", "my office", "the garden", "our shop", "the second floor", "a hotel", "the station", "his house"]
THINGS = [
    "parcel",
    "invoice",
    "jacket",
    "router",
    "subscription",
    "refund",
    "charger",
    "password",
    "account",
    "delivery",
    "keyboard",
]
PEOPLE = ["Anna Meyer", "Tom Reed", "Li Na", "Omar Haddad", "Jane Smith", "Paul Novak", "Eva Lind", "Raj Patel"]
东西 = ["包裹", "发票", "外套", "路由器", "会员", "退款", "充电器", "密码", "账户", "快递", "键盘"]
地方 = ["前台", "办公室", "花园", "门店", "二楼", "酒店", "车站", "家里"]
人名 = ["张伟", "王芳", "李娜", "刘洋", "陈静", "杨帆", "赵磊", "黄敏"]


def pick(values: Sequence[str], i: int, step: int = 1) -> str:
    return values[i * step % len(values)]


def ask(i: int) -> str:
    return f"My {pick(THINGS, i)} has been waiting at {pick(PLACES, i, 3)} for {i} days, please help."


def body(i: int) -> str:
    return f"Hello, {ask(i)} I wrote to you on Monday and nobody answered. " * 3


def note(i: int) -> str:
    return f"Called back, explained the {pick(THINGS, i, 5)} policy at length and escalated the case to level {i}. " * 4


def opinion(i: int) -> str:
    return f"The {pick(THINGS, i)} broke after {i} weeks and it looks cheap."


def 问(i: int) -> str:
    return f"我的{pick(东西, i)}在{pick(地方, i, 3)}放了{i}天还没有人处理，请尽快帮忙。"


def 记(i: int) -> str:
    return f"已致电用户说明{pick(东西, i, 5)}相关政策，并升级给第{i}组继续跟进处理，等待对方回复结果。" * 3


def 评(i: int) -> str:
    return f"{pick(东西, i)}用了{i}天就坏了，质量很一般。"


def day(i: int) -> str:
    return f"2026-{i % 12 + 1:02d}-{i % 28 + 1:02d} {i % 24:02d}:{i % 60:02d}"


def mail(i: int) -> str:
    return f"user{i * 7}@mail.com"


def of(text: str) -> Callable[[int], str]:
    """One of these values a row."""
    values = text.split("/")
    return lambda i: values[(i * 7 + i // 3) % len(values)]


def number(i: int) -> str:
    return str(i)


def amount(i: int) -> str:
    return f"{i * 3.7:.2f}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A table by its columns. Names that begin with "-" stand for a file without column names."""

    about: str
    columns: dict[str, Callable[[int], str]]
    text: str | None
    label: str | None
    task: str = "text_classification"
    n: int = 80
    joinable: tuple[str, ...] = ()


TEAMS = of("Billing/Shipping/Technical support/Returns")
KINDS = of("物流问题/退款/质量投诉/账户")
CODES: Callable[[int], str] = lambda i: f"TK-2026-{i:05d}"  # noqa: E731

CASES = [
    Case(
        about="ticket export",
        columns={
            "Ticket ID": CODES,
            "Created at": day,
            "Customer e-mail": mail,
            "Subject": lambda i: f"Problem with {pick(THINGS, i)} number {i}",
            "Body": body,
            "Agent note": note,
            "Team": TEAMS,
            "Priority": of("low/normal/high"),
            "Language": of("en/de/fr"),
            "Status": of("open/closed/pending"),
            "CSAT": of("1/2/3/4/5"),
        },
        text="Body",
        label="Team",
        joinable=("Subject", "Body"),
    ),
    Case(
        about="helpdesk without a team",
        columns={
            "id": number,
            "created": day,
            "description": ask,
            "internal_notes": note,
            "priority": of("P1/P2/P3"),
            "language": of("en/es/it"),
        },
        text="description",
        label="priority",
        task="ordered_categories",
    ),
    Case(
        about="shop reviews",
        columns={
            "Order no": lambda i: f"{100200 + i * 13}",
            "Product": of("Wireless mouse/USB hub/Desk lamp/Monitor arm"),
            "Rating": of("1/2/3/4/5"),
            "Comment": opinion,
            "Date": lambda i: day(i)[:10],
        },
        text="Comment",
        label="Rating",
        task="ordered_categories",
    ),
    Case(
        about="reviews with a title",
        columns={
            "reviewTitle": lambda i: f"Not what I hoped {i}",
            "reviewText": body,
            "stars": of("1/2/3/4/5"),
            "asin": lambda i: f"B0{i:08d}",
            "helpful": number,
        },
        text="reviewText",
        label="stars",
        joinable=("reviewTitle", "reviewText"),
        task="ordered_categories",
    ),
    Case(
        about="hiring",
        columns={
            "Name": lambda i: f"{pick(PEOPLE, i)} {chr(65 + i % 26)}.",
            "CV text": lambda i: f"Worked {i} years as engineer at {pick(PLACES, i)}. " * 9,
            "Position": of("Engineer/Sales/Support"),
            "Decision": of("invite/reject"),
        },
        text="CV text",
        label="Decision",
    ),
    Case(
        about="Chinese ticket export",
        columns={
            "工单号": lambda i: f"GD2026{i:06d}",
            "提交时间": day,
            "客户姓名": lambda i: pick(人名, i) + "先生",
            "联系电话": lambda i: f"138{i:08d}",
            "客户留言": 问,
            "坐席备注": 记,
            "问题类型": KINDS,
            "优先级": of("高/中/低"),
            "状态": of("已解决/处理中"),
        },
        text="客户留言",
        label="问题类型",
    ),
    Case(
        about="Chinese shop reviews",
        columns={
            "订单号": lambda i: f"{88000000 + i * 17}",
            "商品名称": of("无线鼠标/台灯/支架"),
            "评分": of("1/2/3/4/5"),
            "评价内容": 评,
            "评价时间": day,
        },
        text="评价内容",
        label="评分",
        task="ordered_categories",
    ),
    Case(
        about="Chinese hiring",
        columns={
            "姓名": lambda i: pick(人名, i),
            "应聘岗位": of("工程师/销售/客服"),
            "简历内容": lambda i: f"曾在{pick(地方, i)}工作{i}年，负责{pick(东西, i)}项目。" * 6,
            "学历": of("本科/硕士/大专"),
            "是否录用": of("是/否"),
        },
        text="简历内容",
        label="是否录用",
    ),
    Case(
        about="Chinese city hotline",
        columns={
            "序号": number,
            "诉求标题": lambda i: f"{pick(地方, i)}附近{pick(东西, i)}第{i}次反映",
            "诉求内容": lambda i: 问(i) * 3,
            "承办部门": of("城管局/交通局/住建局"),
            "处理结果": 记,
            "来电时间": day,
        },
        text="诉求内容",
        label="承办部门",
        joinable=("诉求标题", "诉求内容"),
    ),
    Case(
        about="urgency in words",
        columns={"ticket": body, "Severity": of("low/critical/high/medium"), "queue no": number},
        text="ticket",
        label="Severity",
        task="ordered_categories",
    ),
    Case(
        about="Chinese satisfaction",
        columns={"反馈": 评, "满意度": of("满意/不满意/一般/非常满意")},
        text="反馈",
        label="满意度",
        task="ordered_categories",
    ),
    Case(
        about="grades of which one has no place",
        columns={"comment": opinion, "rating": of("1/2/3/not rated")},
        text="comment",
        label="rating",
    ),
    Case(about="good or bad", columns={"comment": opinion, "rating": of("good/bad")}, text="comment", label="rating"),
    Case(
        about="numbers under the name of a category",
        columns={"comment": opinion, "category": of("1/2/3/4")},
        text="comment",
        label="category",
    ),
    Case(about="two columns", columns={"text": ask, "label": TEAMS}, text="text", label="label"),
    Case(about="two Chinese columns", columns={"内容": 问, "类别": KINDS}, text="内容", label="类别"),
    Case(about="label before text", columns={"category": TEAMS, "message": ask}, text="message", label="category"),
    Case(about="no names", columns={"-1": ask, "-2": TEAMS}, text="Column 1", label="Column 2"),
    Case(about="no Chinese names", columns={"-1": KINDS, "-2": 问}, text="Column 2", label="Column 1"),
    Case(
        about="no names, wide",
        columns={"-1": number, "-2": day, "-3": mail, "-4": ask, "-5": TEAMS, "-6": lambda i: f"https://shop.com/{i}"},
        text="Column 4",
        label="Column 5",
    ),
    Case(
        about="no names, title and body",
        columns={"-1": CODES, "-2": lambda i: f"About the {pick(THINGS, i)} of week {i}", "-3": body, "-4": TEAMS},
        text="Column 3",
        label="Column 4",
        joinable=("Column 2", "Column 3"),
    ),
    Case(
        about="index column without a name",
        columns={"-1": number, "text": ask, "label": TEAMS},
        text="text",
        label="label",
    ),
    Case(about="classes as numbers", columns={"sms": ask, "target": of("0/1")}, text="sms", label="target"),
    Case(
        about="toxic comments",
        columns={
            "id": lambda i: f"{i * 7919:016x}",
            "comment_text": opinion,
            "toxic": of("0/1/0"),
            "obscene": of("1/0"),
            "threat": of("0/0/1/0"),
            "insult": of("0/1"),
        },
        text="comment_text",
        label=None,
        task="several_categories",
    ),
    Case(
        about="marks written in more ways than one",
        columns={
            "comment": opinion,
            "late": of("x//X/"),
            "dear": of("yes/No/no/Yes"),
            "broken": of("1/0/1.0"),
        },
        text="comment",
        label=None,
        task="several_categories",
    ),
    Case(
        about="tags in one cell",
        columns={"feedback": opinion, "tags": of("slow;broken/slow/broken;dear/dear/slow;dear")},
        text="feedback",
        label="tags",
        task="several_categories",
    ),
    Case(
        about="Chinese tags in one cell",
        columns={"编号": number, "反馈": 评, "问题标签": of("物流、包装/物流/包装、价格/价格/物流、价格")},
        text="反馈",
        label="问题标签",
        task="several_categories",
    ),
    Case(
        about="rated on a real scale",
        columns={"text": opinion, "score": lambda i: f"{i * 0.137 - 4:.2f}"},
        text="text",
        label="score",
        task="score",
    ),
    Case(
        about="Chinese scores",
        columns={"作文": lambda i: 问(i) * 2, "得分": lambda i: f"{40 + i * 0.5}"},
        text="作文",
        label="得分",
        task="score",
    ),
    Case(
        about="question pairs",
        columns={"id": number, "question1": ask, "question2": opinion, "is_duplicate": of("0/1")},
        text="question1",
        label="is_duplicate",
        task="text_pair",
    ),
    Case(
        about="Chinese sentence pairs",
        columns={"句子1": 问, "句子2": lambda i: 问(i + 5), "标签": of("0/1")},
        text="句子1",
        label="标签",
        task="text_pair",
    ),
    Case(
        about="similarity scores",
        columns={"text_a": ask, "text_b": opinion, "score": lambda i: f"{i % 51 / 10}"},
        text="text_a",
        label="score",
        task="pair_score",
    ),
    Case(
        about="jobs beside tasks",
        columns={
            "job": lambda i: f"{('Head', 'Aide', 'Expert')[i % 3]} of {ask(i).split()[0]} number {i % 70} here",
            "task": lambda i: f"{opinion(i)} {ask(i)} {opinion(i + 7)}",
            "fits": of("yes/no"),
        },
        text="job",
        label="fits",
        task="text_pair",
    ),
    Case(
        about="tickets with a title that may have come twice",
        columns={
            "title": lambda i: f"Ticket {i}: {ask(i)}",
            "body": lambda i: f"{opinion(i)} {ask(i)} {opinion(i + 7)}",
            "duplicate": of("yes/no"),
        },
        text="body",
        label="duplicate",
        task="text_classification",
        joinable=("title", "body"),
    ),
    Case(about="only texts", columns={"comment": opinion}, text="comment", label=None, task="unlabeled"),
    Case(
        about="texts with ids and dates",
        columns={"留言编号": number, "留言时间": day, "留言内容": 问},
        text="留言内容",
        label=None,
        task="unlabeled",
    ),
    Case(
        about="sales figures",
        columns={"date": lambda i: day(i)[:10], "units": lambda i: str(i * 37 % 101), "price": amount},
        text=None,
        label=None,
        task="unlabeled",
    ),
    Case(
        about="note fuller than the message",
        columns={
            "customer_message": lambda i: f"Where is my {pick(THINGS, i)}, order {i}?",
            "reply": note,
            "queue": TEAMS,
        },
        text="customer_message",
        label="queue",
    ),
    Case(
        about="product codes",
        columns={"product_code": lambda i: f"SKU-{i % 60:04d}", "review": opinion, "sentiment": of("good/bad")},
        text="review",
        label="sentiment",
    ),
    Case(
        about="product names without a category",
        columns={"product": lambda i: f"{pick(THINGS, i)} type {i % 50}", "review": opinion},
        text="review",
        label=None,
        task="unlabeled",
    ),
    Case(
        about="language as the only thing that repeats",
        columns={"text": ask, "lang": of("en/de/fr")},
        text="text",
        label="lang",
    ),
    Case(
        about="language loses",
        columns={"utterance": ask, "locale": of("en-US/de/fr"), "intent": of("greet/order/complain")},
        text="utterance",
        label="intent",
    ),
    Case(
        about="bank complaints",
        columns={
            "Date received": lambda i: f"{i % 12 + 1:02d}/{i % 28 + 1:02d}/2025",
            "Product": of("Mortgage/Credit card/Loan"),
            "Issue": of("Wrong amount/Late fee/Closing an account/Fraud"),
            "Consumer complaint narrative": body,
            "Company": of("First Bank/Second Bank/Third Bank"),
            "Complaint ID": lambda i: str(7_000_000 + i * 31),
        },
        text="Consumer complaint narrative",
        label="Issue",
    ),
    Case(
        about="survey",
        columns={
            "Respondent": number,
            "Age": lambda i: str(20 + i % 50),
            "Gender": of("f/m"),
            "What could we do better?": opinion,
            "Department": of("Sales/Support/IT"),
        },
        text="What could we do better?",
        label="Department",
    ),
    Case(
        about="risk news",
        columns={
            "published": lambda i: f"{i % 28 + 1} Mar 2026",
            "url": lambda i: f"https://news.com/a/{i}",
            "headline": lambda i: f"Maker of {pick(THINGS, i)} misses target in week {i}",
            "risk_type": of("credit/market/legal"),
        },
        text="headline",
        label="risk_type",
    ),
    Case(
        about="two levels of categories",
        columns={"一级分类": of("售前/售后"), "二级分类": KINDS, "咨询内容": 问, "客服回复": 记},
        text="咨询内容",
        label="一级分类",
    ),
    Case(
        about="chat log",
        columns={
            "session_id": lambda i: f"{i:032x}",
            "timestamp": lambda i: str(1_760_000_000 + i * 60),
            "user_id": lambda i: f"u{i % 9}",
            "query": ask,
            "intent": of("track/cancel/refund"),
            "confidence": lambda i: f"0.{i + 10}",
        },
        text="query",
        label="intent",
    ),
    Case(
        about="a copy of the text is no title",
        columns={"title": lambda i: ask(i)[:30], "text": ask, "label": TEAMS},
        text="text",
        label="label",
    ),
    Case(about="very small", columns={"text": ask, "label": of("a/b/c")}, text="text", label="label", n=6),
    Case(
        about="very small, no names",
        columns={"-1": ask, "-2": of("delivery/refund")},
        text="Column 1",
        label="Column 2",
        n=8,
    ),
    Case(
        about="few rows filled",
        columns={
            "内容": 问,
            "类型": lambda i: KINDS(i) if i % 3 else "",
            "备注": lambda i: 记(i) if i % 4 == 0 else "",
        },
        text="内容",
        label="类型",
    ),
]


def table(case: Case) -> tuple[list[str], list[list[str]]]:
    names = [name.replace("-", "Column ") if name.startswith("-") else name for name in case.columns]
    return names, [[cells(i) for cells in case.columns.values()] for i in range(case.n)]


def understood(case: Case) -> Understanding:
    names, rows = table(case)
    return understand(names, rows, len(rows))[0]


def roles(case: Case) -> dict[str, ColumnRole]:
    return {column.name: column.role for column in understood(case).columns}


def case_of(about: str) -> Case:
    return next(case for case in CASES if case.about == about)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_text_and_category_are_found(case: Case) -> None:
    names, rows = table(case)
    seen, guess = understand(names, rows, len(rows))
    assert (guess.text and guess.text.name, guess.label and guess.label.name) == (case.text, case.label)
    assert (seen.task, seen.joinable) == (case.task, case.joinable)
    assert guess_columns(names, rows) == (case.text, case.label)


def test_marks_may_be_written_in_more_ways_than_one() -> None:
    names, rows = table(case_of("marks written in more ways than one"))
    _seen, guess = understand(names, rows, len(rows))
    assert [flag.name for flag in guess.flags] == ["late", "dear", "broken"]


def test_roles_are_told_by_content() -> None:
    R = ColumnRole
    assert list(roles(case_of("ticket export")).values()) == [
        R.ID, R.DATE, R.CONTACT, R.TEXT, R.TEXT, R.NOTE, R.CATEGORY, R.CATEGORY, R.LANGUAGE, R.CATEGORY, R.CATEGORY
    ]  # fmt: skip
    assert list(roles(case_of("Chinese ticket export")).values()) == [
        R.ID, R.DATE, R.CATEGORY, R.CONTACT, R.TEXT, R.NOTE, R.CATEGORY, R.CATEGORY, R.CATEGORY
    ]  # fmt: skip
    assert list(roles(case_of("no names, wide")).values()) == [R.ID, R.DATE, R.CONTACT, R.TEXT, R.CATEGORY, R.CONTACT]
    assert list(roles(case_of("sales figures")).values()) == [R.DATE, R.NUMBER, R.NUMBER]
    assert roles(case_of("few rows filled"))["备注"] is R.NOTE


@pytest.mark.parametrize(
    ("about", "english", "chinese"),
    [
        (
            "ticket export",
            "80 customer messages in English, sorted into 4 categories.",
            "80 条英文客户留言，分为 4 个类别。",
        ),
        ("Chinese ticket export", "80 customer messages in Chinese, sorted into 4 categories.", ""),
        ("Chinese shop reviews", "80 reviews in Chinese, sorted into 5 categories.", "80 条中文评论，分为 5 个类别。"),
        ("shop reviews", "80 reviews in English, sorted into 5 categories.", ""),
        ("no names", "80 texts in English, sorted into 4 categories.", ""),
        ("toxic comments", "80 texts in English, each in one or more of 4 categories.", ""),
        ("tags in one cell", "80 texts in English, each in one or more of 3 categories.", ""),
        ("rated on a real scale", "80 texts in English, each with a score.", ""),
        ("Chinese sentence pairs", "80 pairs of texts in Chinese to compare.", ""),
        ("texts with ids and dates", "80 customer messages in Chinese, not sorted into categories yet.", ""),
        ("sales figures", "80 rows without a column of free text.", ""),
    ],
)
def test_one_sentence_says_what_the_table_is(about: str, english: str, chinese: str) -> None:
    sentence = understood(case_of(about)).sentence
    assert say(sentence) == english
    with speaking("zh_CN"):
        assert not chinese or say(sentence) in (chinese, english)  # until the catalog has it


def test_the_reason_names_the_columns() -> None:
    assert "“Body”" in str(understood(case_of("ticket export")).reason)
    assert "such as “slow;" in str(understood(case_of("tags in one cell")).reason)
    assert "“toxic”, “obscene”" in str(understood(case_of("toxic comments")).reason)


def test_text_and_category_under_each_other_s_names_are_left_as_named() -> None:
    seen, guess = understand(["text", "label"], [[TEAMS(i), body(i)] for i in range(40)], 40)
    assert guess.text and guess.label and (guess.text.name, guess.label.name) == ("text", "label")
    assert "are named like" in str(seen.reason)  # a check offers to swap them


def test_texts_in_two_languages_are_said_to_be_in_several() -> None:
    rows = [[ask(i) if i % 2 else 问(i), TEAMS(i)] for i in range(60)]
    seen, _guess = understand(["text", "label"], rows, len(rows))
    assert str(seen.sentence) == "60 texts in several languages, sorted into 4 categories."


def test_categories_are_counted_in_the_whole_table_or_said_to_be_at_least_so_many() -> None:
    rows = [[ask(i), "first"] for i in range(100)]  # sorted by category: the sample knows one of them
    values = [None, {"first", "second", "third"}]
    whole, guess = understand(["said", "about"], rows, 5000, values)
    assert guess.label and str(whole.sentence) == "5,000 texts in English, sorted into 3 categories."
    part, _guess = understand(["text", "label"], [[ask(i), TEAMS(i)] for i in range(100)], 5000)
    assert str(part.sentence) == "5,000 texts in English, sorted into at least 4 categories."


def test_thousands_of_columns_are_judged_in_a_moment() -> None:
    names = ["text", "label", *(f"c{i}" for i in range(3000))]
    rows = [[ask(i), TEAMS(i), *["1"] * 3000] for i in range(20)]
    assert understand(names, rows, len(rows))[1].label.name == "label"
