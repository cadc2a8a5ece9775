"""The models this process has open: loading takes a second, answering takes milliseconds. And texts to choose matches from."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from core.files import MANIFEST
from core.prediction.predictor import Predictor

if TYPE_CHECKING:
    from core.prediction.matching import Candidates

MAX_MODELS = 2
MAX_CANDIDATES = 2

_lock = threading.Lock()
_open: "OrderedDict[tuple[Path, int], Predictor]" = OrderedDict()
_candidates_lock = threading.Lock()
_candidates: "OrderedDict[Hashable, Candidates]" = OrderedDict()


def load_predictor(model_dir: Path) -> Predictor:
    """The predictor of a published bundle. The two used last stay open; one that was published anew is read again.

    Raises:
        UserError: see `Predictor.load`.
    """
    manifest = model_dir / MANIFEST
    key = (model_dir.resolve(), manifest.stat().st_mtime_ns if manifest.exists() else 0)
    with _lock:  # held while loading: two visitors of one model must not load it twice
        if key not in _open:
            _open[key] = Predictor.load(model_dir)
            while len(_open) > MAX_MODELS:
                _open.popitem(last=False)
        _open.move_to_end(key)
        return _open[key]


def kept_candidates(key: Hashable, make: "Callable[[], Candidates]") -> "Candidates":
    """What `make` gives, made once; the two asked for last are kept."""
    with _candidates_lock:
        if key not in _candidates:
            _candidates[key] = make()
            while len(_candidates) > MAX_CANDIDATES:
                _candidates.popitem(last=False)
        _candidates.move_to_end(key)
        return _candidates[key]
