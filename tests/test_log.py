"""The log's lines, and the request id that they share with answers."""

from __future__ import annotations

import json
import logging
import os
import re
import time
from contextlib import suppress

import pytest

from reader_stream.log import (
    QUEUED_LINES,
    JsonFormatter,
    LineHandler,
    TextFormatter,
    address_for_log,
    redact,
    request_id,
)
from tests.service import JSON, Service, running
from tests.site import Site

PATIENCE_S = 30.0
"""For what has to come; a crowded machine may be late."""
SECRETS = [
    ("http://user:pa55@host/x", "pa55"),
    ("proxy socks5://user:pa55@127.0.0.1:9 refused", "pa55"),
    ("Authorization: Bearer pa55word", "pa55"),
    ("Authorization: Basic dXNlcjpwYTU1", "dXNl"),
    ("Cookie: session=pa55; other=pa55", "pa55"),
    ("set-cookie: a=pa55; Path=/", "pa55"),
    ('{"X-Set-Cookie": "a=pa55"}', "pa55"),
    ("X-Proxy-Url: http://pa55:pa55@h:1", "pa55"),
    ("https://host/?api_key=pa55&access_token=pa55", "pa55"),
    ("password = pa55", "pa55"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_credentials_are_not_logged(text: str, secret: str) -> None:
    """In messages, fields and exceptions, in both formats; what stands around them is."""
    try:
        raise ValueError(text)
    except ValueError as error:
        record = logging.makeLogRecord(
            {"msg": "x %s y", "args": (text,), "exc_info": (ValueError, error, None)}
        )
    record.target = text
    for formatter in (JsonFormatter(), TextFormatter()):
        line = formatter.format(record)
        assert secret not in line
        assert "x " in line
    assert secret not in redact(text)


def test_a_line_is_one_json_object() -> None:
    """With its request, its fields, and any text in one line."""
    token = request_id.set("r-1")
    record = logging.makeLogRecord(
        {"name": "a.b", "levelname": "INFO", "msg": "one\ntwo", "host": "h", "port": 9}
    )
    line = JsonFormatter().format(record)
    request_id.reset(token)
    assert "\n" not in line
    told = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told.pop("time"))
    fields = {"requestId": "r-1", "host": "h", "port": 9}
    assert told == {"level": "info", "logger": "a.b", "event": "one\ntwo", **fields}


def test_a_reader_of_the_log_that_stalls_stops_nobody() -> None:
    """Lines wait, then are dropped; those that were taken are whole."""
    reading, writing = os.pipe()
    with suppress(BrokenPipeError), open(writing, "w") as stream:
        handler = LineHandler(stream)
        handler.setFormatter(JsonFormatter())
        for number in range(QUEUED_LINES + 2000):
            handler.emit(logging.makeLogRecord({"msg": f"{number} {'x' * 100}"}))
        assert handler.dropped > 0
        first = os.read(reading, 65536).splitlines()[0]
        assert json.loads(first)["event"].startswith("0 ")
        os.close(reading)  # the writer's next write fails, and it goes on to the end


def test_addresses_are_logged_without_what_may_be_secret() -> None:
    """Neither userinfo nor query nor fragment."""
    assert address_for_log("/https://u:p@h/x?token=1#f") == "/https://***@h/x"


@pytest.fixture(scope="module")
def talkative(site: Site) -> object:
    """A service that logs as it does out of the box."""
    with running({"READER_EGRESS_ALLOW": site.allow}) as service:
        yield service


def lines(service: Service, request: str) -> list[dict[str, object]]:
    """What the log has under a request's id; its last line is written when the answer is out."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        whole = service.log.read_text().rpartition("\n")[0].splitlines()  # the last may be half written
        every = [json.loads(line) for line in whole if line.startswith("{")]
        found = [line for line in every if line.get("requestId") == request]
        if found and found[-1]["event"] == "request":
            break
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("accept", ["application/json", "text/plain", "text/markdown", "text/event-stream"])
def test_every_answer_has_an_id_that_errors_repeat(talkative: Service, accept: str) -> None:
    """In the header always, in the error object and text of every representation."""
    answer = talkative.get("http://127.0.0.1:9/", {"Accept": accept})
    found = answer.headers["X-Request-Id"]
    assert answer.status == 451
    assert re.fullmatch(r"[0-9a-f]{16}", found)
    assert found in answer.text
    events = [line["event"] for line in lines(talkative, found)]
    assert events == ["egress denied", "read", "request"]


@pytest.mark.parametrize("path", ["healthz", "metrics", "openapi.json", "", "v1/reads/none", "v1/shots/none"])
def test_other_routes_have_one_too(talkative: Service, path: str) -> None:
    """Also where nothing is read."""
    assert talkative.get(path, JSON).headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_Z", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("<x>", False), ("é", False)],
)
def test_a_clients_own_id_is_kept_if_it_is_safe(talkative: Service, given: str, kept: bool) -> None:
    """What could break a header, a log line or a page is replaced."""
    found = talkative.get("healthz", {"X-Request-Id": given}).headers["X-Request-Id"]
    assert (found == given) is kept


def test_a_stream_and_its_read_share_the_id(talkative: Service, site: Site) -> None:
    """As a header and a comment; the log tells how the read went, without the page's query."""
    headers = {"X-Request-Id": "stream-1", "X-Engine": "browser", "Accept": "text/event-stream"}
    answer = talkative.get(f"{site.url('/article')}?token=pa55", headers)
    assert answer.headers["X-Request-Id"] == "stream-1"
    assert "\n: request stream-1\n" in answer.text
    told = {line["event"]: line for line in lines(talkative, "stream-1")}
    assert told["read"]["outcome"] == "ok"
    assert told["read"]["completeness"] == {"state": "complete", "reasons": []}
    assert told["request"]["status"] == 200
    assert "pa55" not in talkative.log.read_text()


def test_what_a_page_is_refused_is_logged_under_its_read(talkative: Service, site: Site) -> None:
    """A page that asks for a forbidden address, in the clear and by TLS: a line has the read's id."""
    for scheme in ("http", "https"):
        body = {"url": site.url("/article"), "html": f"<p>text<img src='{scheme}://127.0.0.1:8123/x.png'>"}
        talkative.post(body, {"X-Engine": "browser", "X-Request-Id": f"page-{scheme}"})
        told = [line["event"] for line in lines(talkative, f"page-{scheme}")]
        assert "a request of the page was refused" in told


def test_no_origin_may_read_answers(talkative: Service, site: Site) -> None:
    """CORS is off: no header allows another site's scripts to read, and preflights are refused."""
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method, path in (("GET", "/healthz"), ("GET", f"/{site.url('/article')}"), ("OPTIONS", "/")):
        answer = talkative.request(method, path, headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert answer.status >= 400
