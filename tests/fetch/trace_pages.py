"""Pages made to try the settle rule: each does one thing that real pages do, and ends by showing END."""

# ruff: noqa: E501 (a page's script reads best in one line)

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.site.page import Asset, Handler, Page

END = "marker-end"
LONG = "A sentence that makes this page long enough not to look like a page that is still empty. " * 3


def _page(name: str, script: str, body: str = "", *, must: tuple[str, ...] = (END,)) -> Page:
    html = f"<!doctype html><title>{name}</title><p>{LONG}</p><main id=app>{body}</main><script>{script}</script>"
    return Page(f"/trace/{name}", html, must=must)


def _slow(seconds: float, text: str = "answer") -> Handler:
    async def respond(_: web.Request) -> web.Response:
        await asyncio.sleep(seconds)
        return web.Response(text=text)

    return respond


TEXT = "app.append(document.createTextNode"
PAGES: tuple[Page, ...] = (
    Page("/trace/static", f"<!doctype html><title>static</title><p>{LONG} {END}</p>", must=(END,)),
    _page("at-once", f"app.textContent = '{END}'"),
    _page("on-load", f"addEventListener('load', () => {{ app.textContent = '{END}' }})"),
    _page("hydrates-300", f"setTimeout(() => {{ app.innerHTML = '<p>{END}</p>' }}, 300)"),
    _page(
        "three-fetches",
        f"(async () => {{ for (let n = 0; n < 3; n++) {{ const r = await fetch('/trace/api/150?' + n);"
        f" app.append(await r.text()) }} app.append('{END}') }})()",
    ),
    _page(
        "fetch-then-render-200",
        f"fetch('/trace/api/150').then(r => r.text()).then(() => setTimeout(() => app.append('{END}'), 200))",
    ),
    _page("slow-api-1500", f"fetch('/trace/api/1500').then(r => r.text()).then(() => app.append('{END}'))"),
    Page(
        "/trace/thin-slow-api-3000",
        "<!doctype html><title>thin</title><main id=app>Loading…</main><script>fetch('/trace/api/3000')"
        f".then(r => r.text()).then(() => {{ app.textContent = '{END}' }})</script>",
        must=(END,),
    ),
    _page("unread-body", f"fetch('/trace/megabyte').then(r => app.append(r.status + '{END}'))"),
    _page("long-poll", f"app.append('{END}'); fetch('/trace/api/60000')"),
    _page(
        "poll-every-second",
        f"app.append('{END}'); setInterval(() => fetch('/trace/api/20').then(r => r.text()), 1000)",
    ),
    _page(
        "clock",
        f"app.append('{END}'); setInterval(() => {{ time.textContent = Date.now() }}, 1000)",
        "<p id=time>",
    ),
    _page(
        "ticker-10-per-second",
        f"app.append('{END}'); setInterval(() => {{ time.textContent = Date.now() }}, 100)",
        "<p id=time>",
    ),
    _page(
        "spinner-for-ever",
        f"app.append('{END}'); let n = 0; setInterval(() => {{ dot.style.transform = `rotate(${{n += 9}}deg)` }}, 16)",
        "<div id=dot>*</div>",
    ),
    _page(
        "carousel",
        f"app.append('{END}'); let n = 0; setInterval(() => {{ show.innerHTML = `<b>Slide ${{n = (n + 1) % 3}}</b>` }}, 900)",
        "<div id=show><b>Slide 0</b></div>",
    ),
    _page(
        "marquee",
        f"app.append('{END}'); setInterval(() => {{ row.append(row.firstElementChild) }}, 200)",
        "<div id=row><i>a</i><i>b</i><i>c</i></div>",
    ),
    _page(
        "typing-20-per-second",
        "let n = 0; const t = setInterval(() => { said.textContent += ' word';"
        f" if (++n === 40) {{ clearInterval(t); said.textContent += ' {END}' }} }}, 50)",
        "<p id=said></p>",
    ),
    _page(
        "chat-rerendered",
        "let s = ''; let n = 0; const t = setInterval(() => { s += ' word'; said.innerHTML = `<p>${s}</p>`;"
        f" if (++n === 40) {{ clearInterval(t); said.innerHTML = `<p>${{s}} {END}</p>` }} }}, 50)",
        "<div id=said></div>",
    ),
    _page(
        "timers-400-apart",
        f"let n = 0; (function f() {{ app.append('step ' + n); if (n++ < 5) setTimeout(f, 400); else app.append('{END}') }})()",
    ),
    _page(
        "timers-700-apart",
        f"let n = 0; (function f() {{ app.append('step ' + n); if (n++ < 4) setTimeout(f, 700); else app.append('{END}') }})()",
    ),
    _page("late-1200", f"setTimeout(() => app.append('{END}'), 1200)"),
    _page(
        "reveal-by-class",
        "setTimeout(() => app.classList.remove('away'), 250)",
        f"<style>.away p {{ display: none }}</style><p>{END}</p>",
    ),
    _page(
        "images",
        f"app.append('{END}')",
        "".join(f"<img src='/trace/api/{200 + 100 * n}?{n}'>" for n in range(10)),
    ),
    _page(
        "lazy-chunks",
        "const load = (n) => { const s = document.createElement('script'); s.src = '/trace/chunk/' + n;"
        " document.head.append(s) }; window.next = (n) => { app.append('chunk ' + n);"
        f" n < 3 ? load(n + 1) : app.append('{END}') }}; load(0)",
    ),
    _page(
        "websocket-feed",
        "const s = new WebSocket(location.origin.replace('http', 'ws') + '/trace/socket');"
        f" s.onmessage = e => {{ feed.textContent = e.data }}; app.append('{END}')",
        "<p id=feed></p>",
    ),
    _page(
        "event-stream-by-fetch",
        "fetch('/trace/events').then(async r => { const d = r.body.getReader(); for (;;) { const x = await d.read();"
        f" if (x.done) break; feed.textContent = x.value.length }} }}); app.append('{END}')",
        "<p id=feed></p>",
    ),
    _page(
        "frames-of-animation",
        f"let n = 0; requestAnimationFrame(function f() {{ app.append(' frame'); if (++n < 30) requestAnimationFrame(f); else app.append('{END}') }})",
    ),
    _page(
        "push-state",
        f"setTimeout(() => {{ history.pushState(0, '', '/trace/other'); app.innerHTML = '<p>{END}</p>' }}, 200)",
    ),
    _page(
        "beacons",
        f"app.append('{END}'); setInterval(() => navigator.sendBeacon('/trace/api/10'), 300)",
    ),
)


async def _socket(request: web.Request) -> web.WebSocketResponse:
    """Says something ten times a second."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    for n in range(600):
        await ws.send_str(f"message {n % 10}")
        await asyncio.sleep(0.1)
    return ws


async def _events(request: web.Request) -> web.StreamResponse:
    """An event stream that is read by fetch."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for _ in range(600):
        await response.write(b"data: x\n\n")
        await asyncio.sleep(0.1)
    return response


async def _api(request: web.Request) -> web.Response:
    """Answers after as many milliseconds as its path says."""
    return await _slow(int(request.match_info["ms"]) / 1000)(request)  # type: ignore[return-value]


async def _chunk(request: web.Request) -> web.Response:
    """A script that asks for the next one."""
    await asyncio.sleep(0.1)
    return web.Response(text=f"next({request.match_info['n']})", content_type="text/javascript")


async def _megabyte(_: web.Request) -> web.Response:
    """More than fits into any buffer on the way: whoever does not read it never sees its end."""
    return web.Response(body=bytes(1 << 20))


ASSETS: tuple[Asset, ...] = (
    Asset("/trace/api/{ms}", _api),
    Asset("/trace/chunk/{n}", _chunk),
    Asset("/trace/megabyte", _megabyte),
    Asset("/trace/socket", _socket),
    Asset("/trace/events", _events),
)
