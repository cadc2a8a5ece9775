"""Each rule of advice on counts made for it."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.domain.model import EvaluationReport
from core.evaluation.advice import Action, advise
from core.evaluation.report import build_report

LABELS = ["a", "b", "c", "d", "e", "f"]
ENOUGH = dict.fromkeys(LABELS, 200)


def report(mistakes: dict[tuple[str, str], int], n: int = 20) -> EvaluationReport:
    """Each category is asked `n` times; of pairs (true, answered) so many were answered wrong."""
    true: list[str] = []
    answers: list[str] = []
    for label in LABELS:
        wrong = [answer for (of, answer), k in mistakes.items() if of == label for _ in range(k)]
        true += [label] * n
        answers += [*wrong, *[label] * (n - len(wrong))]
    proba = np.array([[answer == label for label in LABELS] for answer in answers], dtype=float)
    return build_report(LABELS, true, proba, threshold=0.5, majority_label="a", seconds=0.0)


MUTUAL = {("a", "b"): 5, ("b", "a"): 4}
ONE_WAY = {("a", "b"): 8}
SPREAD = {("a", label): 2 for label in "bcdef"}


@pytest.mark.parametrize(
    ("mistakes", "counts", "shares", "action", "said"),
    [
        (MUTUAL, ENOUGH, {"a": 0.2, "b": 0.2}, Action.RELABEL, "40 of its 200 examples likely stand here by mistake."),
        (MUTUAL, ENOUGH, None, Action.MERGE, "9 of its 9 mistakes are with “b”, in both directions."),
        (
            ONE_WAY,
            {**ENOUGH, "a": 12},
            {"a": 0.01},
            Action.MORE,
            "holds 12 examples of it; the usual category has 200.",
        ),
        (SPREAD, ENOUGH, None, Action.DEFINE, "Its 10 mistakes are spread over 5 other categories."),
        (ONE_WAY, ENOUGH, None, Action.MORE, "no other cause stands out"),
    ],
    ids=["relabel", "merge", "few", "define", "more"],
)
def test_the_first_rule_that_holds_is_told(
    mistakes: dict[tuple[str, str], int],
    counts: dict[str, int],
    shares: dict[str, float] | None,
    action: Action,
    said: str,
) -> None:
    advice = next(one for one in advise(report(mistakes), counts, shares) if one.label == "a")
    assert advice.action is action
    assert said in str(advice.reason)
    assert (advice.n_more > 0) == (action is Action.MORE)
    assert advice.other == ("b" if action is Action.MERGE else "")


def test_the_weakest_come_first_and_good_categories_get_no_advice() -> None:
    found: Sequence[str] = [one.label for one in advise(report({("c", "d"): 12, ("e", "f"): 6}), ENOUGH)]
    assert found[0] == "c" and {"a", "b"}.isdisjoint(found)
    assert advise(report({}), ENOUGH) == []
    assert advise(report({("a", "b"): 1}, n=3), ENOUGH) == []  # one mistake is an accident


def test_examples_are_asked_for_in_round_numbers_up_to_a_limit() -> None:
    few = next(one for one in advise(report(ONE_WAY), {**ENOUGH, "a": 12}) if one.label == "a")
    assert few.n_more == 90 and str(few.step) == "Add about 90 examples."
    many = next(one for one in advise(report(ONE_WAY), dict.fromkeys(LABELS, 5000)) if one.label == "a")
    assert many.n_more == 200


def test_of_two_categories_neither_is_merged() -> None:
    true = ["a"] * 20 + ["b"] * 20
    proba = np.array(
        [[i % 3 != 0, i % 3 == 0] for i in range(20)] + [[i % 4 == 0, i % 4 != 0] for i in range(20)], dtype=float
    )
    two = build_report(["a", "b"], true, proba, threshold=0.5, majority_label="a", seconds=0.0)
    assert {one.action for one in advise(two, {"a": 200, "b": 200})} == {Action.MORE}
