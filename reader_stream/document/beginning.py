"""The beginning of a long page: what can be shown while the whole of it is being made into a document."""

from __future__ import annotations

import re

BEGINNING_BYTES = 64 * 1024
"""A page's first 64 KiB of markup are a document after 11 ms, 256 KiB after 45 ms."""

LONG_BYTES = 3 * BEGINNING_BYTES
"""Up to here the whole comes nearly as soon as its beginning, which costs CPU and may be taken back."""

_NO_TEXT = re.compile(rb"<(script|style|svg)\b")
_CLOSED = re.compile(rb"</(?:p|li|h[1-6]|tr|dd|pre|blockquote|div|section|article|table|ul|ol)>")

LAST_BLOCK_BYTES = 4096
"""How far back the end of a block is looked for; most blocks of text are shorter."""


def beginning_of(body: bytes) -> bytes | None:
    """The first part of a long page's source, up to the end of a block. None where the page is not long.

    Scripts, styles and drawings do not count: there are pages with 200 kB of them before the first word.
    """
    if len(body) <= LONG_BYTES:
        return None
    lower = body.lower()
    cut, markup, at = len(body), 0, 0
    while at < len(body):
        start, after = _next_without_text(lower, at)
        if markup <= BEGINNING_BYTES < markup + start - at:
            cut = at + BEGINNING_BYTES - markup
        markup += start - at
        at = after
    if markup <= LONG_BYTES:
        return None
    ends = [match.end() for match in _CLOSED.finditer(lower, max(0, cut - LAST_BLOCK_BYTES), cut)]
    return body[: ends[-1] if ends else cut]


def _next_without_text(lower: bytes, at: int) -> tuple[int, int]:
    """Where the next element without text begins and ends; the end of the source where there is none."""
    match = _NO_TEXT.search(lower, at)
    if match is None:
        return len(lower), len(lower)
    end = lower.find(b"</" + match[1], match.end())
    return match.start(), len(lower) if end < 0 else end
