"""The real pages on a real, empty workspace, run by AppTest. `open_page("data", lang="zh_CN", upload=...)`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import PROJECT_DIR
from core.workspace import Workspace
from pages.components import navigation, session

OpenPage = Callable[..., AppTest]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace that the pages of this test see."""
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path / "home"))
    return session.workspace()


@pytest.fixture
def open_page(workspace: Workspace) -> OpenPage:
    """Open an address of the dashboard as a browser would: `open_page(page, lang=..., **query)`."""

    def open_page(page: str = "home", *, lang: str = "en", **query: str) -> AppTest:
        test = AppTest.from_file(str(PROJECT_DIR / "app.py"), default_timeout=60)
        test.context = {"locale": "zh-CN" if lang == "zh_CN" else "en-US", "timezone": "Europe/Berlin"}
        if page != "home":
            test.run()  # registers the pages
            test.switch_page(f"pages/{navigation.FILES[page]}")
        for name, value in query.items():
            test.query_params[name] = value
        return test.run()

    return open_page
