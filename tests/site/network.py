"""Pages that arrive badly: slowly, in pieces, elsewhere, compressed, echoing, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import brotli
from aiohttp import web

from tests.site.page import ANY_STATE, PARTIAL, Asset, Handler, Page, article, paragraphs, prose
from tests.site.server import SITE, fill

HALF = article("Half a page", paragraphs("half", 6, "marker-first-half")).partition("</article>")[0]


async def _open(request: web.Request, **headers: str) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/html; charset=utf-8"}
        | {name.replace("_", "-"): value for name, value in headers.items()}
    )
    await response.prepare(request)
    return response


async def chunked(request: web.Request) -> web.StreamResponse:
    """Six pieces of one page, 200 ms between them."""
    response = await _open(request)
    await response.write(b"<!doctype html><title>In pieces</title><main><article><h1>In pieces</h1>")
    for n in range(6):
        await asyncio.sleep(0.2)
        await response.write(f"<p>{prose(f'piece-{n}')} marker-piece-{n}</p>".encode())
    await response.write(b"</article></main>")
    return response


async def hang_before(_: web.Request) -> web.Response:
    """Takes the request and never says a word."""
    await asyncio.sleep(3600)
    return web.Response()


async def hang_body(request: web.Request) -> web.StreamResponse:
    """Half a page, then silence on an open connection."""
    response = await _open(request)
    await response.write(HALF.encode())
    await asyncio.sleep(3600)
    return response


async def drip(request: web.Request) -> web.StreamResponse:
    """Half a page, then a byte every 50 ms for ever: no idle timeout ever fires."""
    response = await _open(request)
    await response.write(HALF.encode())
    while True:
        await response.write(b".")
        await asyncio.sleep(0.05)


async def reset(request: web.Request) -> web.Response:
    """Closes the connection hard before any answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def reset_body(request: web.Request) -> web.StreamResponse:
    """Closes the connection hard in the middle of the body."""
    response = await _open(request, Content_Length="100000")
    await response.write(HALF.encode())
    await asyncio.sleep(0.2)
    assert request.transport is not None
    request.transport.abort()
    return response


def encoded(coding: str, times: int = 1) -> Handler:
    """An article with `Content-Encoding`, `times` times over."""
    pack = {"gzip": gzip.compress, "br": brotli.compress, "deflate": zlib.compress}[coding]

    async def respond(_: web.Request) -> web.Response:
        body = article(f"Packed with {coding}", paragraphs(coding, 5, f"marker-{coding}")).encode()
        for _time in range(times):
            body = pack(body)
        headers = {"Content-Encoding": ", ".join([coding] * times), "Content-Type": "text/html"}
        return web.Response(body=body, headers=headers)

    return respond


async def bomb(_: web.Request) -> web.Response:
    """40 MB in about 200 kB: more than the service downloads."""
    body = gzip.compress(b"<p>" + b"0" * 40_000_000, 1)
    return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})


def redirect(to: str, status: int = 302, cookie: str | None = None) -> Handler:
    """Sends the reader on; ``{{other}}`` is the other origin."""

    async def respond(request: web.Request) -> web.Response:
        response = web.Response(
            status=status, headers={"Location": fill(to, request.app[SITE])}, text="moving"
        )
        if cookie:
            response.set_cookie("passed", cookie)
        return response

    return respond


async def echo(request: web.Request) -> web.Response:
    """A page that says which cookies and header fields it was asked with."""
    rows = [f"<li>cookie {name} = {value}</li>" for name, value in request.cookies.items()]
    shown = ("User-Agent", "Accept-Language", "Referer", "X-Custom")
    rows += [f"<li>{name} = {request.headers.get(name, '')}</li>" for name in shown]
    body = f"{paragraphs('echo', 2)}<ul>{''.join(rows)}</ul><p id=js></p>"
    return web.Response(text=article("Echo", body, "echo"), content_type="text/html")


def failing(status: int) -> Handler:
    """An error page with something to read."""

    async def respond(_: web.Request) -> web.Response:
        page = article(f"Error {status}", paragraphs(status, 3, f"marker-status-{status}"))
        return web.Response(status=status, text=page, content_type="text/html")

    return respond


SHORT = {"X-Timeout": "5"}

PAGES: tuple[Page, ...] = (
    Page(
        "/chunked",
        chunked,
        must=("marker-piece-0", "marker-piece-5"),
        static=True,
    ),
    Page("/hang-before", hang_before, headers=SHORT, answer=422),
    Page(
        "/hang-body", hang_body, must=("marker-first-half",), headers=SHORT, states=PARTIAL, reason="timeout"
    ),
    Page("/drip", drip, must=("marker-first-half",), headers=SHORT, states=PARTIAL, reason="timeout"),
    Page("/reset", reset, answer=422, requests=None),
    Page("/reset-body", reset_body, must=("marker-first-half",), states=PARTIAL, requests=None),
    *(
        Page(f"/packed/{coding}", encoded(coding), must=(f"marker-{coding}",), static=True)
        for coding in ("gzip", "br", "deflate")
    ),
    Page("/packed/twice", encoded("gzip", 2), answer=422, requests=None),
    Page("/packed/bomb", bomb, answer=413, states=ANY_STATE, requests=None),
    Page("/redirect/relative", redirect("../moved-here"), must=("marker-moved",), static=True),
    Page("/redirect/cross", redirect("{{other}}/moved-here", 301), must=("marker-moved",), static=True),
    Page("/redirect/cookie", redirect("/echo", 303, "sesame"), must=("cookie passed = sesame",)),
    Page("/redirect/loop", redirect("/redirect/loop"), answer=422, requests=None),
    Page("/redirect/file", redirect("file:///etc/passwd"), answer=451, requests=None),
    Page("/echo", echo, must=("# Echo", "Accept-Language =")),
    *(
        Page(f"/status/{code}", failing(code), must=(f"marker-status-{code}",), states=PARTIAL, static=True)
        for code in (404, 500, 503)
    ),
)

ASSETS: tuple[Asset, ...] = (
    Asset("/slow-image.png", hang_before),
    Asset("/redirect/forbidden", redirect("{{forbidden}}/canary")),
    Asset("/redirect/metadata", redirect("http://169.254.169.254/latest/meta-data/")),
)
