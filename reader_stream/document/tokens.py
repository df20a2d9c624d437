"""Pure: counting tokens, offline and exact (o200k_base)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import bpe_openai


@lru_cache(maxsize=1)
def _encoding() -> Any:
    """The vocabulary; loading takes 0.2 s, so it waits for the first count."""
    return bpe_openai.get_encoding("o200k_base")


@lru_cache(maxsize=65536)
def _count(text: str) -> int:
    return len(_encoding().encode_ordinary(text))


def count(text: str) -> int:
    """Tokens of a text."""
    return _count(text)


def fit(blocks: Sequence[str], budget: int) -> int:
    """How many leading blocks, joined by a blank line, have at most `budget` tokens."""
    low, high = 0, len(blocks)
    while low < high:
        middle = (low + high + 1) // 2
        if count("\n\n".join(blocks[:middle])) <= budget:
            low = middle
        else:
            high = middle - 1
    return low
