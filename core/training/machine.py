"""What this machine can compute with, told without torch."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.settings import job_threads

N_TIMINGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    kind: str  #: "cuda", "mps" or "cpu": what "auto" will choose
    name: str  #: of the GPU or the processor, as its maker calls it
    n_cores: int  #: that this process may use
    memory_bytes: int  #: of the machine
    gpu_memory_bytes: int = 0
    n_threads: int = 0  #: that a job computes with; 0: one for every core
    core_flops: float = 90e9  #: multiply-adds, counted as two, that one core does in a second in large fp32 matrices

    @property
    def threads(self) -> int:
        return self.n_threads or self.n_cores


@cache
def detect_machine() -> Machine:
    """Ask the system once: `nvidia-smi` for a GPU, /proc for the rest."""
    import psutil

    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory_bytes = int(psutil.virtual_memory().total)
    gpu = _nvidia_gpu()
    is_apple = sys.platform == "darwin" and os.uname().machine == "arm64"
    return Machine(
        kind="cuda" if gpu else "mps" if is_apple else "cpu",
        name=gpu[0] if gpu else _cpu_name(),
        n_cores=n_cores,
        memory_bytes=memory_bytes,
        gpu_memory_bytes=gpu[1] if gpu else 0,
        n_threads=job_threads(),
        core_flops=_core_flops(),
    )


def _core_flops() -> float:
    """Timed for about 30 ms: the best of a few multiplications, each short enough not to be interrupted."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    left, right = np.ones((256, 384), dtype=np.float32), np.ones((384, 768), dtype=np.float32)
    fastest = float("inf")
    with threadpool_limits(1):
        for _ in range(N_TIMINGS):
            started = time.perf_counter()
            left @ right
            fastest = min(fastest, time.perf_counter() - started)
    return 2 * left.size * right.shape[1] / fastest


def _nvidia_gpu() -> tuple[str, int] | None:
    """Name and memory of the first visible GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
        name, megabytes = answer.splitlines()[0].rsplit(",", 1)
        return name.strip(), int(megabytes) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def _cpu_name() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "CPU")
    except OSError:
        return "CPU"
