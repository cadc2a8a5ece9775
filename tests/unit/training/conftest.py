import json
import shutil
from pathlib import Path

import pytest

from tests.unit.training.tiny import build_base


@pytest.fixture(scope="session")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_base(tmp_path_factory.mktemp("training") / "tiny-bert")


@pytest.fixture(scope="session")
def exact_dir(base_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny base model without dropout, which would draw otherwise for passes of another size."""
    folder = tmp_path_factory.mktemp("exact") / "tiny-bert"
    shutil.copytree(base_dir, folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return folder
