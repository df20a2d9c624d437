"""Broken connections: whoever comes back goes on where it was."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import struct
from contextlib import closing, suppress
from pathlib import Path

import pytest

from reader_stream.document import tokens
from reader_stream.stream.splice import Splice, apply
from reader_stream.stream.sse import Message
from tests.service import JSON, Service, start
from tests.site import Site

PATCH = {"X-Stream-Mode": "patch"}
ENDLESS = {"X-Wait-For-Selector": "#never", "X-Timeout": "30"}
"""A read that has something to say at once and lasts its whole time."""


def fold(messages: list[Message]) -> str | None:
    """What a client has after these events, in either mode."""
    blocks: tuple[str, ...] = ()
    content: str | None = None
    for message in messages:
        data = message.json()
        if message.event == "snapshot" and "blocks" in data:
            blocks = tuple(data["blocks"])
            content = "\n\n".join(blocks)
        elif message.event == "patch":
            blocks = apply(blocks, Splice(data["start"], data["delete"], tuple(data["insert"])))
            content = "\n\n".join(blocks)
        elif "content" in data:
            content = data["content"]
    return content


@pytest.mark.parametrize("mode", [PATCH, {}], ids=["patch", "snapshot"])
@pytest.mark.parametrize("path", ["/timers", "/chunked"])
def test_cut_after_any_event_the_fold_is_the_same(
    path: str, mode: dict[str, str], service: Service, site: Site
) -> None:
    """A connection that breaks after each event in turn, and a resume: always the content of a plain read."""
    url = site.url(path)
    whole = service.stream(url, {**mode, "X-No-Cache": "true"})
    expected = fold(whole)
    assert whole[-1].event == "final"
    for cut in range(1, len(whole)):
        got = whole[:cut]
        rest = service.stream(url, {**mode, "X-No-Cache": "true", "Last-Event-ID": got[-1].id})
        assert fold([*got, *rest]) == expected
        assert [m.event for m in rest].count("final") == 1
        assert rest[-1].id == whole[-1].id, "a resumed stream is the same read"


@pytest.mark.parametrize("limit", [70, 200])
def test_a_limit_counts_what_came_before_a_resume(limit: int, service: Service, site: Site) -> None:
    """Cut after each event of a limited patch stream: one snapshot in all, within the limit, and it folds."""
    url, options = site.url("/chunked"), {**PATCH, "X-No-Cache": "true", "X-Max-Tokens": str(limit)}
    whole = service.stream(url, options)
    for cut in range(1, len(whole)):
        rest = service.stream(url, {**options, "Last-Event-ID": whole[cut - 1].id})
        got = [*whole[:cut], *rest]
        texts = [m.json().get("blocks") or m.json().get("insert") or () for m in got]
        assert sum(tokens.count("\n\n".join(blocks)) for blocks in texts) <= limit
        assert [m.event for m in got].count("snapshot") == 1
        content = fold(got) or ""
        assert rest[-1].json()["sha256"] == hashlib.sha256(content.encode()).hexdigest()
        assert rest[-1].id == whole[-1].id


def test_a_client_with_a_limit_has_an_id_of_its_own(service: Service, site: Site) -> None:
    """Its read can be looked up by the id that its events have, and only by that."""
    limited = {**PATCH, "X-Max-Tokens": "50"}
    read_id = service.stream(site.url("/article"), limited)[0].id.partition(":")[0]
    assert service.request("GET", f"/v1/reads/{read_id}", JSON).json()["id"] == read_id
    assert service.request("GET", f"/v1/reads/{read_id}0", JSON).status == 404


def test_a_client_with_another_limit_than_before_begins_anew(service: Service, site: Site) -> None:
    """Patches are for who holds what they change: with a limit that is a beginning, without it all."""
    url = site.url("/article")
    limited = {**PATCH, "X-Max-Tokens": "50"}
    for before, after in ((PATCH, limited), (limited, PATCH)):
        first = service.stream(url, before)[0]
        again = service.stream(url, {**after, "Last-Event-ID": first.id})
        assert [message.event for message in again] == ["snapshot", "final"]


def test_a_client_that_has_seen_the_end_is_told_to_stop(service: Service, site: Site) -> None:
    """An EventSource that reconnects after `final` gets 204, which ends it."""
    url = site.url("/article")
    last = service.stream(url)[-1]
    answer = service.get(url, {"Accept": "text/event-stream", "Last-Event-ID": last.id})
    assert (answer.status, answer.body, answer.headers["Vary"]) == (204, b"", "Accept")


@pytest.mark.parametrize("stale", ["unknown:1", "nonsense", ":", "a:b", "x:99999999999999999999"])
def test_an_unknown_id_is_ignored(stale: str, service: Service, site: Site) -> None:
    """Whatever cannot be resumed begins anew."""
    messages = service.stream(site.url("/article"), {"Last-Event-ID": stale})
    assert [messages[0].event, messages[-1].event] == ["snapshot", "final"]


def test_a_version_that_no_number_holds_is_ignored(service: Service, site: Site) -> None:
    """The id of a read with thousands of digits behind it: the read from its beginning."""
    url = site.url("/article")
    read_id = service.stream(url)[-1].id.partition(":")[0]
    messages = service.stream(url, {"Last-Event-ID": f"{read_id}:{'9' * 5000}"})
    assert [messages[0].event, messages[-1].event] == ["snapshot", "final"]


def test_an_id_of_other_options_is_ignored(service: Service, site: Site) -> None:
    """A read is resumed with the options that it began with, or not at all."""
    url = site.url("/article")
    last = service.stream(url)[-1]
    again = service.stream(url, {"Last-Event-ID": last.id, "X-Respond-With": "markdown"})
    assert again[0].id.partition(":")[0] != last.id.partition(":")[0]


def test_a_read_can_be_watched_and_ended_by_its_id(service: Service, site: Site) -> None:
    """GET tells how a read stands; DELETE ends it, and its stream says so in a last event."""
    with service.open_stream(site.url("/ticker"), ENDLESS) as stream:
        messages = iter(stream)
        read_id = next(messages).id.partition(":")[0]
        path = f"/v1/reads/{read_id}"
        assert service.request("GET", path, JSON).json()["state"] == "running"
        assert service.request("DELETE", path, JSON).status == 200
        last = list(messages)[-1]
    assert last.event == "final"
    assert "stopped_by_client" in last.json()["completeness"]["reasons"]
    assert service.request("GET", path, JSON).json()["state"] == "complete"


def test_an_unknown_read_is_a_404(service: Service) -> None:
    """No read, no state."""
    for method in ("GET", "DELETE"):
        assert service.request(method, "/v1/reads/0000", JSON).json()["code"] == 404


def test_a_killed_browser_ends_streams_with_a_word(site: Site, tmp_path: Path) -> None:
    """kill -9 of the browser mid-stream: one error or a partial final, never silence."""
    service = start({"READER_EGRESS_ALLOW": site.allow}, tmp_path / "log")
    try:
        with service.open_stream(site.url("/ticker"), ENDLESS) as stream:
            messages = iter(stream)
            while next(messages).json()["progress"]["phase"] == "html":
                pass  # not yet from the browser
            for pid in service.browsers():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            last = list(messages)[-1]
        assert last.event == "error" or last.json()["completeness"]["state"] == "partial"
        assert service.get(site.url("/hydration"), JSON).status == 200
    finally:
        service.stop()


def test_rude_clients_leave_nothing_behind(service: Service, site: Site) -> None:
    """Clients that reset, half-close or pipeline a second request and go: no read stays open."""
    for rudeness in ("reset", "half-close", "pipeline"):
        with closing(socket.create_connection((service.host, service.port), 10)) as client:
            request = f"GET /{site.url('/ticker')} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
            request += "X-Wait-For-Selector: #never\r\n\r\n"
            client.sendall(request.encode() * (2 if rudeness == "pipeline" else 1))
            client.recv(1)
            if rudeness == "half-close":
                client.shutdown(socket.SHUT_WR)
            elif rudeness == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for name in ("reader_tabs_open", "reader_renders_open"):
        assert site.wait_until(lambda name=name: _gauge(service, name) == 0), name  # type: ignore[misc]


def _gauge(service: Service, name: str) -> float:
    lines = service.get("metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.mark.parametrize("mode", [{}, PATCH], ids=["snapshot", "patch"])
def test_reading_on_by_cursor_gives_the_whole_page_of_one_render(
    mode: dict[str, str], service: Service, site: Site
) -> None:
    """Pieces within a token limit, each from the `next` of the one before, from one request at the origin."""
    url = site.url("/article")
    expected = service.read(url)["content"]
    pieces, cursor = [], ""
    while cursor is not None:
        headers = {**mode, "X-Max-Tokens": "90", **({"X-Cursor": cursor} if cursor else {})}
        messages = service.stream(url, headers)
        final = messages[-1].json()
        assert final["usage"]["tokens"] <= 90
        pieces.append(fold(messages) or "")
        cursor = final.get("next")
        cut = "truncated_tokens" in final["completeness"]["reasons"]
        assert cut is (cursor is not None)
    assert len(pieces) > 3
    assert "\n\n".join(pieces) == expected
    assert site.requests(url) == 1


def test_a_cursor_of_another_read_is_refused(service: Service, site: Site) -> None:
    """A cursor holds for the URL and options that it was given for, and only as it was given."""
    options = {"X-Max-Tokens": "50"}
    cursor = service.read(site.url("/article"), options)["next"]
    answer = service.get(site.url("/article"), {**JSON, "X-Respond-With": "text", "X-Cursor": cursor})
    assert (answer.status, answer.json()["path"]) == (400, "cursor")
    for broken in ("x", ".5", f"{cursor}x", f"{cursor.partition('.')[0]}.{'9' * 5000}"):
        answer = service.get(site.url("/article"), {**JSON, **options, "X-Cursor": broken})
        assert (answer.status, answer.json()["path"]) == (400, "cursor")
