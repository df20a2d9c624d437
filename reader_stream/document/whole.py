"""Whether a static page is clearly whole, so that rendering it in a browser could add nothing.

The rule of `X-Engine: auto`, on the safe side: a page is whole when nothing in it can change it. That
means no script that could (data blocks, analytics and short inline scripts that touch nothing do not
count), no refresh, no custom elements, no event handlers that fire by themselves, no frameset, and no
style sheet that may hide text: only a browser knows what is visible then.
"""

from __future__ import annotations

import re

_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.I | re.S)
_OPEN_SCRIPT = re.compile(rb"<script\b", re.I)
_SRC = re.compile(rb"\bsrc\s*=\s*[\"']?\s*([^\s\"'>]*)", re.I)
_TYPE = re.compile(rb"\btype\s*=\s*[\"']?\s*([^\s\"'>;]*)", re.I)
# Of a body in lower case. Each begins with letters that Python looks for at memory speed: as one pattern of
# alternatives they took 9 ms for 256 KiB, so they take 0.8 ms.
_ALIVE = (
    re.compile(
        rb"<(?:meta\b[^>]*http-equiv\s*=\s*[\"']?refresh"  # goes elsewhere
        rb"|[a-z][a-z0-9]*-[a-z0-9-]*[\s>/]"  # a custom element, defined by script
        rb"|frameset\b|portal\b|link\b[^>]*\brel\s*=\s*[\"']?[^\"'>]*stylesheet"
        rb"|(?:body|img|svg|iframe|link|style|video|audio|object|details)\b[^>]*\son[a-z]+\s*=)"
    ),
    re.compile(rb"shadowrootmode\b"),
    re.compile(rb"@import\b"),
    re.compile(rb"display\s*:\s*none"),
    re.compile(rb"visibility\s*:\s*(?:hidden|collapse)"),
    re.compile(rb"opacity\s*:\s*0?\.?0*\s*[;}!]"),
)
# Measurement only: these load no content of the page (hosts of the common analytics snippets).
_ANALYTICS = re.compile(
    rb"^(?:https?:)?//(?:www\.googletagmanager\.com/gtag/|www\.google-analytics\.com/|plausible\.io/"
    rb"|static\.cloudflareinsights\.com/|cdn\.usefathom\.com/|stats\.wp\.com/)",
    re.I,
)
_REACHES_OUT = re.compile(
    rb"\b(?:document|location|history|navigator|fetch|XMLHttpRequest|WebSocket|EventSource|import|eval"
    rb"|Function|customElements|self|globalThis|frames|parent|top"
    rb"|for|while|do|setTimeout|setInterval|alert|confirm|prompt|open|close|throw|debugger)\b|window\s*\["
)
_SCRIPT_TYPES = {b"", b"module", b"text/javascript", b"application/javascript", b"text/ecmascript"}
_SCRIPT_TYPES |= {b"application/ecmascript", b"application/x-javascript", b"text/jscript", b"text/babel"}


def is_whole(body: bytes) -> bool:
    """Whether the HTML in `body`, as fetched, says all that a browser would show."""
    lower = body.lower()
    if b"<" not in body or any(sign.search(lower) for sign in _ALIVE):
        return False
    closed = 0
    for attributes, code in _SCRIPT.findall(body):
        closed += 1
        if not is_inert(attributes, code):
            return False
    return closed == len(_OPEN_SCRIPT.findall(body))


def is_inert(attributes: bytes, code: bytes) -> bool:
    """Whether a script of these attributes and this code leaves the page as it is."""
    kind = _TYPE.search(attributes)
    if kind and kind[1].lower() not in _SCRIPT_TYPES:
        return True
    src = _SRC.search(attributes)
    if src:
        return bool(_ANALYTICS.match(src[1]))
    return not _REACHES_OUT.search(code)
