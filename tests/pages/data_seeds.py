"""Datasets for the Data page: a small messy table, checked, and findings of every severity put on record."""

import io
from dataclasses import replace

from core.domain.dataset import Dataset, Finding, Severity
from core.domain.message import msg
from core.domain.repair import Fix, Operation
from core.workspace import Workspace

TEXTS = {
    "delivery": "the parcel of order {n} never came",
    "payment": "I was charged twice for order {n}",
    "return": "how do I send order {n} back",
}


def add_table(workspace: Workspace, text: str, filename: str = "tickets.csv") -> Dataset:
    upload = workspace.receive_upload(io.BytesIO(text.encode()), filename)
    return workspace.add_dataset(upload, text_column="text", label_column="label")


def tickets(n_each: int = 12, start: int = 0) -> str:
    """Three categories, one of them under two spellings."""
    rows = [
        f"{text.format(n=n)},{label if n % 3 else label.title()}"
        for n in range(start, start + n_each)
        for label, text in TEXTS.items()
    ]
    return "text,label\n" + "\n".join(rows) + "\n"


def merge(name: str) -> Operation:
    return Operation(name="merge_labels", params={"labels": [name.title(), name], "into": name})


def with_findings(workspace: Workspace, dataset: Dataset, *findings: Finding) -> Dataset:
    """The same table on record with these findings instead of its own."""
    return workspace._store.datasets.add(replace(dataset, id="f" * 12, findings=findings))


def finding(
    code: str, severity: Severity, *fixes: Fix, message: str = "Something is odd.", file: str = "practice"
) -> Finding:
    return Finding(
        code=code, severity=severity, count=2, rows=(2, 3), message=msg(message), advice=msg("Mend it."), fixes=fixes,
        file=file,
    )  # fmt: skip


def merge_fix(name: str) -> Fix:
    return Fix(key=f"merge_{name}", title=msg("Merge “{name}”", name=name), operation=merge(name))
