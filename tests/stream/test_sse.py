"""`text/event-stream`, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.stream import sse
from reader_stream.stream.sequence import Event

texts = st.text(st.characters(codec="utf-8"), max_size=40)
events = st.lists(
    st.builds(
        Event,
        st.sampled_from(["snapshot", "patch", "final", "error"]),
        st.integers(0, 9),
        st.dictionaries(texts, texts | st.integers(0, 9) | st.lists(texts, max_size=3), max_size=4),
    ),
    max_size=5,
)


@given(events, st.lists(st.integers(1, 200), max_size=30))
def test_any_split_of_the_bytes_decodes_to_what_was_encoded(sent: list[Event], cuts: list[int]) -> None:
    """Encoder and decoder agree, whole, byte by byte and in any pieces."""
    wire = sse.HEAD + b"".join(sse.PING + sse.encode("r1", event) for event in sent)
    decoder, at = sse.Decoder(), 0
    got: list[sse.Message] = []
    for size in [*cuts, len(wire)]:
        got += decoder.feed(wire[at : at + size])
        at += size
    assert [(m.event, m.id, m.json()) for m in got] == [(e.kind, f"r1:{e.version}", e.data) for e in sent]
    assert decoder.comments == len(sent)
    assert decoder.retry_ms == 1000


# From the examples and rules of the specification (HTML, 9.2.6).
SPEC = [
    (b"data: a\n\n", [("message", "a", "")]),
    (b"\xef\xbb\xbfdata:a\r\rdata: b\r\n\r\n", [("message", "a", ""), ("message", "b", "")]),
    (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
    (
        b": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
        [("message", "first", "1"), ("message", "second", ""), ("message", " third", "")],
    ),
    (b"data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
    (b"event: add\nignored: x\ndata: 1\n\n", [("add", "1", "")]),
    (b"event: lost\n\ndata: 1\n\n", [("message", "1", "")]),
    (b"id: a\x00b\ndata: 1\n\n", [("message", "1", "")]),
    (b"retry: 5x\ndata: \xff\n\n", [("message", "\ufffd", "")]),
]


@pytest.mark.parametrize(("wire", "expected"), SPEC)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_the_decoder_reads_what_the_specification_says(
    wire: bytes, expected: list[tuple[str, str, str]], size: int
) -> None:
    """Line ends, comments, names without a colon, ids and byte-order marks are as in the standard."""
    decoder = sse.Decoder()
    got = [m for at in range(0, len(wire), size) for m in decoder.feed(wire[at : at + size])]
    assert [(m.event, m.data, m.id) for m in got] == expected
