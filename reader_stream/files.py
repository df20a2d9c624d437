"""Open files: as many as the system allows, and few words when they run out."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
from contextlib import suppress
from typing import Any

MAX_FILES = 65536
"""Enough for all streams, tabs and origins at once; where the hard limit is none, macOS refuses more."""

TOLD_EACH_S = 5.0
"""asyncio (3.11 to 3.13) logs an error for each place of the backlog, 4,096 tracebacks a second."""

log = logging.getLogger(__name__)


def raise_limit() -> None:
    """Take the soft limit, 1,024 in most shells, up to the hard one: each client is a file or two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def tell_rarely(loop: asyncio.AbstractEventLoop) -> None:
    """Log that a connection found no file now and then, everything else as ever."""
    told_at = float("-inf")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal told_at
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in (errno.EMFILE, errno.ENFILE):
            loop.default_exception_handler(context)
        elif loop.time() - told_at > TOLD_EACH_S:
            told_at = loop.time()
            log.error("out of files: connections wait until others end (%s)", error)

    loop.set_exception_handler(handle)
