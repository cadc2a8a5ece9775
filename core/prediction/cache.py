"""The models this process has open: loading takes a second, answering takes milliseconds."""

import threading
from collections import OrderedDict
from pathlib import Path

from core.files import MANIFEST
from core.prediction.predictor import Predictor

MAX_MODELS = 2

_lock = threading.Lock()
_open: "OrderedDict[tuple[Path, int], Predictor]" = OrderedDict()


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
