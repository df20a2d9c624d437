"""Whether a browser process that does not answer is hung, or only waits for its turn.

Theory of operation. Silence alone says little: on a crowded machine the process may be waiting for a core.
But the kernel counts how long each thread ran and how long it waited to run (Linux, `/proc/*/schedstat`).
A thread that has a call to answer, and for more than a second neither runs nor waits to, never will.
Measured on two crowded cores (load 9 to 18): hostile pages (floods of windows, history entries, titles,
lines on the console) kept the browser silent for up to 8.4 s, in all of which its thread ran or waited.
Where the kernel does not count, or a disk is waited for, nothing is known.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

AT_ONCE_S = 0.1
"""An idle browser answers in 1 ms."""
LOOK_S = 0.05
LOOKS = 24
"""So many looks in a row find no answer. They are counted, not timed: if it was our own loop that stood
still, it has taken no look."""
AWAKE_S = 0.05
"""What a thread without work may run in that time: timers, and being woken to look at another queue."""
CROWDED_S = 0.4
"""So long all other threads together waited for a core: that which passes our calls on may be one of them."""


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds so far: `main` a process's first thread ran or waited for a core, `waited` the others did."""

    main: float
    waited: float


async def is_hung(answer: asyncio.Future[dict[str, Any]], pid: int) -> bool:
    """Watch a call to a process until it is answered (False), or it is plain that it will not be (True).

    Where nothing can be known, only the call's own timeout ends it.
    """
    await asyncio.wait({answer}, timeout=AT_ONCE_S)
    while not answer.done():
        before = _work_of(pid)
        for _ in range(LOOKS):
            await anyio.sleep(LOOK_S)
            if answer.done():
                return False
        after = _work_of(pid)
        if before is None or after is None:
            continue
        if after.main - before.main < AWAKE_S and after.waited - before.waited < CROWDED_S:
            return True
    return False


def _work_of(pid: int) -> Work | None:
    """None where the kernel does not count, or the first thread waits for a disk."""
    tasks = Path(f"/proc/{pid}/task")
    try:
        if (tasks / f"{pid}/stat").read_text().rpartition(")")[2].split()[0] == "D":
            return None
        main = sum(_counts(tasks / str(pid)))
        others = [task for task in tasks.iterdir() if task.name != str(pid)]
    except (OSError, ValueError):
        return None
    return Work(main, sum(_waited(task) for task in others))


def _waited(task: Path) -> float:
    try:
        return _counts(task)[1]
    except OSError:  # the thread has just ended
        return 0.0


def _counts(task: Path) -> tuple[float, float]:
    """Seconds that a thread ran, and waited to run."""
    ran, waited, _ = map(int, (task / "schedstat").read_text().split())
    return ran / 1e9, waited / 1e9
