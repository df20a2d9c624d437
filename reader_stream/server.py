"""Hypercorn around the application: one process, one worker, one browser."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys

import anyio
from hypercorn.asyncio import serve
from hypercorn.config import Config

from reader_stream import http2
from reader_stream.app import create_app
from reader_stream.settings import Settings

DRAIN_S = 2.0
"""Between the signal and the end of the listening: streams get their last event (0.02 s measured)."""

GRACEFUL_S = 25.0
"""What requests under way may take once no new ones are accepted."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    return sock


def configure(sock: socket.socket) -> Config:
    """Hypercorn's settings, each with what was measured behind it (ARCHITECTURE.md, "Server").

    The socket is Hypercorn's from here on.
    """
    config = Config()
    config.bind = [f"fd://{sock.detach()}"]
    config.backlog = 4096
    config.graceful_timeout = GRACEFUL_S
    config.h11_max_incomplete_size = 32 * 1024
    config.keep_alive_max_requests = 10**9
    config.read_timeout = None
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn.error")
    config.accesslog = None
    return config


async def run(settings: Settings, sock: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    http2.install()
    host, port = sock.getsockname()[:2]
    draining = anyio.Event()
    app = create_app(settings.model_copy(update={"port": port}), draining)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shown = f"[{host}]" if ":" in host else host

    async def shutdown() -> None:
        print(f"Reader Stream listens on http://{shown}:{port}", file=sys.stderr, flush=True)
        await stop.wait()
        draining.set()
        await asyncio.sleep(DRAIN_S)

    await serve(app, configure(sock), shutdown_trigger=shutdown)  # type: ignore[arg-type]
