"""What a stream told and took back, in words; of documents that are already there, so without a browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence


def taken_back(documents: Iterable[Sequence[str]]) -> float:
    """Of the words that a stream told, the share that a later document of it did not have any more."""
    before: Counter[str] = Counter()
    told = gone = 0
    for blocks in documents:
        words = Counter(word for block in blocks for word in block.split())
        told += (words - before).total()
        gone += (before - words).total()
        before = words
    return gone / told if told else 0.0
