"""Captions for the images of a document that have no alternative text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

import anyio

from reader_stream.errors import BackendNotConfiguredError, ReaderError
from reader_stream.fetch.captioner import Captioner, CaptionError
from reader_stream.fetch.egress import parse_url
from reader_stream.fetch.http import HttpFetcher, HttpRequest
from reader_stream.model import ReadOptions, Warn

MAX_IMAGES = 16
"""Captions of one read, from the top: each costs the operator a call of a model."""
PARALLEL = 4
"""Of one read at the same time; a model on one graphics card gains nothing from more."""
MAX_IMAGE_BYTES = 4 * 1024 * 1024
"""One image: as data URL still under the 5-20 MB that hosted models take."""
CAPTIONS_MISSING = "captions_missing"
"""Code of the warning that not every image has its caption."""

ACCEPT = "image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1"


def check_captions(options: ReadOptions, *, configured: bool) -> None:
    """Raise BackendNotConfiguredError for captions on a service that has no model for them."""
    if options.wants_captions and not configured:
        path = "withGeneratedAlt" if options.with_generated_alt else "retainImages"
        message = f"{path} needs a vision model; READER_CAPTION_URL says where this service has one"
        raise BackendNotConfiguredError(message, path=path)


class Captions:
    """Makes the captions of one read: each image once, a bounded number, in parallel."""

    def __init__(self, captioner: Captioner, http: HttpFetcher, referer: str) -> None:
        self._captioner = captioner
        self._http = http
        self._referer = referer
        self._found: dict[str, str] = {}
        self._failed: dict[str, str] = {}

    async def describe(self, urls: Iterable[str], left_s: float) -> tuple[dict[str, str], tuple[Warn, ...]]:
        """Captions by URL, as many as come about in `left_s` seconds, and what to say of the others."""
        every = list(dict.fromkeys(urls))
        limiter = anyio.CapacityLimiter(PARALLEL)
        with anyio.move_on_after(max(0.0, left_s)):
            async with anyio.create_task_group() as tasks:
                for url in every[:MAX_IMAGES]:
                    tasks.start_soon(self._one, url, left_s, limiter)
        return self._found, self._warnings(every)

    async def _one(self, url: str, left_s: float, limiter: anyio.CapacityLimiter) -> None:
        async with limiter:
            try:
                self._found[url] = await self._captioner.caption(await self._image(url, left_s))
            except CaptionError as error:
                self._failed[url] = str(error)
            except ReaderError as error:
                self._failed[url] = f"it cannot be fetched: {error.message}"

    async def _image(self, url: str, left_s: float) -> bytes:
        if url[:5].lower() == "data:":
            return _decode(url)
        headers = (("Accept", ACCEPT), ("Referer", self._referer)) if self._referer else (("Accept", ACCEPT),)
        request = HttpRequest(parse_url(url), headers, timeout=left_s, max_bytes=MAX_IMAGE_BYTES)
        async with self._http.get(request) as response:
            if response.status != 200:
                raise CaptionError(f"it cannot be fetched: HTTP status {response.status}")
            return await response.read()

    def _warnings(self, every: list[str]) -> tuple[Warn, ...]:
        missing = [url for url in every if url not in self._found]
        if not missing:
            return ()
        first = missing[0]
        surplus = (
            f"no more than {MAX_IMAGES} captions are made for a page" if first in every[MAX_IMAGES:] else None
        )
        why = surplus or self._failed.get(first, "the time was over")
        message = f"{len(missing)} of {len(every)} images without alternative text have no caption"
        return (Warn(CAPTIONS_MISSING, f"{message}; the first of them because {why}"),)


def _decode(url: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode(unquote_to_bytes(data), validate=False)
    except (binascii.Error, ValueError):
        raise CaptionError("its data: URL is not base64") from None
