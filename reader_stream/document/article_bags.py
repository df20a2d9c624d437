"""Bags of known things, by their numbers: the words that a text has, the names that a container has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from reader_stream.document.article_tree import Indices, Values


class Bags(NamedTuple):
    """`things` are those of all bags, one bag after the other; `sizes` says how many each has."""

    things: Indices
    sizes: Indices

    def sums(self, values: Values) -> Values:
        """Of each bag the sum of its things' values by the root of their number, so that more of them say
        more, but not as many times more; 0 for an empty bag. `values` has an entry, or a row, a thing."""
        found: Values = np.zeros((len(self.sizes), *values.shape[1:]), values.dtype)
        filled = np.flatnonzero(self.sizes)
        if len(filled):
            sizes = self.sizes[filled]
            sums = np.add.reduceat(values.take(self.things, axis=0), np.cumsum(sizes) - sizes, axis=0)
            found[filled] = (sums.T / np.sqrt(sizes)).T
        return found


def numbers_of(things: Iterable[str], known: Mapping[str, int]) -> list[int]:
    """The numbers of those that are known."""
    return [at for thing in things if (at := known.get(thing)) is not None]


def joined(numbers: Sequence[Sequence[int]]) -> Bags:
    """A bag of each of the lists."""
    sizes = np.fromiter(map(len, numbers), np.intp, len(numbers))
    return Bags(np.fromiter(chain.from_iterable(numbers), np.intp, int(sizes.sum())), sizes)
