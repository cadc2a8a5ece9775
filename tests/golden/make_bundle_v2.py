"""Writes `bundle_v2/` and what it answers, `bundle_v2.json`: a tiny model that reads long texts in windows, in format 2.

Every later version must open it and give the same probabilities (`test_bundle_v2.py`). It is never written again:
a new format gets a folder of its own. Run as `python -m tests.golden.make_bundle_v2 FOLDER` to see how it was made.
"""

import json
import sys
from pathlib import Path

import numpy as np

from core.prediction.predictor import Predictor
from tests.golden.make_bundle_v1 import ASKED, LABELS, write_bundle

LONG = f"{'hello monday ' * 40} my money please"  # what decides stands at its end


def main(folder: Path) -> None:
    write_bundle(folder / "bundle_v2", folder / "work", "windows")
    texts = [*ASKED, LONG]
    proba = Predictor.load(folder / "bundle_v2").predict_proba(texts)
    answers = {"texts": texts, "labels": list(LABELS), "proba": np.round(proba, 9).tolist()}
    (folder / "bundle_v2.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
