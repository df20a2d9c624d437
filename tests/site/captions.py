"""Pages with images that say nothing of themselves."""

from __future__ import annotations

from aiohttp import web

from tests.site.media import PIXEL
from tests.site.page import Asset, html, prose


async def _page(request: web.Request) -> web.Response:
    """`?images=a,b` are the images without alternative text, in this order."""
    names = request.query.get("images", "").split(",")
    images = "".join(f"<p>{prose(name)}</p><img src='/captions/image/{name}'>" for name in names)
    named = "<p>And one with a name: <img src='/captions/image/named' alt='marker-alt'></p>"
    return web.Response(
        text=html("Images", f"<main><h1>Images</h1>{images}{named}</main>"), content_type="text/html"
    )


async def _image(request: web.Request) -> web.Response:
    """A PNG that ends in its own name; `missing` is not there, `drawing` no picture that models take."""
    name = request.match_info["name"]
    if name == "missing":
        raise web.HTTPNotFound
    if name == "drawing":
        return web.Response(text="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml")
    size = 5_000_000 if name == "huge" else 0
    return web.Response(body=PIXEL + name.encode() + bytes(size), content_type="image/png")


ASSETS: tuple[Asset, ...] = (
    Asset("/captions", _page),
    Asset("/captions/image/{name}", _image),
)
