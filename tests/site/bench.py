"""Numbered pages for benchmarks: any count of different ones of the same shape."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web

from tests.site.page import Asset, application, article, paragraphs


async def small(request: web.Request) -> web.Response:
    """A server-rendered page of some 4 kB with a script that does nothing to it."""
    n = request.match_info["n"]
    body = article(f"Small page {n}", paragraphs(f"small-{n}", 6, f"marker-small-{n}"), "analytics")
    return web.Response(text=body, content_type="text/html")


async def app(request: web.Request) -> web.Response:
    """A single-page application that fetches its text once."""
    n = request.match_info["n"]
    code = f"get('/bench/text/{n}').then((got) => {{ app.innerHTML = '<h1>App</h1>' + got.html }});"
    return web.Response(text=application(f"App {n}", code), content_type="text/html")


async def text(request: web.Request) -> web.Response:
    """The text of the application, after a server's usual 50 ms."""
    await asyncio.sleep(0.05)
    n = request.match_info["n"]
    return web.json_response({"html": paragraphs(f"app-{n}", 6, f"marker-app-{n}")})


async def large(request: web.Request) -> web.Response:
    """A server-rendered article of some 300 kB."""
    n = request.match_info["n"]
    parts = [f"<h2>Part {k}</h2>{paragraphs(f'{n}-{k}', 30, f'marker-part-{k}')}" for k in range(20)]
    return web.Response(text=article(f"Large page {n}", "".join(parts)), content_type="text/html")


async def open_end(request: web.Request) -> web.StreamResponse:
    """A page whose body stays open for ever after its first part: a read that is always under way."""
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
    await response.prepare(request)
    await response.write(article("Open end", paragraphs("open", 6, "marker-open")).encode())
    await asyncio.sleep(3600)
    return response


async def news(request: web.Request) -> web.StreamResponse:
    """A page that gets a paragraph every `every` ms, `count` times, and then stays open.

    The last word of each says when it was written, in µs of the machine's monotonic clock.
    """
    every_s, count = int(request.query["every"]) / 1000, int(request.query["count"])
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
    await response.prepare(request)
    head = "<!doctype html><title>News</title><main><article><h1>News</h1>"
    await response.write(f"{head}{paragraphs('news', 6, 'marker-news')}".encode())
    text = paragraphs("item", int(request.query.get("size", "1"))).removesuffix("</p>")
    for _ in range(count):
        await asyncio.sleep(every_s)
        await response.write(f"{text} at-{time.monotonic_ns() // 1000}</p>\n".encode())
    await asyncio.sleep(3600)
    return response


ASSETS: tuple[Asset, ...] = (
    Asset("/bench/small/{n}", small),
    Asset("/bench/app/{n}", app),
    Asset("/bench/text/{n}", text),
    Asset("/bench/large/{n}", large),
    Asset("/bench/open/{n}", open_end),
    Asset("/bench/news/{n}", news),
)
