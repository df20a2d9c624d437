"""What an example is: a command to copy, and what it gives."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

BASE = "{base}"
"""Stands for the service's address in a command."""

ARTICLE = "https://example.com/article"
HEADERS_ECHO = "https://httpbin.org/headers"
MARKDOWN = "text/markdown"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Example:
    """One command. `gives` is its whole output, `shows` parts of it, `hides` what is not in it."""

    says: str
    command: str
    gives: str = ""
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    saves: str = ""
    """A file that it writes."""


def get(
    says: str,
    headers: Mapping[str, str],
    *,
    url: str = ARTICLE,
    accept: str = MARKDOWN,
    shows: tuple[str, ...] = (),
    hides: tuple[str, ...] = (),
) -> Example:
    """A read of a page by its address."""
    return Example(says, _curl(f"{BASE}/{url}", headers, accept), shows=shows, hides=hides)


def post(
    says: str,
    html: str,
    headers: Mapping[str, str] | None = None,
    *,
    accept: str = MARKDOWN,
    gives: str = "",
    shows: tuple[str, ...] = (),
    hides: tuple[str, ...] = (),
    **fields: object,
) -> Example:
    """A read of HTML that comes along, as a whole page's markdown unless the fields say otherwise."""
    whole = (
        {} if "respondWith" in fields or "X-Respond-With" in (headers or {}) else {"respondWith": "markdown"}
    )
    body = json.dumps({"html": html, **whole, **fields}, ensure_ascii=False)
    command = f"{_curl(f'{BASE}/', headers or {}, accept)} -H 'Content-Type: {JSON}' -d {shlex.quote(body)}"
    return Example(says, command, gives, shows, hides)


def _curl(address: str, headers: Mapping[str, str], accept: str) -> str:
    every = {**headers, **({"Accept": accept} if accept else {})}
    return " ".join(
        ["curl -s", address, *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in every.items())]
    )
