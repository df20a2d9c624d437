"""`python -m benchmarks`: the service beside playwright and bare Chromium, in one run on local pages."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from benchmarks import agent_traffic, latency, memory, report, stability, throughput, traffic, watchers
from benchmarks.stage import Stage, set_up

PARTS: Mapping[str, Callable[[Stage], Awaitable[None]]] = {
    "latency": latency.run,
    "throughput": throughput.run,
    "traffic": traffic.run,
    "memory": memory.run,
    "stability": stability.run,
    "agent_traffic": agent_traffic.run,
    "watchers": watchers.run,
}
RESULTS = Path(__file__).parent / "results"
OPEN_FILES = 8192
"""Sockets of a thousand streams in us and, inherited, in the service."""


def main() -> int:
    """Run the parts that were asked for and tell the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part; may be repeated")
    parser.add_argument("--rounds", type=int, default=4, help="more rounds, less noise (4)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results.json and results.svg")
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    asyncio.run(_run(arguments.only or list(PARTS), arguments.rounds, arguments.out))
    return 0


async def _run(parts: list[str], rounds: int, out: Path) -> None:
    async with set_up(rounds, tabs=max(throughput.AT_A_TIME)) as stage:
        for part in parts:
            start = time.monotonic()
            await PARTS[part](stage)
            print(f"{part}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
        print(report.write(stage.samples, out, stage.binary))


if __name__ == "__main__":
    sys.exit(main())
