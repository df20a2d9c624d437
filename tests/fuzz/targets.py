"""What is fed with random bytes, and what must hold of each: name → function that raises when it does not.

The first bytes choose options, so that a fuzzer finds them too.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import orjson

from reader_stream.document import render
from reader_stream.document.html import MAX_DEPTH, decode, parse
from reader_stream.errors import ReaderError
from reader_stream.model import Capture, MarkdownStyle, RenderOptions, RespondWith
from reader_stream.stream.sse import Decoder

CONTENT_TYPES = (
    *("", "text/html", "text/html; charset=utf-8", "text/html; charset=utf-16", "text/html;charset=gb2312"),
    *("text/html; charset=utf-7", "text/html; charset=hex", "text/html; charset=", "text/html; charset=\x00"),
    *(
        "application/xhtml+xml",
        "text/html; charset=iso-2022-jp",
        "text/html; charset=idna",
        "x; charset=punycode",
    ),
)
_NEVER_SENT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, which terminals obey, and halves of characters, which UTF-8 cannot say."""


@contextlib.contextmanager
def refusals(*expected: int) -> Iterator[None]:
    """An error of the contract is an answer too, of these HTTP statuses (413 and 422), and can be told."""
    try:
        yield
    except ReaderError as error:
        if error.http not in (expected or (413, 422)):
            raise AssertionError(f"{error!r} is no answer to this") from error
        orjson.dumps(error.to_dict())


def decoder(data: bytes) -> None:
    """Any bytes under any content type are text that UTF-8 can say, and that is a tree of bounded depth."""
    kind = CONTENT_TYPES[data[0] % len(CONTENT_TYPES)] if data else ""
    text = decode(data[1:], kind)
    text.encode("utf-8")
    root = parse(text)
    assert root.tag == "html"
    leaves = [element for element in root.iter() if not len(element)]
    for leaf in leaves[:50] + leaves[-50:]:  # all would be quadratic
        assert len(list(leaf.iterancestors())) <= MAX_DEPTH + 16


def event_stream(data: bytes) -> None:
    """However the bytes are cut, the messages are the same."""
    cuts = sorted({0, len(data[1:]), *(byte * len(data) // 256 for byte in data[:6])})
    whole, pieces = Decoder(), Decoder()
    expected = list(whole.feed(data[1:]))
    parts = [data[1:][start:end] for start, end in pairwise(cuts)]
    assert [message for part in parts for message in pieces.feed(part)] == expected
    assert (whole.last_event_id, whole.retry_ms, whole.comments) == (
        pieces.last_event_id,
        pieces.retry_ms,
        pieces.comments,
    )
    for message in expected:
        assert "\n" not in message.id + message.event


def markdown(data: bytes) -> None:
    """Any page under any options is a document, the same each time, or a refusal of the contract."""
    choice, source = data[:4].ljust(4, b"\0"), data[4:]
    options = RenderOptions(
        respond_with=(tuple(RespondWith)[choice[0] % 4],),
        retain_links=("all", "none", "text", "gpt-oss")[choice[1] % 4],
        retain_images=("all", "none", "alt")[choice[1] // 4 % 3],
        no_gfm=(False, True, "table")[choice[3] % 3],
        remove_overlay=bool(choice[3] & 64),
        style=MarkdownStyle(
            heading_style=("atx", "setext")[choice[2] % 2],
            link_style=("inlined", "referenced", "discarded")[choice[2] // 2 % 3],
            link_reference_style=("full", "collapsed", "shortcut")[choice[2] // 8 % 3],
        ),
    )
    capture = Capture("http://example.com/a/b", source, "text/html; charset=utf-8")
    document = None
    with refusals():
        document = render(capture, options)
    if document is None:
        return
    for text in (document.content, document.title, document.text or "", *document.blocks):
        assert not _NEVER_SENT.search(text), _NEVER_SENT.findall(text)[:5]
    again = render(capture, options)
    assert again.content == document.content


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "decoder": decoder,
    "event_stream": event_stream,
    "markdown": markdown,
}
