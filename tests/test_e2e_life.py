"""How reads and the service end: clients that leave, crashes, signals."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.e2e_checks import check_error, check_stream
from tests.service import JSON, Service, running
from tests.site import Site
from tests.test_e2e_load import asking

WHOLE = {"X-Respond-With": "markdown"}


def test_tab_closes_when_the_client_leaves(service: Service, site: Site) -> None:
    """After the last client is gone and the grace is over, the page is closed, and its socket with it."""
    before = site.open["/socket"]
    with service.open_stream(site.url("/websocket"), {**WHOLE, "X-Wait-For-Selector": "#never"}) as stream:
        for message in stream:
            if "marker-socket-message" in message.json().get("markdown", ""):
                break
        assert site.open["/socket"] == before + 1
    assert site.wait_until(lambda: site.open["/socket"] == before)


def test_private_read_ends_at_once_when_its_client_leaves(service: Service, site: Site) -> None:
    """Nobody may come back to a read with cookies, so it has no grace: it ends before a shared one does."""
    shared, private = site.url("/hang-body"), site.url("/hang-body")
    with service.open_stream(shared, WHOLE) as one:
        next(iter(one))
        with service.open_stream(private, {**WHOLE, "X-Set-Cookie": "a=b"}) as other:
            next(iter(other))
    left = time.monotonic()
    path = private.removeprefix(site.origin)
    assert site.wait_until(lambda: site.open[path] == 0)
    private_s = time.monotonic() - left
    assert site.wait_until(lambda: site.open[shared.removeprefix(site.origin)] == 0)
    assert private_s < time.monotonic() - left


def test_plain_request_that_is_dropped_ends_its_read(service: Service, site: Site) -> None:
    """A client of the plain representation that leaves ends the read too."""
    url = site.url("/hang-body")
    impatient = Service(service.process, service.host, service.port, service.log, timeout=1.0)
    with contextlib.suppress(TimeoutError):
        impatient.get(url, JSON)
    assert site.wait_until(lambda: site.open[url.removeprefix(site.origin)] == 0)


def test_two_clients_share_one_render(service: Service, site: Site) -> None:
    """Requests for the same thing at the same time ask the origin once and get the same content."""
    url = site.url("/timers")
    with ThreadPoolExecutor(3) as pool:
        streams = list(pool.map(lambda _: service.stream(url), range(3)))
    finals = [check_stream(messages) for messages in streams]
    assert len({final["content"] for final in finals}) == 1
    assert site.requests(url) == 1


def test_client_comes_back_with_last_event_id(service: Service, site: Site) -> None:
    """A client that reconnects goes on in the same read and misses nothing."""
    url = site.url("/timers")
    with service.open_stream(url) as stream:
        last_id = next(iter(stream)).id
    rest = service.stream(url, {"Last-Event-ID": last_id})
    assert {message.id.rpartition(":")[0] for message in rest} == {last_id.rpartition(":")[0]}
    assert check_stream(rest)["content"] == service.read(url)["content"]
    assert site.requests(url) == 1


def test_streams_answer_at_once_while_others_hang(service: Service, site: Site) -> None:
    """Reads that wait for their origin keep no tab from others."""
    hanging = [site.url("/hang-before") for _ in range(8)]
    with ExitStack() as clients, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda url: clients.enter_context(asking(service, url)), hanging))
        assert site.wait_until(lambda: all(site.requests(url) for url in hanging))
        data = service.read(site.url("/hydration"), WHOLE)
        assert "marker-hydrated-late" in data["markdown"]
        assert all(site.open[url.removeprefix(site.origin)] for url in hanging)


def test_next_request_works_after_the_browser_was_killed(site: Site) -> None:
    """Chromium is started again after a crash; the read that it took away ends in a typed answer."""
    with running({"READER_EGRESS_ALLOW": site.allow}) as service:
        service.read(site.url("/hydration"))
        with service.open_stream(
            site.url("/growing"), {**WHOLE, "X-Timeout": "60", "X-Wait-For-Selector": "#never"}
        ) as stream:
            events = iter(stream)
            while "grown-1" not in next(events).json()["markdown"]:
                pass
            for pid in service.browsers():
                with contextlib.suppress(ProcessLookupError):  # a child of one that is dead already
                    os.kill(pid, signal.SIGKILL)
            last = list(events)[-1]
        assert last.event == "error" or "renderer_crashed" in last.json()["completeness"]["reasons"]
        assert "marker-hydrated-late" in service.read(site.url("/hydration"), WHOLE)["markdown"]


def test_sigterm_ends_streams_with_a_last_event_and_leaves_nothing(site: Site) -> None:
    """A service that stops says so to everybody who watches, exits cleanly, and leaves no process."""
    with running({"READER_EGRESS_ALLOW": site.allow}) as service:
        ends: list[str] = []

        def watch(path: str) -> None:
            messages = service.stream(
                site.url(path), {**WHOLE, "X-Timeout": "120", "X-Wait-For-Selector": "#never"}
            )
            last = messages[-1]
            reasons = last.json().get("completeness", {}).get("reasons", [])
            ends.append("draining" if last.event == "error" or "draining" in reasons else last.event)

        watchers = [threading.Thread(target=watch, args=(path,)) for path in ("/growing", "/hang-body") * 2]
        for watcher in watchers:
            watcher.start()
        assert site.wait_until(lambda: sum(n for path, n in site.open.items() if "hang-body" in path) >= 2)
        assert service.stop() == 0
        for watcher in watchers:
            watcher.join(60)
        assert ends == ["draining"] * 4
        assert site.wait_until(lambda: service.left_over() == [])


def test_endless_page_sends_pings_while_quiet(service: Service, site: Site) -> None:
    """A stream with nothing to tell keeps its connection alive with comments."""
    with service.open_stream(site.url("/hang-before"), {"X-Timeout": "12"}) as stream:
        messages = list(stream)
    assert stream.decoder.comments >= 1
    assert stream.decoder.retry_ms == 1000
    check_error(messages[-1].json(), 422)
