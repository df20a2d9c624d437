"""Splices between two lists of markdown blocks: diff and apply.

A splice drops `delete` blocks from `start` on and puts `insert` there. `diff` gives the splices that
lead from one list to another, to be applied one after the other; they are found by patience diff
(unique common blocks as anchors, longest increasing run of them), which is O(n log n) and keeps
what a reader would call the same block.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Blocks = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Splice:
    """Drop `delete` blocks from index `start` on, put `insert` there."""

    start: int
    delete: int
    insert: Blocks

    def __post_init__(self) -> None:
        if self.start < 0 or self.delete < 0:
            raise ValueError(f"start and delete count from 0: {self.start}, {self.delete}")

    @property
    def size(self) -> int:
        """Characters that the splice carries."""
        return sum(map(len, self.insert))


def apply(blocks: Sequence[str], splice: Splice) -> Blocks:
    """The list after the splice. Raises ValueError where the splice does not fit the list."""
    end = splice.start + splice.delete
    if end > len(blocks):
        raise ValueError(f"splice ends at {end}, the list at {len(blocks)}")
    return (*blocks[: splice.start], *splice.insert, *blocks[end:])


def diff(old: Blocks, new: Blocks, at_most: int = 8, apart: int = 0) -> tuple[Splice, ...]:
    """Splices that make `new` of `old` when applied in order; none when they are equal.

    `at_most` splices are given: beyond it neighbours are joined where the least is repeated. So are
    neighbours with fewer than `apart` characters between them: a splice of its own costs more.
    """
    # Back to front, so that earlier indices stay true while the splices are applied in order.
    changes = _join(new, _changes(old, new), at_most, apart)
    return tuple(Splice(a, b - a, new[c:d]) for a, b, c, d in reversed(changes))


# A change is (a, b, c, d): old[a:b] becomes new[c:d].
Change = tuple[int, int, int, int]


def _changes(old: Blocks, new: Blocks) -> list[Change]:
    """Changes front to back; neighbours are never adjacent."""
    start, old_end, new_end = _trim(old, new, 0, len(old), 0, len(new))
    if start == old_end and start == new_end:
        return []
    changes: list[Change] = []
    a, c = start, start
    for i, j in (*_anchors(old, new, start, old_end, new_end), (old_end, new_end)):
        if i < a or j < c:
            continue
        prefix, b, d = _trim(old, new, a, i, c, j)
        if prefix < b or prefix - a + c < d:
            changes.append((prefix, b, prefix - a + c, d))
        a, c = i + 1, j + 1
    return changes


def _trim(old: Blocks, new: Blocks, a: int, b: int, c: int, d: int) -> tuple[int, int, int]:
    """Without the common prefix and suffix of old[a:b] and new[c:d]: (start, end in old, end in new)."""
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    return a, b, d


def _anchors(old: Blocks, new: Blocks, start: int, old_end: int, new_end: int) -> list[tuple[int, int]]:
    """Pairs (index in old, index in new) of blocks that occur once on either side, both rising."""
    once_old = {block for block, n in Counter(old[start:old_end]).items() if n == 1}
    once_new = {block for block, n in Counter(new[start:new_end]).items() if n == 1}
    common = once_old & once_new
    if not common:
        return []
    place = {new[j]: j for j in range(start, new_end) if new[j] in common}
    return _longest_rise([(i, place[old[i]]) for i in range(start, old_end) if old[i] in common])


def _longest_rise(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members rise (patience sorting)."""
    tops: list[int] = []
    top_at: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        before.append(top_at[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(j)
            top_at.append(at)
        else:
            tops[pile], top_at[pile] = j, at
    rise: list[tuple[int, int]] = []
    at = top_at[-1]
    while at >= 0:
        rise.append(pairs[at])
        at = before[at]
    return rise[::-1]


def _join(new: Blocks, changes: list[Change], at_most: int, apart: int) -> list[Change]:
    """At most so many changes, with at least `apart` characters of `new` between them: of more than that
    those stay apart that have the most between them."""
    gaps = [sum(map(len, new[left[3] : right[2]])) for left, right in pairwise(changes)]
    widest = sorted(range(len(gaps)), key=gaps.__getitem__)[max(0, len(gaps) - at_most + 1) :]
    stay = {k for k in widest if gaps[k] >= apart}
    joined = changes[:1]
    for k, change in enumerate(changes[1:]):
        last = joined[-1]
        if k in stay:
            joined.append(change)
        else:
            joined[-1] = (last[0], change[1], last[2], change[3])
    return joined
