"""Gives each request an id: in the log, in the answer's `X-Request-Id`, and so in every error."""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reader_stream.log import address_for_log, request_id

HEADER = "X-Request-Id"

_SAFE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; logged at the level `debug`."""

log = logging.getLogger(__name__)


def id_of(headers: Headers) -> str:
    """The client's own id where it is one that is safe to repeat, else a new one."""
    given = headers.get(HEADER, "")
    return given if _SAFE.fullmatch(given) else secrets.token_hex(8)


class RequestIds:
    """ASGI middleware, the outermost of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer under an id, and log one line when the answer has ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token = request_id.set(id_of(Headers(scope=scope)))
        began, status = time.monotonic(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id.get()
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            level = logging.DEBUG if scope["path"] in _QUIET else logging.INFO
            facts = {"method": scope["method"], "target": address_for_log(scope["path"]), "status": status}
            log.log(level, "request", extra={**facts, "ms": round((time.monotonic() - began) * 1000)})
            request_id.reset(token)
