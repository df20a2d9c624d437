"""Memory of one open read in a tab, and of one idle event stream."""

from __future__ import annotations

import asyncio
import contextlib
import os

import aiohttp

from benchmarks.family import memory_of
from benchmarks.stage import Stage

OPEN_READS = 4
IDLE_STREAMS = 1000
SETTLE_S = 2.0
"""Until what an opening has left behind is freed."""

READER, PLAYWRIGHT = "reader", "playwright"


async def run(stage: Stage) -> None:
    """Open reads by both, then idle streams of the service."""
    for _ in range(max(1, stage.rounds // 2)):
        await _open_reads(stage)
        await _open_pages(stage)
    await _idle_streams(stage, "idle streams of one read", shared=True)
    await _idle_streams(stage, "idle streams of as many reads", shared=False)


def _playwright_memory(stage: Stage) -> int:
    """Everything under this process that is not the service: playwright's driver and its Chromium."""
    ours = memory_of(stage.service.process.pid)
    return memory_of(os.getpid()) - ours


async def _open_reads(stage: Stage) -> None:
    async with contextlib.AsyncExitStack() as opened:
        before = memory_of(stage.service.process.pid)
        for _ in range(OPEN_READS):
            await opened.enter_async_context(_watching(stage, stage.url("websocket"), "browser"))
        await asyncio.sleep(SETTLE_S)
        grown = memory_of(stage.service.process.pid) - before
        stage.add("memory", "open read", "MiB", READER, grown / OPEN_READS / 2**20)
    await asyncio.sleep(SETTLE_S)


async def _open_pages(stage: Stage) -> None:
    async with contextlib.AsyncExitStack() as opened:
        before = _playwright_memory(stage)
        for _ in range(OPEN_READS):
            await opened.enter_async_context(stage.playwright(PLAYWRIGHT).open(stage.url("websocket")))
        await asyncio.sleep(SETTLE_S)
        grown = _playwright_memory(stage) - before
        stage.add("memory", "open read", "MiB", PLAYWRIGHT, grown / OPEN_READS / 2**20)
    await asyncio.sleep(SETTLE_S)


async def _idle_streams(stage: Stage, case: str, *, shared: bool) -> None:
    """Streams that have had their first snapshot and wait; the server process's own memory."""
    one = stage.url("bench/open")
    await _open_and_leave(stage, 20)  # what the first streams load stays loaded
    await asyncio.sleep(SETTLE_S)
    before = stage.service.memory()
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(IDLE_STREAMS):
            url = one if shared else stage.url("bench/open")
            await opened.enter_async_context(_watching(stage, url, "http"))
        await asyncio.sleep(SETTLE_S)
        grown = stage.service.memory() - before
        stage.add("memory", case, "KiB", READER, grown / IDLE_STREAMS / 1024)
    await asyncio.sleep(SETTLE_S)


async def _open_and_leave(stage: Stage, streams: int) -> None:
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(streams):
            await opened.enter_async_context(_watching(stage, stage.url("bench/open"), "http"))


@contextlib.asynccontextmanager
async def _watching(stage: Stage, url: str, engine: str):  # type: ignore[no-untyped-def]
    """A stream whose first event has come and that is left open."""
    headers = {
        "Accept": "text/event-stream",
        "X-Engine": engine,
        "X-Timeout": "170",
        "X-Wait-For-Selector": "#never",
    }
    timeout = aiohttp.ClientTimeout(total=None)
    async with stage.session.get(f"{stage.service.base}/{url}", headers=headers, timeout=timeout) as response:
        seen = b""
        while b"event: snapshot" not in seen:
            seen += await response.content.readany()
        yield
