"""Keeps `zh_CN.po` in step with the code: extract every marked text, merge, and say what is missing.

`python -m core.i18n update` is for developers; the application itself only reads the catalogs.
"""

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from core.i18n import CATALOG_DIR, LANGUAGES
from core.settings import PROJECT_DIR

#: function -> which arguments are texts: `msg("..")`, `nmsg("one", "many", n)` and their spoken twins
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "msg": None,
    "nmsg": (1, 2),
}
SOURCES = ("core", "pages", "app.py")
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def extract() -> Catalog:
    """Every marked text of the code, with the files it stands in."""
    catalog = Catalog(project="Tunedesk", charset="utf-8")
    for filename, _line, text, _comments, _context in _marked_texts():
        catalog.add(text, locations=[(filename, 1)])
    return catalog


def load(language: str) -> Catalog:
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, extra: Iterable[Path] = ()) -> Catalog:
    """Rewrite a catalog: texts of the code only, translations kept; the `extra` .po files add to them and win."""
    known = {_key(entry): entry.string for entry in load(language) if entry.id and _is_translated(entry)}
    for path in extra:
        with path.open("rb") as file:
            fragment = read_po(file, locale=language)
        known |= {_key(entry): entry.string for entry in fragment if entry.id and _is_translated(entry)}
    catalog = Catalog(locale=language, project="Tunedesk", charset="utf-8", fuzzy=False)
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


def _marked_texts() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    for source in SOURCES:
        path = PROJECT_DIR / source
        root = path if path.is_dir() else path.parent
        method_map = [("**.py" if path.is_dir() else path.name, "python")]
        for filename, line, text, comments, context in extract_from_dir(
            root, method_map=method_map, keywords=KEYWORDS, directory_filter=_is_ours if path.is_dir() else _no_folder
        ):
            yield (root / filename).relative_to(PROJECT_DIR).as_posix(), line, text, comments, context


def _is_ours(folder: str) -> bool:
    return not Path(folder).name.startswith((".", "__pycache__"))


def _no_folder(folder: str) -> bool:
    return False


def _key(entry: Entry) -> str:
    return str(entry.id[0] if isinstance(entry.id, tuple | list) else entry.id)


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
