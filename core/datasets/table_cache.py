"""Tables that were parsed before, so that preview and build parse a file once.

    tables/<upload>-<key>/answer.json    what the reader said, with size and checksum of the table
    tables/<upload>-<key>/table.arrow    the whole table
    tables/<upload>-<key>.alias          the key of the resolved format, under the key of the format asked for

`upload` is the start of the upload's sha256, which is the name of its file. Everything is written aside and renamed; an
entry that is damaged, incomplete or of other rules is as good as absent. The folder may be deleted at any time.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.domain.dataset import TableFormat
from core.domain.plain import to_plain
from core.files import ASIDE_PREFIX

PARSING_RULES = (
    3  # raised when the same file would give another table, other notices or another guess of what it is for
)
ANSWER, TABLE, ALIAS = "answer.json", "table.arrow", ".alias"
MAX_BYTES = 2 << 30
MAX_AGE_SECONDS = 14 * 24 * 3600
MAX_ASIDE_SECONDS = 3600  # what a crashed writer left
CHUNK_BYTES = 1 << 20
N_UPLOAD_CHARS, N_KEY_CHARS = 16, 24


def find(
    cache_dir: Path, sha256: str, filename: str, format: TableFormat, *, whole: bool
) -> tuple[dict[str, Any], Path] | None:
    """The answer and the table file, if they are there unharmed. `whole`: the table is needed, so it is checked too."""
    name = _name(sha256, filename, format)
    folder = cache_dir / name
    try:
        if not folder.is_dir():
            folder = cache_dir / (cache_dir / f"{name}{ALIAS}").read_text().strip()
            if not folder.name.startswith(sha256[:N_UPLOAD_CHARS]) or folder.parent != cache_dir:
                return None
        answer: dict[str, Any] = json.loads((folder / ANSWER).read_text())
        about, table = answer["table"], folder / TABLE
        if table.stat().st_size != about["n_bytes"] or (whole and _checksum(table) != about["crc32"]):
            return None
        os.utime(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return answer, table


def keep(
    cache_dir: Path, sha256: str, filename: str, asked: TableFormat, answer: Mapping[str, Any], table: Path
) -> None:
    """Move a parsed table into the cache. Losing it is no error: the file is parsed again then."""
    resolved = TableFormat(**answer["format"])
    name = _name(sha256, filename, resolved)
    about = {"n_bytes": table.stat().st_size, "crc32": _checksum(table)}
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=ASIDE_PREFIX, dir=cache_dir))
        try:
            shutil.move(table, aside / TABLE)
            (aside / ANSWER).write_text(json.dumps({**answer, "table": about}))
            if find(cache_dir, sha256, filename, resolved, whole=True) is None:
                _remove(cache_dir / name)
                aside.rename(cache_dir / name)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        asked_name = _name(sha256, filename, asked)
        if asked_name != name:
            alias = cache_dir / f"{ASIDE_PREFIX}{os.getpid()}-{asked_name}"
            alias.write_text(name)
            alias.replace(cache_dir / f"{asked_name}{ALIAS}")
        shrink(cache_dir)
    except OSError:  # a full disk, or another process that stored or removed the same entry meanwhile
        return


def forget(cache_dir: Path, sha256: str) -> None:
    """Remove every table of an upload."""
    for path in cache_dir.glob(f"{sha256[:N_UPLOAD_CHARS]}-*"):
        _remove(path)


def shrink(cache_dir: Path, *, max_bytes: int = MAX_BYTES, max_age_seconds: float = MAX_AGE_SECONDS) -> None:
    """Remove what was not used for long, and of the rest the oldest until it fits into `max_bytes`."""
    now = time.time()
    entries: list[tuple[float, int, Path]] = []
    for path in cache_dir.iterdir():
        try:
            age, size = now - path.stat().st_mtime, _size(path)
        except OSError:
            continue
        if age > (MAX_ASIDE_SECONDS if path.name.startswith(ASIDE_PREFIX) else max_age_seconds):
            _remove(path)
        else:
            entries.append((age, size, path))
    n_bytes = 0
    for _age, size, path in sorted(entries, key=lambda entry: entry[0]):
        n_bytes += size
        if n_bytes > max_bytes and not path.name.startswith(ASIDE_PREFIX):
            _remove(path)


def _name(sha256: str, filename: str, format: TableFormat) -> str:
    """The file's name matters only by its suffix, which a notice speaks of."""
    asked = {
        "rules": PARSING_RULES,
        "sha256": sha256,
        "suffix": Path(filename).suffix.lower(),
        "format": to_plain(format),
    }
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode("utf-8", "replace")).hexdigest()
    return f"{sha256[:N_UPLOAD_CHARS]}-{key[:N_KEY_CHARS]}"


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def _size(path: Path) -> int:
    return sum(p.stat().st_size for p in path.iterdir()) if path.is_dir() else path.stat().st_size


def _remove(path: Path) -> None:
    """Gone at once for readers to come; those that have the table mapped keep it."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    aside = path.with_name(f"{ASIDE_PREFIX}{os.getpid()}-{time.monotonic_ns()}")
    try:
        path.rename(aside)
    except OSError:
        return
    shutil.rmtree(aside, ignore_errors=True)
