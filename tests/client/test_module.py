"""The ES module, by Node's own test runner: against scripts, and against the real service."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from reader_stream.errors import ParamValidationError, ServiceNodeUnavailableError
from reader_stream.model import StreamMode
from tests.client.conftest import CONTENT, DOCUMENTS, stream_of
from tests.client.cutting import cutting
from tests.client.scripted import EVENT_STREAM, Asked, Reply, Script, Scripted, message, replay
from tests.service import Service
from tests.site import Site

SUITE = Path(__file__).with_name("reader-stream.test.mjs")
EVENTS = stream_of(DOCUMENTS)
FIRST_PATCH = next(event for event in EVENTS if b"event: patch" in event)
RETRY = b"retry: 1\n\n"
TIMEOUT_S = 240


def run_node(environment: Mapping[str, str]) -> None:
    """The suite in Node; its report is the message of a failure."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node 20 or later")
    report = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(SUITE)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert report.returncode == 0, report.stdout + report.stderr


def _then(first: Reply, rest: Reply) -> Script:
    """One reply for the first connection, another for all others."""
    return lambda asked: rest if asked.nth else first


def _anew(asked: Asked) -> Reply:
    body = b"".join(EVENTS[:2]).replace(b"id: r1:", b"id: n%d:" % asked.nth)
    return Reply(RETRY + body, whole=False)


def _scripts() -> dict[str, Script]:
    begun = Reply(RETRY + EVENTS[0], whole=False)
    held = Reply(RETRY + EVENTS[0], held=True)
    other = b"".join(event.replace(b"id: r1:", b"id: r2:") for event in stream_of([("One",)]))
    busy = RETRY + message(0, "error", ServiceNodeUnavailableError("draining", retry_after=7).to_dict())
    wrong = EVENTS[0] + message(2, "error", ParamValidationError("no such host", path="url").to_dict())
    html = {"Content-Type": "text/html", "Retry-After": "12"}
    return {
        "snapshots": lambda _: Reply(b"".join(stream_of(DOCUMENTS, StreamMode.SNAPSHOT))),
        "cut": replay(EVENTS),
        "cut-half": replay(EVENTS, half=True),
        "cut-whole": replay(EVENTS, whole=True),
        "cut-half-whole": replay(EVENTS, half=True, whole=True),
        "crumbs": lambda _: Reply(b"".join(EVENTS).replace(b"\n", b"\r\n"), piece=7),
        "new": _then(Reply(RETRY + b"".join(EVENTS[:3]), whole=False), Reply(other)),
        "silent": _then(held, Reply(b"".join(EVENTS[1:]))),
        "dropped": _then(Reply(status=0), Reply(b"".join(EVENTS))),
        "deaf": lambda _: Reply(status=0),
        "often": _then(begun, Reply(RETRY, whole=False)),
        "anew": _anew,
        "status": lambda _: Reply(busy, 503),
        "event": lambda _: Reply(wrong),
        "proxy": lambda _: Reply(b"<h1>No</h1>", 502, html),
        "ended": _then(begun, Reply(b"", 204, {})),
        "digest": lambda _: Reply(b"".join(EVENTS).replace(b'"sha256":"', b'"sha256":"0')),
        "gap": lambda _: Reply(b"".join(event for event in EVENTS if event is not FIRST_PATCH)),
        "syntax": lambda _: Reply(b"id: r1:1\nevent: snapshot\ndata: {not json\n\n"),
        "shape": lambda _: Reply(b"id: r1:1\nevent: patch\ndata: {}\n\n"),
        "page": lambda _: Reply(b"<h1>Welcome</h1>", 200, html),
        "sent": lambda _: Reply(b"".join(EVENTS)),
        "leave": lambda _: held,
        "abort": lambda _: held,
        "pause": lambda _: Reply(b"retry: 60000\n\n" + EVENTS[0], whole=False),
        "never": lambda _: Reply(b"", 200, EVENT_STREAM),
        "whole": lambda _: Reply(b"".join(EVENTS)),
    }


def test_against_scripts(scripted: Scripted) -> None:
    """The module folds, resumes, gives up, aborts and leaves as the Python clients do."""
    for name, script in _scripts().items():
        scripted.play(f"js-{name}", script)
    run_node({"SCRIPTED": f"{scripted.base}/js-", "CONTENT": CONTENT})
    (sent,) = scripted.of("js-sent")
    assert sent.path == "/"
    assert sent.headers["Authorization"] == "Bearer secret"
    assert sent.headers["X-Own"] == "1"
    assert sent.headers["Accept"] == "text/event-stream"
    url = "https://example.com/a b?q=1#/route"
    assert sent.json() == {"url": url, "streamMode": "patch", "withIframe": "quoted"}
    assert not scripted.of("js-never")
    ids = ["", *(event.partition(b"\n")[0][4:].decode() for event in EVENTS[:-1])]
    assert [asked.last_event_id for asked in scripted.of("js-cut")] == ids
    assert scripted.wait_until(lambda: {"js-leave", "js-abort", "js-silent"} <= set(scripted.left))


def test_against_the_service(service: Service, site: Site) -> None:
    """The module reads a page in motion from the real service, whole and in pieces."""
    cut = site.url("/chain")
    with cutting(service.host, service.port) as proxy:
        bases = {"READER_BASE": service.base, "READER_CUTTING": proxy.base}
        run_node({**bases, "READER_PAGE": site.url("/chain"), "READER_PLAIN": cut})
    assert proxy.connections > 2
    assert site.requests(cut) == 1
