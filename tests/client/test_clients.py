"""Both Python clients against scripts: folding, resuming, failing."""

from __future__ import annotations

import socket
from contextlib import aclosing, closing
from itertools import pairwise

import anyio
import pytest

from reader_stream import errors
from reader_stream.client import AsyncClient, Client, Completeness, IntegrityError, TransportError
from reader_stream.errors import ParamValidationError, ReaderError, ServiceNodeUnavailableError
from reader_stream.model import Phase, StreamMode
from tests.client.conftest import CONTENT, DOCUMENTS, Streamed, stream_of
from tests.client.scripted import Asked, Reply, Script, Scripted, message, replay

EVENTS = stream_of(DOCUMENTS)
FIRST_PATCH = next(event for event in EVENTS if b"event: patch" in event)
RETRY = b"retry: 1\n\n"


def always(reply: Reply) -> Script:
    """The same reply to everybody."""
    return lambda _: reply


def whole_stream(_: Asked) -> Reply:
    """The recorded stream in one go."""
    return Reply(b"".join(EVENTS))


def test_documents_come_folded(scripted: Scripted, streamed: Streamed) -> None:
    """A stream of patches becomes whole documents; the last one is final and says how complete it is."""
    documents = streamed(scripted.play("whole", whole_stream))
    *before, last = documents
    assert documents[0].blocks == DOCUMENTS[0]
    assert documents[0].progress is not None
    assert documents[0].progress.phase is Phase.INTERACTIVE
    assert all(a.content != b.content for a, b in pairwise(before))
    assert not any(document.final for document in before)
    assert (last.final, last.content, last.title) == (True, CONTENT, "Café")
    assert last.completeness == Completeness("partial", ("timeout",))
    assert last.data["content"] == CONTENT
    assert last.data["warnings"] == []


def test_snapshots_are_taken_as_well(scripted: Scripted, streamed: Streamed) -> None:
    """A stream of whole snapshots gives the same last document."""
    snapshots = Reply(b"".join(stream_of(DOCUMENTS, StreamMode.SNAPSHOT)))
    documents = streamed(scripted.play("snapshots", always(snapshots)), stream_mode="snapshot")
    assert [document.content for document in documents] == [
        *("\n\n".join(blocks) for blocks in DOCUMENTS),
        CONTENT,
    ]


@pytest.mark.parametrize("half", [False, True], ids=["between", "within"])
@pytest.mark.parametrize("whole", [False, True], ids=["broken", "ended"])
def test_cut_after_each_event(scripted: Scripted, streamed: Streamed, half: bool, whole: bool) -> None:
    """However often the connection is cut, between events or within one, the fold is the same."""
    expected = streamed(scripted.play("whole", whole_stream))
    name = f"cut-{half}-{whole}-{streamed.__name__}"
    documents = streamed(scripted.play(name, replay(EVENTS, half=half, whole=whole)))
    assert documents == expected
    ids = ["", *(event.partition(b"\n")[0][4:].decode() for event in EVENTS[:-1])]
    assert [asked.last_event_id for asked in scripted.of(name)] == ids


def test_a_new_read_starts_over(scripted: Scripted, streamed: Streamed) -> None:
    """A service that does not know the id any more begins with a whole snapshot, and nothing old is left."""
    other = [event.replace(b"id: r1:", b"id: r2:") for event in stream_of([("One",)])]

    def script(asked: Asked) -> Reply:
        return Reply(b"".join(other)) if asked.nth else Reply(RETRY + b"".join(EVENTS[:3]), whole=False)

    last = streamed(scripted.play(f"new-{streamed.__name__}", script))[-1]
    assert (last.content, last.final) == ("One", True)


def test_broken_too_often(scripted: Scripted, streamed: Streamed) -> None:
    """After so many connections without anything new the client gives up and says so."""
    name = f"often-{streamed.__name__}"

    def script(asked: Asked) -> Reply:
        return Reply(RETRY + (b"" if asked.nth else EVENTS[0]), whole=False)

    with pytest.raises(TransportError, match="broke 3 times"):
        streamed(scripted.play(name, script), retries=2)
    assert len(scripted.of(name)) == 3


def test_reads_that_only_begin_anew(scripted: Scripted, streamed: Streamed) -> None:
    """A service that begins anew on each connection is not asked for ever."""
    name = f"anew-{streamed.__name__}"

    def script(asked: Asked) -> Reply:
        anew = b"id: n%d:" % asked.nth
        return Reply(RETRY + b"".join(EVENTS[:2]).replace(b"id: r1:", anew), whole=False)

    with pytest.raises(TransportError, match="broke 3 times"):
        streamed(scripted.play(name, script), retries=2)
    assert len(scripted.of(name)) == 3


def test_silence_counts_as_broken(scripted: Scripted, streamed: Streamed) -> None:
    """A connection on which nothing comes any more is left, and the read goes on over another one."""
    name = f"silent-{streamed.__name__}"

    def script(asked: Asked) -> Reply:
        return Reply(b"".join(EVENTS[1:])) if asked.nth else Reply(RETRY + EVENTS[0], held=True)

    assert streamed(scripted.play(name, script), silence=1.0)[-1].content == CONTENT
    assert scripted.of(name)[1].last_event_id == "r1:1"


def test_dropped_request(scripted: Scripted, streamed: Streamed) -> None:
    """A connection that ends before any answer, as a kept one may, is replaced by one other at once."""
    once, always_ = f"dropped-{streamed.__name__}", f"deaf-{streamed.__name__}"

    def script(asked: Asked) -> Reply:
        return Reply(b"".join(EVENTS)) if asked.nth else Reply(status=0)

    assert streamed(scripted.play(once, script))[-1].content == CONTENT
    with pytest.raises(TransportError, match="no answer"):
        streamed(scripted.play(always_, always(Reply(status=0))))
    assert len(scripted.of(always_)) == 2


def test_nothing_there(streamed: Streamed) -> None:
    """A wrong address is an error at once, not after pauses."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(TransportError, match="no answer"):
        streamed(f"http://127.0.0.1:{port}")


def test_error_status(scripted: Scripted, streamed: Streamed) -> None:
    """A read that fails before anything is told raises the contract's error."""
    error = ServiceNodeUnavailableError("draining", retry_after=7)
    body = RETRY + message(0, "error", error.to_dict())
    with pytest.raises(ServiceNodeUnavailableError, match="draining") as caught:
        streamed(scripted.play("status", always(Reply(body, 503))))
    assert caught.value.retry_after == 7


def test_error_event(scripted: Scripted, streamed: Streamed) -> None:
    """A read that fails in its midst raises the contract's error after what came before."""
    error = ParamValidationError("no such host", path="url")
    body = EVENTS[0] + message(2, "error", error.to_dict())
    with pytest.raises(ParamValidationError, match="no such host") as caught:
        streamed(scripted.play("event", always(Reply(body))))
    assert caught.value.path == "url"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(502, "ServiceNodeUnavailableError"), (429, "RateLimitTriggeredError"), (500, "InternalServerError")],
)
def test_error_of_a_proxy(scripted: Scripted, streamed: Streamed, status: int, kind: str) -> None:
    """An error page that is not the service's becomes the error of its status, with its Retry-After."""
    headers = {"content-type": "text/html", "retry-after": "12"}
    page = Reply(b"<h1>No</h1>", status, headers)
    with pytest.raises(ReaderError) as caught:
        streamed(scripted.play(f"proxy-{status}", always(page)))
    assert type(caught.value) is getattr(errors, kind)
    assert caught.value.retry_after == 12


def test_no_content(scripted: Scripted, streamed: Streamed) -> None:
    """A 204 means that the stream has ended: the client asks no more, and does not take it for success."""
    name = f"ended-{streamed.__name__}"

    def script(asked: Asked) -> Reply:
        return Reply(b"", 204, {}) if asked.nth else Reply(RETRY + EVENTS[0], whole=False)

    with pytest.raises(TransportError, match="has ended"):
        streamed(scripted.play(name, script))
    assert len(scripted.of(name)) == 2


@pytest.mark.parametrize(
    "events",
    [
        [*EVENTS[:-1], EVENTS[-1].replace(b'"sha256":"', b'"sha256":"0')],
        [event for event in EVENTS if event is not FIRST_PATCH],
        [b"id: r1:1\nevent: snapshot\ndata: {not json\n\n"],
        [b"id: r1:1\nevent: snapshot\ndata: {}\n\n"],
    ],
    ids=["digest", "gap", "syntax", "shape"],
)
def test_events_that_do_not_fold(scripted: Scripted, streamed: Streamed, events: list[bytes]) -> None:
    """A wrong digest, a missing patch or something else than the contract's events is never passed on."""
    with pytest.raises(IntegrityError):
        streamed(scripted.play("misfit", always(Reply(b"".join(events)))))


def test_not_a_stream(scripted: Scripted, streamed: Streamed) -> None:
    """An answer of something that is no Reader service is an error, not an empty read."""
    page = Reply(b"<h1>Welcome</h1>", 200, {"Content-Type": "text/html"})
    with pytest.raises(TransportError, match="no event stream"):
        streamed(scripted.play("page", always(page)))


def test_what_is_sent(scripted: Scripted, streamed: Streamed) -> None:
    """URL and options go as a JSON body, the key and own headers as headers, on each connection."""
    url = "https://example.com/a b?q=1#/route"
    options = {"with_iframe": "quoted", "target_selector": ["main", "é"], "timeout": 5, "pdf": b"%PDF"}
    style = {"markdown": {"heading_style": "setext"}}
    name = f"sent-{streamed.__name__}"
    base = scripted.play(name, replay(EVENTS)) + "/"
    streamed(base, url, api_key="secret", headers={"X-Own": "1"}, **options, **style)
    for asked in scripted.of(name):
        assert asked.path == "/"
        assert asked.headers["Authorization"] == "Bearer secret"
        assert asked.headers["X-Own"] == "1"
        assert asked.headers["Accept"] == "text/event-stream"
        assert asked.json() == {
            "url": url,
            "streamMode": "patch",
            "withIframe": "quoted",
            "targetSelector": ["main", "é"],
            "timeout": 5,
            "pdf": "JVBERg==",
            "markdown": {"headingStyle": "setext"},
        }


def test_leaving_closes_the_connection(scripted: Scripted) -> None:
    """Who stops reading a stream leaves the service, so that nothing renders for nobody."""
    sync, async_ = (
        scripted.play(name, always(Reply(EVENTS[0], held=True))) for name in ("leave-sync", "leave-async")
    )
    with Client(sync) as client, closing(client.stream("https://example.com")) as documents:
        next(documents)

    async def run() -> None:
        async with AsyncClient(async_) as client, aclosing(client.stream("https://example.com")) as documents:
            await anext(documents)

    anyio.run(run)
    assert scripted.wait_until(lambda: {"leave-sync", "leave-async"} <= set(scripted.left))


def test_unknown_option(streamed: Streamed) -> None:
    """A mistyped option is a TypeError, before anything is sent."""
    with pytest.raises(TypeError, match="with_ifrmae"):
        streamed("http://127.0.0.1:9", with_ifrmae=True)


def test_closed_client_reads_no_more(scripted: Scripted) -> None:
    """After closing, a stream that was left open ends with an error instead of a new connection."""
    base = scripted.play("closed", replay(EVENTS))
    with Client(base) as client:
        documents = client.stream("https://example.com")
        next(documents)
    with pytest.raises(RuntimeError, match="closed"):
        list(documents)

    async def run() -> None:
        async with AsyncClient(base) as client:
            documents = client.stream("https://example.com")
            await anext(documents)
        with pytest.raises(RuntimeError, match="closed"):
            await anext(documents)

    anyio.run(run)


def test_base_url_is_checked() -> None:
    """What is no http URL is refused at once, and a repr shows no key."""
    with pytest.raises(ValueError, match="http"):
        Client("127.0.0.1:3000")
    assert "secret" not in repr(Client("http://h", api_key="secret")) + repr(
        AsyncClient("http://h", api_key="secret")
    )
