"""Ends processes under us that are stopped, and those of Chromium that take too much memory.

A browser, tab or worker that cannot run answers nobody. A stopped one (SIGSTOP, a debugger that left, a
confused supervisor) keeps its pipes open, so that only silence tells, and silence has to last long before
it is more than a busy machine. The kernel knows at once. What was killed here is noticed and replaced by
those whose child it was.
"""

from __future__ import annotations

import logging
import os
import re
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

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

log = logging.getLogger(__name__)


_OWN_KB = re.compile(r"^Rss(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)
_KIND = re.compile(rb"--type=([a-z-]+)")


async def end_large_browsers(limit_bytes: int) -> None:
    """End processes of Chromium whose memory is over a limit, for ever.

    V8's own limit holds for scripts' objects alone, not for buffers, pictures and the tree; and a page has
    WebGL's textures in the GPU process, its blobs and databases in the browser's. Of a renderer, its page's
    read is told that it crashed; a GPU process comes again; a browser is replaced, its reads are told.
    """
    while True:
        await anyio.sleep(MEMORY_LOOK_S)
        for pid in _descendants(os.getpid()):
            if _own_bytes(pid, limit_bytes) > limit_bytes and (kind := _kind_of_browser(pid)):
                log.error("a page took more than %d MiB; the %s is ended", limit_bytes >> 20, kind)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _own_bytes(pid: int, enough: int) -> int:
    """Resident bytes of a process without mapped files; 0 when all of it is less than `enough` (proc(5))."""
    try:
        if int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES <= enough:
            return 0
        found = _OWN_KB.findall(Path(f"/proc/{pid}/status").read_text())
    except (OSError, ValueError):  # it has just ended
        return 0
    return sum(map(int, found)) * 1024


def _kind_of_browser(pid: int) -> str | None:
    """`renderer`, `gpu-process`, … or `browser`; None for another program."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    if match := _KIND.search(line):
        return match[1].decode()
    return "browser" if b"--remote-debugging-pipe" in line else None


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
