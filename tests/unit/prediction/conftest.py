"""The released tiny bundle: real members, real ONNX files, 0.4 MB."""

from pathlib import Path

import pytest

from core.prediction.predictor import Predictor

BUNDLE = Path(__file__).parents[2] / "golden" / "bundle_v1"


@pytest.fixture(scope="session")
def bundle_dir() -> Path:
    return BUNDLE


@pytest.fixture(scope="session")
def tiny_predictor() -> Predictor:
    return Predictor.load(BUNDLE)
