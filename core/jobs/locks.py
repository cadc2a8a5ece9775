"""Who is alive, told by the kernel: a file lock falls the moment its last holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path


def take(path: Path, *, patience_seconds: float = 0.0) -> int | None:
    """Lock `path` and return the descriptor that holds the lock, or None when a living process keeps it.

    The lock belongs to the open file: a child that inherits the descriptor holds it too. Close it to let go.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(0.05)


def is_held(path: Path) -> bool:
    if not path.exists():
        return False
    descriptor = take(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False
