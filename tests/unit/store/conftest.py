import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "empty.db"
    Store.open(path).close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    store = Store.open(shutil.copy(empty_database, tmp_path / "tunedesk.db"))
    yield store
    store.close()
