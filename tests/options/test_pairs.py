"""Options that have to do with each other do what one expects of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from reader_stream.stream.sse import Decoder
from tests.e2e_checks import check_error, check_stream, fold
from tests.options.rows import IMAGES, LATE, LINKS, PARTS, PIXEL, STYLES, TABLE
from tests.service import JSON, SSE, Service
from tests.site import Site


def read(service: Service, **body: object) -> dict[str, Any]:
    """The document of `POST /` with these fields, the whole page's markdown unless they say otherwise."""
    answer = service.post({"respondWith": "markdown", **body}, JSON)
    assert answer.status == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def refused(service: Service, status: int, **body: object) -> dict[str, Any]:
    """The error of `POST /` with these fields."""
    answer = service.post(body, JSON)
    assert answer.status == status, answer.text
    error: dict[str, Any] = answer.json()
    check_error(error, status)
    return error


def test_a_header_wins_over_the_body(service: Service) -> None:
    """Each option for itself: what the header does not say, the body does."""
    body = {"html": STYLES, "respondWith": "text", "markdown": {"hr": "---", "headingStyle": "setext"}}
    headers = {"X-Respond-With": "markdown", "X-Md-Hr": "***"}
    data = service.post(body, {**JSON, **headers}).json()["data"]
    assert "text" not in data
    assert "One\n===" in data["markdown"]
    assert "\n\n***\n\n" in data["markdown"]


@pytest.mark.parametrize("field", ["markdown", "content", "text", "html"])
def test_removal_comes_before_the_choice(field: str, service: Service) -> None:
    """What is removed is gone from the target too, in every format."""
    page = "<div id=a><p>keep</p><p class=x>drop</p></div><p class=x>also</p><p>around</p>"
    found = read(service, html=page, targetSelector="#a, .x", removeSelector=".x", respondWith=field)[field]
    assert "keep" in found
    assert not any(word in found for word in ("drop", "also", "around"))


def test_a_target_that_was_removed_is_not_found(service: Service) -> None:
    """There is nothing to answer with: 422, naming the target."""
    assert refused(service, 422, html=PARTS, targetSelector=".a", removeSelector="main")["path"] == (
        "targetSelector"
    )


@pytest.mark.parametrize("path", ["/data.json", "/paper.pdf", "/notes.txt", "/feed.xml"])
def test_what_is_no_page_has_no_elements(path: str, service: Service, site: Site) -> None:
    """A target is not found there, an awaited element does not come, and nothing is dropped in silence."""
    assert refused(service, 422, url=site.url(path), targetSelector="p")["path"] == "targetSelector"
    waited = read(service, url=site.url(path), waitForSelector="p", timeout=5)
    assert waited["completeness"] == {"state": "partial", "reasons": ["selector_not_found"]}


@pytest.mark.parametrize("path", ["/data.json", "/paper.pdf", "/notes.txt", "/feed.xml", "/readme.md"])
def test_what_is_no_page_comes_in_every_format(path: str, service: Service, site: Site) -> None:
    """Text and HTML as well as markdown, alone and together."""
    mark = "marker-"
    for field in ("content", "markdown", "text", "html"):
        assert mark in read(service, url=site.url(path), respondWith=field)[field]
    together = read(service, url=site.url(path), respondWith="html+text+content")
    assert all(mark in together[field] for field in ("html", "text", "content"))


def test_frames_and_shadow_roots_in_one_another(service: Service) -> None:
    """A frame in a shadow root and a shadow root in a frame are both there, in place."""
    inner = "<div id=h></div><script>h.attachShadow({mode: `open`}).innerHTML = `<p>deep</p>`</script>"
    page = (
        "<p>top</p><div id=g></div><script>g.attachShadow({mode: 'closed'}).innerHTML = "
        "'<p>dark</p><iframe srcdoc=\"<p>framed</p>\"></iframe>'</script>"
        f"<iframe srcdoc='{inner}'></iframe><p>bottom</p>"
    )
    both = read(service, html=page, withIframe=True, withShadowDom=True)
    assert both["markdown"].split() == ["top", "dark", "framed", "deep", "bottom"]
    assert "deep" not in read(service, html=page, withIframe=True)["markdown"]


@pytest.mark.parametrize("engine", ["auto", "browser"])
def test_html_of_ones_own_is_rendered_for_what_needs_a_page(engine: str, service: Service) -> None:
    """Frames, shadow roots, waiting and a window mean a browser, without its being named."""
    assert "later" in read(service, html=LATE, respondTiming="network-idle", engine=engine)["markdown"]
    frame = "<p>outer</p><iframe srcdoc='<p>inner</p>'></iframe>"
    assert "inner" in read(service, html=frame, withIframe=True, engine=engine)["markdown"]


LISTED = {"one": "http://a.example/1", "two": "http://b.example/2"}


@pytest.mark.parametrize("retained", ["all", "none", "text", "gpt-oss"])
def test_the_list_of_links_is_the_same_whatever_is_retained(retained: str, service: Service) -> None:
    """Unique by address, or every one; citations count as the full list does."""
    data = read(service, html=LINKS, retainLinks=retained, withLinksSummary=True)
    assert data["links"] == LISTED
    every = read(service, html=LINKS, retainLinks=retained, withLinksSummary="all")
    assert every["links"] == [*map(list, LISTED.items()), ["again", "http://a.example/1"]]
    if retained == "gpt-oss":
        for number, (text, _) in enumerate(every["links"], start=1):
            assert f"【{number}†{text}†" in every["markdown"]


def test_citations_are_plain_text(service: Service) -> None:
    """Their own signs in a text are replaced, pictures named, and no references defined besides."""
    page = "<a href='http://a.example'>a【b】†</a> <a href='http://c.example'><img src=/i.png alt=pic></a>"
    data = read(service, html=page, retainLinks="gpt-oss", markdown={"linkStyle": "referenced"})
    assert data["markdown"] == "【1†a〖b〗‡†a.example】 【2†pic†c.example】"


@pytest.mark.parametrize("retained", ["all", "none", "alt"])
@pytest.mark.parametrize("kept", [True, False])
def test_the_list_of_images_is_the_same_whatever_is_retained(
    retained: str, kept: bool, service: Service
) -> None:
    """`data:` images are in it when they are kept, and the numbers are those of the text."""
    data = read(service, html=IMAGES, retainImages=retained, withImagesSummary=True, keepImgDataUrl=kept)
    inline = {"Image 2: inline": PIXEL} if kept else {}
    assert data["images"] == {"Image 1: first": "http://i.example/a.png", **inline}
    assert ("Image 2" in data["markdown"]) == (kept and retained != "none")


@pytest.mark.parametrize("field", ["text", "html"])
def test_summaries_come_with_every_format(field: str, service: Service) -> None:
    """Also where no markdown is asked for."""
    page = LINKS + IMAGES
    data = read(service, html=page, respondWith=field, withLinksSummary=True, withImagesSummary=True)
    assert data["links"] == LISTED
    assert list(data["images"]) == ["Image 1: first"]


def test_summaries_stand_at_the_end_of_the_text(service: Service) -> None:
    """After the content, images first."""
    body = {"html": LINKS + IMAGES, "withLinksSummary": True, "withImagesSummary": True}
    text = service.post(body).text
    content, images, links = (text.index(part) for part in ("Markdown Content:", "\nImages:", "\nLinks/But"))
    assert content < images < links
    assert text.endswith("- [two](http://b.example/2)\n")
    assert "- ![Image 1: first](http://i.example/a.png)" in text


def test_plain_tables_keep_the_style(service: Service) -> None:
    """Without GFM, and with tables as HTML, the other style options hold."""
    for gfm in (True, "table"):
        text = read(service, html=STYLES + TABLE, noGfm=gfm, markdown={"bulletListMarker": "+"})["markdown"]
        assert "\n+ item" in text
        assert "| --- |" not in text
        assert ("<table>" in text) == (gfm == "table")


def test_the_budget_counts_what_is_handed_over(service: Service, site: Site) -> None:
    """A limit below the budget keeps within it; without one the whole page is too much."""
    url = site.url("/article")
    assert refused(service, 409, url=url, tokenBudget=100)["path"] == "tokenBudget"
    cut = read(service, url=url, tokenBudget=100, maxTokens=100)
    assert 0 < cut["usage"]["tokens"] <= 100
    assert read(service, url=url, tokenBudget=5000)["completeness"]["state"] == "complete"


def test_chunks_are_of_what_is_handed_over(service: Service) -> None:
    """The limit cuts first."""
    page = "".join(f"<h2>Part {n}</h2><p>{'some words here ' * 10}</p>" for n in range(8))
    data = read(service, html=page, markdownChunking="h2", maxTokens=120)
    assert "\n\n".join(data["chunks"]) == data["markdown"]
    assert 1 < len(data["chunks"]) < 8
    assert data["completeness"]["reasons"] == ["truncated_tokens"]


@pytest.mark.parametrize("field", ["markdown", "content", "text", "html"])
def test_reading_on_gives_the_whole(field: str, service: Service, site: Site) -> None:
    """From cursor to cursor in every format, of one render."""
    url, pieces, cursor = site.url("/article"), [], None
    whole = read(service, url=url, respondWith=field)[field]
    for _ in range(50):
        data = read(service, url=url, respondWith=field, maxTokens=200, cursor=cursor)
        pieces.append(data[field])
        if (cursor := data.get("next")) is None:
            break
    assert len(pieces) > 2
    assert "".join("".join(pieces).split()) == "".join(whole.split())
    assert site.requests(url) == 1


def test_a_limit_holds_for_each_format(service: Service, site: Site) -> None:
    """None of them comes whole; no cursor goes on in several."""
    data = read(service, url=site.url("/article"), respondWith="content,text,html", maxTokens=50)
    whole = read(service, url=site.url("/article"), respondWith="content,text,html")
    assert all(len(data[field]) < len(whole[field]) / 2 for field in ("content", "text", "html"))
    assert "next" not in data
    assert data["completeness"]["reasons"] == ["truncated_tokens"]


CACHE: tuple[tuple[Mapping[str, str], bool], ...] = (
    ({}, True),
    ({"X-No-Cache": "false"}, True),
    ({"X-Cache-Tolerance": "300"}, True),
    ({"X-No-Cache": "true"}, False),
    ({"X-Cache-Tolerance": "0"}, False),
    ({"X-No-Cache": "true", "X-Cache-Tolerance": "300"}, False),
    ({"DNT": "1"}, True),
    ({"X-Set-Cookie": "a=b"}, False),
    ({"X-User-Agent": "another"}, False),
    ({"X-Locale": "de"}, False),
    ({"X-Timeout": "7"}, True),
    ({"X-Max-Tokens": "5"}, True),
    ({"Accept": "application/json, image/webp"}, True),
)


@pytest.mark.parametrize(("headers", "hit"), CACHE, ids=str)
def test_who_gets_the_cached_answer(
    headers: Mapping[str, str], hit: bool, service: Service, site: Site
) -> None:
    """Whoever asks for the same and allows it."""
    url = site.url("/article")
    assert service.read(url)["cache"] == {"hit": False, "age": 0}
    assert service.read(url, headers)["cache"]["hit"] is hit
    assert site.requests(url) == (1 if hit else 2)


@pytest.mark.parametrize("headers", [{"DNT": "1"}, {"X-Set-Cookie": "a=b"}], ids=str)
def test_whose_answer_is_not_stored(headers: Mapping[str, str], service: Service, site: Site) -> None:
    """The next reader's is a fresh one."""
    url = site.url("/article")
    service.read(url, headers)
    assert service.read(url)["cache"]["hit"] is False


def test_doing_without_the_cache_renews_it(service: Service, site: Site) -> None:
    """What was read anew is there for the next."""
    url = site.url("/article")
    service.read(url, {"X-No-Cache": "true"})
    assert service.read(url)["cache"]["hit"] is True


def test_waiting_ends_with_the_timeout(service: Service) -> None:
    """What there is goes out, and both reasons are told."""
    data = read(service, html=LATE, waitForSelector="#never", timeout=8)
    assert "later" in data["markdown"]
    assert "selector_not_found" in data["completeness"]["reasons"]


@pytest.mark.parametrize("mode", ["snapshot", "patch"])
@pytest.mark.parametrize("field", ["content", "markdown", "text", "html"])
def test_every_format_streams_in_every_mode(field: str, mode: str, service: Service, site: Site) -> None:
    """Snapshots or patches fold to what a plain read gives."""
    body = {"url": site.url("/article"), "respondWith": field, "streamMode": mode}
    messages = list(Decoder().feed(service.post(body, SSE).body))
    plain = read(service, **body)[field]
    if mode == "patch":
        assert fold(messages) == plain
    else:
        assert check_stream(messages, field)[field] == plain


@pytest.mark.parametrize("accept", ["application/json", "text/plain", "text/markdown"])
def test_patches_are_for_streams(accept: str, service: Service) -> None:
    """Other representations are whole in either mode."""
    body = {"html": PARTS, "respondWith": "markdown"}
    whole = service.post(body, {"Accept": accept})
    assert (
        service.post({**body, "streamMode": "patch"}, {"Accept": accept}).body.split(b'"cache"')[0]
        == (whole.body.split(b'"cache"')[0])
    )


def test_stopping_early_streams_and_folds(service: Service, site: Site) -> None:
    """In patch mode too the last event says why it ended."""
    headers = {"X-Stream-Mode": "patch", "X-Stop-When": "text:grown-1", "X-Respond-With": "markdown"}
    messages = service.stream(site.url("/growing"), headers)
    assert messages[-1].json()["completeness"] == {"state": "partial", "reasons": ["stopped_by_client"]}
    assert "grown-1" in fold(messages)
