"""The goal, the policy and the verdict through the workspace and the terminal: chosen, saved, obeyed everywhere."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.goal import Goal, Use, WorstMixUp
from core.domain.model import ModelVersion
from core.domain.policy import NEVER, Handle
from core.errors import NotFound, NotPossible
from core.evaluation.comparing import RivalKind, difference_of
from core.evaluation.verdict import Readiness
from core.settings import load
from core.terminal import main as terminal
from core.workspace import Workspace
from tests.pages.model_seeds import publish_model


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path / "home"))
    workspace = Workspace.open(load())
    yield workspace
    workspace.close()


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return publish_model(workspace)


def test_a_saved_policy_is_obeyed_by_every_answer(workspace: Workspace, model: ModelVersion) -> None:
    [before] = workspace.predict(model.id, ["my money please"])
    assert before.sure
    outlook = workspace.outlook(model.id, handle=Handle.SHARE, value=60, overrides={"refund": NEVER})
    workspace.save_policy(model.id, outlook.policy)
    [refused, other] = workspace.predict(model.id, ["my money please", "我要退款"])
    assert not refused.sure and other.sure
    saved = workspace.outlook(model.id)
    assert saved.is_saved and saved.policy == outlook.policy
    workspace.save_policy(model.id, None)
    assert workspace.predict(model.id, ["my money please"])[0].sure
    assert not workspace.outlook(model.id).is_saved


def test_a_slider_moves_what_is_automatic(workspace: Workspace, model: ModelVersion) -> None:
    shares = [workspace.outlook(model.id, handle=Handle.SHARE, value=value).promise.share for value in (0, 35, 70, 100)]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    nothing = workspace.outlook(model.id, handle=Handle.MISTAKES, value=0.1)
    assert nothing.policy.threshold == NEVER and nothing.promise.n_auto == 0


def test_a_goal_changes_the_verdict_of_the_tables_models(workspace: Workspace, model: ModelVersion) -> None:
    workspace.set_goal(model.dataset_id, Goal(allowed=50))
    assert workspace.verdict(model.id).readiness is Readiness.AUTOMATE
    workspace.set_goal(model.dataset_id, Goal(use=Use.SUGGEST))
    assert workspace.verdict(model.id).readiness is Readiness.SUGGEST
    with pytest.raises(NotFound, match="no category “gold”"):
        workspace.set_goal(model.dataset_id, Goal(worst=WorstMixUp(truth="gold", answer="refund")))
    with pytest.raises(NotPossible, match=r"0\.1 to 50"):
        workspace.set_goal(model.dataset_id, Goal(allowed=80))


def test_a_mix_up_that_the_model_cannot_make_weighs_nothing(workspace: Workspace, model: ModelVersion) -> None:
    """A later version of the table may have lost a category, or an older model never had it."""
    plain = workspace.outlook(model.id, handle=Handle.SHARE, value=100).promise
    family = workspace.dataset(model.dataset_id).family
    workspace._store.goals.put(family, Goal(worst=WorstMixUp(truth="gold", answer="refund")))
    outlook = workspace.outlook(model.id, handle=Handle.SHARE, value=100)
    assert outlook.promise == plain and outlook.goal == Goal()
    workspace.set_goal(model.dataset_id, Goal(worst=WorstMixUp(truth="delivery", answer="refund")))
    weighed = workspace.outlook(model.id, handle=Handle.SHARE, value=100).promise
    assert weighed.weight == 10 and weighed.at_most > plain.at_most


def test_rivals_sat_the_same_exam(workspace: Workspace, model: ModelVersion) -> None:
    biggest, keywords, draft = workspace.rivals(model.id)
    assert [one.kind for one in (biggest, keywords, draft)] == [RivalKind.BIGGEST, RivalKind.KEYWORDS, RivalKind.DRAFT]
    assert (biggest.n_right, keywords.n_right, draft.n_right) == (30, 90, 30)
    assert str(difference_of(biggest)) == "This model is right on 40 more: a real difference."
    assert str(difference_of(keywords)) == "This model is right on 20 fewer: a real difference."
    newer = publish_model(workspace)
    older = workspace.rivals(newer.id)[-1]
    assert older.kind is RivalKind.OLDER and older.model is not None and older.model.id == model.id
    assert str(difference_of(older)) == "Right equally often."
    other_exam = publish_model(workspace, copies=4)
    assert all(one.kind is not RivalKind.OLDER for one in workspace.rivals(other_exam.id))


def test_a_bundle_of_earlier_keeps_its_threshold_and_says_train_again(
    workspace: Workspace, model: ModelVersion
) -> None:
    shutil.rmtree(workspace._model_dir(model.id) / "answers")
    outlook = workspace.outlook(model.id)
    assert (outlook.curve, outlook.policy.threshold) == (None, model.threshold)
    assert outlook.promise.n_exam == 90
    assert "Train again to choose" in str(outlook.fixed_because)
    with pytest.raises(NotPossible, match="Train again"):
        workspace.outlook(model.id, handle=Handle.SHARE, value=50)
    assert [one.kind for one in workspace.rivals(model.id)] == [RivalKind.BIGGEST]


def test_without_the_model_s_files_the_report_stays_and_the_rest_says_what_is_gone(
    workspace: Workspace, model: ModelVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(workspace._model_dir(model.id))
    assert workspace.verdict(model.id).headline
    for verb in (
        workspace.outlook,
        workspace.rivals,
        workspace.exam_rows,
        workspace.telling_words,
        workspace.slices,
    ):
        with pytest.raises(NotFound, match="answered in its exam is gone"):
            verb(model.id)
    assert terminal.main(["models", "show", str(model.id), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["outlook"], shown["rivals"]) == (None, [])


def test_the_terminal_sets_a_goal_and_saves_a_policy(
    workspace: Workspace, model: ModelVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*argv: str) -> dict[str, object]:
        assert terminal.main([*argv, "--json"]) == 0
        answer: dict[str, object] = json.loads(capsys.readouterr().out)
        return answer

    goal = ask("goal", "set", model.dataset_id, "--messages", "5000", "--wrong-cost", "8", "--reading-cost", "1")
    assert (goal["n_messages"], goal["limit"]) == (5000, 12.5)
    assert ask("goal", "set", model.dataset_id, "--wrong-cost", "open")["limit"] == 5
    found = ask("models", "policy", str(model.id), "--share", "70", "--own", "refund=never", "--save")
    assert found["is_saved"] and found["policy"]["overrides"] == {"refund": NEVER}  # type: ignore[index]
    assert workspace.model(model.id).policy is not None
    shown = ask("models", "show", str(model.id))
    assert len(shown["rivals"]) == 3 and shown["verdict"]["readiness"] == "suggest"  # type: ignore[arg-type, index]
    assert not ask("predict", str(model.id), "--text", "my money please")["sure"]
    assert terminal.main(["models", "policy", str(model.id), "--own", "refund"]) == 1
    assert "no threshold of a category" in capsys.readouterr().err
    assert terminal.main(["models", "show", str(model.id)]) == 0
    assert "Of the next 1,000 messages" in capsys.readouterr().out


def test_the_terminal_tells_what_is_in_use_beside_what_is_only_recommended(
    workspace: Workspace, model: ModelVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*argv: str) -> str:
        assert terminal.main(["models", "policy", str(model.id), *argv]) == 0
        return capsys.readouterr().out

    told = ask()
    assert "This is not in use yet: nothing goes automatic. Use it with --save." in told
    assert "In use now, as training chose: answers from 50% sure on go automatic." in told
    assert told.count("Of the next 1,000 messages") == 2
    assert "not in use yet: only categories with a rule of their own go automatic" in ask("--own", "refund=0.4")
    told = ask("--own", "refund=0.4", "--save")
    assert "In use now, as you chose: only categories with a rule of their own go automatic." in told
    assert "not in use yet" not in told and "  refund: 40%" in told
