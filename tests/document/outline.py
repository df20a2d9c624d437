"""What a tree says: blocks, text, marks and links, in a form that two trees can be compared by."""

from __future__ import annotations

import re
from typing import Any

import lxml.html

_BLOCKS = frozenset(
    ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr", "table")
)
_MARKS = {"em": "em", "i": "em", "strong": "strong", "b": "strong", "del": "del", "s": "del", "code": "code"}
_BREAK = "\n"

# One character of a line: what it is, how it is marked, where it leads.
Char = tuple[str, frozenset[str], str]


def _chars(element: Any, marks: frozenset[str], href: str, out: list[Char]) -> None:
    def text(value: str | None) -> None:
        out.extend((char, marks, href) for char in (value or "").replace("\n", " "))

    text(element.text)
    for child in element:
        if child.tag == "br":
            out.append((_BREAK, frozenset(), ""))
        elif child.tag == "a" and child.get("href") and not href:
            if out and out[-1][2] and "".join(child.itertext()).strip():
                out.append((" ", marks, ""))  # links that touch are set apart
            _chars(child, marks, child.get("href"), out)
        elif child.tag in _MARKS:
            _chars(child, marks | {_MARKS[child.tag]}, href, out)
        elif isinstance(child.tag, str):
            _chars(child, marks, href, out)
        text(child.tail)


def _lines(chars: list[Char]) -> list[tuple[str, list[tuple[str, tuple[str, ...], str]]]]:
    """A run of inline content, split where it has an empty line: text, and marks of letters and digits
    (punctuation may move out of emphasis)."""
    plain = "".join(" " if char in " \t\f\r" else char for char, _, _ in chars)
    lines = []
    for part in re.finditer(r"(?:(?! *\n *\n).)+", plain, re.DOTALL):
        line = re.sub(r" *\n *", "\n", re.sub(r" +", " ", part.group())).strip(" \n")
        inside = chars[part.start() : part.end()]
        if line:
            lines.append(
                (line, [(char, tuple(sorted(m)), href) for char, m, href in inside if char.isalnum()])
            )
    return lines


def outline(element: Any) -> list[Any]:
    """The blocks of a tree, as nested lists."""
    found: list[Any] = []
    run: list[Char] = []

    def flush() -> None:
        found.extend(("p", *line) for line in _lines(run))
        run.clear()

    def text(value: str | None) -> None:
        run.extend((char, frozenset[str](), "") for char in (value or "").replace("\n", " "))

    text(element.text)
    for child in element:
        if child.tag in _BLOCKS:
            flush()
            found.extend(_block(child))
        else:
            holder = lxml.html.Element("x")
            tail, child.tail = child.tail, None
            position = element.index(child)
            holder.append(child)
            _chars(holder, frozenset(), "", run)
            element.insert(position, child)
            child.tail = tail
        text(child.tail)
    flush()
    return found


def _block(element: Any) -> list[Any]:
    tag = element.tag
    if tag in ("p", "div"):
        return outline(element)
    if tag[0] == "h" and tag[1:].isdigit():  # a heading is one line
        chars: list[Char] = []
        _chars(element, frozenset(), "", chars)
        line = [(" " if char == _BREAK else char, marks, href) for char, marks, href in chars]
        return [(tag, _lines(line))] if _lines(line) else []
    if tag == "hr":
        return ["hr"]
    if tag == "pre":
        text = "".join(element.itertext()).strip("\n").rstrip()
        return [("pre", text)] if text.strip() else []
    if tag in ("ul", "ol"):
        items = [outline(item) for item in element if item.tag == "li"]
        kept = items if tag == "ol" and any(items) else [item for item in items if item]
        return [(tag, int(element.get("start") or 1) if tag == "ol" else 0, kept)] if kept else []
    if tag == "table":
        rows = [[_cell(cell) for cell in row] for row in element.iter("tr")]
        shown = [[cell for cell in row if cell] for row in rows if any(row)]  # blank ones may be left out
        return [("table", shown)] if shown else []
    inside = outline(element)
    return [(tag, inside)] if inside else []


def _cell(element: Any) -> list[Any]:
    """A cell: its lines, however many breaks stand between."""
    lines = outline(element)
    marks = [mark for line in lines for mark in line[2]]
    return ["\n".join(line[1] for line in lines), marks] if lines else []
