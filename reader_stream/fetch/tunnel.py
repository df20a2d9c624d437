"""Bytes between two connections."""

from __future__ import annotations

import asyncio

import anyio

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

CHUNK_BYTES = 64 * 1024
# How long one direction may go on after the other has ended.
HALF_CLOSED_S = 10.0


async def tunnel(client: Streams, upstream: Streams) -> None:
    """Bytes both ways until both sides have ended; half-closes are passed on."""
    async with anyio.create_task_group() as tasks:

        async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await pump(reader, writer)
                if writer.can_write_eof():  # TLS cannot
                    writer.write_eof()
            except OSError:
                tasks.cancel_scope.cancel()
            tasks.cancel_scope.deadline = anyio.current_time() + HALF_CLOSED_S

        tasks.start_soon(pass_on, client[0], upstream[1])
        tasks.start_soon(pass_on, upstream[0], client[1])


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes one way until their end. Raises OSError when either side breaks."""
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
