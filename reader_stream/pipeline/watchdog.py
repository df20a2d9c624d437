"""Ends processes under us that are stopped: a browser, tab or worker that cannot run answers nobody.

A stopped process (SIGSTOP, a debugger that left, a confused supervisor) keeps its pipes open, so that
only silence tells, and silence has to last long before it is more than a busy machine. The kernel knows
at once. What was killed here is noticed and replaced by those whose child it was.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio

LOOK_S = 0.5
"""Between two looks, 1 to 2 ms each. A process is killed when two in a row find it stopped, since Ctrl-Z and
`fg` stop and continue all of a terminal's processes one after the other."""

MEMORY_LOOK_S = 0.25
"""A hostile page was seen to take 1 GB/s: the limit is overrun by a quarter of that at most."""

log = logging.getLogger(__name__)


async def end_large_renderers(limit_bytes: int) -> None:
    """End renderers whose resident memory is over a limit, for ever. Its page's read is told that it crashed.

    V8's own limit holds for scripts' objects alone, not for buffers, pictures and the tree.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    while True:
        await anyio.sleep(MEMORY_LOOK_S)
        for pid in _descendants(os.getpid()):
            if _resident_pages(pid) * page > limit_bytes and _is_renderer(pid):
                log.error("a page took more than %d MiB; its renderer is ended", limit_bytes >> 20)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _resident_pages(pid: int) -> int:
    """Of the process alone, without what it shares (proc(5), statm)."""
    try:
        _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    except (OSError, ValueError):  # it has just ended
        return 0
    return resident - shared


def _is_renderer(pid: int) -> bool:
    try:
        return b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def end_stopped_processes() -> None:
    """Look for stopped processes for ever; where there is no /proc (macOS), there is nothing to see."""
    suspects: set[int] = set()
    while True:
        await anyio.sleep(LOOK_S)
        stopped = {pid for pid in _descendants(os.getpid()) if _state(pid) == "T"}
        for pid in stopped & suspects:
            log.error("process %d was stopped from outside; it is ended and replaced", pid)
            with suppress(ProcessLookupError):  # it went together with the one before
                os.kill(pid, signal.SIGKILL)
        suspects = stopped


def _descendants(pid: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from _descendants(child)


def _state(pid: int) -> str:
    """The letter of proc(5); the command before it may hold any character."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it has just ended
        return ""
