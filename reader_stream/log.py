"""The log: one line per event, as JSON or as text, with the request that it belongs to and without secrets.

Modules log as usual (`log.info("egress denied", extra={"host": …})`); what stands in `extra` becomes fields.
The request's id is a context variable, so tasks that a request starts carry it on by themselves.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Literal

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered, "" outside of one; never longer than 64 characters."""

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


def configure(level: str, log_format: LogFormat) -> None:
    """Log to stderr from now on, whatever was configured before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
