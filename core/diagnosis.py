"""What `python -m core doctor` tells: is everything here that a run needs, and is it what it should be?"""

import importlib.metadata
import platform
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from core import files
from core.domain.model import BaseModel
from core.settings import Settings
from core.store import Store

PACKAGES = (
    "streamlit", "torch", "transformers", "tokenizers", "safetensors", "peft", "pandas", "pyarrow", "numpy",
    "scikit-learn", "plotly", "sqlalchemy", "openpyxl", "python-calamine", "onnxruntime", "babel",
)  # fmt: skip


def diagnose(
    settings: Settings, store: Store, *, device: Mapping[str, Any], base_models: Sequence[BaseModel]
) -> dict[str, Any]:
    """One JSON-ready report. `problems` is empty when all is well."""
    packages = {name: _version(name) for name in PACKAGES}
    models = [
        {
            "name": model.name,
            "source": model.source,
            "sha256": model.sha256,
            "installed": model.installed,
            "unpacked": _unpacked(settings, model),
        }
        for model in base_models
    ]
    disk = shutil.disk_usage(settings.home)
    database = store.check()
    problems = [f"package {name} is not installed" for name, version in packages.items() if version is None]
    problems += [f"database: {database['integrity']}"] if database["integrity"] != "ok" else []
    problems += [f"base model {m['name']} is damaged; delete its folder" for m in models if m["unpacked"] == "damaged"]
    problems += ["less than 2 GB of disk left"] if disk.free < 2 << 30 else []
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
        "device": dict(device),
        "base_models": models,
        "disk": {"home": str(settings.home), "free_bytes": disk.free, "total_bytes": disk.total},
        "database": database,
        "problems": problems,
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _unpacked(settings: Settings, model: BaseModel) -> str:
    """ "no" (not used yet), "whole" or "damaged": the manifest's hashes are compared."""
    folders = sorted(settings.base_models_dir.glob(f"{model.name}-*")) if settings.base_models_dir.exists() else []
    folders = [f for f in folders if f.is_dir()]
    if not folders:
        return "no"
    return "whole" if all(files.is_whole(folder) for folder in folders) else "damaged"
