"""What a client asks of the forward proxy: bytes up to the empty line → `ProxyRequest`. Pure.

Strict, since its one client is Chromium and everything doubtful is somebody's attempt at smuggling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reader_stream.errors import ParamValidationError
from reader_stream.fetch.egress import Url, parse_url

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([\x21-\x7e]+) HTTP/1\.1")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*)")
_ABSOLUTE = re.compile(r"(?i:http)://([^/?#]+)([^#]*)")
_HOP_BY_HOP = frozenset(
    {
        *(b"connection", b"host", b"keep-alive", b"proxy-authorization", b"proxy-connection"),
        *(b"te", b"trailer", b"upgrade"),
    }
)


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """What a client asks of the proxy. `head` is what goes on to the origin (nothing for a tunnel)."""

    url: Url
    tunnel: bool
    upgrade: bool = False
    head: bytes = b""
    body_bytes: int = 0

    @classmethod
    def parse(cls, head: bytes) -> ProxyRequest:
        """From the bytes up to the empty line; raises ParamValidationError for all that is doubtful."""
        line, _, rest = head.removesuffix(b"\r\n\r\n").partition(b"\r\n")
        match = _REQUEST_LINE.fullmatch(line)
        if match is None:
            raise ParamValidationError("Not a request of HTTP/1.1.")
        method, target = match[1], match[2].decode("ascii")
        fields = _parse_fields(rest)
        if method == b"CONNECT":
            if not re.search(r":\d+$", target):
                raise ParamValidationError("CONNECT needs host:port.")
            return cls(url=_parse_authority(target), tunnel=True)
        absolute = _ABSOLUTE.fullmatch(target)
        if absolute is None:
            raise ParamValidationError("A proxy takes absolute URLs of http only.")
        url = _parse_authority(absolute[1])
        upgrade = any(name == b"upgrade" for name, _ in fields)
        path = absolute[2] if absolute[2].startswith("/") else "/" + absolute[2]
        onward = b"%b %b HTTP/1.1\r\nHost: %b\r\n" % (method, path.encode(), url.authority.encode())
        return cls(
            url=url,
            tunnel=False,
            upgrade=upgrade,
            head=onward + _onward_fields(fields, upgrade=upgrade),
            body_bytes=_body_bytes(fields),
        )


def _parse_authority(authority: str) -> Url:
    url = parse_url(f"http://{authority}/", path=None)
    if url.target != "/" or url.fragment:
        raise ParamValidationError("The host is malformed.")
    return url


def _parse_fields(lines: bytes) -> list[tuple[bytes, bytes]]:
    fields = []
    for line in lines.split(b"\r\n") if lines else ():
        match = _FIELD.fullmatch(line)
        if match is None:
            raise ParamValidationError("A header field is malformed.")
        fields.append((match[1].lower(), line))
    return fields


def _onward_fields(fields: list[tuple[bytes, bytes]], *, upgrade: bool) -> bytes:
    listed = b",".join(line.partition(b":")[2] for name, line in fields if name == b"connection").lower()
    dropped = _HOP_BY_HOP | {token.strip() for token in listed.split(b",")}
    kept = [line for name, line in fields if name not in dropped or (upgrade and name == b"upgrade")]
    return b"\r\n".join([*kept, b"Connection: Upgrade" if upgrade else b"Connection: close", b"\r\n"])


def _body_bytes(fields: list[tuple[bytes, bytes]]) -> int:
    lengths = [line.partition(b":")[2].strip() for name, line in fields if name == b"content-length"]
    if any(name == b"transfer-encoding" for name, _ in fields):
        # Chromium sends chunked bodies over HTTP/2 only; one framing less that could be misread.
        raise ParamValidationError("Chunked requests are not taken.")
    if not lengths:
        return 0
    if len(lengths) > 1 or not re.fullmatch(rb"\d{1,15}", lengths[0]):
        raise ParamValidationError("The Content-Length is malformed.")
    return int(lengths[0])
