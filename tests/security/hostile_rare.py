"""Ways that few pages use: rare elements, new headers, interfaces that fetch what they are told of."""

from __future__ import annotations

from tests.security.ways import Way, worker

_REPORT = {"Reporting-Endpoints": 'r="http://CANARY/", default="http://CANARY/"'}

RARE = (
    Way("css-image-set", "<style>#ris { background: image-set('http://CANARY/' 1x) }</style><i id=ris>x</i>"),
    Way("css-cursor", "<style>#rcu { cursor: url(http://CANARY/), auto }</style><i id=rcu>x</i>"),
    Way("css-shape", "<style>#rsh { float:left; shape-outside: url(http://CANARY/) }</style><b id=rsh>"),
    Way("css-import-layer", "<style>@import 'http://CANARY/' layer(a) supports(color: red);</style>"),
    Way("css-variable", "<style>#rva { --u: url(http://CANARY/); background: var(--u) }</style><i id=rva>"),
    Way("css-adopted", script="const s = new CSSStyleSheet(); s.replaceSync('body { background: "
        "url(http://CANARY/) }'); document.adoptedStyleSheets = [s]", framed=True),
    Way("body-background", '<body background="http://CANARY/">x', framed=True),
    Way("svg-script", '<svg><script href="http://CANARY/"></script></svg>'),
    Way("svg-animate", '<svg width=9 height=9><image width=9 height=9><set attributeName=href '
        'to="http://CANARY/"/></image></svg>'),
    Way("svg-pattern", '<svg><rect width=9 height=9 fill="url(http://CANARY/#p)"/></svg>'),
    Way("import-map", '<script type=importmap>{"imports": {"rs": "http://CANARY/"}}</script>'
        '<script type=module>import "rs"</script>', framed=True),
    Way("import-json", script="import('http://CANARY/', {with: {type: 'json'}})"),
    Way("import-css", script="import('http://CANARY/', {with: {type: 'css'}})"),
    Way("preload-srcset", '<link rel=preload as=image imagesrcset="http://CANARY/ 1x">'),
    Way("preload-fetch", '<link rel=preload as=fetch crossorigin href="http://CANARY/">'),
    Way("link-alternate", '<link rel="alternate stylesheet" href="http://CANARY/">'),
    Way("link-dictionary", '<link rel=compression-dictionary href="http://CANARY/">'),
    Way("link-script-made", script="document.head.append(Object.assign(document.createElement('link'), "
        "{rel: 'stylesheet', href: 'http://CANARY/'}))"),
    Way("speculation-prerender", '<script type=speculationrules>{"prerender": [{"source": "list", '
        '"urls": ["http://CANARY/"], "eagerness": "immediate"}]}</script>'),
    Way("speculation-header", "<p>x", framed=True, headers={"Speculation-Rules": '"http://CANARY/"'}),
    Way("preconnect-header", "<p>x", framed=True, headers={"Link": "<http://CANARY>; rel=preconnect"}),
    Way("source-map-header", "<script>1</script>", framed=True, headers={"SourceMap": "http://CANARY/"}),
    Way("source-map", "<script>1\n//# sourceMappingURL=http://CANARY/\n</script>"),
    Way("attribution-header", "<p>x", framed=True, headers={
        "Attribution-Reporting-Register-Source": '{"destination": "http://CANARY/"}'}),
    Way("opener-policy-report", "<p>x", framed=True, headers={
        **_REPORT, "Cross-Origin-Opener-Policy": 'same-origin; report-to="r"'}),
    Way("embedder-policy-report", '<img src="http://x.invalid/">', framed=True, headers={
        **_REPORT, "Cross-Origin-Embedder-Policy": 'require-corp; report-to="r"'}),
    Way("permissions-policy-report", "<script>navigator.geolocation.getCurrentPosition(x => x)</script>",
        framed=True, headers={**_REPORT, "Permissions-Policy": "geolocation=();report-to=r"}),
    Way("deprecation-report", "<script>const x = new XMLHttpRequest(); x.open('GET', '/pixel', false);"
        "x.send()</script>", framed=True, headers=_REPORT),
    Way("iframe-credentialless", '<iframe credentialless src="http://CANARY/"></iframe>'),
    Way("iframe-srcdoc-script", "<iframe srcdoc=\"<script>fetch('http://CANARY/')</script>\"></iframe>"),
    Way("iframe-nested", "<iframe srcdoc='<iframe srcdoc=\"<img src=http://CANARY/>\"></iframe>'></iframe>"),
    Way("iframe-top", '<iframe src="javascript:top.location=\'http://CANARY/\'" sandbox="allow-scripts">'
        "</iframe>"),
    Way("fenced-frame", script="const f = document.createElement('fencedframe'); f.config = new "
        "FencedFrameConfig('http://CANARY/'); document.body.append(f)"),
    Way("object-param", '<object type="application/x-shockwave-flash"><param name=movie value="http://CANARY/">'
        "</object>"),
    Way("applet", '<applet code=a codebase="http://CANARY/"></applet>'),
    Way("playlist", '<video preload=auto src="data:application/vnd.apple.mpegurl,%23EXTM3U%0A%23EXTINF:1,%0A'
        'http://CANARY/a.ts"></video>'),
    Way("form-action", "<form id=rfa><button id=rfb formaction='http://CANARY/' formtarget=_blank>x</button>"
        "</form>", "rfb.click()"),
    Way("link-click", "<a id=rlc href='http://CANARY/' target=_blank>x</a>", "rlc.click()"),
    Way("link-download", "<a id=rld href='http://CANARY/' download>x</a>", "rld.click()", framed=True),
    Way("download-blob", script="const a = document.createElement('a'); a.download = 'x'; a.href = "
        "URL.createObjectURL(new Blob(['<img src=http://CANARY/>'], {type: 'text/html'})); a.click()"),
    Way("navigation-api", script="navigation.navigate('http://CANARY/')", framed=True),
    Way("history-base", script="document.head.append(Object.assign(document.createElement('base'), "
        "{href: 'http://CANARY/'})); fetch('x')", framed=True),
    Way("websocket-stream", script="new WebSocketStream('ws://CANARY/')"),
    Way("cache-add", script="caches.open('c').then(c => c.add(new Request('http://CANARY/', "
        "{mode: 'no-cors'})))"),
    Way("paint-worklet", script="CSS.paintWorklet.addModule('http://CANARY/')"),
    Way("layout-worklet", script="CSS.layoutWorklet.addModule('http://CANARY/')"),
    Way("shared-storage", script="sharedStorage.createWorklet('http://CANARY/')"),
    Way("federated-sign-in", script="navigator.credentials.get({identity: {providers: "
        "[{configURL: 'http://CANARY/', clientId: 'x'}]}})"),
    Way("payment", script="new PaymentRequest([{supportedMethods: 'http://CANARY/'}], {total: {label: 'x', "
        "amount: {currency: 'EUR', value: '1'}}}).canMakePayment()"),
    Way("protocol-handler", script="navigator.registerProtocolHandler('web+x', '/?%s'); "
        "location.href = 'web+x:http://CANARY/'", framed=True),
    Way("presentation", script="new PresentationRequest('http://CANARY/').getAvailability()"),
    Way("private-address", script="fetch('http://CANARY/', {mode: 'no-cors', targetAddressSpace: 'local'})"),
    Way("worker-event-source", script=worker("new EventSource('http://CANARY/')")),
    Way("worker-xhr", script=worker("const x = new XMLHttpRequest(); x.open('GET', 'http://CANARY/', false); "
        "x.send()")),
    Way("worker-module", script=worker("import 'http://CANARY/'", options=", {type: 'module'}")),
    Way("worker-transport", script=worker("new WebTransport('https://CANARY/')")),
    Way("worker-data", script="new Worker(\"data:text/javascript,fetch('http://CANARY/')\")"),
    Way("shared-worker-socket", script=worker("new WebSocket('ws://CANARY/')", "SharedWorker")),
    Way("stun-ipv6", script="const p = new RTCPeerConnection({iceServers: [{urls: 'stun:[::1]:PORT'}]}); "
        "p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o)); window.rp = p"),
    Way("stun-pool", script="window.rq = new RTCPeerConnection({iceCandidatePoolSize: 5, iceServers: "
        "[{urls: ['stun:CANARY', 'turn:CANARY'], username: 'u', credential: 'c'}]})"),
    Way("transport-ipv6", script="new WebTransport('https://[::1]:PORT/')"),
    Way("direct-socket", script="new TCPSocket('127.0.0.1', PORT)"),
    Way("ftp", '<img src="ftp://CANARY/"><iframe src="ftp://CANARY/"></iframe>'),
    Way("chrome-scheme", '<iframe src="chrome://net-export"></iframe><iframe src="devtools://devtools/bundled/'
        'inspector.html?ws=CANARY/"></iframe><img src="chrome://favicon/http://CANARY/">'),
    Way("filesystem", '<iframe src="filesystem:http://CANARY/temporary/x"></iframe>'),
    Way("user-in-host", '<img src="http://127.0.0.1:PORT@127.0.0.1:PORT/"><img src="http:CANARY/">'),
    Way("tabs-in-host", '<img src="ht&#9;tp://127.0.&#10;0.1:PORT/">'),
    Way("ipv6-compatible", '<img src="http://[::127.0.0.1]:PORT/">'),
    Way("ipv6-nat64", '<img src="http://[64:ff9b::127.0.0.1]:PORT/">'),
)  # fmt: skip
