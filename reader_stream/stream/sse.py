"""`text/event-stream`: events to bytes and back (WHATWG HTML, "Server-sent events", 9.2).

The encoder serves the service; the decoder serves tests, the command line, the client and benchmarks.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from reader_stream.stream.sequence import Event

RETRY_MS = 1000
"""How long a client waits before it reconnects; sent once at the start of a stream."""

PING = b": ping\n\n"
HEAD = b"retry: %d\n\n" % RETRY_MS


def encode(read_id: str, event: Event) -> bytes:
    """One event. The data is one JSON object in one line (JSON escapes every line break)."""
    return b"id: %s:%d\nevent: %s\ndata: %s\n\n" % (
        read_id.encode("ascii"),
        event.version,
        event.kind.encode("ascii"),
        orjson.dumps(event.data),
    )


@dataclass(frozen=True, slots=True)
class Message:
    """One dispatched message: `id` as last seen, `event` ("message" when unnamed), `data` undecoded."""

    event: str
    data: str
    id: str

    def json(self) -> Any:
        """The data as JSON. Raises orjson.JSONDecodeError."""
        return orjson.loads(self.data)


class Decoder:
    """Bytes in, messages out; any split of the bytes gives the same messages."""

    def __init__(self) -> None:
        self.last_event_id = ""
        self.retry_ms: int | None = None
        self.comments = 0
        self._text = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""
        self._event = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """The messages that `chunk` completes; what the stream's end leaves unfinished is dropped."""
        text = self._rest + self._text.decode(chunk)
        # A carriage return at the very end may be the first half of a line break.
        held = "\r" if text.endswith("\r") else ""
        lines = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + held
        for line in lines:
            if message := self._line(line):
                yield message

    def _line(self, line: str) -> Message | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments += 1
        elif name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self.last_event_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value)
        return None

    def _dispatch(self) -> Message | None:
        event, data = self._event, self._data
        self._event, self._data = "", []
        if not data:
            return None
        return Message(event or "message", "\n".join(data), self.last_event_id)
