"""What helps a category most, where texts have several: by what it gets wrong and how many examples it has. Pure."""

from core.domain.message import Message, msg, nmsg
from core.domain.several import CategoryReport

ENOUGH = 50  #: examples from which a category is usable (core.datasets.supply)
GOOD_F1 = 0.9
APART = 0.1  #: between found and reliable, from which one of them is the weakness


def advice_for(one: CategoryReport, n_examples: int) -> Message:
    """The next step for a category with `n_examples` in all the data."""
    if not one.n:
        return msg("The exam has no example of it, so nothing is known: add some.")
    if one.f1 >= GOOD_F1:
        return msg("Nothing to do.")
    if n_examples < ENOUGH:
        return nmsg("Add {n} example: it has few.", "Add {n} examples: it has few.", ENOUGH - n_examples)
    if one.recall < one.precision - APART:
        return msg("Look at what was missed: do those texts say it? Add more like them.")
    if one.precision < one.recall - APART:
        return msg("Look at what was wrongly added: is the table right there?")
    return msg("Look at its mistakes below and add examples like them.")
