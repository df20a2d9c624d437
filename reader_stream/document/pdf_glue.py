"""Texts of consecutive lines made one: spaces between words, hyphens undone."""

from __future__ import annotations

import re

from reader_stream.document.pdf_model import Run

LAST_WORD = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
"""A word that a hyphen breaks at the end of a line."""

_FIRST_WORD = re.compile(r"[^\W\d_]+")
_CJK = re.compile(r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")


def without(runs: tuple[Run, ...], chars: int) -> tuple[Run, ...]:
    """The runs without their first characters."""
    out: list[Run] = []
    for run in runs:
        if chars < len(run.text):
            out.append(Run(run.text[chars:], run.href))
        chars = max(0, chars - len(run.text))
    return tuple(out)


def glue(before: tuple[Run, ...], after: tuple[Run, ...], compounds: frozenset[str]) -> tuple[Run, ...]:
    """Runs of consecutive lines as one: with a space, or the hyphen undone."""
    if not before or not after:
        return before or after
    last, first = before[-1], after[0]
    left, between = _seam(last.text.rstrip(), first.text.lstrip(), compounds)
    right = first.text.lstrip()
    if last.href == first.href:
        return (*before[:-1], Run(left + between + right, last.href), *after[1:])
    return (*before[:-1], Run(left, last.href), Run(between + right, first.href), *after[1:])


def _seam(left: str, right: str, compounds: frozenset[str]) -> tuple[str, str]:
    cut = LAST_WORD.search(left)
    follows = _FIRST_WORD.match(right)
    if cut and follows and (right[0].islower() or left.endswith("\u00ad")):
        kept = left.endswith("-") and f"{cut[1]}-{follows.group()}".lower() in compounds
        return (left, "") if kept else (left[:-1], "")
    if left.endswith(("-", "/")) and cut:
        return left, ""  # a compound such as Franco-German
    if _CJK.match(left[-1:]) and _CJK.match(right[:1]):
        return left, ""
    return left, " "
