"""The one function that makes a cell safe to open in a spreadsheet program."""

import re

MAX_CELL_CHARS = 32_767  # Excel's limit for one cell
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?\d[\d.,\s]*%?")  # "-5" and "+86 10 1234" run nothing and stay what they are


def inert(value: str, *, typed: bool = False) -> str:
    """`value` as a cell that no program runs: formulas get a leading apostrophe, control characters go, and it fits.

    Args:
        typed: the format marks the cell as text (.xlsx), so that only a real "=" formula needs the apostrophe: it would
            run if the person saved the sheet as .csv later. Everything else comes back unchanged.
    """
    clean = CONTROL.sub("", value)
    start = clean.lstrip(" \n\u00a0\u3000")
    if typed:
        runs = start.startswith("=")
    else:
        runs = (start.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(start)) or clean.startswith(("\t", "\r"))
    return f"'{clean}"[:MAX_CELL_CHARS] if runs else clean[:MAX_CELL_CHARS]
