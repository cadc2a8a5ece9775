"""A real server with a real worker on a temporary workspace, and Debian's chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from core import i18n
from core.settings import load
from core.workspace import Workspace

PROJECT_DIR = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 60_000  # generous: the machine may be busy
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("TUNEDESK_REQUIRE_BROWSER"):
            pytest.fail("chromium is not installed, and TUNEDESK_REQUIRE_BROWSER forbids skipping")
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[str]:
    """The dashboard's address. Its worker and their children are ended with it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"],
        cwd=PROJECT_DIR,
        env=os.environ | {"TUNEDESK_HOME": str(home)},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    url = f"http://localhost:{port}"
    try:
        _wait_until_it_answers(url, process, home / "server.log")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        log.close()
        _end_workers(home)


@pytest.fixture(scope="session")
def workspace(home: Path, server: str) -> Iterator[Workspace]:
    """The one that the server shows, for what a test prepares or looks up."""
    workspace = Workspace.open(replace(load(), home=home))
    yield workspace
    workspace.close()


def _wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}:\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not answer within a minute:\n{log.read_text()}")


def _end_workers(home: Path) -> None:
    """Workers live in sessions of their own on purpose; find those of this workspace by their environment."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("TUNEDESK_HOME") == str(home) and process.pid != os.getpid():
                process.kill()
        except (psutil.Error, OSError):
            continue


@pytest.fixture(params=["en-US", "zh-CN"], scope="session")
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """One for all tests of a language: what the browser keeps of the dashboard's own files is loaded and compiled once."""
    context = browser.new_context(
        locale=request.param,
        viewport={"width": 1440, "height": 900},
        accept_downloads=True,
        reduced_motion="reduce",  # without a graphics card every turn of a spinner is computed
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def language(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[str]:
    """Texts that a test looks up are those of the browser's language, named as the catalogs are."""
    with i18n.speaking(i18n.best_language(request.node.callspec.params["context"])):
        yield i18n.language()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()
