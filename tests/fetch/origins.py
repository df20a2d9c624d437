"""Origins for the tests of this room: real servers on loopback that say exactly what a test wants."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio

from reader_stream.fetch.proxy import close_listener

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answer = bytes | Script
"""The bytes of a whole response, or a function that talks to the client itself."""
PATIENCE_S = 20.0
"""For what has to come; a crowded machine may be late."""


@dataclass
class Origin:
    """A server: the heads of the requests that it got, in order, and its open connections."""

    host: str
    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", *, scheme: str = "http") -> str:
        """The address of a path on it."""
        return f"{scheme}://{self.host}:{self.port}{path}"


@asynccontextmanager
async def origin(
    routes: Mapping[str, Answer], *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Origin]:
    """Serve `routes` (path without query → answer) until the context is left; connections are not reused."""
    site = Origin(host)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            site.heads.append(head)
            path = head.split(b" ")[1].decode().partition("?")[0]
            answer = routes.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(reader, writer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        writer.transport.abort()

    async with anyio.create_task_group() as tasks:
        writers: list[asyncio.StreamWriter] = []

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            tasks.start_soon(serve, reader, writer)

        server = await asyncio.start_server(accept, host, 0, ssl=tls)
        site.port = server.sockets[0].getsockname()[1]
        try:
            yield site
        finally:
            with anyio.CancelScope(shield=True):
                await close_listener(server)
            tasks.cancel_scope.cancel()
            for writer in writers:
                writer.transport.abort()


def answer(body: bytes = b"", *headers: str, status: int = 200) -> bytes:
    """A response with its Content-Length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def redirect(location: str, *headers: str, status: int = 302) -> bytes:
    """A response that leads elsewhere."""
    return answer(b"", f"Location: {location}", *headers, status=status)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing, for ever."""
    await anyio.sleep_forever()


def open_files() -> int:
    """File descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))


async def cancel_everywhere(attempt: Callable[[], Coroutine[Any, Any, None]], *, turns: int = 400) -> int:
    """Run `attempt` again and again, cancelled one turn of the loop later each time.

    Returns how many turns it took until it was over before it could be cancelled.
    """
    for turn in range(turns):
        task = asyncio.get_running_loop().create_task(attempt())
        for _ in range(turn):
            await asyncio.sleep(0)
        done = task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if done:
            return turn
    raise AssertionError(f"not over after {turns} turns of the loop")


async def settled_files(baseline: int) -> int:
    """The number of open files once it is back at `baseline`, or after `PATIENCE_S`."""
    with anyio.move_on_after(PATIENCE_S):
        while open_files() > baseline:  # noqa: ASYNC110 (the kernel has no event for it)
            await anyio.sleep(0.01)
    return open_files()
