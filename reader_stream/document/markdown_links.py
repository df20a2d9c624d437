"""Addresses in markdown: made absolute, kept harmless, spelt as link destinations."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

from reader_stream.document.invisible import visible

_STRIPPED = re.compile("[\t\n\r\ufdd0\ufdd1]")
_PLAIN = re.compile(r"[A-Za-z0-9/._~:?#@!$'*+,;=%-]*(?:&(?=[A-Za-z0-9_.-]+=)[A-Za-z0-9/._~:?#@!$'*+,;=%-]*)*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ORIGIN = re.compile(r"https?://[^\s/?#]+")
_ROOTED = re.compile(r"/(?![/.\\])(?:(?!/\.)\S)*$")
_WHOLE = re.compile(r"https?://[^\s/?#]+(?:/(?!\.)(?:(?!/\.)\S)*)?$")
_ENTITY_LIKE = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
_HARMFUL = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)*(?:(?:java|vb|live|j)script|mocha|data|blob|about|file|filesystem|view-source|mhtml|jar):",
    re.IGNORECASE,
)
"""Schemes that run code, show what is in the address itself, or read the reader's own machine; also behind
another scheme, which some programs take off."""

_EDGES = "".join(map(chr, range(0x21))) + "\xa0"
_WRITTEN = re.compile(
    r"(?P<open>\]\(\s*<?|^ {0,3}\[[^\]\n]+\]:\s*<?|\b(?:href|src|action|formaction|xlink:href)\s*=\s*[\"']?)"
    r"(?P<address>[^\s)>\"'][^)>\"'\n]*)|<(?P<bare>[A-Za-z][\w+.&#;-]*:[^\s<>]*)>",
    re.MULTILINE | re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


class Addresses:
    """Absolute addresses of one page; remembers what it has resolved."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        origin = _ORIGIN.match(base_url)
        self._origin = origin.group() if origin else ""
        self._known: dict[str, str] = {}

    def absolute(self, href: str | None, *, images: bool = False) -> str:
        """The absolute address, or "" where there is none that may be followed.

        `javascript:` and its like give "", `data:` too unless it is asked for as an image.
        """
        if not href:
            return ""
        known = self._known.get(href)
        if known is None:
            known = self._known[href] = self._resolve(href)
        if known[:5].lower() == "data:":
            return known if images else ""
        return known

    def _resolve(self, href: str) -> str:
        address = _STRIPPED.sub("", href).strip(_EDGES)
        if not address:
            return ""
        if _WHOLE.match(address):
            return address
        if self._origin and _ROOTED.match(address):
            return self._origin + address
        scheme = _SCHEME.match(address)
        if scheme is not None and _HARMFUL.match(address):
            return address if address[:11].lower() == "data:image/" else ""
        try:
            return urljoin(self._base, address)
        except ValueError:  # such as an unclosed [ in the host
            return address if scheme is not None else ""


def harmless(markdown: str) -> str:
    """Markdown that we did not write, its links (also in HTML in it) without addresses that run code.

    An address that a parser would read as one of those is left out: `[text]()`.
    """
    return _WRITTEN.sub(_harmless, markdown) if ":" in markdown or "&" in markdown else markdown


def _harmless(match: re.Match[str]) -> str:
    address = match["address"] or match["bare"]
    plain = visible(unescape(_ESCAPED.sub(r"\1", address)))
    plain = "".join(char for char in plain if char > " " and not "\x7f" <= char <= "\xa0")
    if _HARMFUL.match(plain) is None or plain[:11].lower() == "data:image/":
        return match.group()
    return match["open"] or ""


def host(url: str) -> str:
    """The host of an address, or "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def destination(url: str) -> str:
    """`url` as a link destination: no space, bracket or escape in it can end or change it."""
    if _PLAIN.fullmatch(url):
        return url
    url = "".join(f"%{ord(c):02X}" if c in '<>\\"' or c <= " " or c == "\x7f" else c for c in url)
    url = _ENTITY_LIKE.sub("&amp;", url)
    if "(" in url or ")" in url:
        url = url if _balanced(url) else url.replace("(", "%28").replace(")", "%29")
    return _spaces(url)


def _spaces(url: str) -> str:
    """Unicode spaces, which some parsers take for the end of a destination, percent-encoded."""
    return "".join("".join(f"%{b:02X}" for b in c.encode()) if c.isspace() else c for c in url)


def _balanced(url: str) -> bool:
    depth = 0
    for char in url:
        depth += (char == "(") - (char == ")")
        if depth < 0 or depth > 30:  # CommonMark: parsers may stop at 32 levels
            return False
    return depth == 0
