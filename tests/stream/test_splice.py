"""Block splices: diff and apply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.stream.splice import Splice, apply, diff

blocks = st.lists(st.sampled_from("abcdefgh"), max_size=12).map(tuple)


def fold(old: tuple[str, ...], splices: tuple[Splice, ...]) -> tuple[str, ...]:
    for splice in splices:
        old = apply(old, splice)
    return old


@given(blocks, blocks, st.integers(1, 8))
def test_folding_a_diff_gives_the_new_list(old: tuple[str, ...], new: tuple[str, ...], at_most: int) -> None:
    """Whatever the two lists are, the splices lead from one to the other, in no more than asked."""
    splices = diff(old, new, at_most)
    assert fold(old, splices) == new
    assert len(splices) <= at_most
    assert bool(splices) == (old != new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "ab", [Splice(0, 0, ("a", "b"))]),
        ("ab", "abc", [Splice(2, 0, ("c",))]),
        ("abc", "axc", [Splice(1, 1, ("x",))]),
        ("abc", "abxc", [Splice(2, 0, ("x",))]),
        ("abc", "bc", [Splice(0, 1, ())]),
        ("abcde", "xbcdy", [Splice(4, 1, ("y",)), Splice(0, 1, ("x",))]),
        ("abcde", "bacde", [Splice(1, 1, ()), Splice(0, 0, ("b",))]),
        ("aaaa", "aaaaa", [Splice(4, 0, ("a",))]),
    ],
)
def test_common_changes_are_minimal(old: str, new: str, expected: list[Splice]) -> None:
    """Appending, replacing, inserting and removing carry only what is new."""
    splices = diff(tuple(old), tuple(new))
    assert fold(tuple(old), splices) == tuple(new)
    assert sum(s.size for s in splices) == sum(s.size for s in expected)
    assert len(splices) == len(expected)


def test_a_change_at_both_ends_of_10_000_blocks_carries_two_blocks() -> None:
    """A ticker at the top and an append at the end do not re-send what lies between."""
    old = tuple(f"paragraph {n}" for n in range(10_000))
    new = ("tick 2", *old[1:], "appended")
    assert sum(len(s.insert) for s in diff(old, new)) == 2


def test_thousands_of_changes_are_joined_where_the_least_lies_between() -> None:
    """Every second of 10,000 blocks changes: at most 8 splices, found in time, which give the new list."""
    old = tuple(f"{n} " * (60 + (n % 1000 == 0)) for n in range(10_000))
    new = tuple(block + "x" * (n % 2) for n, block in enumerate(old))
    splices = diff(old, new)
    assert fold(old, splices) == new
    assert len(splices) == 8
    assert len(diff(old, new, apart=10**6)) == 1


@pytest.mark.parametrize(("start", "delete"), [(0, 3), (3, 0), (2, 1)])
def test_a_splice_beyond_the_list_is_refused(start: int, delete: int) -> None:
    """A splice made for another list is an error, not a wrong text."""
    with pytest.raises(ValueError, match="splice ends"):
        apply(("a", "b"), Splice(start, delete, ("x",)))


def test_negative_indices_are_refused() -> None:
    """Indices count from the front."""
    with pytest.raises(ValueError, match="from 0"):
        Splice(-1, 0, ())
