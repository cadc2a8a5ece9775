import pytest

from core.domain.job import Wish
from core.errors import NotFound, NotPossible
from core.store import Store
from tests.unit.store.records import a_dataset, start


def test_a_dataset_comes_back_as_it_was(store: Store) -> None:
    dataset = a_dataset()
    store.datasets.add(dataset)
    assert store.datasets.get(dataset.id) == dataset
    assert list(store.datasets.get(dataset.id).label_counts) == ["退款", "other"]


def test_the_same_content_twice_is_one_dataset(store: Store) -> None:
    first = store.datasets.add(a_dataset())
    again = store.datasets.add(a_dataset(name="Another name"))
    assert again == first
    assert store.datasets.list() == [first]


def test_datasets_are_listed_newest_first(store: Store) -> None:
    for dataset_id in ("a", "b", "c"):
        store.datasets.add(a_dataset(dataset_id))
    assert [d.id for d in store.datasets.list()] == ["c", "b", "a"]


def test_a_version_made_again_is_the_newest(store: Store) -> None:
    """Whoever undoes a repair finds the version without it first in every list."""
    for dataset_id in ("a", "b", "a"):
        store.datasets.add(a_dataset(dataset_id))
    assert [d.id for d in store.datasets.list()] == ["a", "b"]


def test_a_dataset_under_a_run_is_not_deleted(store: Store) -> None:
    job = start(store)
    with pytest.raises(NotPossible, match="1 training run rests"):
        store.datasets.delete("0123456789ab")
    store.jobs.set_wish(job.id, Wish.CANCEL)
    store.runs.delete(job.run_id)
    store.datasets.delete("0123456789ab")
    assert store.datasets.list() == []


def test_an_unknown_dataset_is_named(store: Store) -> None:
    for act in (store.datasets.get, store.datasets.delete):
        with pytest.raises(NotFound, match="nothere"):
            act("nothere")
