"""The log: one line per event, as JSON or as text, with the request that it belongs to and without secrets.

Modules log as usual (`log.info("egress denied", extra={"host": …})`); what stands in `extra` becomes fields.
The request's id is a context variable, so tasks that a request starts carry it on by themselves.
"""

from __future__ import annotations

import json
import logging
import queue
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Literal, TextIO

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered, "" outside of one; never longer than 64 characters."""

QUEUED_LINES = 10_000
"""Some 3 MB; a second's worth of the busiest log measured."""

CLOSE_S = 1.0

LogFormat = Literal["json", "text"]

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_SECRETS = (
    (re.compile(r"(?<=://)[^\s/?#@\"']+@"), "***@"),
    (re.compile(r"\b(Bearer|Basic|Token)\s+[\w.~+/=-]{4,}", re.I), r"\1 ***"),
    (
        re.compile(
            r"((?:proxy-)?authorization|(?:set-)?cookies?|x-set-cookie|x-proxy-url|api[-_]?key|password|secret"
            r"|(?:access|refresh|id)?_?token)([\"']?\s*[:=]\s*[\"']?)(?!\*\*\*)[^\s\"',;&}]+(?:[^\"'\n,&}]*)",
            re.I,
        ),
        r"\1\2***",
    ),
)
"""What looks like a credential, in whatever is logged: userinfo of URLs, schemes of Authorization, and values
under names that say so."""


def redact(text: str) -> str:
    """`text` without credentials."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def address_for_log(url: str) -> str:
    """A URL without userinfo, query and fragment, all of which may be secret; at most 512 characters."""
    return redact(url.partition("#")[0].partition("?")[0])[:512]


class JsonFormatter(logging.Formatter):
    """One JSON object per line: `time` (UTC), `level`, `logger`, `event`, `requestId`, then other fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(record.getMessage()),
        }
        line |= _fields(record)
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """The same for people: `time level logger event key=value …`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line; an exception stands in lines of its own below it."""
        first, newline, rest = redact(super().format(record)).partition("\n")
        told = "".join(f" {key}={value}" for key, value in _fields(record).items())
        return f"{first}{told}{newline}{rest}"


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    """The request's id, and what stands in `extra`."""
    fields: dict[str, Any] = {"requestId": found} if (found := request_id.get()) else {}
    extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    return fields | {key: redact(value) if isinstance(value, str) else value for key, value in extra.items()}


class LineHandler(logging.Handler):
    """Writes lines from a thread of its own: whoever reads them may stall without stopping the service.

    At most `QUEUED_LINES` wait; further ones are dropped and counted in `dropped`.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.dropped = 0
        self._stream = stream
        self._lines: queue.Queue[str | None] = queue.Queue(QUEUED_LINES)
        self._writer = threading.Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Format here, where the request is known, and leave the writing to the thread."""
        self._put(self.format(record) + "\n")

    def close(self) -> None:
        """Write what waits, as far as it is taken within `CLOSE_S`."""
        self._put(None)
        self._writer.join(CLOSE_S)
        super().close()

    def _put(self, line: str | None) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self.dropped += 1

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            with suppress(OSError, ValueError):  # closed by whoever read it
                self._stream.write(line)
                self._stream.flush()


@contextmanager
def logging_to(stream: TextIO, level: str, log_format: LogFormat) -> Iterator[None]:
    """Log to `stream` while the block runs, whatever was configured before."""
    handler = LineHandler(stream)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    try:
        yield
    finally:
        handler.close()
