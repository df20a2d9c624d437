"""Many open streams: how late an event is, what a stream costs, and what a reader that stalls costs.

The crowd is a process of its own (`benchmarks.crowd`). The origin writes into each paragraph when it wrote
it, so a lag is from there to the client: download, document, event, wire. Of many watchers of one render,
the lag behind the first of them is what sharing costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from statistics import quantiles

import h2.config
import h2.connection

from benchmarks.stage import Stage

PART = "watchers"
STREAMS = 1000
CHANGING = 10
"""One stream in so many has news."""

EVERY_MS = 5000
"""How often each of those: 20 documents a second in all, half of what two workers make on two cores."""

SHARING = 500
WATCH_S = 20.0
SETTLE_S = 2.0
STALLED = 4
STALL_S = 10.0
"""Less than a stalled client is borne with (15 s), so that what it holds is still there."""

WHO = "reader"
FLOOD = "every=100&count=150&size=10"
"""Whole snapshots of a page that grows by 6 kB each tenth of a second: far more than sockets buffer."""


async def run(stage: Stage) -> None:
    """The crowds, then the stalled readers."""
    await _streams(stage, "100 streams", STREAMS // CHANGING, 1)
    await _streams(stage, "1,000 streams", STREAMS, CHANGING)
    await _one_render(stage)
    for name, stalled in (("HTTP/1.1", _stalled_http1), ("HTTP/2", _stalled_http2)):
        await _stalled_readers(stage, name, stalled)


async def _streams(stage: Stage, case: str, count: int, changing: int) -> None:
    """As many reads as streams, the same number of changes in both cases."""
    news = f"every={EVERY_MS}&count=1000"
    targets = [
        f"{stage.url('bench/news')}?{news}" if n % changing == 0 else stage.url("bench/open")
        for n in range(count)
    ]
    before = stage.service.memory()
    async with _crowd(stage, targets) as crowd:
        grown = stage.service.memory() - before
        report = await crowd
    stage.add(PART, case, "KiB per stream", WHO, grown / count / 1024)
    _lags(stage, case, "change to client, ms", (lag for _, _, lag in report))
    await asyncio.sleep(SETTLE_S)


async def _one_render(stage: Stage) -> None:
    """All watch the same page."""
    target = f"{stage.url('bench/news')}?every=1000&count=1000"
    async with _crowd(stage, [target] * SHARING) as crowd:
        report = await crowd
    first: dict[int, float] = {}
    for _, stamp, lag in report:
        first[stamp] = min(first.get(stamp, lag), lag)
    case = f"{SHARING} watchers of one render"
    _lags(stage, case, "change to client, ms", first.values())
    _lags(stage, case, "behind the first, ms", (lag - first[stamp] for _, stamp, lag in report))
    await asyncio.sleep(SETTLE_S)


def _lags(stage: Stage, case: str, quantity: str, lags: Iterable[float]) -> None:
    cuts = quantiles(lags, n=100, method="inclusive")
    stage.add(PART, case, quantity, "p50", cuts[49])
    stage.add(PART, case, quantity, "p99", cuts[98])


Arrivals = list[tuple[int, int, float]]
Stalled = Callable[[Stage, str], AbstractContextManager[None]]


@asynccontextmanager
async def _crowd(stage: Stage, targets: list[str]) -> AsyncIterator[asyncio.Future[Arrivals]]:
    """A crowd that has all its streams open; awaiting it gives what came until it left."""
    service = stage.service
    task = {
        "host": service.host,
        "port": service.port,
        "targets": targets,
        "mode": "patch",
        "seconds": WATCH_S,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.crowd",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(json.dumps(task).encode())
    process.stdin.close()
    if await process.stderr.readline() != b"open\n":
        raise RuntimeError((await process.stderr.read()).decode())
    result = asyncio.ensure_future(_result(process))
    yield result
    await process.wait()


async def _result(process: asyncio.subprocess.Process) -> Arrivals:
    assert process.stdout
    report = json.loads(await process.stdout.read())
    if report["broken"]:
        raise RuntimeError(f"{report['broken']} streams of a crowd broke off")
    arrivals: Arrivals = report["arrivals"]
    return arrivals


async def _stalled_readers(stage: Stage, name: str, stalled: Stalled) -> None:
    """What readers that stall hold in the server, beside one that reads; without them first."""
    grown = [await _flood(stage, stalled, count) for count in (0, STALLED)]
    stage.add(PART, f"stalled reader, {name}", "MiB", WHO, (grown[1] - grown[0]) / STALLED / 2**20)


async def _flood(stage: Stage, stalled: Stalled, count: int) -> int:
    """Bytes by which the server grew, at most, while one client read the flood and `count` did not."""
    target, before, most = f"{stage.url('bench/news')}?{FLOOD}", stage.service.memory(), 0
    with contextlib.ExitStack() as opened:
        for _ in range(count):
            opened.enter_context(stalled(stage, target))
        headers = {"Accept": "text/event-stream", "X-Engine": "http", "X-Timeout": "60"}
        async with stage.session.get(f"{stage.service.base}/{target}", headers=headers) as response:
            end = asyncio.get_running_loop().time() + STALL_S
            while asyncio.get_running_loop().time() < end:
                await response.content.readany()
                most = max(most, stage.service.memory() - before)
    await asyncio.sleep(SETTLE_S)
    return most


@contextlib.contextmanager
def _stalled_http1(stage: Stage, target: str) -> Iterator[None]:
    """A client that asks and never reads."""
    with _connected(stage) as client:
        head = "Host: x\r\nAccept: text/event-stream\r\nX-Engine: http\r\nX-Timeout: 60\r\n"
        client.sendall(f"GET /{target} HTTP/1.1\r\n{head}\r\n".encode())
        yield


@contextlib.contextmanager
def _stalled_http2(stage: Stage, target: str) -> Iterator[None]:
    """One that opens no window beyond the first 64 KiB (prior knowledge, RFC 9113, 3.3)."""
    with _connected(stage) as client:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
        connection.initiate_connection()
        fields = [
            (":method", "GET"),
            (":path", f"/{target}"),
            (":scheme", "http"),
            (":authority", "x"),
            ("accept", "text/event-stream"),
            ("x-engine", "http"),
            ("x-timeout", "60"),
        ]
        connection.send_headers(1, fields, end_stream=True)
        client.sendall(connection.data_to_send())
        yield


@contextlib.contextmanager
def _connected(stage: Stage) -> Iterator[socket.socket]:
    with contextlib.closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((stage.service.host, stage.service.port))
        yield client
