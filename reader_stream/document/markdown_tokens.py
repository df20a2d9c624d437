"""The tokens of inline content, and how white space settles among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias


class Raw(str):
    """Markdown or HTML that is ready: an image, a formula, a checkbox."""

    __slots__ = ()


class Picture(str):
    """Markdown of an image; `alt` is what it says in plain text."""

    alt: str

    def __new__(cls, markdown: str, alt: str) -> Picture:
        self = super().__new__(cls, markdown)
        self.alt = alt
        return self


class Code(str):
    """Text of a code span."""

    __slots__ = ()


class Tag(str):
    """A block's HTML tag inside a line (a list in a table cell); white space around it means nothing."""

    __slots__ = ()


class Mark:
    """Something that opens and closes around content.

    `kind` is ``em``, ``strong``, ``del``, ``link``, ``cite`` or the name of an HTML tag. A mark without
    visible content vanishes, unless it has a `label` to show instead. `open` and `close` are its spelling.
    `href` is where a link leads, `local` how the page itself is told where to go in it ("#part").
    """

    __slots__ = ("close", "end", "href", "kind", "label", "local", "open")

    def __init__(
        self, kind: str, open_: str = "", close: str = "", *, href: str = "", label: str = "", local: str = ""
    ) -> None:
        self.kind = kind
        self.open = open_
        self.close = close
        self.href = href
        self.label = label
        self.local = local
        self.end = End(self)

    def again(self) -> Mark:
        """The same mark, to be opened once more after a border that ends it."""
        return Mark(self.kind, self.open, self.close, href=self.href, local=self.local)


class End:
    """The end of a mark."""

    __slots__ = ("mark",)

    def __init__(self, mark: Mark) -> None:
        self.mark = mark


Token: TypeAlias = str | Mark | End

BREAK = Raw("\n")

_SPACES = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
"""White space that is more than a single blank."""
# No-break spaces are spaces to a reader of markdown; soft hyphens, zero-width spaces, word joiners and
# byte order marks are nothing (`invisible` has dealt with the others of their kind). What stands at U+0080
# to U+009F is windows-1252, as browsers read it (HTML, "numeric character reference end").
_ODD = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\xa0\xad\u200b\u2028\u2029\u2060\ufdd0\ufdd1\ufeff]")
_ODD_TEXT: dict[int, str | None] = {
    **dict.fromkeys((*range(9), 0xB, *range(0xE, 0x20), 0x7F), None),
    **dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFDD0, 0xFDD1, 0xFEFF), None),
    **{code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)},
    **{0xA0: " ", 0x2028: "\n", 0x2029: "\n"},
}


def scrub(text: str) -> str:
    """`text` without characters that are invisible or would change how lines are read."""
    return text.translate(_ODD_TEXT) if _ODD.search(text) is not None else text


def settle(tokens: Iterable[Token]) -> list[Token]:
    """Tokens with white space collapsed, outside of marks and inside the line; empty marks are gone.

    What remains starts and ends with something visible, has single spaces, and neighbours of one kind
    (text, code, equal emphasis that closes and opens again) are one.
    """
    settler = _Settler()
    for token in tokens:
        kind = type(token)
        if kind is str:
            settler.text(token)  # type: ignore[arg-type]
        elif kind is Mark:
            settler.opening.append(token)  # type: ignore[arg-type]
        elif kind is End:
            settler.end(token)  # type: ignore[arg-type]
        elif token is BREAK:
            settler.line_break()
        elif kind is Tag:
            settler.tag(token)  # type: ignore[arg-type]
        else:
            settler.show(token, kind)
    return settler.out


class _Settler:
    __slots__ = ("gap", "opening", "out")

    def __init__(self) -> None:
        self.out: list[Token] = []
        self.opening: list[Mark] = []
        self.gap = ""

    def text(self, token: str) -> None:
        text = _SPACES.sub(" ", scrub(token))
        shown = text.strip(" ")
        if not shown:
            if text and not self.gap:
                self.gap = " "
            return
        if text[0] == " " and not self.gap:
            self.gap = " "
        self.show(shown, str)
        if text[-1] == " ":
            self.gap = " "

    def line_break(self) -> None:
        if self.out and type(self.out[-1]) is not Tag:
            self.gap = "\n"

    def tag(self, token: str) -> None:
        self.gap = ""
        self._open("")
        self.out.append(token)

    def show(self, token: Token, kind: type) -> None:
        """Something visible, after what gap and opening marks are due before it."""
        out = self.out
        gap = self.gap if out and type(out[-1]) is not Tag else ""
        self.gap = ""
        if self.opening or gap == "\n":
            self._open(gap)
            gap = ""
        last = type(out[-1]) if out else None
        if kind is str and last is str:
            out[-1] = f"{out[-1]}{gap}{token}"
        elif kind is Code and last is Code and not gap:
            out[-1] = Code(f"{out[-1]}{token}")
        else:
            if gap and last is str:
                out[-1] = f"{out[-1]} "
            elif gap:
                out.append(" ")
            out.append(token)

    def _open(self, gap: str) -> None:
        out = self.out
        if gap == "\n":
            out.append(BREAK)
        elif gap or (self.opening and _adjacent_links(out, self.opening)):
            out.append(" ")
        for mark in self.opening:
            last = out[-1] if out else None
            if isinstance(last, End) and last.mark.kind == mark.kind and not mark.href:
                out.pop()
                mark.end.mark = last.mark
            else:
                out.append(mark)
        self.opening.clear()

    def end(self, token: End) -> None:
        mark = token.mark
        if self.opening and mark in self.opening:
            if mark.label:
                self.show(" ".join(scrub(mark.label).split()), str)
            else:
                self.opening.remove(mark)
                return
        self.out.append(token)


def _adjacent_links(out: list[Token], opening: list[Mark]) -> bool:
    """Links that touch are set apart by style sheets on nearly every page; text alone would run together."""
    last = out[-1] if out else None
    return isinstance(last, End) and bool(last.mark.href) and any(mark.href for mark in opening)
