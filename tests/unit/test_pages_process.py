"""The pages' process stays light: it computes nothing, so it never imports what computes."""

import json
import subprocess
import sys
from pathlib import Path

from core.settings import PROJECT_DIR

HEAVY = ("torch", "transformers", "sklearn", "peft", "onnx", "scipy")

SCRIPT = """
import asyncio, json, sys
import app
from streamlit.testing.v1 import AppTest
from pages.components.navigation import FILES
app._warm()
test = AppTest.from_file("pages/router.py", default_timeout=120).run()
problems = [e.message for e in test.exception]
for file in list(FILES.values())[1:]:
    test.switch_page(file).run()
    problems += [e.message for e in test.exception]
heavy = sorted(name for name in sys.modules if name.partition(".")[0] in %r)
print(json.dumps({"heavy": heavy, "problems": problems}))
"""


def test_launcher_and_every_page_import_nothing_that_computes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT % (HEAVY,)],
        cwd=PROJECT_DIR,
        env={"TUNEDESK_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {"heavy": [], "problems": []}
