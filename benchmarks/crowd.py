"""A crowd of clients in a process of its own: opens streams, notes when each event came, prints it.

`python -m benchmarks.crowd`: a JSON object on stdin (`Task`), one JSON object on stdout (`Report`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import resource
import sys
import time
from dataclasses import dataclass, field

STAMP = re.compile(rb" at-(\d+)")
"""When the origin wrote a paragraph: µs of the monotonic clock, which all processes share."""

OPENING = 50
"""Connections that are being opened at the same time, so that the listen queue is not what is measured."""

FILES = 4096


@dataclass(frozen=True, slots=True)
class Task:
    """What to watch: an address of the service, targets, the mode, and for how long after all are open."""

    host: str
    port: int
    targets: list[str]
    mode: str
    seconds: float


@dataclass(slots=True)
class Report:
    """`arrivals`: (stream, stamp in µs, lag in ms) of each event with news; `open`: streams that were up."""

    open: int = 0
    broken: int = 0
    arrivals: list[tuple[int, int, float]] = field(default_factory=list)


class Client(asyncio.Protocol):
    """One stream, read as fast as it comes."""

    def __init__(self, number: int, report: Report) -> None:
        self._number = number
        self._report = report
        self._rest = b""
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Note the newest stamp of each event that is complete."""
        now = time.monotonic_ns() // 1000
        *events, self._rest = (self._rest + data).split(b"\n\n")
        if events and not self.begun.done():
            self.begun.set_result(None)
        for event in events:
            if stamps := STAMP.findall(event):
                stamp = int(stamps[-1])
                self._report.arrivals.append((self._number, stamp, (now - stamp) / 1000))

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it: the streams of a crowd all outlive the measurement."""
        self._report.broken += 1
        if not self.begun.done():
            self.begun.set_result(None)


async def watch(task: Task) -> Report:
    """Open every stream, then stay for the time given. Leaves abruptly."""
    report, gate = Report(), asyncio.Semaphore(OPENING)
    loop = asyncio.get_running_loop()
    transports: list[asyncio.BaseTransport] = []

    async def open_one(number: int, target: str) -> None:
        async with gate:
            transport, client = await loop.create_connection(
                lambda: Client(number, report), task.host, task.port
            )
            transports.append(transport)
            transport.write(_request(task, target))
            await client.begun

    async with asyncio.TaskGroup() as tasks:
        for number, target in enumerate(task.targets):
            tasks.create_task(open_one(number, target))
    report.open = len(task.targets) - report.broken
    # What came while others were still being opened is not the steady state.
    report.arrivals.clear()
    print("open", file=sys.stderr, flush=True)
    await asyncio.sleep(task.seconds)
    result = dataclasses.replace(report, arrivals=list(report.arrivals))
    for transport in transports:
        transport.close()
    return result


def _request(task: Task, target: str) -> bytes:
    return (
        f"GET /{target} HTTP/1.1\r\nHost: {task.host}:{task.port}\r\nAccept: text/event-stream\r\n"
        f"X-Engine: http\r\nX-Timeout: 170\r\nX-Stream-Mode: {task.mode}\r\n\r\n"
    ).encode()


def main() -> None:
    """Do the task that stands on stdin."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))
    report = asyncio.run(watch(Task(**json.load(sys.stdin))))
    json.dump(dataclasses.asdict(report), sys.stdout)


if __name__ == "__main__":
    main()
