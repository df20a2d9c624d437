"""What a page hides: marked where no browser has looked, and dropped, with a note of how much it was."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from reader_stream.document.concealed import Sight, is_undisplayed
from reader_stream.document.hidden import note, note_drop
from reader_stream.document.html import Element, body_of
from reader_stream.document.tree import drop, text_length
from reader_stream.document.whole import is_inert

HIDDEN = "data-rs-hidden"
INK = "ink"
"""Value of the mark around text that has its place on the page and that nobody can see."""
DECORATION = "decoration"
"""Value of the mark on what can be seen and says nothing: not counted as hidden."""

HIDDEN_SHARE = 0.5
"""A static page may hide most of its text until its script runs; a hidden node with more than this share
of the page's text is then the content (seen on pages that fade in their body)."""

ARIA_HIDDEN_CHARS = 40
"""`aria-hidden` is decoration up to this length (icons, separators); longer texts are visible and meant
for the eye, such as carousels and animated headings."""

_SCRIPTED = frozenset({"aria-expanded", "aria-controls", "onclick"})
"""Attributes of what a script works on, besides `data-…`."""
_INLINE = frozenset(
    ("a", "abbr", "b", "em", "font", "i", "label", "mark", "q", "s", "small", "span", "strong", "u")
)


def mark_concealed(
    root: Element, found: Iterable[tuple[Element, Sight]], *, alive: bool, interim: bool
) -> None:
    """On pages that no browser has looked at: what nobody can ever see goes, what may be shown is marked.

    An element that a script may reveal is content that waits (tabs, accordions), unless it stands in the
    middle of a text, and a browser is about to tell (`interim`). A script may also reveal most of a page,
    whatever it is hidden by until then.
    """
    most = HIDDEN_SHARE * text_length(body_of(root)) if alive else 0
    for element, seen in found:
        size = text_length(element)
        waits = alive and seen in (Sight.AWAY, Sight.FADED) and not _amid_text(element)
        waits = waits and not (interim and is_undisplayed(element) and size <= most)
        if waits or (alive and size > most):
            if is_undisplayed(element):
                element.set(HIDDEN, "")
        elif seen is Sight.INKLESS and _has_looks(element):
            _blank(element)
        elif size or seen is not Sight.INKLESS:
            drop_noted(element, size)


def mark_decorations(elements: Iterable[Element]) -> None:
    """Mark what is said to be for the eye alone and says next to nothing; `elements` have `aria-hidden`."""
    formulas: dict[Element, bool] = {}
    for element in elements:
        parent = element.getparent()
        if parent is None or element.get("aria-hidden") != "true" or element.get(HIDDEN) is not None:
            continue
        if _is_decoration(element) and not _in_formula(parent, formulas):
            element.set(HIDDEN, DECORATION)


def _amid_text(element: Element) -> bool:
    """Whether an element stands in a line of text."""
    parent = element.getparent()
    if parent is None or element.tag not in _INLINE:
        return False
    return any(text and not text.isspace() for text in (parent.text, *(child.tail for child in parent)))


def is_alive(root: Element) -> bool:
    """Whether a script may reveal something: there is one, or traces of one that was taken out."""
    links = (link.get("rel") or "" for link in root.iter("link"))
    if any("stylesheet" in rel or "preload" in rel for rel in links):
        return True
    bodies = root.iter("body")
    if any(_is_scripted(element) for body in bodies for element in body.iterdescendants(etree.Element)):
        return True
    for script in root.iter("script"):
        named = f'src="{script.get("src") or ""}" type="{script.get("type") or ""}"'
        if not is_inert(named.encode("utf-8", "replace"), (script.text or "").encode("utf-8", "replace")):
            return True
    return False


def _is_scripted(element: Element) -> bool:
    names: list[str] = element.keys()
    return any(n in _SCRIPTED or (n.startswith("data-") and not n.startswith("data-rs-")) for n in names)


def _has_looks(element: Element) -> bool:
    return any(inside.get("class") or inside.get("style") for inside in element.iterdescendants())


def _blank(element: Element) -> None:
    """Take out the text of an element, not that of elements in it."""
    texts = [element.text or "", *(child.tail or "" for child in element)]
    element.text = " "
    for child in element:
        child.tail = " "
    note(element, sum(len(text.strip()) for text in texts))


def drop_noted(element: Element, size: int) -> None:
    """Drop an element whose `size` characters of text nobody sees, and note it beside."""
    if element.getparent() is not None:
        note_drop(element, size)
        drop(element)


def drop_hidden(root: Element, *, composed: bool) -> None:
    """Drop what is marked as not visible; of a static page nothing that holds most of its text.

    Text in the colour of what seems to be behind it, and its like, is only dropped when it is the lesser
    part: a style sheet may have painted what is behind in ways that the tab cannot see.
    """
    marked = root.xpath(f"//*[@{HIDDEN}]")
    sizes = {element: text_length(element) for element in marked}
    inkless = [element for element in marked if element.get(HIDDEN) == INK]
    total = text_length(body_of(root)) if inkless or (marked and not composed) else 0
    if sum(sizes[element] for element in inkless) > HIDDEN_SHARE * total:
        for element in inkless:
            del element.attrib[HIDDEN]
    for element in marked:
        if element.get(HIDDEN) is None:
            continue
        if composed or sizes[element] <= HIDDEN_SHARE * total:
            drop_noted(element, 0 if element.get(HIDDEN) == DECORATION else sizes[element])
        else:
            del element.attrib[HIDDEN]


def _is_decoration(element: Element) -> bool:
    has_picture = next(element.iterdescendants("img"), None) is not None
    return not has_picture and text_length(element) <= ARIA_HIDDEN_CHARS


def _in_formula(element: Element, known: dict[Element, bool]) -> bool:
    """Whether an element is or stands in a formula; `known` is of others."""
    found = known.get(element)
    if found is None:
        found = "katex" in (element.get("class") or "") or element.tag == "math"
        if not found and (parent := element.getparent()) is not None:
            found = _in_formula(parent, known)
        known[element] = found
    return found
