"""One render shared by many."""

from __future__ import annotations

from contextlib import aclosing

import anyio
import pytest

from reader_stream.errors import AssertionFailureError, ServiceNodeUnavailableError
from reader_stream.model import Phase, Reason, StreamMode
from reader_stream.pipeline import flight as flights_module
from reader_stream.pipeline.flight import Flight, Flights, Replay
from reader_stream.stream.sequence import Event, Moment, Sequence
from reader_stream.stream.view import View

pytestmark = pytest.mark.anyio


class Script:
    """A render that plays documents with pauses between them, and ends as told."""

    def __init__(self, flight: Flight, *steps: str | float | Exception) -> None:
        self.flight = flight
        self.steps = steps
        self.ended = anyio.Event()

    async def run(self) -> None:
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, float):
                    await anyio.sleep(step)
                else:
                    self.tell(step)
            self.finish([])
        finally:
            self.ended.set()

    def conclude(self, reason: Reason) -> None:
        self.finish([reason.value])

    def tell(self, text: str) -> None:
        self.flight.sequence.observe((text,), {}, Moment(Phase.LOADED, 0, 0))
        self.flight.changed()

    def finish(self, reasons: list[str]) -> None:
        self.flight.sequence.finish({"reasons": reasons})
        self.flight.changed()


def new(key: str = "k", private: bool = False) -> Flight:
    return Flight(key, Sequence("content", len), private=private)


async def watch(flight: Flight, since: int = 0) -> list[Event]:
    async with aclosing(flight.watch(View(flight.sequence, StreamMode.PATCH, since))) as events:
        return [event async for event in events]


async def over(flight: Flight) -> None:
    with anyio.fail_after(30):
        while flight.ended_at is None:
            await flight.news()


async def test_all_who_watch_see_the_same_end() -> None:
    """Two clients of one render get its events and one final each."""
    async with Flights.open() as flights:
        flight, got = new(), []
        flights.start(flight, Script(flight, "a", 0.02, "b"))
        assert flights.join("k") is flight

        async def take() -> None:
            got.append([event.kind for event in await watch(flight)])

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(take)
            tasks.start_soon(take)
        assert [kinds[-1] for kinds in got] == ["final", "final"]
        await over(flight)
        assert flights.join("k") is None
        assert flights.find(flight.read_id) is flight


async def test_a_client_that_comes_back_gets_only_what_it_missed() -> None:
    """After the end, the log still answers."""
    async with Flights.open() as flights:
        flight = new()
        flights.start(flight, Script(flight, "a" * 20, 0.02))
        first = await watch(flight)
        assert [e.kind for e in await watch(flight, since=first[0].version)] == ["final"]


@pytest.mark.parametrize("private", [False, True])
async def test_the_render_ends_after_its_last_client_left(
    private: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A render nobody watches goes on for the grace, a private one not at all, then it is cancelled."""
    monkeypatch.setattr(flights_module, "GRACE_S", 1.0)
    async with Flights.open() as flights:
        flight = new(private=private)
        script = Script(flight, "a", 60.0)
        flights.start(flight, script)
        async with aclosing(flight.watch(View(flight.sequence, StreamMode.SNAPSHOT))) as events:
            await anext(events)
        left_at = anyio.current_time()
        await over(flight)
        assert (anyio.current_time() - left_at >= 1.0) is not private
        assert script.ended.is_set()
        assert flight.state == "abandoned"
        assert flights.join("k") is None


async def test_a_client_that_reconnects_in_time_keeps_the_render(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the grace a new client goes on with the same render."""
    monkeypatch.setattr(flights_module, "GRACE_S", 5.0)
    async with Flights.open() as flights:
        flight = new()
        flights.start(flight, Script(flight, "a", 0.1, "b"))
        async with aclosing(flight.watch(View(flight.sequence, StreamMode.SNAPSHOT))) as events:
            await anext(events)
        assert (await watch(flight))[-1].kind == "final"


async def test_a_render_that_is_joined_waits_for_its_new_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Joining in the last moment of the grace begins it anew; looking a read up does not."""
    monkeypatch.setattr(flights_module, "GRACE_S", 1.5)
    async with Flights.open() as flights:
        joined, found = new("joined"), new("found")
        for flight in (joined, found):
            flights.start(flight, Script(flight, "a", 60.0))
        await anyio.sleep(0.7)
        assert flights.join("joined") is joined
        assert flights.find(found.read_id) is found
        await over(found)
        assert joined.state == "running"
        await over(joined)


async def test_each_lonely_render_has_its_own_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many that are left one after the other, each ends after its own time; those watched go on."""
    monkeypatch.setattr(flights_module, "GRACE_S", 0.2)
    async with Flights.open() as flights, anyio.create_task_group() as tasks:
        many = [new(str(n)) for n in range(20)]
        for flight in many:
            flights.start(flight, Script(flight, "a", 60.0))
        tasks.start_soon(watch, many[7])
        for flight in many[:7] + many[8:]:
            await over(flight)
        assert [flight.state for flight in many].count("abandoned") == 19
        assert many[7].state == "running"
        flights.end(many[7], Reason.STOPPED_BY_CLIENT)


async def test_a_failure_is_an_error_event() -> None:
    """A ReaderError ends the stream as its error; a bug ends it as an internal one, not the server."""
    async with Flights.open() as flights:
        for error, code in ((AssertionFailureError("no"), 422), (ZeroDivisionError(), 500)):
            flight = new()
            flights.start(flight, Script(flight, "a", error))
            last = (await watch(flight))[-1]
            assert (last.kind, last.data["code"]) == ("error", code)


async def test_draining_ends_every_stream_with_what_there_is() -> None:
    """A service that stops says so in each stream's final event."""
    async with Flights.open() as flights:
        flight = new()
        script = Script(flight, "a", 60.0)
        flights.start(flight, script)
        async with aclosing(flight.watch(View(flight.sequence, StreamMode.SNAPSHOT))) as events:
            await anext(events)
            flights.drain()
            last = [event async for event in events][-1]
        assert last.data["reasons"] == ["draining"]
        with anyio.fail_after(30):
            await script.ended.wait()


async def test_a_late_client_of_an_abandoned_render_is_told_to_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever watches when a render is given up gets an error, never silence."""
    monkeypatch.setattr(flights_module, "GRACE_S", 0.0)
    async with Flights.open() as flights:
        flight = new()
        flights.start(flight, Script(flight, 60.0))
        with anyio.fail_after(30):
            while flight.ended_at is None:
                await flight.news()
        with pytest.raises(ServiceNodeUnavailableError):
            await watch(flight)


@pytest.mark.parametrize("replay", [Replay(reads=2), Replay(chars=5)])
async def test_ended_reads_are_forgotten(replay: Replay) -> None:
    """Only so many logs are kept, and so large ones, the newest ones."""
    async with Flights.open(replay) as flights:
        ended = [new(str(n)) for n in range(4)]
        for flight in ended:
            flights.start(flight, Script(flight, "a"))
            await watch(flight)
            await over(flight)
        flights.start(new(), Script(new(), "a"))
        assert [flights.find(flight.read_id) is not None for flight in ended] == [False, False, True, True]
