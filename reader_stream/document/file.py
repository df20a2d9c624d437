"""What documents of files have in common: a name where there is no title, an address."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from reader_stream.model import Capture, Document


def file_name(capture: Capture) -> str:
    """The last part of the path, or the host; empty for a file without an address."""
    parts = urlsplit(capture.url)
    if not parts.netloc:
        return ""
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc


def file_document(capture: Capture, blocks: list[str], title: str = "", **fields: object) -> Document:
    """The document of a file, named after itself where it has no title."""
    reasons = (*capture.reasons, *fields.pop("reasons", ()))  # type: ignore[misc]
    return Document(
        url=capture.url,
        title=title or file_name(capture),
        blocks=tuple(blocks),
        reasons=reasons,
        **fields,  # type: ignore[arg-type]
    )
