"""Pages that are all there in their HTML, in more and less friendly ways."""

from __future__ import annotations

from aiohttp import web

from tests.site.page import ANY_STATE, Handler, Page, article, html, paragraphs, prose

ARTICLE = article(
    "The harbour in winter",
    paragraphs("article", 8, "marker-article-end")
    + "<h2>Figures</h2><table><tr><th>Year</th><th>Ships</th></tr>"
    + "<tr><td>1911</td><td>marker-cell</td></tr></table>"
    + '<pre><code class="language-python">print("marker-code")</code></pre>'
    + '<ul><li>first marker-item</li></ul><p>See the <a href="/ledger">harbour ledger</a>.</p>',
    "analytics",
    head='<meta name="description" content="On a harbour."><script>window.theme = "light";</script>',
)


def _large() -> str:
    """About 2 MB of article."""
    parts = [f"<h2>Chapter {n}</h2>{paragraphs(n, 40, f'marker-chapter-{n}')}" for n in range(110)]
    return article("A long chronicle", "\n".join(parts))


def _elements() -> str:
    """12,000 elements, few words each."""
    rows = "".join(
        f"<tr><td>row {n}</td><td><b>cell</b></td><td>marker-row-{n}</td></tr>" for n in range(2400)
    )
    return article("Many rows", f"<table><tr><th>No</th><th>What</th><th>Mark</th></tr>{rows}</table>")


DEPTH = 1500
DEEP = html("Deep", "<div>" * DEPTH + "<p>marker-deep " + prose("deep") + "</p>" + "</div>" * DEPTH)

NOSCRIPT = html(
    "Without scripts",
    "<div id=app></div><noscript><h1>Without scripts</h1>"
    + paragraphs("noscript", 4, "marker-noscript")
    + "</noscript><script>void 0</script>",
)

HIDDEN = article(
    "Seen and unseen",
    paragraphs("seen", 4, "marker-seen")
    + '<div class="away"><p>marker-hidden '
    + prose("unseen")
    + "</p></div>",
    head="<style>.away { display: none }</style>",
)

DECLARATIVE_SHADOW = article(
    "Declared shadow",
    paragraphs("light", 3, "marker-light")
    + '<div><template shadowrootmode="open"><p>marker-declared-shadow</p><slot></slot></template>'
    + "<p>marker-slotted</p></div>",
)


def _encoded(charset: str | None, encoding: str, text: str, meta: str = "") -> Handler:
    """A page whose bytes are in `encoding`, whatever its header field and `<meta>` say."""
    body = f"<!doctype html><html><head>{meta}<title>Text</title></head><body><article><h1>Text</h1>" + (
        f"<p>{text}</p>" * 4 + "</article></body></html>"
    )

    async def respond(_: web.Request) -> web.Response:
        kind = "text/html" + (f"; charset={charset}" if charset else "")
        return web.Response(body=body.encode(encoding), headers={"Content-Type": kind})

    return respond


FRENCH = "La crème brûlée de la forêt coûte très cher près du château, dit-elle, « marker-french »."
JAPANESE = "日本語の文章はここに続きます。港の冬はとても静かで、船は朝早くに出て行きます。"
CHINESE = "港口的冬天非常安静。船只清晨出发。人们在市场上谈论天气和收成。"
POLISH = "Zażółć gęślą jaźń, powiedziała królowa źdźbła łąki."
RUSSIAN = "Зимой гавань тиха, и корабли уходят рано утром, пока город спит."


def _encodings() -> tuple[Page, ...]:
    def entry(name: str, serve: Handler, must: str) -> Page:
        return Page(f"/encoding/{name}", serve, must=(must,), must_not=("\ufffd",), static=True)

    gb2312 = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    return (
        entry("windows-1252-as-utf-8", _encoded("utf-8", "windows-1252", FRENCH), "crème brûlée"),
        entry("shift-jis", _encoded(None, "shift_jis", JAPANESE, "<meta charset=shift_jis>"), JAPANESE[:14]),
        entry("utf-16-bom", _encoded(None, "utf-16", RUSSIAN), "корабли уходят"),
        entry("gb2312", _encoded(None, "gb18030", CHINESE, gb2312), CHINESE[:10]),
        entry("header-wins", _encoded("iso-8859-2", "iso-8859-2", POLISH, "<meta charset=utf-8>"), "Zażółć"),
        entry("utf-8-undeclared", _encoded(None, "utf-8", RUSSIAN), "корабли уходят"),
        entry("koi8-r", _encoded("koi8-r", "koi8-r", RUSSIAN), "корабли уходят"),
    )


PAGES: tuple[Page, ...] = (
    Page(
        "/article",
        ARTICLE,
        must=(
            "# The harbour in winter",
            "marker-article-end",
            "marker-cell",
            "marker-code",
            "harbour ledger",
        ),
        must_not=("analytics", "theme"),
        static=True,
    ),
    Page(
        "/large",
        _large(),
        must=("marker-chapter-0", "marker-chapter-55", "marker-chapter-109"),
        static=True,
    ),
    Page("/elements", _elements(), must=("marker-row-0", "marker-row-1200", "marker-row-2399"), static=True),
    Page("/deep", DEEP, must=("marker-deep",), static=True),
    Page("/noscript", NOSCRIPT, must=("marker-noscript",), static=True),
    # What a style sheet hides, only a browser knows.
    Page(
        "/hidden",
        HIDDEN,
        must=("marker-seen",),
        must_not=("marker-hidden",),
        headers={"X-Engine": "browser"},
    ),
    Page(
        "/shadow/declared",
        DECLARATIVE_SHADOW,
        must=("marker-light", "marker-declared-shadow", "marker-slotted"),
        headers={"X-With-Shadow-Dom": "true"},
    ),
    Page("/empty", "", states=ANY_STATE),
    Page("/blank", html("", ""), states=ANY_STATE),
    *_encodings(),
)
