"""Delimiters of emphasis that a CommonMark parser really reads as such.

A run of `*` opens only where it is left-flanking and closes only where it is right-flanking, `_` does
neither inside a word (CommonMark 0.31, "Emphasis and strong emphasis"). Where the preferred delimiter
cannot do it, punctuation at the edge moves out, then the other delimiter is tried, then the HTML tag.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from reader_stream.document.markdown_escape import ASCII_PUNCTUATION
from reader_stream.document.markdown_tokens import BREAK, Code, End, Mark, Token

_EMPHASIS = frozenset({"em", "strong", "del"})


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The delimiters to try for each kind of emphasis, the preferred first."""

    em: tuple[str, ...] = ("_", "*")
    strong: tuple[str, ...] = ("**", "__")
    deleted: tuple[str, ...] = ("~~",)

    def of(self, kind: str) -> tuple[str, ...]:
        """The candidates for `kind`."""
        return self.em if kind == "em" else self.strong if kind == "strong" else self.deleted


def delimit(tokens: list[Token], delimiters: Delimiters) -> None:
    """Choose `open` and `close` of all emphasis in settled `tokens`; may move punctuation between texts."""
    if not any(type(token) is Mark and token.kind in _EMPHASIS for token in tokens):
        return
    for first, last in _pairs(tokens, delimiters):
        mark = tokens[first]
        assert isinstance(mark, Mark)  # noqa: S101 - _pairs gives indices of marks
        if not _choose(tokens, first, last, delimiters):
            _move_punctuation(tokens, first, last)
            if not _choose(tokens, first, last, delimiters):
                mark.open, mark.close = f"<{mark.kind}>", f"</{mark.kind}>"


def _pairs(tokens: list[Token], delimiters: Delimiters) -> list[tuple[int, int]]:
    """Indices of the emphasis that opens and closes in `tokens`, in order of opening; sets defaults."""
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if isinstance(token, Mark):
            opened.append(at)
        elif isinstance(token, End):
            first = opened.pop()
            if token.mark.kind in _EMPHASIS:
                mark = tokens[first]
                assert isinstance(mark, Mark)  # noqa: S101 - only marks are put on the stack
                token.mark = mark
                candidates = delimiters.of(mark.kind)
                mark.open = mark.close = candidates[0] if candidates else "<"
                pairs.append((first, at))
    return sorted(pairs)


def _choose(tokens: list[Token], first: int, last: int, delimiters: Delimiters) -> bool:
    mark = tokens[first]
    assert isinstance(mark, Mark)  # noqa: S101 - as in delimit
    before, inside = _edge(tokens, first - 1, -1), _edge(tokens, first + 1, 0)
    end, after = _edge(tokens, last - 1, -1), _edge(tokens, last + 1, 0)
    if not (_flanks(inside, before) and _flanks(end, after)):
        return False
    touching = {_touching(tokens, at) for at in (first - 1, first + 1, last - 1, last + 1)}
    for candidate in delimiters.of(mark.kind):
        char = candidate[0]
        outside_word = _class(before) in "sp" and _class(after) in "sp"
        if char not in touching and (char != "_" or outside_word):
            mark.open = mark.close = candidate
            return True
    return False


def _move_punctuation(tokens: list[Token], first: int, last: int) -> None:
    """`**Note:**text` cannot close; `**Note**:text` can, and says the same."""
    before, start = (tokens[first - 1] if first else None), tokens[first + 1]
    end, after = tokens[last - 1], (tokens[last + 1] if last + 1 < len(tokens) else None)
    if type(end) is str and type(after) is str and not _flanks(end[-1], after[0]):
        kept = len(end)
        while kept and _class(end[kept - 1]) != "w":
            kept -= 1
        if kept:
            tokens[last - 1], tokens[last + 1] = end[:kept], end[kept:] + after
    start = tokens[first + 1]
    if type(start) is str and type(before) is str and not _flanks(start[0], before[-1]):
        moved = next((at for at, char in enumerate(start) if _class(char) == "w"), 0)
        if moved:
            tokens[first - 1], tokens[first + 1] = before + start[:moved], start[moved:]


def _flanks(inside: str, outside: str) -> bool:
    """Whether a delimiter run between these characters flanks what is inside, in every reading of
    "punctuation" (0.31 counts symbols in, older parsers do not)."""
    kind = _class(inside)
    return kind == "w" or (kind != "s" and _class(outside) in "sp")


def _edge(tokens: list[Token], at: int, side: Literal[0, -1]) -> str:
    if not 0 <= at < len(tokens):
        return " "
    token = tokens[at]
    if isinstance(token, Mark | End):
        return "*"
    if token is BREAK:
        return " "
    return "`" if type(token) is Code else token[side]


def _touching(tokens: list[Token], at: int) -> str:
    """The delimiter character of the emphasis at `at`, "" where there is none."""
    token = tokens[at] if 0 <= at < len(tokens) else None
    mark = token if isinstance(token, Mark) else token.mark if isinstance(token, End) else None
    return mark.open[:1] if mark is not None and mark.kind in _EMPHASIS else ""


@lru_cache(maxsize=4096)
def _class(char: str) -> str:
    """s(pace), p(unctuation), y (a symbol: punctuation to some parsers) or w (anything else)."""
    if char.isspace():
        return "s"
    if char in ASCII_PUNCTUATION:
        return "p"
    category = unicodedata.category(char)[0]
    return {"P": "p", "S": "y"}.get(category, "w")
