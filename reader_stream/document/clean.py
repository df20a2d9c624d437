"""What never belongs to a reading: scripts, hidden nodes, overlays, what the client wants removed.

`PASSES` is the order; each pass is one function over the tree, in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from reader_stream.document.clean_hidden import is_alive, mark_concealed, mark_decorations
from reader_stream.document.concealed import concealed
from reader_stream.document.html import Element, body_of
from reader_stream.document.tree import drop, text_length, unwrap
from reader_stream.errors import ParamValidationError

FRAME = "data-rs-frame"
SHADOW = "data-rs-shadow"
OVERLAY = "reader-overlay"
"""A browser's word: it lies above the page (fetch/overlay.js)."""

OVERLAY_SHARE = 0.4
"""A node with more than this share of the page's text is no overlay, whatever its name."""

NOSCRIPT_CHARS = 200
"""Shorter `<noscript>` texts ask to turn JavaScript on."""

NOSCRIPT_SHARE = 0.5
"""Share of the page's text from which on `<noscript>` is taken for its content; in between nothing was met:
Discourse has nearly all of its text there, other pages a few per cent."""

_UNSEEN = frozenset({"script", "style", "template", "canvas", "svg", "noframes", "noembed"})
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


def _open_declarative_shadow(root: Element, cleaning: Cleaning) -> None:
    """`<template shadowrootmode>` is shown by browsers; other templates are not."""
    for template in list(root.iter("template")):
        if template.get("shadowrootmode"):
            unwrap(template)


def _open_noscript(root: Element, cleaning: Cleaning) -> None:
    """What a static page shows without scripts, where that is most of its text (forums, app shells)."""
    if cleaning.composed:
        return
    noscripts = [
        element
        for element in root.iter("noscript")
        if text_length(element) >= NOSCRIPT_CHARS and not (element.text or "").lstrip().startswith("<")
    ]  # where the text itself is markup, a browser has written a page whose scripts it ran
    if noscripts and sum(map(text_length, noscripts)) > NOSCRIPT_SHARE * _visible_length(root):
        for element in noscripts:
            element.tag = "div"


def _visible_length(root: Element) -> int:
    """Characters of text in the body, scripts and styles left out."""
    unseen = sum(text_length(e) for e in body_of(root).iter(*_UNSEEN))
    return max(0, text_length(body_of(root)) - unseen)


def _drop_unseen(root: Element, cleaning: Cleaning) -> None:
    unspoken: list[Element] = []
    found = [] if cleaning.composed else list(concealed(root, unspoken))
    alive = bool(found) and is_alive(root)
    for element in list(root.iter(*_UNSEEN)):
        if element.tag != "script" or not (element.get("type") or "").lower().startswith("math/"):
            drop(element)
    if cleaning.composed:
        for element in list(root.iter("noscript")):
            drop(element)
    else:
        mark_concealed(root, found, alive=alive, interim=cleaning.interim)
        mark_decorations(unspoken)


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


def _tag_headings(root: Element, cleaning: Cleaning) -> None:
    """Headings by their role (WAI-ARIA 1.2): level 2 where none is told."""
    for element in root.iter("div", "span", "p"):
        if element.get("role") == "heading":
            level = (element.get("aria-level") or "").strip()
            element.tag = f"h{min(max(int(level), 1), 6)}" if re.fullmatch(r"[0-9]{1,3}", level) else "h2"


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
    _tag_headings,
    _drop_unseen,
    drop_overlays,
)
