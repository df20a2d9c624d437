"""The Chrome DevTools Protocol: one connection to a browser, flat sessions on it.

Theory of operation. A `Connection` is sans-I/O: bytes go in through `feed`, out through the `write`
it was given, and nothing in it awaits but the caller of `CDPSession.send`. Every call is a future in
one table; whoever stops waiting takes its entry out, so a late reply finds nothing and is dropped. A
listener runs in the order of arrival and cannot hurt the reader. When the browser, a session or a
renderer ends, all calls that wait on it fail at once. The transports are in `wire.py`.

::

    CdpError
    ├── CallTimeout       no reply in time (also a TimeoutError)
    └── SessionClosed     the target is closed, detached or its renderer crashed
        └── BrowserGone   the whole browser is: crashed, killed, disconnected

Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import orjson

logger = logging.getLogger(__name__)

CALL_TIMEOUT_S = 30.0
"""Patience with a call that names none of its own: no call may wait for ever. The slowest calls
measured on 2 MB pages took 1 s; 30 is for a machine under heavy load."""

Params = Mapping[str, Any]
Handler = Callable[[dict[str, Any]], object]


class CdpError(Exception):
    """The browser answered a call with an error; `code` is the JSON-RPC one, if any."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class CallTimeout(CdpError, TimeoutError):  # noqa: N818 (named like the event it reports)
    """The browser did not answer in time."""


class SessionClosed(CdpError):  # noqa: N818 (named like the event it reports)
    """The session's target is closed, detached, or its renderer crashed."""


class BrowserGone(SessionClosed):
    """The browser process or the connection to it ended."""


class CDPSession:
    """A flat session with one target; the connection's `root` speaks with the browser itself.

    `closed` is set when no call can succeed any more; `crashed` when the target's renderer died.
    """

    def __init__(self, connection: Connection, session_id: str | None) -> None:
        self.connection = connection
        self.session_id = session_id
        self.closed = anyio.Event()
        self.crashed = anyio.Event()
        self._end: SessionClosed | None = None
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._handlers: dict[str, list[Handler]] = {}

    async def send(
        self, method: str, params: Params | None = None, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Call `method` and wait at most `timeout` seconds (default `CALL_TIMEOUT_S`) for its result.

        Raises `CdpError` for an error reply, `CallTimeout`, `SessionClosed` or `BrowserGone`.
        """
        future = self.submit(method, params, timeout=timeout)
        return await future

    def submit(
        self, method: str, params: Params | None = None, *, timeout: float | None = None
    ) -> asyncio.Future[dict[str, Any]]:
        """Write the call now; the future holds its result. Dropping the future is harmless."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[dict[str, Any]] = loop.create_future()
        if self._end is not None:
            future.set_exception(type(self._end)(f"{method}: {self._end}"))
            future.exception()
            return future
        call_id = self.connection._write_call(self, method, params)
        patience_s = CALL_TIMEOUT_S if timeout is None else timeout
        timer = loop.call_later(patience_s, _expire, future, method, patience_s)

        def forget(done: asyncio.Future[dict[str, Any]]) -> None:
            timer.cancel()
            self._calls.pop(call_id, None)
            if not done.cancelled():
                done.exception()

        self._calls[call_id] = future
        future.add_done_callback(forget)
        return future

    def post(self, method: str, params: Params | None = None) -> None:
        """Write the call and ignore its reply: for listeners, which cannot wait."""
        if self._end is None:
            self.connection._write_call(self, method, params)

    def on(self, event: str, handler: Handler) -> None:
        """Call `handler(params)` at each `event`, in order of arrival; it must not block."""
        self._handlers.setdefault(event, []).append(handler)

    def remove_listener(self, event: str, handler: Handler) -> None:
        """Undo one `on`; an unknown handler is ignored."""
        handlers = self._handlers.get(event, [])
        if handler in handlers:
            handlers.remove(handler)

    async def detach(self) -> None:
        """Leave the target, which lives on. Nothing to do when the session is closed."""
        if self._end is None and self.session_id is not None:
            await self.connection.root.send("Target.detachFromTarget", {"sessionId": self.session_id})

    def _reply(self, call_id: int, reply: Mapping[Any, Any]) -> None:
        future = self._calls.pop(call_id, None)
        if future is None or future.done():
            return
        if (error := reply.get("error")) is None:
            future.set_result(reply.get("result") or {})
        else:
            future.set_exception(_error_of(error))

    def _emit(self, event: str, params: dict[str, Any]) -> None:
        for handler in tuple(self._handlers.get(event, ())):
            try:
                handler(params)
            except Exception:
                logger.exception("a listener of %s failed", event)

    def _crash(self) -> None:
        """The renderer died: waiting calls would never return (measured), later ones neither."""
        self.crashed.set()
        self._close(SessionClosed("the renderer crashed"))

    def _close(self, end: SessionClosed) -> None:
        if self._end is not None:
            return
        self._end = end
        for future in tuple(self._calls.values()):
            if not future.done():
                future.set_exception(type(end)(str(end)))
        self.closed.set()


class Connection:
    """All sessions with one browser over one channel.

    `write(message)` sends one encoded message and must not block. `closed` is set when the browser
    is gone, whichever side ended it.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._last_id = 0
        self._callers: dict[int, CDPSession] = {}
        self._sessions: dict[str, CDPSession] = {}
        self.root = CDPSession(self, None)

    @property
    def closed(self) -> anyio.Event:
        """Set once the browser is gone."""
        return self.root.closed

    def session(self, session_id: str) -> CDPSession | None:
        """The session of that id, if attached: children of auto-attach are found here."""
        return self._sessions.get(session_id)

    async def attach(self, target_id: str, *, timeout: float | None = None) -> CDPSession:
        """Open a flat session with a target."""
        answer = await self.root.send(
            "Target.attachToTarget", {"targetId": target_id, "flatten": True}, timeout=timeout
        )
        return self._adopt(str(answer["sessionId"]))

    def feed(self, raw: bytes) -> None:
        """Take one message from the browser. Never raises, whatever the page made it say."""
        match decode(raw):
            case {"id": int(call_id), **reply}:
                self._reply(call_id, reply)
            case {"method": str(event), **rest}:
                self._event(event, rest.get("params"), rest.get("sessionId"))
            case _:
                self._unreadable(raw)

    def lost(self, reason: str) -> None:
        """The channel ended: every waiting call on every session fails now."""
        end = BrowserGone(reason)
        for session in (*self._sessions.values(), self.root):
            session._close(end)
        self._sessions.clear()
        self._callers.clear()

    def _write_call(self, session: CDPSession, method: str, params: Params | None) -> int:
        self._last_id += 1
        message: dict[str, Any] = {"id": self._last_id, "method": method, "params": params or {}}
        if session.session_id is not None:
            message["sessionId"] = session.session_id
        raw = encode(message)
        self._callers[self._last_id] = session
        self._write(raw)
        return self._last_id

    def _reply(self, call_id: int, reply: Mapping[Any, Any]) -> None:
        session = self._callers.pop(call_id, None)
        if session is not None:
            session._reply(call_id, reply)

    def _event(self, event: str, params: Any, session_id: Any) -> None:
        if not isinstance(params, dict) or not isinstance(session_id, str | None):
            return
        session = self.root if session_id is None else self._sessions.get(session_id)
        if session is None:
            return
        child_id = str(params.get("sessionId"))
        if event == "Target.attachedToTarget":
            self._adopt(child_id)
        session._emit(event, params)
        if event == "Target.detachedFromTarget":
            self._release(child_id)
        elif event == "Inspector.targetCrashed":
            session._crash()

    def _adopt(self, session_id: str) -> CDPSession:
        return self._sessions.setdefault(session_id, CDPSession(self, session_id))

    def _release(self, session_id: str) -> None:
        session = self._sessions.pop(session_id, None)
        if session is not None:
            self._callers = {key: value for key, value in self._callers.items() if value is not session}
            session._close(SessionClosed("the target is closed"))

    def _unreadable(self, raw: bytes) -> None:
        logger.warning("a message of %d bytes from the browser cannot be read", len(raw))
        if match := re.match(rb'\{"id":(\d+)', raw):
            error = {"message": "the reply cannot be read: not JSON, or nested too deep"}
            self._reply(int(match[1]), {"error": error})


def encode(message: Mapping[str, Any]) -> bytes:
    """One message as JSON. orjson refuses lone surrogates, which page text may hold; json escapes them."""
    try:
        return orjson.dumps(message)
    except orjson.JSONEncodeError:
        return json.dumps(message).encode("ascii")


def decode(raw: bytes) -> dict[str, Any] | None:
    """One message from JSON, lone surrogates replaced by U+FFFD; None when it is none."""
    try:
        message = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            message = _without_surrogates(json.loads(raw))
        except (ValueError, RecursionError):
            return None
    return message if isinstance(message, dict) else None


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _expire(future: asyncio.Future[dict[str, Any]], method: str, patience_s: float) -> None:
    if not future.done():
        future.set_exception(CallTimeout(f"{method}: no answer within {patience_s:g} s"))


def _error_of(error: Any) -> CdpError:
    if not isinstance(error, dict):
        return CdpError(str(error))
    text = str(error.get("message", "unknown error"))
    if detail := error.get("data"):
        text = f"{text} {detail}"
    code = error.get("code")
    return CdpError(text, code if isinstance(code, int) else None)
