"""Onnxruntime sessions as every part of Tunedesk opens them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FATAL = 4  # log severity: the library's warnings are about its own graph rewriting


def open_session(path: Path, *, n_threads: int = 0) -> "InferenceSession":
    """A CPU session on `path`. `n_threads` 0 takes every core this process may use."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads or len(os.sched_getaffinity(0))
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    # Waiting threads sleep: spinning took up to ten times the CPU when several jobs share the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
