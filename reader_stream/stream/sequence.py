"""Documents over time become events: which is a snapshot, a patch, nothing, the final or an error.

Two machines, both pure. A `Sequence` is one for a read: it takes documents as they come and keeps the
revisions that are worth telling. A `View` is one for a client: it stands at some revision and says
which events lead from there to the newest one, so a slow client skips what it missed and a late one
begins with the newest. The property that holds always: folding a view's events gives the content of
its final, byte for byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reader_stream.model import Phase, Progress, StreamMode
from reader_stream.stream.allowance import JOINT, KEEP, Allowance
from reader_stream.stream.splice import Blocks, Splice, diff
from reader_stream.stream.stability import Stability

KEEP_REVISIONS = 256
"""Revisions a read remembers for clients that come back; a splice from an older one is a snapshot instead."""

KEEP_CHARS = 8 * 1024 * 1024
"""Characters of replaced blocks that a read remembers besides its newest revision."""

PATCH_CHARS = 150
"""What an event costs besides its blocks: names, numbers and progress, as counted on the wire."""

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
    """A document so far that is worth telling; `head` is what a snapshot says besides its content."""

    version: int
    blocks: Blocks
    head: Mapping[str, Any]
    progress: Progress
    elapsed_ms: int


class Sequence:
    """The revisions of one read. `field` names the content in snapshots (content, html, text, …)."""

    def __init__(self, field: str, weigh: Callable[[str], int]) -> None:
        self.field = field
        self.revisions: deque[Revision] = deque()
        self.stability = Stability(weigh)
        self.end: Event | None = None
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

        The last one always counts when it differs. One that only takes doubts away counts for clients with
        a limit, from whom doubtful blocks are withheld.
        """
        if self.end:
            raise RuntimeError("the sequence has ended")
        newest = self.newest
        old = newest.blocks if newest else ()
        phase = Phase.SETTLED if at.last else at.phase
        if blocks == old:
            self._phase = phase
            if phase is Phase.HTML or newest is None or self.stable_beginning(blocks, KEEP) == blocks:
                return False
        elif not at.last and self._shrinks(old, blocks):
            return False
        self._held, self._phase = None, phase
        self._ways.clear()
        self.stability.observe(blocks, at.elapsed_ms)
        progress = Progress(phase, self.stability.share(blocks, at.elapsed_ms, phase), at.pending)
        # As many numbers as splices, so that each patch of a view that follows closely has its own.
        steps = max(1, len(diff(old, blocks))) if newest else 1
        self.revisions.append(Revision(self.version + steps, blocks, dict(head), progress, at.elapsed_ms))
        self._forget(old, blocks)
        return True

    def way_from(self, version: int, old: Blocks, at_most: int) -> tuple[Splice, ...]:
        """The splices from `old`, the blocks of that revision, to the newest; found once for all clients."""
        way = self._ways.get((version, at_most))
        if way is None:
            way = self._ways[version, at_most] = diff(old, self.revisions[-1].blocks, at_most)
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
            gone, after = self.revisions.popleft(), set(self.revisions[0].blocks)
            self._chars -= sum(len(block) for block in set(gone.blocks) if block not in after)


class View:
    """One client's way through a sequence. `since` is the version it has (0: nothing)."""

    def __init__(
        self, sequence: Sequence, mode: StreamMode, since: int = 0, allowance: Allowance | None = None
    ) -> None:
        self._sequence = sequence
        self._mode = mode
        self._version = since
        self._allowance = allowance
        self.spent = 0
        self.ended = False
        # What the client holds; of a client with an allowance nobody knows what it was given before.
        known = () if allowance else sequence.revisions
        self.sent: Blocks | None = next((r.blocks for r in known if r.version == since), None)

    def catch_up(self) -> list[Event]:
        """The events from where the client stands to the newest state; none when there is no news."""
        sequence, events = self._sequence, []
        newest = sequence.newest
        if newest and newest.version > self._version:
            events += self._step(newest)
        if sequence.end and sequence.end.version >= self._version and not self.ended:
            events.append(self._last(sequence.end))
            self.ended = True
        return events

    def _step(self, newest: Revision) -> list[Event]:
        blocks = self._allowed(newest, last=self._sequence.end is not None)
        if blocks == self.sent or not (blocks or self._version):
            return []
        events = self._tell(newest, blocks)
        self._version, self.sent = newest.version, blocks
        return events

    def _tell(self, newest: Revision, blocks: Blocks) -> list[Event]:
        if self._mode is StreamMode.PATCH and self.sent is not None:
            splices = self._splices(newest, self.sent, blocks)
            patched = sum(PATCH_CHARS + s.size for s in splices)
            whole = PATCH_CHARS + sum(map(len, blocks)) + sum(len(str(v)) for v in newest.head.values())
            if self._allowance or patched <= whole:
                self.spent += self._cost(splices)
                return self._patches(newest, splices)
        self.spent += self._cost([Splice(0, 0, blocks)])
        return [self._snapshot(newest, blocks)]

    def _splices(self, newest: Revision, sent: Blocks, blocks: Blocks) -> tuple[Splice, ...]:
        if self._allowance:
            return diff(sent, blocks, at_most=self._gap(newest))
        return self._sequence.way_from(self._version, sent, self._gap(newest))

    def _allowed(self, newest: Revision, *, last: bool) -> Blocks:
        """What this client may have of a revision, so that a patch stream stays within its limit."""
        allowance = self._allowance
        if allowance is None:
            return newest.blocks
        blocks = allowance.fit(newest.blocks)
        if self._mode is StreamMode.SNAPSHOT or allowance.limit is None:
            return blocks
        if not last:
            blocks = self._sequence.stable_beginning(blocks, KEEP)
        held = self.sent or ()

        def cost(target: Blocks) -> int:
            return self._cost(diff(held, target, at_most=self._gap(newest)))

        return allowance.within(blocks, allowance.limit + 1 - self.spent, cost)

    def _cost(self, splices: Iterable[Splice]) -> int:
        return sum(self._allowance.cost(s.insert) for s in splices) if self._allowance else 0

    def _gap(self, newest: Revision) -> int:
        """How many patches have a version of their own on the way to `newest`."""
        return max(1, min(8, newest.version - self._version))

    def _snapshot(self, revision: Revision, blocks: Blocks) -> Event:
        data: dict[str, Any] = {**revision.head}
        if self._mode is StreamMode.PATCH:
            data["blocks"] = blocks
        else:
            data[self._sequence.field] = JOINT.join(blocks)
        data |= {
            "version": revision.version,
            "elapsed": revision.elapsed_ms,
            "progress": progress_data(revision.progress),
        }
        return Event("snapshot", revision.version, data)

    def _patches(self, newest: Revision, splices: Iterable[Splice]) -> list[Event]:
        splices = tuple(splices)
        events: list[Event] = []
        base = self._version
        for left, splice in zip(range(len(splices) - 1, -1, -1), splices, strict=True):
            version = newest.version - left
            data = {
                "version": version,
                "base": base,
                "start": splice.start,
                "delete": splice.delete,
                "insert": splice.insert,
                "progress": progress_data(newest.progress),
            }
            events.append(Event("patch", version, data))
            base = version
        return events

    def _last(self, end: Event) -> Event:
        if self._mode is StreamMode.SNAPSHOT or end.kind == "error":
            return end
        data = {key: value for key, value in end.data.items() if key != self._sequence.field}
        return Event(end.kind, end.version, data)


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
