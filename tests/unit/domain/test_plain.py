import json

from core.domain.dataset import Dataset
from core.domain.job import JobFailure
from core.domain.message import msg
from core.domain.model import EvaluationReport
from core.domain.plain import from_plain, to_plain
from tests.unit.store.records import a_dataset, a_report


def test_records_survive_json() -> None:
    records = [
        (Dataset, a_dataset()),
        (EvaluationReport, a_report()),
        (JobFailure, JobFailure(code="x", message=msg("y"))),
    ]
    for kind, record in records:
        assert from_plain(kind, json.loads(json.dumps(to_plain(record)))) == record


def test_a_field_of_another_version_is_ignored_and_a_missing_one_takes_its_default() -> None:
    value = to_plain(a_dataset()) | {"invented_later": 1}
    del value["sample"]
    assert from_plain(Dataset, value).sample is None
