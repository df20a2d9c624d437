"""Answers that are kept, and those that are not."""

from __future__ import annotations

import tracemalloc

from reader_stream.document import render
from reader_stream.document.remembered import remembered
from reader_stream.model import Capture, RenderOptions


def test_short_texts_are_asked_once_and_long_ones_always() -> None:
    """What pages send decides about time, not about memory."""
    asked: list[str] = []

    @remembered(most=2, longest_chars=3)
    def length(text: str) -> int:
        """Of a text."""
        asked.append(text)
        return len(text)

    assert [length(text) for text in ("abc", "abcd", "abc", "abcd")] == [3, 4, 3, 4]
    assert asked == ["abc", "abcd", "abcd"]
    assert length.__doc__ == "Of a text."


def test_the_oldest_is_forgotten() -> None:
    """No more texts are kept than was said."""
    asked: list[str] = []

    @remembered(most=2, longest_chars=3)
    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    assert [upper(text) for text in ("a", "b", "c", "a")] == ["A", "B", "C", "A"]
    assert asked == ["a", "b", "c", "a"]


def test_pages_leave_none_of_their_long_names_and_styles_behind() -> None:
    """Styles that hold pictures and endless class names are gone with their page."""
    size, pages = 200_000, 20

    def read(number: int) -> None:
        long = f"{number:x}" + "q" * size
        markup = f"<p class='{long}' style='background:url({long})'>{number}</p><p>" + "A harbour. " * 20
        assert "A harbour" in render(Capture("http://a.test/", markup, settled=True), RenderOptions()).content

    read(0)
    tracemalloc.start()
    try:
        for number in range(pages):
            read(number + 1)
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 2 * size
