"""Inline content: a flat list of tokens in page order -> a line of markdown (several, with hard breaks).

The walk only collects tokens: text as it stands in the page, marks that open and close (emphasis, links),
breaks, code, and markdown that is ready. Three steps make a line of them:

1. `settle` collapses white space as CSS does, moves it out of marks, drops empty marks, joins neighbours;
2. `delimit` chooses delimiters that CommonMark reads as such (flanking), HTML tags where none can be;
3. `Inline.write` escapes text where a parser would misread it, and spells the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reader_stream.document.markdown_delimit import Delimiters, delimit
from reader_stream.document.markdown_escape import (
    Plan,
    escape,
    escape_line_starts,
    is_plain,
    plan,
    unbalanced,
)
from reader_stream.document.markdown_links import destination, host
from reader_stream.document.markdown_numbers import link_place
from reader_stream.document.markdown_tokens import BREAK, Code, End, Mark, Picture, Raw, Tag, Token, settle
from reader_stream.model import MarkdownStyle

HARD_BREAK = "  \n"

_TICKS = re.compile(r"`+")
# What frames a citation cannot stand in its text; models are shown these signs in its stead.
_CITED = str.maketrans("【】†", "〖〗‡")


@dataclass(slots=True)
class Inline:
    """Writes lines in one style. `links` gathers (text, href) in the order of writing, `labels` the
    markdown between each link's brackets, for reference definitions."""

    style: MarkdownStyle
    delimiters: Delimiters
    links: list[tuple[str, str]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def write(self, tokens: Iterable[Token], *, line_break: str = HARD_BREAK, block: bool = True) -> str:
        """The line, "" where nothing in it can be seen. `block`: it stands at the start of a block."""
        settled = settle(tokens)
        if not settled:
            return ""
        if len(settled) > 1:
            delimit(settled, self.delimiters)
        line = self._spell(settled, line_break)
        return escape_line_starts(line) if block else line

    def _spell(self, tokens: Sequence[Token], line_break: str) -> str:
        todo = self._plan(tokens)
        parts: list[str] = []
        opened: list[tuple[int, int]] = []
        for at, token in enumerate(tokens):
            if type(token) is str:
                before = parts[-1][-1:] if parts else ""
                parts.append(escape(token, todo, before, _first_char(tokens, at + 1)) if todo else token)
            elif type(token) is Mark:
                opened.append((at, len(parts)))
                parts.append(f"【{link_place(len(self.links))}†" if token.kind == "cite" else token.open)
            elif type(token) is End:
                first, part = opened.pop()
                if token.mark.href:
                    self._close_link(token.mark, tokens[first:at], parts, part)
                else:
                    parts.append(token.mark.close)
            elif token is BREAK:
                parts.append(line_break)
            elif isinstance(token, str):
                parts.append(code_span(token) if type(token) is Code else token)
        return "".join(parts)

    def _close_link(self, mark: Mark, inside: Sequence[Token], parts: list[str], part: int) -> None:
        self.links.append((plain(inside), mark.href))
        self.labels.append("".join(parts[part + 1 :]) if mark.kind == "link" else "")
        if mark.kind == "cite":
            if text := self.links[-1][0].translate(_CITED):
                parts[part + 1 :] = [escape(text, plan(text))]
            parts.append(f"†{host(mark.href)}】")
        elif mark.kind == "text":
            pass
        elif self.style.link_style == "referenced":
            parts.append("]" + link_place(len(self.links) - 1))
        else:
            parts.append(f"]({destination(mark.local or mark.href)})")

    def _plan(self, tokens: Sequence[Token]) -> Plan | None:
        """What to escape; None where no text has a character that might be misread."""
        text = ".".join([token for token in tokens if type(token) is str])  # the dot: whatever stands between
        if is_plain(text):
            return None
        if len(tokens) == 1:
            return plan(text)
        marks = [token for token in tokens if isinstance(token, Mark)]
        referenced = self.style.link_style == "referenced" and "[" in text
        return plan(
            text,
            delimiters="".join(mark.open for mark in marks),
            code=any(type(token) is Code for token in tokens),
            math=any(type(token) is Raw and token[:1] == "$" for token in tokens),
            link=referenced or (("[" in text or "]" in text) and _broken_link_text(tokens)),
        )


def _broken_link_text(tokens: Sequence[Token]) -> bool:
    start = 0
    for at, token in enumerate(tokens):
        if isinstance(token, Mark) and token.href:
            start = at
        elif isinstance(token, End) and token.mark.href:
            inside = "".join([t for t in tokens[start:at] if type(t) is str])
            if unbalanced(inside):
                return True
    return False


def _first_char(tokens: Sequence[Token], at: int) -> str:
    if at >= len(tokens):
        return ""
    token = tokens[at]
    if isinstance(token, Mark):
        return token.open[:1]
    if isinstance(token, End):
        return "]" if token.mark.href else token.mark.close[:1]
    return "`" if type(token) is Code else "<" if token is BREAK else token[:1]  # it may become <br>


def plain(tokens: Iterable[Token]) -> str:
    """The text of tokens, for lists of links."""
    shown = [
        f" {token.alt} " if isinstance(token, Picture) else token
        for token in tokens
        if isinstance(token, str) and type(token) is not Tag
    ]
    return " ".join("".join(shown).split())


def code_span(text: str) -> str:
    """`text` between more backticks than it has in a row."""
    longest = max(map(len, _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1) if longest else "`"
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"
