"""What an option cannot be is a 400 that names it and says what it can be, in every representation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from reader_stream.model import Engine, MarkdownStyle, ReadOptions, RespondWith, Timing
from reader_stream.stream.sse import Decoder
from tests.e2e_checks import check_error
from tests.options.carriers import BY_BODY, carriers, send
from tests.options.rows import PARTS
from tests.service import JSON, Answer, Service

PAGE: Mapping[str, object] = {"html": PARTS}
BOOLEANS = ("true", "1", "yes", "on", "false", "0", "no", "off")
FLAGS = (
    "withShadowDom",
    "removeOverlay",
    "withImagesSummary",
    "withGeneratedAlt",
    "keepImgDataUrl",
    "noCache",
    "doNotTrack",
)
LEVELS = tuple(f"{kind}{n}" for kind in "hs" for n in range(1, 6))


def literals(model: Any, field: str) -> tuple[str, ...]:
    """The words that a field of the model takes."""
    return get_args(model.model_fields[field].annotation)


ALLOWED: Mapping[str, tuple[str, ...]] = {
    "respondWith": tuple(RespondWith),
    "engine": tuple(Engine),
    "respondTiming": tuple(Timing),
    "retainImages": literals(ReadOptions, "retain_images"),
    "retainLinks": literals(ReadOptions, "retain_links"),
    "base": literals(ReadOptions, "base"),
    "streamMode": ("snapshot", "patch"),
    "markdownChunking": ("true", "structured", *LEVELS),
    "withIframe": ("quoted", "boolean"),
    "withLinksSummary": ("all", "boolean"),
    "noGfm": ("table", "boolean"),
    "stopWhen": ("stability>=", "tokens>=", "selector:", "text:"),
    "proxyUrl": ("http", "https", "socks4", "socks5"),
    **{f"markdown.{f.alias}": get_args(f.annotation) for f in MarkdownStyle.model_fields.values()},
    **dict.fromkeys(FLAGS, BOOLEANS),
}
"""What the message of an unknown value must list."""

BOUNDS: tuple[tuple[str, object, str], ...] = (
    ("timeout", 0, "1"),
    ("timeout", 0.99, "1"),
    ("timeout", 180.01, "180"),
    ("timeout", 181, "180"),
    ("timeout", -5, ""),
    ("timeout", "soon", "number"),
    ("cacheTolerance", -1, ""),
    ("cacheTolerance", "x", "number"),
    ("tokenBudget", 0, "1"),
    ("tokenBudget", -1, "1"),
    ("tokenBudget", "1.5", "whole number"),
    ("maxTokens", 0, "1"),
    ("maxTokens", "many", "whole number"),
    ("maxTokens", 10**10, "at most"),
    ("viewport", {"width": 0}, "1"),
    ("viewport", {"width": 4097}, "4096"),
    ("viewport", {"height": 8193}, "8192"),
    ("viewport", {"height": 0}, "1"),
    ("viewport", {"deviceScaleFactor": 0}, "0"),
    ("viewport", {"deviceScaleFactor": 4.1}, "4"),
    ("viewport", {"isMobile": "maybe"}, "true, 1"),
    ("viewport", "wide", ""),
    ("targetSelector", "p[", "p["),
    ("targetSelector", "#1a", "digit"),
    ("waitForSelector", "a::before", "pseudo-elements"),
    ("removeSelector", "a,,b", "empty"),
    ("setCookies", "nonsense", "Set-Cookie"),
    ("locale", "../..", "language tag"),
    ("referer", "not a url", "http"),
    ("customHeader", {"Host": "x"}, "Host"),
    ("customHeader", {"a b": "x"}, "name"),
    ("customHeader", "x", ""),
    ("cursor", "of-another-read", "cursor"),
    ("pdf", "%%%", "base64"),
    ("file", "%%%", "base64"),
    ("userAgent", "Ünicode", "ASCII"),
)


def error_of(answer: Answer, accept: str) -> dict[str, Any]:
    """The error object of an answer, out of whatever it was told in."""
    assert answer.headers["Content-Type"].startswith(accept)
    if accept == "application/json":
        return dict(answer.json())
    if accept == "text/event-stream":
        (event,) = Decoder().feed(answer.body)
        assert event.event == "error"
        assert event.id.endswith(":0")
        return dict(event.json())
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    name, message = lines["Error"].split(": ", 1)
    return {
        "data": None,
        "code": int(lines["Code"]),
        "status": int(lines["Status"]),
        "name": name,
        "message": message,
        "readableMessage": lines["Error"],
        "retryable": False,
        "path": lines["Option"],
    }


@pytest.mark.parametrize("accept", ["application/json", "text/plain", "text/event-stream"])
@pytest.mark.parametrize("name", ALLOWED)
def test_an_unknown_value_is_told_with_the_allowed_ones(name: str, accept: str, service: Service) -> None:
    """However it is given: the option's body name as path, each allowed value in the message."""
    for way in carriers(name):
        error = error_of(send(service, way, name, "something-else", PAGE, {"Accept": accept}), accept)
        check_error(error, 400)
        assert error["name"] == "ParamValidationError"
        assert error["path"] == name
        for word in ALLOWED[name]:
            assert word in error["message"]


@pytest.mark.parametrize(("name", "value", "told"), BOUNDS, ids=lambda value: str(value)[:30])
def test_bounds_and_syntax_are_kept(name: str, value: object, told: str, service: Service) -> None:
    """Just below, just above and nonsense."""
    for way in carriers(name):
        if not isinstance(value, dict) or way in ("json", "form"):
            sent = value.encode().decode("latin-1") if isinstance(value, str) and "x-" in way else value
            answer = send(service, way, name, sent, {} if name in ("pdf", "file") else PAGE)
            assert answer.status == 400, (way, answer.text)
            error = answer.json()
            assert error["path"].partition(".")[0] == name
            assert told in error["message"]


@pytest.mark.parametrize("name", sorted(BY_BODY))
def test_no_option_takes_what_json_can_be_besides(name: str, service: Service) -> None:
    """A list of lists or a null character is nothing that an option can be."""
    values: tuple[object, ...] = ([[1]], {"\0": {}}, "\x00")
    for value in values:
        body = {} if name in ("html", "pdf", "file") else PAGE
        answer = send(service, "json", name, value, body)
        if value == "\x00" and name in ("html", "injectPageScript", "injectFrameScript"):
            continue  # texts of any kind
        if isinstance(value, dict) and name == "viewport":
            continue  # unknown names in an object are ignored, as in the body
        assert answer.status == 400, (value, answer.text)
        assert answer.json()["path"].partition(".")[0] == name.partition(".")[0]


NEEDS_A_BROWSER: tuple[dict[str, object], ...] = (
    {"respondWith": "screenshot"},
    {"respondWith": "pageshot"},
    {"withIframe": True},
    {"withIframe": "quoted"},
    {"withShadowDom": True},
    {"viewport": {"width": 400}},
    {"injectPageScript": "1"},
    {"injectFrameScript": "1"},
)
TOGETHER: tuple[tuple[dict[str, object], str], ...] = (
    *(
        ({**each, "engine": name}, "engine")
        for each in NEEDS_A_BROWSER
        for name in ("http", "curl", "direct")
    ),
    ({"respondWith": "text", "markdownChunking": True}, "markdownChunking"),
    ({"respondWith": "html", "markdownChunking": "h2"}, "markdownChunking"),
    ({"respondWith": "screenshot", "markdownChunking": "s2"}, "markdownChunking"),
    ({"respondWith": "screenshot", "stopWhen": "text:x"}, "stopWhen"),
    ({"respondWith": "content,pageshot", "stopWhen": "tokens>=5"}, "stopWhen"),
    ({"respondWith": "html,text", "cursor": "a.1"}, "cursor"),
    ({"pdf": "JVBERi0x"}, "url"),
    ({"file": "JVBERi0x"}, "url"),
)


@pytest.mark.parametrize(("together", "path"), TOGETHER, ids=lambda value: json.dumps(value)[:60])
def test_options_that_cannot_work_together_are_told(
    together: dict[str, object], path: str, service: Service
) -> None:
    """A 400 that names one of them; nothing is dropped in silence."""
    answer = service.post({**PAGE, **together}, JSON)
    check_error(answer.json(), 400)
    assert answer.status == 400
    assert answer.json()["path"] == path


@pytest.mark.parametrize("formats", ["html,text", "content+screenshot", "screenshot,pageshot"])
@pytest.mark.parametrize("accept", ["text/plain", "text/markdown", "*/*", "image/png"])
def test_several_formats_need_an_envelope(formats: str, accept: str, service: Service) -> None:
    """Text and a picture have one body: JSON and streams have room for more."""
    answer = service.post({**PAGE, "respondWith": formats}, {"Accept": accept})
    assert answer.status == 400
    assert "application/json" in answer.text
