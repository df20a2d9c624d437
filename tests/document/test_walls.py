"""Walls and pages that only look like them, hand-written after what the real ones have in common."""

from __future__ import annotations

import json

import pytest

from reader_stream.document import render
from reader_stream.document.html import parse
from reader_stream.document.walls import Wall, find_wall
from reader_stream.model import Capture, Reason, RenderOptions

SENTENCE = "The ferry leaves the old harbour at seven and comes back with the evening tide, full of fish. "
ARTICLE = "<article><h1>The ferry</h1>" + f"<p>{SENTENCE * 4}</p>" * 8 + "</article>"
SHORT = f"<article><h1>The ferry</h1><p>{SENTENCE * 5}</p><p>{SENTENCE * 4}</p></article>"
TEASER = f"<article><h1>The ferry</h1><p>{SENTENCE * 3}</p></article>"
FOOTER = (
    "<footer><a href=/imprint>Imprint</a> <a href=/privacy>Privacy</a> <p>© The Harbour Times</p></footer>"
)
NAV = "<header><nav><a href=/>Home</a> <a href=/news>News</a> <a href=/login>Log in</a></nav></header>"
LOGIN = (
    "<form action=/session method=post><label>E-mail <input type=email name=u></label>"
    "<label>Password <input type=password name=p></label><button>Go</button></form>"
)
URL = "https://harbour.example/ferry"


def page(title: str, *parts: str, head: str = "") -> str:
    """A page of these parts."""
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{''.join(parts)}</body></html>"
    )


def wall(html: str, status: int = 200, url: str = URL, asked: str = URL) -> Wall | None:
    """What `find_wall` says."""
    return find_wall(parse(html), url=url, requested_url=asked, status=status)


def ld(**fields: object) -> str:
    """A JSON-LD script of an article."""
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


CAPTCHAS = {
    "cloudflare": (
        page(
            "Just a moment...",
            "<div class=main-wrapper><h1>harbour.example</h1><h2>Verifying you are human. This may take "
            "a few seconds.</h2><div id=challenge-stage></div>"
            "<noscript>Enable JavaScript and cookies to continue"
            "</noscript></div><script>window._cf_chl_opt={cvId:'3',cZone:'harbour.example'};</script>",
        ),
        403,
    ),
    "cloudflare, nothing but the script": (
        page(
            "Just a moment...", "<script src='/cdn-cgi/challenge-platform/h/g/orchestrate/jsch/v1'></script>"
        ),
        503,
    ),
    "datadome": (
        page(
            "harbour.example",
            "<p id=cmsg>Please enable JS and disable any ad blocker</p><script data-cfasync=false>var dd="
            "{'rt':'c','host':'geo.captcha-delivery.com'}</script>"
            "<script src='https://ct.captcha-delivery.com/c.js'></script>",
        ),
        403,
    ),
    "datadome in a frame": (
        page(
            "harbour.example",
            "<iframe src='https://geo.captcha-delivery.com/captcha/?initialCid=x'></iframe>",
        ),
        200,
    ),
    "perimeterx": (
        page(
            "Access to this page has been denied",
            "<h1>Press &amp; Hold to confirm you are a human (and not a bot).</h1><div id=px-captcha></div>"
            "<p>Reference ID 8a1f</p>",
        ),
        403,
    ),
    "akamai, interstitial": (
        page(
            "",
            "<script>x()</script>",
            head="<meta http-equiv=refresh content=\"5; URL='/ferry?bm-verify=AAQ'\">",
        ),
        200,
    ),
    "akamai, refusal": (
        page(
            "Access Denied",
            '<h1>Access Denied</h1>You don\'t have permission to access "http://harbour.example/ferry" on '
            "this server.<p>Reference #18.5f6c1302.1700000000.1b2c3d</p>",
        ),
        403,
    ),
    "imperva": (
        page(
            "",
            "<iframe src='/_Incapsula_Resource?CWUDNSAI=9&incident_id=1'>Request unsuccessful. Incapsula "
            "incident ID: 1-2</iframe>",
        ),
        200,
    ),
    "aws": (page("", "<div id=captcha-container></div><script>window.gokuProps={key:'x'}</script>"), 405),
    "recaptcha alone": (
        page(
            "harbour.example",
            "<form><div class=g-recaptcha data-sitekey=x></div><input type=submit value=Go></form>",
        ),
        200,
    ),
    "hcaptcha alone": (
        page("One more step", "<h1>One more step</h1><div class=h-captcha data-sitekey=x></div>"),
        200,
    ),
    "turnstile alone": (
        page("harbour.example", "<p>Please wait.</p><div class=cf-turnstile data-sitekey=x></div>"),
        200,
    ),
    "google": (
        page(
            "https://www.google.com/search?q=ferry",
            "<form id=captcha-form action=index></form><div>About this page<br><br>Our systems have detected "
            "unusual traffic from your computer network. This page checks to see if it's really you sending "
            "the requests, and not a robot.</div>",
        ),
        429,
    ),
    "words, en": (page("Security check", "<h1>Verify you are human</h1><p>Click the box to go on.</p>"), 200),
    "words, en, robot": (
        page("Robot check", "<h1>Are you a robot?</h1><button>I'm not a robot</button>"),
        200,
    ),
    "words, de": (
        page(
            "Einen Moment bitte",
            "<h1>Bitte bestätigen Sie, dass Sie ein Mensch sind</h1><button>Weiter</button>",
        ),
        200,
    ),
    "words, de, robot": (page("Prüfung", "<p>Ich bin kein Roboter</p>"), 403),
    "words, fr": (
        page(
            "Un instant…", "<h1>Vérifiez que vous êtes humain</h1><p>Cela peut prendre quelques secondes.</p>"
        ),
        200,
    ),
    "words, fr, robot": (page("Contrôle", "<p>Confirmez que vous n\u2019êtes pas un robot</p>"), 200),
    "words, es": (
        page("Un momento…", "<h1>Verifica que eres un ser humano</h1><p>Espera, por favor.</p>"),
        403,
    ),
    "words, es, robot": (page("Comprobación", "<label>No soy un robot</label>"), 200),
    "words, it": (page("Un attimo", "<h1>Verifica di essere umano</h1>"), 200),
    "words, pt": (page("Verificação", "<h1>Confirme que você é humano</h1>"), 200),
    "words, nl": (page("Controle", "<h1>Bevestig dat u een mens bent</h1>"), 200),
    "words, zh": (page("安全验证", "<h1>请完成安全验证</h1>"), 200),
    "words, ja": (page("確認", "<h1>私はロボットではありません</h1>"), 200),
}

NO_CAPTCHAS = {
    "contact form": page(
        "Contact",
        "<h1>Write to us</h1><form><input name=name><input type=email name=mail>"
        "<textarea name=text></textarea><div class=g-recaptcha data-sitekey=x></div><button>Send"
        "</button></form>",
    ),
    "comment form": page("The ferry", SHORT, "<form><textarea></textarea><div class=h-captcha></div></form>"),
    "invisible": page("The ferry", TEASER, "<div class=g-recaptcha data-size=invisible></div>"),
    "passive script": page(
        "The ferry",
        TEASER,
        ""
        "<script>window.__CF$cv$params={r:'8'};a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>"
        "<script src='https://js.datadome.co/tags.js'></script><script>window._pxAppId='PX1'</script>",
    ),
    "shell with recaptcha v3": page(
        "App", "<div id=root></div><script src='https://www.google.com/recaptcha/api.js?render=k'></script>"
    ),
    "about captchas": page(
        "Just a moment: what is a captcha?", ARTICLE, "<p>Sites ask you to verify you are human.</p>"
    ),
    "a title": page("Just a moment", TEASER),
    "a definition": page(
        "Robot", f"<p>{SENTENCE * 2} Many a film asks: are you a robot?</p><p>{SENTENCE * 3}</p>"
    ),
    "badge": page(
        "The ferry",
        TEASER,
        "<div class=grecaptcha-badge><textarea class=g-recaptcha-response></textarea></div>",
    ),
}


@pytest.mark.parametrize("name", CAPTCHAS)
def test_captchas_are_seen(name: str) -> None:
    """A page that asks whether its visitor is a human is no content."""
    html, status = CAPTCHAS[name]
    found = wall(html, status)
    assert found is not None
    assert (found.reason, found.blocked) == (Reason.CAPTCHA, True)


@pytest.mark.parametrize("name", NO_CAPTCHAS)
def test_no_captcha(name: str) -> None:
    """A puzzle beside content or beside a form to fill in is none."""
    assert wall(NO_CAPTCHAS[name]) is None


LOGINS = {
    "form": page("Sign in", NAV, "<main><h1>Welcome back</h1>", LOGIN, "</main>", FOOTER),
    "form, de": page("Anmelden", "<h1>Anmelden</h1><p>Bitte melden Sie sich an.</p>", LOGIN),
    "members, en": page("Members only", "<h1>Members only</h1><p>Please log in to view this page.</p>"),
    "words, en": page("The ferry", NAV, "<main><h1>Sign in to continue</h1><a href=/auth>Sign in</a></main>"),
    "words, de": page("Forum", "<p>Sie müssen angemeldet sein, um diese Seite zu sehen.</p>"),
    "words, fr": page("Espace", "<p>Connectez-vous pour continuer.</p><a href=/c>Se connecter</a>"),
    "words, fr, must": page("Espace", "<p>Vous devez être connecté pour accéder à cette page.</p>"),
    "words, es": page("Foro", "<p>Inicia sesión para continuar.</p>"),
    "words, es, must": page("Foro", "<p>Debes iniciar sesión para ver este contenido.</p>"),
    "words, it": page("Area", "<p>Devi effettuare l'accesso per vedere questa pagina.</p>"),
    "words, pt": page("Área", "<p>Faça login para continuar.</p>"),
    "words, ja": page("会員", "<p>この機能にはログインが必要です</p>"),
    "side form, nothing else": page("Portal", f"<header>{LOGIN}</header>"),
}
NO_LOGINS = {
    "form in the header of an article": page("The ferry", f"<header>{LOGIN}</header>", SHORT),
    "form beside an article": page("The ferry", f"<aside>{LOGIN}</aside>", SHORT, FOOTER),
    "hidden form": page("The ferry", f"<div class=modal style='display:none'>{LOGIN}</div>", TEASER),
    "link to it": page("The ferry", NAV, TEASER, FOOTER),
    "comments": page("The ferry", TEASER, "<p>You must be logged in to post a comment.</p>"),
    "board": page(
        "Forum",
        "".join(f"<li><a href=/t/{n}>{SENTENCE[:50]} {n}</a> 12 answers</li>" for n in range(60)),
        LOGIN,
    ),
    "about it": page("How to", f"<p>{SENTENCE * 6} You need to log in to see the rest of the map.</p>" * 2),
    "a word": page("Note", "<p>The captain signed in at the harbour office.</p>"),
}


@pytest.mark.parametrize("name", LOGINS)
def test_sign_in_pages_are_seen(name: str) -> None:
    """A page for its users only shows a form, or says so, and little else."""
    found = wall(LOGINS[name])
    assert found is not None
    assert (found.reason, found.blocked) == (Reason.LOGIN_WALL, True)


@pytest.mark.parametrize("name", NO_LOGINS)
def test_no_sign_in_page(name: str) -> None:
    """A form to sign in beside content is none."""
    assert wall(NO_LOGINS[name]) is None


@pytest.mark.parametrize(
    ("asked", "got", "seen"),
    [
        ("/report", "/login?next=%2Freport", True),
        ("/report", "/users/sign_in?return_to=/report", True),
        ("/report", "/wp-login.php?redirect_to=x", True),
        ("/report", "/anmelden?from=/report", True),
        ("/report", "/report", False),
        ("/blog/login-design", "/blog/login-design", False),
        ("/old", "/new", False),
    ],
)
def test_sent_to_sign_in(asked: str, got: str, seen: bool) -> None:
    """Whoever is led to a sign-in address did not get what was asked for, however much it says."""
    html = page("Harbour", f"<p>{SENTENCE * 9}</p><form><input name=mail><button>Next</button></form>")
    found = wall(html, url=f"https://h.example{got}", asked=f"https://h.example{asked}")
    assert (found is not None and found.reason is Reason.LOGIN_WALL) is seen


def test_status_401_is_a_sign_in_page() -> None:
    """401 without content is what its name says."""
    found = wall("<h1>Unauthorized</h1>", 401)
    assert found is not None
    assert found.reason is Reason.LOGIN_WALL


DIALOG = (
    "<h2>We value your privacy</h2><p>We and our 812 partners store and access personal data, like cookies, "
    "on your device.</p><button>Accept all</button><button>Reject all</button>"
    "<button>Manage preferences</button>"
)
CONSENTS = {
    "onetrust": page(
        "Harbour", f"<div id=onetrust-consent-sdk><div id=onetrust-banner-sdk>{DIALOG}</div></div>"
    ),
    "didomi": page("Harbour", f"<div id=didomi-host><div class=didomi-popup-container>{DIALOG}</div></div>"),
    "usercentrics": page("Harbour", f"<div id=usercentrics-root>{DIALOG}</div>"),
    "sourcepoint": page("Harbour", f"<div id=sp_message_container_12>{DIALOG}</div>", FOOTER),
    "quantcast": page("Harbour", NAV, f"<div class=qc-cmp2-container>{DIALOG}</div>"),
    "cookiebot": page("Harbour", f"<div id=CybotCookiebotDialog>{DIALOG}</div>"),
    "in a frame": page(
        "Harbour", "<div id=sp_message_container_9><iframe src=//c.test/></iframe></div>", FOOTER
    ),
    "in a shadow": page("Harbour", "<div id=usercentrics-root></div>"),
    "own": page("Before you continue to Harbour", f"<h1>Before you continue to Harbour</h1>{DIALOG}"),
    "own, de": page(
        "Zustimmung erforderlich",
        "<h1>Ihre Privatsphäre</h1><p>Wir und unsere Partner verarbeiten personenbezogene Daten mit Cookies "
        "für Werbung und Messung.</p><p>Mit Ihrer Einwilligung helfen Sie uns.</p>"
        "<button>Alle akzeptieren</button>",
    ),
    "pur, de": page(
        "Harbour",
        "<h1>Mit Werbung weiterlesen</h1><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking. Ihre "
        "Zustimmung ist jederzeit widerrufbar.</p><p>Details im Datenschutz.</p>"
        "<button>Akzeptieren und weiter</button>",
    ),
    "own, fr": page(
        "Le port",
        "<h1>Le respect de votre vie privée est notre priorité</h1><p>Nos partenaires et nous utilisons des "
        "cookies et traitons des données.</p><p>Publicité et contenu personnalisés.</p>"
        "<button>Tout accepter</button>"
        "<button>Continuer sans accepter</button>",
    ),
    "own, es": page(
        "El puerto",
        "<h1>Valoramos tu privacidad</h1><p>Nosotros y nuestros socios almacenamos datos y cookies.</p>"
        "<p>Publicidad y contenido personalizados.</p><button>Aceptar todo</button><button>Rechazar</button>",
    ),
}
NO_CONSENTS = {
    "banner over an article": page("The ferry", SHORT, f"<div id=onetrust-banner-sdk>{DIALOG}</div>"),
    "banner over a list": page(
        "Harbour",
        "<main>"
        + "".join(f"<li><a href=/{n}>Ship {n} arrives at the harbour</a></li>" for n in range(30))
        + "</main>",
        f"<div id=CybotCookiebotDialog>{DIALOG}</div>",
    ),
    "banner over a teaser": page("The ferry", TEASER, f"<div class=cookie-banner>{DIALOG}</div>", FOOTER),
    "frame over an article": page(
        "The ferry", TEASER, "<div id=sp_message_container_9><iframe></iframe></div>"
    ),
    "hidden frame": page("Gate", "<div data-rs-hidden id=sp_message_container_9></div>"),
    "frame over a picture": page("Map", "<img src=map.png><div id=sp_message_container_9></div>"),
    "policy": page(
        "Cookie policy",
        "<h1>Cookie policy</h1>" + f"<p>{SENTENCE * 3} We use cookies.</p><p>{SENTENCE * 4}</p>" * 3,
    ),
    "body named so": "<html><body class='gdpr-banner cookie-consent'>" + TEASER + "</body></html>",
}


@pytest.mark.parametrize("name", CONSENTS)
def test_consent_pages_are_seen(name: str) -> None:
    """A page that is nothing but its consent dialog is no content."""
    found = wall(CONSENTS[name])
    assert found is not None
    assert (found.reason, found.blocked) == (Reason.CONSENT_WALL, True)


@pytest.mark.parametrize("name", NO_CONSENTS)
def test_no_consent_page(name: str) -> None:
    """A banner beside content is none."""
    assert wall(NO_CONSENTS[name]) is None


def test_consent_hosts() -> None:
    """A site's own host for consent needs no other name than its own."""
    html = page(
        "Yahoo", "<p>Yahoo is part of a family of brands. We use cookies.</p><button>Accept all</button>"
    )
    found = wall(html, url="https://consent.harbour.example/v2/collectConsent?sessionId=1")
    assert found is not None
    assert found.reason is Reason.CONSENT_WALL
    assert wall(html.replace("<button>", f"<p>{SENTENCE * 3}<button>")) is None


CUTS = {
    "words, en": page(
        "The ferry", TEASER, "<div><h3>Subscribe to continue reading</h3><a href=/s>Subscribe</a></div>"
    ),
    "words, en, limit": page("The ferry", TEASER, "<p>You have reached your free article limit.</p>"),
    "words, en, members": page("The ferry", TEASER, "<p>This story is for members only.</p>"),
    "words, de": page("Die Fähre", TEASER, "<p>Jetzt abonnieren und weiterlesen</p>"),
    "words, de, exclusive": page("Die Fähre", TEASER, "<p>Dieser Artikel ist exklusiv für Abonnenten.</p>"),
    "words, fr": page("Le bac", TEASER, "<p>Abonnez-vous pour lire la suite</p>"),
    "words, fr, rest": page("Le bac", TEASER, "<p>Il vous reste 78 % de cet article à lire.</p>"),
    "words, fr, reserved": page("Le bac", TEASER, "<p>Article réservé aux abonnés</p>"),
    "words, es": page("El ferry", TEASER, "<p>Suscríbete para seguir leyendo</p>"),
    "words, es, exclusive": page("El ferry", TEASER, "<p>Contenido exclusivo para suscriptores</p>"),
    "words, it": page("Il traghetto", TEASER, "<p>Abbonati per continuare a leggere</p>"),
    "words, pt": page("A balsa", TEASER, "<p>Assine para continuar lendo</p>"),
    "words, nl": page("De pont", TEASER, "<p>Alleen voor abonnees</p>"),
    "box": page(
        "The ferry", TEASER, "<div class=article-paywall><a href=/s>Become a member</a> from $1</div>"
    ),
    "json-ld": page("The ferry", TEASER, head=ld(isAccessibleForFree=False)),
    "json-ld, text": page("The ferry", TEASER, head=ld(isAccessibleForFree="False")),
    "json-ld, parts": page(
        "The ferry",
        TEASER,
        "<div class=paid></div>",
        head=ld(
            hasPart={"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paid"},
        ),
    ),
    "json-ld, words": page("The ferry", SHORT, head=ld(isAccessibleForFree=False, wordCount=1400)),
    "json-ld in a graph": page(
        "The ferry", TEASER, head=ld(**{"@graph": [{"@type": "Article", "isAccessibleForFree": "false"}]})
    ),
    "open graph": page("The ferry", TEASER, head="<meta property=article:content_tier content=locked>"),
    "microdata": page("The ferry", TEASER, "<meta itemprop=isAccessibleForFree content=false>"),
}
WHOLE = {
    "free": page("The ferry", TEASER, head=ld(isAccessibleForFree=True)),
    "paid and all there": page("The ferry", ARTICLE, head=ld(isAccessibleForFree=False)),
    "paid part all there": page(
        "The ferry",
        f"<div class=paid>{ARTICLE}</div>",
        head=ld(hasPart=[{"isAccessibleForFree": False, "cssSelector": ".paid"}]),
    ),
    "newsletter": page("The ferry", TEASER, "<aside><p>Subscribe to our newsletter</p></aside>"),
    "newsletter in the text": page(
        "The ferry", SHORT, "<p>Subscribe to our newsletter and never miss a story.</p>"
    ),
    "link in the header": page(
        "The ferry", "<header>Already a subscriber? <a href=/l>Sign in</a></header>", TEASER
    ),
    "metered": page("The ferry", ARTICLE, "<p>You have 2 free articles remaining this month.</p>"),
    "empty box": page("The ferry", ARTICLE, "<div id=paywall></div>"),
    "hidden box": page("The ferry", SHORT, "<div hidden class=paywall>Subscribe to continue reading</div>"),
    "body named so": page("The ferry", f"<div class='paywall premium-wall'>{SHORT}</div>"),
    "about paywalls": page(
        "Paywalls", ARTICLE, f"<p>{SENTENCE * 3} They ask you to subscribe to keep reading.</p>"
    ),
    "broken json-ld": page(
        "The ferry", TEASER, head="<script type=application/ld+json>{isAccessibleForFree</script>"
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_paywalls_are_seen(name: str) -> None:
    """Text that ends before a paywall is a part."""
    found = wall(CUTS[name])
    assert found is not None
    assert (found.reason, found.blocked) == (Reason.PAYWALL, False)


@pytest.mark.parametrize("name", WHOLE)
def test_no_paywall(name: str) -> None:
    """An article that is all there is whole, whatever it says of subscriptions."""
    assert wall(WHOLE[name]) is None


@pytest.mark.parametrize(
    "call",
    [
        "Sign in to continue reading",
        "Create a free account to read the full story",
        "Kostenlos registrieren und weiterlesen",
    ],
)
def test_cut_for_visitors_without_a_name(call: str) -> None:
    """A teaser that goes on for whoever has an account ends at a login wall."""
    found = wall(page("The ferry", TEASER, f"<p>{call}</p>"))
    assert found is not None
    assert (found.reason, found.blocked) == (Reason.LOGIN_WALL, False)


def test_nothing_but_a_paywall() -> None:
    """Without a teaser there is no content at all."""
    long = "To continue reading, please subscribe to the Harbour Times, the paper of pilots."
    for call in ("Subscribe to continue reading", long):
        found = wall(page("The ferry", f"<h1>The ferry</h1><p>{call}</p>"))
        assert found is not None
        assert (found.reason, found.blocked) == (Reason.PAYWALL, True)


@pytest.mark.parametrize(
    "words", ["Page not found", "Seite nicht gefunden", "Page introuvable", "Página no encontrada"]
)
def test_missing_pages(words: str) -> None:
    """A page that says that it was not found, in title and heading, is told as an error of the target."""
    found = wall(page(f"{words} | Harbour", f"<h1>{words}</h1><p>Try the search.</p>"))
    assert found is not None
    assert (found.reason, found.blocked) == (Reason.HTTP_ERROR, False)
    assert wall(page(f"{words}: a history of 404", f"<h1>{words}</h1>{ARTICLE}")) is None
    assert wall(page("Harbour", f"<p>{words}</p>")) is None
    assert wall(page(words, f"<h1>{words}</h1>"), 404) is None


def test_the_document_tells() -> None:
    """A wall is a reason and a warning of the document, and says whether there is content beside it."""
    blocked = render(Capture(URL, CAPTCHAS["cloudflare"][0], status=403, settled=True), RenderOptions())
    assert blocked.blocked
    assert blocked.reasons == (Reason.CAPTCHA,)
    assert [warning.code for warning in blocked.warnings] == ["captcha"]
    cut = render(Capture(URL, CUTS["words, en"], settled=True), RenderOptions())
    assert (cut.blocked, cut.reasons) == (False, (Reason.PAYWALL,))
    assert "evening tide" in cut.content
    assert render(Capture(URL, page("The ferry", TEASER)), RenderOptions()).reasons == ()


@pytest.mark.parametrize(
    "html", ["", "<p>", "<html></html>", "plain text", "<body><script>go()</script></body>"]
)
def test_nothing_is_no_wall(html: str) -> None:
    """A page without anything is empty, not walled."""
    assert wall(html) is None


def test_composed_marks_are_hidden() -> None:
    """What the browser says is not visible is no sign."""
    html = page("The ferry", TEASER, "<div data-rs-hidden>Subscribe to continue reading</div>")
    assert wall(html) is None
