"""What one client is told of a sequence.

A `View` stands at some revision and says which events lead from there to the newest one, so a slow
client skips what it missed and a late one begins with the newest. The property that holds always:
folding a view's events gives the content of its final, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reader_stream.model import StreamMode
from reader_stream.stream.allowance import JOINT, KEEP, Account, Allowance, Ledger
from reader_stream.stream.sequence import Event, Revision, Sequence, progress_data
from reader_stream.stream.splice import Blocks, Splice, apply, diff


class View:
    """One client's way through a sequence. `since` is the version it has (0: nothing).

    `ledger` is what was told to this client before; a view with a limit on all its patches writes on in it.
    `fits` says of blocks, and whether they are the last, if the client wants them at all: others wait.
    """

    def __init__(
        self,
        sequence: Sequence,
        mode: StreamMode,
        since: int = 0,
        allowance: Allowance | None = None,
        ledger: Ledger | None = None,
        fits: Callable[[Blocks, bool], bool] | None = None,
    ) -> None:
        self._sequence = sequence
        self._mode = mode
        self._allowance = allowance
        self._counts = allowance is not None and allowance.limit is not None and mode is StreamMode.PATCH
        self._ledger = ledger or Ledger()
        self._fits = fits
        self._version = since
        self.sent: Blocks | None = None
        self.spent = 0
        self.ended = False
        sequence.limited = sequence.limited or self._counts
        self._take_up(since)

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

    def _take_up(self, since: int) -> None:
        """What a client that comes back holds. Where that is not known (any more), it begins anew."""
        if self._counts:
            account = self._ledger.at(since)
            self._version = since if account else 0
            if account:
                self.sent, self.spent = account.blocks, account.spent
            return
        known = next((r.blocks for r in self._sequence.revisions if r.version == since), None)
        self.sent = self._allowance.fit(known) if known is not None and self._allowance else known

    def _step(self, newest: Revision) -> list[Event]:
        last = self._sequence.end is not None
        blocks = self._allowed(newest, last=last)
        if blocks == self.sent or not (blocks or self._version):
            return []
        if self._fits and not self._fits(blocks, last):
            return []
        events = self._tell(newest, blocks)
        self._version, self.sent = newest.version, blocks
        return events

    def _tell(self, newest: Revision, blocks: Blocks) -> list[Event]:
        if self._mode is StreamMode.PATCH and self.sent is not None:
            return self._patches(newest, self.sent, self._splices(newest, self.sent, blocks))
        self._enter(newest.version, blocks, blocks)
        return [self._snapshot(newest, blocks)]

    def _splices(self, newest: Revision, sent: Blocks, blocks: Blocks) -> tuple[Splice, ...]:
        if self._allowance:
            return diff(sent, blocks, at_most=self._gap(newest))
        return self._sequence.way_from(self._version, sent, self._gap(newest))

    def _allowed(self, newest: Revision, *, last: bool) -> Blocks:
        """What this client may have of a revision, so that a patch stream stays within its limit.

        Before the last one nothing that may be taken back is paid with what the content will need.
        """
        allowance = self._allowance
        if allowance is None:
            return newest.blocks
        blocks = allowance.fit(newest.blocks)
        if not self._counts or allowance.limit is None:
            return blocks
        if not last:
            blocks = self._sequence.stable_beginning(blocks, KEEP)
        held = self.sent or ()

        def cost(target: Blocks) -> int:
            return sum(allowance.cost(s.insert) for s in diff(held, target, at_most=self._gap(newest)))

        told = allowance.within(blocks, (allowance.limit if last else allowance.early) - self.spent, cost)
        withdraws = len(told) < len(blocks) and len(told) < len(held)
        return held if withdraws and not last else told

    def _gap(self, newest: Revision) -> int:
        """How many patches have a version of their own on the way to `newest`; none that is a revision's."""
        return max(1, min(8, newest.version - max(self._version, newest.base)))

    def _enter(self, version: int, blocks: Blocks, told: Blocks) -> None:
        """Note what the client holds at a version, and that `told` was sent for it."""
        if self._counts and self._allowance:
            self.spent += self._allowance.cost(told)
            self._ledger.enter(version, Account(blocks, self.spent))

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

    def _patches(self, newest: Revision, held: Blocks, splices: Iterable[Splice]) -> list[Event]:
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
            if self._counts:
                held = apply(held, splice)
                self._enter(version, held, splice.insert)
            base = version
        return events

    def _last(self, end: Event) -> Event:
        if self._mode is StreamMode.SNAPSHOT or end.kind == "error":
            return end
        data = {key: value for key, value in end.data.items() if key != self._sequence.field}
        return Event(end.kind, end.version, data)
