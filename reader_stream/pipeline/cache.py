"""A bounded cache of finished reads over aiocache: in memory, or in Redis for many machines.

aiocache's memory backend has no bound (0.12.3), so this keeps the sizes and drops the least recently
used. A backend that fails or hangs is a miss: a cache never decides whether a read works.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import orjson
from aiocache import Cache as Backends
from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

from reader_stream.model import ReadOptions

BACKEND_TIMEOUT_S = 1.0
"""How long a backend may take before the read goes on without it."""

DELIVERY = {
    "url", "timeout", "no_cache", "cache_tolerance", "do_not_track", "token_budget", "max_tokens",
    "cursor", "stream_mode",
}  # fmt: skip
"""Options that do not change what a finished read is, only how it is handed over."""

try:
    from redis.exceptions import RedisError
except ImportError:  # the extra `redis` is not installed
    BACKEND_ERRORS: tuple[type[Exception], ...] = (OSError,)
else:
    BACKEND_ERRORS = (OSError, RedisError)

log = logging.getLogger(__name__)


def key_of(url: str, options: ReadOptions) -> str:
    """The same for reads with the same result: every other option is in it. `url` is the normal form."""
    canonical = options.model_dump(mode="json", exclude=DELIVERY | {"pdf", "file"})
    digest = hashlib.blake2b(digest_size=20)
    digest.update(orjson.dumps([url, canonical], option=orjson.OPT_SORT_KEYS))
    digest.update(options.pdf or options.file or b"")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished read: the final's data without delivery, the blocks of its content, when it was stored."""

    stored_at: float
    blocks: tuple[str, ...]
    data: Mapping[str, Any]

    def encode(self) -> bytes:
        """As the backend keeps it."""
        return orjson.dumps({"stored_at": self.stored_at, "blocks": self.blocks, "data": self.data})

    @classmethod
    def decode(cls, text: bytes) -> Entry:
        """The way back from `encode`."""
        raw = orjson.loads(text)
        return cls(raw["stored_at"], tuple(raw["blocks"]), raw["data"])


class Cache:
    """Keys to entries. `max_bytes` bounds the memory backend; Redis has its own `maxmemory`."""

    def __init__(self, backend: BaseCache, ttl: float, max_bytes: int | None) -> None:
        self._backend = backend
        self._ttl = ttl
        self._max_bytes = max_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str | None, ttl: float, max_bytes: int) -> AsyncIterator[Cache]:
        """A cache in memory, or at a `redis://` URL. `ttl` is in seconds."""
        backend = Backends.from_url(url) if url else Backends(Backends.MEMORY)
        backend.serializer = NullSerializer(encoding=None)
        try:
            yield cls(backend, ttl, None if url else max_bytes)
        finally:
            with anyio.move_on_after(BACKEND_TIMEOUT_S, shield=True):
                await backend.close()

    async def get(self, key: str, tolerance: float, now: float) -> Entry | None:
        """The entry, when there is one not older than `tolerance` seconds at `now` (Unix time)."""
        text: bytes | None = None
        with anyio.move_on_after(BACKEND_TIMEOUT_S):
            text = await self._backend_get(key)
        entry = Entry.decode(text) if text else None
        if entry is None or now - entry.stored_at > tolerance:
            self.misses += 1
            return None
        self.hits += 1
        if key in self._sizes:
            self._sizes.move_to_end(key)
        return entry

    async def put(self, key: str, entry: Entry) -> None:
        """Keep the entry for the cache's time to live, unless it is larger than the cache."""
        text = entry.encode()
        if self._max_bytes is not None and len(text) > self._max_bytes:
            return
        with anyio.move_on_after(BACKEND_TIMEOUT_S):
            await self._backend_set(key, text)
        if self._max_bytes is not None:
            await self._account(key, len(text))

    async def _account(self, key: str, size: int) -> None:
        self.bytes += size - self._sizes.pop(key, 0)
        self._sizes[key] = size
        while self.bytes > (self._max_bytes or 0):
            oldest, freed = self._sizes.popitem(last=False)
            self.bytes -= freed
            await self._backend.delete(oldest)

    async def _backend_get(self, key: str) -> bytes | None:
        try:
            text: bytes | None = await self._backend.get(key)
        except BACKEND_ERRORS as error:
            log.warning("cache backend: %s", error)
            return None
        return text

    async def _backend_set(self, key: str, text: bytes) -> None:
        try:
            await self._backend.set(key, text, ttl=self._ttl)
        except BACKEND_ERRORS as error:
            log.warning("cache backend: %s", error)
