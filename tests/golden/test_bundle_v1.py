"""A model of format 1, kept as released, opens for ever and gives the probabilities it gave then."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.prediction.predictor import Predictor
from core.settings import PROJECT_DIR

HERE = Path(__file__).parent
BUNDLE = HERE / "bundle_v1"


def test_bundle_v1_gives_the_stored_probabilities():
    stored = json.loads((HERE / "bundle_v1.json").read_text(encoding="utf-8"))
    predictor = Predictor.load(BUNDLE)
    assert list(predictor.labels) == stored["labels"]
    assert predictor.threshold == 0.5
    proba = predictor.predict_proba(stored["texts"])
    assert proba.shape == (len(stored["texts"]), 3)
    assert proba == pytest.approx(np.array(stored["proba"]), abs=1e-4)  # processors differ in the last digits


@pytest.mark.parametrize("name", ["model.json", "draft/draft.safetensors", "fine_tuned/classifier.onnx"])
def test_damaged_bundle_is_refused(tmp_path, name):
    bundle = shutil.copytree(BUNDLE, tmp_path / "7")
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(UserError, match="model 7 are missing or damaged"):
        Predictor.load(bundle)


def test_answering_needs_no_torch():
    code = (
        "import sys; from pathlib import Path; from core.prediction.cache import load_predictor\n"
        f"load_predictor(Path({str(BUNDLE)!r})).predict(['my money please'])\n"
        "print(sorted({'torch', 'transformers', 'sklearn', 'pandas', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
