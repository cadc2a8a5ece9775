"""`explain` and `words` on the released tiny model: their JSON is a contract, and their text can be read."""

import json
from pathlib import Path

import pytest

from core.settings import Settings
from core.terminal import main as terminal
from core.workspace import Workspace
from tests.pages.model_seeds import publish_model


@pytest.fixture
def model_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path))
    space = Workspace.open(Settings(home=tmp_path))
    published = publish_model(space)
    space.close()
    return str(published.id)


def test_explain_names_the_words_with_what_they_moved(model_id, capsys):
    assert terminal.main(["explain", model_id, "--text", "hello my money", "--against", "delivery", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["label"], told["against"], told["neighbours"]) == ("refund", "delivery", None)
    assert [word["text"] for word in told["words"]] == ["hello", "my", "money"]
    assert set(told["words"][0]) == {"text", "start", "end", "effect", "without"}
    assert max(told["words"], key=lambda word: word["effect"])["text"] == "money"


def test_explain_in_words_puts_the_strongest_first_and_says_what_it_is_worth(model_id, capsys):
    assert terminal.main(["explain", model_id, "--text", "hello my money"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("refund, ")
    assert told.index("money") < told.index("hello")
    assert "hints, not proof" in told


@pytest.mark.parametrize(
    ("argv", "code"), [(["--text", " "], "not_possible"), (["--text", "a", "--against", "lost"], "not_found")]
)
def test_what_cannot_be_explained_is_said(model_id, argv, code, capsys):
    assert terminal.main(["explain", model_id, *argv, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_words_lists_what_tells_the_answers_of_the_exam(model_id, capsys):
    assert terminal.main(["words", model_id, "--json"]) == 0
    words = json.loads(capsys.readouterr().out)["words"]
    assert set(words) <= {"refund", "delivery", "退款"}
