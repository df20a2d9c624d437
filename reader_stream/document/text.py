"""A tree's text as a browser's `innerText` gives it."""

from __future__ import annotations

import re

from reader_stream.document.html import Element

BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
        "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p",
        "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
"""Elements that browsers lay out as blocks: a line of their own."""

_SPACED = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table", "figure"}
)
_SKIPPED = frozenset({"script", "style", "template", "noscript", "head", "svg", "canvas", "iframe", "object"})
_SPACE = re.compile(r"[ \t\n\r\f]+")
_LINES = re.compile(r"\n{3,}")


def inner_text(root: Element) -> str:
    """Lines of text: one per block, a blank line around paragraphs, a tab between cells."""
    out: list[str] = []
    _walk(root, out, preformatted=False)
    return _LINES.sub("\n\n", "\n".join(line.rstrip() for line in "".join(out).split("\n"))).strip()


def _walk(element: Element, out: list[str], *, preformatted: bool) -> None:
    tag = element.tag
    if tag in _SKIPPED or not isinstance(tag, str):
        return
    preformatted = preformatted or tag in {"pre", "textarea"}
    breaks = "\n\n" if tag in _SPACED else "\n" if tag in BLOCKS else ""
    if tag == "br":
        out.append("\n")
    elif breaks:
        _break(out, breaks)
    _append(out, element.text, preformatted)
    for child in element:
        _walk(child, out, preformatted=preformatted)
        _append(out, child.tail, preformatted)
    if tag in {"td", "th"}:
        out.append("\t")
    elif breaks:
        _break(out, breaks)


def _break(out: list[str], breaks: str) -> None:
    before = out[-1] if out else "\n"
    if not before.endswith(breaks):
        out.append("\n" if before.endswith("\n") else breaks)


def _append(out: list[str], text: str | None, preformatted: bool) -> None:
    if not text:
        return
    if preformatted:
        out.append(text.replace("\r\n", "\n"))
        return
    text = _SPACE.sub(" ", text)
    if not out or out[-1].endswith(("\n", "\t", " ")):
        text = text.lstrip(" ")
    if text:
        out.append(text)
