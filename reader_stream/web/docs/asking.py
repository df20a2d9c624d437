"""Examples: what is read, how it is asked for, and when it is ready."""

from __future__ import annotations

from collections.abc import Mapping

from reader_stream.web.docs.example import ARTICLE, BASE, HEADERS_ECHO, JSON, Example, get, post

PARTS = "<nav>menu</nav><p class=a>alpha</p><p class=b>beta</p>"
LATE = '<p>early</p><script>setTimeout(() => document.body.append("late"), 300)</script>'
RAN = '<p id=p>source</p><script>p.textContent = "rendered"</script>'
SIZE = '<p id=p></p><script>p.textContent = innerWidth + " x " + innerHeight</script>'
SPEAKS = "<p id=p></p><script>p.textContent = navigator.language</script>"
GROWS = '<p>start</p><script>setInterval(() => document.body.append(" more"), 100)</script>'
STREAM = "text/event-stream"

ASKING: Mapping[str, tuple[Example, ...]] = {
    "url": (
        get("The address follows the service's own.", {}, accept="", shows=("Title: ", "Markdown Content:")),
        get(
            "As JSON, with links, dates and how complete it is.", {}, accept=JSON, shows=('"completeness":{',)
        ),
        get("As a stream of events while the page renders.", {}, accept=STREAM, shows=("event: final",)),
    ),
    "html": (
        post(
            "HTML of your own; `url` is what its links are relative to.",
            "<p><a href=next>go on</a></p>",
            url="https://example.com/book/1",
            gives="[go on](https://example.com/book/next)",
        ),
    ),
    "pdf": (
        Example(
            "A PDF as a multipart file.", f"curl -s {BASE}/ -F pdf=@report.pdf", shows=("Number of Pages: ",)
        ),
    ),
    "file": (
        Example(
            "A file of any kind that is read; its content tells what it is.",
            f"curl -s {BASE}/ -F file=@report.pdf -H 'Accept: application/json'",
            shows=('"numPages":',),
        ),
        Example(
            "Or as base64.",
            f"curl -s {BASE}/ -H 'Accept: text/markdown' -H 'Content-Type: application/json' "
            """-d '{"file": "eyJzaGlwcyI6IDN9"}'""",
            gives='```json\n{\n  "ships": 3\n}\n```',
        ),
    ),
    "pdfPassword": (
        Example(
            "A PDF that is encrypted.",
            f"curl -s {BASE}/ -F pdf=@locked.pdf -H 'X-Pdf-Password: open sesame'",
            shows=("Number of Pages: ",),
        ),
    ),
    "respondWith": (
        post("The main content, the default.", PARTS, respondWith="content", shows=("alpha",)),
        post("The whole page.", PARTS, {"X-Respond-With": "markdown"}, gives="menu\n\nalpha\n\nbeta"),
        post("Its HTML.", PARTS, {"X-Respond-With": "html"}, shows=("<p class=a>alpha</p>",)),
        post("Its text alone.", PARTS, {"X-Respond-With": "text"}, gives="menu\n\nalpha\n\nbeta"),
        post(
            "Several in one JSON.",
            PARTS,
            {"X-Respond-With": "markdown,text"},
            accept=JSON,
            shows=('"markdown":', '"text":'),
        ),
        Example(
            "A picture of the window is the body itself, in the format that `Accept` names.",
            f"curl -s {BASE}/{ARTICLE} -H 'X-Respond-With: screenshot' -H 'Accept: image/webp' -o page.webp",
            saves="page.webp",
        ),
        get(
            "A picture of the full page beside its content; JSON has its address.",
            {"X-Respond-With": "content,pageshot"},
            accept=JSON,
            shows=('"pageshotUrl":"http', '"content":'),
        ),
    ),
    "engine": (
        post("As it is, without a browser.", RAN, {"X-Engine": "http"}, gives="source"),
        post("As a browser shows it.", RAN, {"X-Engine": "browser"}, gives="rendered"),
    ),
    "timeout": (
        post(
            "Seconds that the page may take; what there is then goes out, and says so.",
            LATE,
            {"X-Timeout": "5", "X-Wait-For-Selector": "#never"},
            accept=JSON,
            shows=('"state":"partial"', '"selector_not_found"'),
        ),
        get("Out of range is an error.", {"X-Timeout": "500"}, accept=JSON, shows=('"code":400', "180")),
    ),
    "respondTiming": (
        post(
            "As soon as its HTML is there.",
            LATE.replace("300", "9000"),
            {"X-Respond-Timing": "html", "X-Engine": "browser"},
            shows=("early",),
            hides=("late",),
        ),
        post(
            "When the network is idle.", LATE, {"X-Respond-Timing": "network-idle"}, shows=("early", "late")
        ),
    ),
    "targetSelector": (
        post("Only these elements.", PARTS, {"X-Target-Selector": ".b, nav"}, gives="menu\n\nbeta"),
        post(
            "Nothing that matches is an error.",
            PARTS,
            {"X-Target-Selector": "#none"},
            accept=JSON,
            shows=('"code":422', '"path":"targetSelector"'),
        ),
    ),
    "waitForSelector": (
        post(
            "Not before it is there.",
            LATE.replace('"late"', 'Object.assign(document.createElement("b"), {textContent: "late"})'),
            {"X-Wait-For-Selector": "b"},
            shows=("**late**",),
        ),
    ),
    "removeSelector": (
        post("Without these elements.", PARTS, {"X-Remove-Selector": "nav, .a"}, gives="beta"),
        post("Another name of the same.", PARTS, {"X-Excluded-Selector": "nav"}, gives="alpha\n\nbeta"),
    ),
    "withIframe": (
        post(
            "What is in frames, in place.",
            '<p>page</p><iframe srcdoc="<p>frame</p>"></iframe>',
            {"X-With-Iframe": "true"},
            gives="page\n\nframe",
        ),
        post(
            "Set off from the page around it.",
            '<p>page</p><iframe srcdoc="<p>frame</p>"></iframe>',
            {"X-With-Iframe": "quoted"},
            gives="page\n\n> frame",
        ),
    ),
    "withShadowDom": (
        post(
            "What is in shadow roots, closed ones too.",
            '<p id=p></p><script>p.attachShadow({mode: "closed"}).innerHTML = "hidden well"</script>',
            {"X-With-Shadow-Dom": "true"},
            gives="hidden well",
        ),
    ),
    "removeOverlay": (
        post(
            "Without cookie walls and modals.",
            "<p>The article itself goes on for a while.</p><div class=cookie-wall>Accept?</div>",
            {"X-Remove-Overlay": "true"},
            gives="The article itself goes on for a while.",
        ),
    ),
    "setCookies": (
        get(
            "The page is asked with this cookie.",
            {"X-Set-Cookie": "session=abc; Path=/"},
            url=HEADERS_ECHO,
            shows=("session=abc",),
        ),
    ),
    "proxyUrl": (
        get(
            "By way of a proxy of yours: http, https, socks4 or socks5.",
            {"X-Proxy-Url": "http://user:password@proxy.example.com:8080"},
            shows=("# ",),
        ),
    ),
    "userAgent": (
        get("The page sees this.", {"X-User-Agent": "Mine/1.0"}, url=HEADERS_ECHO, shows=("Mine/1.0",)),
    ),
    "locale": (
        get("The language asked for.", {"X-Locale": "de-AT"}, url=HEADERS_ECHO, shows=("de-AT,de;q=0.9",)),
        post("Scripts see it too.", SPEAKS, {"X-Locale": "de-AT", "X-Engine": "browser"}, gives="de-AT"),
    ),
    "referer": (
        get(
            "The page is told that one comes from there.",
            {"X-Referer": "https://example.org/list"},
            url=HEADERS_ECHO,
            shows=("https://example.org",),
        ),
    ),
    "viewport": (
        post(
            "Size of the window, in CSS pixels.",
            SIZE,
            viewport={"width": 400, "height": 700, "isMobile": False, "deviceScaleFactor": 2},
            gives="400 x 700",
        ),
    ),
    "injectPageScript": (
        post(
            "Runs before the page's own scripts (READER_ALLOW_SCRIPTS=true).",
            "<p id=p></p><script>p.textContent = found</script>",
            injectPageScript='var found = "by the page"',
            gives="by the page",
        ),
    ),
    "injectFrameScript": (
        post(
            "Runs in each frame (READER_ALLOW_SCRIPTS=true).",
            '<p>page</p><iframe srcdoc="<p>frame</p>"></iframe>',
            injectFrameScript='addEventListener("DOMContentLoaded", () => document.body.append("seen"))',
            withIframe=True,
            gives="page\n\nframe\n\nseen\n\nseen",
        ),
    ),
    "customHeader": (
        Example(
            "Header fields for the target's origin, and nobody else.",
            f"curl -s {BASE}/ -H 'Content-Type: application/json' "
            f"""-d '{{"url": "{HEADERS_ECHO}", "customHeader": {{"X-Custom": "mine"}}}}'""",
            shows=('"mine"',),
        ),
    ),
    "noCache": (
        get("Read anew.", {"X-No-Cache": "true"}, accept=JSON, shows=('"cache":{"hit":false,"age":0}',)),
    ),
    "cacheTolerance": (
        get("No older than a minute.", {"X-Cache-Tolerance": "60"}, accept=JSON, shows=('"cache":{"hit":',)),
        get("0 is the same as no cache.", {"X-Cache-Tolerance": "0"}, accept=JSON, shows=('"hit":false',)),
    ),
    "doNotTrack": (
        post(
            "The result is not stored.",
            "<p>Between us.</p>",
            {"DNT": "1"},
            accept=JSON,
            shows=('"hit":false',),
        ),
    ),
    "robotsTxt": (
        get(
            "Obey robots.txt for this user agent.",
            {"X-Robots-Txt": "MyBot"},
            url="https://www.google.com/search?q=reader",
            accept=JSON,
            shows=('"name":"ResourcePolicyDenyError"', '"code":409'),
        ),
    ),
    "base": (
        get(
            "Links are relative to the address asked for, not to the one it redirects to.",
            {"X-Base": "initial"},
            url="https://example.com/options/moved",
            shows=("(https://example.com/options/next)",),
        ),
    ),
    "streamMode": (
        get(
            "One snapshot, then only what is new.",
            {"X-Stream-Mode": "patch"},
            accept=STREAM,
            shows=('"blocks":[', "event: final"),
        ),
    ),
    "stopWhen": (
        post(
            "End early, when some words are there.",
            GROWS,
            {"X-Stop-When": "text:more more", "X-Engine": "browser"},
            accept=JSON,
            shows=('"reasons":["stopped_by_client"]',),
        ),
        post(
            "Or an element, a number of tokens, or a page that hardly changes any more.",
            GROWS,
            {"X-Stop-When": "tokens>=5", "X-Engine": "browser"},
            accept=JSON,
            shows=('"stopped_by_client"',),
        ),
    ),
}
