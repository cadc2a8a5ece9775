"""Plain HTTP routes beside the pages: the points of a live curve, and plotly.js from the installed package.

They run no page script: twenty people watching one run cost twenty tiny answers a second, shared for half a second.
"""

import gzip
import json
import math
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.domain.run import (
    CHECKUP_ACCURACY,
    CHECKUP_LOSS,
    FINDER_LOSS,
    FINDER_RATE,
    GRADIENT_NORM,
    LEARNING_RATE,
    PRACTICE_LOSS,
    MetricPoint,
)
from core.errors import NotFound
from core.techniques import EXTRAS, TECHNIQUES
from core.workspace import Workspace
from pages.components.session import workspace

CURVES = frozenset({PRACTICE_LOSS, CHECKUP_LOSS, CHECKUP_ACCURACY})
#: drawn on demand: also what techniques and extras tell
MORE_CURVES = CURVES | {
    *(LEARNING_RATE, GRADIENT_NORM, FINDER_LOSS, FINDER_RATE),
    *(name for member in (*TECHNIQUES, *EXTRAS) for name, _title in member.signal_titles),
}
SHARED_SECONDS = 0.5  # viewers at the same cursor share one answer for this long
MAX_POINTS = 5000  # of one curve in one answer; longer ones are thinned to their peaks and valleys
PLOTLY_URL = f"/assets/plotly.min.js?v={version('plotly')}"

Curve = list[list[float]]


class CurveFeed:
    """Answers of the points route, shared between viewers of the same run at the same cursor."""

    def __init__(self) -> None:
        self._answers: dict[tuple[int, int, bool], tuple[float, bytes]] = {}
        self._locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)

    def answer(self, workspace: Workspace, run_id: int, after: int, *, more: bool = False) -> bytes:
        """The JSON for one poll. Raises NotFound when there is no such run."""
        key = (run_id, after, more)
        if (kept := self._fresh(key)) is not None:
            return kept
        with self._locks[run_id]:
            if (kept := self._fresh(key)) is not None:
                return kept
            body = read_points(workspace, run_id, after, more=more)
            now = time.monotonic()
            if len(self._answers) > 256:
                self._answers = {k: v for k, v in self._answers.items() if v[0] > now}
            self._answers[key] = (now + SHARED_SECONDS, body)
            return body

    def _fresh(self, key: tuple[int, int, bool]) -> bytes | None:
        expires, body = self._answers.get(key, (0.0, b""))
        return body if expires > time.monotonic() else None


def read_points(workspace: Workspace, run_id: int, after: int, *, more: bool = False) -> bytes:
    """{"cursor", "ended", "best_step", "points": {curve: [[step, value], ...]}} as JSON; with `more` of all curves.

    The run is read before its points: when it had ended by then, no point can be missing.
    """
    run = workspace.run(run_id)
    cursor, points = workspace.metric_points(run_id, after=after)
    curves = {name: thinned(curve) for name, curve in by_curve(points, MORE_CURVES if more else CURVES).items()}
    answer = {"cursor": cursor, "ended": not run.status.is_active, "best_step": run.best_step, "points": curves}
    return json.dumps(answer, separators=(",", ":")).encode()


def by_curve(points: Sequence[MetricPoint], names: Collection[str] = CURVES) -> dict[str, Curve]:
    """The curves of `names` as [step, value] pairs, without steps that a resumed run reported a second time."""
    curves: dict[str, Curve] = {}
    for point in points:
        if point.name not in names or not math.isfinite(point.value):
            continue
        curve = curves.setdefault(point.name, [])
        if not curve or point.step > curve[-1][0]:
            curve.append([point.step, float(f"{point.value:.5g}")])
    return curves


def thinned(curve: Curve, limit: int = MAX_POINTS) -> Curve:
    """At most about `limit` points: the lowest and the highest of each of equal slices, and the last one."""
    if len(curve) <= limit:
        return curve
    n_slices = limit // 2
    kept: Curve = []
    for i in range(n_slices):
        piece = curve[i * len(curve) // n_slices : (i + 1) * len(curve) // n_slices]
        ends = (min(piece, key=lambda p: p[1]), max(piece, key=lambda p: p[1]))
        kept.extend(sorted({(p[0], p[1]) for p in ends}))  # type: ignore[arg-type]
    if kept[-1][0] != curve[-1][0]:
        kept.append(curve[-1])
    return [list(p) for p in kept]


_feed = CurveFeed()


def points(request: Request) -> Response:
    """GET /api/runs/{run}/points?after=N: what was measured since cursor N; with more=1 also what is drawn on demand."""
    try:
        after = max(0, int(request.query_params.get("after", "0")))
    except ValueError:
        return JSONResponse({"error": "after must be a whole number"}, status_code=400)
    try:
        more = request.query_params.get("more") == "1"
        body = _feed.answer(workspace(), request.path_params["run"], after, more=more)
    except NotFound as error:
        return JSONResponse({"error": str(error)}, status_code=404)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@cache
def _plotly_js() -> tuple[bytes, bytes]:
    """As it is, and gzipped."""
    from plotly.offline import get_plotlyjs

    script = get_plotlyjs().encode()
    return script, gzip.compress(script, compresslevel=6)


def plotly_js(request: Request) -> Response:
    """GET /assets/plotly.min.js: the file of the installed plotly, compressed once, cached for ever by its version."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    script, gzipped = _plotly_js()
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(script, media_type="text/javascript", headers=headers)
    return Response(gzipped, media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})


routes = [Route("/api/runs/{run:int}/points", points), Route("/assets/plotly.min.js", plotly_js)]
