"""`X-Remove-Overlay`: cookie walls and modals, whatever draws them, are gone from texts and pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.service import JSON, Service

TEXT = "<main><h1>Title</h1><p>" + "word " * 80 + "</p></main>"
BOX = "position:fixed;inset:0;z-index:99;background:#f00"
BAR = f"{BOX};inset:auto 0 0;height:20%"
HEAD = f"<style>body{{margin:0;background:#fff;color:#fff}}.x{{{BOX}}}.bar{{{BAR}}}</style>"

OVERLAYS = {
    "named": "<div class='newsletter-modal x'>marker-over</div>",
    "unnamed": "<div class=x><div>marker-over</div></div>",
    "dialog": "<dialog open class=x>marker-over</dialog>",
    "role": "<section role=dialog class=x>marker-over</section>",
    "modal": "<dialog id=d>marker-over</dialog><script>d.showModal()</script>",
    "bar": "<aside id=CookieBanner class=bar>marker-over</aside>",
    "two layers": "<div class=x></div><div class=x style='z-index:100'>marker-over</div>",
    "late": "<script>setTimeout(() => { const d = document.createElement('div'); d.className = 'x';"
    "d.append('marker-over'); document.body.append(d); document.body.style.overflow = 'hidden' }, 300)"
    "</script>",
    "long": f"<div class='consent x'>marker-over {'legal ' * 120}</div>",
}


def body(overlay: str, **more: object) -> dict[str, object]:
    """A page with an overlay, in a browser."""
    return {"html": HEAD + TEXT + overlay, "engine": "browser", "respondTiming": "network-idle", **more}


@pytest.mark.parametrize("name", OVERLAYS)
def test_overlays_are_gone_when_that_is_asked_for(name: str, service: Service) -> None:
    """From markdown, text and HTML; the page itself stays whole."""
    asked = body(OVERLAYS[name], respondWith="markdown,text,html", removeOverlay=True)
    data = service.post(asked, JSON).json()["data"]
    for field in ("markdown", "text", "html"):
        assert "marker-over<" not in data[field]
        assert data[field].count("word ") >= 70
    assert "marker-over" not in data["markdown"] + data["text"]


def test_overlays_stay_unless_that_is_asked_for(service: Service) -> None:
    """They are part of the page."""
    data = service.post(body(OVERLAYS["unnamed"], respondWith="markdown"), JSON).json()["data"]
    assert "marker-over" in data["markdown"]


@pytest.mark.parametrize("name", ["named", "unnamed", "modal", "two layers", "late"])
def test_pictures_show_what_lay_below(name: str, service: Service) -> None:
    """White, not the overlay's red."""
    answer = service.post(body(OVERLAYS[name], respondWith="screenshot", removeOverlay=True))
    assert answer.status == 200, answer.text
    assert Image.open(io.BytesIO(answer.body)).convert("RGB").getpixel((640, 600)) == (255, 255, 255)


KEPT = {
    "header": "<header style='position:sticky;top:0;z-index:9'>marker-kept</header>",
    "application": f"<div class=x><article>{TEXT} marker-kept</article></div>",
    "most of it": f"<div class=x>{'text ' * 200} marker-kept</div>",
    "behind": "<div class=x style='z-index:-1'>marker-kept</div>",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_the_page_stays(name: str, service: Service) -> None:
    """Headers, applications that fill the window, and what has most of the text."""
    data = service.post(body(KEPT[name], respondWith="markdown", removeOverlay=True), JSON).json()["data"]
    assert "marker-kept" in data["markdown"]
