"""What a tab is asked to open, and the cookies of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from reader_stream.errors import ParamValidationError
from reader_stream.model import RespondWith, Selectors, ShotType, Timing, Viewport

SAME_SITE = {"strict": "Strict", "lax": "Lax", "none": "None"}
_FORBIDDEN = frozenset(map(chr, (*range(0x20), 0x7F))) | {";"}


@dataclass(frozen=True, slots=True)
class FirstResponse:
    """An answer that is at hand already: Chromium is given it instead of asking the origin again.

    `url` is the final one, after redirects. `body` has no transfer or content encoding any more.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie; `domain` None means the host of the URL alone. `expires` is in seconds since the epoch."""

    name: str
    value: str = field(repr=False)
    domain: str | None = None
    path: str | None = None
    secure: bool = False
    http_only: bool = False
    same_site: str | None = None
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One page to open. `timeout` is in seconds; `html` is rendered as if it came from `url`.

    `headers` go to the origin of `url` alone. `url` is http(s); with `html` it may be anything or empty.
    """

    url: str
    response: FirstResponse | None = None
    timing: Timing = Timing.RESOURCE_IDLE
    timeout: float = 30.0
    wait_for: Selectors = ()
    target: Selectors = ()
    remove: Selectors = ()
    with_iframe: bool = False
    with_shadow: bool = False
    remove_overlay: bool = False
    user_agent: str | None = None
    locale: str | None = None
    referer: str | None = None
    cookies: tuple[Cookie, ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    viewport: Viewport | None = None
    html: str | None = field(default=None, repr=False)
    page_scripts: tuple[str, ...] = field(default=(), repr=False)
    frame_scripts: tuple[str, ...] = field(default=(), repr=False)
    max_dom_chars: int = 24 * 1024 * 1024
    shots: tuple[RespondWith, ...] = ()
    shot_type: ShotType = "png"


def parse_cookie(line: str, url: str) -> Cookie:
    """A cookie from Set-Cookie syntax, as if `url` had set it (RFC 6265, section 5.2).

    Unknown attributes and unreadable dates are ignored, as browsers do. A cookie without a name, one
    with control characters, or for a domain that `url` may not set, raises `ParamValidationError`.
    """
    pair, *rest = line.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not name or _FORBIDDEN & set(name + value):
        raise _bad("is not a cookie: NAME=VALUE; Path=/ is expected")
    given = {key.strip().lower(): item.strip() for key, _, item in (part.partition("=") for part in rest)}
    path = given.get("path")
    return Cookie(
        name=name,
        value=value,
        domain=_domain(given.get("domain", ""), url),
        path=path if path and path.startswith("/") else None,
        secure="secure" in given,
        http_only="httponly" in given,
        same_site=SAME_SITE.get(given.get("samesite", "").lower()),
        expires=_expires(given.get("expires", "")),
    )


def _domain(domain: str, url: str) -> str | None:
    domain = domain.removeprefix(".").lower()
    host = (urlsplit(url).hostname or "").lower()
    if not domain or domain == host:
        return domain or None
    if "." not in domain or not host.endswith("." + domain):
        raise _bad(f"has a domain that {host or url!r} may not set")
    return domain


def _expires(text: str) -> float | None:
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _bad(what: str) -> ParamValidationError:
    return ParamValidationError(f"setCookies {what}.", path="setCookies")
