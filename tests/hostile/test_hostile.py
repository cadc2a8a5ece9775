"""Every kind of file that a business has: refused in a sentence, asked about, told, or read without a word."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.datasets.building import build_dataset
from core.datasets.reading import RawTable, read_preview, read_raw
from core.domain.dataset import DatasetSpec, Finding, Severity, Upload
from core.errors import UserError
from tests.hostile.building_blocks import Case
from tests.hostile.excel_cases import EXCEL_CASES
from tests.hostile.text_cases import TEXT_CASES

CASES = [*TEXT_CASES, *EXCEL_CASES]
RESPONSES = {Severity.BLOCKING: "refuse", Severity.WARNING: "ask", Severity.NOTE: "note"}


def test_there_are_more_kinds_than_the_hundred_we_know():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 140


@dataclass
class Seen:
    """What a person is shown from upload to data set."""

    response: str
    sentence: str = ""
    findings: list[Finding] = field(default_factory=list)
    names: tuple[str, ...] = ()
    cells: list[tuple[str, ...]] = field(default_factory=list)


def look(tmp_path: Path, case: Case) -> Seen:
    def upload(content: bytes, filename: str) -> Upload:
        sha256 = hashlib.sha256(content).hexdigest()
        (tmp_path / sha256).write_bytes(content)
        return Upload(sha256=sha256, filename=filename, n_bytes=len(content))

    file = upload(case.bytes(), case.name)
    exam = upload(case.exam.encode(), "exam.csv") if case.exam else None
    tables = tmp_path / "tables"
    seen = Seen(response="ok")
    try:
        preview = read_preview(tmp_path / file.sha256, file.filename, cache_dir=tables)
        seen.findings += preview.notices
        with read_raw(tmp_path / file.sha256, file.filename, preview.format, cache_dir=tables) as raw:
            seen.names, seen.cells = raw.names, _cells(raw)
        if case.built:
            dataset = build_dataset(
                DatasetSpec(upload=file, format=preview.format, exam_upload=exam),
                uploads_dir=tmp_path,
                datasets_dir=tmp_path / "datasets",
                tables_dir=tables,
                progress=lambda stage: None,
            )
            seen.findings += dataset.findings
    except UserError as refusal:
        assert refusal.hint is not None
        seen.response, seen.sentence = "refuse", str(refusal)
        return seen
    severities = {finding.severity for finding in seen.findings}
    seen.response = next((RESPONSES[severity] for severity in RESPONSES if severity in severities), "ok")
    return seen


def _cells(raw: RawTable) -> list[tuple[str, ...]]:
    if raw.columns.num_columns > 100:
        return []
    return list(zip(*(raw.columns.column(place).to_pylist() for place in range(len(raw.names))), strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_person_sees_what_the_file_deserves(tmp_path, in_this_process, case):
    seen = look(tmp_path, case)
    told = [(finding.code, finding.severity.value) for finding in seen.findings]
    assert seen.response == case.response, (told, seen.sentence)
    assert not case.code or case.code in {finding.code for finding in seen.findings}, told
    if case.cells is not None:
        assert seen.cells == [tuple(record) for record in case.cells]
    if case.names is not None:
        assert seen.names == tuple(case.names)
    for finding in seen.findings:
        assert "{" not in str(finding.message).replace("{", "", str(finding.message).count("“{"))


@pytest.mark.parametrize("name", ["good.csv", "ghost.xlsx", "slip.xlsx", "several.zip", "gbk.csv"])
def test_the_limited_child_sees_the_same(tmp_path, name):
    case = next(case for case in CASES if case.name == name)
    assert look(tmp_path, case).response == case.response
