"""The order of categories, as far as their names tell it: numbers in them, or the words of a scale."""

import re
import unicodedata
from collections.abc import Sequence

NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
CHINESE_DIGITS = {
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
CHINESE_NUMBER = re.compile(r"第?([零一二两三四五六七八九十])(?:颗?星|级|分|档|等|类)?")
SCALES = (
    ("very low", "low", "middle", "high", "very high"),
    ("very low", "low", "medium", "high", "very high"),
    ("lowest", "low", "medium", "high", "highest"),
    ("low", "normal", "high", "urgent"),
    ("low", "medium", "high", "urgent"),
    ("low", "medium", "high", "critical"),
    ("none", "minor", "moderate", "major", "critical"),
    ("very bad", "bad", "ok", "good", "very good"),
    ("terrible", "poor", "average", "good", "excellent"),
    ("very negative", "negative", "neutral", "positive", "very positive"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("很低", "低", "中", "高", "很高"),
    ("很差", "差", "中", "好", "很好"),
    ("很差", "差", "一般", "好", "很好"),
    ("低", "中", "高", "紧急"),
    ("一般", "紧急", "非常紧急"),
    ("普通", "紧急", "特急"),
    ("差评", "中评", "好评"),
    ("非常负面", "负面", "中性", "正面", "非常正面"),
    ("非常不满意", "不满意", "一般", "满意", "非常满意"),
    ("非常不同意", "不同意", "中立", "同意", "非常同意"),
)


def in_order(names: Sequence[str]) -> list[str] | None:
    """`names` from the least to the most; None where they do not tell. Each must have a number of its own, or all must be of
    one known scale."""
    numbers = [_number(name) for name in names]
    places: list[float] = [number for number in numbers if number is not None]
    if len(places) == len(names) == len(set(places)):
        return [name for _place, name in sorted(zip(places, names, strict=True))]
    plain = {name: " ".join(name.casefold().replace("_", " ").replace("-", " ").split()) for name in names}
    for scale in SCALES:
        if set(plain.values()) <= set(scale) and len(set(plain.values())) == len(names):
            return sorted(names, key=lambda name: scale.index(plain[name]))
    return None


def _number(name: str) -> float | None:
    """The one number in a name, such as 4 in "4 stars", "★★★★", "四星"; None for none or several."""
    text = unicodedata.normalize("NFKC", name).strip().replace("−", "-")
    if text and not text.strip("★⭐☆ "):
        return float(text.count("★") + text.count("⭐"))
    found = NUMBER.findall(text.replace(",", "."))
    if len(found) == 1:
        return float(found[0])
    chinese = CHINESE_NUMBER.fullmatch(text)
    return float(CHINESE_DIGITS[chinese.group(1)]) if chinese and not found else None
