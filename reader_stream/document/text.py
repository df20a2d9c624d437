"""A tree's text as a browser's `innerText` gives it."""

from __future__ import annotations

import re

from lxml import etree

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
    preformatted = 0
    skipped: Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
                _append(out, element.tail, preformatted)
            continue
        if event == "start" and tag in _SKIPPED:
            skipped = element
            continue
        preformatted += (tag in {"pre", "textarea"}) * (1 if event == "start" else -1)
        _append_break(out, tag, event)
        if event == "start":
            _append(out, element.text, preformatted)
        elif element is not root:
            _append(out, element.tail, preformatted)
    lines = (line.rstrip() for line in "".join(out).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def _append_break(out: list[str], tag: object, event: str) -> None:
    if tag == "br":
        if event == "start":
            out.append("\n")
    elif tag in BLOCKS:
        text_before = out[-1] if out else "\n"
        breaks = "\n\n" if tag in _SPACED else "\n"
        if not text_before.endswith(breaks):
            out.append("\n" if text_before.endswith("\n") or len(breaks) == 1 else "\n\n")
    elif tag in {"td", "th"} and event == "end":
        out.append("\t")


def _append(out: list[str], text: str | None, preformatted: int) -> None:
    if not text:
        return
    if preformatted > 0:
        out.append(text.replace("\r\n", "\n"))
        return
    text = _SPACE.sub(" ", text)
    if not out or out[-1].endswith(("\n", "\t", " ")):
        text = text.lstrip(" ")
    if text:
        out.append(text)
