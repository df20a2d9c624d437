"""A vision model's stand-in: chat completions on 127.0.0.1 that name what picture they were shown."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CAPTION = "A red] lighthouse\n in fog"


@dataclass
class Captioner:
    """What it was asked, and how many questions it had at the same time at most."""

    url: str = ""
    questions: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    hold: threading.Event = field(default_factory=threading.Event)

    @property
    def shown(self) -> list[bytes]:
        """The pictures of all questions."""
        urls = [q["messages"][0]["content"][1]["image_url"]["url"] for q in self.questions]
        return [base64.b64decode(url.partition(",")[2]) for url in urls]


def _handler(state: Captioner) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                state.questions.append(question)
                state.keys.append(self.headers["Authorization"])
                state.open += 1
                state.most_open = max(state.most_open, state.open)
            image = base64.b64decode(
                question["messages"][0]["content"][1]["image_url"]["url"].partition(",")[2]
            )
            if b"SLOW" in image:
                state.hold.wait(0.2)
            if b"STUCK" in image:
                state.hold.wait(20)
            with state.lock:
                state.open -= 1
            self._answer(image)

        def _answer(self, image: bytes) -> None:
            answer = {"choices": [{"message": {"role": "assistant", "content": CAPTION}}]}
            body = b"nonsense" if b"NONSENSE" in image else json.dumps(answer).encode()
            self.send_response(500 if b"FAIL" in image else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


@contextlib.contextmanager
def serving() -> Iterator[Captioner]:
    """The stand-in, up for the length of a `with` block."""
    state = Captioner()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1/chat/completions"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.hold.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
