"""Checks on categories that are to have an order."""

from core.datasets.findings.base import BothFiles, finding_of_rows, names_listed
from core.datasets.ordering import in_order
from core.domain.dataset import Finding, Severity
from core.domain.message import msg

MIN_STEPS = 3  # two categories have no order to speak of
SHOWN = 12


class NoOrder:
    """Says which order is read, or that none can be told."""

    name = "order_of_categories"

    def find(self, data: BothFiles) -> list[Finding]:
        file = data.practice
        names = [name for name, n in zip(file.label_names, file.used_counts(), strict=True) if n]
        if not names:
            return []
        known = in_order(names)
        if known is None:
            message = msg("The names of the categories do not tell their order: {names}.", names=names_listed(names))
            advice = msg(
                "Rename them below so that each has its number, such as “1 low” and “2 high”, or learn them without an order."
            )
            return [finding_of_rows(self.name, Severity.BLOCKING, file, file.used, message, advice)]
        if len(known) < MIN_STEPS:
            message = msg("Two categories have no order to speak of: this is plain sorting.")
            advice = msg("Bring the table again and choose “A category”.")
            return [finding_of_rows(self.name, Severity.WARNING, file, file.used, message, advice)]
        listed = " < ".join(known[:SHOWN]) + (" < …" if len(known) > SHOWN else "")
        message = msg("The categories are read in this order: {names}.", names=listed)
        return [Finding(code=self.name, severity=Severity.NOTE, count=len(known), rows=(), message=message)]
