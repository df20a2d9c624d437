"""PDF -> Document, whole or page by page. Pure; pdfium may abort the process on a hostile file.

So callers read in a worker process: `read_pages` takes bytes and gives a `PdfPart` that can be pickled,
`assemble` makes a Document of the parts that there are so far. A page is read once, by itself; what
needs its neighbours (running headers, paragraphs over page borders, levels of headings) is decided
when the document is assembled, which is quick.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from reader_stream.document.invisible import visible_only
from reader_stream.document.markdown import Memo, write
from reader_stream.document.pdf_assemble import first_heading, tree_of
from reader_stream.document.pdf_flow import NEIGHBOURS
from reader_stream.document.pdf_model import PdfInfo, PdfPage, PdfPart
from reader_stream.document.pdf_page import info_of, open_pdf, read_page
from reader_stream.document.text import inner_text
from reader_stream.errors import AssertionFailureError
from reader_stream.model import Capture, Document, Reason, RenderOptions, RespondWith, Warn

__all__ = [
    "PdfInfo",
    "PdfPage",
    "PdfPart",
    "assemble",
    "chosen_page",
    "is_pdf",
    "read_around",
    "read_pages",
    "render_pdf",
]

MAX_PAGES = 5_000
"""Pages read of one file; the rest is told in a warning."""

_PAGE = re.compile(r"(?:^|[&?])page=(\d{1,6})(?:&|$)")


def is_pdf(body: bytes) -> bool:
    """Whether the bytes say that they are a PDF; readers look for the mark in the first kilobyte."""
    return b"%PDF-" in body[:1024]


def chosen_page(url: str) -> int | None:
    """The page, from 1, that a fragment such as ``#page=7`` chooses (RFC 8118)."""
    found = _PAGE.search(unquote(urlsplit(url).fragment))
    return int(found[1]) if found else None


def read_pages(body: bytes, first: int = 1, last: int | None = None, password: str | None = None) -> PdfPart:
    """Pages `first` to `last`, inclusive, from 1; `last` may be beyond the end, None is the last page.

    Raises AssertionFailureError for a file that cannot be read, also for want of its password, or a `first`
    beyond its end.
    """
    with open_pdf(body, password) as document:
        info = info_of(document)
        if first > info.page_count:
            raise AssertionFailureError(f"the PDF has {info.page_count} pages, and no page {first}")
        end = min(info.page_count, last or info.page_count, first + MAX_PAGES - 1)
        return PdfPart(info, tuple(read_page(document, number) for number in range(max(first, 1), end + 1)))


def read_around(body: bytes, page: int, password: str | None = None) -> PdfPart:
    """One page, from 1, with those near it, which show what is a running header. Raises as `read_pages`."""
    with open_pdf(body, password) as document:
        info = info_of(document)
        if not 1 <= page <= info.page_count:
            raise AssertionFailureError(f"the PDF has {info.page_count} pages, and no page {page}")
        numbers = range(max(1, page - NEIGHBOURS), min(info.page_count, page + NEIGHBOURS) + 1)
        return PdfPart(info, tuple(read_page(document, number) for number in numbers))


def render_pdf(capture: Capture, options: RenderOptions, pages_upto: int | None = None) -> Document:
    """The document of a whole PDF, of the page that the URL's fragment chooses, or of the first pages."""
    body = capture.body if isinstance(capture.body, bytes) else capture.body.encode("latin-1", "replace")
    page = _chosen(capture)
    part = read_around(body, page) if page else read_pages(body, 1, pages_upto)
    return assemble(capture, options, [part])


def _chosen(capture: Capture) -> int | None:
    return chosen_page(capture.requested_url) or chosen_page(capture.url)


def assemble(
    capture: Capture, options: RenderOptions, parts: Sequence[PdfPart], *, memo: Memo | None = None
) -> Document:
    """The document of the pages read so far, given in order; `memo`, kept by one stream, saves time.

    Of the capture only its URL and reasons are used, so its body may be left behind.
    """
    info = parts[0].info
    pages = list(chain.from_iterable(part.pages for part in parts))
    only = _chosen(capture)
    root = tree_of(info, pages, only)
    pages = [page for page in pages if only in (None, page.number)]
    written = write(root, base_url=capture.url, options=options, memo=memo)
    wanted = set(options.respond_with)
    scanned = [page.number for page in pages if page.scanned]
    left_out = len(pages) == MAX_PAGES < info.page_count
    reasons = (*capture.reasons, *[Reason.SCANNED_PDF] * bool(scanned), *[Reason.TRUNCATED_SIZE] * left_out)
    document = Document(
        url=capture.url,
        title=info.title or first_heading(root) or _file_name(capture.url),
        description=info.metadata.get("subject", ""),
        blocks=written.blocks,
        markdown="\n\n".join(written.blocks)
        if {RespondWith.CONTENT, RespondWith.MARKDOWN} <= wanted
        else None,
        html=_html(root) if RespondWith.HTML in wanted else None,
        text=inner_text(root) if RespondWith.TEXT in wanted else None,
        published_time=info.created or info.modified,
        page_count=info.page_count,
        links=written.links,
        images=written.images,
        metadata=_metadata(info),
        warnings=tuple(_warnings(info, pages, scanned)),
        reasons=(*reasons, Reason.SELECTOR_NOT_FOUND) if options.wait_selector else reasons,
        found=not options.target_selector,
    )
    return visible_only(document)


def _file_name(url: str) -> str:
    return "" if url.startswith("about:") else unquote(urlsplit(url).path.rpartition("/")[2])


def _html(root: Any) -> str:
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _metadata(info: PdfInfo) -> dict[str, str]:
    metadata = dict(info.metadata)
    if info.modified:
        metadata["modified"] = info.modified
    return metadata


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")


def _warnings(info: PdfInfo, pages: Sequence[PdfPage], scanned: Sequence[int]) -> list[Warn]:
    warnings: list[Warn] = []
    if scanned:
        warnings.append(Warn("scanned_pages", f"pages that are pictures without text: {_listed(scanned)}"))
    if read := [page.number for page in pages if page.recognised]:
        warnings.append(Warn("ocr", f"pages read from their pictures, not free of errors: {_listed(read)}"))
    if len(pages) == MAX_PAGES < info.page_count:
        warnings.append(
            Warn("pages_left_out", f"only the first {MAX_PAGES} of {info.page_count} pages were read")
        )
    return warnings
