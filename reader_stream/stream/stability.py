"""How much of a document a reader may expect to stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp

from reader_stream.model import Phase

HALF_LIFE_MS = 350.0
"""Age at which half of a fresh block's doubt is gone; set by `benchmarks/stability.py` over the test site."""

FLOOR = {Phase.HTML: 0.55, Phase.INTERACTIVE: 0.7, Phase.LOADED: 0.85, Phase.SETTLED: 1.0}
"""Share of brand-new blocks that was kept to the end, by the phase they were first seen in (same source)."""


class Stability:
    """Remembers since when each block is there, and weighs it.

    `weigh` gives a block's weight (its tokens); it is asked once for each distinct block that is in
    the document.
    """

    def __init__(self, weigh: Callable[[str], int]) -> None:
        self._weigh = weigh
        self._seen: dict[str, tuple[int, int]] = {}

    def observe(self, blocks: Sequence[str], now_ms: int) -> None:
        """Blocks keep the age they have; those that went away lose it."""
        seen = self._seen
        self._seen = {block: seen.get(block) or (now_ms, self._weigh(block)) for block in blocks}

    def keeps(self, block: str, now_ms: int, phase: Phase) -> float:
        """The chance in 0..1 that a block is in the final document; a piece of one counts as new."""
        since, _ = self._seen.get(block, (now_ms, 0))
        doubt = (1.0 - FLOOR[phase]) * exp(-0.6931 * (now_ms - since) / HALF_LIFE_MS)
        return 1.0 - doubt

    def share(self, blocks: Sequence[str], now_ms: int, phase: Phase) -> float:
        """The share of `blocks`, by weight, that is expected to stay: 0..1, and 0 of nothing."""
        total = self.weight(blocks)
        if not total:
            return 1.0 if phase is Phase.SETTLED else 0.0
        kept = sum(self._seen[block][1] * self.keeps(block, now_ms, phase) for block in blocks)
        return round(kept / total, 3)

    def weight(self, blocks: Sequence[str]) -> int:
        """The weight of blocks of the last document observed."""
        return sum(self._seen[block][1] for block in blocks)
