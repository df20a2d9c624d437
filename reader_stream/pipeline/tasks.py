"""Task groups that raise what went wrong, not a group around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup

from reader_stream.errors import ReaderError


@asynccontextmanager
async def task_group() -> AsyncIterator[TaskGroup]:
    """Like anyio's, but of several errors the first ReaderError is raised, else a single one bare."""
    try:
        async with anyio.create_task_group() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        raise _foremost(group) from None


def _foremost(group: BaseExceptionGroup[BaseException]) -> BaseException:
    known = group.subgroup(ReaderError)
    if known is not None:
        return next(iter(_leaves(known)))
    leaves = list(_leaves(group))
    return leaves[0] if len(leaves) == 1 else group


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
