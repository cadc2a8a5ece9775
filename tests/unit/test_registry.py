"""A registry refuses twins and names what it knows."""

from types import SimpleNamespace

import pytest

from core.errors import NotFound
from core.registry import Registry


def test_unknown_name_lists_the_known_ones() -> None:
    registry = Registry("fruit", SimpleNamespace(name="apple"), SimpleNamespace(name="pear"))
    with pytest.raises(NotFound, match=r"no fruit named “plum”.*apple, pear"):
        registry["plum"]


def test_two_members_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="apple"):
        Registry("fruit", SimpleNamespace(name="apple"), SimpleNamespace(name="apple"))


def test_members_keep_their_order() -> None:
    registry = Registry("fruit", SimpleNamespace(name="b"), SimpleNamespace(name="a"))
    assert registry.names() == ("b", "a")
    assert [m.name for m in registry] == ["b", "a"]
    assert len(registry) == 2
