"""Files that are either whole or absent: written aside, fsynced, renamed. Folders carry a sha256 manifest."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.domain.dataset import Upload
from core.domain.message import msg
from core.errors import UnreadableFile
from core.settings import MAX_UPLOAD_BYTES

MANIFEST = "manifest.json"
ASIDE_PREFIX = ".aside-"  # what a crash leaves behind starts with this; `sweep` removes it
CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def receive_upload(stream: BinaryIO, filename: str, uploads_dir: Path) -> Upload:
    """Stream a file to `uploads_dir/<sha256>` in 1 MiB chunks. The same bytes twice are kept once.

    Raises:
        UnreadableFile: the stream is empty or larger than MAX_UPLOAD_BYTES.
    """
    uploads_dir.mkdir(parents=True, exist_ok=True)
    digest, n_bytes = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(prefix=ASIDE_PREFIX, dir=uploads_dir)
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            while chunk := stream.read(CHUNK_BYTES):
                n_bytes += len(chunk)
                if n_bytes > MAX_UPLOAD_BYTES:
                    raise UnreadableFile(
                        msg("{filename} is larger than {limit} MB.", filename=filename, limit=MAX_UPLOAD_BYTES >> 20),
                        hint=msg("Remove columns that are not needed, or split the file."),
                    )
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if n_bytes == 0:
            raise UnreadableFile(
                msg("{filename} is empty.", filename=filename), hint=msg("Export it again and check that it has rows.")
            )
        aside.replace(uploads_dir / digest.hexdigest())
    finally:
        aside.unlink(missing_ok=True)
    upload = Upload(sha256=digest.hexdigest(), filename=filename, n_bytes=n_bytes)
    with written_aside(uploads_dir / f"{upload.sha256}.json") as name_aside:
        name_aside.write_text(json.dumps({"filename": filename, "n_bytes": n_bytes}))
    return upload


def find_upload(sha256: str, uploads_dir: Path) -> Upload | None:
    """The upload of that hash under the name it last arrived with; None when it is not (or no longer) kept."""
    try:
        about = json.loads((uploads_dir / f"{Path(sha256).name}.json").read_text())
    except (OSError, ValueError):
        return None
    return Upload(sha256=sha256, filename=about["filename"], n_bytes=about["n_bytes"])


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it becomes `path` only when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=ASIDE_PREFIX, suffix=path.suffix, dir=path.parent)
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        _fsync(aside)
        aside.replace(path)
        _fsync(path.parent)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def folder_aside(final: Path) -> Iterator[Path]:
    """Yield a new folder beside `final`. When the block ends well it gets a manifest and becomes `final`.

    An existing `final` is replaced, so publishing again after a crash is harmless.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=ASIDE_PREFIX, dir=final.parent))
    try:
        yield aside
        write_manifest(aside)
        aside.chmod(0o755)
        _replace_folder(aside, final)
        _fsync(final.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _replace_folder(aside: Path, final: Path) -> None:
    """Make `aside` become `final`, also while another process publishes the same folder."""
    for _attempt in range(100):
        if final.exists():
            shutil.rmtree(final, ignore_errors=True)
        try:
            aside.rename(final)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
    raise FileExistsError(final)


def write_manifest(folder: Path) -> None:
    """Record sha256 and size of every file below `folder`, after syncing each to disk."""
    entries = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST):
        _fsync(path)
        entries[path.relative_to(folder).as_posix()] = {"sha256": sha256_of(path), "n_bytes": path.stat().st_size}
    with written_aside(folder / MANIFEST) as aside:
        aside.write_text(json.dumps(entries, indent=1))


def is_whole(folder: Path) -> bool:
    """Whether every file the manifest names is there with the right content."""
    try:
        entries = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return False
    return all(
        (folder / name).is_file()
        and (folder / name).stat().st_size == entry["n_bytes"]
        and sha256_of(folder / name) == entry["sha256"]
        for name, entry in entries.items()
    )


def sweep(folder: Path) -> None:
    """Remove what crashed writers left aside directly in `folder`. Call only while nobody writes there."""
    for path in folder.glob(f"{ASIDE_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def n_bytes_of(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
