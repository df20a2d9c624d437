"""A server that plays scripts of streams, cuts connections as it is told, and keeps what it was asked.

The first part of a request's path names the script, so that a client finds one at `base/<name>`.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from multidict import CIMultiDict

EVENT_STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}


@dataclass(frozen=True)
class Asked:
    """One request."""

    script: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    nth: int

    @property
    def last_event_id(self) -> str:
        """Where the client wants to go on."""
        return self.headers.get("Last-Event-ID", "")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer, in pieces of at most `piece` bytes.

    Not `whole`: the connection breaks in the midst of the body; `held`: it stands until the client leaves;
    status 0: it ends before any answer.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: EVENT_STREAM)
    whole: bool = True
    held: bool = False
    piece: int = 1 << 20


Script = Callable[[Asked], Reply]


@dataclass
class Scripted:
    """A running server. `left` has the scripts whose client left while they were held."""

    base: str
    scripts: dict[str, Script]
    asked: list[Asked] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def play(self, name: str, script: Script) -> str:
        """The base URL under which `script` answers."""
        self.scripts[name] = script
        return f"{self.base}/{name}"

    def wait_until(self, condition: Callable[[], bool], timeout: float = 60.0) -> bool:
        """Whether `condition` came true within `timeout` seconds."""
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def of(self, name: str) -> list[Asked]:
        """What a script was asked."""
        return [asked for asked in self.asked if asked.script == name]


def message(version: int, event: str, data: Mapping[str, Any], read: str = "r1") -> bytes:
    """One event as it goes over the wire."""
    return f"id: {read}:{version}\nevent: {event}\ndata: {json.dumps(data)}\n\n".encode()


def replay(events: list[bytes], *, half: bool = False, whole: bool = False) -> Script:
    """One event more for each connection, from Last-Event-ID on, then the connection is cut.

    `half`: the next event begins but is cut in its midst; `whole`: the body ends as if all were well.
    """
    ids = [event.partition(b"\n")[0].removeprefix(b"id: ").decode() for event in events]

    def script(asked: Asked) -> Reply:
        at = ids.index(asked.last_event_id) + 1 if asked.last_event_id else 0
        rest = events[at + 1] if at + 1 < len(events) else b""
        piece = rest[: len(rest) * 2 // 3] if half else b""
        return Reply(b"retry: 1\n\n" + events[at] + piece, whole=whole)

    return script


@contextlib.contextmanager
def serving() -> Iterator[Scripted]:
    """The server on a free port."""
    scripted = Scripted("", {})
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        """Plays the script that the path names."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer one request."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = CIMultiDict(self.headers.items())
            name, _, path = self.path[1:].partition("/")
            with lock:
                nth = len(scripted.of(name))
                asked = Asked(name, self.command, f"/{path}", headers, body, nth)
                scripted.asked.append(asked)
            reply = scripted.scripts[name](asked)
            self.close_connection = True
            if reply.status:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._send(reply)
            if reply.held:
                self._wait_for_leaving()
                scripted.left.append(name)

        def _wait_for_leaving(self) -> None:
            with contextlib.suppress(ConnectionResetError):
                self.connection.recv(1)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Connection", "close")
            for header, value in reply.headers.items():
                self.send_header(header, value)
            if reply.status != 204:
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(reply.body), reply.piece):
                piece = reply.body[start : start + reply.piece]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if reply.whole and not reply.held and reply.status != 204:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        scripted.base = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield scripted
        finally:
            server.shutdown()
            thread.join()
