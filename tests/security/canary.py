"""Listeners on loopback that nobody may reach: one TCP and one UDP port for each way to try."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

SECRET = "the-canary-sings"
"""What the canary answers; it must never be read."""

_ANSWER = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nAccess-Control-Allow-Origin: *\r\n"
    f"Content-Length: {len(SECRET)}\r\nConnection: close\r\n\r\n{SECRET}"
).encode()
_TURNS_S = 0.1
_FAMILIES = (socket.AF_INET, socket.AF_INET6) if socket.has_ipv6 else (socket.AF_INET,)
_KINDS = [(family, kind) for family in _FAMILIES for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]


@dataclass
class Canary:
    """`ports` of the ways by name; `reached` are the ways by which somebody came, by TCP or UDP."""

    ports: dict[str, int] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)

    def fill(self, way: str, text: str) -> str:
        """`text` with the canary of this way for CANARY, and its port for PORT."""
        port = str(self.ports[way])
        return text.replace("CANARY", f"127.0.0.1:{port}").replace("PORT", port)


def _listen(way: str, stack: contextlib.ExitStack) -> list[socket.socket]:
    """TCP and UDP sockets on the same free port of both loopback addresses."""
    for _ in range(50):
        with contextlib.ExitStack() as attempt, contextlib.suppress(OSError):
            port = 0
            found = []
            for family, kind in _KINDS:
                sock = attempt.enter_context(socket.socket(family, kind))
                sock.bind(("127.0.0.1" if family == socket.AF_INET else "::1", port))
                port = sock.getsockname()[1]
                sock.setblocking(False)
                if kind == socket.SOCK_STREAM:
                    sock.listen()
                found.append(sock)
            stack.push(attempt.pop_all())
            return found
    raise RuntimeError(f"no port is free for both TCP and UDP ({way})")


def _serve(sock: socket.socket) -> None:
    if sock.type == socket.SOCK_DGRAM:
        sock.recv(2048)
        return
    client, _ = sock.accept()
    with client:
        client.settimeout(1.0)  # a preconnect says nothing
        with contextlib.suppress(OSError):
            if client.recv(2048)[:1].isalpha():
                client.sendall(_ANSWER)


@contextlib.contextmanager
def running(ways: Iterable[str]) -> Iterator[Canary]:
    """A canary for these ways, up for the length of the `with` block."""
    canary = Canary()
    stop = threading.Event()
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for way in ways:
            for sock in _listen(way, stack):
                canary.ports[way] = sock.getsockname()[1]
                selector.register(sock, selectors.EVENT_READ, way)

        def work() -> None:
            while not stop.is_set():
                for key, _ in selector.select(_TURNS_S):
                    canary.reached.add(key.data)
                    with contextlib.suppress(OSError):
                        _serve(key.fileobj)  # type: ignore[arg-type]

        thread = threading.Thread(target=work, name="canary", daemon=True)
        thread.start()
        try:
            yield canary
        finally:
            stop.set()
            thread.join(5)
