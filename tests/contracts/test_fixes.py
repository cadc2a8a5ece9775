"""What the checks offer mends what they found: on every hostile file, each fix of each finding takes the finding away."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from core.datasets.building import build_dataset
from core.domain.dataset import Dataset, DatasetSpec, Finding, Upload
from core.errors import UserError
from tests.hostile.building_blocks import Case
from tests.hostile.excel_cases import EXCEL_CASES
from tests.hostile.text_cases import TEXT_CASES

pytestmark = pytest.mark.usefixtures("in_this_process")

HUGE = ("5000_columns.csv", "cell_of_20_mb.csv")  # nothing in them that the small ones have not
CASES = [
    case
    for case in (*TEXT_CASES, *EXCEL_CASES)
    if case.built and case.response == "ask" and "bomb" not in case.name and case.name not in HUGE
]


def build(folder: Path, spec: DatasetSpec) -> Dataset:
    return build_dataset(
        spec,
        uploads_dir=folder / "uploads",
        datasets_dir=folder / "datasets",
        tables_dir=folder / "tables",
        progress=lambda stage: None,
    )


def spec_of(folder: Path, case: Case) -> DatasetSpec:
    def upload(content: bytes, filename: str) -> Upload:
        sha256 = hashlib.sha256(content).hexdigest()
        (folder / "uploads").mkdir(exist_ok=True)
        (folder / "uploads" / sha256).write_bytes(content)
        return Upload(sha256=sha256, filename=filename, n_bytes=len(content))

    exam = upload(case.exam.encode(), "exam.csv") if case.exam else None
    return DatasetSpec(upload=upload(case.bytes(), case.name), exam_upload=exam)


def same(finding: Finding, others: tuple[Finding, ...]) -> list[Finding]:
    return [other for other in others if (other.code, other.file) == (finding.code, finding.file)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_fix_takes_its_finding_away(tmp_path: Path, case: Case) -> None:
    try:
        dataset = build(tmp_path, spec_of(tmp_path, case))
    except UserError:
        pytest.skip("needs its columns to be chosen first")
    for finding in dataset.findings:
        for fix in finding.fixes:
            mended = build(tmp_path, replace(dataset.spec, operations=(fix.operation,)))
            effect = mended.effects[0]
            assert effect.n_changed + effect.n_removed > 0, (finding.code, fix.key)
            left = same(finding, mended.findings)
            fewer = len(finding.fixes) > 1 and finding.code == "similar_labels"  # one fix per group of names
            assert not left or (fewer and left[0].count < finding.count), (finding.code, fix.key)
