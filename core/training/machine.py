"""What this machine can compute with, told without torch."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    kind: str  #: "cuda", "mps" or "cpu": what "auto" will choose
    name: str  #: of the GPU or the processor, as its maker calls it
    n_cores: int  #: that this process may use
    memory_bytes: int  #: of the machine
    gpu_memory_bytes: int = 0


@cache
def detect_machine() -> Machine:
    """Ask the system once: `nvidia-smi` for a GPU, /proc for the rest."""
    import psutil

    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory_bytes = int(psutil.virtual_memory().total)
    gpu = _nvidia_gpu()
    if gpu is not None:
        return Machine(kind="cuda", name=gpu[0], n_cores=n_cores, memory_bytes=memory_bytes, gpu_memory_bytes=gpu[1])
    is_apple = sys.platform == "darwin" and os.uname().machine == "arm64"
    return Machine(kind="mps" if is_apple else "cpu", name=_cpu_name(), n_cores=n_cores, memory_bytes=memory_bytes)


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
