"""Time to the first snapshot and to the final, one read at a time, contestants in turn.

"first" is the first snapshot, which of an application may be its placeholder; "first content" is the
first one with a word of what the page is about.
"""

from __future__ import annotations

import asyncio

from benchmarks.contestants import Contestant
from benchmarks.stage import Stage

CASES = ("bench/small", "bench/app", "bench/large", "large", "hydration", "chunked")
READS_PER_ROUND = 3


async def run(stage: Stage) -> None:
    """Every case by everybody, one after the other, so that a slow minute hits all alike."""
    readers = (stage.reader("reader (auto)"), stage.reader("reader", Engine="browser"))
    others: tuple[Contestant, ...] = (
        stage.playwright("playwright"),
        stage.playwright("playwright, settled", settle=True),
        stage.dump_dom("chromium --dump-dom"),
    )
    for contestant in (*readers, *others):  # what the first read of each starts is not measured
        await contestant.read(stage.url("bench/small"))
    for _ in range(stage.rounds * READS_PER_ROUND):
        for case in CASES:
            for contestant in (*readers, *others):
                timing = await contestant.read(stage.url(case))
                if contestant in readers:
                    stage.add("latency", case, "first ms", contestant.name, timing.first_s * 1000)
                    stage.add("latency", case, "first content ms", contestant.name, timing.marked_s * 1000)
                stage.add("latency", case, "final ms", contestant.name, timing.final_s * 1000)
                await asyncio.sleep(0.05)  # the tab that was used is being replaced
