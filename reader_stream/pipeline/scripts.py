"""A client's own scripts: allowed or not, and fetched where a URL stands for the code."""

from __future__ import annotations

import re

from reader_stream.errors import BackendNotConfiguredError, ParamValidationError
from reader_stream.fetch.egress import parse_url
from reader_stream.fetch.http import HttpFetcher, HttpRequest
from reader_stream.model import ReadOptions

MAX_SCRIPT_BYTES = 1024 * 1024
"""One fetched script: the largest libraries that people inject are some 300 kB."""

_ADDRESS = re.compile(r"\s*(https?://\S+)\s*", re.IGNORECASE)


def check_scripts(options: ReadOptions, *, allowed: bool) -> None:
    """Raise BackendNotConfiguredError for scripts on a service that runs none."""
    for path, scripts in (
        ("injectPageScript", options.inject_page_script),
        ("injectFrameScript", options.inject_frame_script),
    ):
        if scripts and not allowed:
            message = f"{path} is off on this service; READER_ALLOW_SCRIPTS=true turns it on"
            raise BackendNotConfiguredError(message, path=path)


async def load_scripts(
    http: HttpFetcher, given: tuple[str, ...], path: str, left_s: float
) -> tuple[str, ...]:
    """The code of each script, in order; what is a URL as a whole is fetched, within `left_s` seconds.

    Raises ParamValidationError where a URL gives no script, and whatever the fetcher raises.
    """
    return tuple([await _load(http, script, path, left_s) for script in given])


async def _load(http: HttpFetcher, script: str, path: str, left_s: float) -> str:
    address = _ADDRESS.fullmatch(script)
    if address is None:
        return script
    url = parse_url(address[1])
    accept = ("Accept", "text/javascript, */*;q=0.1")
    request = HttpRequest(url, (accept,), timeout=left_s, max_bytes=MAX_SCRIPT_BYTES)
    async with http.get(request) as response:
        if response.status != 200:
            message = f"{path} cannot be fetched: {url.host} answered with HTTP status {response.status}"
            raise ParamValidationError(message, path=path)
        # As browsers read scripts: UTF-8 unless the answer says otherwise (HTML, "fetch a classic script").
        body = await response.read()
    try:
        return body.decode(response.charset or "utf-8-sig", "replace")
    except LookupError:
        return body.decode("utf-8-sig", "replace")
