"""Shared by all tests: one torch thread, no hub, a workspace in a temporary folder."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["HF_HUB_OFFLINE"] = "1"

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are read and built without child processes, which take seconds to start. The work is the same."""
    from core.datasets import building_child, reading_child

    children = {"core.datasets.reading_child": reading_child.read, "core.datasets.building_child": building_child.build}

    def ask(module: str, folder: Path, request: Mapping[str, Any], **limits: object) -> Any:
        return json.loads(json.dumps(children[module](folder, dict(request))))

    monkeypatch.setattr("core.datasets.reading.ask", ask)
    monkeypatch.setattr("core.datasets.building_child.ask", ask)
