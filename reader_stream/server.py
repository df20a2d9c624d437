"""Hypercorn around the application: one process, one worker, one browser."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import anyio
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.utils import LifespanFailureError

from reader_stream import files, http1, http2
from reader_stream.app import create_app
from reader_stream.errors import ParamValidationError
from reader_stream.garbage import expect_streams
from reader_stream.settings import Settings

DRAIN_S = 0.5
"""Between the signal and the end of the listening: streams get their last event (0.02 s measured)."""

GRACEFUL_S = 25.0
"""What requests under way may take once no new ones are accepted."""

QUIC_GRACEFUL_S = 3.0
"""The same with HTTP/3: Hypercorn 0.18 waits it out, whether or not a QUIC connection is left."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    return sock


def configure(sock: socket.socket, settings: Settings) -> Config:
    """Hypercorn's settings, each with what was measured behind it (ARCHITECTURE.md, "Server").

    The socket is Hypercorn's from here on. Raises ParamValidationError where TLS or HTTP/3 cannot be had.
    """
    config = Config()
    config.graceful_timeout = GRACEFUL_S
    _secure(config, settings, sock)
    config.bind = [f"fd://{sock.detach()}"]
    config.backlog = 4096
    config.h11_max_incomplete_size = settings.max_head_bytes
    config.h2_max_header_list_size = settings.max_head_bytes
    config.keep_alive_max_requests = 10**9
    config.read_timeout = None
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn.error")
    config.accesslog = None
    return config


def _secure(config: Config, settings: Settings, sock: socket.socket) -> None:
    """TLS where there is a certificate, and HTTP/3 where it is asked for."""
    config.certfile, config.keyfile = settings.tls_certificate, settings.tls_key
    if bool(config.certfile) != bool(config.keyfile):
        raise ParamValidationError("READER_TLS_CERTIFICATE and READER_TLS_KEY go together")
    for name in filter(None, (config.certfile, config.keyfile)):
        if not Path(name).is_file():
            raise ParamValidationError(f"there is no file {name}")
    if not settings.http3:
        return
    if not config.certfile:
        raise ParamValidationError("READER_HTTP3 needs READER_TLS_CERTIFICATE and READER_TLS_KEY")
    if find_spec("aioquic") is None:
        raise ParamValidationError("READER_HTTP3 needs the extra h3: pip install 'reader-stream[h3]'")
    host, port = sock.getsockname()[:2]
    config.graceful_timeout = QUIC_GRACEFUL_S
    config.quic_bind = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]


async def run(settings: Settings, sock: socket.socket) -> int:
    """Serve until SIGTERM or SIGINT; the exit code, 1 when the application cannot start."""
    http1.install()
    http2.install()
    files.raise_limit()
    host, port = sock.getsockname()[:2]
    draining = anyio.Event()
    app = create_app(settings.model_copy(update={"port": port}), draining)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    files.tell_rarely(loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if settings.tls_certificate else "http"
    config = configure(sock, settings)

    async def shutdown() -> None:
        expect_streams()
        # One write, so that no line of the log's thread comes between this and its end.
        print(f"Reader Stream listens on {scheme}://{shown}:{port}\n", file=sys.stderr, end="", flush=True)
        await stop.wait()
        draining.set()
        await asyncio.sleep(DRAIN_S)

    with suppress(LifespanFailureError):  # the application has said why
        await serve(app, config, shutdown_trigger=shutdown)  # type: ignore[arg-type]
        return 0
    return 1
