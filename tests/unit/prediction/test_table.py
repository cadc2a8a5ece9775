"""A scored table is the table that came in, row for row, with three columns more, and harmless to open."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from core.datasets import writing
from core.domain.dataset import TableFormat
from core.domain.goal import Use
from core.domain.job import Wish
from core.domain.policy import NEVER, Policy
from core.errors import BadData, NotFound, NotPossible
from core.prediction.predictor import Predictor
from core.prediction.table import evaluate_file, score_file
from core.training.types import Cancelled

TABLE = """id,text,category,note
001,my money please,old,=1+1
002,,old,#N/A
,,,
004,我要退款,old,"two
lines"
005,my money please,old,@cmd
"""


def write(folder: Path, content: str, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def score(predictor, path: Path, out_path: Path, **options):
    settings = {"format": TableFormat(), **options}
    return score_file(predictor, path=path, filename=path.name, out_path=out_path, **settings)


def read_csv(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")  # Excel takes it for UTF-8 by this mark only
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_comes_back_with_the_same_rows_in_the_same_order(tmp_path, tiny_predictor):
    summary = score(tiny_predictor, write(tmp_path, TABLE), tmp_path / "out.csv")
    header, *rows = read_csv(tmp_path / "out.csv")
    assert header == ["id", "text", "category", "note", "category 2", "sure %", "action"]
    assert [row[0] for row in rows] == ["001", "002", "", "004", "005"]
    assert [row[1] for row in rows] == ["my money please", "", "", "我要退款", "my money please"]
    assert [row[3] for row in rows] == ["'=1+1", "#N/A", "", "two\nlines", "'@cmd"]
    assert rows[0][4:] == rows[4][4:] and rows[0][4] == "refund" and rows[0][6] == "automatic"
    assert rows[1][4:] == rows[2][4:] == ["", "", ""]
    assert rows[3][4] == "退款" and 50 < float(rows[3][5]) <= 100
    expected = {
        "n_rows": 5,
        "n_scored": 3,
        "n_blank": 2,
        "n_sure": 3,
        "label_counts": {"refund": 2, "delivery": 0, "退款": 1},
        "text_column": "text",
        "text_columns": ["text"],
    }
    assert {name: summary[name] for name in expected} == expected and summary["seconds"] > 0


def test_xlsx_keeps_text_as_text_and_writes_sure_as_a_number(tmp_path, tiny_predictor):
    score(tiny_predictor, write(tmp_path, TABLE), tmp_path / "out.xlsx", language="zh_CN")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    header, first, second, _blank, fourth, _fifth = sheet.iter_rows()
    assert all(cell.font.bold for cell in header) and sheet.freeze_panes == "A2"
    assert (first[0].value, first[0].data_type) == ("001", "s")
    assert (first[3].value, first[3].data_type) == ("'=1+1", "s")
    assert (second[3].value, second[3].data_type) == ("#N/A", "s")
    assert fourth[5].data_type == "n" and 50 < fourth[5].value <= 100
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["A"].width


def test_rows_below_the_threshold_go_to_a_person(tmp_path, tiny_predictor):
    path = write(tmp_path, "text\nmy money please\nnothing that it knows\n\u4f60\n")
    proba = tiny_predictor.predict_proba(["my money please", "nothing that it knows", "你"]).max(axis=1)
    n_sure = int((proba >= tiny_predictor.threshold).sum())
    summary = score(tiny_predictor, path, tmp_path / "out.csv")
    actions = [row[3] for row in read_csv(tmp_path / "out.csv")[1:]]
    assert summary["n_sure"] == n_sure == actions.count("automatic")
    assert summary["n_scored"] - n_sure == actions.count("to a person")


def test_a_policy_decides_by_category_and_the_goal_names_the_actions(tmp_path, tiny_predictor):
    path = write(tmp_path, "text\nmy money please\nwhen does it arrive\n\u9000\u6b3e\n")
    policy = Policy(threshold=0.0, overrides={"delivery": NEVER})
    for use, words in (
        ("fill", ("automatic", "to a person")),
        ("suggest", ("suggest", "to a person")),
        ("watch", ("count", "unsure")),
    ):
        summary = score(tiny_predictor.obeying(policy, Use(use)), path, tmp_path / "out.csv")
        rows = read_csv(tmp_path / "out.csv")[1:]
        assert {row[1]: row[3] for row in rows} == {"refund": words[0], "delivery": words[1], "退款": words[0]}
        assert (summary["n_sure"], summary["use"]) == (2, use)
    assert tiny_predictor.threshold == 0.5, "another policy leaves the loaded model as it was"


def test_cancelled_scoring_leaves_nothing_behind(tmp_path, tiny_predictor):
    path = write(tmp_path, "text\n" + "".join(f"where is {i}\n" for i in range(50)))
    for n_looks in (0, 1, 2):  # while the draft answers, the fine-tuned model, and while writing
        wishes = iter([Wish.NONE] * n_looks)
        with pytest.raises(Cancelled):
            score(tiny_predictor, path, tmp_path / "out.xlsx", should_stop=lambda w=wishes: next(w, Wish.CANCEL))
        assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_progress_rises_to_one(tmp_path, tiny_predictor):
    told: list[float] = []
    path = write(tmp_path, "text\n" + "".join(f"where is {i}\n" for i in range(500)))
    score(tiny_predictor, path, tmp_path / "out.csv", progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 3


def test_what_cannot_be_written_is_refused_before_the_work(tmp_path, tiny_predictor, monkeypatch):
    path = write(tmp_path, TABLE)
    with pytest.raises(NotPossible, match=r"not as \.pdf"):
        score(tiny_predictor, path, tmp_path / "out.pdf")
    monkeypatch.setattr(writing, "MAX_XLSX_ROWS", 5)
    with pytest.raises(NotPossible, match="holds 4 rows") as caught:
        score(tiny_predictor, path, tmp_path / "out.xlsx")
    assert str(caught.value.hint) == "Choose .csv instead."
    assert score(tiny_predictor, path, tmp_path / "out.csv")["n_rows"] == 5


def test_unknown_column_is_named_with_those_that_are_there(tmp_path, tiny_predictor):
    with pytest.raises(NotFound, match="no column named “message”") as caught:
        score(tiny_predictor, write(tmp_path, TABLE), tmp_path / "out.csv", text_columns=["message"])
    assert all(name in str(caught.value.hint) for name in ("id", "text", "category", "note"))


def test_table_without_texts_asks_for_the_column(tmp_path, tiny_predictor):
    with pytest.raises(BadData, match="looks like texts"):
        score(tiny_predictor, write(tmp_path, "number,price\n1,2.5\n2,3.5\n"), tmp_path / "out.csv")


def test_evaluation_asks_rows_with_text_and_label_and_counts_unknown_labels_as_wrong(tmp_path, tiny_predictor):
    rows = "my money please,refund\nmoney,refund\n我要退款,退款\n,refund\nparcel,\nthanks,complaint\n"
    report = evaluate_file(
        tiny_predictor,
        path=write(tmp_path, "message,topic\n" + rows),
        filename="in.csv",
        format=TableFormat(),
        usual_label_column="topic",
    )
    assert report.score.n == 4 and report.labels == ("refund", "delivery", "退款", "complaint")
    assert report.n_right == 3 and report.per_label[3].recall == 0.0
    assert report.majority.accuracy == 0.5


def test_evaluation_without_any_labeled_row_says_so(tmp_path, tiny_predictor):
    options = {"format": TableFormat(), "text_columns": ["text"], "label_column": "label"}
    with pytest.raises(BadData, match="both a text"):
        evaluate_file(tiny_predictor, path=write(tmp_path, "text,label\na,\n,b\n"), filename="in.csv", **options)


TWO_COLUMNS = "Title,Body,topic\nrefund,my money please,refund\n,我要退款,退款\nmy money please,  ,refund\n,,\n"


@pytest.fixture
def reads_two(tiny_predictor) -> Predictor:
    """A model that learned from two columns, as model.json tells."""
    about = {**tiny_predictor.about, "text_column": "Title + Body", "text_columns": ["Title", "Body"]}
    return Predictor(about, tiny_predictor._members)


def test_columns_the_model_learned_from_are_joined_where_the_file_has_them_all(tmp_path, reads_two):
    summary = score(reads_two, write(tmp_path, TWO_COLUMNS), tmp_path / "out.csv")
    assert (summary["text_column"], summary["text_columns"]) == ("Title + Body", ["Title", "Body"])
    assert (summary["n_rows"], summary["n_scored"]) == (3, 3)
    rows = read_csv(tmp_path / "out.csv")[1:]
    assert [row[3] for row in rows] == ["refund", "退款", "refund"]
    sure = reads_two.predict_proba(["refund\nmy money please", "我要退款", "my money please"]).max(axis=1)
    assert [float(row[4]) for row in rows] == pytest.approx([min(100 * p, 99.9) for p in sure], abs=0.06)


def test_a_file_without_all_of_them_is_read_by_the_column_asked_for_or_guessed(tmp_path, reads_two):
    path = write(tmp_path, "id,Body\n1,my money please\n2,where is my parcel today\n")
    assert score(reads_two, path, tmp_path / "out.csv")["text_columns"] == ["Body"]
    both = score(reads_two, path, tmp_path / "out.csv", text_columns=["body", "id"])
    assert (both["text_column"], both["text_columns"]) == ("Body + id", ["Body", "id"])


def test_evaluation_joins_the_same_columns(tmp_path, reads_two):
    path = write(tmp_path, TWO_COLUMNS)
    report = evaluate_file(reads_two, path=path, filename="in.csv", format=TableFormat(), usual_label_column="topic")
    assert (report.score.n, report.n_right) == (3, 3)


def test_a_bundle_that_names_one_column_only_is_read_by_it(tmp_path, tiny_predictor):
    assert "text_columns" not in tiny_predictor.about  # released before there were several
    path = write(tmp_path, "remark,text\nplease read the other column of this table,my money\n")
    assert score(tiny_predictor, path, tmp_path / "out.csv")["text_columns"] == ["text"]
