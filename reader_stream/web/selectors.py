"""Pure: CSS selector lists as a client writes them → selectors that every engine of ours understands.

A selector is used twice: by the page (`querySelector`, which follows the standard) and by the document
room (cssselect, which knows a part of it and some words of its own). Only what means the same to both
is let through, so that a selector fails here with its name, never in the middle of a read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cssselect import HTMLTranslator, SelectorError

MAX_SELECTOR_CHARS = 2000
"""Longest single selector; devtools' "copy selector" of a deep page gives some 600."""

MAX_SELECTOR_PARTS = 150
"""Compound selectors in one; translation recurses once per part and overflows near 1,000."""

MAX_SELECTORS = 100
"""Selectors in one list."""

_OPEN, _CLOSE = "([", ")]"
_NOT = re.compile(r":not\(", re.IGNORECASE)
_PARTS = re.compile(r"[\s>+~(,]+")
_FOREIGN = {
    r":contains\(": "`:contains()` is no CSS",
    r"#\d": "an id that begins with a digit is written [id='…']",
    r"!=": "`!=` is no CSS, write `:not([name=value])`",
    r"::|:(before|after|first-line|first-letter)(?![\w-])": "pseudo-elements cannot be selected",
    r"[\w-]\|(?![|=])": "namespaces are not known here",
}


def parse_selectors(texts: Iterable[str]) -> tuple[str, ...]:
    """Every selector of some comma lists, in order, without repetition.

    Raises ValueError, naming the selector, for one that is broken or that is not supported.
    """
    found = [_check(part) for text in texts for part in split_list(text)]
    if len(found) > MAX_SELECTORS:
        raise ValueError(f"has {len(found)} selectors, at most {MAX_SELECTORS} are taken")
    return tuple(dict.fromkeys(found))


def split_list(text: str) -> list[str]:
    """Split at the commas that stand outside parentheses, brackets and strings."""
    parts, start, depth = [], 0, 0
    for at, char in _outside_strings(text):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in (*parts, text[start:])]


def _outside_strings(text: str) -> Iterable[tuple[int, str]]:
    """Characters with their places, without those in strings and those that a backslash escapes."""
    quote, escaped = "", False
    for at, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            yield at, char


def _check(selector: str) -> str:
    short = selector if len(selector) <= 80 else selector[:77] + "…"
    if not selector:
        raise ValueError("has an empty selector")
    if len(selector) > MAX_SELECTOR_CHARS or len(_PARTS.split(selector)) > MAX_SELECTOR_PARTS:
        raise ValueError(f"selector {short!r} is too long")
    bare = "".join(char for _, char in _outside_strings(selector))
    for pattern, why in _FOREIGN.items():
        if re.search(pattern, bare, re.IGNORECASE):
            raise ValueError(f"selector {short!r} is not supported: {why}")
    spread = _spread_not(selector)
    try:
        HTMLTranslator().css_to_xpath(spread)
    except SelectorError as error:
        raise ValueError(f"selector {short!r} is broken or not supported: {error}") from None
    return spread


def _spread_not(selector: str) -> str:
    """`:not(a, b)` as `:not(a):not(b)`, which says the same and which cssselect knows too."""
    out, at = "", 0
    code = {place for place, _ in _outside_strings(selector)}
    for match in _NOT.finditer(selector):
        if match.start() < at or match.start() not in code:
            continue
        end = _closing(selector, match.end())
        parts = split_list(selector[match.end() : end])
        out += selector[at : match.start()] + "".join(f":not({part})" for part in parts)
        at = end + 1
    return out + selector[at:]


def _closing(selector: str, start: int) -> int:
    """The place of the parenthesis that closes the one before `start`; the end where none does."""
    depth = 1
    for at, char in _outside_strings(selector[start:]):
        depth += (char in _OPEN) - (char in _CLOSE)
        if depth == 0:
            return start + at
    return len(selector)
