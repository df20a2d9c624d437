"""Making a tab look as a visit asks, before it goes anywhere."""

from __future__ import annotations

import asyncio
from typing import Any

from reader_stream.errors import ParamValidationError
from reader_stream.fetch.cdp import CdpError, SessionClosed
from reader_stream.fetch.injected import inject
from reader_stream.fetch.tabs import Tab
from reader_stream.fetch.visit import Cookie, Visit
from reader_stream.model import Viewport

Call = asyncio.Future[dict[str, Any]]
_WORKERS = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}


async def prepare(tab: Tab, visit: Visit) -> None:
    """Viewport, identity, language, cookies, scripts. Raises `ParamValidationError` for what is refused."""
    submit = tab.session.submit
    calls: list[tuple[str, Call]] = [
        ("", submit("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0})),
        ("", submit("Network.setBypassServiceWorker", {"bypass": True})),
        ("", submit("Target.setAutoAttach", _WORKERS)),
        ("viewport", submit("Emulation.setDeviceMetricsOverride", _metrics(visit.viewport))),
    ]
    if visit.user_agent or visit.locale:
        calls.append(("userAgent", submit("Emulation.setUserAgentOverride", _identity(tab, visit))))
    if visit.locale:
        locale = {"locale": visit.locale.replace("-", "_")}
        calls.append(("locale", submit("Emulation.setLocaleOverride", locale)))
    if visit.viewport and visit.viewport.has_touch:
        calls.append(("viewport", submit("Emulation.setTouchEmulationEnabled", {"enabled": True})))
    if visit.cookies:
        cookies = [_cookie(cookie, visit.url) for cookie in visit.cookies]
        calls.append(("setCookies", submit("Network.setCookies", {"cookies": cookies})))
    for option, call in calls:
        await _checked(option, call)
    await inject(tab.session, visit)


async def _checked(option: str, call: Call) -> None:
    try:
        await call
    except SessionClosed:
        raise
    except CdpError as error:
        if not option or isinstance(error, TimeoutError):
            raise
        raise ParamValidationError(f"The browser does not accept {option}: {error}", path=option) from error


def _metrics(given: Viewport | None) -> dict[str, Any]:
    viewport = given or Viewport()
    orientation = ("landscapePrimary", 90) if viewport.is_landscape else ("portraitPrimary", 0)
    return {
        "width": viewport.width,
        "height": viewport.height,
        "deviceScaleFactor": viewport.device_scale_factor,
        "mobile": viewport.is_mobile,
        "screenOrientation": {"type": orientation[0], "angle": orientation[1]},
    }


def _identity(tab: Tab, visit: Visit) -> dict[str, Any]:
    """A foreign user agent goes without client hints: ours would contradict it."""
    identity = {"userAgent": visit.user_agent} if visit.user_agent else dict(tab.identity)
    if visit.locale:
        language = visit.locale.replace("_", "-")
        short = language.partition("-")[0]
        identity["acceptLanguage"] = language if short == language else f"{language},{short}"
    return identity


def _cookie(cookie: Cookie, url: str) -> dict[str, Any]:
    given = {
        "name": cookie.name,
        "value": cookie.value,
        "url": url,
        "domain": cookie.domain,
        "path": cookie.path,
        "secure": cookie.secure or None,
        "httpOnly": cookie.http_only or None,
        "sameSite": cookie.same_site,
        "expires": cookie.expires,
    }
    return {name: value for name, value in given.items() if value is not None}
