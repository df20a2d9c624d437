"""Where a tab goes: the navigation, the main documents that follow, and why they fail."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urldefrag, urlsplit

from reader_stream.errors import (
    AssertionFailureError,
    ParamValidationError,
    ReaderError,
    SecurityCompromiseError,
    ServiceNodeUnavailableError,
)
from reader_stream.fetch.cdp import BrowserGone, CdpError, CDPSession
from reader_stream.fetch.network import EGRESS_ERROR, MainResponse
from reader_stream.fetch.tabs import Tab
from reader_stream.fetch.visit import FirstResponse, Visit

NOWHERE = "http://document.invalid/"
"""The address of given HTML that has none: a name that never resolves (RFC 6761)."""
ANSWER_SLACK_S = 5.0
_EGRESS_ERRORS: dict[str, type[ReaderError]] = {
    kind.__name__: kind for kind in (SecurityCompromiseError, ParamValidationError, AssertionFailureError)
}
_NET_ERRORS = {
    "ERR_NAME_NOT_RESOLVED": "its name does not resolve",
    "ERR_CONNECTION_REFUSED": "it refused the connection",
    "ERR_CONNECTION_RESET": "it reset the connection",
    "ERR_CONNECTION_CLOSED": "it closed the connection",
    "ERR_EMPTY_RESPONSE": "it closed the connection without an answer",
    "ERR_TOO_MANY_REDIRECTS": "it redirects in circles",
    "ERR_TIMED_OUT": "it did not answer in time",
    "ERR_CONNECTION_TIMED_OUT": "it did not answer in time",
    "ERR_TUNNEL_CONNECTION_FAILED": "no connection to it could be made",
    "ERR_PROXY_CONNECTION_FAILED": "no connection to it could be made",
    "ERR_INVALID_RESPONSE": "its answer is not HTTP",
    "ERR_UNSAFE_REDIRECT": "it redirects to what is not a web page",
    "ERR_ABORTED": "it is a download or has no content, not a page",
}


CHALLENGE_STATUSES = frozenset({403, 429, 503})
"""What sites answer with while they find out whether a browser asks."""

_CODE = re.compile(
    rb"<(script|iframe|frame|object|embed|\?xml-stylesheet)|\son[a-z]+\s*=|http-equiv\s*=\s*[\"']?refresh|\0",
    re.IGNORECASE,
)
"""Source from which code may come. Scripts can remove themselves, so the tree cannot tell; NUL: UTF-16."""


class Navigation:
    """The main frame's way. `changed` is called when it has a new document or URL, `ring` when it failed.

    `url` is the address now, `replaced` whether the last change was a new document, `inert` whether it has
    no code at all, `refused_by_site` whether the first document came with a status of challenge pages,
    `failure` why there is none.
    """

    def __init__(
        self,
        session: CDPSession,
        main_frame: str,
        visit: Visit,
        proxy_failure: Callable[[str, int], ReaderError | None],
        changed: Callable[[], None],
        ring: Callable[[], None],
    ) -> None:
        self._session = session
        self._main_frame = main_frame
        self._visit = visit
        self._proxy_failure = proxy_failure
        self._changed = changed
        self._ring = ring
        self._loader = ""
        self.response = _given(visit)
        self.address = _address(visit, self.response)
        self.url = visit.url
        self.committed = False
        self.inert = False
        self.refused_by_site = False
        self.replaced = False
        self.failure: ReaderError | None = None

    def start(self, timeout: float) -> None:
        """Go; the answer comes when the first document is committed or failed."""
        self._session.on("Page.frameNavigated", self._navigated)
        self._session.on("Page.navigatedWithinDocument", self._moved)
        params = {"url": self.address, "transitionType": "typed"}
        if self._visit.referer:
            params |= {"referrer": self._visit.referer, "transitionType": "link"}
        call = self._session.submit("Page.navigate", params, timeout=timeout + ANSWER_SLACK_S)
        call.add_done_callback(self._answered)

    def current(self, documents: dict[str, MainResponse]) -> MainResponse:
        """The answer that the document of now came with."""
        if known := documents.get(self._loader):
            return known
        if self.response:
            return MainResponse(self.response.status, {k.lower(): v for k, v in self.response.headers})
        return MainResponse(200, {})

    def is_cut(self, cut: set[str]) -> bool:
        """The document of now broke off."""
        return self._loader in cut

    def explain(self, tab: Tab, timeout: float) -> ReaderError:
        """Why there is nothing to be read."""
        if self.failure:
            return self.failure
        if tab.crashed.is_set():
            return AssertionFailureError(f"The page at {self.url} crashed its renderer.")
        if tab.gone.is_set():
            return ServiceNodeUnavailableError("The browser ended while it read the page.", retry_after=1)
        if self.committed:
            return AssertionFailureError(f"The page at {self.url} could not be read within {timeout:g} s.")
        return AssertionFailureError(f"{self.url} did not answer within {timeout:g} s.")

    def broken(self, error: CdpError) -> ReaderError:
        """What a failed call before the start of the navigation means."""
        if isinstance(error, BrowserGone):
            return ServiceNodeUnavailableError("The browser ended before it read the page.", retry_after=1)
        return ServiceNodeUnavailableError(f"The browser cannot open the page: {error}", retry_after=1)

    def _answered(self, call: asyncio.Future[dict[str, Any]]) -> None:
        if not call.cancelled() and call.exception() is None:
            answer = call.result()
            if answer.get("isDownload"):
                self._fail(f"{self.url} is a download, not a page.")
            elif error := answer.get("errorText"):
                self.failure = self._net_error(self.address, error)
        elif not call.cancelled() and not isinstance(call.exception(), TimeoutError):
            # "Cannot navigate to invalid URL"; a closed session speaks for itself.
            self._fail(f"The browser cannot open {self.url}: {call.exception()}")
        self._ring()

    def _fail(self, message: str) -> None:
        self.failure = AssertionFailureError(message)

    def _net_error(self, url: str, error: str) -> ReaderError:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if known := self._proxy_failure(parts.hostname or "", port):
            return known
        name = error.removeprefix("net::")
        reason = _NET_ERRORS.get(name, "its certificate is not valid" if "CERT" in name else "it failed")
        return AssertionFailureError(f"{url} cannot be read: {reason} ({name}).")

    def _navigated(self, event: dict[str, Any]) -> None:
        frame = event["frame"]
        if frame["id"] != self._main_frame:
            return
        if unreachable := frame.get("unreachableUrl"):
            if self.committed:
                self.failure = self._net_error(unreachable, "net::ERR_FAILED")
                self._ring()
            return
        self._loader = frame.get("loaderId", "")
        self.inert = self._is_inert()
        first = self.response if not self.committed else None
        self.refused_by_site = first is not None and first.status in CHALLENGE_STATUSES
        self._arrive(frame["url"] + frame.get("urlFragment", ""), replaced=True)

    def _is_inert(self) -> bool:
        """Only of the first document the source is known, and a client's script is code too."""
        first = self.response if not self.committed else None
        scripted = self._visit.page_scripts or self._visit.frame_scripts or self._visit.remove_overlay
        return first is not None and not scripted and not _CODE.search(first.body)

    def _moved(self, event: dict[str, Any]) -> None:
        if event["frameId"] == self._main_frame and self.committed:
            self._arrive(event["url"], replaced=False)

    def _arrive(self, url: str, *, replaced: bool) -> None:
        self.url = self._visit.url if urldefrag(url).url == NOWHERE else url
        self.committed = True
        self.replaced = replaced
        self._changed()

    def refused(self, documents: dict[str, MainResponse]) -> ReaderError | None:
        """The proxy's own answer in place of a plain-http document; over TLS a site could forge it."""
        response = documents.get(self._loader)
        if response is None or not self.url.startswith("http:"):
            return None
        kind = _EGRESS_ERRORS.get(response.headers.get(EGRESS_ERROR, ""))
        return kind(f"The egress policy or the network does not let {self.url} be read.") if kind else None


def _given(visit: Visit) -> FirstResponse | None:
    if visit.html is None:
        return visit.response
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return FirstResponse(_http(visit.url) or NOWHERE, 200, headers, visit.html.encode("utf-8", "replace"))


def _address(visit: Visit, response: FirstResponse | None) -> str:
    """Where Chromium goes; a fragment outlives redirects. Nothing but http(s) is ever navigated to."""
    url = response.url if response else visit.url
    if not _http(url):
        raise ParamValidationError(f"Only http and https addresses can be opened, not {url!r}.", path="url")
    fragment = urldefrag(visit.url).fragment
    return url if not fragment or urldefrag(url).fragment else f"{url}#{fragment}"


def _http(url: str) -> str | None:
    return url if url.lower().startswith(("http://", "https://")) else None
