"""The one function that makes a cell safe to open in a spreadsheet program."""

import re

MAX_CELL_CHARS = 32_767  # Excel's limit for one cell
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def inert(value: str) -> str:
    """`value` as a cell that no program runs: formulas get a leading apostrophe, control characters go, and it fits."""
    clean = CONTROL.sub("", value)
    if clean.lstrip(" \n\u00a0\u3000").startswith(FORMULA_STARTS) or clean.startswith(("\t", "\r")):
        clean = "'" + clean
    return clean[:MAX_CELL_CHARS]
