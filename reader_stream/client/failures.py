"""What a client raises: the service's own errors as they are in `errors`, and what only a client sees."""

from __future__ import annotations

import orjson

from reader_stream.errors import InternalServerError, ReaderError, ServiceNodeUnavailableError
from reader_stream.stream.sse import Decoder

_UNREACHABLE = {502: ServiceNodeUnavailableError, 504: ServiceNodeUnavailableError}
"""What proxies answer for a service that is not there."""


class TransportError(Exception):
    """No answer: the service cannot be reached, connections keep breaking, or it is no Reader service."""


class IntegrityError(TransportError):
    """The events do not fold to the content that the service says it sent."""


def error_of(status: int, content_type: str, retry_after: str, body: bytes) -> ReaderError:
    """The error of an answer with this HTTP status: as its body says, else (proxies) by the status."""
    told = _told(content_type, body)
    if isinstance(told, dict) and isinstance(told.get("name"), str) and isinstance(told.get("message"), str):
        return ReaderError.from_dict(told)
    kinds = {kind.http: kind for kind in ReaderError.__subclasses__()} | _UNREACHABLE
    return kinds.get(status, InternalServerError)(
        f"HTTP status {status} without a word from the service",
        retry_after=int(retry_after) if retry_after.isascii() and retry_after.isdigit() else None,
    )


def _told(content_type: str, body: bytes) -> object:
    """The error object in a body, None where there is none."""
    try:
        if content_type.startswith("text/event-stream"):
            messages = list(Decoder().feed(body))
            return messages[-1].json() if messages else None
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
