"""Bodies and Accept headers: what is read, what is refused, and that nothing else ever comes out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.errors import ParamValidationError, ReaderError
from reader_stream.model import ReadOptions
from reader_stream.web.accept import Representation, image_type, negotiate
from reader_stream.web.body import collect_form, parse_json
from reader_stream.web.params import OPTIONS, parse_read

BROKEN = [
    b"",
    b"[]",
    b'"x"',
    b"{",
    b"null",
    b'{"a":1,"a":2}',
    b'{"b":{"a":1,"a":2}}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":1e999}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"a":"\xff"}',
    b"{'a':1}",
    b'{"a":1} x',
]


@pytest.mark.parametrize("raw", BROKEN, ids=lambda raw: repr(raw[:20]))
def test_a_broken_body_is_refused(raw: bytes) -> None:
    """Anything but one clean JSON object is a 400."""
    with pytest.raises(ParamValidationError):
        parse_json(raw)


def test_a_clean_body_is_read() -> None:
    """A byte order mark is no fault."""
    assert parse_json(b'\xef\xbb\xbf{"url":"e.com","n":[1,2.5,null]}') == {
        "url": "e.com",
        "n": [1, 2.5, None],
    }


def test_a_form_collects_what_was_filled_in() -> None:
    """Names that come again make a list; inputs that nobody touched say nothing."""
    items: list[tuple[str, str | bytes]] = [("a", "1"), ("b", ""), ("a", "2"), ("c", b""), ("a", "3")]
    assert collect_form(items) == {"a": ["1", "2", "3"], "c": b""}


def test_a_form_can_carry_objects_as_json() -> None:
    """`markdown` in a form is the text of a JSON object."""
    options = parse_read("POST", b"/", b"", [], {"url": "e.com", "markdown": '{"hr":"---"}'})
    assert options.markdown.hr == "---"


ACCEPT = [
    (None, "text/plain"),
    ("", "text/plain"),
    ("*/*", "text/plain"),
    ("text/html", "text/plain"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/plain"),
    ("text/event-stream", "text/event-stream"),
    ("text/event-stream, */*", "text/event-stream"),
    ("text/event-stream;q=0.5, */*", "text/plain"),
    ("application/json", "application/json"),
    ("text/json", "application/json"),
    ("application/*", "application/json"),
    ("application/json, text/plain, */*", "application/json"),
    ("text/plain, application/json", "text/plain"),
    ("application/json;q=0.5, text/markdown", "text/markdown"),
    ("application/json; charset=utf-8 ; q=0.9, text/plain;q=0.8", "application/json"),
    ("APPLICATION/JSON", "application/json"),
    ("text/*;q=0.9, application/json;q=0.8", "text/plain"),
    ("application/json;q=0, */*", "text/plain"),
    ("application/json;q=0", "text/plain"),
    ("text/event-stream;q=0", "text/plain"),
    ("text/plain;q=0, */*;q=1, application/json;q=0.1", "application/json"),
    ("image/png", "text/plain"),
    ("application/json;q=5", "text/plain"),
    ("application/json;q=.5", "application/json"),
    ('text/plain;a=",application/json";q=0.1, text/markdown;q=0.2', "text/markdown"),
    (",,;q=1,", "text/plain"),
]


@pytest.mark.parametrize(("accept", "expected"), ACCEPT)
def test_the_representation_follows_accept(accept: str | None, expected: str) -> None:
    """Quality first, then the more specific, then the first; a stream only for who asks for it."""
    assert negotiate(accept) == expected


PICTURES = [
    (None, "png"),
    ("*/*", "png"),
    ("application/json", "png"),
    ("application/json, image/webp", "webp"),
    ("image/jpeg;q=0.5, image/webp;q=0.9", "webp"),
    ("image/webp;q=0, image/jpeg;q=0.1", "jpeg"),
    ("image/png, image/jpeg", "png"),
    ("text/html,image/avif,image/webp,*/*;q=0.8", "webp"),
]


@pytest.mark.parametrize(("accept", "expected"), PICTURES)
def test_accept_names_the_format_of_pictures(accept: str | None, expected: str) -> None:
    """The format liked best among those that we have, else PNG."""
    assert image_type(accept) == expected


@given(st.lists(st.sampled_from([*'texapplicionjsv/*;q=0.195, "\\', "text/event-stream"]), max_size=60))
def test_any_accept_gives_a_representation(accept: list[str]) -> None:
    """There is always an answer."""
    assert negotiate("".join(accept)) in Representation


NAMES = st.sampled_from([header.encode() for option in OPTIONS for header in option.headers])
TEXTS = st.sampled_from(
    ["true", "quoted", "html+text", "5", "h3", "a=b", "a, b", ".x:not(a, b)", "tokens>=3", "atx", "---"]
)
VALUES = st.one_of(st.binary(max_size=40), TEXTS.map(str.encode))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(
    st.sampled_from(["url", "markdown", *(option.body.partition(".")[0] for option in OPTIONS)]),
    JSON,
    max_size=6,
)


@settings(max_examples=300)
@given(
    st.sampled_from(["GET", "HEAD", "POST"]),
    st.binary(max_size=40),
    st.binary(max_size=20),
    st.lists(st.tuples(NAMES, VALUES), max_size=5),
    BODIES,
)
def test_any_request_is_options_or_an_error_of_ours(
    method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: dict[str, Any]
) -> None:
    """Nothing a client can send raises anything but a ReaderError with a message."""
    try:
        options = parse_read(method, b"/" + path, query, headers, body)
    except ReaderError as error:
        orjson.dumps(error.to_dict())
        return
    assert isinstance(options, ReadOptions)
    for cookie in (*options.set_cookies, options.user_agent or "", options.referer or ""):
        assert not set(cookie) & set("\r\n\0")


@settings(max_examples=200)
@given(st.binary(max_size=60) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_any_bytes_are_a_body_or_an_error_of_ours(raw: bytes) -> None:
    """A body is an object or a 400."""
    with suppress(ParamValidationError):
        assert isinstance(parse_json(raw), dict)


@given(
    st.fixed_dictionaries(
        {"url": st.just("https://e.com/")},
        optional={
            "timeout": st.floats(1, 180),
            "engine": st.sampled_from(["auto", "browser"]),
            "withIframe": st.sampled_from([True, False, "quoted"]),
            "targetSelector": st.lists(st.sampled_from(["a", "b c", ".d"]), max_size=2, unique=True),
            "maxTokens": st.integers(1, 10**6),
            "streamMode": st.sampled_from(["snapshot", "patch"]),
            "markdown": st.fixed_dictionaries({}, optional={"hr": st.just("---")}),
        },
    )
)
def test_options_survive_their_own_json(body: dict[str, Any]) -> None:
    """What the model says in JSON asks for the same again."""
    options = parse_read("POST", b"/", b"", [], body)
    again = parse_json(options.model_dump_json(by_alias=True, exclude_defaults=True).encode())
    assert parse_read("POST", b"/", b"", [], again) == options
