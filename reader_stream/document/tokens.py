"""Pure: counting tokens, offline and exact (o200k_base)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import bpe_openai

PIECE_CHARS = 200_000
"""The encoder refuses a million characters at once; longer texts are counted in pieces of about this size."""

# No token of o200k_base reaches from a line break over a letter or digit, so a cut there changes nothing.
_CUT = re.compile(r"\n(?=[^\W_])")


@lru_cache(maxsize=1)
def _encoding() -> Any:
    """The vocabulary; loading takes 0.8 s, so it waits for the first count."""
    return bpe_openai.get_encoding("o200k_base")


def count(text: str) -> int:
    """Tokens of a text, of any length."""
    return sum(len(_encoding().encode_ordinary(piece)) for piece in _pieces(text))


def estimate(text: str) -> int:
    """About the tokens of a text, for weighing blocks against each other; takes no time."""
    return len(text) // 4 + 1


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that can be encoded one by one; without any line to cut at, after PIECE_CHARS."""
    start = 0
    while len(text) - start > PIECE_CHARS:
        cut = _CUT.search(text, start + PIECE_CHARS // 2, start + PIECE_CHARS)
        end = cut.end() if cut else start + PIECE_CHARS
        yield text[start:end]
        start = end
    yield text[start:]
