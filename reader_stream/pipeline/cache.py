"""A bounded cache of finished reads over aiocache: in memory, or in Redis for many machines.

aiocache's memory backend has no bound (0.12.3), so this keeps the sizes and drops the least recently
used. A backend that fails or hangs is a miss: a cache never decides whether a read works.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import orjson
from aiocache import Cache as Backends
from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

from reader_stream.errors import ParamValidationError
from reader_stream.model import ReadOptions

BACKEND_TIMEOUT_S = 1.0
"""How long a backend may take before the read goes on without it."""

PAUSE_S = 5.0
"""How long a backend that failed is left alone: else each read would wait for it twice."""

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
        """The way back from `encode`. Raises ValueError, KeyError or TypeError for what is none."""
        raw = orjson.loads(text)
        return cls(float(raw["stored_at"]), tuple(raw["blocks"]), dict(raw["data"]))

    def is_fresh(self, tolerance: float, now: float) -> bool:
        """Whether it is not older than `tolerance` seconds; one from the future (a clock jumped) is not."""
        return abs(now - self.stored_at) <= tolerance


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
        self._paused_until: dict[str, float] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str | None, ttl: float, max_bytes: int) -> AsyncIterator[Cache]:
        """A cache in memory, or at a `redis://` URL. `ttl` is in seconds.

        Raises ParamValidationError for a URL that is none, or where the extra `redis` is not installed.
        """
        backend = _redis(url) if url else Backends(Backends.MEMORY)
        backend.serializer = NullSerializer(encoding=None)
        try:
            yield cls(backend, ttl, None if url else max_bytes)
        finally:
            with anyio.move_on_after(BACKEND_TIMEOUT_S, shield=True):
                await backend.close()

    async def get(self, key: str, tolerance: float, now: float) -> Entry | None:
        """The entry, when there is one not older than `tolerance` seconds at `now` (Unix time)."""
        text = await self._ask("get", lambda: self._backend.get(key))
        entry = _entry(text) if text else None
        if entry is None or not entry.is_fresh(tolerance, now):
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
        await self._ask("set", lambda: self._backend.set(key, text, ttl=self._ttl))
        if self._max_bytes is not None:
            await self._account(key, len(text))

    async def _account(self, key: str, size: int) -> None:
        self.bytes += size - self._sizes.pop(key, 0)
        self._sizes[key] = size
        while self.bytes > (self._max_bytes or 0):
            oldest, freed = self._sizes.popitem(last=False)
            self.bytes -= freed
            await self._backend.delete(oldest)

    async def _ask(self, what: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """The backend's answer; None where it fails or takes too long, and for a while after."""
        if anyio.current_time() < self._paused_until.get(what, 0.0):
            return None
        try:
            with anyio.fail_after(BACKEND_TIMEOUT_S):
                return await call()
        except TimeoutError:
            failure = f"no answer within {BACKEND_TIMEOUT_S:g} s"
        except BACKEND_ERRORS as error:
            failure = str(error)
        log.warning("the cache's %s is left alone for %g s: %s", what, PAUSE_S, failure)
        self._paused_until[what] = anyio.current_time() + PAUSE_S
        return None


def _redis(url: str) -> BaseCache:
    if Backends.REDIS is None:
        raise ParamValidationError(
            "READER_CACHE_URL needs the extra redis: pip install 'reader-stream[redis]'"
        )
    if not url.startswith("redis://"):
        raise ParamValidationError("READER_CACHE_URL is not a redis:// URL")
    try:
        return Backends.from_url(url)
    except (TypeError, ValueError) as error:
        raise ParamValidationError(f"READER_CACHE_URL is malformed: {error}") from None


def _entry(text: bytes) -> Entry | None:
    """None for what somebody else wrote, or another version of this service."""
    try:
        return Entry.decode(text)
    except (ValueError, KeyError, TypeError) as error:
        log.warning("the cache holds what is no entry: %s", error)
        return None
