"""A response body while it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import anyio
import pytest

from reader_stream.errors import AssertionFailureError
from reader_stream.pipeline.body import PART_S, Body


async def source(*parts: bytes | float | Exception) -> AsyncIterator[bytes]:
    for part in parts:
        if isinstance(part, Exception):
            raise part
        if isinstance(part, float):
            await anyio.sleep(part)
        else:
            yield part


async def looked(*parts: bytes | float | Exception) -> tuple[Body, list[int]]:
    body, seen = Body(), []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(body.collect, source(*parts))
        async with aclosing(body.parts()) as states:
            seen = [part async for part in states]
    return body, seen


@pytest.mark.anyio
async def test_a_body_that_comes_at_once_has_no_parts() -> None:
    """One document is enough for a page that does not stall."""
    body, parts = await looked(b"a", b"b")
    assert (bytes(body), parts, body.broken) == (b"ab", [], False)


@pytest.mark.anyio
async def test_a_body_that_stalls_shows_what_is_there() -> None:
    """Whoever looks sees the size of each state that lasts."""
    _, parts = await looked(b"a", b"b", PART_S * 8, b"c", PART_S * 8, b"d")
    assert parts == [2, 3]


@pytest.mark.anyio
async def test_a_body_that_breaks_off_is_kept_and_marked() -> None:
    """What came before the reset is still worth reading."""
    body, _ = await looked(b"a", AssertionFailureError("reset"))
    assert (bytes(body), body.complete, body.broken) == (b"a", True, True)


@pytest.mark.anyio
async def test_a_body_that_breaks_before_its_first_byte_is_an_error() -> None:
    """With nothing to show the failure is the answer."""
    body = Body()
    with pytest.raises(AssertionFailureError):
        await body.collect(source(AssertionFailureError("reset")))
