"""What never belongs to a reading: scripts, hidden nodes, overlays, what the client wants removed.

`PASSES` is the order; each pass is one function over the tree, in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from reader_stream.document.concealed import Sight, concealed, is_undisplayed
from reader_stream.document.hidden import note, note_drop
from reader_stream.document.html import Element, body_of
from reader_stream.document.whole import is_inert
from reader_stream.errors import ParamValidationError

HIDDEN = "data-rs-hidden"
INK = "ink"
"""Value of the mark around text that has its place on the page and that nobody can see."""
DECORATION = "decoration"
"""Value of the mark on what can be seen and says nothing: not counted as hidden."""

FRAME = "data-rs-frame"
SHADOW = "data-rs-shadow"
OVERLAY = "reader-overlay"
"""A browser's word: it lies above the page (fetch/overlay.js)."""

HIDDEN_SHARE = 0.5
"""A static page may hide most of its text until its script runs; a hidden node with more than this share
of the page's text is then the content (seen on pages that fade in their body)."""

ARIA_HIDDEN_CHARS = 40
"""`aria-hidden` is decoration up to this length (icons, separators); longer texts are visible and meant
for the eye, such as carousels and animated headings."""

OVERLAY_SHARE = 0.4
"""A node with more than this share of the page's text is no overlay, whatever its name."""

NOSCRIPT_CHARS = 200
"""Shorter `<noscript>` texts ask to turn JavaScript on."""

NOSCRIPT_SHARE = 0.5
"""Share of the page's text from which on `<noscript>` is taken for its content; in between nothing was met:
Discourse has nearly all of its text there, other pages a few per cent."""

_UNSEEN = frozenset({"script", "style", "template", "canvas", "svg", "noframes", "noembed"})
_TRACES = (
    "//link[contains(@rel,'stylesheet') or contains(@rel,'preload')]"
    " | //body//*[@aria-expanded or @aria-controls or @onclick"
    " or @*[starts-with(name(),'data-') and not(starts-with(name(),'data-rs-'))]]"
)
_INLINE = frozenset(
    ("a", "abbr", "b", "em", "font", "i", "label", "mark", "q", "s", "small", "span", "strong", "u")
)
_OVERLAY = re.compile(
    r"cookie|consent|gdpr|ccpa|onetrust|didomi|cmp-|overlay|modal|popup|pop-up|lightbox|paywall|newsletter-signup",
    re.I,
)
_FIXED = re.compile(r"position\s*:\s*(?:fixed|sticky)", re.I)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What the passes need to know."""

    composed: bool = False
    interim: bool = False
    quote_frames: bool = False
    remove_overlay: bool = False
    remove_selector: tuple[str, ...] = ()


def clean(root: Element, cleaning: Cleaning) -> None:
    """Run all passes over `root`, in place."""
    for apply in PASSES:
        apply(root, cleaning)


def select(root: Element, selectors: Iterable[str], *, path: str) -> list[Element]:
    """Elements that match any of `selectors`, in document order, without those inside another match.

    A selector that cannot be read is the client's fault: ParamValidationError naming `path`.
    """
    found: set[Element] = set()
    for selector in selectors:
        found.update(_compile(selector, path)(root))
    if not found:
        return []
    return [e for e in root.iter() if e in found and not any(a in found for a in e.iterancestors())]


def _compile(selector: str, path: str) -> CSSSelector:
    try:
        return CSSSelector(selector, translator="html")
    except (SelectorError, ValueError) as error:
        raise ParamValidationError(f"cannot read the selector {selector!r}: {error}", path=path) from error


def drop(element: Element) -> None:
    """Take an element out of its tree; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def unwrap(element: Element) -> None:
    """Put an element's content in its place."""
    parent = element.getparent()
    if parent is None:
        return
    at = parent.index(element)
    if element.text:
        if at:
            parent[at - 1].tail = (parent[at - 1].tail or "") + element.text
        else:
            parent.text = (parent.text or "") + element.text
    children = list(element)
    if children:
        children[-1].tail = (children[-1].tail or "") + (element.tail or "")
    elif element.tail:
        if at:
            parent[at - 1].tail = (parent[at - 1].tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent[at : at + 1] = children


def text_length(element: Element) -> int:
    """Characters of text inside, white space at the borders of text nodes not counted."""
    return sum(len(text.strip()) for text in element.itertext())


def _open_declarative_shadow(root: Element, cleaning: Cleaning) -> None:
    """`<template shadowrootmode>` is shown by browsers; other templates are not."""
    for template in list(root.iter("template")):
        if template.get("shadowrootmode"):
            unwrap(template)


def _open_noscript(root: Element, cleaning: Cleaning) -> None:
    """What a static page shows without scripts, where that is most of its text (forums, app shells)."""
    if cleaning.composed:
        return
    noscripts = [element for element in root.iter("noscript") if text_length(element) >= NOSCRIPT_CHARS]
    if noscripts and sum(map(text_length, noscripts)) > NOSCRIPT_SHARE * _visible_length(root):
        for element in noscripts:
            element.tag = "div"


def _visible_length(root: Element) -> int:
    """Characters of text in the body, scripts and styles left out."""
    unseen = sum(text_length(e) for e in body_of(root).iter(*_UNSEEN))
    return max(0, text_length(body_of(root)) - unseen)


def _drop_unseen(root: Element, cleaning: Cleaning) -> None:
    found = [] if cleaning.composed else list(concealed(root))
    alive = bool(found) and _is_alive(root)
    for element in list(root.iter(*_UNSEEN)):
        if element.tag != "script" or not (element.get("type") or "").lower().startswith("math/"):
            drop(element)
    if cleaning.composed:
        for element in list(root.iter("noscript")):
            drop(element)
    else:
        _mark_concealed(root, found, alive=alive, interim=cleaning.interim)


def _mark_concealed(
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
    for element in root.xpath("//body//*[@aria-hidden='true']"):
        if _is_decoration(element) and element.get(HIDDEN) is None:
            element.set(HIDDEN, DECORATION)


def _amid_text(element: Element) -> bool:
    """Whether an element stands in a line of text."""
    parent = element.getparent()
    if parent is None or element.tag not in _INLINE:
        return False
    return any(text and not text.isspace() for text in (parent.text, *(child.tail for child in parent)))


def _is_alive(root: Element) -> bool:
    """Whether a script may reveal something: there is one, or traces of one that was taken out."""
    if root.xpath(_TRACES):
        return True
    for script in root.iter("script"):
        named = f'src="{script.get("src") or ""}" type="{script.get("type") or ""}"'
        if not is_inert(named.encode("utf-8", "replace"), (script.text or "").encode("utf-8", "replace")):
            return True
    return False


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
    if element.find(".//img") is not None:
        return False
    is_math = any("katex" in (a.get("class") or "") or a.tag == "math" for a in element.iterancestors())
    return not is_math and text_length(element) <= ARIA_HIDDEN_CHARS


def drop_overlays(root: Element, cleaning: Cleaning) -> None:
    """Cookie walls and modals, where the client wants them gone."""
    if not cleaning.remove_overlay:
        return
    for element in root.xpath(f"//*[@{OVERLAY}]"):
        drop(element)
    total = text_length(body_of(root))
    for element in root.xpath("//body//*[@role or @aria-modal or @id or @class]"):
        if _is_overlay(element) and text_length(element) <= OVERLAY_SHARE * total:
            drop(element)


def _is_overlay(element: Element) -> bool:
    if element.tag == "dialog" or element.get("aria-modal") == "true":
        return True
    if element.get("role") in {"dialog", "alertdialog"}:
        return True
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    fixed = _FIXED.search(element.get("style") or "")
    return element.tag in {"div", "section", "aside", "form"} and bool(
        _OVERLAY.search(names) and (fixed or re.search(r"cookie|consent|gdpr|onetrust|didomi", names, re.I))
    )


def _quote_frames(root: Element, cleaning: Cleaning) -> None:
    """Frames as quotations, where the client wants to tell them from the page."""
    if cleaning.quote_frames:
        for frame in root.xpath(f"//div[@{FRAME}]"):
            frame.tag = "blockquote"


def _drop_removed(root: Element, cleaning: Cleaning) -> None:
    for element in select(root, cleaning.remove_selector, path="removeSelector"):
        if element.tag not in {"html", "body"}:
            drop(element)


PASSES: tuple[Callable[[Element, Cleaning], None], ...] = (
    _drop_removed,
    _quote_frames,
    _open_declarative_shadow,
    _open_noscript,
    _drop_unseen,
    drop_overlays,
)
