"""Pages per second at 1, 2, 4 and 8 at a time, each rule of "done" against the same rule.

Beside it the processor time of one page, which a busy machine does not change: of the service with all
its processes; of playwright's driver and Chromium, without the Python process that uses it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator

from benchmarks.contestants import Contestant, Reader
from benchmarks.family import cpu_seconds_of
from benchmarks.stage import Stage

AT_A_TIME = (1, 2, 4, 8)
PAGES_PER_BATCH = 16
CASES = ("bench/small", "bench/app")


async def run(stage: Stage) -> None:
    """Batches of pages, contestants in turn."""
    contestants: tuple[Contestant, ...] = (
        stage.reader("reader (auto)"),
        stage.reader("reader, html", Engine="browser", Respond_Timing="html"),
        stage.playwright("playwright"),
        stage.reader("reader", Engine="browser"),
        stage.playwright("playwright, settled", settle=True),
    )
    for contestant in contestants:
        await contestant.read(stage.url("bench/small"))
    for _ in range(stage.rounds):
        for case in CASES:
            for width in AT_A_TIME:
                for contestant in contestants:
                    urls = iter([stage.url(case) for _ in range(PAGES_PER_BATCH)])
                    before = _cpu_seconds(stage, contestant)
                    rate = await _rate(contestant, urls, width)
                    used_ms = (_cpu_seconds(stage, contestant) - before) / PAGES_PER_BATCH * 1000
                    at = f"{width} at a time"
                    stage.add(case, at, "pages/s", contestant.name, rate)
                    stage.add(case, at, "CPU ms/page", contestant.name, used_ms)


def _cpu_seconds(stage: Stage, contestant: Contestant) -> float:
    service = cpu_seconds_of(stage.service.process.pid)
    if isinstance(contestant, Reader):
        return service
    return cpu_seconds_of(os.getpid(), itself=False) - service


async def _rate(contestant: Contestant, urls: Iterator[str], width: int) -> float:
    async def work() -> int:
        done = 0
        for url in urls:
            await contestant.read(url)
            done += 1
        return done

    start = time.perf_counter()
    done = await asyncio.gather(*(work() for _ in range(width)))
    return sum(done) / (time.perf_counter() - start)
