"""A model whose folder lost files, or all of them, says so in every verb; what needs no files goes on, and it can be deleted."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import UserError
from core.terminal import main as terminal
from core.workspace import Workspace
from tests.pages.model_seeds import publish_model

DAMAGES: dict[str, Callable[[Path], object]] = {
    "folder gone": shutil.rmtree,
    "model.json gone": lambda folder: (folder / "model.json").unlink(),
    "exam cut": lambda folder: (folder / "exam.parquet").write_bytes(b"PAR1 and no more"),
}


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path_factory.mktemp("home")))
    return Workspace.open()


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_verb_answers_or_says_what_is_missing(
    workspace: Workspace, damage: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = publish_model(workspace)
    DAMAGES[damage](workspace.settings.models_dir / str(model.id))
    table = tmp_path / "in.csv"
    table.write_text("text,label\nmy money please,refund\nwhere is it,delivery\n")
    number, file = str(model.id), str(table)
    commands = [
        ["models", "list"],
        ["models", "show", number],
        ["models", "policy", number],
        ["models", "compare", number, number],
        ["models", "weaknesses", number],
        ["predict", number, "--text", "my money"],
        ["predict", number, "--file", file, "--out", str(tmp_path / "out.csv")],
        ["evaluate", number, file],
        ["explain", number, "--text", "my money please"],
        ["words", number],
        ["study", "list", number],
        ["runs", "show", str(model.run_id)],
    ]
    for argv in commands:
        code = terminal.main(argv)
        said = capsys.readouterr()
        assert code in (0, 1), f"{argv}: {said.err}"
        if code == 1:
            assert "missing or damaged" in said.err or "is gone" in said.err, f"{argv}: {said.err}"
    assert workspace.verdict(model.id).headline
    workspace.save_policy(model.id, None)
    workspace.delete_model(model.id)
    assert not workspace.models()


def raised(verb: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        verb()
    return str(caught.value)


def test_what_is_told_says_what_to_do(workspace: Workspace) -> None:
    model = publish_model(workspace, copies=1)
    folder = workspace.settings.models_dir / str(model.id)
    (folder / "answers" / "checkup.safetensors").write_bytes(b"\x40")
    of_answers = raised(lambda: workspace.outlook(model.id))
    (folder / "model.json").unlink()
    for told in (
        of_answers,
        raised(lambda: workspace.rivals(model.id)),
        raised(lambda: workspace.predict(model.id, ["a"])),
    ):
        assert "Restore the models folder from a backup, or train the model again from its run." in told
