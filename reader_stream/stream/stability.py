"""How much of a document a reader may expect to stay.

What decides is where a block stands: before scripts have run, a document of one block is a
placeholder, and the last block of a longer one is still growing. A block that a later document has
again hardly ever goes. `python -m benchmarks --only stability` plots what is said against what is
kept, and prints the shares from which the numbers below come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from reader_stream.model import Phase

Place = Literal["only", "last", "inner"]
"""A block that is the whole document, the last one of several, or one that others follow."""

UNRENDERED: dict[Place, float] = {"only": 0.16, "last": 0.75, "inner": 0.92}
"""Shares of new blocks that were kept to the end, of what came before scripts ran (phase `html`): over all
pages of the test site, read in three ways, each page counting the same. On two later recordings the squared
error was 0.046 and 0.047, that of a constant 0.171 and 0.185; fitted to other pages only, 0.049 and 0.052."""

RENDERED = 0.95
"""The same of a rendered page, wherever the block stands (0.93 to 1.0)."""

HALF_LIFE_MS = 100.0
"""Age at which half of a block's doubt is gone. Of blocks that a second document had again 99.9 % were
kept; anything between 1 and 350 ms is as good (squared error 0.0523 to 0.0525)."""


class Stability:
    """Remembers since when each block is there, and weighs it.

    `weigh` gives a block's weight (its tokens); it is asked once for each distinct block that is in
    the document.
    """

    def __init__(self, weigh: Callable[[str], int]) -> None:
        self._weigh = weigh
        self._seen: dict[str, tuple[int, int]] = {}
        self._last = ""

    def observe(self, blocks: Sequence[str], now_ms: int) -> None:
        """Blocks keep the age they have; those that went away lose it."""
        seen = self._seen
        self._seen = {block: seen.get(block) or (now_ms, self._weigh(block)) for block in blocks}
        self._last = blocks[-1] if blocks else ""

    def keeps(self, block: str, now_ms: int, phase: Phase) -> float:
        """The chance in 0..1 that a block is in the final document; a piece of one counts as new."""
        if phase is Phase.SETTLED:
            return 1.0
        since, _ = self._seen.get(block, (now_ms, 0))
        fresh = UNRENDERED[self._place(block)] if phase is Phase.HTML else RENDERED
        doubt: float = (1.0 - fresh) * 0.5 ** ((now_ms - since) / HALF_LIFE_MS)
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

    def _place(self, block: str) -> Place:
        if block != self._last:
            return "inner"
        return "last" if len(self._seen) > 1 else "only"
