"""What twenty people watching one live run cost the server: its CPU as a share of one core. Target: under a half.

The server is the real one (`streamlit run app.py`) on a temporary workspace. Simulated are the training, whose points are
written through the store as a worker writes them, and nineteen of the viewers: each holds a real Streamlit session
over its websocket, repeats the page's two-second fragment as the browser does, and polls the chart's route once a
second. The twentieth is a real browser, which also shows that the curve grows in the same node and keeps its zoom.

    python benchmarks/live_viewers.py [--viewers 20] [--seconds 30] [--no-browser]     # JSON on stdout
"""

import argparse
import asyncio
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.domain.job import Job, Stage
from core.domain.message import msg
from core.jobs import folders, locks
from core.settings import Settings
from core.store.store import Store
from tests.pages import training_seeds as seeds

PROJECT_DIR = Path(__file__).resolve().parent.parent
STEPS_PER_SECOND = 10
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]


class Training(threading.Thread):
    """Writes what a worker would: once a second the new points, the progress and the live sentence."""

    def __init__(self, store: Store, job: Job, first_step: int) -> None:
        super().__init__(daemon=True)
        self.store, self.job, self.step, self.over = store, job, first_step, threading.Event()

    def run(self) -> None:
        while not self.over.wait(1.0):
            last = self.step + STEPS_PER_SECOND
            self.store.runs.record(
                self.job.id,
                self.job.attempt,
                points=seeds.curve(self.step + 1, last),
                live_sentence=msg("Right on {right} of 100 check-up examples, still improving.", right=last % 100),
            )
            self.step = last
            self.store.jobs.progress(
                self.job.id, self.job.attempt, stage=Stage.TRAINING, percent=last % 90, seconds_left=(60.0, 120.0)
            )


class Viewer:
    """One open tab without a screen: a session with its repeating fragment, and the chart's polling."""

    def __init__(self, port: int, job: Job) -> None:
        self.port, self.job = port, job
        self.n_fragments = self.n_polls = self.n_points = 0

    async def watch(self, over: asyncio.Event) -> None:
        await asyncio.gather(self._session(over), self._polls(over))

    async def _session(self, over: asyncio.Event) -> None:
        uri = f"ws://localhost:{self.port}/_stcore/stream"
        async with websockets.connect(uri, subprotocols=["streamlit"], max_size=None) as connection:
            await connection.send(self._rerun())
            repeats: dict[str, asyncio.Task[None]] = {}
            ended = asyncio.create_task(over.wait())
            while not over.is_set():
                received = asyncio.create_task(connection.recv())
                await asyncio.wait({received, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not received.done():
                    received.cancel()
                    break
                message = ForwardMsg.FromString(received.result())
                self.n_fragments += message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
                if message.WhichOneof("type") == "auto_rerun" and message.auto_rerun.fragment_id not in repeats:
                    wanted = message.auto_rerun
                    repeats[wanted.fragment_id] = asyncio.create_task(
                        self._repeat(connection, wanted.fragment_id, wanted.interval)
                    )
            for task in repeats.values():
                task.cancel()

    async def _repeat(self, connection: Any, fragment_id: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await connection.send(self._rerun(fragment_id))

    def _rerun(self, fragment_id: str = "") -> bytes:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = f"job={self.job.id}", "runs"
        state.fragment_id, state.is_auto_rerun = fragment_id, bool(fragment_id)
        state.context_info.locale, state.context_info.timezone = "en-US", "UTC"
        content: bytes = message.SerializeToString()
        return content

    async def _polls(self, over: asyncio.Event) -> None:
        connection, cursor = http.client.HTTPConnection("localhost", self.port, timeout=30), 0
        while not over.is_set():
            answer = await asyncio.to_thread(self._poll, connection, cursor)
            cursor = answer["cursor"]
            self.n_polls += 1
            self.n_points += sum(map(len, answer["points"].values()))
            await asyncio.sleep(1.0)

    def _poll(self, connection: http.client.HTTPConnection, cursor: int) -> dict[str, Any]:
        connection.request("GET", f"/api/runs/{self.job.run_id}/points?after={cursor}")
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer


def watch_in_browser(port: int, job: Job, seconds: float) -> dict[str, Any]:
    """Open the live page, zoom in, and look again at the end."""
    from playwright.sync_api import sync_playwright

    look = """() => {
        const node = document.querySelector('.live-chart');
        return { points: node.data[0].x.length, last: node.data[0].x.at(-1),
                 range: node.layout.xaxis.range, same: node.tunedeskMark === 1,
                 words: document.querySelector('.live-chart-summary').textContent };
    }"""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://localhost:{port}/runs?job={job.id}")
        page.wait_for_function("document.querySelector('.live-chart')?.data?.[0].x.length > 0", timeout=60_000)
        page.evaluate("document.querySelector('.live-chart').tunedeskMark = 1")
        page.evaluate("Plotly.relayout(document.querySelector('.live-chart'), {'xaxis.range': [5, 50]})")
        first = page.evaluate(look)
        page.wait_for_timeout(seconds * 1000)
        last = page.evaluate(look)
        browser.close()
    return {
        "points_before": first["points"],
        "points_after": last["points"],
        "same_node": last["same"],
        "zoom_kept": last["range"] == [5, 50],
        "summary": last["words"],
    }


def serve(home: Path, port: int) -> "subprocess.Popen[bytes]":
    """The dashboard, once it answers."""
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"],
        cwd=PROJECT_DIR,
        env=os.environ | {"TUNEDESK_HOME": str(home)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit((home / "server.log").read_text())
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2).close()
            return process
        except OSError:
            time.sleep(0.1)
    process.terminate()
    raise SystemExit("the server did not answer within a minute")


async def measure(port: int, server: psutil.Process, job: Job, n_viewers: int, seconds: float, browser: bool) -> Any:
    over = asyncio.Event()
    viewers = [Viewer(port, job) for _ in range(n_viewers - browser)]
    tabs = [asyncio.create_task(viewer.watch(over)) for viewer in viewers]
    seen = asyncio.create_task(asyncio.to_thread(watch_in_browser, port, job, seconds + 8)) if browser else None
    await asyncio.sleep(8)  # every page drawn once, the browser started

    def spent() -> float:
        times = server.cpu_times()
        return times.user + times.system

    def done() -> tuple[int, int]:
        return sum(v.n_fragments for v in viewers), sum(v.n_polls for v in viewers)

    began, cpu, before = time.monotonic(), spent(), done()
    await asyncio.sleep(seconds)
    wall, cpu, after = time.monotonic() - began, spent() - cpu, done()
    in_browser = await seen if seen else None
    over.set()
    await asyncio.gather(*tabs)
    return {
        "viewers": n_viewers,
        "seconds": round(wall, 1),
        "share_of_a_core": round(cpu / wall, 3),
        "target": 0.5,
        "fragment_runs_a_second": round((after[0] - before[0]) / wall, 1),
        "polls_a_second": round((after[1] - before[1]) / wall, 1),
        "points_drawn": sum(v.n_points for v in viewers),
        "server_memory_mb": round(server.memory_info().rss / 2**20),
        "browser": in_browser,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        # While this lock is held no real worker starts, which would find that nobody is on the simulated job.
        worker_lock = locks.take(folders.worker_lock_path(settings))
        assert worker_lock is not None
        store = Store.open(settings.database_path)
        job = seeds.running_run(store, seeds.add_dataset(store), steps=60)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = serve(settings.home, port)
        training = Training(store, job, 60)
        training.start()
        try:
            server = psutil.Process(process.pid)
            result = asyncio.run(measure(port, server, job, options.viewers, options.seconds, not options.no_browser))
        finally:
            training.over.set()
            training.join()
            process.terminate()
            process.wait(timeout=20)
            os.close(worker_lock)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
