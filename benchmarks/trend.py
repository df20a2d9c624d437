"""What a service holds, over the time of a load and after it."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.service import Service, descendants

MIB = 1024 * 1024
SAMPLE_EVERY_S = 2.0
SPANS = 5
"""So many medians are told of one load."""


def figures(service: Service) -> dict[str, float]:
    """What the service holds now."""
    numbers = _metrics(service)
    return {
        "server MiB": service.memory() / MIB,
        "all processes MiB": service.memory_of_all() / MIB,
        "tasks": numbers["reader_tasks"],
        "files": len(list(Path(f"/proc/{service.process.pid}/fd").iterdir())),
        "tabs open": numbers["reader_tabs_open"],
        "tabs warm": numbers["reader_tabs_warm"],
        "reads open": numbers["reader_reads_open"],
        "renders open": numbers["reader_renders_open"],
        "processes": len(descendants(service.process.pid)),
    }


def _metrics(service: Service) -> dict[str, float]:
    lines = (line.split() for line in service.get("metrics").text.splitlines() if not line.startswith("#"))
    return {parts[0]: float(parts[1]) for parts in lines if len(parts) == 2}


def left_over(service: Service, patience_s: float) -> list[int]:
    """Processes that outlive the service; what it has just killed has a moment to be gone."""
    end = time.monotonic() + patience_s
    while (left := service.left_over()) and time.monotonic() < end:
        time.sleep(0.1)
    return left


@contextmanager
def watched(service: Service) -> Iterator[list[dict[str, float]]]:
    """The figures of every `SAMPLE_EVERY_S` seconds, collected while the block runs."""
    over = threading.Event()
    seen: list[dict[str, float]] = []

    def look() -> None:
        while not over.wait(SAMPLE_EVERY_S):
            with suppress(OSError, http.client.HTTPException):
                seen.append(figures(service))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def medians(seen: list[dict[str, float]], spans: int = SPANS) -> list[dict[str, float]]:
    """Of equal spans of time; fewer when there are fewer figures."""
    spans = min(spans, len(seen))
    parts = [seen[len(seen) * n // spans : len(seen) * (n + 1) // spans] for n in range(spans)]
    return [{name: statistics.median(figure[name] for figure in part) for name in part[0]} for part in parts]
