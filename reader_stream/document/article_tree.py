"""The nodes of a page as arrays: what each holds, and what it inherits from the nodes above it.

Every array has one entry, or row, a node, in the order of `Page.nodes`: a node comes before what is in it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from reader_stream.document.article_blocks import Page

Numbers = NDArray[np.float64]
Rows = NDArray[np.float32]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Values = TypeVar("Values", Numbers, Rows)

NONE = -1
"""No node."""


class Tree:
    """Parents, spans and amounts of the nodes.

    `parent` and `grand` are indices of nodes; the root is its own parent. `depth` is in levels, the root's 0.
    `kind` are indices of `Page.kinds`. `start` and `end` are indices of blocks, the range that a node holds.
    `at` has an entry a block: the index of its node. `chars`, `links` and `long` are characters in a node,
    counted as `Page` does; `whole` is `chars`, but at least 1, to divide by.
    """

    def __init__(self, page: Page) -> None:
        nodes = page.nodes
        self.parent: Indices = np.array([node.parent.index if node.parent else 0 for node in nodes], np.intp)
        self.grand: Indices = self.parent[self.parent]
        self.kind: Indices = np.array([node.kind for node in nodes], np.intp)
        self.depth: Indices = np.array([node.depth for node in nodes], np.intp)
        self.start: Indices = np.array([node.start for node in nodes], np.intp)
        self.end: Indices = np.array([node.end for node in nodes], np.intp)
        self.at: Indices = np.array([block.node.index for block in page.blocks], np.intp)
        self.chars, self.links, self.long = map(self.between, (page.cum_chars, page.cum_links, page.cum_long))
        self.whole = np.maximum(self.chars, 1)
        self._by_depth: Indices = np.argsort(self.depth, kind="stable")
        self._place: Indices = np.argsort(self._by_depth)
        above = self._place[self.parent[self._by_depth]]
        bounds = np.cumsum(np.bincount(self.depth)).tolist()
        self._levels = [(slice(low, high), above[low:high]) for low, high in pairwise(bounds)]

    def between(self, sums: list[int] | Numbers) -> Numbers:
        """What prefix sums over the blocks say of each node."""
        values = np.asarray(sums, np.float64)
        return values[self.end] - values[self.start]

    def highest(self, own: Numbers) -> Numbers:
        """Of each column the greatest value among a node and all above it."""
        found = own.take(self._by_depth, axis=0)
        for level, above in self._levels:
            np.maximum(found[level], found.take(above, axis=0), out=found[level])
        return found.take(self._place, axis=0)

    def total(self, own: Values) -> Values:
        """Of each column the sum over a node and all above it."""
        found = own.take(self._by_depth, axis=0)
        for level, above in self._levels:
            found[level] += found.take(above, axis=0)
        return found.take(self._place, axis=0)

    def marked(self, flags: Flags) -> Numbers:
        """The index where `flags` is set, else `NONE`: its `highest` is the nearest such node."""
        return np.where(flags, np.arange(len(flags)), NONE)

    def above(self, node: int) -> list[int]:
        """The node and all above it."""
        found = [node]
        while node:
            node = int(self.parent[node])
            found.append(node)
        return found
