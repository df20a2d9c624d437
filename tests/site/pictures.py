"""Pages to take pictures of: flat colours at known places."""

from __future__ import annotations

from aiohttp import web

from tests.site.page import Asset, html, prose

GREEN = """<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">
<rect width="100" height="100" fill="green"/></svg>"""


async def _tall(request: web.Request) -> web.Response:
    """A window full of red, a long way of blue, and a green image that loads when it is come near to."""
    height = int(request.query.get("height", "3000"))
    style = (
        "<style>body{margin:0}.top{height:100vh;background:#f00;overflow:hidden}"
        f".way{{height:{height}px;background:#00f}}img{{display:block}}</style>"
    )
    body = (
        f'<div class="top"><main><h1>Tall</h1><p>marker-shots {prose("shots")}</p></main></div>'
        '<div class="way"></div>'
        '<img loading="lazy" width="100" height="100" alt="green" src="/shots/green.svg">'
    )
    return web.Response(text=html("Tall", body, style), content_type="text/html")


async def _green(_: web.Request) -> web.Response:
    return web.Response(text=GREEN, content_type="image/svg+xml")


LATE = html(
    "Late",
    "<main id=m></main><script>setTimeout(() => { m.className = 'in'; }, 300)</script>",
    "<style>body{margin:0}main{height:100vh;background:green;opacity:0;transition:opacity 300ms}"
    ".in{opacity:1}</style>",
)

ASSETS: tuple[Asset, ...] = (
    Asset("/shots", _tall),
    Asset("/shots/late", LATE),
    Asset("/shots/green.svg", _green),
)
