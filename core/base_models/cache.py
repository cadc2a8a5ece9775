"""Folders that are built once and used by every process: verified by manifest, built under a file lock."""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.files import MANIFEST, folder_aside, is_whole, sweep

LOCK = ".lock"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the kernel lets go when the process dies
        yield


def build_once(final: Path, build: Callable[[Path], None]) -> Path:
    """`final`, made by `build(aside)` unless it is already there and whole. Processes that want the same wait."""
    if is_whole(final):
        return final
    with _locked(final.parent):
        sweep(final.parent)  # everyone who writes here holds the lock: what lies aside was left by a crash
        if not is_whole(final):
            with folder_aside(final) as aside:
                build(aside)
    return final


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-link `source` where the file system allows it: weights are never written again."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def folder_slug(name: str) -> str:
    """A folder name made of a model's name, e.g. "BAAI/bge-small" -> "BAAI--bge-small"."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name.replace("/", "--")).strip(".-")[:80] or "model"


def fingerprint(*parts: str) -> str:
    """12 hex characters for the strings that decide a folder's content."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def content_of(folder: Path) -> str:
    """What identifies a fetched folder's content: its manifest, which holds a sha256 of every file."""
    return (folder / MANIFEST).read_text()
