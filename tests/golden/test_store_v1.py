import json
import shutil
from pathlib import Path

from core.domain.job import JobStatus, Wish
from core.store import Store
from tests.golden.make_store_v1 import contents, fill
from tests.unit.store.records import claim

FOLDER = Path(__file__).parent


def known_fields(found: object, expected: object) -> object:
    """`found` without fields that a later version added to its records."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return {name: known_fields(found[name], value) for name, value in expected.items() if name in found}
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        return [known_fields(f, e) for f, e in zip(found, expected, strict=True)]
    return found


def test_a_store_of_the_first_schema_opens_with_every_record(tmp_path: Path) -> None:
    store = Store.open(Path(shutil.copy(FOLDER / "store_v1.db", tmp_path)))
    expected = json.loads((FOLDER / "store_v1.json").read_text(encoding="utf-8"))
    assert known_fields(contents(store), expected) == expected
    assert store.check()["integrity"] == "ok"
    store.close()


def test_work_goes_on_in_a_store_of_the_first_schema(tmp_path: Path) -> None:
    store = Store.open(Path(shutil.copy(FOLDER / "store_v1.db", tmp_path)))
    [running] = store.jobs.running()
    assert store.jobs.wish(running.id, running.attempt) is Wish.STOP
    store.jobs.requeue(running.id, running.attempt)
    assert claim(store).id == running.id
    assert claim(store).title == "Tickets, waiting"
    assert store.models.report(1).labels == ("退款", "other")
    assert store.runs.rename(1, "New name").name == "New name"
    store.close()


def test_the_generator_still_fills_a_store(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "new.db")
    fill(store)
    assert [job.status for job in reversed(store.jobs.list())] == [
        JobStatus.DONE,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
        JobStatus.RUNNING,
        JobStatus.QUEUED,
    ]
    store.close()
