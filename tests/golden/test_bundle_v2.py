"""A model of format 2, which reads long texts in windows, opens for ever and gives the probabilities it gave then."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.prediction.predictor import Predictor

HERE = Path(__file__).parent


def test_bundle_v2_gives_the_stored_probabilities() -> None:
    stored = json.loads((HERE / "bundle_v2.json").read_text(encoding="utf-8"))
    predictor = Predictor.load(HERE / "bundle_v2")
    assert (predictor.about["format"], predictor.about["long_texts"]) == (2, "windows")
    proba = predictor.predict_proba(stored["texts"])
    assert proba == pytest.approx(np.array(stored["proba"]), abs=1e-4)  # processors differ in the last digits


def test_a_long_text_is_read_to_its_end() -> None:
    predictor = Predictor.load(HERE / "bundle_v2")
    *_, long = json.loads((HERE / "bundle_v2.json").read_text(encoding="utf-8"))["texts"]
    without_end = long.replace("money", "order")
    assert abs(predictor.predict_proba([long]) - predictor.predict_proba([without_end])).max() > 0.01
