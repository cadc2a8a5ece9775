from pathlib import Path

import pytest

from tests.unit.training.tiny import build_base


@pytest.fixture(scope="session")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_base(tmp_path_factory.mktemp("techniques") / "tiny-bert")
