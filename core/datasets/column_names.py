"""What a column's name hints at, in English and Chinese. A hint only: the cells decide (core/datasets/columns.py).

An English name is read from its last word ("issue_type" is a type), a Chinese one from its end (问题类型 is a 类型).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Hint(StrEnum):
    """What the values under a name usually are."""

    TEXT = "text"  #: what somebody wrote
    TITLE = "title"  #: the short line above a longer text
    NOTE = "note"  #: what one's own staff wrote about it
    LABEL = "label"  #: what one would want to know about a text
    GRADE = "grade"  #: a rating or a priority
    ATTRIBUTE = "attribute"  #: repeats, but is rarely what one would ask a text for
    LANGUAGE = "language"
    PERSON = "person"
    CONTACT = "contact"
    ID = "id"
    DATE = "date"
    NUMBER = "number"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Names that are believed whatever the cells look like: so people call what they want to be read, and to be answered.
PLAIN_TEXT = _words("text texts 文本 正文 message content comment review sentence 内容 评论 评价")
PLAIN_LABEL = _words(
    """label labels category categories class intent sentiment topic tag tags target 标签 类别 分类 意图 情感
    情感倾向 主题"""
)

ENGLISH: Mapping[Hint, frozenset[str]] = {
    Hint.TEXT: _words(
        """text texts message messages content contents body comment comments review reviews sentence
        sentences utterance query question description feedback ticket narrative complaint sms tweet
        request input document post article passage details verbatim inquiry enquiry story
        transcript chat resume cv email_body essay text_a text_b sentence1 sentence2 question1
        question2 text1 text2 issue problem opinion remark_customer"""
    ),
    Hint.TITLE: _words("title subject headline heading"),
    Hint.NOTE: _words(
        """note notes remark remarks memo reply replies response answer answers resolution solution
        action internal annotation worklog followup"""
    ),
    Hint.LABEL: _words(
        """label labels category categories class classification intent topic sentiment tag tags target
        type kind department team queue group reason decision outcome result verdict polarity
        emotion stance genre theme disposition subcategory bucket spam"""
    ),
    Hint.GRADE: _words(
        """rating ratings score scores stars star csat nps satisfaction grade priority urgency severity
        level"""
    ),
    Hint.ATTRIBUTE: _words(
        """status state company merchant supplier product item model brand store shop city country region province branch channel
        source platform device gender sex position role location site version plan segment domain
        split fold"""
    ),
    Hint.LANGUAGE: _words("language lang locale"),
    Hint.PERSON: _words(
        """name user username customer client author agent assignee owner reviewer sender recipient
        employee candidate applicant person nickname handler operator buyer"""
    ),
    Hint.CONTACT: _words("email mail phone mobile tel telephone fax url link website address ip wechat"),
    Hint.ID: _words("id ids uuid guid key index no nr ref reference number row sku asin order code idx"),
    Hint.DATE: _words(
        """date time datetime timestamp created updated at on day month year closed opened submitted
        birthday"""
    ),
    Hint.NUMBER: _words(
        """price amount age qty quantity count total cost salary length size weight votes likes views
        minutes hours days duration helpful percent budget"""
    ),
}

CHINESE: Mapping[Hint, frozenset[str]] = {
    Hint.TEXT: _words(
        """文本 内容 评论 评价 文字 正文 消息 留言 问题 描述 反馈 句子 语句 投诉 留言内容 评论内容 文本内容 诉求 咨询 意见 建议 简历 工作经历 自我评价 原文 摘要 详情
        说明 短信 对话 提问 弹幕 经历 情况"""
    ),
    Hint.TITLE: _words("标题 题目"),
    Hint.NOTE: _words("备注 批注 回复 答复 处理结果 处理意见 处理说明 解决方案 小结 跟进 跟进记录 记录 回访"),
    Hint.LABEL: _words(
        "类别 标签 分类 意图 类型 情感 主题 种类 部门 品类 情感倾向 团队 科室 组别 原因 结果 结论 决定 是否 情绪 倾向 归类 去向 小类 大类"
    ),
    Hint.GRADE: _words("评分 星级 满意度 得分 分数 打分 等级 优先级 紧急程度 级别 程度"),
    Hint.ATTRIBUTE: _words(
        "状态 公司 产品 商品 型号 品牌 门店 店铺 城市 国家 地区 省份 渠道 来源 平台 设备 性别 岗位 职位 应聘岗位 学历 版本 套餐 进度"
    ),
    Hint.LANGUAGE: _words("语言 语种"),
    Hint.PERSON: _words(
        "姓名 用户 用户名 昵称 客户 顾客 买家 作者 坐席 客服 处理人 负责人 经办人 受理人 人 员 候选人 员工 会员"
    ),
    Hint.CONTACT: _words("电话 手机 手机号 邮箱 邮件地址 链接 网址 地址 微信 微信号 联系方式"),
    Hint.ID: _words("编号 序号 号 单号 订单号 工单号 编码 代码 身份证号 主键"),
    Hint.DATE: _words("日期 时间 创建时间 年份 月份 时刻 生日"),
    Hint.NUMBER: _words("价格 金额 年龄 数量 次数 时长 薪资 长度 点赞数 数 费用 工龄 天数"),
}

TEXT_NAMES = ENGLISH[Hint.TEXT] | ENGLISH[Hint.TITLE] | CHINESE[Hint.TEXT] | CHINESE[Hint.TITLE]
LABEL_NAMES = (ENGLISH[Hint.LABEL] | CHINESE[Hint.LABEL] | {"product"}) - {"no", "result", "group", "team"}

CUSTOMERS = _words("customer client consumer buyer caller 客户 用户 顾客 买家 乘客 患者 市民 学员")
STAFF = _words("agent staff internal admin support merchant seller hr interviewer 坐席 客服 商家 内部 面试官 处理 员工")
REVIEWS = _words("review reviews 评论 评价 点评 影评 书评")
RELATIONS = _words(
    """match matches matched matching fit fits same duplicate duplicates similar similarity related relevant relevance
    paraphrase equivalent 匹配 相同 相似 重复 同义 相关"""
)  #: what says how two texts relate
TICKETS = _words("ticket tickets complaint complaints enquiry inquiry helpdesk 工单 投诉 留言 诉求 咨询 客诉")

#: What the cells of a language column say.
LANGUAGES = _words(
    """en zh de fr es it pt ru ja ko ar nl pl tr vi th sv cs uk hi zh-cn zh-tw zh-hans zh-hant zh_cn
    zh_tw en-us en-gb en_us en_gb pt-br eng chi zho deu ger fra fre spa ita jpn kor rus english
    chinese german french spanish italian portuguese russian japanese korean arabic dutch polish
    turkish vietnamese thai swedish czech hindi deutsch français español mandarin cantonese 中文 英文 英语
    汉语 日语 日文 韩语 韩文 法语 法文 德语 德文 西班牙语 俄语 粤语 普通话 简体中文 繁体中文 葡萄牙语 阿拉伯语 泰语"""
)

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
HAN = re.compile(r"[\u3400-\u9fff]+")
SKIPPED = _words("name names value 名称 名 值")  # "category name" is a category, "name" alone a person


@dataclass(frozen=True, slots=True, kw_only=True)
class NameHints:
    """What a name gives away. A name that says nothing has no hint."""

    hint: Hint | None = None
    plain_text: bool = False
    plain_label: bool = False
    yes_or_no: bool = False  #: it asks a question: "is_spam", 是否录用
    of_customers: bool = False
    of_staff: bool = False
    of_reviews: bool = False
    of_tickets: bool = False
    of_relation: bool = False


def hints_of(name: str) -> NameHints:
    form = re.sub(r"[\s_]+", "_", name.strip().casefold())
    words = [word.casefold() for word in WORD.findall(name)]
    han = "".join(HAN.findall(name))

    def mentions(marks: frozenset[str]) -> bool:
        return any(word in marks for word in words) or any(mark in han for mark in marks if not mark.isascii())

    hint = _chinese_hint(han) if han else _english_hint(form, words)
    of_staff = mentions(STAFF)
    if hint is Hint.TEXT and of_staff:
        hint = Hint.NOTE
    return NameHints(
        hint=hint,
        plain_text=form in PLAIN_TEXT,
        plain_label=form in PLAIN_LABEL,
        yes_or_no=han.startswith("是否") or words[:1] in (["is"], ["has"], ["was"]),
        of_customers=mentions(CUSTOMERS),
        of_staff=of_staff,
        of_reviews=mentions(REVIEWS),
        of_tickets=mentions(TICKETS),
        of_relation=mentions(RELATIONS),
    )


def _english_hint(form: str, words: list[str]) -> Hint | None:
    if form in ("e-mail", "e_mail"):
        return Hint.CONTACT
    for hint, known in ENGLISH.items():
        if form in known:
            return hint
    if "of" in words[1:]:  # "date of birth"
        words = words[: words.index("of", 1)]
    for word in reversed(words):
        if word in SKIPPED and len(words) > 1:
            continue
        for hint, known in ENGLISH.items():
            if word in known:
                return hint
    return None


def _chinese_hint(name: str) -> Hint | None:
    for end in sorted(SKIPPED, key=len, reverse=True):
        name = name.removesuffix(end) or name
    if name.startswith("是否"):
        return Hint.LABEL
    terms = [(term, hint) for hint, known in CHINESE.items() for term in known]
    best = max(((len(term), hint) for term, hint in terms if name.endswith(term)), default=None)
    if best is None:
        best = max(((name.rfind(term), hint) for term, hint in terms if len(term) > 1 and term in name), default=None)
    return best[1] if best else None
