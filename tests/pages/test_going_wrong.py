"""The report tells which kinds of messages go wrong and what would help, and opens their rows."""

import io

import pytest

from core.domain.model import ModelVersion
from core.evaluation.slices import Slice, SliceKind
from core.workspace import Workspace
from pages.components.slices import sentence_of
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text
from tests.study_seeds import KEYWORDS, publish, rows


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    """Rows that came from `*app*` stand under the next category, so that they are answered wrong."""
    names = list(KEYWORDS)
    lines = ["text,label,source"]
    for i, (text, label) in enumerate(rows(300)):
        is_app = i % 4 == 0
        lines.append(f"{text},{names[(names.index(label) + is_app) % 3]},{'*app*' if is_app else 'mail'}")
    upload = workspace.receive_upload(io.BytesIO("\n".join(lines).encode()), "tickets.csv")
    return publish(workspace, workspace.add_dataset(upload, text_column="text", label_column="label"))


def test_a_kind_that_goes_wrong_is_a_sentence_that_opens_its_rows(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    test = open_page("report", model=str(model.id))
    assert not test.exception
    [slice] = workspace.slices(model.id)
    button = test.button(key=f"slice_{model.id}_{slice.key}")
    assert button.label.startswith("“source” is “\\*app\\*”: right on")
    button.click().run()
    assert not test.exception
    assert test.query_params["slice"] == slice.key
    shown = [table.value for table in test.dataframe if len(table.value) == slice.n and "row" in table.value]
    assert any(((table["row"] - 2) % 4 == 0).all() for table in shown)
    wrong = (shown[-1]["label"] != shown[-1]["predicted"]).tolist()
    assert wrong == sorted(wrong, reverse=True)


def test_advice_stands_with_its_reason_in_both_languages(
    workspace: Workspace, model: ModelVersion, open_page: OpenPage
) -> None:
    advice = workspace.advice(model.id)
    assert advice
    said = all_text(open_page("report", model=str(model.id)))
    assert "What would help the weakest categories" in said
    assert all(str(one.step) in said for one in advice)
    chinese = all_text(open_page("report", lang="zh_CN", model=str(model.id)))
    assert "怎样改进最弱的类别" in chinese and "答错更多的消息类型" in chinese


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (SliceKind.SHORT, "12", "Texts of at most 12 characters"),
        (SliceKind.LONG, "90", "Texts of 90 characters or more"),
        (SliceKind.LANGUAGE, "zh", "Texts in Chinese"),
        (SliceKind.LANGUAGE, "other", "Texts in other languages"),
        (SliceKind.NUMBERS, "", "Texts with numbers"),
        (SliceKind.LINKS, "", "Texts with links"),
        (SliceKind.WORD, "![x]", r"Texts with “\!\[x\]”"),
    ],
)
def test_every_kind_has_its_words(kind: SliceKind, value: str, said: str) -> None:
    one = Slice(kind=kind, column="", value=value, rows=(), n=30, n_wrong=16, right_elsewhere=0.92, p=0.001)
    assert sentence_of(one) == f"{said}: right on 14 of 30 (47%); elsewhere 92%"
