"""What web pages and mail programs leave in a text: HTML markup, quoted mails, signatures. Find it, take it out.

Only known tags count, so that "a < b", "<3" and "<name>" stay. Nothing is run, fetched or kept of scripts.
"""

import html
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from core.datasets.hashing import Mask
from core.datasets.taking import take_rows
from core.datasets.threads import rows_matching

TAGS = (
    "a|abbr|address|article|b|big|blockquote|body|br|button|center|code|col|dd|div|dl|dt|em|figure|font|footer|form"
    "|h[1-6]|head|header|hr|html|i|iframe|img|input|label|li|link|main|meta|nav|ol|option|p|picture|pre|q|s|script"
    "|section|select|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|video"
)
#: RE2 and `re` read these alike.
TAG = rf"(?i)</?(?:{TAGS})(?:\s[^<>]*)?/?>"
ENTITY = (
    r"&(?:nbsp|amp|lt|gt|quot|apos|mdash|ndash|hellip|copy|rsquo|lsquo|ldquo|rdquo|#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,6});"
)
#: Where a mail's own words end: everything from here on was written by a program or in an earlier mail.
FOOTER = (
    r"(?im)(?:(?:^[ \t]*-{2}|-{4})-*[ ]*(?:original message|forwarded message|original appointment|原始邮件|原邮件|转发邮件信息|转发的邮件|邮件原件)"
    r"|^[ \t>]*on [^\n]{6,120} wrote:[ \t]*\r?$"
    r"|^[ \t>]*(?:在|於|于)[^\n]{4,120}(?:写道|寫道)[:：]"
    r"|^[ \t>*]*(?:from|发件人|寄件者)[:：][^\n]*\r?\n(?:[^\n]*\n){0,2}[ \t>*]*(?:sent|to|date|发送时间|收件人|日期|寄件日期)[:：]"
    r"|^-- \r?$"
    r"|^[ \t]*(?:sent from my [a-z]|sent from mail for windows|get outlook for (?:ios|android)|发自我的|從我的 iphone|来自我的)"
    r"|(?:^|[.!?。！？] )(?:this (?:e-?mail|message)(?:,? (?:and|including) any (?:attachments?|files?)[^.\n]{0,60})?"
    r" (?:is|are|may be|contains?|may contain) [^.\n]{0,60}(?:confidential|privileged|intended (?:only|solely))"
    r"|本邮件及其附件|本电子邮件[^\n]{0,20}保密))"
)
QUOTED_LINE = r"(?m)^[ \t]*>[ \t>]*\S"
BLOCK = re.compile(r"(?is)<(script|style|head|svg|iframe)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<!doctype[^>]*>")
BREAK = re.compile(
    r"(?i)</?(?:address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|td|th|tr|ul)\b[^<>]*>"
)
SPACES, LINES = re.compile(r"[ \t\xa0]+"), re.compile(r"[ \t]*\n\s*")
_TAG, _ENTITY, _FOOTER, _QUOTED_LINE = (re.compile(pattern) for pattern in (TAG, ENTITY, FOOTER, QUOTED_LINE))


def has_markup(text: str) -> bool:
    """Whether it holds HTML around words of its own; a text of nothing but markup is left as it is."""
    return strip_markup(text) != text


def strip_markup(text: str) -> str:
    """The words between the tags, entities as the signs they stand for. Unchanged where no words would be left."""
    if not _TAG.search(text) and not _ENTITY.search(text):
        return text
    plain = BREAK.sub("\n", BLOCK.sub(" ", text))
    plain = html.unescape(_TAG.sub("", plain))
    plain = LINES.sub("\n", SPACES.sub(" ", plain)).strip()
    return plain or text


def has_footer(text: str) -> bool:
    """Whether a quoted mail, a signature or a legal notice follows the text's own words."""
    return strip_footer(text) != text


def strip_footer(text: str) -> str:
    """The text up to the first quoted mail, signature or legal notice. Unchanged where nothing stands before it."""
    match = _FOOTER.search(text)
    own = text
    if match:
        cut = match.start() + (match[0][:1] in ".!?。！？")
        own = text[:cut]
    if _QUOTED_LINE.search(own) and len(own.splitlines()) > 1:
        own = "\n".join(line for line in own.splitlines() if not line.lstrip().startswith(">"))
    own = own.rstrip()
    return own if own.strip() and own != text.rstrip() else text


def rows_with_markup(texts: pa.ChunkedArray, used: Mask) -> Mask:
    """The rows in `used` whose text `strip_markup` would change."""
    return _where(texts, used, f"{TAG}|{ENTITY}", has_markup)


def rows_with_footer(texts: pa.ChunkedArray, used: Mask) -> Mask:
    """The rows in `used` whose text `strip_footer` would change."""
    return _where(texts, used, f"{FOOTER}|{QUOTED_LINE}", has_footer)


def _where(texts: pa.ChunkedArray, used: Mask, pattern: str, holds: Callable[[str], bool]) -> Mask:
    """The rows that `holds` is true for, asked only about those where `pattern` matches."""
    rows = np.flatnonzero(rows_matching(texts, pattern) & used)
    found = np.zeros(len(used), dtype=bool)
    found[rows] = [holds(text) for text in take_rows(texts, rows).to_pylist()]
    return found
