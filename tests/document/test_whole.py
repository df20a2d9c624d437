"""`X-Engine: auto`: when is a static page clearly whole?"""

from __future__ import annotations

import pytest

from reader_stream.document.whole import is_whole

WHOLE = [
    "<p>Just text",
    "<body><h1>A</h1><p>b</p><img src=a.png></body>",
    '<script type="application/ld+json">{"@type":"Article"}</script><p>x',
    '<script type="text/template"><p onclick=x></script><p>x',
    "<script>window.dataLayer = window.dataLayer || []; gtag('js', new Date())</script><p>x",
    '<script async src="https://www.googletagmanager.com/gtag/js?id=1"></script><p>x',
    "<style>p{color:red}</style><p>x",
    "<p>The word document and fetch() in text</p>",
    "<noscript>please enable</noscript><p>x",
]
ALIVE = [
    "",
    "no markup at all",
    "<script src=app.js></script><p>x",
    "<script>document.body.append('x')</script>",
    "<SCRIPT TYPE=module>import './a.js'</SCRIPT>",
    "<script type='text/javascript'>fetch('/x')</script>",
    "<script>window['doc'+'ument'].write(1)</script>",
    "<script>unclosed()",
    '<meta http-equiv="refresh" content="0;url=/x"><p>x',
    "<my-app></my-app>",
    "<body onload='go()'>x",
    "<img src=x onerror=go()>",
    "<div><template shadowrootmode=open>x</template></div>",
    "<frameset><frame src=a></frameset>",
    "<style>.x{display: none}</style><p class=x>secret",
    "<link rel='preload stylesheet' href=a.css><p>x",
    "<script>while (true) {}</script><p>x",
    '<script src="https://evil.test/www.googletagmanager.com/gtag/"></script>',
]


@pytest.mark.parametrize("html", WHOLE)
def test_a_page_that_nothing_can_change_is_whole(html: str) -> None:
    """Data blocks, analytics and scripts that never touch the document call for no browser."""
    assert is_whole(html.encode())


@pytest.mark.parametrize("html", ALIVE)
def test_a_page_that_may_change_is_not(html: str) -> None:
    """Any script, refresh, custom element, handler or style that could change or hide calls for one."""
    assert not is_whole(html.encode())
