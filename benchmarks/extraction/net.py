"""The network beside the trees: trained here with numpy, its gradients by hand.

`fit` gives arrays as reader_stream.document.article_net reads them; `forward` computes what `Net` computes
(tests/test_benchmark_net.py compares both, and the gradients with differences).
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.extraction.batches import Batch, batch
from benchmarks.extraction.samples import Sample
from reader_stream.document.article_net import scaled
from reader_stream.document.article_vocabulary import Vocabulary

VECTOR, FIRST, SECOND = 8, 48, 24
"""Numbers of a word's or mark's vector; units of the two layers."""

QUANTILES = (0.5, 25.25, 50.0, 74.75, 99.5)
"""Between these per cent of its values a column rises by `STEP` each."""
STEP = 0.85

EPOCHS, RATE, WARM_UP = 25, 3e-3, 50
"""Passes over all pages; steps of Adam (Kingma and Ba, 2015), fewer in the first steps and along a cosine."""

DECAY, VECTOR_DECAY = 3.0, 10.0
"""What a weight loses in a step, times the step's size (Loshchilov and Hutter, 2019); biases lose nothing."""

SEED = 2
"""Of the start, the order of pages and what is left out; other seeds give .002 of word F1 more or less."""

BATCH_BLOCKS = 4_000
"""Pages make a batch when they have so many blocks."""

DROP_WORDS, DROP_INPUTS, DROP_UNITS = 0.1, 0.05, 0.1
"""Shares that are left out at random while training."""

Weights = dict[str, np.ndarray]


def fit(pages: Sequence[Sample], known: Vocabulary, types: Counter[str]) -> Weights:
    """The network for the blocks of `pages`; what is learnt is rounded to half precision."""
    random = np.random.default_rng(SEED)
    weights = ramps(np.concatenate([sample.rows[::3] for sample in pages]))  # enough to tell quantiles
    order = [pages[at] for at in random.permutation(len(pages))]
    batches = [
        batch(part, scaled(np.concatenate([s.rows for s in part]), weights), known, types)
        for part in _parts(order)
    ]
    learnt = started(random, len(weights["base"]), len(known.word_places), len(known.mark_places))
    # on more threads the sums come out in another order, and numbers this small take longer
    with threadpool_limits(limits=1):
        _learn(learnt, batches, random)
    return weights | {name: each.astype(np.float16).astype(np.float32) for name, each in learnt.items()}


def as_data(weights: Weights) -> dict[str, dict[str, Any]]:
    """The arrays as article_net.array reads them, in half precision where that is all they have."""
    data = {}
    for name, each in weights.items():
        half = each.astype("<f2")
        written = half if np.array_equal(half, each) else each.astype("<f4")
        numbers = b64encode(written.tobytes()).decode("ascii")
        data[name] = {"type": written.dtype.str, "shape": each.shape, "data": numbers}
    return data


def ramps(rows: np.ndarray) -> Weights:
    """How columns are brought to scale: `base`, and a ramp between each two quantiles that differ."""
    knots = np.percentile(rows, QUANTILES, axis=0)
    levels = STEP * (np.arange(len(QUANTILES)) - (len(QUANTILES) - 1) / 2)
    width = rows.shape[1]
    low, slope, height = (np.zeros((len(QUANTILES) - 1, width), np.float32) for _ in range(3))
    base = np.zeros(width, np.float32)
    for column in range(width):
        ends = np.unique(knots[:, column])
        heights = np.array([levels[knots[:, column] == end].mean() for end in ends])
        if len(ends) == 1:  # rare values: as they are, up to one more
            ends, heights = np.array([ends[0], ends[0] + 1]), np.array([0.0, 1.0])
        steps = len(ends) - 1
        base[column] = heights[0]
        low[:steps, column] = ends[:-1]
        slope[:steps, column] = 1 / np.diff(ends)
        height[:steps, column] = np.diff(heights)
    return {"base": base, "low": low, "slope": slope, "height": height}


def _parts(pages: Sequence[Sample]) -> list[list[Sample]]:
    parts: list[list[Sample]] = [[]]
    blocks = 0
    for sample in pages:
        if blocks >= BATCH_BLOCKS:
            parts.append([])
            blocks = 0
        parts[-1].append(sample)
        blocks += len(sample.page.blocks)
    return parts


def started(random: np.random.Generator, columns: int, words: int, marks: int) -> Weights:
    """Weights before training (He et al., 2015), for batches with three means and three bags of marks."""
    told, context = columns + 4 * VECTOR, 6 * FIRST
    drawn = {
        "words": random.normal(0, 0.1, (words, VECTOR)),
        "marks": random.normal(0, 0.1, (marks, VECTOR)),
        "first": random.normal(0, math.sqrt(2 / told), (told, FIRST)),
        "first_bias": np.zeros(FIRST),
        "second": random.normal(0, math.sqrt(2 / context), (context, SECOND)),
        "second_bias": np.zeros(SECOND),
        "last": random.normal(0, math.sqrt(1 / SECOND), SECOND),
        "last_bias": np.zeros(1),
    }
    return {name: np.asarray(each, np.float32) for name, each in drawn.items()}


class Masks(NamedTuple):
    """What a pass leaves out: 0 there, elsewhere as much more as makes up for it; of the words by entry of
    their matrix, of the marks by mark."""

    words: np.ndarray
    marks: np.ndarray
    told: np.ndarray
    first: np.ndarray
    second: np.ndarray


def masks(random: np.random.Generator, of: Weights, pages: Batch) -> Masks:
    """Drawn anew for each pass."""
    blocks = len(pages.rows)
    return Masks(
        _mask(random, DROP_WORDS, pages.words.data.shape),
        _mask(random, DROP_WORDS, (len(of["marks"]), 1)),
        _mask(random, DROP_INPUTS, (blocks, len(of["first"]))),
        _mask(random, DROP_UNITS, (blocks, len(of["first_bias"]))),
        _mask(random, DROP_UNITS, (blocks, len(of["last"]))),
    )


def _mask(random: np.random.Generator, share: float, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray((random.random(shape, np.float32) >= share) / (1 - share), np.float32)


class Pass(NamedTuple):
    """What a pass has computed, for the gradients: log odds and what goes into each layer."""

    odds: np.ndarray
    words: Any
    told: np.ndarray
    first: np.ndarray
    context: np.ndarray
    second: np.ndarray


def forward(of: Weights, pages: Batch, mask: Masks | None = None) -> Pass:
    """The log odds of each block, with nothing left out where there is no mask."""
    words, marks = pages.words, of["marks"]
    if mask is not None:
        words, marks = words.copy(), marks * mask.marks
        words.data = words.data * mask.words
    told = np.concatenate([pages.rows, words @ of["words"], *(each @ marks for each in pages.marks)], axis=1)
    told = told if mask is None else told * mask.told
    first = np.maximum(told @ of["first"] + of["first_bias"], 0)
    first = first if mask is None else first * mask.first
    context = _context(first, pages)
    second = np.maximum(context @ of["second"] + of["second_bias"], 0)
    second = second if mask is None else second * mask.second
    return Pass(second @ of["last"] + of["last_bias"], words, told, first, context, second)


def _context(units: np.ndarray, pages: Batch) -> np.ndarray:
    nothing = np.zeros((1, units.shape[1]))
    sums = np.concatenate([nothing, np.cumsum(units, axis=0, dtype=np.float64)])
    before, after = np.roll(units, 1, axis=0) * pages.first, np.roll(units, -1, axis=0) * pages.last
    parts = [units, before, after, *(mean @ sums for mean in pages.means)]
    return np.concatenate(parts, axis=1).astype(units.dtype)


def gradients(of: Weights, pages: Batch, done: Pass, wrong: np.ndarray, mask: Masks) -> Weights:
    """Of the loss by each weight; `wrong` is that by the log odds of each block."""
    found = {"last": done.second.T @ wrong, "last_bias": wrong.sum(keepdims=True)}
    second = np.outer(wrong, of["last"]) * mask.second * (done.second > 0)
    found |= {"second": done.context.T @ second, "second_bias": second.sum(axis=0)}
    first = _back(second @ of["second"].T, pages) * mask.first * (done.first > 0)
    found |= {"first": done.told.T @ first, "first_bias": first.sum(axis=0)}
    told = (first @ of["first"].T) * mask.told
    width, columns = of["words"].shape[1], pages.rows.shape[1]
    vectors = [told[:, columns + at * width : columns + (at + 1) * width] for at in range(4)]
    found["words"] = done.words.T @ vectors[0]
    marks = sum(each.T @ vector for each, vector in zip(pages.marks, vectors[1:], strict=True))
    found["marks"] = marks * mask.marks
    return found


def _back(wrong: np.ndarray, pages: Batch) -> np.ndarray:
    """From the gradients of what `_context` gives to those of the units."""
    own, before, after, *means = np.split(wrong, 3 + len(pages.means), axis=1)
    found = own + np.roll(before * pages.first, -1, axis=0) + np.roll(after * pages.last, 1, axis=0)
    sums = sum(mean.T @ part for mean, part in zip(pages.means, means, strict=True))
    behind = np.cumsum(sums[::-1], axis=0)[::-1]
    return np.asarray(found + behind[1:], wrong.dtype)


def _learn(of: Weights, batches: Sequence[Batch], random: np.random.Generator) -> None:
    """Adam with decoupled decay, in place."""
    mean = {name: np.zeros_like(each) for name, each in of.items()}
    square = {name: np.zeros_like(each) for name, each in of.items()}
    scale = sum(float(each.weights.sum()) for each in batches) / len(batches)
    steps = EPOCHS * len(batches)
    order = [at for _ in range(EPOCHS) for at in random.permutation(len(batches))]
    for step, at in enumerate(order, 1):
        pages = batches[at]
        mask = masks(random, of, pages)
        done = forward(of, pages, mask)
        wrong = (1 / (1 + np.exp(-done.odds)) - pages.labels) * pages.weights / scale
        rate = RATE * min(1, step / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        for name, slope in gradients(of, pages, done, wrong.astype(np.float32), mask).items():
            mean[name] = 0.9 * mean[name] + 0.1 * slope
            square[name] = 0.999 * square[name] + 0.001 * slope**2
            change = mean[name] / (1 - 0.9**step) / (np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8)
            if of[name].ndim == 2:
                change = change + (VECTOR_DECAY if name in ("words", "marks") else DECAY) * of[name]
            of[name] = (of[name] - rate * change).astype(np.float32)
