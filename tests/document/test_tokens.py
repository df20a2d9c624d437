"""Counting tokens: exact, and the same block by block as in one text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from bpe_openai import get_encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document.tokens import count, count_blocks, fit

_BLOCKS = st.lists(
    st.text(st.sampled_from("ab .,/'s\n*|#`1中é \u3000"), max_size=8)
    | st.sampled_from(["# Title", "* a\n* b", "/path", "'ll do", "</div>", "```\nx\n```"])
    | st.text(max_size=12),
    max_size=8,
)


@lru_cache(maxsize=1)
def _encoder() -> Any:
    return get_encoding("o200k_base")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("hello world", 2),
        ("日本語のテキスト", 6),
        ("<|endoftext|>", 7),
        ("a" * 80, 10),
        ("\ud800", 1),
    ],
)
def test_counts_o200k_tokens(text: str, tokens: int) -> None:
    """Counts are those of o200k_base; special tokens in a page are text, lone surrogates no error."""
    assert count(text) == tokens


@settings(deadline=None)
@given(st.text(max_size=60))
def test_agrees_with_the_encoder(text: str) -> None:
    """The count is the number of tokens that the package's encoder gives."""
    assert count(text) == len(_encoder().encode_ordinary(text))


def test_counts_more_than_a_million_characters() -> None:
    """Long documents are counted too."""
    assert count("word " * 300_000) == 300_001


@given(_BLOCKS)
def test_counts_blocks_as_the_joined_text(blocks: list[str]) -> None:
    """Counting block by block gives exactly the count of the document."""
    assert count_blocks(blocks) == count("\n\n".join(blocks))


@given(_BLOCKS, st.integers(0, 20))
def test_fits_as_many_blocks_as_the_budget_allows(blocks: list[str], budget: int) -> None:
    """The blocks that fit are within the budget, and one more would not be."""
    number = fit(blocks, budget)
    assert number == 0 or count("\n\n".join(blocks[:number])) <= budget
    assert number == len(blocks) or count("\n\n".join(blocks[: number + 1])) > budget
