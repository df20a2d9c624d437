"""What a finished read says: a document and what is known of it become the contract's `data`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from reader_stream.document.chunks import chunk
from reader_stream.model import SHOTS, Completeness, Document, ReadOptions, Reason, RespondWith


def field_of(options: ReadOptions) -> str:
    """The name of the main part of the answer: the first format asked for."""
    texts = [wanted for wanted in options.respond_with if wanted not in SHOTS]
    return "content" if RespondWith.CONTENT in texts or not texts else texts[0].value


def blocks_of(document: Document, field: str) -> tuple[str, ...]:
    """The main part as blocks; joined by a blank line they are its text."""
    if field == "html":
        return _split(document.html)
    if field == "text":
        return _split(document.text)
    return document.blocks


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("\n\n")) if text else ()


def head_of(document: Document) -> dict[str, Any]:
    """What a snapshot says besides its content."""
    return {"title": document.title, "url": document.url}


def main_of(document: Document, options: ReadOptions) -> str:
    """The text of the main part of the answer."""
    return "\n\n".join(blocks_of(document, field_of(options)))


def data_of(
    document: Document, options: ReadOptions, reasons: Sequence[Reason], count: int
) -> dict[str, Any]:
    """The document of the contract, without what depends on delivery (`cache`); `count` in tokens."""
    field, main = field_of(options), main_of(document, options)
    data: dict[str, Any] = {
        "title": document.title,
        "description": document.description,
        "url": document.url,
    }
    if not options.only_shots:
        data[field] = main
    # Without `content` the blocks are the whole page's markdown.
    markdown = document.content if document.markdown is None else document.markdown
    others = {"html": document.html, "text": document.text, "markdown": markdown}
    for name in (value for wanted in options.respond_with if (value := wanted.value) in others):
        data.setdefault(name, others[name] or "")
    data |= _optional(document, options)
    data["metadata"] = dict(document.metadata)
    data["warnings"] = [{"code": w.code, "message": w.message} for w in document.warnings]
    data["completeness"] = completeness(document, reasons, has_body=options.only_shots)
    data["usage"] = {"tokens": count}
    data["sha256"] = digest(main)
    return data


def digest(text: str) -> str:
    """`sha256` of a content, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _optional(document: Document, options: ReadOptions) -> dict[str, Any]:
    """The parts that are there only when the page has them or the client asked for them."""
    parts: dict[str, Any] = {}
    if document.published_time:
        parts["publishedTime"] = document.published_time
    if document.page_count is not None:
        parts["numPages"] = document.page_count
    if options.with_links_summary == "all":
        parts["links"] = [list(link) for link in document.links]
    elif options.with_links_summary:
        parts["links"] = unique_links(document.links)
    if options.with_images_summary:
        parts["images"] = dict(document.images)
    if options.markdown_chunking:
        parts["chunks"] = list(chunk(document.blocks, options.markdown_chunking))
    return parts


def unique_links(links: Sequence[tuple[str, str]]) -> dict[str, str]:
    """`{text: href}`, each href once under its first text; a text that is taken gets a number."""
    named: dict[str, str] = {}
    seen: set[str] = set()
    for text, href in links:
        if href in seen:
            continue
        seen.add(href)
        name, n = text or href, 2
        while name in named:
            name, n = f"{text or href} ({n})", n + 1
        named[name] = href
    return named


def completeness(document: Document, reasons: Sequence[Reason], *, has_body: bool = False) -> dict[str, Any]:
    """The honest word: what may be missing and why. `has_body`: the answer is more than the document."""
    every = list(dict.fromkeys((*reasons, *document.reasons)))
    if document.blocked:
        state = Completeness.BLOCKED
    elif not (document.blocks or document.html or document.text or has_body):
        state = Completeness.EMPTY
    else:
        state = Completeness.PARTIAL if every or document.described else Completeness.COMPLETE
    return {"state": state.value, "reasons": [reason.value for reason in every]}
