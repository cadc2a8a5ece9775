"""The one workspace of this process."""

from functools import lru_cache
from threading import Lock

from core import settings
from core.settings import Settings
from core.workspace import Workspace

_lock = Lock()


def workspace() -> Workspace:
    """The workspace that TUNEDESK_HOME names; opened once, shared by all sessions (it is thread-safe)."""
    with _lock:
        return _open(settings.load())


@lru_cache(maxsize=4)
def _open(where: Settings) -> Workspace:
    return Workspace.open(where)
