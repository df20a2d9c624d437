"""Options by chance, in headers and bodies: what a request asks for, or what is wrong with it."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.model import ReadOptions
from reader_stream.web.accept import Representation
from reader_stream.web.body import collect_form, parse_json
from reader_stream.web.params import OPTIONS, check_representation, parse_read
from tests.fuzz.targets import refusals

NAMES = sorted({name for option in OPTIONS for name in option.headers})
FIELDS = sorted(
    {option.body.partition(".")[0] for option in OPTIONS} | {"url", "html", "pdf", "file", "viewport"}
)
WORDS = [
    *(
        "true",
        "no",
        "",
        "0",
        "-1",
        "1",
        "30",
        "181",
        "1e9",
        "nan",
        "inf",
        "٣",
        "auto",
        "browser",
        "html",
        "content",
    ),
    *(
        "markdown+html",
        "content,screenshot",
        "all",
        "none",
        "alt_p",
        "gpt-oss",
        "quoted",
        "table",
        "h1",
        "s5",
        "atx",
    ),
    *(
        "stability>=0.9",
        "tokens>=1",
        "selector:a",
        "text:x",
        "a, b",
        ":::",
        "a:has(b",
        "[x='",
        "#a >",
        "*",
        "--",
        "é",
    ),
    *(
        "http://127.0.0.1:1/",
        "socks5://u:p@h:1",
        "http://",
        "a=b; Path=/",
        "a=b; Domain=com",
        "=;",
        "mutation-idle",
    ),
    *("en-US", "xx_YY", "patch", "setext", "***", "- - -", "__", "\t", "a\rb", "a\nb: c", "a\0b", "x" * 9000),
]
VALUE = st.one_of(st.sampled_from(WORDS), st.text(max_size=30))
HEADER = st.tuples(
    st.sampled_from([*NAMES, "Accept", "Authorization", "X-Unknown", "DNT"]).map(str.encode),
    st.one_of(VALUE.map(lambda text: text.encode("utf-8", "replace")), st.binary(max_size=20)),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), VALUE),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(VALUE, inner, max_size=3)),
    max_leaves=6,
)
FIELD = st.one_of(st.sampled_from(FIELDS), VALUE)


def ask(path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: dict[str, Any] | None) -> None:
    """Options that can be kept and compared, or an error of the contract."""
    with refusals(400, 401, 413):
        options = parse_read("POST" if body is not None else "GET", path, query, headers, body)
        check_representation(options, Representation.JSON)
        assert isinstance(options, ReadOptions)
        kept = options.model_dump(mode="json", exclude={"pdf", "file"})
        orjson.dumps(kept)
        assert hash(options) == hash(options.model_copy())


@settings(max_examples=300)
@given(path=st.binary(max_size=40), query=st.binary(max_size=20), headers=st.lists(HEADER, max_size=5))
def test_headers(path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Any path, query and header fields."""
    ask(b"/" + path, query, headers, None)


@settings(max_examples=300)
@given(
    body=st.dictionaries(FIELD, JSON, max_size=6),
    headers=st.lists(HEADER, max_size=2),
    url=st.sampled_from(["http://example.com/", "", None]),
)
def test_bodies(body: dict[str, Any], headers: list[tuple[bytes, bytes]], url: str | None) -> None:
    """Any fields with any JSON in them."""
    ask(b"/", b"", headers, {**body, **({"url": url} if url is not None else {})})


@settings(max_examples=200)
@given(
    raw=st.one_of(
        st.binary(max_size=60),
        JSON.map(lambda value: repr(value).encode("utf-8", "replace")),
        st.integers(1, 3000).map(lambda depth: b'{"url":' + b"[" * depth + b"]" * depth + b"}"),
        st.integers(1, 9000).map(lambda digits: b'{"timeout":' + b"9" * digits + b"}"),
    )
)
def test_bytes_as_json(raw: bytes) -> None:
    """Any bytes under the name of JSON."""
    with refusals(400):
        fields = parse_json(raw)
        ask(b"/", b"", [], dict(fields))


@settings(max_examples=100)
@given(items=st.lists(st.tuples(FIELD, st.one_of(VALUE, st.binary(max_size=20))), max_size=6))
def test_forms(items: list[tuple[str, str | bytes]]) -> None:
    """Any fields of a form, several of one name too."""
    with refusals(400):
        fields = collect_form(items)
        ask(b"/", b"", [], dict(fields))
