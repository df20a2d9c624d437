"""Pages for the options of a read: what is sent where, and what a page sees of its reader."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.site.page import Asset, Handler, html, prose
from tests.site.server import SITE, fill

ROBOTS = "User-agent: marker-denied\nDisallow: /options/\n\nUser-agent: *\nDisallow: /options/closed\n"

LOADS = html(
    "Loads",
    f"<p>marker-loads {prose('loads')}</p>"
    "<img src='/options/asked?by=own-image'><img src='{{other}}/options/asked?by=other-image'>"
    "<iframe src='{{other}}/options/asked?by=other-frame'></iframe>"
    "<script>fetch('/options/asked?by=own-fetch');"
    "fetch('{{other}}/options/asked?by=other-fetch', {mode: 'no-cors'})</script>",
)

AWAY = html("Away", "<main><p>See the <a href='next'>next one</a> marker-away.</p></main>")


async def _robots(_: web.Request) -> web.Response:
    return web.Response(text=ROBOTS, content_type="text/plain")


async def _asked(request: web.Request) -> web.Response:
    """What this request was asked with, as JSON."""
    return web.json_response({name.lower(): value for name, value in request.headers.items()})


async def _late(request: web.Request) -> web.Response:
    """JSON after `?ms=`."""
    await asyncio.sleep(int(request.query["ms"]) / 1000)
    return web.json_response({"mark": "marker-late"})


def _moved(to: str) -> Handler:
    async def respond(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": fill(to, request.app[SITE])})

    return respond


ASSETS: tuple[Asset, ...] = (
    Asset("/robots.txt", _robots),
    Asset("/options/asked", _asked),
    Asset("/options/late", _late),
    Asset("/options/loads", LOADS),
    Asset("/options/far/away", AWAY),
    Asset("/options/moved", _moved("{{other}}/options/far/away")),
    Asset("/options/moved-asked", _moved("{{other}}/options/asked?by=redirect")),
    Asset("/options/moved-closed", _moved("/options/closed")),
    Asset("/options/closed", html("Closed", "<p>marker-closed</p>")),
    Asset("/options/open", html("Open", "<p>marker-open</p>")),
)
