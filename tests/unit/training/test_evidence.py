import subprocess
import sys

from core.domain.search import Trial, TrialEnd
from core.training.evidence import what_helped

USUAL = {"learning_rate": 2e-4, "epochs": 10, "extras": ""}


def trial(number: int, gained: int | None, lost: int | None, **settings: object) -> Trial:
    return Trial(
        number=number,
        settings=USUAL | settings,
        end=TrialEnd.FINISHED,
        seconds=1.0,
        n_asked=1000,
        n_gained=gained,
        n_lost=lost,
    )


FIRST = trial(1, None, None)


def test_choices_that_won_stand_first_with_a_range_around_what_they_gained() -> None:
    gains = what_helped([FIRST, trial(2, 60, 20, extras="r_drop"), trial(3, 20, 45, learning_rate=1e-4)])
    assert [(gain.setting, gain.value, gain.usual) for gain in gains] == [
        ("extras", "r_drop", ""),
        ("learning_rate", 1e-4, 2e-4),
    ]
    best, worst = gains
    assert best.low < best.gain < best.high and 0.02 < best.gain < 0.04
    assert best.is_clear and worst.high < 0.01 and worst.gain < 0


def test_what_is_shared_by_two_trials_is_told_apart_by_a_third() -> None:
    both = trial(2, 60, 20, extras="r_drop", epochs=15)
    alone, together = what_helped([FIRST, both, trial(3, 58, 20, extras="r_drop")]), what_helped([FIRST, both])
    gain = {found.setting: found.gain for found in alone}
    assert gain["extras"] > 3 * abs(gain["epochs"])
    assert abs(together[0].gain - together[1].gain) < 1e-9


def test_few_examples_are_never_certain_and_more_of_them_narrow_the_range() -> None:
    few = Trial(
        number=2, settings=USUAL | {"epochs": 15}, end=TrialEnd.FINISHED, seconds=1.0, n_asked=40, n_gained=2, n_lost=0
    )
    [unsure], [sure] = what_helped([FIRST, few]), what_helped([FIRST, trial(2, 50, 0, epochs=15)])
    assert not unsure.is_clear and sure.is_clear
    assert unsure.high - unsure.low > sure.high - sure.low


def test_without_a_comparison_nothing_is_told() -> None:
    assert what_helped([]) == what_helped([FIRST]) == what_helped([FIRST, trial(2, None, None, epochs=15)]) == []


def test_pages_may_ask_without_torch() -> None:
    code = "import sys, core.training.evidence, core.training.search.minutes; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
