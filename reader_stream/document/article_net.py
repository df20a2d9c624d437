"""A small neural network over the blocks of a page, beside the trees (article_model).

Each block is told by its row of columns, its words and the names of what it stands in, as vectors that were
learnt; a first layer makes `UNITS` numbers of these, a second one reads them together with those of the
blocks before and behind, and with the means over the containers around. Trees and network err in different
places: together they are .002 to .003 of word F1 and .003 to .006 of macro F1 better than the better one, out
of fold, and differ less from one training to the next. More layers, units, context (windows, headings, blocks
of the same kind) or networks told nothing more. benchmarks/extraction/net.py trains it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from reader_stream.document.article_features import Inputs
from reader_stream.document.article_tree import Indices, Numbers, Rows, Tree

MOST_PRODUCTS = 1 << 18
"""Larger matrices are multiplied in pieces: OpenBLAS sets all processors to work on them, which takes twice
the processor time for these."""

BLOCKS_AT_ONCE = 4096
"""What stands beside blocks is gathered for so many at once (4.5 MiB), however long the page."""


class Net:
    """The network with its `weights`, arrays by name.

    `low`, `slope`, `height`: the ramps of each column (ramps, columns), which bring it to a scale of about -2
    to 2 by its quantiles, from `base`. `words`, `marks`: vectors, a row a thing. `first`, `second`, `last`:
    the layers' weights, with `first_bias` and so on.
    """

    def __init__(self, weights: Mapping[str, Rows]) -> None:
        self._of = weights

    def __call__(self, inputs: Inputs) -> Numbers:
        """The log odds of each block."""
        of, tree = self._of, inputs.tree
        rows = scaled(inputs.rows, of)
        names = around(inputs.marks.sums(of["marks"]), tree)
        told = np.concatenate([rows, inputs.words.sums(of["words"]), names], axis=1)
        first = np.maximum(_times(told, of["first"]) + of["first_bias"], 0)
        return np.concatenate([self._second(part) for part in beside(first, tree)])

    def _second(self, context: Rows) -> Numbers:
        of = self._of
        second = np.maximum(_times(context, of["second"]) + of["second_bias"], 0)
        return np.asarray(second @ of["last"] + of["last_bias"], np.float64)


def scaled(rows: Rows, of: Mapping[str, Rows]) -> Rows:
    """Each column by its ramps: 0 below the lower end of one, its height above the upper end."""
    found = np.broadcast_to(of["base"], rows.shape).copy()
    for low, slope, height in zip(of["low"], of["slope"], of["height"], strict=True):
        ramp = rows - low
        ramp *= slope
        np.clip(ramp, 0, 1, out=ramp)
        ramp *= height
        found += ramp
    return found


def around(vectors: Rows, tree: Tree) -> Rows:
    """For each block the vectors of its node's kind, its parent's, the mean over its node and all above."""
    own = vectors[tree.kind]
    mean = tree.total(own) / (tree.depth + 1).astype(np.float32)[:, None]
    return np.concatenate([own, own[tree.parent], mean], axis=1)[tree.at]


def spans(tree: Tree) -> list[Indices]:
    """The nodes around each block: the one above its own, the one above that, the page."""
    parent = tree.parent[tree.at]
    return [parent, tree.parent[parent], np.zeros_like(parent)]


def beside(units: Rows, tree: Tree) -> Iterator[Rows]:
    """For each block its units, those of the blocks before and behind (0 where there is none), and the means
    over the blocks of the nodes around it; `BLOCKS_AT_ONCE` at a time."""
    sums = np.zeros((len(units) + 1, units.shape[1]))
    np.cumsum(units, axis=0, dtype=np.float64, out=sums[1:])
    counts = np.maximum(1, tree.end - tree.start)[:, None]
    means = ((sums[tree.end] - sums[tree.start]) / counts).astype(np.float32)
    nodes = spans(tree)
    nothing = np.zeros((1, units.shape[1]), np.float32)
    padded = np.concatenate([nothing, units, nothing])
    for start in range(0, len(units), BLOCKS_AT_ONCE):
        end = min(len(units), start + BLOCKS_AT_ONCE)
        own, before, after = (padded[start + at : end + at] for at in (1, 0, 2))
        yield np.concatenate([own, before, after, *(means[each[start:end]] for each in nodes)], axis=1)


def _times(left: Rows, right: Rows) -> Rows:
    """The product of two matrices, by one processor."""
    step = max(1, MOST_PRODUCTS // right.size)
    found = np.empty((len(left), right.shape[1]), np.float32)
    for at in range(0, len(left), step):
        np.matmul(left[at : at + step], right, out=found[at : at + step])
    return found


def array(data: Mapping[str, Any]) -> Rows:
    """An array as training writes it: type, shape, and base64 of its numbers."""
    numbers = np.frombuffer(b64decode(data["data"]), data["type"])
    return numbers.reshape(data["shape"]).astype(np.float32)
