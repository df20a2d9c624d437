"""Office documents: their parts under limits, what they say of themselves, and who reads which.

The parts are XML in a ZIP archive, and anybody may have written it: an archive is looked at before any
library gets it. What is read becomes a tree of HTML that the markdown writer takes like any page. The
libraries come with the extra `office`.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from lxml import etree

from reader_stream.document.file import file_document
from reader_stream.document.html import Element
from reader_stream.document.markdown import write
from reader_stream.document.metadata_dates import normal_date
from reader_stream.document.sniff import DOCX, EPUB, ODT, PPTX, XLSX
from reader_stream.document.text import inner_text
from reader_stream.errors import AssertionFailureError, BackendNotConfiguredError
from reader_stream.model import Capture, Document, Reason, RenderOptions, RespondWith, Warn

OFFICE = frozenset({DOCX, XLSX, PPTX, ODT, EPUB})

MAX_PARTS = 10_000
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_XML_BYTES = 64 * 1024 * 1024
"""Parts of an archive, all of them unpacked, and one XML part; a spreadsheet of a million cells has 40 MB
of XML. What is larger would not be read within a worker's memory."""

_NAMES = {DOCX: "docx", XLSX: "xlsx", PPTX: "pptx", ODT: "odt", EPUB: "epub"}
_CORE = {"creator": "author", "subject": "subject", "keywords": "keywords", "language": "language"}
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_XHTML_DOCTYPE = re.compile(rb"<!DOCTYPE\s+(?:html|ncx|package)\b[^\[>]*>", re.I)


@dataclass(frozen=True, slots=True)
class Content:
    """What is read of an office document. `tables` are ready blocks that stand for what `root` shows."""

    root: Element
    blocks: tuple[str, ...] | None = None
    title: str = ""
    page_count: int | None = None
    warnings: tuple[Warn, ...] = ()
    reasons: tuple[Reason, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)


def render_office(kind: str, capture: Capture, options: RenderOptions) -> Document:
    """The document of an office file.

    Raises AssertionFailureError for an archive that is broken, encrypted or over a limit, and
    BackendNotConfiguredError where the library that reads it is not installed.
    """
    body = capture.body if isinstance(capture.body, bytes) else capture.body.encode("latin-1", "replace")
    archive = open_archive(body)
    about = _core(archive)
    content = _reader(kind)(body, archive, options)
    written = write(content.root, base_url=capture.url, options=options)
    blocks = list(written.blocks if content.blocks is None else content.blocks)
    wanted = set(options.respond_with)
    every = {**about, **content.about}
    dates = {name: every.pop(name, None) for name in ("created", "modified")}
    if dates["modified"]:
        every["modified"] = dates["modified"]
    return file_document(
        capture,
        blocks,
        every.pop("title", "") or content.title,
        description=every.pop("description", ""),
        published_time=dates["created"] or dates["modified"],
        page_count=content.page_count,
        links=written.links,
        images=written.images,
        metadata=every,
        warnings=content.warnings,
        reasons=content.reasons,
        markdown="\n\n".join(blocks) if {RespondWith.CONTENT, RespondWith.MARKDOWN} <= wanted else None,
        html=_html(content.root) if RespondWith.HTML in wanted else None,
        text=inner_text(content.root),
    )


def _html(root: Element) -> str:
    return str(etree.tostring(root, encoding="unicode", method="html"))


def open_archive(body: bytes) -> zipfile.ZipFile:
    """The archive, when its parts are within the limits and none of them declares entities.

    Raises AssertionFailureError otherwise.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise AssertionFailureError("the document is too large when it is unpacked")
        for part in parts:
            if part.flag_bits & 1:
                raise AssertionFailureError("the document is encrypted")
            if part.filename.lower().endswith((".xml", ".rels", ".xhtml", ".html", ".opf", ".vml")):
                _check_xml(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise AssertionFailureError("the document is broken: its archive cannot be read") from error
    return archive


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if part.file_size > MAX_XML_BYTES:
        raise AssertionFailureError("the document is too large when it is unpacked")
    with archive.open(part) as stream:
        head = stream.read(4096)
    if _DOCTYPE.search(_XHTML_DOCTYPE.sub(b"", head)):
        raise AssertionFailureError("the document declares entities, which no office program writes")


def read_part(archive: zipfile.ZipFile, name: str) -> Element | None:
    """The tree of an XML part, without entities and network; None where there is none.

    Raises AssertionFailureError for a part that cannot be unpacked.
    """
    try:
        raw = archive.read(name)
    except KeyError:
        return None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise AssertionFailureError("the document is broken: its archive cannot be read") from error
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        return None


def local(element: Element) -> str:
    """A tag without its namespace; empty for comments."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def _core(archive: zipfile.ZipFile) -> dict[str, str]:
    """Title, author and dates, of the part that all of Office's formats have (ECMA-376, part 2, 8.1)."""
    return about_of(read_part(archive, "docProps/core.xml"))


def about_of(properties: Element | None) -> dict[str, str]:
    """What Dublin Core elements say, under our names."""
    about: dict[str, str] = {}
    for element in () if properties is None else properties.iter():
        said = " ".join("".join(map(str, element.itertext())).split())
        name = local(element)
        if not said:
            continue
        if name in ("title", "description"):
            about.setdefault(name, said)
        elif name in _CORE:
            about.setdefault(_CORE[name], said)
        elif name in ("created", "creation-date", "modified", "date") and (date := normal_date(said)):
            about.setdefault("modified" if name == "modified" else "created", date)
    return about


Reader = Callable[[bytes, zipfile.ZipFile, RenderOptions], Content]


_READERS = {
    DOCX: "office_docx.read_docx",
    XLSX: "office_xlsx.read_xlsx",
    PPTX: "office_pptx.read_pptx",
    ODT: "office_open.read_odt",
    EPUB: "office_open.read_epub",
}


def _reader(kind: str) -> Reader:
    """The function that reads a kind; its library is imported when it is first needed, as that takes time."""
    module, _, name = _READERS[kind].partition(".")
    try:
        found = import_module(f"reader_stream.document.{module}")
    except ImportError:
        raise BackendNotConfiguredError(
            f"reading {_NAMES[kind]} files needs the extra `office`: pip install 'reader-stream[office]'",
            path="file",
        ) from None
    read: Reader = getattr(found, name)
    return read
