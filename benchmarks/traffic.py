"""Bytes of a stream per byte of its final content, in both modes."""

from __future__ import annotations

from benchmarks.stage import Stage

CASES = ("bench/small", "bench/large", "hydration", "timers", "chunked", "text-nodes", "large")


async def run(stage: Stage) -> None:
    """Each case in each mode; the counts hardly change from run to run."""
    for mode in ("snapshot", "patch"):
        reader = stage.reader(mode, Stream_Mode=mode, Engine="browser")
        plain = stage.reader(mode, Engine="browser")
        for case in CASES:
            for _ in range(max(1, stage.rounds // 2)):
                url = stage.url(case)
                size = (await plain.read(url)).final_bytes
                received = (await reader.read(url)).received
                stage.add("traffic", case, "bytes per final byte", mode, received / size)
