"""Files are whole or absent."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import files
from core.errors import UnreadableFile


def test_upload_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    first = files.receive_upload(io.BytesIO(b"text,label\na,b\n"), "a.csv", tmp_path)
    again = files.receive_upload(io.BytesIO(b"text,label\na,b\n"), "other name.csv", tmp_path)
    assert first.sha256 == again.sha256
    assert {p.name for p in tmp_path.iterdir()} == {first.sha256, f"{first.sha256}.json"}
    assert files.find_upload(first.sha256, tmp_path) == again
    assert files.find_upload("0" * 64, tmp_path) is None
    assert (tmp_path / first.sha256).read_bytes() == b"text,label\na,b\n"


def test_upload_over_the_limit_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UPLOAD_BYTES", 3 << 20)
    with pytest.raises(UnreadableFile, match=r"big\.csv is larger than 3 MB"):
        files.receive_upload(io.BytesIO(bytes(4 << 20)), "big.csv", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_empty_upload_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is empty"):
        files.receive_upload(io.BytesIO(b""), "a.csv", tmp_path)


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")
    with pytest.raises(RuntimeError), files.written_aside(target) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_folder_is_published_whole_and_publishing_twice_is_harmless(tmp_path: Path) -> None:
    final = tmp_path / "model"
    for text in ("one", "two"):
        with files.folder_aside(final) as aside:
            (aside / "sub").mkdir()
            (aside / "sub" / "weights").write_text(text)
    assert (final / "sub" / "weights").read_text() == "two"
    assert files.is_whole(final)
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_two_that_publish_the_same_folder_at_once_both_succeed(tmp_path: Path) -> None:
    final = tmp_path / "dataset"

    def publish(number: int) -> None:
        for _round in range(20):
            with files.folder_aside(final) as aside:
                (aside / "rows").write_text(str(number))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(publish, range(2)))
    assert files.is_whole(final)
    assert [p.name for p in tmp_path.iterdir()] == ["dataset"]


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing", "no manifest"])
def test_damaged_folder_is_not_whole(tmp_path: Path, damage: str) -> None:
    final = tmp_path / "model"
    with files.folder_aside(final) as aside:
        (aside / "weights").write_text("12345678")
    if damage == "changed":
        (final / "weights").write_text("12345679")
    elif damage == "truncated":
        (final / "weights").write_text("1234")
    elif damage == "missing":
        (final / "weights").unlink()
    else:
        (final / files.MANIFEST).unlink()
    assert not files.is_whole(final)


def test_sweep_removes_only_what_was_left_aside(tmp_path: Path) -> None:
    (tmp_path / f"{files.ASIDE_PREFIX}x").mkdir()
    (tmp_path / f"{files.ASIDE_PREFIX}y").write_text("half")
    (tmp_path / "kept").write_text("whole")
    files.sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]
