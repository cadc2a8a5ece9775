"""When the memory is not enough: how it is recognised, how much there is, and giving it back."""

import errno
import gc

_WORDS = ("out of memory", "not enough memory", "can't allocate memory", "bad_alloc", "failed to allocate")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says so: Python's, the system's, or in the words of torch and onnxruntime."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's, without importing it
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _WORDS)


def free_bytes() -> int:
    """What programs may still take of the machine's memory."""
    import psutil

    return int(psutil.virtual_memory().available)


def free_unused() -> None:
    """Give back what nothing refers to any more, the graphics card's too."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
