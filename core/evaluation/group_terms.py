"""Words that say whom a text is about, and the same text about somebody else: gender, age, region and ethnicity.

A list holds members that can stand for one another; the forms of its members are aligned, so “he … his” becomes “she … her” as
a whole and China … Chinese becomes India … Indian. English terms are whole words and keep their capitals, and “a” follows what
comes after it; Chinese terms are replaced where they stand, but not inside the words of `BLOCKED`. Word lists cannot read: “black people”
is here, “black” is not, as it is mostly a colour. Names of persons are not here either.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from core.domain.message import Message, msg

KINDS: dict[str, Message] = {
    "gender": msg("Gender"),
    "age": msg("Age"),
    "region": msg("Region or country"),
    "ethnicity": msg("Ethnicity"),
}

Forms = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermList:
    kind: str  #: a key of `KINDS`
    members: tuple[Forms, ...]  #: forms of one place mean the same of each; the first names the member
    chinese: bool = False


def _aligned(*rows: str) -> tuple[Forms, ...]:
    """Members from rows of “form of one/form of the next”, with commas between."""
    forms = [row.split("/") for line in rows for row in line.split(", ")]
    return tuple(zip(*forms, strict=True))


def _people(*groups: str) -> tuple[Forms, ...]:
    return tuple(tuple(f"{group} {noun}" for noun in _NOUNS) for group in groups)


_NOUNS = (
    *("people", "person", "man", "men", "woman", "women", "guy", "guys", "girl", "girls", "boy", "boys"),
    *("family", "families", "kid", "kids", "customer", "customers"),
)

TERMS = (
    TermList(
        kind="gender",
        members=_aligned(
            "he/she, him/her, his/her, himself/herself, man/woman, men/women, boy/girl, boys/girls, male/female, males/females",
            "father/mother, fathers/mothers, dad/mom, son/daughter, sons/daughters, brother/sister, brothers/sisters",
            "husband/wife, husbands/wives, boyfriend/girlfriend, uncle/aunt, grandfather/grandmother, grandpa/grandma",
            "gentleman/lady, gentlemen/ladies, sir/madam, mr/ms, waiter/waitress, actor/actress",
        ),
    ),
    TermList(
        kind="gender",
        chinese=True,
        members=_aligned(
            "他/她, 男人/女人, 男生/女生, 男孩/女孩, 男性/女性, 男子/女子, 男的/女的, 男方/女方, 先生/女士, 男士/女士",
            "男友/女友, 男朋友/女朋友, 老公/老婆, 丈夫/妻子, 爸爸/妈妈, 父亲/母亲, 儿子/女儿, 哥哥/姐姐, 弟弟/妹妹, 兄弟/姐妹",
            "爷爷/奶奶, 外公/外婆, 叔叔/阿姨, 舅舅/舅妈, 大爷/大妈, 帅哥/美女, 小伙子/小姑娘, 男神/女神",
        ),
    ),
    TermList(
        kind="age",
        members=_aligned(
            "young people/old people, young/elderly, young person/old person, young man/old man, young men/old men",
            "young woman/old woman, young women/old women, young lady/old lady, young guy/old guy, teenager/pensioner",
            "teenagers/pensioners, youngsters/seniors, millennial/boomer, millennials/boomers",
            "in my twenties/in my seventies, in his twenties/in his seventies, in her twenties/in her seventies",
        ),
    ),
    TermList(
        kind="age",
        chinese=True,
        members=_aligned(
            "年轻人/老年人, 青年人/老人, 小伙子/老大爷, 小姑娘/老太太, 年轻/年迈, 青年/老年, 90后/60后, 00后/50后",
            "年轻人/老人家, 二十多岁/七十多岁",
        ),
    ),
    TermList(
        kind="region",
        members=_aligned(
            "America/China/India/Nigeria/Mexico/Germany/Japan/Russia/Pakistan",
            "American/Chinese/Indian/Nigerian/Mexican/German/Japanese/Russian/Pakistani",
            "Americans/Chinese/Indians/Nigerians/Mexicans/Germans/Japanese/Russians/Pakistanis",
        ),
    ),
    TermList(
        kind="region",
        chinese=True,
        members=_aligned("北京/上海/广东/河南/四川/东北/湖北/江苏/浙江/山东/福建/河北/安徽/新疆/台湾/香港"),
    ),
    TermList(kind="region", chinese=True, members=_aligned("美国/日本/韩国/印度/德国/法国/英国/俄罗斯/越南/非洲")),
    TermList(kind="region", chinese=True, members=_aligned("城里人/乡下人, 本地人/外地人, 城市/农村")),
    TermList(kind="region", chinese=True, members=_aligned("南方/北方")),
    TermList(kind="ethnicity", members=_people("white", "black", "Asian", "Hispanic", "Arab", "Jewish")),
    TermList(kind="ethnicity", chinese=True, members=_aligned("白人/黑人/黄种人/阿拉伯人/犹太人")),
    TermList(kind="ethnicity", chinese=True, members=_aligned("汉族/维吾尔族/藏族/蒙古族/回族/壮族/满族/朝鲜族")),
)

#: hold a term and mean something else
BLOCKED = (
    *("其他", "吉他", "他人", "他乡", "首先生", "率先生", "妇女", "少女", "儿女", "子女", "孙女", "男女", "男子汉"),
    *("河南岸", "上海南", "浙江西", "太湖北", "明白人", "表白人", "空白人", "收回族"),
)
#: after “her” these show that it means “him”; before anything else it means “his”
_NO_NOUN = frozenset(
    (
        *("to", "at", "and", "the", "a", "an", "for", "with", "in", "on", "of", "or", "but", "if", "when", "that"),
        *("again", "was", "is", "so", "as", "from", "by", "about", "because"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewording:
    """The same text about somebody else."""

    put_in: str  #: name of the member that stands there now
    text: str


def rewordings(text: str, terms: TermList) -> list[Rewording]:
    """The text with the first member it names turned into each other member, and the other way round; none without a term."""
    first = next(iter(_found(text, terms)), None)
    if first is None:
        return []
    made = []
    for other in range(len(terms.members)):
        if other != first:
            changed = _swapped(text, terms, first, other)
            if changed != text:
                made.append(Rewording(put_in=terms.members[other][0], text=changed))
    return made


def _found(text: str, terms: TermList) -> Iterator[int]:
    """The members that are named, in the order of the text."""
    member_of = _member_of(terms)
    for match in _pattern(terms).finditer(text):
        if (member := member_of.get(match["term"].lower())) is not None:
            yield member


def _swapped(text: str, terms: TermList, first: int, other: int) -> str:
    ours, theirs = terms.members[first], terms.members[other]
    into: dict[str, str] = {}
    for here, there in zip((*ours, *theirs), (*theirs, *ours), strict=True):
        into.setdefault(here.lower(), there)

    def put(match: "re.Match[str]") -> str:
        term, article = match["term"], match["article"] or ""
        new = into.get(term.lower())
        if new is None:
            return match[0]
        if term.lower() == "her":
            new = "his" if _before_noun(text[match.end() :]) else "him"
        if article:
            space = match[0][len(article) : len(match[0]) - len(term)]
            article = article[0] + ("n" if new[0].lower() in "aeiou" else "") + space
        return article + _cased(new, term)

    return _pattern(terms).sub(put, text)


def _before_noun(rest: str) -> bool:
    following = re.match(r"\s+([a-z]+)", rest, re.I)
    return following is not None and following[1].lower() not in _NO_NOUN


def _cased(new: str, old: str) -> str:
    if len(old) > 1 and old.isupper():
        return new.upper()
    return new[0].upper() + new[1:] if old[0].isupper() else new


@cache
def _pattern(terms: TermList) -> "re.Pattern[str]":
    """Longer terms first. In Chinese the blocked words are found too, so that no term inside them is."""
    known = {form for forms in terms.members for form in forms} | (set(BLOCKED) if terms.chinese else set())
    either = "|".join(re.escape(form) for form in sorted(known, key=lambda form: (-len(form), form)))
    if terms.chinese:
        return re.compile(f"(?P<article>)(?P<term>{either})")
    return re.compile(rf"\b(?:(?P<article>an?)\s+)?(?P<term>{either})\b", re.I)


@cache
def _member_of(terms: TermList) -> Mapping[str, int]:
    return {form.lower(): i for i, forms in enumerate(terms.members) for form in forms}
