"""Flicker, as `python -m benchmarks --only stability` counts it."""

from __future__ import annotations

import pytest

from benchmarks.flicker import taken_back


@pytest.mark.parametrize(
    ("documents", "share"),
    [
        ([], 0.0),
        ([("a b",), ("a b", "c d")], 0.0),
        ([("a b",), ("a b c",)], 0.0),
        ([("wait",), ("a b c",)], 1 / 4),
        ([("a b",), ("b",), ("a b",)], 1 / 3),
    ],
    ids=["nothing", "more blocks", "a block that grows", "a placeholder", "gone for a moment"],
)
def test_words_that_go_count_and_words_that_move_do_not(
    documents: list[tuple[str, ...]], share: float
) -> None:
    """What a later document has not is taken back, whatever block it stood in."""
    assert taken_back(documents) == pytest.approx(share)
