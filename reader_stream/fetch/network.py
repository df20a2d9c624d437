"""What a tab's network does, as signals; and the first answer, given to Chromium instead of fetched again."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from reader_stream.fetch.cdp import CDPSession
from reader_stream.fetch.signals import (
    NAVIGATION,
    Finished,
    Interactive,
    Loaded,
    Requested,
    Responded,
    Signal,
)
from reader_stream.fetch.visit import FirstResponse

log = logging.getLogger(__name__)

STREAMS = frozenset({"WebSocket", "EventSource", "Ping", "CSPViolationReport"})
"""Request types that say nothing about whether a page is done."""
EGRESS_ERROR = "x-egress-error"
"""What the filtering proxy's own answers carry; it takes the header from all others."""
TUNNEL_REFUSED = "net::ERR_TUNNEL_CONNECTION_FAILED"
"""What Chromium says when the proxy makes no tunnel, which it needs for https."""
_PORTS = {"http": 80, "https": 443}
_LOCAL = ("data:", "blob:", "about:", "chrome-extension:")
_NOT_PASSED_ON = frozenset(
    {
        "content-encoding",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "proxy-connection",
        "trailer",
        "upgrade",
        "alt-svc",
    }
)
"""Headers that describe the first answer's way here, not its content."""


@dataclass(frozen=True, slots=True)
class MainResponse:
    """Status and headers (names in lower case) of a main document."""

    status: int
    headers: dict[str, str]


class Traffic:
    """Turns a session's Network events into signals for `emit`, stamped by `now_ms`.

    `documents` are the main frame's by loader id, `cut` those of them that broke off. `unread` is kept
    up to date as the set of other frames whose document did not come: refused, failed, or a PDF. None:
    other frames do not matter.
    """

    def __init__(
        self,
        session: CDPSession,
        main_frame: str,
        emit: Callable[[Signal], None],
        now_ms: Callable[[], float],
        unread: set[str] | None,
    ) -> None:
        self.documents: dict[str, MainResponse] = {}
        self.cut: set[str] = set()
        self._unread = set() if unread is None else unread
        self._frame_of: dict[str, str] = {}
        self._main_frame = main_frame
        self._emit = emit
        self._now_ms = now_ms
        self._with_iframe = unread is not None
        self._told_in = copy_context()  # events come in the connection's context, which knows no request
        session.on("Network.requestWillBeSent", self._request)
        session.on("Network.responseReceived", self._response)
        session.on("Network.dataReceived", self._data)
        session.on("Network.loadingFinished", self._end)
        session.on("Network.loadingFailed", self._fail)
        session.on("Network.webSocketClosed", self._end)

    def _is_main(self, event: dict[str, Any]) -> bool:
        return (
            event.get("type") == "Document"
            and event.get("frameId") == self._main_frame
            and event.get("requestId") == event.get("loaderId")
        )

    def _request(self, event: dict[str, Any]) -> None:
        url, kind = event["request"]["url"], event.get("type", "Other")
        if kind in STREAMS or url.startswith(_LOCAL):
            return
        if not self._with_iframe and event.get("frameId", self._main_frame) != self._main_frame:
            return
        if self._is_main(event):
            kind = NAVIGATION
        elif kind == "Document" and "frameId" in event:
            self._frame_of[event["requestId"]] = event["frameId"]
            self._unread.discard(event["frameId"])
        self._emit(Requested(self._now_ms(), event["requestId"], kind, url.partition("?")[0]))

    def _response(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if self._is_main(event):
            headers = {name.lower(): value for name, value in response["headers"].items()}
            self.documents[event["loaderId"]] = MainResponse(int(response["status"]), headers)
        elif not _is_readable(response):
            self._lose(event)
        if any(name.lower() == EGRESS_ERROR for name in response["headers"]):
            self._refused(event.get("type"))
        if response.get("mimeType") == "text/event-stream":
            self._end(event)  # fetch() of an event stream: it has no end to wait for
        else:
            self._data(event)

    def _refused(self, kind: object) -> None:
        self._told_in.run(log.info, "a request of the page was refused", extra={"kind": kind})

    def _data(self, event: dict[str, Any]) -> None:
        self._emit(Responded(self._now_ms(), event["requestId"]))

    def _fail(self, event: dict[str, Any]) -> None:
        """A main document that breaks off is parsed as far as it came, but never gets its `load`."""
        if event.get("errorText") == TUNNEL_REFUSED:
            self._refused(event.get("type"))
        if event["requestId"] in self.documents and not event.get("canceled"):
            self.cut.add(event["requestId"])
            self._emit(Interactive(self._now_ms()))
            self._emit(Loaded(self._now_ms()))
        elif not event.get("canceled"):
            self._lose(event)
        self._end(event)

    def _lose(self, event: dict[str, Any]) -> None:
        """Note that a frame's document is not there to be read."""
        if frame := self._frame_of.get(event["requestId"]):
            self._unread.add(frame)

    def _end(self, event: dict[str, Any]) -> None:
        self._emit(Finished(self._now_ms(), event["requestId"]))


class FirstAnswer:
    """Gives Chromium the visit's response for its first navigation, and headers to its origin's requests.

    While it has nothing to do, no request is intercepted.
    """

    def __init__(
        self,
        session: CDPSession,
        main_frame: str,
        address: str,
        response: FirstResponse | None,
        headers: tuple[tuple[str, str], ...],
    ) -> None:
        self._session = session
        self._main_frame = main_frame
        self._origin = _origin(address)
        self._response = response
        self._headers = headers
        session.on("Fetch.requestPaused", self._paused)

    @property
    def patterns(self) -> list[dict[str, str]]:
        """What `Fetch.enable` must intercept; empty: nothing."""
        if self._headers:
            return [{"urlPattern": "*", "requestStage": "Request"}]
        if self._response:
            return [{"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}]
        return []

    def _paused(self, event: dict[str, Any]) -> None:
        response = self._take(event)
        answer: dict[str, Any] = {"requestId": event["requestId"]}
        if response is not None:
            self._session.post("Fetch.fulfillRequest", answer | _fulfil(response))
        else:
            if self._headers:
                answer["headers"] = self._with_headers(event["request"])
            self._session.post("Fetch.continueRequest", answer)
        if not self._headers:
            self._session.post("Fetch.disable")

    def _take(self, event: dict[str, Any]) -> FirstResponse | None:
        """The response, if this is the navigation to it. Whole URLs are not compared: spellings differ.

        Another origin means that Chromium went elsewhere by itself (HSTS); then the response is void.
        """
        if event.get("resourceType") != "Document" or event["frameId"] != self._main_frame:
            return None
        response, self._response = self._response, None
        return response if _origin(event["request"]["url"]) == self._origin else None

    def _with_headers(self, request: dict[str, Any]) -> list[dict[str, str]]:
        """A redirect carries the headers of the request before: away from the origin they are taken out."""
        ours = {name.lower() for name, _ in self._headers}
        headers = [(name, value) for name, value in request["headers"].items() if name.lower() not in ours]
        if _origin(request["url"]) == self._origin:
            headers += self._headers
        return [{"name": name, "value": value} for name, value in headers]


def _is_readable(response: dict[str, Any]) -> bool:
    """Whether a frame's document is a page: not the proxy's refusal, not Chromium's PDF viewer."""
    ours = any(name.lower() == EGRESS_ERROR for name in response["headers"])
    return not ours and response.get("mimeType") != "application/pdf"


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _fulfil(response: FirstResponse) -> dict[str, Any]:
    return {
        "responseCode": response.status,
        "responseHeaders": [
            {"name": name, "value": value.encode("latin-1", "replace").decode("latin-1")}
            for name, value in response.headers
            if name.lower() not in _NOT_PASSED_ON
        ],
        "body": base64.b64encode(response.body).decode("ascii"),
    }
