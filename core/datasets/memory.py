"""Memory that was freed but not yet given back."""

import ctypes
import sys


def give_back() -> None:
    """Many small pieces that were freed leave holes, which the C library of Linux keeps until it is told."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
        if trim is not None:
            trim(0)
