"""The table: options, values, and what a reader sees of them.

A row is read with the whole page's markdown unless it says otherwise; `has` and `hasnt` are texts that the
field `field` of the document must and must not have. `source` is HTML, or a path of the test site.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

TRUE = (True, "true", "1", "yes", "on", "TRUE", "Yes", 1)
FALSE = (False, "false", "0", "no", "off", "FALSE", "Off", 0)

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
STYLES = (
    "<h1>One</h1><h2>Two</h2><hr><ul><li>item</li></ul><p><em>soft</em> <strong>hard</strong> "
    "<a href='http://a.example/x'>here</a></p><h3>Three</h3><p>end</p>"
)
TABLE = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><del>2</del></td></tr></table>"
LINKS = (
    "<p><a href='http://a.example/1'>one</a> and <a href='http://b.example/2'>two</a> "
    "and <a href='http://a.example/1'>again</a></p>"
)
IMAGES = f"<p>see <img src='http://i.example/a.png' alt='first'> <img src='{PIXEL}' alt='inline'></p>"
PARTS = "<nav>the menu</nav><main><p class=a>alpha</p><p class=b>beta</p><p class=c>gamma</p></main>"
LATE = "<p>early</p><script>setTimeout(() => document.body.append('later'), 400)</script>"
BROWSER = {"engine": "browser"}
RAN = "<p id=x>still</p><script>x.textContent = 'ran'</script>"
FRAME = "<p>outer</p><iframe srcdoc='<p>inner</p>'></iframe>"
SHADOW = (
    "<p>light</p><div id=h></div><script>h.attachShadow({mode: 'closed'}).innerHTML = '<p>dark</p>'</script>"
)
WALL = "<main><p>" + "word " * 60 + "</p></main><div class='cookie-consent'><p>We use cookies</p></div>"
SEEN = (
    "<meta name=viewport content='width=device-width'><p id=x></p><script>x.textContent = 'w' + innerWidth + "
    "' h' + innerHeight + ' d' + devicePixelRatio + ' t' + navigator.maxTouchPoints + ' ' + "
    "screen.orientation.type + ' s' + screen.width + ' ' + navigator.languages.join('/') + ' ' + "
    "navigator.userAgent</script>"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One option with one value."""

    option: str
    value: object
    source: str
    has: tuple[str, ...] = ()
    hasnt: tuple[str, ...] = ()
    field: str = "markdown"
    others: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    reason: str | None = None

    @property
    def name(self) -> str:
        """For test ids."""
        return f"{self.option}={self.value!r}"[:60]

    def body(self, origin: str) -> dict[str, Any]:
        """The body fields besides the option."""
        page = {"url": origin + self.source} if self.source.startswith("/") else {"html": self.source}
        return {"respondWith": "markdown", **page, **self.others}


def flags(option: str, source: str, on: str, off: str, **more: Any) -> tuple[Row, ...]:
    """A boolean in all its spellings: `on` is seen when it is true and `off` when it is false."""
    rows = [Row(option, value, source, (on,), () if not off else (off,), **more) for value in TRUE]
    has = (off,) if off else ()
    return (*rows, *(Row(option, value, source, has, (on,), **more) for value in FALSE))


def styles(option: str, source: str, seen: Mapping[object, str], **more: Any) -> tuple[Row, ...]:
    """An enumeration whose values are told apart by a text each."""
    return tuple(Row(option, value, source, (text,), **more) for value, text in seen.items())


FORMATS = tuple(
    Row("respondWith", value, PARTS, has, hasnt, name)
    for value, name, has, hasnt in (
        ("content", "content", ("alpha",), ("<p",)),
        ("markdown", "markdown", ("alpha", "the menu"), ("<p",)),
        ("html", "html", ("<p class=a>alpha",), ()),
        ("text", "text", ("alpha", "the menu"), ("<p",)),
        ("screenshot", "screenshotUrl", ("/v1/shots/",), ()),
        ("pageshot", "pageshotUrl", ("/v1/shots/",), ()),
        ("html+text", "text", ("alpha",), ()),
        ("text,html", "html", ("<p class=a>",), ()),
        ("CONTENT", "content", ("alpha",), ()),
        ("content,screenshot", "screenshotUrl", ("/v1/shots/",), ()),
    )
)

PAGE = (
    Row("engine", "auto", "/hydration", ("marker-hydrated-late",)),
    Row("engine", "auto", RAN, ("still",)),
    Row("engine", "browser", RAN, ("ran",)),
    *(Row("engine", value, RAN, ("still",)) for value in ("http", "curl", "direct", "Direct")),
    *(Row("engine", value, "/hydration", (), ("marker-hydrated",)) for value in ("http", "curl", "direct")),
    *(
        Row("timeout", value, "/hang-body", ("marker-first-half",), reason="timeout")
        for value in (1, "1.5", 1.0)
    ),
    *(Row("timeout", value, PARTS, ("alpha",)) for value in (180, "180", 179.9, "30")),
    Row("respondTiming", "html", LATE.replace("400", "9000"), ("early",), ("later",), others=BROWSER),
    Row("respondTiming", "visible-content", RAN, ("ran",)),
    Row("respondTiming", "mutation-idle", LATE, ("early", "later")),
    Row("respondTiming", "resource-idle", "/chain", ("marker-step-5",)),
    Row("respondTiming", "media-idle", "/chain", ("marker-step-5",)),
    Row("respondTiming", "network-idle", "/chain", ("marker-step-5",)),
    Row("targetSelector", ".b", PARTS, ("beta",), ("alpha", "gamma")),
    Row("targetSelector", ".c, .a", PARTS, ("alpha\n\ngamma",), ("beta",)),
    Row("targetSelector", [".c", ".a"], PARTS, ("alpha\n\ngamma",), ("beta",)),
    Row(
        "waitForSelector",
        "#late",
        LATE.replace(
            "'later'", "Object.assign(document.createElement('b'), {id: 'late', textContent: 'later'})"
        ),
        ("later",),
    ),
    Row(
        "waitForSelector",
        ["p", "#never"],
        LATE,
        ("early",),
        others={"timeout": 6},
        reason="selector_not_found",
    ),
    Row(
        "waitForSelector", "#never", PARTS, ("alpha",), others={"engine": "http"}, reason="selector_not_found"
    ),
    Row("waitForSelector", ".a", PARTS, ("alpha",), others={"engine": "http"}),
    Row("removeSelector", ".b, nav", PARTS, ("alpha", "gamma"), ("beta", "menu")),
    Row("removeSelector", [".b", "nav"], PARTS, ("alpha", "gamma"), ("beta", "menu")),
    *flags("withShadowDom", SHADOW, "dark", ""),
    *flags("withIframe", FRAME, "inner", ""),
    Row("withIframe", "quoted", FRAME, ("outer", "> inner")),
    Row("withIframe", "Quoted", FRAME, ("> inner",)),
    *(
        Row("removeOverlay", value, WALL, ("word",), ("cookies",) if value in TRUE else ())
        for value in (*TRUE, *FALSE)
    ),
    Row("removeOverlay", True, WALL, ("word",), ("cookies",), "text", {"respondWith": "text"}),
    Row("removeOverlay", True, WALL, ("word",), ("cookies",), "html", {"respondWith": "html"}),
)

CITED = "【1†one†a.example】 and 【2†two†b.example】 and 【3†again†a.example】"
WRITING = (
    *styles(
        "retainImages",
        IMAGES,
        {"all": "![Image 1: first](http://i.example/a.png)", "none": "see", "alt": "(Image 1: first)"},
    ),
    Row("retainImages", "none", IMAGES, ("see",), ("Image", "first")),
    Row("retainImages", "alt", IMAGES, (), ("http",)),
    *styles("retainLinks", LINKS, {"all": "[one](http://a.example/1)", "text": "one and two and again"}),
    Row("retainLinks", "none", LINKS, ("and",), ("one", "http")),
    Row("retainLinks", "gpt-oss", LINKS, (CITED,), ("http",)),
    *flags("withImagesSummary", IMAGES, "Image 1: first", "", field="images"),
    *flags("withLinksSummary", LINKS, "http://a.example/1", "", field="links"),
    Row("withLinksSummary", True, LINKS, ("one", "two"), ("again",), "links"),
    Row("withLinksSummary", "all", LINKS, ("one", "two", "again"), (), "links"),
    *flags("keepImgDataUrl", IMAGES, f"![Image 2: inline]({PIXEL})", ""),
    *flags("noGfm", TABLE, "<del>2</del>", "| a | b |"),
    Row("noGfm", "table", TABLE + "<p><s>old</s></p>", ("<table>", "~~old~~"), ("|",)),
    *styles("markdown.headingStyle", STYLES, {"atx": "# One\n\n## Two", "setext": "One\n===\n\nTwo\n---"}),
    *styles("markdown.hr", STYLES, {hr: f"\n\n{hr}\n\n" for hr in ("* * *", "---", "***", "___", "- - -")}),
    *styles("markdown.bulletListMarker", STYLES, {mark: f"\n{mark} item" for mark in "-+*"}),
    *styles("markdown.emDelimiter", STYLES, {mark: f"{mark}soft{mark} " for mark in "_*"}),
    *styles("markdown.strongDelimiter", STYLES, {mark: f" {mark}hard{mark} " for mark in ("**", "__")}),
    *styles("markdown.linkStyle", STYLES, {"inlined": "[here](http://a.example/x)", "discarded": "** here"}),
    Row("markdown.linkStyle", "referenced", STYLES, ("[here][1]", "[1]: http://a.example/x")),
    *styles(
        "markdown.linkReferenceStyle",
        STYLES,
        {
            "full": "[here][1]\n\n### Three\n\nend\n\n[1]: http",
            "collapsed": "[here][]\n\n### Three\n\nend\n\n[here]: http",
            "shortcut": "[here]\n\n### Three\n\nend\n\n[here]: http",
        },
        others={"markdown": {"linkStyle": "referenced"}},
    ),
)

HEADINGS = "".join(f"<h{n}>T{n}</h{n}><p>p{n}</p>" for n in range(1, 7))
CHUNKS: Mapping[object, int] = {
    True: 3,
    "true": 3,
    "structured": 3,
    **{f"{k}{n}": n for k in "hs" for n in range(1, 6)},
}
"""Values of markdownChunking: how many chunks six headings of falling level give."""

AGENT = "Marker-Agent/1.0"
ASKING = (
    Row("setCookies", "a=1; Path=/", "/echo", ("cookie a = 1",)),
    Row("setCookies", ["a=1", "b=2; HttpOnly"], "/echo", ("cookie a = 1", "cookie b = 2")),
    Row("userAgent", AGENT, "/echo", (f"User-Agent = {AGENT}",)),
    Row("userAgent", AGENT, SEEN, (AGENT,), others={"engine": "browser"}),
    Row("locale", "de-AT", "/echo", ("Accept-Language = de-AT",)),
    Row("locale", "pt_BR", SEEN, ("pt-BR",), others={"engine": "browser"}),
    Row("referer", "https://from.example/page", "/echo", ("Referer = https://from.example/page",)),
    Row("customHeader", {"X-Custom": "mine"}, "/echo", ("X-Custom = mine",)),
    Row("viewport", {"width": 500, "height": 400}, SEEN, ("w500 h400 d1 t0",)),
    Row("viewport", {"width": 500, "deviceScaleFactor": 2}, SEEN, ("w500 h800 d2",)),
    Row("viewport", {"width": 1, "height": 1}, SEEN, ("w1 h1",)),
    Row("viewport", {"width": 4096, "height": 8192}, SEEN, ("w4096 h8192",)),
    Row("viewport", {"width": 500, "isMobile": True}, SEEN, ("w500", "s500")),
    Row("viewport", {"isLandscape": "yes"}, SEEN, ("landscape-primary",)),
    Row("viewport", {"isLandscape": False}, SEEN, ("portrait-primary",)),
    Row("viewport", {"hasTouch": True}, SEEN, ("t1",)),
    Row("base", "final", "/options/moved", ("localhost", "/options/far/next)")),
    Row("base", "initial", "/options/moved", ("127.0.0.1", "/options/next)")),
    Row("stopWhen", "stability >= 0.1", "/slow-api", (), ("marker-step-3",), reason="stopped_by_client"),
    *(
        Row("stopWhen", value, "/growing", ("marker-growing-start",), reason="stopped_by_client")
        for value in ("text:GROWN-1", "selector:#app p:nth-of-type(3)", "tokens>=20")
    ),
)

ROWS: tuple[Row, ...] = (*FORMATS, *PAGE, *WRITING, *ASKING)
