"""Thresholds come from the check-up, promises from the exam, and a promise holds on rows that nobody has seen."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.goal import Goal, Use, WorstMixUp
from core.domain.policy import NEVER, Handle, Policy
from core.evaluation.answered import UNREACHED
from core.evaluation.policy import Curve, Outcomes, most_wrong, promise_of, rows_needed
from core.evaluation.promises import least_automatic, savings_of, sentence_of, shortfall

LABELS = ("refund", "delivery", "other")


def outcomes(n: int, seed: int, skill: float = 6.0) -> Outcomes:
    """Calibrated answers of a model: one that says 0.8 is right 8 times of 10."""
    rng = np.random.default_rng(seed)
    confidence = 0.34 + 0.66 * rng.beta(skill, 1.0, n)
    answer = rng.integers(0, 3, n)
    target = np.where(rng.random(n) < confidence, answer, (answer + rng.integers(1, 3, n)) % 3)
    return Outcomes(labels=LABELS, confidence=confidence, answer=answer, target=target)


def test_the_bound_is_the_quantile_of_a_beta_binomial() -> None:
    from scipy.stats import betabinom

    for wrong, seen, coming in [(0, 59, 1000), (14, 720, 720), (3, 50, 200), (49, 50, 10), (0.4, 30.5, 77)]:
        assert most_wrong(wrong, seen, coming) == betabinom.ppf(0.95, coming, wrong + 1, seen - wrong)
    assert most_wrong(5, 5, 10) == 10
    assert most_wrong(0, 0, 10) == 10
    assert most_wrong(1, 100, 0) == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(1, 400), st.integers(1, 500))
def test_more_mistakes_never_promise_less_and_more_rows_never_more(wrong: int, more: int, coming: int) -> None:
    seen = wrong + more
    bound = most_wrong(wrong, seen, coming)
    assert bound <= most_wrong(wrong + 1, seen + 1, coming)
    assert bound >= most_wrong(wrong, seen + 50, coming)


@pytest.mark.parametrize("handle", [Handle.MISTAKES, Handle.SHARE])
def test_what_was_promised_is_exceeded_in_one_of_ten_cases_at_most(handle: Handle) -> None:
    n_exceeded = n_made = 0
    for seed in range(100):
        checkup, exam, fresh = (outcomes(n, 3 * seed + i) for i, n in enumerate((150, 300, 300)))
        policy = Curve(checkup, exam, goal=Goal()).policy(handle, 10 if handle is Handle.MISTAKES else 60)
        promise, automatic = promise_of(exam, policy), fresh.automatic(policy)
        if promise.n_auto:
            n_made += 1
            n_wrong = int((automatic & (fresh.answer != fresh.target)).sum())
            n_exceeded += n_wrong > most_wrong(promise.n_wrong, promise.n_auto, int(automatic.sum()))
    assert n_made > 80
    assert n_exceeded <= 0.1 * n_made


def test_the_threshold_does_not_know_the_exams_answers() -> None:
    checkup, exam = outcomes(300, 1), outcomes(500, 2)
    wrong = Outcomes(labels=LABELS, confidence=exam.confidence, answer=exam.answer, target=(exam.answer + 1) % 3)
    for handle, value in ((Handle.MISTAKES, 10), (Handle.SHARE, 50)):
        policies = [Curve(checkup, one, goal=Goal()).policy(handle, value) for one in (exam, wrong)]
        assert policies[0] == policies[1]


def test_who_allows_more_mistakes_automates_more() -> None:
    curve = Curve(outcomes(500, 1), outcomes(1500, 2), goal=Goal())
    thresholds = [curve.policy(Handle.MISTAKES, allowed).threshold for allowed in (0.5, 3, 8, 12, 50)]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[0] == NEVER and thresholds[-1] < 0.6


def test_the_share_that_is_asked_for_is_about_what_comes() -> None:
    curve, fresh = Curve(outcomes(500, 1), outcomes(1000, 2), goal=Goal()), outcomes(1000, 3)
    for share in (0, 30, 70, 100):
        assert fresh.automatic(curve.policy(Handle.SHARE, share)).mean() == pytest.approx(share / 100, abs=0.06)


def test_every_point_of_the_curve_is_what_its_policy_does() -> None:
    overrides = {"refund": 0.9, "other": NEVER}
    asked = outcomes(400, 2)
    exam = replace(asked, confidence=np.where(np.arange(400) < 40, UNREACHED, asked.confidence))
    curve = Curve(
        outcomes(300, 1), exam, goal=Goal(worst=WorstMixUp(truth="other", answer="refund")), overrides=overrides
    )
    assert [p.n_auto for p in curve.promises] == sorted(p.n_auto for p in curve.promises)
    for threshold, promise in list(zip(curve.thresholds, curve.promises, strict=True))[::25]:
        policy = Policy(threshold=float(threshold), overrides=overrides)
        assert promise == promise_of(exam, policy, curve.goal.worst)
    automatic = exam.automatic(Policy(threshold=0.0, overrides=overrides))
    assert not (automatic & (exam.answer == 2)).any() and not automatic[:40].any() and automatic[40:].any()


def test_the_worst_mix_up_makes_the_policy_stricter_and_counts_in_the_promise() -> None:
    checkup, exam = outcomes(500, 1), outcomes(1500, 2)
    worst = WorstMixUp(truth="refund", answer="other", weight=10)
    plain, weighted = (
        Curve(checkup, exam, goal=goal).policy(Handle.MISTAKES, 12) for goal in (Goal(), Goal(worst=worst))
    )
    assert weighted.threshold > plain.threshold
    promise = promise_of(exam, plain, worst)
    assert promise.counted == promise.n_wrong + 9 * promise.n_worst
    assert promise.about > promise_of(exam, plain).about
    assert "mistakes count as" in str(sentence_of(promise, Goal()))


def test_what_is_recommended_keeps_its_own_limit_when_the_exam_goes_as_the_check_up_did() -> None:
    worst = WorstMixUp(truth="refund", answer="other", weight=10)
    for seed in range(20):
        rows = outcomes(1500, seed, 14)
        policy = Curve(rows, rows, goal=Goal(worst=worst, allowed=20)).recommended()
        promise = promise_of(rows, policy, worst)
        assert promise.n_auto and shortfall(promise, 20) is None


def test_texts_that_are_none_of_the_categories_leave_fewer_automatic_rows_to_promise_by() -> None:
    checkup, exam = outcomes(800, 1, 14), outcomes(400, 2, 14)
    unlike = replace(exam, confidence=np.where(np.arange(400) % 2 == 0, UNREACHED, exam.confidence))
    whole, half = (Curve(checkup, one, goal=Goal(allowed=7)).recommended() for one in (exam, unlike))
    assert half.threshold > whole.threshold  # 200 rows promise less than 400


def test_weighted_mistakes_are_never_called_answers_that_were_wrong() -> None:
    right = np.arange(200) % 2
    exam = Outcomes(labels=LABELS, confidence=np.full(200, 0.9), answer=np.zeros(200, int), target=right)
    worst = WorstMixUp(truth="delivery", answer="refund", weight=10)
    said = str(shortfall(promise_of(exam, Policy(threshold=0.5), worst), 5))
    assert said.startswith(
        "Per 100 automatic answers the exam counts 500.0 mistakes, the worst mix-up as 10, and there"
    )


@pytest.mark.parametrize(
    ("use", "words"), [("fill", "go automatic"), ("suggest", "get a suggestion"), ("watch", "are counted for sure")]
)
def test_weighted_mistakes_are_told_in_the_words_of_the_use(use: str, words: str) -> None:
    worst = WorstMixUp(truth="refund", answer="other", weight=10)
    promise = promise_of(outcomes(500, 2), Policy(threshold=0.5), worst)
    said = str(sentence_of(promise, Goal(use=Use(use), worst=worst)))
    assert f"{words} (mistakes count as about {promise.about:,}, at most {promise.at_most:,})" in said


def test_known_costs_choose_what_saves_most() -> None:
    checkup, exam = outcomes(2000, 1), outcomes(2000, 2)
    cheap = Curve(checkup, exam, goal=Goal(wrong_cost=2, reading_cost=1)).recommended()
    dear = Curve(checkup, exam, goal=Goal(wrong_cost=20, reading_cost=1)).recommended()
    assert cheap.threshold < dear.threshold
    assert dear.threshold == pytest.approx(0.95, abs=0.03)  # a calibrated answer is worth it from 1 - 1/20 on


def test_what_is_recommended_keeps_within_the_limit_though_its_share_is_told_in_whole_percents() -> None:
    for seed in range(30):
        goal = Goal(wrong_cost=2, reading_cost=1, allowed=6)
        curve = Curve(outcomes(2000, 3 * seed), outcomes(2000, 3 * seed + 1), goal=goal)
        policy, loosest = curve.recommended(), curve.policy(Handle.MISTAKES, 6)
        assert policy.threshold >= loosest.threshold
        assert policy.value == round(policy.value or 0) and policy.threshold in curve.thresholds


def test_savings_are_money_a_month_with_their_pessimistic_end() -> None:
    exam = Outcomes(
        labels=LABELS, confidence=np.full(1000, 0.9), answer=np.zeros(1000, int), target=np.repeat([0, 1], [990, 10])
    )
    goal = Goal(wrong_cost=20, reading_cost=1, n_messages=5000)
    saved = savings_of(promise_of(exam, Policy(threshold=0.5)), goal)
    assert saved is not None and saved.a_month
    assert saved.about == pytest.approx(5000 * (1 - 20 * 0.01))
    assert 5000 * (1 - 20 * 0.03) < saved.at_least < saved.about
    assert savings_of(promise_of(exam, Policy(threshold=0.95)), goal) is None
    assert savings_of(promise_of(exam, Policy(threshold=0.5)), Goal(reading_cost=1)) is None


def test_rows_that_would_do_are_enough_and_hardly_more_than_needed() -> None:
    needed = rows_needed(0.05, share=0.7, rate=0.02)
    assert needed is not None

    def bound(n: float) -> float:
        return most_wrong(0.02 * 0.7 * n, 0.7 * n, 700) / 700

    assert bound(needed) <= 0.05 < bound(0.9 * needed)
    assert rows_needed(0.05, share=0.7, rate=0.05) is None
    assert least_automatic(0.05) == 59


def test_a_promise_that_cannot_be_made_says_what_would_help() -> None:
    def of(n: int, n_wrong: int) -> str:
        target = (np.arange(n) < n_wrong).astype(int)
        exam = Outcomes(labels=LABELS, confidence=np.full(n, 0.9), answer=np.zeros(n, int), target=target)
        return str(shortfall(promise_of(exam, Policy(threshold=0.5)), 5))

    assert of(300, 2) == "None"
    assert of(30, 0).startswith(
        "30 of 30 exam examples would be automatic: too few to promise at most 5 mistakes in 100."
    )
    assert "label more: with about" in of(100, 3)
    nothing = promise_of(outcomes(400, 1), Policy(threshold=NEVER))
    assert str(shortfall(nothing, 5)).startswith("Nothing goes automatic: no threshold keeps")
    assert of(200, 30).endswith("you allow 5. Automate less.")


def test_no_number_of_rows_is_named_that_would_not_do() -> None:
    def of(n: int, weight: float) -> str:
        exam = Outcomes(
            labels=LABELS, confidence=np.full(n, 0.9), answer=np.zeros(n, int), target=(np.arange(n) < 1).astype(int)
        )
        worst = WorstMixUp(truth="delivery", answer="refund", weight=weight)
        promise = promise_of(exam, Policy(threshold=0.5), worst)
        assert promise.n_worst == 1
        return str(shortfall(promise, 5))

    assert "exam examples would do" in of(40, 1)
    assert of(40, 5).endswith("too few to promise at most 5 mistakes in 100.")
    assert of(100, 5).endswith("you allow 5. Automate less.")
    for n in range(60, 400, 5):  # never fewer than the exam has
        found = re.search("about ([0-9,]+) exam examples instead", of(n, 1))
        assert found is None or int(found[1].replace(",", "")) > n


def test_nothing_is_promised_of_an_empty_exam() -> None:
    nothing = Outcomes.of(LABELS, np.zeros((0, 3)), [])
    promise = promise_of(nothing, Policy(threshold=0.5))
    assert (promise.share, promise.next_auto, promise.at_most) == (0, 0, 0)
    assert shortfall(promise, 5) is not None
    assert len(Curve(nothing, nothing, goal=Goal()).promises) == 1
