"""Versions of a table: each is its upload and an ordered list of repairs, and none ever changes."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.domain.dataset import Dataset, Upload
from core.domain.repair import Effect, Operation
from core.errors import BadData, NotFound, NotPossible
from core.settings import Settings
from core.workspace import Workspace

pytestmark = pytest.mark.usefixtures("in_this_process")

Rows = Sequence[tuple[str, str]]
GOOD: Rows = [
    (f"please help me with case number {i} about my {word}", word) for i in range(15) for word in ("card", "loan")
]
MESSY: Rows = [*GOOD, ("  the card was swallowed ", "Card "), ("a loan, jo@example.com", "loan"), ("is it free", "n/a")]
MERGE = Operation(name="merge_labels", params={"labels": ["Card"], "into": "card"})
CLEAN = Operation(name="clean_texts", params={})
MASK = Operation(name="mask_personal_data", params={"kinds": ["email"]})
BLANK = Operation(name="blank_labels", params={"labels": ["n/a"]})


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(Settings(home=tmp_path / "home"))
    yield workspace
    workspace.close()


def receive(
    workspace: Workspace, rows: Rows, name: str = "may.csv", header: Sequence[str] = ("message", "topic")
) -> Upload:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([header, *rows])
    return workspace.receive_upload(io.BytesIO(buffer.getvalue().encode()), name)


def add(workspace: Workspace, rows: Rows, name: str = "may.csv", label_column: str = "topic") -> Dataset:
    upload = receive(workspace, rows, name)
    return workspace.add_dataset(upload, text_column="message", label_column=label_column)


def set_label(workspace: Workspace, dataset: Dataset, label: str, *rows: int) -> Operation:
    from core.datasets.operations.base import refs_of

    found = workspace.dataset_rows(dataset.id, row_numbers=rows)
    refs = refs_of("practice", found["row"].tolist(), found["text"].tolist())
    return Operation(name="set_label", params={"label": label, "rows": refs})


def labels_of(workspace: Workspace, dataset: Dataset, *rows: int) -> list[str]:
    return list(workspace.dataset_rows(dataset.id, row_numbers=rows)["label"])


def test_repairs_are_done_in_order_undone_singly_and_all_versions_stay(workspace: Workspace) -> None:
    origin = add(workspace, MESSY)
    repaired = workspace.repair(origin.id, MERGE, MASK, BLANK)
    assert repaired.effects == (Effect(n_changed=1), Effect(n_changed=1), Effect(n_changed=1))
    assert repaired.label_counts == {"card": 16, "loan": 16}
    assert (repaired.n_rows, repaired.family) == (origin.n_rows, origin.id)
    without = workspace.undo(repaired.id, 2)
    assert without.operations == (MERGE, BLANK)
    texts = workspace.dataset_rows(without.id, row_numbers=[33])["text"]
    assert texts.tolist() == ["a loan, jo@example.com"]
    with pytest.raises(NotFound, match="no repair number 3"):
        workspace.undo(without.id, 3)
    assert workspace.dataset(origin.id).operations == () and workspace.dataset(repaired.id) == repaired
    assert {version.id for version in workspace.versions(without.id)} == {origin.id, repaired.id, without.id}


def test_the_same_repairs_are_the_same_version_however_one_comes_to_them(workspace: Workspace) -> None:
    origin = add(workspace, MESSY)
    repaired = workspace.repair(origin.id, MERGE, BLANK)
    assert workspace.undo(workspace.repair(repaired.id, MASK).id, 3).id == repaired.id
    as_tuples = Operation(name="merge_labels", params={"labels": ("Card",), "into": "card"})
    assert workspace.repair(origin.id, as_tuples, BLANK).id == repaired.id
    assert workspace.repair(origin.id, BLANK, MERGE).id != repaired.id
    assert workspace.reset(repaired.id).id == origin.id
    assert workspace.versions(origin.id)[-1].id == origin.id, "the one that was gone back to is the latest again"
    with pytest.raises(NotPossible, match="changes nothing"):
        workspace.reset(origin.id)
    assert add(workspace, MESSY).id == origin.id


def test_two_families_never_mix(workspace: Workspace) -> None:
    rows = [(text, label) for text, label in GOOD]
    upload = receive(workspace, [(text, label, f"team {len(label) % 3 + i % 2}") for i, (text, label) in enumerate(rows)],
                     header=("message", "topic", "team"))  # fmt: skip
    by_topic = workspace.add_dataset(upload, text_column="message", label_column="topic")
    by_team = workspace.add_dataset(upload, text_column="message", label_column="team")
    one, other = workspace.repair(by_topic.id, CLEAN, BLANK), workspace.repair(by_team.id, CLEAN, BLANK)
    assert one.id != other.id
    assert {d.id for d in workspace.versions(one.id)} == {by_topic.id, one.id}
    assert {d.id for d in workspace.versions(by_team.id)} == {by_team.id, other.id}


def test_next_months_file_is_offered_the_repairs_and_rows_are_found_by_their_texts(workspace: Workspace) -> None:
    may = add(workspace, MESSY)
    more = receive(workspace, [("an added row about a loan", "loan")], "extra.csv")
    corrected = workspace.repair(may.id, MERGE, MASK, set_label(workspace, may, "loan", 2))
    corrected = workspace.append(corrected.id, more)
    june = add(workspace, [("call me about the card", "card"), MESSY[0], *GOOD[3:], ("new", "Card ")], "june.csv")
    elsewhere = workspace.add_dataset(
        receive(workspace, GOOD, "other.csv", ("text", "topic")), text_column="text", label_column="topic"
    )
    assert workspace.repairs_for(elsewhere.id) == []
    (offered,) = workspace.repairs_for(june.id)
    assert offered.id == corrected.id
    listed = json.loads(json.dumps(workspace.export_operations(offered.id)))
    assert listed["columns"] == {"text": ["message"], "label": "topic"}
    assert [one.name for one in workspace.not_replayed(listed)] == ["append"]
    replayed = workspace.replay(june.id, listed)
    assert [one.name for one in replayed.operations] == ["merge_labels", "mask_personal_data", "set_label"]
    assert replayed.effects == (Effect(n_changed=1), Effect(), Effect(n_changed=1))
    assert labels_of(workspace, replayed, 2, 3) == ["card", "loan"], "found by its text, in another row"
    assert workspace.repairs_for(replayed.id) == []


@pytest.mark.parametrize(
    "listed",
    [
        {},
        {"operations": "all"},
        {"operations": ["merge_labels"]},
        {"operations": [{"name": "merge_labels"}]},
        {"operations": [{"name": "merge_labels", "params": {"labels": 1, "into": "x"}}]},
        {"operations": [{"name": "rm -rf", "params": {}}]},
        {"format": 99, "operations": []},
    ],
)
def test_what_is_no_list_of_repairs_is_refused_and_nothing_is_kept(workspace: Workspace, listed: dict) -> None:  # type: ignore[type-arg]
    origin = add(workspace, GOOD)
    with pytest.raises(BadData):
        workspace.replay(origin.id, listed)
    assert workspace.datasets() == [origin]


def test_a_repair_that_no_longer_fits_is_named_with_its_place_and_the_old_version_stays(workspace: Workspace) -> None:
    origin = add(workspace, GOOD)
    stranger = receive(workspace, [("a", "b")], "strange.csv", ("body", "kind"))
    repaired = workspace.repair(origin.id, CLEAN, BLANK)
    with pytest.raises(BadData, match=r"Repair 3, “append”, cannot be done on this table. strange.csv has no column"):
        workspace.append(repaired.id, stranger)
    with pytest.raises(BadData, match="Repair 3, “merge_labels”, makes no sense"):
        workspace.repair(repaired.id, Operation(name="merge_labels", params={}))
    assert {d.id for d in workspace.datasets()} == {origin.id, repaired.id}


def test_added_rows_go_on_counting_and_copies_are_set_aside(workspace: Workspace) -> None:
    origin = add(workspace, GOOD)  # rows 2 to 31
    more = receive(
        workspace, [("a new question about the card", "card"), GOOD[0], ("", ""), ("odd", "new")], "june.csv"
    )
    longer = workspace.append(origin.id, more)
    assert longer.effects == (Effect(n_added=3),)
    frame = workspace.dataset_rows(longer.id, file="practice")
    assert frame["row"].tolist() == [*range(2, 34), 35], "row 34 is blank"
    assert frame["set_aside"].tolist()[30:] == ["", "duplicate", "rare_label"]
    blank = next(finding for finding in longer.findings if finding.code == "blank_row")
    assert blank.rows == (34,)


def test_corrections_stay_with_their_rows_when_an_earlier_addition_is_undone(workspace: Workspace) -> None:
    origin = add(workspace, GOOD)
    first = receive(workspace, [(f"june asks {i} for a card", "card") for i in range(3)], "june.csv")
    second = receive(workspace, [(f"july asks {i} for a loan", "loan") for i in range(3)], "july.csv")
    both = workspace.append(workspace.append(origin.id, first).id, second)
    corrected = workspace.repair(both.id, set_label(workspace, both, "card", 36), set_label(workspace, both, "loan", 2))
    assert workspace.dataset_rows(corrected.id, row_numbers=[36])["text"].tolist() == ["july asks 1 for a loan"]
    shorter = workspace.undo(corrected.id, 1)
    assert [one.name for one in shorter.operations] == ["append", "set_label", "set_label"]
    assert labels_of(workspace, shorter, 2, 32, 33, 34) == ["loan", "loan", "card", "loan"]
    neither = workspace.undo(shorter.id, 1)
    assert neither.effects == (Effect(), Effect(n_changed=1))


def test_corrections_hold_when_the_text_was_masked_before(workspace: Workspace) -> None:
    origin = add(workspace, MESSY)
    masked = workspace.repair(origin.id, MASK)
    corrected = workspace.repair(masked.id, set_label(workspace, masked, "card", 33))
    unmasked = workspace.undo(corrected.id, 1)
    assert labels_of(workspace, unmasked, 33) == ["card"]


def test_two_versions_are_compared_row_by_row(workspace: Workspace) -> None:
    origin = add(workspace, MESSY)
    drop = Operation(name="drop_labels", params={"labels": ["n/a"]})
    more = receive(workspace, [("an added row about a loan", "loan")], "extra.csv")
    after = workspace.append(workspace.repair(origin.id, MERGE, MASK, drop).id, more)
    found = workspace.compare_versions(origin.id, after.id)
    assert (found.before, found.after, found.by_text) == (origin.id, after.id, False)
    assert [one.name for one in found.operations_after] == [
        "merge_labels",
        "mask_personal_data",
        "drop_labels",
        "append",
    ]
    assert found.operations_before == ()
    (masked,) = found.text_changed.rows
    assert (masked.row, masked.before_text, masked.after_text) == (33, "a loan, jo@example.com", "a loan, [email]")
    assert {row.row for row in found.added.rows} == {32, 35}, "row 32 was the only one of its category"
    assert found.label_counts["loan"] == (16, 17) and found.label_counts["card"] == (15, 16)
    assert found.n_exam_before == origin.split_sizes["exam"] and found.n_exam_after == after.split_sizes["exam"]
    assert 0 < found.n_exam_kept <= found.n_exam_before
    assert ("rare_label", "practice") in found.findings_gone
    back = workspace.compare_versions(after.id, origin.id)
    assert (back.taken_out.count, back.added.count) == (found.added.count, found.taken_out.count)
    assert {row.reason for row in back.taken_out.rows} == {"rare_label", ""}
    same = workspace.compare_versions(after.id, after.id)
    assert not (same.added.count or same.taken_out.count or same.text_changed.count or same.label_changed.count)
    assert same.n_exam_kept == same.n_exam_before and same.n_moved == 0


def test_two_tables_are_compared_by_their_texts(workspace: Workspace) -> None:
    may = add(workspace, GOOD)
    june = add(workspace, [("one more question about a card", "card"), (GOOD[0][0], "loan"), *GOOD[1:20]], "june.csv")
    found = workspace.compare_versions(may.id, june.id)
    assert found.by_text
    assert (found.added.count, found.taken_out.count, found.text_changed.count) == (1, 10, 0)
    (relabeled,) = found.label_changed.rows
    assert (relabeled.row, relabeled.before_label, relabeled.after_label) == (3, "card", "loan")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_repaired_table_is_exported_with_every_row_and_safe_cells(
    workspace: Workspace, tmp_path: Path, suffix: str
) -> None:
    dataset = workspace.repair(add(workspace, [*MESSY, ("=1+1", "loan")]).id, MERGE, MASK)
    out = tmp_path / f"repaired{suffix}"
    assert workspace.export_dataset(dataset.id, out) == dataset.n_rows
    with out.open("rb") as file:
        upload = workspace.receive_upload(file, out.name)
    preview = workspace.preview(upload)
    assert preview.columns == ("text", "label", "row", "file", "split", "reason")
    assert preview.n_rows == dataset.n_rows
    if suffix == ".csv":
        assert out.read_bytes().startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
        assert rows[32][:4] == ["a loan, [email]", "loan", "33", "practice"]
        assert rows[33][4:] == ["", "Fewer than 2 examples of this category"]
        assert rows[34][0] == "'=1+1"
    again = workspace.add_dataset(upload)
    assert again.label_counts["card"] == dataset.label_counts["card"]
    with pytest.raises(NotPossible, match=r"\.xlsx or \.csv"):
        workspace.export_dataset(dataset.id, tmp_path / "repaired.ods")


def test_all_versions_are_deleted_with_the_files_that_nothing_else_needs(workspace: Workspace) -> None:
    may = add(workspace, GOOD)
    more = receive(workspace, MESSY, "june.csv")
    longer = workspace.append(may.id, more)
    june = workspace.add_dataset(more, text_column="message", label_column="topic")
    workspace.delete_dataset(longer.id)
    assert {d.id for d in workspace.datasets()} == {may.id, june.id}
    assert workspace.upload(more.sha256), "the other table rests on it"
    longer = workspace.append(may.id, more)
    workspace.delete_dataset(june.id)
    assert workspace.upload(more.sha256), "the added rows rest on it"
    assert workspace.repair(longer.id, CLEAN).effects[0] == Effect(n_added=len(MESSY))
    workspace.delete_dataset(longer.id, all_versions=True)
    assert workspace.datasets() == [] and list(workspace.settings.uploads_dir.iterdir()) == []


def test_versions_under_a_run_are_not_deleted(workspace: Workspace) -> None:
    origin = add(workspace, GOOD)
    repaired = workspace.repair(origin.id, CLEAN, BLANK)
    workspace.start_training(repaired.id, workspace.plan(repaired.id).recipe)
    with pytest.raises(NotPossible, match="1 training run rests"):
        workspace.delete_dataset(origin.id, all_versions=True)
    assert len(workspace.versions(origin.id)) == 2
    workspace.delete_dataset(origin.id)
    assert workspace.reset(repaired.id).id == origin.id, "it is made again"
