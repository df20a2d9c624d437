"""Ends child processes that are stopped: a browser or worker that cannot run answers nobody.

A stopped process (SIGSTOP, a debugger that left, a confused supervisor) keeps its pipes open, so that
only silence tells, and silence has to last long before it is more than a busy machine. The kernel knows
at once. What was killed here is noticed and replaced by those whose child it was.
"""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path

import anyio

LOOK_S = 0.5
"""Between two looks, some 0.1 ms each. A child is killed when two in a row find it stopped, since Ctrl-Z and
`fg` stop and continue all of a terminal's processes one after the other."""

log = logging.getLogger(__name__)


async def end_stopped_children() -> None:
    """Look for stopped children for ever; where there is no /proc (macOS), there is nothing to see."""
    suspects: set[int] = set()
    while True:
        await anyio.sleep(LOOK_S)
        stopped = _stopped_children()
        for pid in stopped & suspects:
            log.error("process %d was stopped from outside; it is ended and replaced", pid)
            os.kill(pid, signal.SIGKILL)  # still ours: nobody has waited for it
        suspects = stopped


def _stopped_children() -> set[int]:
    own = os.getpid()
    try:
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    except OSError:
        return set()
    return {int(pid) for pid in children if _state(pid) == "T"}


def _state(pid: str) -> str:
    """The letter of proc(5); the command before it may hold any character."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it has just ended
        return ""
