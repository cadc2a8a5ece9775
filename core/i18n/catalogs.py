"""Keeps `zh_CN.po` in step with the code: extract every marked text, merge, and say what is missing.

`python -m core.i18n update` is for developers; the application itself only reads the catalogs.
"""

import ast
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po, write_po

from core.i18n import CATALOG_DIR, LANGUAGES
from core.settings import PROJECT_DIR

#: function -> how many of its first arguments are texts: `msg("..")`, `nmsg("one", "many", n)` and their spoken twins
KEYWORDS = {"_": 1, "gettext": 1, "msg": 1, "ngettext": 2, "nmsg": 2}
SOURCES = ("core", "pages", "app.py")
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class NotLiteral(Exception):
    """A marked text is put together at run time, so no catalog can hold it. Says where."""


def extract() -> Catalog:
    """Every marked text of the code, with the files it stands in.

    Raises:
        NotLiteral: names every marked text that is not a plain literal.
    """
    catalog = Catalog(project="Tunedesk", charset="utf-8")
    wrong: list[str] = []
    for path in _source_files():
        name = path.relative_to(PROJECT_DIR).as_posix()
        for call, texts in _marked_texts(path):
            if texts is None:
                wrong.append(f"{name}:{call.lineno}: {ast.unparse(call)}")
            else:
                catalog.add(texts if len(texts) > 1 else texts[0], locations=[(name, 1)])
    if wrong:
        raise NotLiteral("\n".join(wrong))
    return catalog


def load(language: str) -> Catalog:
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, extra: Iterable[Path] = ()) -> Catalog:
    """Rewrite a catalog: texts of the code only, translations kept; the `extra` .po files add to them and win."""
    catalog = Catalog(locale=language, project="Tunedesk", charset="utf-8", fuzzy=False)
    known: dict[str, str | tuple[str, ...]] = {}
    for source in (catalog_path(language), *extra):
        if source.exists():
            with source.open("rb") as file:
                known |= _translations(read_po(file, locale=language), catalog.num_plurals)
    for entry in extract():
        if entry.id:
            catalog.add(entry.id, known.get(_key(entry), ""), locations=entry.locations)
    _write(catalog, catalog_path(language))
    return catalog


def problems(language: str) -> list[str]:
    """One line per text that is missing, stale, fuzzy, or whose placeholders differ from the English."""
    wanted = {_key(entry): entry for entry in extract() if entry.id}
    have = {_key(entry): entry for entry in load(language) if entry.id}
    found = [f"missing: {_key(entry)!r} ({entry.locations[0][0]})" for key, entry in wanted.items() if key not in have]
    found += [f"stale: {key!r}" for key in have if key not in wanted]
    for key, entry in have.items():
        if not _is_translated(entry):
            found.append(f"untranslated: {key!r}")
        elif entry.fuzzy:
            found.append(f"fuzzy: {key!r}")
        elif different := _different_placeholders(entry):
            found.append(f"placeholders differ: {key!r}: {different}")
    return found


def catalog_path(language: str) -> Path:
    return CATALOG_DIR / f"{language}.po"


def _source_files() -> Iterator[Path]:
    for source in SOURCES:
        path = PROJECT_DIR / source
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        yield from (file for file in files if file.parent != Path(__file__).parent)


def _marked_texts(path: Path) -> Iterator[tuple[ast.Call, tuple[str, ...] | None]]:
    """Each marking call with its texts; None where one is no literal. Babel's own reader misses calls in f-strings."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
            arguments = node.args[: KEYWORDS[node.func.id]]
            if all(isinstance(a, ast.Name | ast.Attribute) for a in arguments):
                continue  # looks up a text that is marked where it is written
            texts = tuple(a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str))
            yield node, texts if len(texts) == KEYWORDS[node.func.id] else None


def _key(entry: Entry) -> str:
    return str(entry.id[0] if isinstance(entry.id, tuple | list) else entry.id)


def _translations(catalog: Catalog, n_plurals: int) -> dict[str, str | tuple[str, ...]]:
    """What is translated. A file whose header asks for more plural forms than the language has is read all the same."""
    found: dict[str, str | tuple[str, ...]] = {}
    for entry in catalog:
        plural = isinstance(entry.id, tuple | list)
        strings = _strings(entry)[: n_plurals if plural else 1]
        if entry.id and all(strings):
            found[_key(entry)] = tuple(strings) if plural else strings[0]
    return found


def _strings(entry: Entry) -> list[str]:
    return list(entry.string) if isinstance(entry.string, tuple | list) else [entry.string or ""]


def _is_translated(entry: Entry) -> bool:
    return all(_strings(entry))


def _different_placeholders(entry: Entry) -> str:
    ids = list(entry.id) if isinstance(entry.id, tuple | list) else [entry.id]
    allowed = {frozenset(_PLACEHOLDER.findall(text)) for text in ids}
    wrong = [text for text in _strings(entry) if frozenset(_PLACEHOLDER.findall(text)) not in allowed]
    return "; ".join(wrong)


def _write(catalog: Catalog, path: Path) -> None:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, sort_output=True, omit_header=False, include_lineno=False)
    lines = [line for line in buffer.getvalue().decode().splitlines() if not line.startswith('"POT-Creation-Date')]
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
