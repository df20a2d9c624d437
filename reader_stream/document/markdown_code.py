"""Rules for blocks of code: fences, languages of the usual highlighters, line numbers and copy buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from lxml import etree

from reader_stream.document.markdown_tokens import BREAK, Code, Raw, scrub
from reader_stream.document.markdown_walk import Element, Leave, Rule, Walk, skip

_TICKS = re.compile("`{3,}")
_NAME = re.compile(r"[A-Za-z0-9][\w+#.-]{0,29}")

# Where highlighters write the language: Prism, highlight.js and CommonMark renderers (language-x, lang-x),
# GitHub (highlight-source-x, highlight-text-x), Sphinx (highlight-x), SyntaxHighlighter (brush: x),
# pandoc (sourceCode x), highlight.js (hljs x), Hexo and Jekyll (highlight x).
_CLASSES = re.compile(
    r"(?:^|\s)(?:(?:language|lang|highlight-source|highlight-text|highlight)-|brush:\s*)([\w+#.]+(?:-[\w+#.]+)*)"
)
_NEXT_CLASS = re.compile(r"(?:^|\s)(?:sourceCode|hljs|highlight|prettyprint)\s+([\w+#.-]+)")
_ATTRIBUTES = ("data-lang", "data-language", "data-code-language", "data-codetype", "lang-name")
_NO_LANGUAGE = frozenset(
    [
        "none",
        "text",
        "plain",
        "plaintext",
        "txt",
        "default",
        "auto",
        "undefined",
        "nohighlight",
        "unknown",
        "code",
        "source",
        "wrap",
        "copy",
        "line-numbers",
        "linenums",
        "linenos",
        "highlight",
        "hljs",
        "notranslate",
        "prettyprinted",
        "snippet",
        "container",
        "block",
        "tab-size",
    ]
)

# Classes of elements that hold nothing but line numbers, and words of a button that copies.
_NUMBER_CLASS = re.compile(
    r"(?:^|\s)(?:lnt?|linenos?|linenodiv|lineno|line-?numbers?|line-numbers-rows|gutter|blob-num\S*|rouge-gutter"
    r"|hljs-ln-numbers|hljs-ln-n|react-syntax-highlighter-line-number|code-line-number|LineNr)(?:\s|$)",
    re.IGNORECASE,
)
_LINE = re.compile(r"(?:^|\s)(?:token-|code-|view-)?line(?:\s|$)")
"""Lines that a style sheet puts below each other (Shiki, Prism in React, Monaco)."""
_COPY = re.compile(r"copy(?!right)|clipboard", re.IGNORECASE)
_BREAKING = frozenset(
    ["div", "p", "li", "tr", "dd", "dt", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6"]
)
_SILENT = frozenset(["button", "script", "style", "template", "svg", "noscript", "clipboard-copy"])
_MARKED = ("br", "div", "p", "li", "td", "ol", "ul", *_SILENT)


def preformatted(walk: Walk, element: Element) -> Leave:
    """A block of code."""
    fenced(walk, code_text(element), language(element))
    return skip


def wrapped(walk: Walk, element: Element) -> bool:
    """Write the block of code that a highlighter wrapped, with its language and line numbers shown beside
    it (`<div class="language-x">`, VitePress, Jekyll); False where the element is no such wrapper."""
    if "language-" not in (element.get("class") or ""):
        return False
    blocks = element.findall("pre")
    if len(blocks) == 1:
        preformatted(walk, blocks[0])
    return len(blocks) == 1


def fenced(walk: Walk, text: str, name: str) -> None:
    """Write code between fences that are longer than any run of backticks in it."""
    text = text.strip("\n").rstrip()
    walk.boundary()
    if not text.strip():
        return
    if walk.frame.line is None:
        fence = "`" * max(3, max(map(len, _TICKS.findall(text)), default=0) + 1)
        walk.block(f"{fence}{name}\n{text}\n{fence}", "code")
    elif "\n" in text and walk.frame.line is BREAK:
        walk.add(Raw(f"<pre>{'<br>'.join(map(_in_cell, text.split(chr(10))))}</pre>"))
    else:
        walk.add(Code(" ".join(text.split())))
    walk.boundary()


def _in_cell(line: str) -> str:
    """A line of code as inline HTML: no character of it may start markup."""
    return re.sub(r"[\\`*_~\[\]<>&$|]", lambda match: f"&#{ord(match.group())};", line)


def code_text(element: Element) -> str:
    """The code in `element`, without line numbers and buttons; lines as the page shows them."""
    text = _code_in(element)
    if "\n" not in text.strip("\n"):
        lines = [item for item in element.iter("span") if _LINE.search(item.get("class") or "")]
        if len(lines) > 1:
            return "\n".join(map(_code_in, lines))
    return text


def _code_in(element: Element) -> str:
    if next(element.iter(*_MARKED), None) is None and not _numbered(element):
        return _clean("".join(element.itertext(etree.Element)))
    parts: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, item in walker:
        tag = item.tag
        breaking = tag in _BREAKING and item is not element
        if event == "end":
            if breaking:
                _new_line(parts)
            if item.tail and item is not element:
                parts.append(item.tail)
        elif tag in _SILENT or (item is not element and _numbers_lines(item)):
            walker.skip_subtree()
        else:
            if breaking:
                _new_line(parts)
            elif tag == "br":
                parts.append("\n")
            parts.append(item.text or "")
    return _clean("".join(parts))


def _clean(text: str) -> str:
    return scrub(text).replace("\r\n", "\n").replace("\r", "\n")


def _new_line(parts: list[str]) -> None:
    """Start a line, unless one has just been started."""
    last = next((part for part in reversed(parts) if part), "\n")
    if last[-1] != "\n":
        parts.append("\n")


def _numbered(element: Element) -> bool:
    return any(_NUMBER_CLASS.search(item.get("class") or "") for item in element.iter("span", "a", "i", "em"))


def _numbers_lines(item: Element) -> bool:
    name = item.get("class")
    if not name or _NUMBER_CLASS.search(name) is None:
        return False
    return re.fullmatch(r"[\d\s.:|]*", "".join(item.itertext())) is not None


def language(element: Element) -> str:
    """The language that a highlighter left on the block, on what is in it, or on what is around it."""
    near = [element, *element.iterchildren("code")]
    for item in (*near, *around(element)):
        for name in _ATTRIBUTES:
            if found := _language_name(item.get(name)):
                return found
        classes = item.get("class") or ""
        for pattern in (_CLASSES, _NEXT_CLASS):
            for match in pattern.finditer(classes):
                if found := _language_name(match.group(1)):
                    return found
    return ""


def around(element: Element) -> list[Element]:
    """Up to four elements around a block that hold no other block (a wrapper, a figure, a table)."""
    found: list[Element] = []
    for parent in element.iterancestors():
        if parent.tag in ("body", "article", "main", "section", "li") or len(found) == 4:
            break
        found.append(parent)
    return found


def _language_name(value: str | None) -> str:
    name = (value or "").strip().lower()
    return name if _NAME.fullmatch(name) and name not in _NO_LANGUAGE and not name.isdigit() else ""


def listing(own_rows: Iterable[Element]) -> tuple[str, str] | None:
    """(code, language) of the rows of a table that only sets line numbers beside code, else None."""
    rows: list[list[Element]] = []
    for row in own_rows:
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if len(cells) != 2 or not _gutter(cells[0]):
            return None
        rows.append(cells)
    if not rows:
        return None
    if not any(_holds_code(row[1]) for row in rows[:3]):
        return None
    return "\n".join(code_text(row[1]).strip("\n") for row in rows), language(_block_in(rows[0][1]))


def _gutter(cell: Element) -> bool:
    shown = False
    for text in cell.itertext():
        if text.strip() and not text.replace("\n", "").replace(" ", "").isdigit():
            return False
        shown = shown or bool(text.strip())
    return shown or cell.get("data-line-number") is not None or _numbers_lines(cell)


def _holds_code(cell: Element) -> bool:
    if next(cell.iter("pre"), None) is not None:
        return True
    return re.search(r"\bcode\b|blob-code|\bline\b", cell.get("class") or "") is not None


def _block_in(cell: Element) -> Element:
    return next(cell.iter("pre", "code"), cell)


def button(walk: Walk, element: Element) -> Leave | None:
    """A button; one that copies code is no content."""
    told = " ".join(element.get(name) or "" for name in ("class", "title", "aria-label", "id"))
    text = " ".join("".join(islice(element.itertext(), 20)).split())
    copies = _COPY.search(told) or any("clipboard" in name for name in element.attrib)
    if (copies and len(text) < 40) or text.lower() in ("copy", "copied!", "copy code", "copied"):
        return skip
    walk.text(" ")
    return _leave_button


def _leave_button(walk: Walk) -> None:
    walk.text(" ")


def unwanted(walk: Walk, element: Element) -> Leave:
    """Never content."""
    return skip


RULES: dict[str, Rule] = {
    "pre": preformatted,
    "listing": preformatted,
    "xmp": preformatted,
    "button": button,
    "clipboard-copy": unwanted,
}
