"""Reads and their clients are cancelled at each await in turn: nothing of them stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from functools import partial
from types import coroutine
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from reader_stream.app import open_services
from reader_stream.model import Engine, ReadOptions, Reason, StreamMode
from reader_stream.pipeline import flight as flights_module
from reader_stream.pipeline.flight import Flight, Flights
from reader_stream.pipeline.order import admit
from reader_stream.pipeline.read import PageRead
from reader_stream.pipeline.services import Services
from reader_stream.pipeline.transcript import Transcript
from reader_stream.settings import Settings
from reader_stream.stream.sequence import Sequence
from reader_stream.stream.view import View
from reader_stream.web.event_stream import EventStream
from reader_stream.web.limits import RequestLimits
from tests.pipeline.test_flight import Script, new, over
from tests.site import Site

pytestmark = pytest.mark.anyio

MOST_AWAITS = 400
"""More than any of these has: a loop that goes further does not come to its end."""


@coroutine
def stepped(
    work: Coroutine[Any, Any, object], at: int, cancel: Callable[[], None]
) -> Generator[Any, Any, bool]:
    """Run `work`, call `cancel` when it awaits for the `at`-th time; whether it came so far."""
    steps, count = work.__await__(), 0
    step: Callable[[], object] = partial(steps.send, None)
    while True:
        try:
            awaited = step()
        except StopIteration:
            return count >= at
        count += 1
        if count == at:
            cancel()
        try:
            yield awaited
            step = partial(steps.send, None)
        except BaseException as error:
            step = partial(steps.throw, error)


async def test_a_client_that_is_cancelled_anywhere_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its seat and its place among the reads of its address are free, and the render ends."""
    monkeypatch.setattr(flights_module, "GRACE_S", 0.01)
    limits = RequestLimits(1, 1.0, 1.0, 10)

    async def send(_: object) -> None:
        await anyio.lowlevel.checkpoint()

    async def receive() -> dict[str, str]:
        await anyio.sleep_forever()
        raise AssertionError

    async with Flights.open() as flights:
        for at in range(1, MOST_AWAITS):
            flight = new(private=at % 2 == 0)
            flights.start(flight, Script(flight, "a", 0.001, "a b", 0.001))
            view = View(flight.sequence, StreamMode.PATCH)
            stream = EventStream(limits.counted("x", flight.watch(view)), flight.read_id)
            with anyio.CancelScope() as scope:
                went_on = await stepped(stream({"method": "GET"}, receive, send), at, scope.cancel)
            await over(flight)
            assert (flight.watchers, limits.reads, len(flights)) == (0, {}, 0)
            if not (scope.cancelled_caught or went_on):
                break
        assert 5 < at < MOST_AWAITS - 1


class Cut:
    """A read that is cancelled at its `at`-th await."""

    def __init__(self, read: PageRead, at: int, flight: Flight) -> None:
        self._read = read
        self._at = at
        self._flight = flight
        self.reached = True

    async def run(self) -> None:
        """The read, as far as it comes."""
        self.reached = await stepped(self._read.run(), self._at, self._flight.give_up)

    def conclude(self, reason: Reason) -> None:
        """As the read does."""
        self._read.conclude(reason)


async def _cut(services: Services, options: ReadOptions, at: int) -> tuple[Flight, bool]:
    order = admit(options, services.dialer)
    flight = Flight(order.flight_key, Sequence("content", len))
    transcript = Transcript(order, flight, services.renderer, services.shots)
    cut = Cut(PageRead(services, order, transcript), at, flight)
    services.flights.start(flight, cut)
    with suppress(anyio.get_cancelled_exc_class()):
        await over(flight)
    return flight, cut.reached


async def test_a_read_that_is_cancelled_anywhere_leaves_nothing(site: Site) -> None:
    """No task of it goes on, however far it came, with and without a condition to end early."""
    settings = Settings(render_workers=1, browser_warm_tabs=0, egress_allow=tuple(site.allow.split(",")))
    async with open_services(settings) as services:
        await _cut(services, _options(site, None), MOST_AWAITS)
        tasks = len(asyncio.all_tasks())
        for stop_when in (None, "text:no such words"):
            for at in range(1, MOST_AWAITS):
                flight, reached = await _cut(services, _options(site, stop_when), at)
                assert flight.state in ("abandoned", "complete")
                assert len(services.flights) == 0
                with anyio.fail_after(10):
                    while len(asyncio.all_tasks()) > tasks:  # noqa: ASYNC110 - nobody tells of a task's end
                        await anyio.sleep(0.005)
                if not reached:
                    break
            assert 4 < at < MOST_AWAITS - 1


def _options(site: Site, stop_when: str | None) -> ReadOptions:
    return ReadOptions(url=site.url("/article"), engine=Engine.HTTP, no_cache=True, stop_when=stop_when)
