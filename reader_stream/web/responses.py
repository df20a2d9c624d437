"""A finished read, or why there is none, in the representation that was asked for.

The `to_…` functions are pure; `answer` and `failure` put what they give into a response. The stream of a
read under way is in `event_stream`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.responses import Response

from reader_stream.errors import ReaderError
from reader_stream.log import request_id
from reader_stream.stream import sse
from reader_stream.stream.sequence import Event
from reader_stream.web.accept import Representation

CHUNK_SEPARATOR = "\n\n\x1d"
"""Between the chunks of a text answer: ASCII's group separator, which no page has in its text."""

# What a client sent decides what it gets, and a page's text must never run as script on our origin.
COMMON_HEADERS: Mapping[str, str] = {
    "Vary": "Accept",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

# nginx and what speaks its language would hold a stream back.
STREAM_HEADERS: Mapping[str, str] = {"X-Accel-Buffering": "no"}

_URL_BREAKERS = {ord(char): f"%{ord(char):02X}" for char in " ()<>\t\n\r"}
_BRACKETS = re.compile(r"([\[\]\\])")


def to_text(data: Mapping[str, Any]) -> str:
    """The text layout of a final's data: labelled blocks, or the bare body for html and text."""
    body = _body(data)
    if body is None:
        return _bare(data)
    blocks = [
        _labelled("Title", data.get("title")),
        _labelled("URL Source", data.get("url")),
        _labelled("Published Time", data.get("publishedTime")),
        "\n".join(_labelled("Warning", warning["message"]) for warning in data.get("warnings", ())),
        _labelled("Number of Pages", data.get("numPages")),
        f"Markdown Content:\n{body}",
        _images(data.get("images")),
        _links(data.get("links")),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def to_markdown(data: Mapping[str, Any]) -> str:
    """The bare markdown, byte for byte the content of the final; html and text where those were asked for."""
    body = _body(data)
    return _bare(data) if body is None else body


def to_json(data: Mapping[str, Any]) -> bytes:
    """The envelope of a success."""
    meta = {"usage": {"tokens": tokens_of(data)}}
    return orjson.dumps({"code": 200, "status": 20000, "data": data, "meta": meta})


def tokens_of(data: Mapping[str, Any]) -> int:
    """The tokens that a final says it has."""
    return int(data.get("usage", {}).get("tokens", 0))


def error_text(error: Mapping[str, Any]) -> str:
    """An error object for a human: what it is, then one line for each thing to know."""
    lines = [
        _labelled("Error", error["readableMessage"]),
        _labelled("Code", error["code"]),
        _labelled("Status", error["status"]),
        _labelled("Option", error.get("path")),
        _labelled("Retry After", f"{error['retryAfter']} s" if "retryAfter" in error else None),
        _labelled("Request", error.get("requestId")),
    ]
    return "\n".join(line for line in lines if line) + "\n"


def error_markdown(error: Mapping[str, Any]) -> str:
    """The same as a short markdown document."""
    facts = [
        f"- Code: {error['code']}",
        f"- Status: {error['status']}",
        *([f"- Option: `{error['path']}`"] if "path" in error else []),
        *([f"- Retry after: {error['retryAfter']} s"] if "retryAfter" in error else []),
        *([f"- Request: `{error['requestId']}`"] if "requestId" in error else []),
    ]
    return f"# {error['name']}\n\n{error['message']}\n\n" + "\n".join(facts) + "\n"


def error_body(error: ReaderError, representation: Representation, read_id: str) -> bytes:
    """The error object in a representation; in a stream it is the event `<read id>:0`."""
    told = with_request_id(error.to_dict())
    match representation:
        case Representation.JSON:
            return orjson.dumps(told)
        case Representation.EVENT_STREAM:
            return stream_head() + sse.encode(read_id, Event("error", 0, told))
        case Representation.MARKDOWN:
            return error_markdown(told).encode()
        case Representation.TEXT:
            return error_text(told).encode()


def stream_head() -> bytes:
    """What every stream begins with: the time to reconnect, and the request's id as a comment."""
    found = request_id.get().encode("ascii")
    return sse.HEAD + (b": request %s\n\n" % found if found else b"")


def with_request_id(error: Mapping[str, Any]) -> dict[str, Any]:
    """An error object that says which request failed."""
    return {**error, "requestId": found} if (found := request_id.get()) else dict(error)


def answer(data: Mapping[str, Any], representation: Representation) -> Response:
    """The response of a read that ended well. `data` is the final's; streams have their own class."""
    match representation:
        case Representation.JSON | Representation.EVENT_STREAM:
            body = to_json(data)
        case Representation.MARKDOWN:
            body = to_markdown(data).encode()
        case Representation.TEXT:
            body = to_text(data).encode()
    headers = {**COMMON_HEADERS, "X-Usage-Tokens": str(tokens_of(data))}
    return Response(body, 200, headers, content_type(representation))


def failure(error: ReaderError, representation: Representation, read_id: str) -> Response:
    """The response of a request that failed before its first byte."""
    headers = {**COMMON_HEADERS, **(STREAM_HEADERS if representation is Representation.EVENT_STREAM else {})}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    body = error_body(error, representation, read_id)
    return Response(body, error.http, headers, content_type(representation))


def content_type(representation: Representation) -> str:
    """The Content-Type of a representation; JSON is UTF-8 by itself."""
    return (
        representation.value
        if representation is Representation.JSON
        else f"{representation.value}; charset=utf-8"
    )


def _body(data: Mapping[str, Any]) -> str | None:
    """The markdown, None where html or text was asked for instead."""
    if data.get("chunks"):
        return CHUNK_SEPARATOR.join(data["chunks"])
    body: str | None = data.get("content", data.get("markdown"))
    if body is None and data.get("html") is None and data.get("text") is None:
        return ""
    return body


def _bare(data: Mapping[str, Any]) -> str:
    body = data.get("html")
    return str(data["text"] if body is None else body)


def _labelled(label: str, value: object) -> str:
    """`Label: value` in one line; empty for nothing."""
    line = "" if value is None else " ".join(str(value).split())
    return f"{label}: {line}" if line else ""


def _images(images: Mapping[str, str] | None) -> str:
    if not images:
        return ""
    return "\n".join(["Images:", *(f"- !{_link(alt, url)}" for alt, url in images.items())])


def _links(links: Mapping[str, str] | Iterable[tuple[str, str]] | None) -> str:
    if not links:
        return ""
    pairs = links.items() if isinstance(links, Mapping) else links
    return "\n".join(["Links/Buttons:", *(f"- {_link(text, href)}" for text, href in pairs)])


def _link(text: str, href: str) -> str:
    label = _BRACKETS.sub(r"\\\1", " ".join(text.split()))
    return f"[{label}]({href.translate(_URL_BREAKERS)})"
