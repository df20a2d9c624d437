"""One render shared by all who ask for the same thing, and replay for those who come back.

A flight owns the task that renders; clients only watch its sequence. It is told "somebody looks" and
"nobody looks" and ends itself: after the last client is gone it goes on for a moment (time to
reconnect), then its scope is cancelled and the tab with it. Its log stays for a while, so that
`Last-Event-ID` finds what was missed.
"""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import anyio
from anyio.abc import TaskGroup

from reader_stream.errors import InternalServerError, ReaderError, ServiceNodeUnavailableError
from reader_stream.model import Reason
from reader_stream.stream.allowance import Ledger
from reader_stream.stream.sequence import Event, Sequence
from reader_stream.stream.view import View

GRACE_S = 2.0
"""How long a render goes on after its last client left (API.md)."""

READ_ID_BYTES = 8
LEDGER_ID_BYTES = 4
"""The id of a read is hex of its own length; behind it comes a client's own part, where it has a ledger."""

KEEP_LEDGERS = 512
"""Clients with a limit that one read remembers; a ledger has no more text than the limit, and shares it."""

log = logging.getLogger(__name__)

State = Literal["running", "complete", "failed", "abandoned"]


@dataclass(frozen=True, slots=True)
class Replay:
    """How long the logs of ended reads answer `Last-Event-ID` (API.md: 5 minutes), of how many reads, and the
    characters in all of them; the oldest go first."""

    seconds: float = 300.0
    reads: int = 512
    chars: int = 128 * 1024 * 1024


@dataclass(eq=False)
class Flight:
    """One render under way or ended, and who watches it."""

    key: str
    sequence: Sequence
    private: bool = False
    read_id: str = field(default_factory=lambda: secrets.token_hex(READ_ID_BYTES))
    watchers: int = 0
    ended_at: float | None = None
    abandoned: bool = False
    render: Render | None = None
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    left: Callable[[Flight], None] | None = None
    """Told when the last client is gone."""
    ledgers: OrderedDict[str, Ledger] = field(default_factory=OrderedDict)
    """By the id under which a client with a limit knows this read."""
    _changed: anyio.Event = field(default_factory=anyio.Event)

    @property
    def state(self) -> State:
        """How the read stands."""
        if self.sequence.end:
            return "complete" if self.sequence.end.kind == "final" else "failed"
        return "abandoned" if self.abandoned else "running"

    def open_ledger(self) -> str:
        """An id of this read for one client alone, which has a ledger from now on."""
        read_id = self.read_id + secrets.token_hex(LEDGER_ID_BYTES)
        self.ledgers[read_id] = Ledger()
        if len(self.ledgers) > KEEP_LEDGERS:
            self.ledgers.popitem(last=False)
        return read_id

    def changed(self) -> None:
        """Wake everybody who waits for news of this flight."""
        self._changed.set()
        self._changed = anyio.Event()

    async def news(self) -> None:
        """Return at the next `changed`."""
        await self._changed.wait()

    async def watch(self, view: View) -> AsyncGenerator[Event, None]:
        """The events for one client, from where its view stands up to and with the last one.

        A slow client finds the newest state at its next look. Raises ServiceNodeUnavailableError where
        the render was given up meanwhile.
        """
        self.watchers += 1
        try:
            while not view.ended:
                for event in view.catch_up():
                    yield event
                if view.ended:
                    return
                if self.abandoned:
                    raise ServiceNodeUnavailableError("the read was ended", retry_after=1)
                await self.news()
        finally:
            self.watchers -= 1
            if self.left and not self.watchers:
                self.left(self)

    def give_up(self) -> None:
        """End the render without a last event: nobody is there to hear it."""
        self.abandoned = True
        self.scope.cancel()


class Render(Protocol):
    """Makes the documents of a flight: one for a page, others for a PDF or given HTML."""

    async def run(self) -> None:
        """Observe documents, finish the sequence in the end."""

    def conclude(self, reason: Reason) -> None:
        """Finish the sequence now with what there is, without awaiting; `reason` says why."""


class Flights:
    """All flights, by what they render and by read id. Owns their tasks."""

    def __init__(self, tasks: TaskGroup, replay: Replay) -> None:
        self.draining = False
        self._replay = replay
        self._tasks = tasks
        self._running: dict[str, Flight] = {}
        self._by_id: OrderedDict[str, Flight] = OrderedDict()
        self._lonely: dict[Flight, float] = {}
        self._somebody_left = anyio.Event()

    @classmethod
    @asynccontextmanager
    async def open(cls, replay: Replay | None = None) -> AsyncIterator[Flights]:
        """The registry; leaving it cancels what still runs."""
        async with anyio.create_task_group() as tasks:
            flights = cls(tasks, replay or Replay())
            tasks.start_soon(flights._give_up_the_lonely)
            yield flights
            tasks.cancel_scope.cancel()

    def __len__(self) -> int:
        return sum(not flight.ended_at for flight in self._by_id.values())

    @property
    def watchers(self) -> int:
        """Clients that watch now."""
        return sum(flight.watchers for flight in self._by_id.values())

    def find(self, read_id: str) -> Flight | None:
        """The flight of this id, while it runs and as long as its events are kept."""
        self._expire()
        flight = self._by_id.get(read_id[: 2 * READ_ID_BYTES])
        return flight if flight and (read_id == flight.read_id or read_id in flight.ledgers) else None

    def join(self, key: str) -> Flight | None:
        """The flight that renders this now and may be shared, for somebody who is about to watch it."""
        flight = self._running.get(key)
        if not flight or flight.ended_at is not None or flight.abandoned:
            return None
        self.hold(flight)
        return flight

    def hold(self, flight: Flight) -> None:
        """Somebody is about to watch this one: if nobody does, it waits its whole grace again."""
        if flight in self._lonely:
            self._wait_for_a_client(flight)

    def start(self, flight: Flight, render: Render) -> None:
        """Run a new flight. One that is not private can be joined and found from now on."""
        self._expire()
        flight.render, flight.left = render, self._left
        self._wait_for_a_client(flight)
        self._by_id[flight.read_id] = flight
        if not flight.private:
            self._running[flight.key] = flight
        self._tasks.start_soon(self._run, flight, render)

    def end(self, flight: Flight, reason: Reason) -> None:
        """End it now: whoever watches gets a last event with what there is."""
        if flight.render and flight.sequence.end is None:
            flight.render.conclude(reason)
            flight.scope.cancel()
            flight.changed()

    def drain(self) -> None:
        """End every read, because the service stops; no new one is to begin."""
        self.draining = True
        for flight in list(self._by_id.values()):
            self.end(flight, Reason.DRAINING)

    def keep(self, flight: Flight) -> None:
        """Register one that has ended already (a cached result), for clients that come back."""
        self._expire()
        flight.ended_at = anyio.current_time()
        self._by_id[flight.read_id] = flight

    async def _run(self, flight: Flight, render: Render) -> None:
        try:
            with flight.scope:
                await _guarded(flight, render)
        finally:
            flight.abandoned = flight.sequence.end is None
            flight.render = flight.left = None
            self._lonely.pop(flight, None)
            flight.ended_at = anyio.current_time()
            if self._running.get(flight.key) is flight:
                del self._running[flight.key]
            if flight.private:
                self._by_id.pop(flight.read_id, None)
            flight.changed()

    def _left(self, flight: Flight) -> None:
        """The last client of a flight is gone; nobody can come back to a private one."""
        if flight.private:
            flight.give_up()
        else:
            self._wait_for_a_client(flight)

    def _wait_for_a_client(self, flight: Flight) -> None:
        self._lonely.pop(flight, None)  # it goes to the end: the longest alone come first
        self._lonely[flight] = anyio.current_time() + GRACE_S
        self._somebody_left.set()

    async def _give_up_the_lonely(self) -> None:
        """One task for all reads: a task for each costs 5 KiB."""
        while True:
            await self._somebody_left.wait()
            while self._lonely:
                flight, due = next(iter(self._lonely.items()))
                await anyio.sleep_until(due)
                if self._lonely.get(flight) == due:
                    del self._lonely[flight]
                    if not flight.watchers:
                        flight.give_up()
            self._somebody_left = anyio.Event()

    def _expire(self) -> None:
        """Forget ended reads that are too old, and the oldest while all together are too large."""
        now = anyio.current_time()
        ended = [flight for flight in self._by_id.values() if flight.ended_at is not None]
        total = sum(flight.sequence.size for flight in ended)
        for n, flight in enumerate(ended):
            surplus = len(ended) - n > self._replay.reads or total > self._replay.chars
            if surplus or now - (flight.ended_at or now) > self._replay.seconds:
                total -= flight.sequence.size
                del self._by_id[flight.read_id]


async def _guarded(flight: Flight, render: Render) -> None:
    """The border of a background task: its failure belongs to those who watch, not to the server."""
    try:
        await render.run()
    except ReaderError as error:
        flight.sequence.fail(error.to_dict())
    except Exception:
        log.exception("read %s failed", flight.read_id)
        fault = InternalServerError(f"an unexpected fault; the log has it under read {flight.read_id}")
        flight.sequence.fail(fault.to_dict())
