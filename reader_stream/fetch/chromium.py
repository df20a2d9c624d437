"""Which Chromium is started, and with which flags."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reader_stream.errors import ServiceNodeUnavailableError

SMALL_SHM_BYTES = 512 * 1024 * 1024
"""Less shared memory than this (a container's default is 64 MiB) and tabs crash on large pages."""
_LIBRARIES = ("/usr/lib/chromium", "/usr/lib64/chromium-browser", "/usr/lib/chromium-browser")
_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_CHROME = "/opt/google/chrome/chrome"
_MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_FEATURES_OFF = (
    "AutofillServerCommunication,BackForwardCache,CertificateTransparencyComponentUpdater,DialMediaRouteProvider,"
    "HttpsUpgrades,InterestFeedContentSuggestions,LocalNetworkAccessChecks,MediaRouter,OptimizationHints,"
    "PaintHolding,Translate"
)
# LocalNetworkAccessChecks: a document that was given to Chromium (Fetch.fulfillRequest) has no address
# and could load nothing from a private one. What may be reached is the proxy's decision alone.


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """The browser's part of the settings.

    `path` is a binary (None: found), `url` a remote endpoint used instead, `tabs` how many reads may
    have one at a time, `warm_tabs` how many wait unused, `recycle_pages` after how many pages the
    process is replaced, `queue` how many reads may wait for a tab, `heap_mib` one renderer's V8 heap,
    `proxy_url` the only way out (``http://host:port``; None only where nothing needs guarding).
    """

    path: str | None = None
    url: str | None = None
    tabs: int = 4
    warm_tabs: int = 2
    recycle_pages: int = 500
    queue: int = 64
    heap_mib: int = 512
    proxy_url: str | None = None


def find_binary(path: str | None) -> Path:
    """The browser to start: `path`, else headless-shell, Chromium, Chrome, in this order.

    The files themselves are called where packages are known to put them, since the wrappers in /usr/bin
    add flags of their own. Raises `ServiceNodeUnavailableError` that says what to install.
    """
    if path is not None:
        found = shutil.which(path)
        if found is None:
            raise ServiceNodeUnavailableError(f"READER_BROWSER_PATH={path} is not an executable file")
        return Path(found)
    for candidate in _candidates():
        if os.access(candidate, os.X_OK) and not os.path.isdir(candidate):
            return Path(candidate)
    raise ServiceNodeUnavailableError(
        "no browser found: install one (Debian: apt install chromium-headless-shell; Ubuntu: Google Chrome; "
        "macOS: Chrome), or set READER_BROWSER_PATH or READER_BROWSER_URL"
    )


def _candidates() -> Iterator[str]:
    for name in ("chromium-headless-shell", "headless_shell"):
        yield from (f"{library}/{name}" for library in _LIBRARIES)
        yield from _on_path(name)
    yield from _on_path("chrome-headless-shell")
    yield from (f"{library}/chromium" for library in _LIBRARIES)
    yield _CHROME
    for name in _COMMANDS:
        yield from _on_path(name)
    if sys.platform == "darwin":
        yield from _MAC_APPS


def _on_path(name: str) -> Iterator[str]:
    if found := shutil.which(name):
        yield found


def flags(settings: BrowserSettings, profile: Path, *, sandboxed: bool) -> list[str]:
    """Chromium's command line. What each group is for stands beside it; measured in ARCHITECTURE.md."""
    line = [
        "--headless",
        "--remote-debugging-pipe",  # no TCP port that a page could reach
        f"--user-data-dir={profile}",
        f"--js-flags=--max-old-space-size={settings.heap_mib}",
        "--disable-site-isolation-trials",  # all frames in one session
        "--block-new-web-contents",  # window.open gives null; closing a popup hangs its opener (measured)
        # Full speed although nobody looks.
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "--disable-hang-monitor",
        # No traffic of the browser's own.
        "--disable-background-networking",
        "--disable-breakpad",
        "--disable-client-side-phishing-detection",
        "--disable-component-extensions-with-background-pages",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-extensions",
        "--disable-field-trial-config",
        "--disable-sync",
        "--metrics-recording-only",
        "--no-default-browser-check",
        "--no-first-run",
        "--no-pings",
        "--no-service-autorun",
        f"--disable-features={_FEATURES_OFF}",
        # Nothing of the machine.
        "--disable-gpu",
        "--hide-scrollbars",
        "--mute-audio",
        "--password-store=basic",
        "--use-mock-keychain",
        "--force-color-profile=srgb",
        "--log-level=3",
        # Nothing past the proxy by UDP. chromium obeys the first line, headless-shell the second.
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        *_proxy_flags(settings.proxy_url),
    ]
    if not sandboxed:
        line.append("--no-sandbox")
    if _shared_memory_bytes() < SMALL_SHM_BYTES:
        line.append("--disable-dev-shm-usage")
    return [*line, "--no-startup-window"]


def _proxy_flags(proxy_url: str | None) -> list[str]:
    if proxy_url is None:
        return []
    return [
        f"--proxy-server={proxy_url}",
        "--proxy-bypass-list=<-loopback>",  # else loopback goes past the proxy
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # the proxy resolves, Chromium never
    ]


def _shared_memory_bytes() -> int:
    try:
        state = os.statvfs("/dev/shm")  # noqa: S108 (asked, not written)
    except OSError:
        return SMALL_SHM_BYTES
    return state.f_bavail * state.f_frsize
