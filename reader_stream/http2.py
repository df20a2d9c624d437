"""Back-pressure for stalled HTTP/2 readers: a small patch to Hypercorn 0.18.

`StreamBuffer.pop` lets the writer go on when the *popped* bytes are few, and a reader whose window is
closed pops none at all: the buffer then grows as fast as the application writes (1.6 GB in 5 s;
ARCHITECTURE.md). What counts is how full the buffer still is. Remove this file, its call and its test
when Hypercorn has it.
"""

from __future__ import annotations

import logging
from importlib.metadata import version

from hypercorn.protocol import h2

AFFECTED = "0.18."

log = logging.getLogger(__name__)


class PatientBuffer(h2.StreamBuffer):
    """A stream buffer that wakes its writer only when there is room again."""

    async def pop(self, max_length: int) -> bytes:
        """At most `max_length` bytes from the front."""
        data = bytes(self.buffer[:max_length])
        del self.buffer[:max_length]
        if len(self.buffer) < h2.BUFFER_LOW_WATER:
            await self._paused.set()
        if not self.buffer:
            await self._is_empty.set()
        return data


def install() -> bool:
    """Use it where it is needed; says whether it was."""
    found = version("hypercorn")
    if not found.startswith(AFFECTED):
        log.warning("hypercorn %s: the HTTP/2 back-pressure patch for %sx is not applied", found, AFFECTED)
        return False
    h2.StreamBuffer = PatientBuffer  # type: ignore[misc]
    return True
