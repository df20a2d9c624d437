"""Several annotated pages as one set of arrays, with what the network reads of them as sparse matrices.

The same numbers as reader_stream.document.article_net has, in a form that has gradients.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.extraction.samples import Sample, weights_of
from reader_stream.document.article_bags import Bags, joined
from reader_stream.document.article_features import mark_bags, marks_of
from reader_stream.document.article_net import spans
from reader_stream.document.article_tree import Indices, Rows, Tree
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.article_words import word_bags

SNIPPETS_WEIGHT = 2.0
"""Pages of which only snippets are annotated weigh so many times as much as for the trees: few of their
blocks have a label (out of fold, .002 of snippet F1 together with the trees, nothing elsewhere)."""


@dataclass
class Batch:
    """`rows` are scaled; `labels` and `weights` have an entry a block, `weights` is 0 where nothing is known.

    Sparse matrices: `words` (blocks, words) and each of `marks` (blocks, marks) make bags of vectors, one for
    the node of a block, one for the node above it, one for all above it. Each of `means` (blocks, blocks + 1)
    makes means over containers of running sums. `first` and `last` are 0 at the first and last blocks of
    pages and 1 elsewhere.
    """

    rows: Rows
    labels: Rows
    weights: Rows
    words: Any
    marks: list[Any]
    means: list[Any]
    first: Rows
    last: Rows


def kinds_of_marks(pages: Sequence[Sample], sites: int) -> list[str]:
    """The marks that stand on pages of so many sites, sorted."""
    seen: dict[str, set[str]] = defaultdict(set)
    for sample in pages:
        for kind in sample.page.kinds:
            for mark in marks_of(kind):
                seen[mark].add(sample.site)
    return sorted(mark for mark, on in seen.items() if len(on) >= sites)


def batch(pages: Sequence[Sample], rows: Rows, known: Vocabulary, types: Counter[str]) -> Batch:
    """The pages as one batch; `rows` are theirs, scaled."""
    trees = [Tree(sample.page) for sample in pages]
    sizes = [len(sample.page.blocks) for sample in pages]
    ends = np.cumsum(sizes)
    first, last = np.ones((len(rows), 1), np.float32), np.ones((len(rows), 1), np.float32)
    first[ends - sizes] = 0
    last[ends - 1] = 0
    marks = [_marks(sample, tree, known) for sample, tree in zip(pages, trees, strict=True)]
    words = [word_bags(sample.page, known) for sample in pages]
    whole = Bags(*(np.concatenate(parts) for parts in zip(*words, strict=True)))
    weights = np.concatenate([_weights(sample, types) for sample in pages])
    return Batch(
        rows=rows,
        labels=np.concatenate([np.clip(np.nan_to_num(sample.labels), 0, 1) for sample in pages]),
        weights=weights.astype(np.float32),
        words=_sums(whole, len(known.word_places)),
        marks=[_stacked(each) for each in zip(*marks, strict=True)],
        means=[_means(trees, sizes, at) for at in range(len(spans(trees[0])))],
        first=first,
        last=last,
    )


def _weights(sample: Sample, types: Counter[str]) -> np.ndarray:
    weights: np.ndarray = np.nan_to_num(weights_of(sample, types))
    return weights if sample.gold is not None else SNIPPETS_WEIGHT * weights


def _sums(bags: Bags, width: int) -> Any:
    """What `Bags.sums` does, as a matrix."""
    return _matrix(bags, 1 / np.sqrt(np.maximum(1, bags.sizes)), width)


def _matrix(bags: Bags, values: np.ndarray, width: int) -> Any:
    """A row a bag, with its value at its things."""
    data = np.repeat(values.astype(np.float32), bags.sizes)
    return csr_matrix((data, bags.things, np.cumsum([0, *bags.sizes])), (len(bags.sizes), width))


def _marks(sample: Sample, tree: Tree, known: Vocabulary) -> list[Any]:
    """For the blocks of a page: the marks of their node, of the one above it, the mean over all above."""
    kinds = _sums(mark_bags(sample.page, known), len(known.mark_places))
    at, parent = tree.kind[tree.at], tree.kind[tree.parent[tree.at]]
    chains = joined([tree.kind[tree.above(node)].tolist() for node in tree.at.tolist()])
    mean = _matrix(chains, 1 / chains.sizes, len(sample.page.kinds))
    return [kinds[at], kinds[parent], (mean @ kinds).tocsr()]


def _stacked(pages: Sequence[Any]) -> Any:
    parts = [page.tocoo() for page in pages]
    offsets = np.cumsum([0, *(part.shape[0] for part in parts)])
    rows = np.concatenate([part.row + at for part, at in zip(parts, offsets[:-1], strict=True)])
    columns = np.concatenate([part.col for part in parts])
    data = np.concatenate([part.data for part in parts])
    return csr_matrix((data, (rows, columns)), (int(offsets[-1]), parts[0].shape[1]))


def _means(trees: Sequence[Tree], sizes: Sequence[int], which: int) -> Any:
    """Of running sums (a 0 before the first) the mean over the container of each block."""
    starts, ends = [], []
    for tree, offset in zip(trees, np.cumsum([0, *sizes[:-1]]), strict=True):
        nodes: Indices = spans(tree)[which]
        starts.append(tree.start[nodes] + offset)
        ends.append(tree.end[nodes] + offset)
    start, end = np.concatenate(starts), np.concatenate(ends)
    blocks = len(start)
    share = 1 / (end - start)
    rows = np.tile(np.arange(blocks), 2)
    columns, data = np.concatenate([end, start]), np.concatenate([share, -share])
    return csr_matrix((data, (rows, columns)), (blocks, blocks + 1))
