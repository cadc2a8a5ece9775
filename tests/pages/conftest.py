"""The real pages on a real, empty workspace, run by AppTest. `open_page("data", lang="zh_CN", dataset=...)`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.workspace import Workspace
from pages.components import navigation, session

OpenPage = Callable[..., AppTest]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace that the pages of this test see."""
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path / "home"))
    return session.workspace()


@pytest.fixture(autouse=True)
def _without_child_processes(in_this_process: None) -> None:
    """Pages are looked at here, not the children that their verbs start."""


@pytest.fixture
def open_page(workspace: Workspace) -> OpenPage:
    """Open an address as a browser that prefers `lang` would; `url_lang` is ?lang=, the rest is the query."""

    def open_page(page: str = "home", *, lang: str = "en", url_lang: str = "", **query: str) -> AppTest:
        # The router itself, not app.py: AppTest would take `pages/` beside app.py for pages without a router.
        test = AppTest.from_file(str(navigation.PAGES_DIR / "router.py"), default_timeout=60)
        test.context = {"locale": "zh-CN" if lang == "zh_CN" else "en-US", "timezone": "Europe/Berlin"}
        if url_lang:
            test.query_params["lang"] = url_lang
        if page != "home":
            test.run()  # registers the pages
            test.switch_page(navigation.FILES[page])
        for name, value in query.items():
            test.query_params[name] = value
        return test.run()

    return open_page
