"""One tab in a fresh incognito context: opened, made ready for a read, never used twice."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import Any

import anyio

from reader_stream.fetch.cdp import CdpError, CDPSession, Connection

TAB_TIMEOUT_S = 10.0
"""Patience with each call that opens or closes a tab: 2-20 ms measured. Longer means a stuck browser."""

USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
"""Who asks for pages while no Chromium has said yet who it is."""

_CLIENT_HINT_PLATFORMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}


@dataclass(frozen=True, slots=True, eq=False)
class Tab:
    """A page of its own context: `session` is attached to it, dialogs, downloads and popups are refused.

    `identity` holds the parameters of `Emulation.setUserAgentOverride` that are in force, for whoever
    changes one of them. Enabled so far: the Page domain.
    """

    session: CDPSession
    context_id: str
    target_id: str
    identity: dict[str, Any]

    @property
    def crashed(self) -> anyio.Event:
        """Set when the renderer died."""
        return self.session.crashed

    @property
    def gone(self) -> anyio.Event:
        """Set when no call can succeed any more: crashed, closed, or the browser ended."""
        return self.session.closed


async def open_tab(connection: Connection, identity: dict[str, Any], proxy_url: str | None) -> Tab:
    """A tab on ``about:blank`` in a new context that sends its traffic to `proxy_url` (None: the browser's).

    Must not be cancelled while the browser lives on: a context whose id was never heard cannot be
    disposed. Raises `CdpError`; nothing is left behind then.
    """
    root = connection.root
    options: dict[str, Any] = {"disposeOnDetach": True}
    if proxy_url is not None:
        options |= {"proxyServer": proxy_url, "proxyBypassList": "<-loopback>"}
    context = await root.send("Target.createBrowserContext", options, timeout=TAB_TIMEOUT_S)
    context_id = str(context["browserContextId"])
    try:
        place = {"browserContextId": context_id}
        denials = (
            root.submit("Browser.setDownloadBehavior", {"behavior": "deny", **place}, timeout=TAB_TIMEOUT_S),
            root.submit("Browser.grantPermissions", {"permissions": [], **place}, timeout=TAB_TIMEOUT_S),
        )
        target = await root.send(
            "Target.createTarget", {"url": "about:blank", **place}, timeout=TAB_TIMEOUT_S
        )
        target_id = str(target["targetId"])
        session = await connection.attach(target_id, timeout=TAB_TIMEOUT_S)
        await asyncio.gather(*denials, *_prepare(session, identity))
    except CdpError:
        root.post("Target.disposeBrowserContext", {"browserContextId": context_id})
        raise
    return Tab(session, context_id, target_id, identity)


def _prepare(session: CDPSession, identity: dict[str, Any]) -> list[asyncio.Future[dict[str, Any]]]:
    def dismiss(event: dict[str, Any]) -> None:
        # An open dialog stops the page, and `Page.navigate` with it. Only "leave this page?" gets a yes.
        session.post("Page.handleJavaScriptDialog", {"accept": event.get("type") == "beforeunload"})

    session.on("Page.javascriptDialogOpening", dismiss)
    return [
        session.submit("Page.enable", timeout=TAB_TIMEOUT_S),
        # Else requestAnimationFrame runs once a second in all tabs but one.
        session.submit("Emulation.setFocusEmulationEnabled", {"enabled": True}, timeout=TAB_TIMEOUT_S),
        session.submit("Emulation.setUserAgentOverride", identity, timeout=TAB_TIMEOUT_S),
    ]


async def close_tab(connection: Connection, tab: Tab) -> None:
    """Dispose the tab's context and all in it. Raises `CdpError`."""
    await connection.root.send(
        "Target.disposeBrowserContext", {"browserContextId": tab.context_id}, timeout=TAB_TIMEOUT_S
    )


def identity_of(version: dict[str, Any]) -> dict[str, Any]:
    """User agent and client hints of a `Browser.getVersion` answer, without the word "Headless"."""
    product = str(version.get("product", "Chrome/0"))
    full = product.partition("/")[2] or "0"
    major = full.partition(".")[0]
    brands = (("Chromium", major, full), ("Not/A)Brand", "8", "8.0.0.0"))
    return {
        "userAgent": str(version.get("userAgent", "")).replace("HeadlessChrome", "Chrome"),
        "userAgentMetadata": {
            "brands": [{"brand": name, "version": short} for name, short, _ in brands],
            "fullVersionList": [{"brand": name, "version": long} for name, _, long in brands],
            "platform": _CLIENT_HINT_PLATFORMS.get(sys.platform, "Linux"),
            "platformVersion": "",
            "architecture": "x86",
            "model": "",
            "mobile": False,
        },
    }
