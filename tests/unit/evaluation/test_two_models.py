"""Two models, one exam: what is counted, what is told, and when a difference may be chance."""

from core.evaluation.two_models import Change, ExamAnswer, ModelComparison, compare_answers, verdict, where


def answers(*rows: tuple[str, str, str]) -> list[ExamAnswer]:
    return [
        ExamAnswer(row=i, text=text, label=label, predicted=said) for i, (text, label, said) in enumerate(rows, start=2)
    ]


def of(first: list[ExamAnswer], second: list[ExamAnswer]) -> ModelComparison:
    return compare_answers(first, second, names=("Old", "New"))


def made(n_both: int, n_first: int, n_second: int) -> ModelComparison:
    """So many examples both, only the first and only the second answered right."""
    kinds = [("a", "a")] * n_both + [("a", "b")] * n_first + [("b", "a")] * n_second
    rows = [(f"text {i}", "a") for i in range(len(kinds))]
    return of(
        answers(*((*row, one) for row, (one, _) in zip(rows, kinds, strict=True))),
        answers(*((*row, other) for row, (_, other) in zip(rows, kinds, strict=True))),
    )


def test_changed_answers_say_what_became_of_them() -> None:
    old = answers(("a1", "a", "b"), ("a2", "a", "a"), ("b1", "b", "a"), ("b2", "b", "b"))
    new = answers(("a1", "a", "a"), ("a2", "a", "c"), ("b1", "b", "c"), ("b2", "b", "b"))
    found = of(old, new)
    assert [(one.text, one.change) for one in found.changed] == [
        ("a1", Change.GAINED),
        ("a2", Change.LOST),
        ("b1", Change.OTHER),
    ]
    assert (found.n, found.n_first_right, found.n_second_right) == (4, 2, 2)


def test_only_what_both_were_asked_counts_and_a_corrected_category_is_left_out() -> None:
    old = answers(
        ("shared", "a", "a"), ("twice", "a", "a"), ("twice", "a", "b"), ("relabelled", "a", "a"), ("old", "a", "b")
    )
    new = answers(("new", "a", "a"), ("twice", "a", "a"), ("relabelled", "b", "b"), ("shared", "a", "b"))
    found = of(old, new)
    assert (found.n, found.n_relabeled, found.n_first_exam, found.n_second_exam) == (2, 1, 5, 4)
    assert (found.n_first_right, found.n_second_right) == (2, 1)


def test_categories_stand_from_the_most_gained_to_the_most_lost() -> None:
    rows = [(f"{label}{i}", label) for label in "abc" for i in range(4)]
    old = answers(*((*row, row[1] if row[1] != "c" else "a") for row in rows))
    new = answers(*((*row, row[1] if row[1] != "a" else "b") for row in rows))
    found = of(old, new)
    assert [(one.label, one.more) for one in found.labels] == [("c", 4), ("b", 0), ("a", -4)]
    assert [str(sentence) for sentence in where(found)] == [
        "“New” is better at: c (+4).",
        "“Old” is better at: a (+4).",
    ]


def test_the_verdict_tells_luck_from_a_difference() -> None:
    assert str(verdict(made(90, 5, 5))) == "Both are right on 95 of the 100 examples that both were asked."
    luck = str(verdict(made(90, 4, 6)))
    assert luck.startswith("“New” is right on 96 of the 100 examples") and "the other on 94" in luck
    assert "may be chance: only 10 examples tell them apart" in luck
    assert "“Old”" in str(verdict(made(90, 20, 2))) and "no accident" in str(verdict(made(90, 20, 2)))
    assert "hardly chance" in str(verdict(made(90, 2, 11)))


def test_nothing_in_common_is_told_as_such() -> None:
    assert of(answers(("a", "a", "a")), answers(("b", "a", "a"))).n == 0
