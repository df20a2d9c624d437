"""Documents over time become revisions: which of them is worth telling, and what the last event is.

One `Sequence` for a read: it takes documents as they come. What a client is told of them is its own
`view.View`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reader_stream.model import Phase, Progress
from reader_stream.stream.allowance import KEEP
from reader_stream.stream.splice import Blocks, Splice, diff
from reader_stream.stream.stability import Stability

KEEP_REVISIONS = 256
"""Revisions a read remembers for clients that come back; a splice from an older one is a snapshot instead."""

KEEP_CHARS = 8 * 1024 * 1024
"""Characters of replaced blocks that a read remembers besides its newest revision."""

PATCH_CHARS = 176
"""What a patch costs besides its blocks: id, names, numbers and progress, as counted on the wire. Changes
with less between them are one patch, so that patches are never larger than the snapshot would be."""

SHRINK = 0.5
"""A document under this share of the last one waits for a second that says the same: pages go blank for
a moment when a framework takes over, and a reader should not see it. So does one that is a beginning of
the last one: a browser that is still parsing what the first look has told already."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream. `data` is JSON-able and as API.md describes it for the kind."""

    kind: Literal["snapshot", "patch", "final", "error"]
    version: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a document was taken: `pending` requests were under way; `last` is set on the final one."""

    phase: Phase
    pending: int
    elapsed_ms: int
    last: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """A document so far that is worth telling; `head` is what a snapshot says besides its content. The
    versions between `base`, the last revision's, and `version` are for patches on the way from there."""

    base: int
    version: int
    blocks: Blocks
    head: Mapping[str, Any]
    progress: Progress
    elapsed_ms: int


class Sequence:
    """The revisions of one read. `field` names the content in snapshots (content, html, text, …)."""

    def __init__(self, field: str, weigh: Callable[[str], int]) -> None:
        self.field = field
        self.revisions: list[Revision] = []
        self.stability = Stability(weigh)
        self.end: Event | None = None
        self.limited = False
        """Whether any client has a limit in tokens on all that it is sent."""
        self._held: Blocks | None = None
        self._phase = Phase.HTML
        self._chars = 0
        self._ways: dict[tuple[int, int], tuple[Splice, ...]] = {}

    @property
    def newest(self) -> Revision | None:
        """The last revision, None before the first."""
        return self.revisions[-1] if self.revisions else None

    @property
    def version(self) -> int:
        """The version of the last event that any client can have seen."""
        if self.end:
            return self.end.version
        return self.newest.version if self.newest else 0

    @property
    def size(self) -> int:
        """Characters that the log keeps alive, about: the newest, the final and what was replaced."""
        newest = sum(map(len, self.newest.blocks)) if self.newest else 0
        return self._chars + 2 * newest

    def observe(self, blocks: Blocks, head: Mapping[str, Any], at: Moment) -> bool:
        """Take a document; True when it is worth telling.

        The last one always counts when it differs. One that only takes doubts away counts where clients
        have a limit: from them blocks are withheld that may be taken back.
        """
        if self.end:
            raise RuntimeError("the sequence has ended")
        newest = self.newest
        old = newest.blocks if newest else ()
        phase = Phase.SETTLED if at.last else at.phase
        if blocks == old:
            self._phase = phase
            if newest is None or not (self.limited and self._clears_doubts(at)):
                return False
        elif not at.last and self._shrinks(old, blocks):
            return False
        self._held, self._phase = None, phase
        self._ways.clear()
        self.stability.observe(blocks, at.elapsed_ms)
        progress = Progress(phase, self.stability.share(blocks, at.elapsed_ms, phase), at.pending)
        # As many numbers as splices, so that each patch of a view that follows closely has its own.
        steps = max(1, len(diff(old, blocks, apart=PATCH_CHARS))) if newest else 1
        base = self.version
        self.revisions.append(Revision(base, base + steps, blocks, dict(head), progress, at.elapsed_ms))
        self._forget(old, blocks)
        return True

    def way_from(self, version: int, old: Blocks, at_most: int) -> tuple[Splice, ...]:
        """The splices from `old`, the blocks of that revision, to the newest; found once for all clients."""
        way = self._ways.get((version, at_most))
        if way is None:
            way = self._ways[version, at_most] = diff(old, self.revisions[-1].blocks, at_most, PATCH_CHARS)
        return way

    def stable_beginning(self, blocks: Blocks, chance: float) -> Blocks:
        """The leading blocks of the newest revision that each have this chance to stay."""
        newest = self.revisions[-1]
        for n, block in enumerate(blocks):
            if self.stability.keeps(block, newest.elapsed_ms, newest.progress.phase) < chance:
                return blocks[:n]
        return blocks

    def stability_at(self, now_ms: int, *, resting: bool) -> float:
        """The share of the newest revision that is expected to stay, as far as is known now.

        `resting`: that no document has come since says something, too. It says nothing of a page's source
        while a browser is on its way.
        """
        newest = self.newest
        if newest is None:
            return 0.0
        rests = resting or self._phase is not Phase.HTML
        return self.stability.share(newest.blocks, now_ms if rests else newest.elapsed_ms, self._phase)

    def finish(self, data: Mapping[str, Any]) -> None:
        """End with success. `data` is the final's, without `version`, whole content included."""
        self.end = Event("final", self.version + 1, {**data, "version": self.version + 1})

    def fail(self, error: Mapping[str, Any]) -> None:
        """End with the contract's error object."""
        version = self.version + 1 if self.revisions else 0
        self.end = Event("error", version, error)

    def _clears_doubts(self, at: Moment) -> bool:
        """Whether the newest blocks, found once more, are surer than they were."""
        blocks = self.revisions[-1].blocks
        rendered = at.phase is not Phase.HTML
        return at.last or (rendered and self.stable_beginning(blocks, KEEP) != blocks)

    def _shrinks(self, old: Blocks, new: Blocks) -> bool:
        if not new:
            return True
        much_less = sum(map(len, new)) < SHRINK * sum(map(len, old))
        if not (much_less or _begins(old, new)) or new == self._held:
            return False
        self._held = new
        return True

    def _forget(self, old: Blocks, new: Blocks) -> None:
        """Bound what is remembered: the oldest revisions go."""
        kept = set(new)
        self._chars += sum(len(block) for block in set(old) if block not in kept)
        while len(self.revisions) > 1 and (len(self.revisions) > KEEP_REVISIONS or self._chars > KEEP_CHARS):
            gone, after = self.revisions.pop(0), set(self.revisions[0].blocks)
            self._chars -= sum(len(block) for block in set(gone.blocks) if block not in after)


def _begins(old: Blocks, new: Blocks) -> bool:
    """Whether `old` is `new` and then more; its last block may have been cut anywhere."""
    k = len(new) - 1
    return k < len(old) and old[:k] == new[:k] and old[k].startswith(new[k])


def progress_data(progress: Progress) -> dict[str, Any]:
    """`progress` as it goes over the wire."""
    return {
        "phase": progress.phase.value,
        "stability": progress.stability,
        "pending": progress.pending,
    }
