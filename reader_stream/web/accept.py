"""Pure: which representation an `Accept` header asks for (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from enum import StrEnum

from reader_stream.model import ShotType


class Representation(StrEnum):
    """What an answer looks like; the value is its media type."""

    EVENT_STREAM = "text/event-stream"
    JSON = "application/json"
    MARKDOWN = "text/markdown"
    TEXT = "text/plain"


_EXACT = {
    "text/event-stream": Representation.EVENT_STREAM,
    "application/json": Representation.JSON,
    "text/json": Representation.JSON,
    "text/markdown": Representation.MARKDOWN,
    "text/plain": Representation.TEXT,
}
# What a range gives besides the exact types. Never SSE: whoever wants a stream says so.
_RANGES = {
    "application/*": (Representation.JSON, 1),
    "text/html": (Representation.TEXT, 1),
    "text/*": (Representation.TEXT, 1),
    "*/*": (Representation.TEXT, 0),
}
_IMAGES: dict[str, ShotType] = {"image/png": "png", "image/jpeg": "jpeg", "image/webp": "webp"}
_EXACT_SPECIFICITY = 2
_ITEM = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_QUALITY = re.compile(r";\s*q\s*=\s*(0?(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.IGNORECASE)
_HAS_QUALITY = re.compile(r";\s*q\s*=", re.IGNORECASE)


def negotiate(accept: str | None) -> Representation:
    """The representation for an `Accept` header (several joined by a comma; None: none was sent).

    The best quality wins, then the more specific range, then the one named first. `*/*`, `text/html`
    and nothing give `text/plain`; so does a header that accepts nothing that we have, which is
    friendlier than a 406 and allowed. A part that cannot be read is ignored.
    """
    best: dict[Representation, tuple[int, float, int]] = {}
    for place, item in enumerate(_ITEM.findall(accept or "")):
        media_type = item.partition(";")[0].strip().lower()
        quality = _quality(item)
        if quality is None:
            continue
        for representation, specificity in _meant(media_type):
            if representation not in best or specificity > best[representation][0]:
                best[representation] = (specificity, quality, -place)
    wanted = {
        representation: (quality, specificity, place)
        for representation, (specificity, quality, place) in best.items()
        if quality > 0
    }
    return max(wanted, key=wanted.__getitem__) if wanted else Representation.TEXT


def image_type(accept: str | None) -> ShotType:
    """The format of pictures that an `Accept` header likes best; PNG where it names none that we have."""
    liked: dict[ShotType, float] = {}
    for item in _ITEM.findall(accept or ""):
        found = _IMAGES.get(item.partition(";")[0].strip().lower())
        if found and (quality := _quality(item)):
            liked.setdefault(found, quality)
    return max(liked, key=liked.__getitem__) if liked else "png"


def _meant(media_type: str) -> list[tuple[Representation, int]]:
    if media_type in _EXACT:
        return [(_EXACT[media_type], _EXACT_SPECIFICITY)]
    return [_RANGES[media_type]] if media_type in _RANGES else []


def _quality(item: str) -> float | None:
    """The quality of one range, 1 where none is given, None where it cannot be read."""
    if (match := _QUALITY.search(item)) and match[1].strip("."):
        return float(match[1])
    return None if _HAS_QUALITY.search(item) else 1.0
