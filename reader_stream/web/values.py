"""Pure: one option's value, from a header's text or a body's JSON, to what the model takes.

Each function raises ValueError with the rest of a sentence whose subject is the option
("must be a number"); none repeats a value that may be secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from reader_stream.model import parse_bool
from reader_stream.web.selectors import parse_selectors

MAX_TEXT_CHARS = 8192
"""Longest value of a one-line option; the longest sane one is a URL."""

MAX_TOKENS = 1_000_000_000
"""Largest number of tokens that can be asked for; beyond it a number is a mistake."""

MAX_SCRIPTS = 16
"""Scripts of one option: each that is a URL costs a request."""

# C0 and C1 controls, line separators, lone surrogates: nothing of it belongs into a header or a URL.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_INTEGER = re.compile(r"-?[0-9]{1,12}")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NEXT_COOKIE = re.compile(r",(?=\s*[!#$%&'*+\-.^_`|~0-9A-Za-z]+=)")
_COOKIE = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+=[^;]*(;.*)?")
# RFC 6265bis; a typing error in `HttpOnly` or `Secure` must not go unseen.
_COOKIE_ATTRIBUTES = frozenset(
    {"domain", "expires", "httponly", "max-age", "partitioned", "path", "priority", "samesite", "secure"}
)
# What browsers take of name and value together (RFC 6265bis, section 5.6).
_MAX_COOKIE_CHARS = 4096
_RULE = re.compile(r"([*_-])[ \t]*(\1[ \t]*){2,}")
_CHUNKINGS = [kind + level for kind in "hs" for level in "12345"]
_LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,7}")
_PROXY_SCHEMES = ("http", "https", "socks4", "socks5")
# What frames a message or is the connection's own: not for a client of a client to set.
_RESERVED_HEADERS = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization"}
    | {"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)


def line(value: object) -> str:
    """One line of text, perhaps empty: no control characters, so that nothing of ours can be injected."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    if _CONTROL.search(value):
        raise ValueError("must not contain control characters or line breaks")
    if len(value) > MAX_TEXT_CHARS:
        raise ValueError(f"must have at most {MAX_TEXT_CHARS} characters")
    return value.strip()


def text(value: object) -> str:
    """One line of text, not empty."""
    if not (stripped := line(value)):
        raise ValueError("must not be empty")
    return stripped


def ascii_text(value: object) -> str:
    """A line that goes out as a header of ours."""
    if not (found := text(value)).isascii():
        raise ValueError("must be ASCII")
    return found


def web_url(value: object) -> str:
    """An absolute URL of http or https that goes out as a header of ours."""
    if not re.match(r"https?://[^/]", found := ascii_text(value), re.IGNORECASE):
        raise ValueError("must be an http or https URL")
    return found


def document(value: object) -> str:
    """A text of any length (HTML): whatever UTF-8 can say."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValueError("must be UTF-8; send other encodings as `file`") from None
    if not isinstance(value, str):
        raise ValueError("must be a string")
    if not value.isascii() and _SURROGATE.search(value):
        raise ValueError("must not contain lone surrogates")
    return value


def upload(value: object) -> bytes:
    """Bytes of an uploaded file, or base64 of them (also as a `data:` URL)."""
    if isinstance(value, bytes):
        return _not_empty(value)
    if not isinstance(value, str):
        raise ValueError("must be a file or a base64 string")
    if value.startswith("data:"):
        head, _, value = value.partition(",")
        if not head.endswith(";base64"):
            raise ValueError("must be base64 in a data: URL")
    try:
        body = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64") from None
    return _not_empty(body)


def _not_empty(body: bytes) -> bytes:
    if not body:
        raise ValueError("is an empty file")
    return body


def word(value: object) -> str:
    """A value of an enumeration, in any case; the model knows which there are."""
    return text(value).lower()


def rule(value: object) -> str:
    """A thematic break of markdown."""
    if not _RULE.fullmatch(found := text(value)):
        raise ValueError("must be a thematic break such as ***, --- or * * *")
    return found


def number(value: object) -> float:
    """A finite decimal number, not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value := value.strip()):
        raise ValueError("must be a decimal number")
    try:
        return float(value)
    except OverflowError:  # an integer of more than 308 digits
        raise ValueError("must be a smaller number") from None


def integer(value: object) -> int:
    """A whole number."""
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    if value > MAX_TOKENS:
        raise ValueError(f"must be at most {MAX_TOKENS}")
    return value


def flag(value: object) -> object:
    """A boolean, or a word that the model may know besides (`quoted`, `all`, `table`)."""
    return value.strip().lower() if isinstance(value, str) else value


def do_not_track(value: object) -> object:
    """A boolean; as browsers send the header by themselves: `1`, `0`, with extensions behind, or `null`."""
    if isinstance(value, str) and (said := value.strip().lower()):
        if said in ("null", "unspecified"):
            return False
        value = said[0] if said[0] in "01" else said
    return parse_bool(value)


def strings(value: object) -> list[str]:
    """One string or a list of them."""
    items = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(item, str) for item in items):
        raise ValueError("must be a string or a list of strings")
    return list(items)


def formats(value: object) -> tuple[str, ...]:
    """Formats joined by `+` or `,`, without repetition."""
    if value in ([], ()):
        raise ValueError("must name a format")
    return tuple(dict.fromkeys(word(part) for item in strings(value) for part in re.split(r"[+,]", item)))


def selectors(value: object) -> tuple[str, ...]:
    """Comma lists of CSS selectors."""
    return parse_selectors(text(item) for item in strings(value))


def cookies(value: object) -> tuple[str, ...]:
    """Cookies in the syntax of Set-Cookie; several in one line are split where a new name begins."""
    found = [part.strip() for item in strings(value) for part in _NEXT_COOKIE.split(text(item))]
    if not all(_is_cookie(cookie) for cookie in found):
        raise ValueError("must be cookies in Set-Cookie syntax: name=value; Path=/; …")
    return tuple(found)


def _is_cookie(cookie: str) -> bool:
    pair, *attributes = cookie.split(";")
    names = {attribute.partition("=")[0].strip().lower() for attribute in attributes} - {""}
    well_formed = _COOKIE.fullmatch(cookie) and len(pair) <= _MAX_COOKIE_CHARS
    return bool(well_formed) and names <= _COOKIE_ATTRIBUTES


def scripts(value: object) -> tuple[str, ...]:
    """Code or URLs."""
    items = strings(value)
    if len(items) > MAX_SCRIPTS:
        raise ValueError(f"must have at most {MAX_SCRIPTS} scripts")
    return tuple(document(item) for item in items)


def locale(value: object) -> str:
    """A language tag (BCP 47); an underscore is taken for a hyphen."""
    tag = text(value)
    if not _LOCALE.fullmatch(tag):
        raise ValueError("must be a language tag such as en-US")
    return tag.replace("_", "-")


def proxy(value: object) -> str:
    """A proxy's URL; its message never shows the credentials."""
    url = ascii_text(value)
    try:
        parts = urlsplit(url)
        good = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"\s", url):
        raise ValueError("must be scheme://[user:password@]host[:port] with http, https, socks4 or socks5")
    return url


def header_map(value: object) -> tuple[tuple[str, str], ...]:
    """An object of header names and values."""
    if not isinstance(value, Mapping):
        raise ValueError("must be an object")
    for name in value:
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise ValueError("has a name that no header can have")
        if name.lower() in _RESERVED_HEADERS:
            raise ValueError(f"must not set {name}")
    return tuple((name, ascii_text(item)) for name, item in value.items())


def mapping(value: object) -> Mapping[str, Any]:
    """An object; the model knows its fields."""
    if not isinstance(value, Mapping):
        raise ValueError("must be an object")
    return value


def chunking(value: object) -> str | None:
    """A heading level; `true` and `structured` stand for the third, as in Jina's own presets."""
    with suppress(ValueError):
        return "h3" if parse_bool(value) else None
    level = word(value)
    if level not in (*_CHUNKINGS, "structured"):
        raise ValueError(f"must be one of true, structured, {', '.join(_CHUNKINGS)}")
    return "s3" if level == "structured" else level


def stop_when(value: object) -> str:
    """`stability>=0.9`, `tokens>=2000`, `selector:CSS` or `text:WORDS`, spaces around the sign removed."""
    asked = text(value)
    if match := re.fullmatch(r"stability\s*>=\s*(0(?:\.\d{1,6})?|1(?:\.0{1,6})?)", asked):
        return f"stability>={match[1]}"
    if match := re.fullmatch(r"tokens\s*>=\s*([1-9][0-9]{0,8})", asked):
        return f"tokens>={match[1]}"
    kind, _, rest = asked.partition(":")
    if kind == "selector" and rest.strip():
        return "selector:" + ", ".join(parse_selectors([rest]))
    if kind == "text" and rest.strip():
        return "text:" + rest.strip()
    raise ValueError("must be stability>=0.9 (0 to 1), tokens>=2000 (from 1), selector:CSS or text:WORDS")
