"""The launcher: `streamlit run app.py` serves the dashboard and keeps one worker alive. The pages start at pages/router.py."""

import asyncio
import gc
import logging
import runpy
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.api import routes

ROUTER = Path(__file__).resolve().parent / "pages" / "router.py"
log = logging.getLogger("tunedesk")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Open the workspace, keep a worker alive while the server runs, and warm what pages import while it answers."""
    from core.jobs.supervisor import keep_worker
    from pages.components.session import workspace

    opened = workspace()
    keeper = asyncio.create_task(keep_worker(opened.settings))
    warming = asyncio.create_task(asyncio.to_thread(_warm))
    try:
        yield
    finally:
        await warming
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


def _warm() -> None:
    """Import once what pages need, then take it out of every later garbage collection.

    Streamlit collects after each script run while holding the interpreter; with pandas and plotly unfrozen that is 80 ms.
    """
    import pandas
    import plotly.graph_objects

    plotly.graph_objects.Figure().add_scatter(x=[1], y=[1]).to_json()
    pandas.DataFrame({"a": [1]}).astype(str)
    gc.collect()
    gc.freeze()


def apologise(error: Exception) -> bool:
    """Our bug: the traceback goes to the log, the person gets a number to quote. True: Streamlit shows nothing more."""
    from core.i18n import gettext as _

    number = secrets.token_hex(4)
    log.error("log number %s", number, exc_info=error)
    st.error(
        _("Something went wrong on our side. Reload the page; if it happens again, report log number {number}.").format(
            number=number
        ),
        icon=":material/error:",
    )
    return True


app = st.App(
    ROUTER,
    lifespan=lifespan,
    on_script_error=apologise,
    routes=routes,
)

if __name__ == "__main__":
    if get_script_run_ctx(suppress_warning=True) is None:
        app.run()
    else:  # AppTest runs this file as the main script
        runpy.run_path(str(ROUTER), run_name="__main__")
