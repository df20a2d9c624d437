"""Pure: `render(capture, options)` makes a Document of a Capture. The room's one door."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from html import escape
from typing import Any

from lxml import etree

from reader_stream.document import clean as cleaning
from reader_stream.document import hidden
from reader_stream.document.article import main_content, stand_in
from reader_stream.document.clean_hidden import HIDDEN, INK, drop_hidden
from reader_stream.document.html import Element, base_url, body_of, decode, media_type, parse
from reader_stream.document.invisible import visible_only
from reader_stream.document.markdown import Memo, write
from reader_stream.document.markdown_links import harmless
from reader_stream.document.media import is_html, render_media
from reader_stream.document.metadata import collect
from reader_stream.document.text import inner_text
from reader_stream.document.tree import drop, unwrap
from reader_stream.document.walls import Wall, find_wall
from reader_stream.garbage import uncollected
from reader_stream.model import Capture, Document, Reason, RenderOptions, RespondWith, Warn

__all__ = ["render"]

_DESCRIBED = Warn(
    "described", "the page's markup has no content; this is the description that it gives of itself"
)
_MARKS = (HIDDEN, cleaning.FRAME, cleaning.SHADOW)


def render(capture: Capture, options: RenderOptions, *, memo: Memo | None = None) -> Document:
    """The document of a capture. Pure and deterministic; a `memo`, kept by one stream, only saves time.

    Raises ParamValidationError for a selector that cannot be read and AssertionFailureError for media
    without text. A target selector that matches nothing gives a document with `found` False.
    """
    if not is_html(capture):
        return visible_only(_harmless(_as_asked(render_media(capture, options), capture, options)))
    with uncollected():
        return _page(capture, options, memo)


def _page(capture: Capture, options: RenderOptions, memo: Memo | None) -> Document:
    """The document of a page of HTML."""
    source = decode(capture.body, capture.content_type)
    root = parse(source, max_depth=options.max_depth)
    hidden.prepare(root, source)
    url = capture.requested_url if options.base == "initial" and capture.requested_url else capture.url
    base = base_url(root, url)
    held = list(root.iter())  # else lxml makes the elements anew for every pass
    about = collect(root, url)
    wall = find_wall(root, url=capture.url, requested_url=capture.requested_url, status=capture.status)
    missing = _missing(root, capture, options)
    cleaning.clean(root, _cleaning(capture, options))
    if capture.composed:
        drop_hidden(root, composed=True)
    unseen = hidden.total(root)
    reached = bool(cleaning.select(root, options.stop_selector, path="stopWhen"))
    wanted = set(options.respond_with)
    main: Element | None = None
    if RespondWith.CONTENT in wanted and not options.target_selector:
        main = main_content(
            deepcopy(root) if len(wanted) > 1 else root, about, url, composed=capture.composed
        )
    described: Element | None = None
    if main is not None and capture.settled and not (capture.composed or wall):
        described = stand_in(main, about)
    if main is not body_of(root):  # else nothing that is marked is left
        drop_hidden(root, composed=capture.composed)
        unseen = max(unseen, hidden.total(root))
    targets = cleaning.select(root, options.target_selector, path="targetSelector")
    main = main if described is None else described
    document = Document(
        url=capture.url,
        title=about.title,
        description=about.description,
        published_time=about.published_time,
        metadata=about.extra,
        **_told(wall, (*capture.reasons, *missing), described is not None),
        found=bool(targets) or not options.target_selector,
        reached=reached,
    )
    if not document.found:
        return visible_only(document)
    whole = _gathered(targets) if targets else body_of(root)
    written = _markdown(main, whole, base, options, memo)
    del held
    left_out = hidden.report(unseen, whole if main is None else main, written.get("blocks", ()))
    document = replace(
        document,
        html=_html(source, capture, options) if RespondWith.HTML in wanted else None,
        text=_text(targets or [whole]) if RespondWith.TEXT in wanted else None,
        metadata={**about.extra, **left_out},
        **written,
    )
    return visible_only(document)


def _missing(root: Element, capture: Capture, options: RenderOptions) -> tuple[Reason, ...]:
    """What a page that no browser waits on has not: an element that the client waits for."""
    if capture.composed or not capture.settled:
        return ()
    found = all(cleaning.select(root, [each], path="waitForSelector") for each in options.wait_selector)
    return () if found else (Reason.SELECTOR_NOT_FOUND,)


def _harmless(document: Document) -> Document:
    """The document of what is no page with links that may be followed; code in fences stays as it is."""
    blocks = tuple(b if b.startswith(("```", "~~~")) else harmless(b) for b in document.blocks)
    links = tuple((text, href) for text, href in document.links if harmless(f"]({href})") == f"]({href})")
    return replace(document, blocks=blocks, links=links)


def _as_asked(document: Document, capture: Capture, options: RenderOptions) -> Document:
    """The document of what is no page in the formats asked for; it has no element that selectors match."""
    wanted = set(options.respond_with)
    text, html = document.text, document.html
    if RespondWith.TEXT in wanted and text is None:
        source = media_type(capture.content_type).startswith(("text/", "application/"))
        bare = source and not document.links and not document.images
        text = decode(capture.body, capture.content_type) if bare else document.content
    if RespondWith.HTML in wanted and html is None:
        html = f"<pre>{escape(document.content, quote=False)}</pre>"  # as browsers show a text
    reasons = document.reasons
    if options.wait_selector and capture.settled:
        reasons = (*reasons, Reason.SELECTOR_NOT_FOUND)
    found = not options.target_selector
    return replace(document, text=text, html=html, reasons=reasons, found=found)


def _told(wall: Wall | None, reasons: tuple[Reason, ...], described: bool) -> dict[str, Any]:
    """The document's fields that say what is missing."""
    if described:
        return {"reasons": reasons, "described": True, "warnings": (_DESCRIBED,)}
    if wall is None:
        return {"reasons": reasons}
    warning = Warn(wall.reason.value, wall.message)
    return {"reasons": (*reasons, wall.reason), "warnings": (warning,), "blocked": wall.blocked}


def _cleaning(capture: Capture, options: RenderOptions) -> cleaning.Cleaning:
    return cleaning.Cleaning(
        composed=capture.composed,
        interim=not capture.settled,
        quote_frames=options.quote_frames,
        remove_overlay=options.remove_overlay,
        remove_selector=options.remove_selector,
    )


def _markdown(
    main: Element | None, whole: Element, base: str, options: RenderOptions, memo: Memo | None
) -> dict[str, Any]:
    """The document's fields that are made of markdown: of the main content, of the whole, or of both."""
    wanted = set(options.respond_with)
    marked = bool(wanted & {RespondWith.CONTENT, RespondWith.MARKDOWN})
    if not (marked or options.summaries):
        return {}
    written = write(whole if main is None else main, base_url=base, options=options, memo=memo)
    fields: dict[str, Any] = {"links": written.links, "images": written.images}
    if marked:
        fields["blocks"] = written.blocks
    if wanted >= {RespondWith.CONTENT, RespondWith.MARKDOWN}:
        fields["markdown"] = "\n\n".join(write(whole, base_url=base, options=options).blocks)
    return fields


def _gathered(targets: list[Element]) -> Element:
    """The targets alone, in document order, under one new root."""
    holder = etree.Element("div")
    for target in targets:
        copy = deepcopy(target)
        copy.tail = None
        holder.append(copy)
    return holder


def _text(elements: list[Element]) -> str:
    return "\n\n".join(map(inner_text, elements))


def _html(source: str, capture: Capture, options: RenderOptions) -> str:
    """The page as it is; parsed and written again only where marks or selectors call for it."""
    changed = options.target_selector or options.remove_selector or options.remove_overlay
    if not (capture.composed or changed):
        return source
    root = parse(source, comments=True)
    for element in cleaning.select(root, options.remove_selector, path="removeSelector"):
        drop(element)
    cleaning.drop_overlays(root, _cleaning(capture, options))
    targets = cleaning.select(root, options.target_selector, path="targetSelector")
    for element in root.xpath(f"//span[@{HIDDEN}='{INK}']"):
        unwrap(element)
    for element in root.iter(etree.Element):
        for mark in _MARKS:
            element.attrib.pop(mark, None)
    if options.target_selector:
        return "\n".join(_serialised(target) for target in targets)
    doctype = "<!DOCTYPE html>"
    return str(etree.tostring(root, encoding="unicode", method="html", doctype=doctype, with_tail=False))


def _serialised(element: Element) -> str:
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
