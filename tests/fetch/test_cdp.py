"""The protocol core, fed by hand: no browser, no I/O."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.fetch.cdp import (
    BrowserGone,
    CallTimeout,
    CdpError,
    CDPSession,
    Connection,
    SessionClosed,
    decode,
    encode,
)

pytestmark = pytest.mark.anyio


class Wire:
    """A connection and the messages that it wrote."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.connection = Connection(lambda raw: self.sent.append(json.loads(raw)))

    def say(self, message: dict[str, Any]) -> None:
        self.connection.feed(json.dumps(message).encode())

    def attach(self, session_id: str = "S1") -> CDPSession:
        self.say({"method": "Target.attachedToTarget", "params": {"sessionId": session_id}})
        session = self.connection.session(session_id)
        assert session is not None
        return session


@pytest.fixture
def wire() -> Wire:
    """A fresh connection."""
    return Wire()


async def test_a_call_gets_the_result_of_its_own_id(wire: Wire) -> None:
    """Replies may come in any order."""
    first, second = wire.connection.root.submit("A.a"), wire.connection.root.submit("B.b", {"x": 1})
    assert wire.sent == [
        {"id": 1, "method": "A.a", "params": {}},
        {"id": 2, "method": "B.b", "params": {"x": 1}},
    ]
    wire.say({"id": 2, "result": {"n": 2}})
    wire.say({"id": 1, "result": {"n": 1}})
    assert (await first, await second) == ({"n": 1}, {"n": 2})


async def test_a_session_writes_its_id_and_gets_its_events(wire: Wire) -> None:
    """Sessions are flat: one channel, told apart by an id."""
    one, two = wire.attach("S1"), wire.attach("S2")
    heard: list[tuple[str, Any]] = []
    one.on("P.e", lambda event: heard.append(("one", event)))
    two.on("P.e", lambda event: heard.append(("two", event)))
    one.post("P.go")
    assert wire.sent[-1]["sessionId"] == "S1"
    wire.say({"method": "P.e", "params": {"v": 1}, "sessionId": "S2"})
    assert heard == [("two", {"v": 1})]


async def test_an_error_reply_is_raised_with_its_code(wire: Wire) -> None:
    """`message`, `data` and `code` all survive."""
    call = wire.connection.root.submit("A.a")
    wire.say({"id": 1, "error": {"code": -32000, "message": "No such thing", "data": "x"}})
    with pytest.raises(CdpError, match="No such thing x") as caught:
        await call
    assert caught.value.code == -32000


async def test_a_call_without_an_answer_times_out(wire: Wire) -> None:
    """No call waits for ever, and its late reply is dropped."""
    with pytest.raises(CallTimeout):
        await wire.connection.root.send("A.a", timeout=0.01)
    wire.say({"id": 1, "result": {}})


@pytest.mark.parametrize("reply", [{"result": {}}, {"error": {"code": 1, "message": "late"}}])
async def test_late_replies_to_cancelled_calls_are_dropped(wire: Wire, reply: dict[str, Any]) -> None:
    """A client that left must not break the connection for others."""
    with anyio.move_on_after(0.01):
        await wire.connection.root.send("A.a")
    wire.say({"id": 1, **reply})
    other = wire.connection.root.submit("B.b")
    wire.say({"id": 2, "result": {"ok": True}})
    assert await other == {"ok": True}


async def test_a_second_reply_is_dropped(wire: Wire) -> None:
    """A future is resolved once."""
    call = wire.connection.root.submit("A.a")
    wire.say({"id": 1, "result": {"n": 1}})
    wire.say({"id": 1, "error": {"code": 1, "message": "again"}})
    assert await call == {"n": 1}


async def test_a_failing_listener_harms_nobody(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Its exception is logged; listeners after it and the reader go on."""
    heard: list[Any] = []

    def fail(event: dict[str, Any]) -> None:
        raise ZeroDivisionError

    root = wire.connection.root
    root.on("P.e", fail)
    root.on("P.e", heard.append)
    wire.say({"method": "P.e", "params": {"n": 1}})
    assert heard == [{"n": 1}]
    assert "a listener of P.e failed" in caplog.text


async def test_listeners_may_remove_themselves_while_called(wire: Wire) -> None:
    """Each is called once for the event that was on its way."""
    heard: list[str] = []
    root = wire.connection.root

    def once(event: dict[str, Any]) -> None:
        heard.append("once")
        root.remove_listener("P.e", once)

    root.on("P.e", once)
    root.on("P.e", lambda event: heard.append("always"))
    wire.say({"method": "P.e", "params": {}})
    wire.say({"method": "P.e", "params": {}})
    root.remove_listener("P.e", once)
    assert heard == ["once", "always", "always"]


def _detach(wire: Wire) -> None:
    wire.say({"method": "Target.detachedFromTarget", "params": {"sessionId": "S1"}})


def _crash(wire: Wire) -> None:
    wire.say({"method": "Inspector.targetCrashed", "params": {}, "sessionId": "S1"})


def _lose(wire: Wire) -> None:
    wire.connection.lost("killed")


@pytest.mark.parametrize(
    ("end", "error"), [(_detach, SessionClosed), (_crash, SessionClosed), (_lose, BrowserGone)]
)
async def test_the_end_of_a_target_fails_its_calls_at_once(
    wire: Wire, end: Callable[[Wire], None], error: type[CdpError]
) -> None:
    """Waiting calls, and those made later, raise; `closed` is set."""
    session = wire.attach()
    waiting = session.submit("A.a")
    end(wire)
    with pytest.raises(error):
        await waiting
    with pytest.raises(error):
        await session.send("B.b")
    session.post("C.c")
    await session.detach()
    assert session.closed.is_set()
    assert session.crashed.is_set() == (end is _crash)
    assert [call["method"] for call in wire.sent] == ["A.a"]


async def test_the_end_of_one_session_leaves_the_others(wire: Wire) -> None:
    """Only the browser's end is everybody's."""
    one, two = wire.attach("S1"), wire.attach("S2")
    _crash(wire)
    call = two.submit("A.a")
    wire.say({"id": 1, "result": {}, "sessionId": "S2"})
    assert await call == {}
    assert one.closed.is_set()
    assert not wire.connection.closed.is_set()


async def test_a_child_session_is_there_when_its_parent_hears_of_it(wire: Wire) -> None:
    """Auto-attached workers and frames are found by id in the listener."""
    parent = wire.attach("S1")
    found: list[CDPSession | None] = []
    parent.on(
        "Target.attachedToTarget", lambda event: found.append(wire.connection.session(event["sessionId"]))
    )
    wire.say({"method": "Target.attachedToTarget", "params": {"sessionId": "S2"}, "sessionId": "S1"})
    assert found == [wire.connection.session("S2")]
    assert found[0] is not None


async def test_lone_surrogates_pass_both_ways(wire: Wire) -> None:
    """JavaScript strings may hold half a pair, which JSON libraries refuse."""
    call = wire.connection.root.submit("A.a", {"text": "\ud800"})
    assert wire.sent[0]["params"]["text"] == "\ud800"
    wire.connection.feed(rb'{"id":1,"result":{"value":"a\ud800b","k\udfff":["\ud83d\ude00"]}}')
    assert await call == {"value": "a\ufffdb", "k\ufffd": ["\U0001f600"]}


async def test_an_unreadable_reply_fails_its_call(wire: Wire) -> None:
    """JSON nested deeper than any parser goes must not leave the caller waiting."""
    call = wire.connection.root.submit("A.a")
    deep = b'{"id":1,"result":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
    wire.connection.feed(deep)
    with pytest.raises(CdpError, match="cannot be read"):
        await call


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    """Whatever arrives, `feed` returns."""
    Wire().connection.feed(raw)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["id", "method", "params", "sessionId", "error", "result"]), _JSON))
def test_no_message_breaks_the_reader(message: dict[str, Any]) -> None:
    """Well-formed JSON that is no well-formed message is survived too."""
    Wire().connection.feed(encode(message))


@given(st.dictionaries(st.text(), _JSON))
def test_encoding_is_reversible(message: dict[str, Any]) -> None:
    """What is written is what is read."""
    assert decode(encode(message)) == message
