"""`progress.stability` against what was kept: calibration over the whole test site.

Every page counts the same, however many events it has. The squared error is that of the service's word,
of a constant (the mean of what was kept), and of the model with its shares fitted anew to other pages
than the one it is asked about, which tells whether the shares in `stream/stability.py` still hold.

Beside it, flicker: of the words that a stream's documents told, the share that a later one had no more.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.flicker import taken_back
from benchmarks.recording import VARIANTS, Recording, record
from benchmarks.stage import Stage
from reader_stream.document import tokens
from reader_stream.stream.stability import HALF_LIFE_MS

PART = "stability"
BINS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99)
"""Lower ends; most of what is said is near 1."""

FOLDS = 10
Cell = tuple[bool, str]
"""Whether the page was rendered, and where the block stands."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a document so far: its cell, age, share of the document's tokens, whether it was kept."""

    cell: Cell
    age_ms: int
    share: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One event: the page, its weight among all, what the service said, and the blocks."""

    page: str
    weight: float
    said: float
    blocks: tuple[Block, ...]

    @property
    def kept(self) -> float:
        """The share that stayed, by tokens."""
        return sum(block.share for block in self.blocks if block.kept)


async def run(stage: Stage) -> None:
    """Record, compare, fit again."""
    recordings = await record(stage, *VARIANTS)
    backs = [taken_back([version.blocks for version in recording.versions]) for recording in recordings]
    stage.add(PART, f"{len(backs)} streams", "words taken back, share", "median", statistics.median(backs))
    stage.add(PART, f"{len(backs)} streams", "words taken back, share", "mean", statistics.mean(backs))
    events = list(_events(recordings))
    for low, high in zip(BINS, (*BINS[1:], 1.01), strict=True):
        some = [event for event in events if low <= event.said < high]
        if some:
            case = f"{low:g} to {min(high, 1):g}"
            stage.add(PART, case, "share", "said", _mean(some, [e.said for e in some]))
            stage.add(PART, case, "share", "kept", _mean(some, [e.kept for e in some]))
            stage.add(PART, case, "events", "said", len(some))
    constant = _mean(events, [event.kept for event in events])
    for name, guesses in (
        ("service", [event.said for event in events]),
        ("constant", [constant] * len(events)),
        ("fitted to other pages", _cross_validated(events)),
    ):
        errors = [(guess - event.kept) ** 2 for guess, event in zip(guesses, events, strict=True)]
        stage.add(PART, "all events", "squared error", name, _mean(events, errors))
    for (rendered, place), share in sorted(_shares(events).items()):
        print(f"new blocks kept: {'rendered' if rendered else 'html'}, {place}: {share:.3f}", file=sys.stderr)


def _events(recordings: Iterable[Recording]) -> Iterable[Told]:
    recordings = list(recordings)
    count = Counter(r.page for r in recordings for v in r.versions if v.phase != "settled")
    for recording in recordings:
        final = set(recording.final)
        since: dict[str, int] = {}
        for version in recording.versions:
            since = {block: since.get(block, version.elapsed_ms) for block in version.blocks}
            if version.phase == "settled" or not version.blocks:
                continue
            weights = [tokens.count(block) + 1 for block in version.blocks]
            places = _places(len(weights))
            blocks = tuple(
                Block(
                    (version.phase != "html", place),
                    version.elapsed_ms - since[text],
                    weight / sum(weights),
                    text in final,
                )
                for text, weight, place in zip(version.blocks, weights, places, strict=True)
            )
            yield Told(recording.page, 1 / count[recording.page], version.stability, blocks)


def _places(count: int) -> list[str]:
    return ["only"] if count == 1 else ["inner"] * (count - 1) + ["last"]


def _mean(events: Sequence[Told], values: Iterable[float]) -> float:
    """The mean in which every page counts the same."""
    total = sum(event.weight for event in events)
    return sum(event.weight * value for event, value in zip(events, values, strict=True)) / total


def _shares(events: Iterable[Told]) -> dict[Cell, float]:
    """Of blocks that were new, the share that was kept, by cell."""
    kept: dict[Cell, float] = defaultdict(float)
    every: dict[Cell, float] = defaultdict(float)
    for event in events:
        for block in event.blocks:
            if block.age_ms == 0:
                every[block.cell] += event.weight * block.share
                kept[block.cell] += event.weight * block.share * block.kept
    return {cell: kept[cell] / every[cell] for cell in every}


def _cross_validated(events: Sequence[Told]) -> list[float]:
    """For each event what the model says when it has not seen the event's page."""
    pages = sorted({event.page for event in events})
    fold = {page: n % FOLDS for n, page in enumerate(pages)}
    shares = [_shares(e for e in events if fold[e.page] != n) for n in range(FOLDS)]
    return [_guess(event, shares[fold[event.page]]) for event in events]


def _guess(event: Told, shares: dict[Cell, float]) -> float:
    doubts = (
        block.share * (1 - shares.get(block.cell, 1.0)) * math.exp2(-block.age_ms / HALF_LIFE_MS)
        for block in event.blocks
    )
    return 1.0 - sum(doubts, 0.0)
