"""Texts in the reader's language: English source, Chinese by gettext catalog.

The language is a context variable, so two browser sessions in one process never mix. Catalogs are `.po` files,
compiled in memory when first used: there is no build step and no binary file in git.
"""

import gettext as _gettext_library
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from core.domain.message import Message

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
CATALOG_DIR = Path(__file__).parent

_language: ContextVar[str | None] = ContextVar("language", default=None)


def _english() -> str:
    return "en"


_ask: Callable[[], str] = _english


def language() -> str:
    return _language.get() or _ask()


def follow(source: Callable[[], str]) -> None:
    """Ask `source` for the language wherever the context was not told one: a page's callbacks ask their session."""
    global _ask
    _ask = source


@contextmanager
def speaking(language: str) -> Iterator[None]:
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def best_language(locale: str | None) -> str:
    """The first language for a browser that asks for `locale`, e.g. "zh-TW" -> "zh_CN"."""
    return "zh_CN" if (locale or "").lower().startswith("zh") else "en"


def gettext(text: str) -> str:
    return _catalog(language()).gettext(text)


def ngettext(singular: str, plural: str, n: int) -> str:
    return _catalog(language()).ngettext(singular, plural, n)


def say(message: Message) -> str:
    """Render a stored sentence in the current language."""
    params = {name: say(value) if isinstance(value, Message) else value for name, value in message.params.items()}
    if message.plural:
        pattern = ngettext(message.text, message.plural, int(params.get("n", 2)))
    else:
        pattern = gettext(message.text)
    return pattern.format_map(params)


@cache
def _catalog(language: str) -> _gettext_library.NullTranslations:
    path = CATALOG_DIR / f"{language}.po"
    if not path.exists():  # English is the source: nothing to look up
        return _gettext_library.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    buffer = io.BytesIO()
    with path.open("rb") as file:
        write_mo(buffer, read_po(file, locale=language))
    buffer.seek(0)
    return _gettext_library.GNUTranslations(buffer)
