"""Pages per second at 1, 2, 4 and 8 at a time, each rule of "done" against the same rule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from benchmarks.contestants import Contestant
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
                    rate = await _rate(contestant, urls, width)
                    stage.add(f"pages/s {case}", f"{width} at a time", "pages/s", contestant.name, rate)


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
