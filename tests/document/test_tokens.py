"""Counting tokens."""

from __future__ import annotations

from itertools import pairwise

import bpe_openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("hello world", 2), ("Hello, world!\n\n# Next", 6), ("日本語のテキスト", 6)],
)
def test_counts_are_those_of_o200k_base(text: str, expected: int) -> None:
    """Known counts of the vocabulary that current OpenAI models share."""
    assert tokens.count(text) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("ab1 .#/\n\té—'", min_size=1, max_size=30), min_size=3, max_size=30))
def test_counting_in_pieces_is_exact(parts: list[str]) -> None:
    """A long text has as many tokens in pieces as at once."""
    text = "\n".join(parts) * 3
    whole = len(bpe_openai.get_encoding("o200k_base").encode_ordinary(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "PIECE_CHARS", max(8, len(text) // 3))
        pieces = list(tokens._pieces(text))
        cut_anywhere = any(not (p.endswith("\n") and q[0].isalnum()) for p, q in pairwise(pieces))
        assert "".join(pieces) == text
        assert tokens.count(text) == whole or cut_anywhere


def test_more_than_a_million_characters_can_be_counted() -> None:
    """No page is too long to be counted."""
    assert tokens.count("word and word\n" * 100_000) == 400_000
