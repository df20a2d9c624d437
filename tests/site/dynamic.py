"""Pages that scripts write, finish, keep changing or try to break."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from tests.site.page import (
    ANY_STATE,
    PARTIAL,
    SHELL,
    Asset,
    Handler,
    Page,
    application,
    article,
    html,
    paragraphs,
    prose,
    script,
)
from tests.site.server import SITE, fill


def answer(delay: float = 0.0) -> Handler:
    """JSON after `delay` seconds: ``{"step": n, "mark": "marker-step-n"}``."""

    async def respond(request: web.Request) -> web.Response:
        await asyncio.sleep(delay)
        step = request.match_info.get("step", "0")
        return web.json_response({"step": int(step), "mark": f"marker-step-{step}"})

    return respond


async def never(_: web.Request) -> web.Response:
    """A long poll that nothing ever answers."""
    await asyncio.sleep(3600)
    return web.Response()


async def socket(request: web.Request) -> web.WebSocketResponse:
    """A websocket that says one thing and stays open."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.send_str("marker-socket-message")
    async for _ in ws:
        pass
    return ws


async def events(request: web.Request) -> web.StreamResponse:
    """An event stream that says one thing and stays open."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"data: marker-event-message\n\n")
    await asyncio.sleep(3600)
    return response


async def megabyte(request: web.Request) -> web.StreamResponse:
    """A body that a page asks for and does not read."""
    return web.Response(body=b"x" * 1_000_000, content_type="text/plain")


TICKER = article(
    "Infinite ticker",
    paragraphs("ticker", 5, "marker-ticker-article") + '<p>Price: <span id="price">0</span></p>',
    "ticker",
)
CLASS_STORM = article("Class storm", paragraphs("storm", 5, "marker-storm"), "class-storm")
LOOP = article("A script that never ends", paragraphs("loop", 5, "marker-before-loop"), "loop")
HOG = article("A script that eats memory", paragraphs("hog", 5, "marker-before-hog"), "memory-hog")
RELOAD = article("Reloads for ever", paragraphs("reload", 4, "marker-reload"), "reload")
FORMS_BODY = (
    f'<div id="app"><h1>Forms</h1>{paragraphs("forms", 3, "marker-forms")}</div>'
    '<form><textarea id="area">old text</textarea><select id="pick">'
    '<option value="a">marker-first</option><option value="b">marker-second</option></select></form>'
    "<details open><summary>Opened</summary><p>marker-details-open</p></details>"
)

AUTO_FORM = html(
    "A form that sends itself",
    '<form method="post" action="/form-target"><input name="name" value="itself"></form>'
    "<script>document.forms[0].submit()</script>",
)
META_REFRESH = html(
    "Moving on", "<p>Moving on from here.</p>", '<meta http-equiv="refresh" content="0; url=/moved-here">'
)
SCRIPT_REDIRECT = html(
    "Moving on", "<p>Moving on from here.</p><script>location.replace('/moved-here')</script>"
)


class Gate:
    """JSON that says "not ready" until some time after it was first asked, for each query."""

    def __init__(self, closed_s: float) -> None:
        self._closed_s = closed_s
        self._first: dict[str, float] = {}

    async def answer(self, request: web.Request) -> web.Response:
        """How it stands."""
        now = asyncio.get_running_loop().time()
        since = self._first.setdefault(request.query_string, now)
        return web.json_response({"ready": now - since >= self._closed_s})


async def cookie_wall(request: web.Request) -> web.Response:
    """A page for those who come back with the cookie that its script sets."""
    if request.cookies.get("human") == "yes":
        body = article("Behind the wall", paragraphs("wall", 4, "marker-behind-wall"))
    else:
        body = application("Wall", script("cookie-wall"))
    return web.Response(text=body, content_type="text/html")


async def posted(request: web.Request) -> web.Response:
    """What a form that sends itself is answered with."""
    name = str((await request.post()).get("name", ""))
    page = article("Posted", paragraphs("posted", 4, f"marker-posted-{name}"))
    return web.Response(text=page, content_type="text/html")


async def frame(request: web.Request) -> web.Response:
    """Frame `n` of four, each of the other origin than the one around it."""
    n = int(request.path.rpartition("/")[2])
    # Frames alternate, so that each is of another origin than the one around it.
    origins = ("{{other}}", "{{origin}}")
    inner = f'<iframe src="{origins[n % 2]}/frame/{n + 1}"></iframe>' if n < 4 else ""
    page = html(f"Frame {n}", f"<h2>Frame {n}</h2>{paragraphs(f'frame-{n}', 2, f'marker-frame-{n}')}{inner}")
    return web.Response(text=fill(page, request.app[SITE]), content_type="text/html")


FRAME_MARKS = tuple(f"marker-frame-{n}" for n in range(5))
SRCDOC = html(
    "Inline frame",
    paragraphs("srcdoc", 3, "marker-outside")
    + f'<iframe srcdoc="<p>marker-srcdoc {prose("srcdoc-inner")}</p>"></iframe>',
)

FRAMES = {"X-With-Iframe": "true"}
SHADOWS = {"X-With-Shadow-Dom": "true"}
PLACEHOLDER = ("Loading placeholder",)


def spa(name: str, title: str, *must: str, body: str = SHELL, **rest: Any) -> Page:
    """The page `/<name>`: an empty shell that `scripts/<name>.js` fills, or else shows its placeholder."""
    must_not = (*PLACEHOLDER, *rest.pop("must_not", ()))
    page = application(title, script(name), body)
    return Page(f"/{name}", page, must=must, must_not=must_not, **rest)


PAGES: tuple[Page, ...] = (
    spa("hydration", "Slow hydration", "# Hydrated", "marker-hydrated-late"),
    spa("chain", "Chained fetches", *(f"marker-step-{n}" for n in range(6))),
    spa("text-nodes", "Text nodes only", "marker-count-20"),
    spa("router", "Client-side routing", "Routed to /router/inner", "marker-step-7"),
    Page("/ticker", TICKER, must=("marker-ticker-article", "points")),
    Page("/class-storm", CLASS_STORM, must=("marker-storm",)),
    spa(
        "growing",
        "It never ends",
        "marker-growing-start",
        "grown-3",
        headers={"X-Timeout": "4"},
        states=PARTIAL,
        reason="still_changing",
    ),
    spa("long-poll", "Long poll", "marker-poll", states=frozenset({"complete", "partial"})),
    spa("websocket", "Websocket", "marker-socket", "marker-socket-message"),
    spa("event-source", "Event source", "marker-events", "marker-event-message"),
    spa("unread-fetch", "Unread answer", "marker-unread 200"),
    spa("animated", "Frame by frame", "marker-raf-end", "frame 29"),
    spa("timers", "Timers", "marker-timer-0", "marker-timer-7"),
    spa("dialogs", "Dialogs", "marker-dialogs false null"),
    spa("popups", "Popups", "marker-popups"),
    spa("downloads", "Downloads", "marker-downloads"),
    # Their scripts never touch the document: without a word on the engine nobody would run them.
    Page(
        "/loop",
        LOOP,
        must=("marker-before-loop",),
        headers={"X-Timeout": "6", "X-Engine": "browser"},
        states=PARTIAL,
    ),
    Page(
        "/memory-hog",
        HOG,
        must=("marker-before-hog",),
        headers={"X-Timeout": "15", "X-Engine": "browser"},
        states=PARTIAL,
    ),
    spa("lazy", "Lazy list", "marker-lazy-0"),
    spa("slow-api", "Slow interface", "marker-step-3"),
    spa("worker", "From a worker", "marker-from-worker"),
    spa("animation", "After an animation", "marker-animated"),
    spa("polling", "Polling", "marker-ready"),
    spa("race", "Against a timeout", "marker-race-won", must_not=("marker-race-lost",)),
    spa("idle", "When idle", "marker-idle"),
    spa("rewritten", "Before", "marker-rewritten"),
    spa("closing", "Closes itself", "marker-closing"),
    spa("escape", "Reaches out", "marker-escape"),
    Page("/cookie-wall", cookie_wall, must=("marker-behind-wall",), requests=2),
    Page("/auto-form", AUTO_FORM, must=("marker-posted-itself",)),
    spa(
        "forms",
        "Forms",
        "marker-forms",
        "marker-typed-area",
        "marker-second",
        "marker-details-open",
        body=FORMS_BODY,
        must_not=("old text",),
    ),
    spa(
        "shadow",
        "Shadow roots",
        "marker-light",
        "marker-open-shadow",
        "marker-slotted-light",
        "marker-closed-shadow",
        "marker-nested-shadow",
        headers=SHADOWS,
    ),
    Page(
        "/reload",
        RELOAD,
        must=("marker-reload",),
        headers={"X-Timeout": "7"},
        states=ANY_STATE,
        requests=None,
    ),
    Page("/meta-refresh", META_REFRESH, must=("marker-moved",)),
    Page("/script-redirect", SCRIPT_REDIRECT, must=("marker-moved",)),
    Page("/frame/0", frame, must=FRAME_MARKS, headers=FRAMES),
    Page("/frame-srcdoc", SRCDOC, must=("marker-outside", "marker-srcdoc"), headers=FRAMES),
    spa("frame-late", "Late frame", "marker-late-outside", "marker-frame-4", headers=FRAMES),
)

ASSETS: tuple[Asset, ...] = (
    Asset("/step/{step}", answer(0.12)),
    Asset("/slow-step/{step}", answer(2.4)),
    Asset("/ready", Gate(1.0).answer),
    Asset("/form-target", posted, method="POST"),
    Asset("/canary", html("Canary", "<p>marker-canary</p>")),
    Asset("/never", never),
    Asset("/socket", socket),
    Asset("/events", events),
    Asset("/megabyte", megabyte),
    Asset("/popup-target", html("Popup", "<p>popup-content</p>")),
    Asset("/frame/{n:[1-4]}", frame),
    Asset("/router/inner", html("Inner", "<p>never asked for</p>")),
    Asset("/moved-here", article("Moved", paragraphs("moved", 4, "marker-moved"))),
)
