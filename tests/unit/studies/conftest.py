"""One workspace a file: its model is trained once and studied by all tests of that file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from core.workspace import Workspace


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studies") / "home"


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("TUNEDESK_HOME", str(home))
    workspace = Workspace.open(Settings(home=home))
    yield workspace
    workspace.close()
