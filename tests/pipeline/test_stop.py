"""`X-Stop-When`: what ends a read early."""

from __future__ import annotations

import pytest

from reader_stream.model import Document
from reader_stream.pipeline.stop import StopWhen

CASES = [
    ("stability>=0.9", "x", 0.9, True),
    ("stability>=0.9", "x", 0.89, False),
    ("tokens>=3", "one two three", 0.0, True),
    ("tokens>=3", "one two", 0.0, False),
    ("text:Add to cart", "You can ADD\n\nto  cart now", 0.0, True),
    ("text:Add to cart", "You can add it", 0.0, False),
]


@pytest.mark.parametrize(("asked", "content", "stability", "expected"), CASES)
def test_a_read_is_enough_when_its_condition_is_met(
    asked: str, content: str, stability: float, expected: bool
) -> None:
    """Stability and tokens are thresholds, words are found whatever their case and spaces."""
    assert StopWhen.parse(asked).is_met(Document("u"), lambda: content, stability) is expected


def test_a_selector_is_met_when_the_document_says_so() -> None:
    """The document room looks for the selector."""
    stop = StopWhen.parse("selector:a[href]:not(.x)")
    assert stop.value == "a[href]:not(.x)"
    assert stop.is_met(Document("u", reached=True), str, 0.0)
    assert not stop.is_met(Document("u"), str, 1.0)
