"""What of a finished read one client gets: `X-Max-Tokens`, and `X-Cursor` to go on from there.

A cursor is `<read's key>.<offset in characters of the content>`. The key holds every option that
changes the result, so a cursor fits only the read that it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reader_stream.document import tokens
from reader_stream.document.chunks import chunk
from reader_stream.errors import ParamValidationError
from reader_stream.model import Completeness, ReadOptions, Reason, StreamMode
from reader_stream.pipeline.answer import digest
from reader_stream.pipeline.flight import Flight
from reader_stream.stream.allowance import JOINT, Allowance
from reader_stream.stream.sequence import Event
from reader_stream.stream.splice import Blocks
from reader_stream.stream.view import View

FORMATS = ("content", "markdown", "html", "text")
"""Names of the texts in a final's data."""

KEY_CHARS = 16
"""Of the key in a cursor: enough that a cursor of another read does not fit by chance."""

OFFSET_DIGITS = 12
"""More than any content has characters."""


def allowance_of(options: ReadOptions, key: str) -> Allowance | None:
    """What the client may have; None: all. Raises ParamValidationError for another read's cursor."""
    if options.max_tokens is None and options.cursor is None:
        return None
    return Allowance(options.max_tokens, _offset(options.cursor, key), tokens.count)


def _offset(cursor: str | None, key: str) -> int:
    if cursor is None:
        return 0
    owner, _, offset = cursor.partition(".")
    if owner != key[:KEY_CHARS] or not offset.isdecimal() or len(offset) > OFFSET_DIGITS:
        message = "the cursor is not of this read: url and options must be those that it was given for"
        raise ParamValidationError(message, path="cursor")
    return int(offset)


def cut_final(final: Event, flight: Flight, view: View, allowance: Allowance, options: ReadOptions) -> Event:
    """The final for a client with an allowance: its own content, counts and `next` cursor."""
    newest, field = flight.sequence.newest, flight.sequence.field
    given = view.sent or ()
    text = JOINT.join(given)
    data: dict[str, Any] = {**final.data}
    if field in data:
        data[field] = text
    others = [name for name in FORMATS if name != field and name in data]
    left = _left(allowance, view, options)
    for name in others:
        data[name] = _beginning(data[name], left)
        if options.stream_mode is StreamMode.PATCH:
            left = left.less([data[name]])
    data |= {"usage": {"tokens": tokens.count(text)}, "sha256": digest(text)}
    if options.markdown_chunking:
        data |= _chunks(data, given, left, options)
    upto = allowance.next_offset(newest.blocks if newest else (), given)
    if upto is not None and not others:
        data["next"] = f"{flight.key[:KEY_CHARS]}.{upto}"
    if upto is not None or any(data[name] != final.data[name] for name in others):
        data["completeness"] = _truncated(data["completeness"])
    return Event("final", final.version, data)


def _left(allowance: Allowance, view: View, options: ReadOptions) -> Allowance:
    """What the final may repeat: in a patch stream what its events have left of the limit, else all of it."""
    return allowance.less((), view.spent) if options.stream_mode is StreamMode.PATCH else allowance


def _chunks(data: Mapping[str, Any], given: Blocks, left: Allowance, options: ReadOptions) -> dict[str, Any]:
    """`chunks`; where they would break the limit of a patch stream, which has told all of it, a warning."""
    chunks = tuple(chunk(given, options.markdown_chunking or ""))
    fits = left.limit is None or left.cost(chunks) <= left.limit
    if fits or options.stream_mode is StreamMode.SNAPSHOT:
        return {"chunks": list(chunks)}
    warning = {"code": "chunks_left_out", "message": "the chunks would not fit into maxTokens once more"}
    return {"chunks": [], "warnings": [*data["warnings"], warning]}


def _beginning(text: str, allowance: Allowance) -> str:
    """What the limit leaves of a further format, which has blocks of its own: no cursor goes on in it."""
    return "" if allowance.limit == 0 else JOINT.join(allowance.fit(tuple(text.split(JOINT))))


def _truncated(completeness: dict[str, Any]) -> dict[str, Any]:
    state = completeness["state"]
    partial = Completeness.PARTIAL.value if state == Completeness.COMPLETE else state
    return {"state": partial, "reasons": [*completeness["reasons"], Reason.TRUNCATED_TOKENS.value]}
