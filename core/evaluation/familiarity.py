"""What a bundle says of how well it tells what it was made for."""

import json
from pathlib import Path

from core.damage import reading_model
from core.domain.familiarity import FamiliarityReport

FAMILIARITY_FILE = "familiarity.json"


def load_familiarity(bundle_dir: Path) -> FamiliarityReport | None:
    """None where it was not measured. Raises DamagedModel."""
    path = bundle_dir / FAMILIARITY_FILE
    with reading_model(bundle_dir):
        return FamiliarityReport.from_json(json.loads(path.read_text())) if path.exists() else None
