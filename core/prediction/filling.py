"""A table filled in: same rows, same order, same columns, and behind them those that a model adds."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.datasets.reading import Table, read_table
from core.datasets.writing import Row, check_writable, write_table
from core.domain.dataset import TableFormat
from core.prediction.predictor import Progress
from core.training.types import Cancelled, ShouldStop

N_ROWS_BETWEEN_LOOKS = 2000  # while writing
SCORING = 0.9  # share of the progress; writing takes the rest


def open_to_fill(path: Path, filename: str, format: TableFormat, *, out_path: Path, n_added: int) -> Table:
    """The table, to which `n_added` columns can be added.

    Raises:
        UnreadableFile: the file is no table.
        NotPossible: `out_path` cannot hold it, see `write_table`.
    """
    check_writable(out_path, 0, 0)
    table = read_table(path, filename, format)
    check_writable(out_path, len(_places_of(table)), len(table.frame.columns) + n_added)
    return table


def write_filled(
    table: Table,
    out_path: Path,
    added: Sequence[str],
    cells_of: Callable[[int], Row],
    *,
    should_stop: ShouldStop | None = None,
    progress: Progress | None = None,
) -> int:
    """Write the table with the columns `added`, and return how many rows that are: blank ones are among them, as they were.

    Args:
        cells_of: the added cells of a row of the frame, by its place; fewer than `added` leave the others blank.

    Raises:
        Cancelled: `should_stop` asked for an end; no file is left behind.
    """
    columns, places = list(table.frame.columns), _places_of(table)

    def rows() -> Iterator[Row]:
        cells = table.frame.itertuples(index=False, name=None)
        for i, place in enumerate(places.tolist()):
            if i % N_ROWS_BETWEEN_LOOKS == 0:
                look(should_stop, progress, SCORING + (1 - SCORING) * i / len(places))
            filled = (*next(cells), *cells_of(place)) if place >= 0 else ()
            yield *filled, *("",) * (len(columns) + len(added) - len(filled))

    write_table(out_path, [*columns, *distinct_names(added, columns)], rows(), len(places))
    look(None, progress, 1.0)
    return len(places)


def distinct_names(wanted: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The wanted names, numbered where a column is called so already: "category", "category 2"."""
    used = {name.casefold() for name in taken}
    names = []
    for name in wanted:
        free = next(n for n in chain([name], (f"{name} {i}" for i in count(2))) if n.casefold() not in used)
        used.add(free.casefold())
        names.append(free)
    return names


def look(should_stop: ShouldStop | None, progress: Progress | None, fraction: float) -> None:
    if should_stop is not None and should_stop():
        raise Cancelled
    if progress is not None:
        progress(fraction)


def _places_of(table: Table) -> npt.NDArray[np.int64]:
    """Where each row of the written table stands in the frame, which lacks rows that are blank in every cell: -1."""
    header_row = table.format.header_row or 0
    numbers = table.frame.index.to_numpy()
    places = np.full(int(numbers[-1]) - header_row, -1)
    places[numbers - header_row - 1] = np.arange(len(numbers))
    return places
