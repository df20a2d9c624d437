"""More walls and pages that are none, written after the rules were: each as (page, status)."""

# ruff: noqa: E501 - pages stand as they are
from __future__ import annotations

import pytest

from tests.document.test_walls import ARTICLE, FOOTER, LOGIN, NAV, SENTENCE, SHORT, TEASER, ld, page, wall

P = f"<p>{SENTENCE * 3}</p>"
PAGES: dict[str | None, list[tuple[str, int]]] = {
    "captcha": [
        (
            page(
                "Attention Required! | Cloudflare",
                "<h1>Sorry, you have been blocked</h1><h2>You are unable to access example.com</h2><div><h2>Why have I been blocked?</h2><p>This website is using a security service to protect itself from online attacks. The action you just performed triggered the security solution. There are several actions that could trigger this block including submitting a certain word or phrase, a SQL command or malformed data.</p></div><div><h2>What can I do to resolve this?</h2><p>You can email the site owner to let them know you were blocked. Please include what you were doing when this page came up and the Cloudflare Ray ID found at the bottom of this page.</p></div><p>Cloudflare Ray ID: 7d</p>",
            ),
            403,
        ),
        (
            page(
                "Security Verification",
                "<p>Please complete the security check to access the site</p><div class='g-recaptcha' data-sitekey='x'></div>",
            ),
            200,
        ),
        (
            page(
                "example.com",
                "<h1>Checking your browser before accessing example.com</h1><p>This process is automatic. Your browser will redirect to your requested content shortly.</p><p>DDoS protection by Cloudflare</p>",
            ),
            503,
        ),
        (
            page(
                "Verify",
                "<h1>We need to make sure you're human</h1><iframe src='https://newassets.hcaptcha.com/captcha/v1/abc/static/hcaptcha.html'></iframe>",
            ),
            200,
        ),
        (
            page(
                "Sicherheitsprüfung",
                "<h1>Sicherheitsprüfung</h1><p>Bitte lösen Sie das Captcha, um fortzufahren.</p>",
            ),
            200,
        ),
        (
            page(
                "Pardon Our Interruption",
                "<h1>Pardon Our Interruption</h1><p>As you were browsing something about your browser made us think you were a bot. There are a few reasons this might happen:</p><ul><li>You've disabled JavaScript in your web browser.</li><li>You're a power user moving through this website with super-human speed.</li><li>You've disabled cookies in your web browser.</li><li>A third-party browser plugin, such as Ghostery or NoScript, is preventing JavaScript from running. Additional information is available in this support article.</li></ul><p>To regain access, please make sure that cookies and JavaScript are enabled before reloading the page.</p>",
            ),
            200,
        ),
        (
            page(
                "Captcha",
                "<p>Enter the characters shown in the image</p><form><img src=/captcha.png><input name=captcha><button>Submit</button></form>",
            ),
            200,
        ),
        (
            page(
                "Human check",
                "<h1>Prove you are human to continue</h1><div class=h-captcha data-sitekey=a></div>",
            ),
            200,
        ),
        (
            page(
                "Access denied",
                "<h1>Access denied</h1><p>Our systems have detected unusual activity from your network. Please complete the CAPTCHA below.</p><div id=captcha></div>",
            ),
            403,
        ),
        (
            page(
                "Vérification",
                "<h1>Vérification de sécurité</h1><p>Veuillez confirmer que vous êtes un humain en cochant la case ci-dessous.</p>",
            ),
            200,
        ),
        (page("Verificación", "<h1>Comprobando que no eres un robot</h1>"), 200),
        (
            page(
                "Verificación de seguridad",
                "<p>Completa el captcha para continuar</p><div class=cf-turnstile></div>",
            ),
            200,
        ),
        (page("Bitte bestätigen", "<p>Bitte bestätige, dass du kein Roboter bist.</p>"), 200),
        (
            page(
                "Are you a robot?",
                "<p>To continue, please click the box below to let us know you're not a robot.</p>",
            ),
            200,
        ),
        (
            page(
                "Bloomberg - Are you a robot?",
                "<h1>We've detected unusual activity from your computer network</h1><p>To continue, please click the box below to let us know you're not a robot.</p><h3>Why did this happen?</h3><p>Please make sure your browser supports JavaScript and cookies and that you are not blocking them from loading. For more information you can review our Terms of Service and Cookie Policy.</p><h3>Need Help?</h3><p>For inquiries related to this message please contact our support team and provide the reference ID below.</p>",
            ),
            200,
        ),
        (
            page(
                "harbour.example",
                "<p>Please verify you are a human</p><p>Access to this page has been denied because we believe you are using automation tools to browse the website.</p>",
            ),
            403,
        ),
        (
            page(
                "",
                "<h4>Enter the characters you see below</h4><p>Sorry, we just need to make sure you're not a robot. For best results, please make sure your browser is accepting cookies.</p><form action=/errors/validateCaptcha><input name=field-keywords></form>",
            ),
            200,
        ),
    ],
    "login_wall": [
        (
            page(
                "Members area",
                "<h1>Members area</h1><p>You need to be logged in to see this page.</p>",
                LOGIN,
            ),
            200,
        ),
        (page("Forum", "<p>This content is for registered users. Log in or register.</p>"), 200),
        (page("Photos", "<h1>Log in to see photos and videos</h1>", LOGIN), 200),
        (page("Profil", "<p>Melden Sie sich an, um diesen Inhalt zu sehen.</p>"), 200),
        (page("Espace", "<h1>Identifiez-vous pour accéder à votre espace</h1>", LOGIN), 200),
        (page("Foro", "<p>Debe iniciar sesión para ver el contenido.</p>"), 200),
        (page("The ferry", TEASER, "<p>Log in to read the rest of this article</p>"), 200),
        (
            page(
                "Dashboard",
                "<h1>Sign in to your account</h1>",
                LOGIN,
                "<a>Forgot password?</a><a>Create account</a>",
            ),
            200,
        ),
        (
            page("Login required", "<h1>Login required</h1><p>Please sign in to access this resource.</p>"),
            401,
        ),
        (
            page(
                "Jane Doe | Net",
                "<h1>Jane Doe</h1><p>Harbour pilot in Rostock with 500 connections</p><p>Sign in to view Jane's full profile</p>",
                LOGIN,
            ),
            200,
        ),
        (page("Gruppe", "<p>Du musst dich anmelden, um fortzufahren.</p><button>Anmelden</button>"), 200),
        (page("Compte", "<p>Veuillez vous connecter pour voir cette page</p>"), 200),
        (page("Perfil", "<h1>Inicia sesión o regístrate para continuar</h1>"), 200),
    ],
    "paywall": [
        (page("The ferry", TEASER, "<p>This article is for subscribers only. Subscribe now for €1</p>"), 200),
        (
            page(
                "The ferry",
                TEASER,
                "<div>You've reached your limit of free articles. Subscribe to read more.</div>",
            ),
            200,
        ),
        (
            page(
                "The ferry",
                TEASER,
                "<div class='premium-content-lock'><p>Get access to this story with a subscription</p></div>",
            ),
            200,
        ),
        (
            page("The ferry", TEASER, "<h3>Continue reading your article with a Harbour subscription</h3>"),
            200,
        ),
        (page("The ferry", TEASER, "<p>To read this article in full, become a member</p>"), 200),
        (page("Die Fähre", TEASER, "<h3>Weiterlesen mit HAFEN+</h3><p>Testen Sie 4 Wochen</p>"), 200),
        (page("Die Fähre", TEASER, "<h3>Diesen Artikel weiterlesen mit F+</h3>"), 200),
        (page("Die Fähre", TEASER, "<p>Sie möchten weiterlesen? Jetzt Abo abschließen</p>"), 200),
        (page("Le bac", TEASER, "<p>Cet article est réservé aux abonnés.</p>"), 200),
        (page("Le bac", TEASER, "<p>Lisez la suite à partir de 1€</p>"), 200),
        (page("El ferry", TEASER, "<p>Este contenido es exclusivo para suscriptores</p>"), 200),
        (page("El ferry", TEASER, "<p>Suscríbete para continuar</p>"), 200),
        (page("The ferry", TEASER, "<div class='paywall'>Subscribe to read the full story</div>"), 200),
        (page("The ferry", TEASER, "<p>Subscribe to unlock this article</p>"), 200),
        (page("The ferry", TEASER, "<p>Unlock the full article for $1</p>"), 200),
        (
            page(
                "The ferry",
                TEASER,
                "<p>Already a subscriber? Log in</p><p>Subscribe now</p><div class=subscribe-wall></div>",
            ),
            200,
        ),
        (
            page("The ferry", TEASER, "<p>The full text of this story is available to our subscribers</p>"),
            200,
        ),
        (
            page(
                "The ferry",
                TEASER,
                "<p>You have read all your free articles this month.</p><button>Subscribe</button>",
            ),
            200,
        ),
        (page("The ferry", TEASER, "<p>Keep reading with a 7-day free trial</p>"), 200),
    ],
    "consent_wall": [
        (
            page(
                "harbour",
                "<div id=didomi-host><div class=didomi-popup-notice><span>With your agreement, we and our partners use cookies or similar technologies</span><button>Agree and close</button></div></div>",
            ),
            200,
        ),
        (
            page(
                "Before you continue to Google Search",
                "<h1>Before you continue to Google</h1><div>We use cookies and data to<ul><li>Deliver and maintain Google services</li><li>Track outages and protect against spam, fraud, and abuse</li><li>Measure audience engagement and site statistics to understand how our services are used and enhance the quality of those services</li></ul></div><p>If you choose to \"Accept all,\" we will also use cookies and data to develop and improve new services, deliver and measure the effectiveness of ads.</p><form><input type=submit value='Reject all'><input type=submit value='Accept all'></form>",
            ),
            200,
        ),
        (
            page(
                "Cookies",
                "<h1>Cookies &amp; privacy</h1><p>We use cookies to personalise content and ads. Do you accept?</p><button>I accept</button>",
            ),
            200,
        ),
        (
            page(
                "DER HAFEN",
                "<h1>Willkommen</h1><p>Sie entscheiden darüber, wie Sie unsere Inhalte nutzen wollen. Mit Cookies und Werbung: Stimmen Sie der Verwendung von Cookies zu.</p><button>Einverstanden</button><p>Oder ohne Werbung mit dem PUR-Abo</p>",
            ),
            200,
        ),
        (
            page(
                "Hidden",
                f"<div style='display:none'>{ARTICLE}</div><div class='cookie-wall'><h2>This site uses cookies</h2><p>Please accept cookies to view this page.</p><button>Accept cookies</button></div>",
            ),
            200,
        ),
        (
            page(
                "Yahoo",
                "<div class='consent-wizard'><h1>Yahoo is part of the Yahoo family of brands</h1><p>When you use our sites and apps, we use cookies to provide our sites, authenticate users, apply security measures.</p><p>If you click 'Accept all', we and our partners, including 238 who are part of the IAB framework, will also store and access information on a device.</p><button>Accept all</button><button>Reject all</button></div>",
            ),
            200,
        ),
        (
            page(
                "Le port",
                "<div class=consent><h2>Vos données, votre choix</h2><p>Nous et nos partenaires utilisons des cookies.</p><button>Accepter et fermer</button><button>Continuer sans accepter</button></div>",
            ),
            200,
        ),
        (
            page(
                "El puerto",
                "<div id=cookies><p>Utilizamos cookies propias y de terceros para mostrar publicidad.</p><p>Para continuar, acepta las cookies.</p><button>Aceptar y continuar</button></div>",
            ),
            200,
        ),
    ],
    None: [
        (
            page(
                "Contact",
                "<h1>Contact</h1><p>Call us.</p><form><input name=n><input name=m><textarea></textarea><div class=g-recaptcha></div></form>",
            ),
            200,
        ),
        (
            page(
                "Newsletter",
                "<h1>Newsletter</h1><p>Subscribe to get the harbour news each Monday.</p><form><input type=email><div class=h-captcha></div><button>Subscribe</button></form>",
            ),
            200,
        ),
        (page("Short", "<article><h1>Note</h1><p>The harbour is closed on Monday.</p></article>"), 200),
        (
            page(
                "Shop",
                NAV,
                "<h1>Rope</h1><p>12 m of rope for your boat.</p><p>€ 12</p><button>Add to cart</button>",
                "<div class='cookie-banner'>We use cookies <button>Accept all</button></div>",
            ),
            200,
        ),
        (page("404", "<h1>Forbidden</h1><p>You are not allowed here.</p>"), 403),
        (page("Too many", "<h1>Too Many Requests</h1><p>Slow down.</p>"), 429),
        (page("Maintenance", "<h1>503 Service Unavailable</h1><p>We will be back soon.</p>"), 503),
        (
            page(
                "Pricing",
                NAV,
                "<h1>Pricing</h1><h2>Free</h2><p>For members of small clubs.</p><h2>Premium</h2><p>Unlock all charts. Start your free trial.</p><button>Subscribe</button>",
            ),
            200,
        ),
        (
            page(
                "Blog",
                NAV,
                "<ul>"
                + "".join(f"<li><a href=/{i}>{SENTENCE[:70]}{i}</a><p>{SENTENCE}</p></li>" for i in range(4))
                + "</ul><p>Subscribe to continue receiving updates</p>",
            ),
            200,
        ),
        (
            page(
                "Docs: log in",
                f"<h1>How to log in</h1><p>To log in, open the page and type your password. You must log in to see your boats.</p>{P}",
            ),
            200,
        ),
        (
            page(
                "Cookie recipe",
                "<h1>Chocolate cookies</h1><p>Mix butter and sugar, bake the cookies for 12 minutes, and accept all praise.</p><button>Accept all cookies</button>",
            ),
            200,
        ),
        (
            page(
                "Example Domain",
                "<h1>Example Domain</h1><p>This domain is for use in illustrative examples in documents. You may use this domain in literature without prior coordination or asking for permission.</p><p><a href=x>More information...</a></p>",
            ),
            200,
        ),
        (
            page(
                "Home",
                "<h1>Welcome to the harbour</h1><p>Sign in to see your boats, or browse the map.</p><a href=/login>Sign in</a>"
                + P
                + P,
            ),
            200,
        ),
        (page("Review", SHORT, "<p>Sign in to leave a review</p>"), 200),
        (page("Review", TEASER, "<p>Log in to comment</p><p>Log in or register to post comments</p>"), 200),
        (page("The robot", f"<article><h1>Are you a robot?</h1><p>{SENTENCE * 2}</p></article>"), 200),
        (
            page(
                "Premium article",
                SHORT,
                "<span class='premium-badge'>Premium</span><p>Members only event on Friday.</p>",
            ),
            200,
        ),
        (page("Press", "<h1>Please wait</h1><p>Loading the map of the harbour.</p>"), 200),
        (
            page(
                "Privacy",
                f"<h1>Privacy policy</h1><p>We process personal data and cookies with our partners. {SENTENCE}</p><p>{SENTENCE}</p><p>You may withdraw your consent. {SENTENCE}</p>"
                * 3,
            ),
            200,
        ),
    ],
}

MORE: dict[str | None, list[tuple[str, int]]] = {
    "captcha": [
        (page("Just a moment...", "<p>Checking your browser…</p>"), 503),
        (page("Please verify", "<h1>Please verify you are a human to continue</h1>"), 200),
        (
            page(
                "Bot check",
                "<p>Please complete the CAPTCHA to continue.</p><iframe src='https://www.google.com/recaptcha/api2/anchor?k=x&size=normal'></iframe>",
            ),
            200,
        ),
        (
            page(
                "Un momento…",
                "<h1>www.puerto.es</h1><h2>Verificando que es un ser humano. Esto puede tardar unos segundos.</h2>",
            ),
            403,
        ),
        (
            page(
                "Nur einen Moment…",
                "<h1>hafen.de</h1><h2>Überprüfung, dass Sie ein Mensch sind</h2><p>hafen.de muss die Sicherheit Ihrer Verbindung überprüfen, bevor Sie fortfahren können.</p>",
            ),
            403,
        ),
        (page("Un instant…", "<h1>port.fr</h1><h2>Vérification que vous êtes humain</h2>"), 403),
        (page("DDoS-Guard", "<h1>Checking your browser before accessing harbour.ru</h1>"), 403),
        (
            page(
                "Client Challenge",
                "<noscript>JavaScript is disabled in your browser. Please enable JavaScript to proceed.</noscript><p>A required part of this site could not load. This may be due to a browser extension.</p><script src='/_fs-ch-1T1wmsGaOgGaSxcX/script.js'></script>",
            ),
            200,
        ),
        (
            page(
                "Human Verification",
                "<div id='captcha-container'></div><script src='https://x.token.awswaf.com/abc/challenge.js'></script>",
            ),
            202,
        ),
        (page("Access to this page has been denied.", "<div id='px-captcha-wrapper'></div>"), 403),
        (
            page(
                "You have been blocked",
                "<p>Why was I blocked? Something about the behaviour of the browser has caught our attention.</p>",
            ),
            403,
        ),
        (
            page(
                "reddit",
                "<p>You've been blocked by network security.</p><p>To continue, log in to your Reddit account or use your developer token</p>",
            ),
            403,
        ),
    ],
    "login_wall": [
        (
            page(
                "The ferry",
                TEASER,
                "<div class='meteredContent'></div><div id='gateway-content'>Create your free account or log in to continue reading.</div>",
            ),
            200,
        ),
        (
            page(
                "Sign in",
                "<div><label>Email</label><input type=email><button>Next</button></div><h1>Sign in</h1><p>to continue to Gmail</p>",
            ),
            200,
        ),
        (page("Anmelden | Hafen", "<h1>Bitte einloggen</h1><input name=u><input type=password>"), 200),
        (
            page(
                "Restricted",
                "<h1>Restricted content</h1><p>You must be a registered user to view this page.</p><a>Login</a>",
            ),
            200,
        ),
        (
            page(
                "Login",
                "<form><input type=text name=user><input type=password name=pw><input type=submit value=Login></form>",
            ),
            200,
        ),
        (page("401", "<h1>401 Authorization Required</h1>"), 401),
        (page("Group", "<h1>Private group</h1><p>Join this group or log in to see the posts.</p>"), 200),
        (
            page(
                "Connexion", "<h1>Connexion</h1><p>Vous devez vous identifier pour accéder à cette page.</p>"
            ),
            200,
        ),
        (page("Iniciar sesión", "<p>Por favor, inicie sesión para acceder a esta página.</p>"), 200),
    ],
    "paywall": [
        (
            page(
                "The ferry",
                TEASER,
                "<section class='paywall-prompt'><h2>This is a premium article</h2><p>Subscribe for full access.</p></section>",
            ),
            200,
        ),
        (
            page("The ferry", TEASER, "<p>Support independent journalism. Subscribe to read this story.</p>"),
            200,
        ),
        (page("The ferry", TEASER, "<p>To continue reading, please subscribe.</p>"), 200),
        (
            page(
                "The ferry",
                TEASER,
                "<p>This post is for paid subscribers</p><button>Subscribe</button><a>Already a paid subscriber? Sign in</a>",
            ),
            200,
        ),
        (page("The ferry", TEASER, "<p>The author made this story available to members only.</p>"), 200),
        (
            page(
                "Die Fähre", TEASER, "<p>Lesen Sie diesen Artikel mit einem Digitalabo</p><p>Jetzt testen</p>"
            ),
            200,
        ),
        (page("Die Fähre", TEASER, "<p>Dieser Inhalt ist nur für Abonnenten verfügbar</p>"), 200),
        (page("Die Fähre", TEASER, "<p>Um weiterzulesen, schließen Sie ein Abo ab.</p>"), 200),
        (page("Le bac", TEASER, "<p>La suite de cet article est réservée à nos abonnés</p>"), 200),
        (page("Le bac", TEASER, "<p>Pour lire la suite, abonnez-vous</p>"), 200),
        (
            page(
                "Le bac", TEASER, "<p>Cet article est réservé à nos abonnés. Déjà abonné ? Se connecter</p>"
            ),
            200,
        ),
        (page("El ferry", TEASER, "<p>Para seguir leyendo, suscríbete</p>"), 200),
        (page("El ferry", TEASER, "<p>Artículo solo para suscriptores</p>"), 200),
        (
            page(
                "El ferry",
                TEASER,
                "<p>Este artículo es exclusivo para suscriptores. ¿Ya eres suscriptor? Inicia sesión</p>",
            ),
            200,
        ),
        (page("The ferry", TEASER, "<p>You've reached your monthly limit of 3 free articles</p>"), 200),
        (page("The ferry", TEASER, "<p>Get unlimited access to continue reading</p><a>Subscribe</a>"), 200),
        (
            page(
                "The ferry",
                "<h1>The ferry</h1>",
                f"<p>{SENTENCE}</p>",
                head=ld(isAccessibleForFree="https://schema.org/False"),
            ),
            200,
        ),
    ],
    "consent_wall": [
        (
            page(
                "We value your privacy",
                "<div class='modal'><h1>We value your privacy</h1><p>We use cookies to enhance your browsing experience. By clicking Accept, you consent to our use of cookies.</p><button>Accept</button><button>Decline</button></div>",
            ),
            200,
        ),
        (
            page(
                "Cookie-Einstellungen",
                "<h2>Wir verwenden Cookies</h2><p>Bitte stimmen Sie der Nutzung von Cookies zu.</p><button>Alle akzeptieren</button><button>Ablehnen</button>",
            ),
            200,
        ),
        (
            page(
                "Cookies",
                "<p>Nous utilisons des cookies pour améliorer votre expérience.</p><button>Tout accepter</button><button>Tout refuser</button>",
            ),
            200,
        ),
        (
            page(
                "Cookies", "<p>Usamos cookies para mejorar tu experiencia.</p><button>Aceptar todas</button>"
            ),
            200,
        ),
        (
            page(
                "Consent",
                "<div id='CybotCookiebotDialog'><p>This website uses cookies</p><button>Allow all</button></div>",
            ),
            200,
        ),
        (
            page(
                "x",
                "<div id='onetrust-banner-sdk'><p>By clicking “Accept All Cookies”, you agree to the storing of cookies on your device</p><button id=onetrust-accept-btn-handler>Accept All Cookies</button></div>",
            ),
            200,
        ),
    ],
    None: [
        (page("Chess", "<h1>Captcha cracking</h1>" + SHORT), 200),
        (
            page(
                "Sign up",
                "<h1>Join the newsletter</h1><form><input type=email><button>Subscribe</button></form>",
            ),
            200,
        ),
        (
            page(
                "Rope",
                "<h1>Rope</h1><p>Subscribe and save 10%.</p><p>€ 12 a month</p><button>Subscribe</button>",
            ),
            200,
        ),
        (
            page(
                "News",
                NAV,
                TEASER,
                "<div class='cookie-notice'>We use cookies. <button>OK</button></div>",
                FOOTER,
            ),
            200,
        ),
        (
            page(
                "News",
                NAV,
                SHORT,
                "<div role=dialog aria-modal=true>Subscribe to our newsletter <input type=email></div>",
                FOOTER,
            ),
            200,
        ),
        (page("Members", f"<h1>Our members</h1><p>{SENTENCE * 2}</p><ul><li>Ada</li><li>Bo</li></ul>"), 200),
        (
            page(
                "Results",
                NAV,
                "<ul>"
                + "".join(
                    f"<li><a href=/{i}>Result {i}: harbour data and privacy</a></li>" for i in range(20)
                )
                + "</ul>",
                "<div id=onetrust-banner-sdk>We use cookies <button>Accept all</button></div>",
            ),
            200,
        ),
        (page("Hello", "<h1>Hello world</h1><p>Hi.</p>"), 200),
        (
            page(
                "Register",
                "<h1>Register for the race</h1><form><input name=a><input name=b><input name=c><button>Register</button></form>",
            ),
            200,
        ),
        (
            page(
                "Free articles left",
                ARTICLE,
                "<div class=meter>You have 1 free article left. Subscribe for unlimited access.</div>",
            ),
            200,
        ),
        (
            page(
                "Short with meter",
                SHORT,
                "<div class=meter>You have 3 free articles remaining this month.</div>",
            ),
            200,
        ),
        (page("Moment", f"<h1>Just a moment</h1><p>{SENTENCE}</p>"), 200),
    ],
}

EVERY = {wanted: pages + MORE[wanted] for wanted, pages in PAGES.items()}
CASES = [(wanted, n) for wanted, pages in EVERY.items() for n in range(len(pages))]


@pytest.mark.parametrize(("wanted", "n"), CASES)
def test_walls_are_told_from_pages(wanted: str | None, n: int) -> None:
    """What stands on the page decides; text of its own before a paywall makes it a part."""
    html, status = EVERY[wanted][n]
    found = wall(html, status)
    assert (found.reason.value if found else None) == wanted
    if found and wanted != "login_wall":
        assert found.blocked is (wanted != "paywall")
