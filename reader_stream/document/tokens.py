"""Counting tokens, exactly and offline: the encoding `o200k_base`, from the package bpe-openai.

The package's public wrapper refuses texts of a million characters and builds a list of all tokens; its Rust
tokenizer does neither and is three times as fast, so that is what is used (hence the pin on 0.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from reader_stream.document.remembered import remembered

_SEPARATOR = "\n\n"

# A stream counts nearly the same blocks again and again. 8,192 of them, none longer than 4,096 characters,
# are several long pages; the usual block has 200 characters.
_REMEMBERED_BLOCKS = 8192
_LONGEST_REMEMBERED_CHARS = 4096


class _Tokenizer(Protocol):
    def count(self, text: str) -> int: ...


@lru_cache(maxsize=1)
def _tokenizer() -> _Tokenizer:
    from bpe_openai._bindings import tokenizer_for_encoding  # building its tables takes time: when needed

    tokenizer: _Tokenizer = tokenizer_for_encoding("o200k_base")
    return tokenizer


def count(text: str) -> int:
    """The number of `o200k_base` tokens in `text`; names of special tokens count as the text they are."""
    try:
        return _tokenizer().count(text)
    except UnicodeEncodeError:  # a lone surrogate, which no UTF-8 text has
        return _tokenizer().count(text.encode("utf-8", "replace").decode())


def estimate(text: str) -> int:
    """About the tokens of a text, for weighing blocks against each other; takes no time."""
    return len(text) // 4 + 1


_count = remembered(_REMEMBERED_BLOCKS, _LONGEST_REMEMBERED_CHARS)(count)


def count_blocks(blocks: Sequence[str]) -> int:
    """The tokens of blocks joined by a blank line: `count` of the joined text, but blocks that were counted
    before are not counted again."""
    groups = _groups(blocks)
    return sum(_count(group + _SEPARATOR) for group in groups[:-1]) + sum(map(_count, groups[-1:]))


def fit(blocks: Sequence[str], budget: int) -> int:
    """How many leading blocks, joined by a blank line, have at most `budget` tokens together."""
    fitting = 0
    for number, total in enumerate(_totals(blocks), start=1):
        if total > budget:
            break
        fitting = number
    return fitting


def _totals(blocks: Sequence[str]) -> Iterator[int]:
    """The tokens of the first block, the first two, and so on."""
    done, group = 0, ""
    for number, block in enumerate(blocks):
        if number and _apart(block):
            done += _count(group + _SEPARATOR)
            group = block
        else:
            group = f"{group}{_SEPARATOR}{block}" if number else block
        yield done + _count(group)


def _groups(blocks: Sequence[str]) -> list[str]:
    """Blocks, those joined that cannot be counted one by one."""
    groups: list[str] = []
    for block in blocks:
        if groups and not _apart(block):
            groups[-1] += _SEPARATOR + block
        else:
            groups.append(block)
    return groups


def _apart(block: str) -> bool:
    """Whether tokens always end before `block`. The encoding's pattern ends one after line breaks, unless
    white space goes on or a slash follows (`[^\\s\\p{L}\\p{N}]+[\\r\\n/]*`)."""
    return block[:1] not in ("", "/") and not block[:1].isspace()
