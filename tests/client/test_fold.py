"""The pure parts of the clients, over arbitrary streams."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.client import Document, Options
from reader_stream.client.fold import Fold
from reader_stream.client.request import field_of
from reader_stream.model import ReadOptions
from reader_stream.stream.sse import Decoder
from tests.client.conftest import stream_of

blocks = st.lists(st.text("ab\n é\N{GRINNING FACE}", min_size=1, max_size=5), max_size=6).map(tuple)


@given(st.lists(blocks, min_size=1, max_size=6), st.data())
def test_any_stream_in_any_pieces(documents: list[tuple[str, ...]], data: st.DataObject) -> None:
    """Whatever the page showed and however the bytes come, the last document is the page's last."""
    raw = b"".join(stream_of(documents))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=5)))
    decoder, fold = Decoder(), Fold("content")
    last: Document | None = None
    for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
        for message in decoder.feed(raw[start:end]):
            last = fold.take(message) or last
    assert last is not None
    assert (last.final, last.content) == (True, "\n\n".join(documents[-1]))


@pytest.mark.parametrize(
    ("respond_with", "name"),
    [
        (None, "content"),
        ("html", "html"),
        ("HTML+text", "html"),
        ("markdown, content", "content"),
        (["text", "markdown"], "text"),
    ],
)
def test_main_part(respond_with: str | list[str] | None, name: str) -> None:
    """The main part is the content where it is asked for, else the first format."""
    assert field_of({"respond_with": respond_with}) == name


def test_options_are_the_models() -> None:
    """The client takes every option that the service knows, and no other."""
    assert get_type_hints(Options).keys() == ReadOptions.model_fields.keys() - {"url", "shot_type"}
