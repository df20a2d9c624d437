"""A proxy before the real service that cuts each connection after one event, and makes retries quick."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Cutting:
    """A running proxy; `connections` counts what it let through."""

    base: str = ""
    connections: int = 0


def _forward(client: socket.socket, host: str, port: int) -> None:
    """One request to the service, its answer back up to the end of the first event."""
    with client, socket.create_connection((host, port)) as service:
        request = b""
        while not _is_whole(request):
            request += client.recv(65536)
        service.sendall(request)
        answer = b""
        while b"\nevent: " not in answer or not answer.partition(b"\nevent: ")[2].count(b"\n\n"):
            if not (piece := service.recv(65536)):
                break
            answer += piece.replace(b"retry: 1000", b"retry: 0010")
        head, mark, rest = answer.partition(b"\nevent: ")
        event, end, _ = rest.partition(b"\n\n")
        client.sendall(head + mark + event + end)


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and len(body) >= int(lengths[0] if lengths else 0)


@contextlib.contextmanager
def cutting(host: str, port: int) -> Iterator[Cutting]:
    """The proxy on a free port."""
    proxy = Cutting()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy.base = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                proxy.connections += 1
                _forward(client, host, port)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
