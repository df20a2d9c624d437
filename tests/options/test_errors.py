"""Each row of the error table (API.md, "Errors"), in every representation.

401 is left out until there are API keys; 429 is in `tests/limits`.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from reader_stream.stream.sse import Decoder
from tests.e2e_checks import check_error
from tests.service import Answer, Service, running
from tests.site import Site

REPRESENTATIONS = ("application/json", "text/plain", "text/markdown", "text/event-stream")
ZIP = base64.b64encode(b"PK\x03\x04" + bytes(200)).decode()


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that fails: a target (``{site}`` is the test site) with headers, or a body."""

    name: str
    code: int
    status: int
    kind: str
    target: str = ""
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()
    path: str | None = None
    told: str = ""
    retryable: bool = False


def bad(name: str, **more: Any) -> Fault:
    """A request that is wrong itself."""
    return Fault(name, 400, 40001, "ParamValidationError", **more)


def unreadable(name: str, **more: Any) -> Fault:
    """A target that gives nothing."""
    return Fault(name, 422, 42206, "AssertionFailureError", **more)


FAULTS = (
    bad("scheme", target="ftp://example.com/", path="url"),
    bad("no host", target="http://", path="url"),
    bad("file", target="file:///etc/passwd", path="url"),
    bad("unresolved", target="http://nowhere.invalid/", path="url"),
    bad("option", target="{site}/article", headers=(("X-Timeout", "0"),), path="timeout", told="1"),
    bad("enumeration", target="{site}/article", headers=(("X-Base", "x"),), path="base", told="'initial'"),
    bad("nothing to read", body={"timeout": 5}, path="url"),
    bad("body that is a list", body=[1]),
    bad("cookie", target="{site}/article", headers=(("X-Set-Cookie", "a=1; Domain=b.c"),), path="setCookies"),
    bad("proxy", target="{site}/article", headers=(("X-Proxy-Url", "ftp://h"),), path="proxyUrl"),
    Fault(
        "budget",
        409,
        40904,
        "BudgetExceededError",
        target="{site}/article",
        headers=(("X-Token-Budget", "3"),),
        path="tokenBudget",
    ),
    Fault(
        "robots",
        409,
        40902,
        "ResourcePolicyDenyError",
        target="{site}/options/closed",
        headers=(("X-Robots-Txt", "marker"),),
        path="robotsTxt",
    ),
    Fault("download", 413, 41302, "FileTooLargeError", target="{site}/packed/bomb"),
    unreadable("silence", target="{site}/hang-before", headers=(("X-Timeout", "1"),), path="timeout"),
    unreadable(
        "no target",
        target="{site}/article",
        headers=(("X-Target-Selector", "#no"), ("X-Timeout", "2")),
        path="targetSelector",
    ),
    unreadable("media type", target="{site}/binary", told="media type"),
    unreadable("archive", body={"file": ZIP}),
    unreadable("reset", target="{site}/reset"),
    unreadable("circle", target="{site}/redirect/loop"),
    Fault("loopback", 451, 45102, "SecurityCompromiseError", target="http://127.0.0.1:1/"),
    Fault("metadata", 451, 45102, "SecurityCompromiseError", target="{site}/redirect/metadata"),
    Fault(
        "scripts",
        501,
        50101,
        "BackendNotConfiguredError",
        body={"html": "<p>x", "injectPageScript": "1"},
        path="injectPageScript",
        told="READER_ALLOW_SCRIPTS",
    ),
    Fault(
        "captions",
        501,
        50101,
        "BackendNotConfiguredError",
        target="{site}/article",
        headers=(("X-With-Generated-Alt", "on"),),
        path="withGeneratedAlt",
        told="READER_CAPTION_URL",
    ),
)


def ask(service: Service, site: Site, fault: Fault, accept: str) -> Answer:
    """Make the request that fails."""
    headers = {**dict(fault.headers), "Accept": accept}
    if fault.body is not None:
        return service.post(fault.body, headers)
    target = fault.target.replace("{site}", site.origin)
    return service.get(target, headers)


def check(answer: Answer, fault: Fault, accept: str) -> None:
    """The answer tells the fault, all of it, as its representation does."""
    assert answer.status == fault.code, answer.text
    assert answer.headers["Content-Type"].startswith(accept)
    assert "Accept" in answer.headers["Vary"]
    if accept in ("text/plain", "text/markdown"):
        for each in (fault.kind, str(fault.code), str(fault.status), fault.path or "", fault.told):
            assert each in answer.text
        if fault.retryable:
            assert f"{answer.headers['Retry-After']} s" in answer.text
        return
    error = _last_event(answer, fault) if accept == "text/event-stream" else answer.json()
    check_error(error, fault.code)
    assert (error["status"], error["name"]) == (fault.status, fault.kind)
    assert error.get("path") == fault.path
    assert fault.told in error["message"]
    assert error["retryable"] is fault.retryable
    assert error.get("retryAfter") == (int(answer.headers["Retry-After"]) if fault.retryable else None)


def _last_event(answer: Answer, fault: Fault) -> dict[str, Any]:
    [event] = Decoder().feed(answer.body)
    assert event.event == "error"
    assert event.id.endswith(":0")
    error: dict[str, Any] = event.json()
    return error


@pytest.mark.parametrize("accept", REPRESENTATIONS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_failure_is_told(fault: Fault, accept: str, service: Service, site: Site) -> None:
    """The same object with the same HTTP status in every representation."""
    check(ask(service, site, fault, accept), fault, accept)


@pytest.fixture(scope="module")
def narrow(site: Site) -> Iterator[Service]:
    """A service with room for one reader and small bodies."""
    settings = {"READER_MAX_BODY_BYTES": "2048", "READER_MAX_STREAMS": "1", "READER_BROWSER_WARM_TABS": "0"}
    with running({**settings, "READER_EGRESS_ALLOW": site.allow, "READER_LOG_LEVEL": "warning"}) as service:
        yield service


@pytest.mark.parametrize("accept", REPRESENTATIONS)
def test_a_body_over_the_limit_is_told(accept: str, narrow: Service, site: Site) -> None:
    """As JSON, form or file."""
    fault = Fault("body", 413, 41302, "FileTooLargeError", body={"html": "x" * 4000}, told="2048")
    check(ask(narrow, site, fault, accept), fault, accept)
    kind = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
    check(narrow.request("POST", "/", kind, b"html=" + b"x" * 4000), fault, accept)
    kind["Content-Type"] = "multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + b"x" * 4000
    check(narrow.request("POST", "/", kind, part + b"\r\n--b--\r\n"), fault, accept)


def test_a_full_service_says_when_to_come_again(narrow: Service, site: Site) -> None:
    """503 with Retry-After, which the error object repeats."""
    fault = Fault("full", 503, 50303, "ServiceNodeUnavailableError", target="{site}/article", retryable=True)
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(narrow.open_stream(site.url("/hang-body"), {"X-Timeout": "20"}))
        next(iter(stream))
        for accept in REPRESENTATIONS:
            check(ask(narrow, site, fault, accept), fault, accept)


@pytest.mark.parametrize("accept", REPRESENTATIONS)
@pytest.mark.parametrize("code", [404, 500, 503])
def test_a_targets_own_error_is_not_ours(code: int, accept: str, service: Service, site: Site) -> None:
    """200 with a warning and what the page says."""
    answer = service.get(site.url(f"/status/{code}"), {"Accept": accept})
    assert answer.status == 200
    assert f"marker-status-{code}" in answer.text
    if accept != "text/markdown":
        assert f"HTTP status {code}" in answer.text


@pytest.mark.parametrize("accept", REPRESENTATIONS)
@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/v1/reads/nobody", 404), ("GET", "/v1/shots/none", 404), ("DELETE", "/healthz", 400)],
)
def test_other_routes_fail_alike(method: str, path: str, code: int, accept: str, service: Service) -> None:
    """The error object of what is no read, too."""
    answer = service.request(method, path, {"Accept": accept})
    assert answer.status == code
    assert answer.headers["Content-Type"].startswith(accept)
    assert ("NotFoundError" if code == 404 else "ParamValidationError") in answer.text
