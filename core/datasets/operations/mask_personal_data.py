"""Put words in the place of e-mail addresses and of numbers that belong to a person."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.datasets.operations.base import Context, WorkingTable
from core.datasets.operations.params import names_of, need_words
from core.datasets.personal_data import KINDS, mask, rows_with
from core.domain.message import Message, msg, nmsg
from core.domain.repair import Effect

TITLES = {
    "email": msg("Mask e-mail addresses"),
    "phone": msg("Mask phone numbers"),
    "card": msg("Mask card numbers"),
    "id_number": msg("Mask ID numbers"),
}


class MaskPersonalData:
    """`kinds`: which of `core.datasets.personal_data.KINDS`. "a@b.com" becomes "[email]"."""

    name = "mask_personal_data"

    def check(self, params: Mapping[str, Any]) -> None:
        need_words(params, "kinds", KINDS)

    def title(self, params: Mapping[str, Any]) -> Message:
        kinds = set(params["kinds"])
        if len(kinds) == 1:
            return TITLES[kinds.pop()]
        return nmsg("Mask {n} kind of personal data", "Mask {n} kinds of personal data", len(kinds))

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        kinds = names_of(params, "kinds")
        n_changed = 0
        for file in table.files:
            found = rows_with(file.texts, file.used)
            held = np.logical_or.reduce([found[kind] for kind in kinds])
            n_changed += table.rewrite(file, held, lambda text: mask(text, kinds))
        return Effect(n_changed=n_changed)
