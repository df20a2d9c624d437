"""The observer and its serializer: what a capture's text holds, and when a page says "changed"."""

# ruff: noqa: E501 (pages and scripts read best in one line)

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.capture import Observer
from reader_stream.fetch.page import FirstResponse
from reader_stream.fetch.tabs import Tab
from tests.fetch.browsers import PATIENCE_S, until
from tests.fetch.pages import BASE, read, render

pytestmark = pytest.mark.anyio
CALL_S = 30.0


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module's browser."""
    return "asyncio"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser for this file."""
    async with Browser.open(BrowserSettings(tabs=2, warm_tabs=1)) as opened:
        yield opened


@asynccontextmanager
async def observed(
    browser: Browser, html: str, **options: Any
) -> AsyncIterator[tuple[Tab, Observer, list[Any]]]:
    """A tab that shows `html`, its observer, and the list of what it pushed."""
    async with browser.tab() as tab:
        pushed: list[Any] = []
        observer = Observer(tab.session, tab.target_id, lambda *counts: pushed.append(counts), **options)
        for call in observer.attach():
            await call
        loaded = anyio.Event()
        tab.session.on("Page.loadEventFired", lambda _: loaded.set())
        await tab.session.send("Page.reload")  # a document from before the injection has no observer
        await loaded.wait()
        await tab.session.send("Page.setDocumentContent", {"frameId": tab.target_id, "html": html})
        yield tab, observer, pushed


async def run(tab: Tab, script: str) -> None:
    """Run a script in the page's own world."""
    answer = await tab.session.send("Runtime.evaluate", {"expression": f"{{{script}}}"})
    assert "exceptionDetails" not in answer, answer


def inside(text: str) -> str:
    """The body's content."""
    return text.partition("<body>")[2].rpartition("</body>")[0]


TEXTS = {
    "text and attributes are escaped": (
        "<p title='a&quot;b&lt;c&amp;d'>x &lt;b&gt; &amp;amp; y&nbsp;z",
        '<p title="a&quot;b&lt;c&amp;d">x &lt;b&gt; &amp;amp; y&nbsp;z</p>',
    ),
    "comments are dropped": ("a<!-- b -->c", "ac"),
    "code of the page is dropped": (
        "<script>1</script><style>p{}</style><template>t</template><p onclick='x()' id=i>a</p>",
        '<p id="i">a</p>',
    ),
    "data for readers is kept, and cannot end its element": (
        '<script type="application/ld+json">{"a":"</scr" + "<!--"}</script>',
        '<script type="application/ld+json">{"a":"\\u003c/scr" + "\\u003c!--"}</script>',
    ),
    "void elements have no end tag": ("a<br>b<img alt=x><hr>", 'a<br>b<img alt="x"><hr>'),
    "the first newline of pre survives": ("<pre>\n\nx</pre>", "<pre>\n\nx</pre>"),
    "form values are as they are": (
        "<input value=old id=i><input type=checkbox id=c><input type=password value=secret>"
        "<select><option selected>1<option id=o>2</select><textarea id=t>old</textarea>"
        "<script>i.value='new';c.checked=true;o.selected=true;t.value='<new>'</script>",
        '<input id="i" value="new"><input type="checkbox" id="c" value="on" checked="">'
        '<input type="password"><select><option>1</option><option id="o" selected="">2</option></select>'
        '<textarea id="t">\n&lt;new&gt;</textarea>',
    ),
    "details show what they hold": (
        "<details><summary>s</summary><p>in</p><p style='display:none'>away</p></details>",
        '<details><summary>s</summary><p>in</p><p style="display:none" data-rs-hidden="">away</p></details>',
    ),
    "svg keeps its names": (
        '<svg viewBox="0 0 1 1"><title>t</title><linearGradient></linearGradient><style>x</style></svg>',
        '<svg viewBox="0 0 1 1"><title>t</title><linearGradient></linearGradient></svg>',
    ),
    "what is not displayed is marked, once": (
        "<style>.n{display:none}</style><div class=n><p class=n>x</p></div>",
        '<div class="n" data-rs-hidden=""><p class="n">x</p></div>',
    ),
    "what is invisible is marked, but not what is visible in it": (
        "<div style='visibility:hidden'><p>x</p></div>"
        "<div style='visibility:hidden'><p id=a>x</p><p style='visibility:visible'>y</p></div>",
        '<div style="visibility:hidden" data-rs-hidden=""><p>x</p></div>'
        '<div style="visibility:hidden"><p id="a" data-rs-hidden="">x</p><p style="visibility:visible">y</p></div>',
    ),
    "what fades in is not marked, what floats transparently or stays transparent is": (
        "<p style='opacity:0;transform:translateY(9px)'>x</p><p style='opacity:0;position:fixed'>y</p>"
        "<p style='opacity:0'>z</p>",
        '<p style="opacity:0;transform:translateY(9px)">x</p>'
        '<p style="opacity:0;position:fixed" data-rs-hidden="">y</p>'
        '<p style="opacity:0" data-rs-hidden="">z</p>',
    ),
    "what has no size, no ink or no place is marked, what else is in it is not": (
        "<style>.s{font-size:0}.w{color:#fff}.c{clip-path:inset(50%)}.g{color:transparent;background-clip:text}</style>"
        "<p class=s>a<b style='font-size:9px'>b</b></p><p>c<i class=w>d</i></p><p class=c>e</p><p class=g>f</p>"
        "<p style='position:absolute;left:-999px'>g</p><p style='text-indent:-999px'>h</p>"
        "<p style='background:#000' class=w>i</p><p style='position:relative' class=w>j</p>",
        '<p class="s"><span data-rs-hidden="ink">a</span><b style="font-size:9px">b</b></p>'
        '<p>c<i class="w"><span data-rs-hidden="ink">d</span></i></p>'
        '<p class="c"><span data-rs-hidden="ink">e</span></p><p class="g">f</p>'
        '<p style="position:absolute;left:-999px"><span data-rs-hidden="ink">g</span></p>'
        '<p style="text-indent:-999px"><span data-rs-hidden="ink">h</span></p>'
        '<p style="background:#000" class="w">i</p><p style="position:relative" class="w">j</p>',
    ),
    "display: contents is visible": (
        "<div style='display:contents'><b>x</b></div>",
        '<div style="display:contents"><b>x</b></div>',
    ),
    "the page's own marks are stripped": (
        "<p data-rs-hidden data-rs-frame=x DATA-RS-SHADOW>x</p>",
        "<p>x</p>",
    ),
    "clobbered properties are seen through": (
        "<form><input name=childNodes><input name=firstChild><input name=attributes><input name=nodeType>"
        "<input name=localName><input name=parentNode></form><img name=body><img name=documentElement>",
        '<form><input name="childNodes"><input name="firstChild"><input name="attributes">'
        '<input name="nodeType"><input name="localName"><input name="parentNode"></form>'
        '<img name="body"><img name="documentElement">',
    ),
    "obsolete raw text is text": (
        "<xmp><b></xmp><listing>a</listing>",
        "<pre>\n&lt;b&gt;</pre><pre>\na</pre>",
    ),
    "names that would break out are no names": (
        "<script>document.body.append(Object.assign(document.createElement('p'), {}));"
        "document.querySelector('p').setAttribute('a\"b', 1)</script>",
        "<p></p>",
    ),
    "without asking, shadow roots and frames stay closed": (
        "<div><template shadowrootmode=open>in</template>out</div><iframe src='about:blank'></iframe>",
        '<div>out</div><iframe src="about:blank"></iframe>',
    ),
}


@pytest.mark.parametrize("name", TEXTS)
async def test_text_of_a_page(browser: Browser, name: str) -> None:
    """Each line of the table: given HTML, and the body's text in the capture."""
    html, expected = TEXTS[name]
    assert inside(await render(browser, f"<!doctype html><body>{html}")) == expected


async def test_noscript_counts_where_nothing_else_is(browser: Browser) -> None:
    """An empty page means it for its readers, a full one does not."""
    html = "<body>{}<noscript><p data-rs-hidden>Turn <b>on</b></noscript><script></script>"
    assert '<p data-hidden="">Turn <b>on</b></p>' in await render(browser, html.format(""))
    assert "Turn" not in await render(browser, html.format("word " * 50))


async def test_lone_surrogates_and_nul_are_harmless(browser: Browser) -> None:
    """A page cannot write what no encoding can carry, nor our own frame marks."""
    script = "document.body.append('a\\ud800b', '\\0X\\0', '😀')"
    assert inside(await render(browser, f"<body><script>{script}</script>")) == "a\ufffdbX😀"


async def test_shadow_roots_are_composed(browser: Browser) -> None:
    """Open, closed, declared and made by script, nested, with slots and their fallback."""
    html = """<div id=h>light<b slot=x>named</b><i slot=nowhere>lost</i></div>
    <section><template shadowrootmode=closed><p>declared closed <slot></slot></p></template>slotted</section>
    <script>
    const root = h.attachShadow({mode: 'closed'});
    root.innerHTML = '<p>closed <slot></slot><slot name=x></slot><slot name=y>fallback</slot></p><span></span>';
    root.querySelector('span').attachShadow({mode: 'open'}).innerHTML = '<u>nested</u>';
    </script>"""
    text = inside(await render(browser, f"<body>{html}", with_shadow=True))
    assert (
        '<div id="h"><div data-rs-shadow=""><p>closed light<b slot="x">named</b>fallback</p>'
        '<span><div data-rs-shadow=""><u>nested</u></div></span></div></div>' in text
    )
    assert '<section><div data-rs-shadow=""><p>declared closed slotted</p></div></section>' in text
    assert "lost" not in text


async def test_a_page_cannot_tell_or_break_the_shadow_hook(browser: Browser) -> None:
    """The wrapped attachShadow behaves as the native one does, errors and all."""
    html = """<p id=out></p><div id=h></div><script>
    const said = [Element.prototype.attachShadow.name, Element.prototype.attachShadow.length];
    try { document.createElement('img').attachShadow({mode: 'open'}) } catch (e) { said.push(e.name) }
    try { h.attachShadow() } catch (e) { said.push(e.name) }
    EventTarget.prototype.dispatchEvent = Node.prototype.appendChild = () => { throw 1 };
    const root = h.attachShadow({mode: 'closed'});
    said.push(root.childNodes.length, root.mode, h.shadowRoot);
    root.innerHTML = '<b>inside</b>';
    out.textContent = said.join();
    </script>"""
    text = await render(browser, html, with_shadow=True)
    assert '<p id="out">attachShadow,1,NotSupportedError,TypeError,0,closed,</p>' in text
    assert "<b>inside</b>" in text


async def test_frames_are_composed_in_place(browser: Browser) -> None:
    """At any depth, with their own base and marks; hidden ones are marked."""
    inner = "<p>in<iframe srcdoc='<i>deeper</i>'></iframe><b style=display:none>away</b>"
    html = f"""<p>before</p><iframe srcdoc="{inner}"></iframe><p>after</p>
    <iframe style="display:none" srcdoc="tracker"></iframe>"""
    text = inside(await render(browser, f"<body>{html}", with_iframe=True))
    assert (
        f'<p>before</p><div data-rs-frame="{BASE}"><p>in<div data-rs-frame="{BASE}"><i>deeper</i></div>'
        '<b style="display:none" data-rs-hidden="">away</b></p></div><p>after</p>' in text
    )
    assert f'<div data-rs-frame="{BASE}" data-rs-hidden>tracker</div>' in text


async def test_frames_in_other_clothes_are_composed(browser: Browser) -> None:
    """Sandboxed ones, objects, framesets, and eighty at once."""
    many = "".join(f"<iframe srcdoc='<p>{n}'></iframe>" for n in range(80))
    text = await render(browser, f"<iframe sandbox srcdoc='<p>sandboxed'></iframe>{many}", with_iframe=True)
    assert "<p>sandboxed</p>" in text
    assert text.count("data-rs-frame") == 81
    html = """<body><script>const o = document.createElement('object'); o.type = 'text/html';
    o.data = URL.createObjectURL(new Blob(['<p>object'], {type: 'text/html'})); document.body.append(o)</script>"""
    assert "<p>object</p>" in await render(browser, html, with_iframe=True)
    html = "<frameset><frame src='about:blank'><frame></frameset>"
    assert (await render(browser, html, with_iframe=True)).count("data-rs-frame") == 2


@pytest.mark.parametrize(
    "policy", ["sandbox", "script-src 'none'", "default-src 'none'; sandbox allow-scripts"]
)
async def test_a_sites_policy_does_not_bind_the_observer(browser: Browser, policy: str) -> None:
    """Its own scripts are stopped, the capture is not."""
    headers = (("Content-Type", "text/html"), ("Content-Security-Policy", policy))
    response = FirstResponse(BASE, 200, headers, b"<p>text<script>document.write('ran')</script>")
    last = (await read(browser, BASE, response=response, with_shadow=True))[-1]
    assert inside(str(last.body)) == "<p>text</p>"


async def test_incremental_captures_equal_full_ones(browser: Browser) -> None:
    """After any edits, what is spliced together is what a full capture says. 60 random steps."""
    rng = random.Random(5)
    html = (
        "<style>.off{display:none}.dim{visibility:hidden}.dim p{visibility:visible}</style><body>"
        + "".join(
            f"<section><h2>{n}</h2><p>p{n} &amp; 😀</p><ul><li>a<li>b<li><i>c</i></ul><div class=h>a<b>b</b></div></section>"
            for n in range(9)
        )
    )
    edits = (
        "at().append(document.createTextNode('t$ <&'))",
        "at().after(Object.assign(document.createElement('p'), {textContent: 'n$ 😎'}))",
        "at().prepend(at().cloneNode(true))",
        "at().remove()",
        "at().before(at())",
        "at().textContent = 'r$'",
        "at().innerHTML = '<b>$</b><i>$</i>'",
        "at().classList.toggle('off')",
        "at().classList.toggle('dim')",
        "at().title = '$'",
        "at().slot = 'z'",
        "roots[k % roots.length].append('s$')",
        "roots[k % roots.length].querySelector('*').innerHTML = '<slot></slot>$'",
        "document.body.classList.toggle('x$')",
        "const e = at(), p = e.parentNode; e.remove(); p.append(e)",
    )
    pick = "const all = document.body.querySelectorAll('*'); let k = $; const at = () => all[(k = k * 7 + 3) % all.length];"
    hosts = (
        "window.roots = [...document.querySelectorAll('.h')].map((h, n) => {"
        " const root = h.attachShadow({mode: n % 2 ? 'open' : 'closed'});"
        " root.innerHTML = '<u>s<slot></slot></u><i>e</i>'; return root })"
    )
    async with observed(browser, html, with_shadow=True) as (tab, observer, _):
        await run(tab, hosts)
        first = await observer.capture(full=False, timeout=CALL_S)
        assert first is not None
        latest = first.html
        for _step in range(60):
            for _ in range(rng.randint(1, 3)):
                edit = rng.choice(edits).replace("$", str(rng.randrange(1000)))
                number = str(rng.randrange(10_000))
                await run(
                    tab,
                    f"try {{ {pick.replace('$', number)} {edit} }} catch (e) {{ if (e instanceof SyntaxError) throw e }}",
                )
            spliced = await observer.capture(full=False, timeout=CALL_S)
            latest = spliced.html if spliced else latest
            full = await observer.capture(full=True, timeout=CALL_S)
            assert full is not None
            assert latest == full.html
            latest = full.html if rng.random() < 0.5 else latest


async def test_documents_written_anew_are_still_observed(browser: Browser) -> None:
    """`document.open` takes the listeners away, not the observer."""
    html = """<div></div><script>setTimeout(() => { document.open(); document.write('<p id=h>new</p>');
    document.close(); h.attachShadow({mode: 'closed'}).innerHTML = '<b>inside</b>' }, 100)</script>"""
    assert "<b>inside</b>" in await render(browser, html, with_shadow=True)


async def test_an_edit_costs_what_it_changes(browser: Browser) -> None:
    """Of a large page, an unchanged capture is nothing and one edit is a few hundred bytes on the wire."""
    html = "<body>" + "".join(f"<p>paragraph {n} with some text in it</p>" for n in range(5000))
    async with observed(browser, html) as (tab, observer, _):
        await observer.capture(full=False, timeout=CALL_S)
        assert await observer.capture(full=False, timeout=CALL_S) is None
        await run(tab, "document.body.children[2500].append('edited')")
        sizes: list[int] = []
        feed = tab.session.connection.feed

        def weigh(raw: bytes) -> None:
            sizes.append(len(raw))
            feed(raw)

        tab.session.connection.feed = weigh  # type: ignore[method-assign]
        edited = await observer.capture(full=False, timeout=CALL_S)
        assert edited is not None
        assert "in itedited</p>" in edited.html
        assert 0 < sum(sizes) < 2000


async def test_changes_are_pushed_once_at_the_leading_edge(browser: Browser) -> None:
    """The first change is said at once, a storm is throttled, and silence follows silence."""
    async with observed(browser, "<body><p id=p>x</p>") as (tab, observer, pushed):
        await observer.capture(full=False, timeout=CALL_S)
        await anyio.sleep(0.2)
        pushed.clear()
        await run(tab, "document.body.append('now')")
        await until(lambda: len(pushed) == 1)
        await run(
            tab,
            "let n = 0; const t = setInterval(() => { p.textContent = ++n; if (n > 99) { clearInterval(t) } }, 3)",
        )
        await until(lambda: sum(map(sum, pushed)) >= 101)
        assert len(pushed) <= 25
        with anyio.fail_after(PATIENCE_S):
            while pushed:  # the last of them may be late
                pushed.clear()
                await anyio.sleep(0.3)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("document.body.append(document.createElement('p'))", "growth"),
        ("p.firstChild.data += ' more'", "growth"),
        ("p.innerHTML = `<b>${p.textContent} more</b>`", "growth"),
        ("p.textContent = n % 10", "churn"),
        ("p.style.transform = `rotate(${n}deg)`", "churn"),
        ("row.append(row.firstElementChild)", "churn"),
    ],
)
async def test_growth_is_told_from_churn(browser: Browser, script: str, kind: str) -> None:
    """What a place gains is growth however it is done; what it only swaps, again and again, is churn."""
    async with observed(browser, "<body><p id=p>text</p><div id=row><i>a</i><i>b</i></div>") as (
        tab,
        observer,
        pushed,
    ):
        await observer.capture(full=False, timeout=CALL_S)
        for n in range(30):
            if n == 20:
                await observer.look((), 1, CALL_S)
                pushed.clear()
            await run(tab, f"const n = {n}; {script}")
        rest = await observer.look((), 1, CALL_S)
        assert rest is not None
        growth, replaced, churn = (sum(counts) for counts in zip(rest.counts, *pushed, strict=True))
        assert {"growth": growth, "churn": churn}[kind] >= 10
        assert not replaced
        assert not (churn if kind == "growth" else growth)


async def test_input_by_the_page_is_a_change(browser: Browser) -> None:
    """Events of forms are seen though the tree does not change; silent values at the end at least."""
    html = "<input id=i><script>setTimeout(() => { i.value = 'silent' }, 300)</script>"
    (*_, last) = await read(browser, BASE, html=html)
    assert 'value="silent"' in last.body


async def test_closed_roots_grow_in_sight(browser: Browser) -> None:
    """What happens within a closed root is a change of the page."""
    html = """<div id=h></div><script>const root = h.attachShadow({mode: 'closed'});
    fetch('data:,x').then(() => setTimeout(() => { root.innerHTML = 'late' }, 400))</script>"""
    assert "late" in await render(browser, html, with_shadow=True)
