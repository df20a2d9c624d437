"""A cache in Redis that is killed, hangs or is full: reads go on without it, and use it again later."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from reader_stream.errors import ParamValidationError
from reader_stream.pipeline.cache import PAUSE_S, Cache
from tests.faults.machine import CEILING_S, WHOLE, House, house, until
from tests.service import JSON
from tests.site import Site

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server")


@dataclass
class Server:
    """A redis-server on a port of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    client: Redis = field(init=False)

    def __post_init__(self) -> None:
        self.client = Redis(port=self.port, socket_timeout=5)

    def start(self) -> None:
        """Run it, and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert until(self.answers)

    def answers(self) -> bool:
        """Whether it is up."""
        with contextlib.suppress(RedisError):
            return bool(self.client.ping())
        return False

    def lives_ms(self, key: bytes) -> int:
        """How long an entry is kept yet."""
        left: Any = self.client.pttl(key)
        return int(left)

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def lasting_port() -> int:
    """A free port that nobody is given while the server is down: below those that the system gives out."""
    while True:
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", random.randrange(10_000, 30_000)))
            port: int = free.getsockname()[1]
            return port


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Redis that runs."""
    server = Server(tmp_path_factory.mktemp("redis"), lasting_port())
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def home(site: Site, redis: Server) -> Iterator[House]:
    """A service that caches there."""
    with house(site, {"READER_CACHE_URL": f"redis://127.0.0.1:{redis.port}/0"}) as built:
        yield built


def read(home: House, url: str) -> dict[str, Any]:
    """A read that has to succeed, in time whatever the cache does; `hit` says where it came from."""
    began = time.monotonic()
    data = home.service.read(url, {**WHOLE, **JSON})
    assert time.monotonic() - began < CEILING_S
    assert "marker-article-end" in data["markdown"]
    return data


def is_used(home: House) -> bool:
    """Whether a second read of the same finds the first one in the cache."""
    url = home.site.url("/article")
    first, second = read(home, url), read(home, url)
    assert first["cache"]["hit"] is False
    assert first["markdown"] == second["markdown"]
    return bool(second["cache"]["hit"])


def test_results_are_found_in_redis(home: House, redis: Server) -> None:
    """They are, and with a time to live."""
    assert until(lambda: is_used(home))
    assert all(redis.lives_ms(key) > 0 for key in redis.client.scan_iter())


def test_killed(home: House, redis: Server) -> None:
    """Reads are misses while it is away."""
    redis.kill()
    assert not is_used(home)
    redis.start()
    assert until(lambda: is_used(home), PAUSE_S + CEILING_S)


def test_hung(home: House, redis: Server) -> None:
    """One read waits for it a moment, those after it do not."""
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)
    try:
        assert not is_used(home)
        began = time.monotonic()
        assert not is_used(home)
        quick_s = time.monotonic() - began
    finally:
        redis.process.send_signal(signal.SIGCONT)
    assert until(lambda: is_used(home), PAUSE_S + CEILING_S)
    assert quick_s < CEILING_S


def test_full(home: House, redis: Server) -> None:
    """What does not fit is not kept; what is there already is found."""
    url = home.site.url("/article")
    read(home, url)
    assert until(lambda: read(home, url)["cache"]["hit"])
    redis.client.config_set("maxmemory-policy", "noeviction")
    redis.client.config_set("maxmemory", 1)
    try:
        assert not is_used(home)
        assert read(home, url)["cache"]["hit"]
    finally:
        redis.client.config_set("maxmemory", 0)
    assert until(lambda: is_used(home), PAUSE_S + CEILING_S)


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"stored_at": 1}', b"\xff\x00", b"null"])
def test_junk(home: House, redis: Server, junk: bytes) -> None:
    """What another program, or another version, has written there is a miss and no failure."""
    redis.client.flushall()
    url = home.site.url("/article")
    read(home, url)
    assert until(lambda: any(redis.client.scan_iter()))
    for key in list(redis.client.scan_iter()):
        redis.client.set(key, junk)
    assert read(home, url)["cache"]["hit"] is False
    assert until(lambda: read(home, url)["cache"]["hit"])


def test_the_service_ends_while_redis_hangs(site: Site, redis: Server) -> None:
    """Closing its connections does not keep it."""
    with house(site, {"READER_CACHE_URL": f"redis://127.0.0.1:{redis.port}/0"}) as built:
        assert until(lambda: is_used(built))
        assert redis.process is not None
        redis.process.send_signal(signal.SIGSTOP)
        try:
            assert built.service.stop() == 0
        finally:
            redis.process.send_signal(signal.SIGCONT)


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "redis", "redis://:no:port"])
async def test_a_url_that_is_none_is_said_at_the_start(url: str) -> None:
    """In a line that names the setting."""
    with pytest.raises(ParamValidationError, match="READER_CACHE_URL"):
        async with Cache.open(url, ttl=1.0, max_bytes=0):
            pass
