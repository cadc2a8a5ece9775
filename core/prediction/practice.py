"""What a model keeps of the rows it learned from, and what makes vectors to compare with theirs."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from core.prediction.members import DraftMember, Member, RememberingEncoder
from core.training.familiarity import PracticeRows, load_practice


class Practice:
    """Each part is read when it is first asked for, once for all policies under which the model answers."""

    def __init__(self, folder: Path | None, members: Sequence[Member], *, pairs: bool = False) -> None:
        self._folder, self._pairs = folder, pairs
        self._members = members

    @cached_property
    def rows(self) -> PracticeRows | None:
        """None in bundles that keep none."""
        return load_practice(self._folder) if self._folder else None

    @cached_property
    def encoder(self) -> RememberingEncoder:
        """That of the draft where the model has one, else the bundle's own, opened for this."""
        from core.base_models.encoder import FrozenEncoder

        for member in self._members:
            if isinstance(member, DraftMember):
                return member.encoder
        assert self._folder is not None, "only asked for beside `rows`"
        return RememberingEncoder(FrozenEncoder.load(self._folder / "encoder"), pairs=self._pairs)
