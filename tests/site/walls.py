"""Pages with something before their content: challenges, forms to sign in, paywalls, consent."""

from __future__ import annotations

from aiohttp import web

from tests.site.page import Asset, html, paragraphs, prose

SOLVED = html(
    "Harbour news",
    f"<main><article><h1>Harbour news</h1>{paragraphs('walls', 6, 'marker-solved')}</article></main>",
)
CHALLENGE = html(
    "Just a moment...",
    "<h1>127.0.0.1</h1><h2>Verifying you are human. This may take a few seconds.</h2>"
    "<script>window._cf_chl_opt = {cvId: '3'}; %s</script>",
)
SIGN_IN = html(
    "Sign in",
    "<main><h1>Sign in</h1><form action='/walls/session' method='post'><input name='user'>"
    "<input type='password' name='pass'><button>Sign in</button></form></main>",
)
CUT = html(
    "Harbour news",
    f"<main><article><h1>Harbour news</h1><p>{prose('cut')} marker-teaser</p></article>"
    "<div class='article-paywall'><h3>Subscribe to continue reading</h3></div></main>",
)
CONSENT = html(
    "Before you continue",
    "<div id='sp_message_container_1'><h1>We value your privacy</h1><p>We and our 812 partners store and "
    "access personal data, like cookies, on your device.</p>"
    "<button>Accept all</button><button>Reject</button></div>",
)


async def _solvable(request: web.Request) -> web.Response:
    """A challenge that a browser solves: its script sets a cookie and comes again 3 s later."""
    if request.cookies.get("cleared") == "yes":
        return web.Response(text=SOLVED, content_type="text/html")
    solve = "setTimeout(() => { document.cookie = 'cleared=yes'; location.reload() }, 3000)"
    return web.Response(text=CHALLENGE % solve, content_type="text/html", status=403)


async def _unsolvable(_: web.Request) -> web.Response:
    return web.Response(text=CHALLENGE % "", content_type="text/html", status=403)


async def _members(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"/walls/login?next={request.path}"})


ASSETS: tuple[Asset, ...] = (
    Asset("/walls/solvable", _solvable),
    Asset("/walls/unsolvable", _unsolvable),
    Asset("/walls/members", _members),
    Asset("/walls/login", SIGN_IN),
    Asset("/walls/cut", CUT),
    Asset("/walls/consent", CONSENT),
)
