"""The verdict's rules, at and beside their borders."""

import pytest

from core.domain.goal import Goal, Use
from core.domain.model import EvaluationReport
from core.domain.run import Score
from core.evaluation.report import wilson
from core.evaluation.verdict import Readiness, judge, percent


def make_report(
    n_right: int,
    n: int,
    *,
    majority: float,
    n_sure: int,
    n_sure_right: int,
    interval: tuple[float, float] | None = None,
) -> EvaluationReport:
    accuracy = n_right / n if n else 0.0
    return EvaluationReport(
        score=Score(accuracy=accuracy, macro_f1=accuracy, n=n),
        n_right=n_right,
        interval=wilson(n_right, n),
        majority=Score(accuracy=majority, macro_f1=0.1, n=n),
        draft=None,
        labels=("a", "b"),
        per_label=(),
        confusion=((0, 0), (0, 0)),
        threshold=0.7,
        n_sure=n_sure,
        n_sure_right=n_sure_right,
        ece=0.02,
        seconds=1.0,
    )


def test_a_good_model_with_reliable_sure_answers_may_automate() -> None:
    verdict = judge(make_report(276, 300, majority=0.2, n_sure=216, n_sure_right=212))
    assert verdict.readiness is Readiness.AUTOMATE
    assert str(verdict.reason) == (
        "Of the next 1,000 messages 720 go automatic (about 13 wrong, at most 32), 280 to people."
    )
    assert verdict.caution is None


def test_sure_answers_that_are_often_wrong_are_only_suggested() -> None:
    verdict = judge(make_report(240, 300, majority=0.2, n_sure=250, n_sure_right=220))
    assert verdict.readiness is Readiness.SUGGEST
    assert "12.0 were wrong in the exam and 16.4 may be; you allow 5" in str(verdict.reason)


def test_a_model_that_is_hardly_ever_sure_is_only_suggested() -> None:
    verdict = judge(make_report(240, 300, majority=0.2, n_sure=50, n_sure_right=50))
    assert verdict.readiness is Readiness.SUGGEST
    assert "too few to automate" in str(verdict.reason)


def test_high_accuracy_close_to_the_biggest_category_is_not_ready() -> None:
    """91% right sounds good until one sees that always answering "ham" gives 87%."""
    verdict = judge(make_report(910, 1000, majority=0.87, n_sure=900, n_sure_right=880))
    assert verdict.readiness is Readiness.NOT_YET
    assert "87%" in str(verdict.reason)


def test_all_right_on_five_examples_is_not_ready_and_says_why() -> None:
    verdict = judge(make_report(5, 5, majority=0.5, n_sure=5, n_sure_right=5))
    assert verdict.readiness is Readiness.NOT_YET
    assert "5 examples; at least 20" in str(verdict.reason)
    assert verdict.caution is not None


def test_a_lucky_small_exam_close_to_the_biggest_category_is_not_ready() -> None:
    """24 of 25 halves the mistakes of a 88% majority, but may be as low as 80%."""
    verdict = judge(make_report(24, 25, majority=0.88, n_sure=25, n_sure_right=24))
    assert verdict.readiness is Readiness.NOT_YET
    assert "80%" in str(verdict.reason)


def test_the_same_share_is_trusted_further_with_more_examples() -> None:
    few = judge(make_report(18, 20, majority=0.5, n_sure=15, n_sure_right=15))
    many = judge(make_report(1800, 2000, majority=0.5, n_sure=1500, n_sure_right=1500))
    assert (few.readiness, many.readiness) == (Readiness.SUGGEST, Readiness.AUTOMATE)
    assert few.caution is not None and many.caution is None


def test_an_empty_exam_says_so() -> None:
    verdict = judge(make_report(0, 0, majority=0.0, n_sure=0, n_sure_right=0))
    assert verdict.readiness is Readiness.NOT_YET
    assert "0 examples" in str(verdict.reason)
    assert verdict.caution is None


def test_more_right_answers_never_make_the_verdict_worse() -> None:
    order = [Readiness.NOT_YET, Readiness.SUGGEST, Readiness.AUTOMATE]
    ranks = [
        order.index(judge(make_report(right, 200, majority=0.4, n_sure=right, n_sure_right=right)).readiness)
        for right in range(201)
    ]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 2}


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0%"),
        (0.0003, "0.1%"),
        (0.004, "0.4%"),
        (0.924, "92%"),
        (0.9967, "99.7%"),
        (0.99999, "99.9%"),
        (1.0, "100%"),
    ],
)
def test_percents_never_claim_all_or_nothing(ratio: float, text: str) -> None:
    assert percent(ratio) == text


def test_the_goal_decides_what_a_model_is_ready_for() -> None:
    report = make_report(276, 300, majority=0.2, n_sure=216, n_sure_right=212)
    suggest, watch = judge(report, Goal(use=Use.SUGGEST)), judge(report, Goal(use=Use.WATCH))
    assert suggest.readiness is watch.readiness is Readiness.SUGGEST
    assert "right for 92% of the messages, and at least 88%" in str(suggest.reason)
    assert str(watch.headline) == "Ready to keep watch: its answers can be counted"


def test_who_allows_fewer_mistakes_needs_a_bigger_exam() -> None:
    verdict = judge(make_report(276, 300, majority=0.2, n_sure=216, n_sure_right=212), Goal(allowed=3))
    assert verdict.readiness is Readiness.SUGGEST
    assert "as many as 4.4 may be wrong; you allow 3" in str(verdict.reason)
    assert "instead of 300" in str(verdict.reason)


def test_an_exam_too_small_for_the_promise_says_how_many_rows_would_do() -> None:
    verdict = judge(make_report(50, 50, majority=0.5, n_sure=40, n_sure_right=40))
    assert verdict.readiness is Readiness.SUGGEST
    assert "40 of 50 exam examples would be automatic: too few" in str(verdict.reason)
