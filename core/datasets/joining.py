"""One text from several columns: the title and the body of a mail, or the two texts of a pair."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.comparing import equality_codes
from core.datasets.hashing import Codes, paired
from core.domain.pairs import INNER_SIGN, SEPARATOR, SIGN

LINE_BREAK = pa.scalar("\n", pa.large_string())
WHOLE_PAIR = rf"(?s)^\s*[^\s{SIGN}].*{SEPARATOR}\s*\S"


def joined_name(columns: Sequence[str]) -> str:
    """What to call the text made of these columns: "Title + Body"."""
    return " + ".join(columns)


def joined_texts(columns: Sequence[pa.ChunkedArray], *, as_pairs: bool = False) -> pa.ChunkedArray:
    """The cells of each row, one below the other without outer space; blank ones leave no empty line.

    Columns of one table, of type large_string. A single one comes back as it is. Beside the result only one chunk of each
    column is held at a time.

    Args:
        as_pairs: the two columns are those of a pair, see `core.domain.pairs.joined`.
    """
    if len(columns) == 1:
        return columns[0]
    join = _paired if as_pairs else _joined
    batches = pa.table(list(columns), names=[str(index) for index in range(len(columns))]).to_batches()
    return pa.chunked_array([join(batch.columns) for batch in batches], pa.large_string())


def whole_pairs(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """ "" in the place of what is no pair any more."""
    blank = pa.scalar("", pa.large_string())
    chunks = [pc.if_else(pc.match_substring_regex(chunk, WHOLE_PAIR), chunk, blank) for chunk in texts.chunks]
    return pa.chunked_array(chunks, pa.large_string())


def unordered_codes(pairs: pa.ChunkedArray) -> Codes:
    """As `equality_codes`, but a pair shares its number with the same pair turned round."""
    codes = equality_codes(pairs)
    whole = pc.match_substring(pairs, SEPARATOR)
    halves = pc.list_flatten(pc.split_pattern(pairs.filter(whole), SEPARATOR, max_splits=1))
    of_halves = np.sort(equality_codes(halves).reshape(-1, 2), axis=1)
    codes[whole.to_numpy()] = paired(of_halves[:, 0], of_halves[:, 1]).view(np.int64)
    return codes


def _joined(columns: Sequence[pa.Array]) -> pa.Array:
    """Without nulls: `binary_join_element_wise` that skips them loses a row in which every cell is null (pyarrow 26)."""
    text, *rest = (pc.utf8_trim_whitespace(column) for column in columns)
    for cells in rest:
        both = pc.binary_join_element_wise(text, cells, LINE_BREAK)
        text = pc.if_else(pc.equal(text, ""), cells, pc.if_else(pc.equal(cells, ""), text, both))
    return text


def _paired(columns: Sequence[pa.Array]) -> pa.Array:
    first, second = (
        pc.replace_substring(pc.utf8_trim_whitespace(column), pattern=SIGN, replacement=INNER_SIGN)
        for column in columns
    )
    both = pc.binary_join_element_wise(first, second, pa.scalar(SEPARATOR, pa.large_string()))
    is_half = pc.or_(pc.equal(first, ""), pc.equal(second, ""))
    return pc.if_else(is_half, pa.scalar("", pa.large_string()), both)
