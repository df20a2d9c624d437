"""The event stream as an ASGI response, with hand-written receive and send."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from typing import Any

import anyio
import pytest
from starlette.requests import ClientDisconnect

from reader_stream.errors import AssertionFailureError, ParamValidationError, RateLimitTriggeredError
from reader_stream.stream.sequence import Event
from reader_stream.stream.sse import Decoder, Message
from reader_stream.web.event_stream import EventStream, StreamLimits, run_until_disconnect

pytestmark = pytest.mark.anyio
ASGIMessage = MutableMapping[str, Any]
GET: dict[str, Any] = {"type": "http", "method": "GET"}
PATIENCE_S = 30
"""For what has to come; a crowded machine may be late."""


class Client:
    """The other end: takes what is sent; `leave` is what a disconnect is to an ASGI server."""

    def __init__(self, on_send: Callable[[ASGIMessage], Awaitable[None]] | None = None) -> None:
        self.sent: list[ASGIMessage] = []
        self.gone = anyio.Event()
        self._on_send = on_send

    async def receive(self) -> ASGIMessage:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: ASGIMessage) -> None:
        if self._on_send:
            await self._on_send(message)
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def messages(self) -> list[Message]:
        return list(Decoder().feed(self.body))


def snapshot(version: int) -> Event:
    return Event("snapshot", version, {"content": "x" * version})


class Read:
    """A read whose end can be seen: yields the steps, waits at a number or for an event, raises."""

    def __init__(self, *steps: Event | float | Exception | anyio.Event) -> None:
        self.steps = steps
        self.taken = 0
        self.closed = anyio.Event()

    async def events(self) -> AsyncGenerator[Event, None]:
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, Event):
                    self.taken += 1
                    yield step
                elif isinstance(step, anyio.Event):
                    await step.wait()
                else:
                    await anyio.sleep(step)
        finally:
            self.closed.set()


async def test_events_are_sent_as_they_come() -> None:
    """Head, `retry` once, the events with their ids, and a closed body."""
    client, read = Client(), Read(snapshot(1), snapshot(2), Event("final", 3, {"content": "xx"}))
    await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert client.status == 200
    assert client.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert client.headers[b"cache-control"] == b"no-store"
    assert client.headers[b"x-accel-buffering"] == b"no"
    assert client.headers[b"vary"] == b"Accept"
    assert b"connection" not in client.headers
    assert client.body.startswith(b"retry: 1000\n\n")
    assert client.body.count(b"retry:") == 1
    assert [(m.id, m.event) for m in client.messages] == [
        ("r1:1", "snapshot"),
        ("r1:2", "snapshot"),
        ("r1:3", "final"),
    ]
    assert client.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_an_error_before_the_first_event_has_its_http_status() -> None:
    """The head waits for the first event, so a raised error gives the status and the event `:0`."""
    client, read = Client(), Read(0.01, RateLimitTriggeredError("later", retry_after=3))
    await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert client.status == 429
    assert client.headers[b"retry-after"] == b"3"
    assert [(m.id, m.event) for m in client.messages] == [("r1:0", "error")]


async def test_an_error_that_comes_as_first_event_has_its_http_status() -> None:
    """It is the same whether the error is raised or told."""
    told = AssertionFailureError("nothing there").to_dict()
    client, read = Client(), Read(Event("error", 0, told))
    await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert client.status == 422
    assert client.messages[0].json() == told


async def test_an_error_after_the_first_event_is_the_last_event() -> None:
    """The status is out already; the error is told once, at the end, with the next version."""
    client, read = Client(), Read(snapshot(4), ParamValidationError("no"))
    await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert client.status == 200
    assert [(m.id, m.event) for m in client.messages] == [("r1:4", "snapshot"), ("r1:5", "error")]
    assert client.sent[-1]["more_body"] is False


async def test_our_own_faults_are_told_without_their_text() -> None:
    """An unforeseen exception is a 500 that shows nothing of our inside."""
    client, read = Client(), Read(RuntimeError("secret"))
    await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert client.status == 500
    assert client.messages[0].json()["name"] == "InternalServerError"
    assert b"secret" not in client.body


async def test_a_quiet_stream_pings() -> None:
    """While nothing happens comments go out, the first one with the head."""
    pings, quiet = 0, anyio.Event()

    async def count(message: ASGIMessage) -> None:
        nonlocal pings
        pings += message.get("body", b"").count(b": ping\n\n")
        if pings == 2:
            quiet.set()

    client, read = Client(count), Read(quiet, snapshot(1))
    with anyio.fail_after(PATIENCE_S):
        await EventStream(read.events(), "r1", StreamLimits(ping=0.03))(GET, client.receive, client.send)
    assert client.body.startswith(b"retry: 1000\n\n: ping\n\n")
    assert client.body.count(b": ping\n\n") >= 2
    assert [m.id for m in client.messages] == ["r1:1"]


async def test_an_error_after_a_ping_is_an_event() -> None:
    """With the head out the status is 200 and the error is told in the stream."""
    told = anyio.Event()

    async def tell(_: ASGIMessage) -> None:
        told.set()

    client, read = Client(tell), Read(told, ParamValidationError("no"))
    await EventStream(read.events(), "r1", StreamLimits(ping=0.02))(GET, client.receive, client.send)
    assert client.status == 200
    assert [(m.id, m.event) for m in client.messages] == [("r1:0", "error")]


async def test_a_client_that_leaves_ends_the_read_at_once() -> None:
    """The iterator's cleanup has run when the response returns; nothing is sent to nobody."""
    client, read = Client(), Read(snapshot(1), 60.0)

    async def leave(_: ASGIMessage) -> None:
        client.gone.set()

    client._on_send = leave
    with anyio.fail_after(PATIENCE_S):
        await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert read.closed.is_set()
    assert client.sent[-1]["more_body"] is True


async def test_a_client_that_left_before_the_start_costs_nothing() -> None:
    """No event is taken from a read that nobody waits for any more."""
    client, read = Client(), Read(60.0, snapshot(1))
    client.gone.set()
    with anyio.fail_after(PATIENCE_S):
        await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert client.sent == []
    assert read.taken == 0


async def test_a_stalled_client_ends_the_read() -> None:
    """A send that does not come back within the limit closes the iterator."""

    async def stall(message: ASGIMessage) -> None:
        if message["type"] == "http.response.body":
            await anyio.sleep(60)

    client, read = Client(stall), Read(snapshot(1), snapshot(2))
    with anyio.fail_after(PATIENCE_S):
        await EventStream(read.events(), "r1", StreamLimits(send=0.05))(GET, client.receive, client.send)
    assert read.closed.is_set()
    assert read.taken == 1


async def test_a_failing_ping_ends_a_stream_whose_leaving_nobody_tells() -> None:
    """A client that pipelined a second request and left is noticed by the next ping alone."""

    async def fail(message: ASGIMessage) -> None:
        if message.get("body") == b": ping\n\n":
            raise ConnectionResetError

    client, read = Client(fail), Read(snapshot(1), 60.0)
    with anyio.fail_after(PATIENCE_S):
        await EventStream(read.events(), "r1", StreamLimits(ping=0.02))(GET, client.receive, client.send)
    assert read.closed.is_set()


async def test_a_stream_has_a_hard_end() -> None:
    """Past its lifetime a stream is closed with an error event."""
    client, read = Client(), Read(snapshot(1), 60.0)
    with anyio.fail_after(PATIENCE_S):
        await EventStream(read.events(), "r1", StreamLimits(life=0.5))(GET, client.receive, client.send)
    assert read.closed.is_set()
    assert [(m.id, m.event) for m in client.messages] == [("r1:1", "snapshot"), ("r1:2", "error")]
    assert client.sent[-1]["more_body"] is False


async def test_head_reads_nothing() -> None:
    """HEAD of a stream is its head; no read is started."""
    client, read = Client(), Read(snapshot(1))
    await EventStream(read.events(), "r1")({**GET, "method": "HEAD"}, client.receive, client.send)
    assert client.status == 200
    assert client.body == b""
    assert read.taken == 0


async def test_the_next_event_is_taken_only_when_the_last_one_is_sent() -> None:
    """Content is pulled: a slow client holds the iterator, nothing piles up."""
    taken_at_send: list[int] = []
    read = Read(*(snapshot(n) for n in range(1, 6)))

    async def slow(message: ASGIMessage) -> None:
        if message.get("body"):
            await anyio.sleep(0.005)
            taken_at_send.append(read.taken)

    client = Client(slow)
    await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert taken_at_send == [1, 2, 3, 4, 5]


async def test_a_cancelled_server_closes_the_read() -> None:
    """Cancelling the response from outside runs the iterator's cleanup too."""
    server = anyio.CancelScope()

    async def cancel(_: ASGIMessage) -> None:
        server.cancel()

    client, read = Client(cancel), Read(snapshot(1), 60.0)
    with anyio.fail_after(PATIENCE_S), server:
        await EventStream(read.events(), "r1")(GET, client.receive, client.send)
    assert read.closed.is_set()


async def test_work_gives_its_result_while_the_client_waits() -> None:
    """Without a disconnect the result comes through."""

    async def work() -> int:
        return 5

    assert await run_until_disconnect(Client().receive, work()) == 5


async def test_work_is_cancelled_when_the_client_leaves() -> None:
    """An abandoned GET frees what it holds."""
    client, cancelled = Client(), anyio.Event()

    async def work() -> None:
        client.gone.set()
        try:
            await anyio.sleep(60)
        finally:
            cancelled.set()

    with anyio.fail_after(PATIENCE_S), pytest.raises(ClientDisconnect):
        await run_until_disconnect(client.receive, work())
    assert cancelled.is_set()


async def test_work_that_fails_raises_its_own_error() -> None:
    """Errors come out as they are, not in a group."""

    async def work() -> None:
        raise ParamValidationError("no")

    with pytest.raises(ParamValidationError, match="no"):
        await run_until_disconnect(Client().receive, work())
