"""Pictures of pages, through the public interface."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.e2e_checks import check_error, check_final
from tests.service import JSON, Answer, Service
from tests.site import Site

TALL = {"X-Respond-With": "pageshot"}
WINDOW = {"X-Respond-With": "screenshot"}


def picture(answer: Answer) -> Image.Image:
    """The image that an answer is."""
    assert answer.status == 200, answer.text
    return Image.open(io.BytesIO(answer.body)).convert("RGB")


def fetched(service: Service, data: dict[str, Any], name: str) -> Image.Image:
    """The picture that a document refers to."""
    assert data[name].startswith(f"{service.base}/v1/shots/")
    return picture(service.get(data[name].removeprefix(f"{service.base}/")))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_screenshot_is_the_body_in_the_format_of_accept(kind: str, service: Service, site: Site) -> None:
    """In text mode the answer is the picture of the window itself."""
    answer = service.get(site.url("/shots"), {**WINDOW, "Accept": f"image/{kind}, */*;q=0.1"})
    assert answer.headers["Content-Type"] == f"image/{kind}"
    assert int(answer.headers["X-Usage-Tokens"]) == 0
    assert Image.open(io.BytesIO(answer.body)).format == kind.upper()
    assert picture(answer).size == (1280, 800)


def test_screenshot_is_png_where_nothing_else_is_wanted(service: Service, site: Site) -> None:
    """`*/*`, `text/plain` and `text/markdown` get PNG."""
    for accept in ("*/*", "text/plain", "text/markdown"):
        assert (
            service.get(site.url("/shots"), {**WINDOW, "Accept": accept}).headers["Content-Type"]
            == "image/png"
        )


def test_pageshot_shows_the_whole_page(service: Service, site: Site) -> None:
    """All of the page is in it, images that load only when scrolled to too; vh stays the window's."""
    shot = picture(service.get(site.url("/shots"), TALL))
    assert shot.size == (1280, 800 + 3000 + 100)
    assert shot.getpixel((600, 799)) == (255, 0, 0)
    assert shot.getpixel((600, 801)) == (0, 0, 255)
    assert shot.getpixel((50, 3850)) == (0, 128, 0)


def test_pageshot_of_an_endless_page_is_cut(service: Service, site: Site) -> None:
    """The height has a limit, and a warning says that it was reached."""
    data = service.read(site.url("/shots?height=60000"), TALL)
    assert fetched(service, data, "pageshotUrl").height < 17000
    assert "shot_cut" in [warning["code"] for warning in data["warnings"]]


def test_json_has_an_address_for_each_picture(service: Service, site: Site) -> None:
    """Pictures and content come together; the pictures are fetched from the service."""
    data = service.read(site.url("/shots"), {"X-Respond-With": "content,screenshot+pageshot"})
    check_final(data)
    assert "marker-shots" in data["content"]
    assert fetched(service, data, "screenshotUrl").size == (1280, 800)
    assert fetched(service, data, "pageshotUrl").size == (1280, 3900)
    assert data["completeness"]["state"] == "complete"


def test_json_of_a_picture_alone_has_no_content(service: Service, site: Site) -> None:
    """Only what was asked for is in the answer, and it is not called empty."""
    data = service.read(site.url("/shots"), WINDOW)
    assert not {"content", "screenshot"} & data.keys()
    assert data["completeness"]["state"] == "complete"


def test_stream_ends_with_the_address(service: Service, site: Site) -> None:
    """The final event has the address; the content before it folds as ever."""
    messages = service.stream(site.url("/shots"), {"X-Respond-With": "screenshot,content"})
    data = messages[-1].json()
    check_final(data)
    assert fetched(service, data, "screenshotUrl").size == (1280, 800)
    *_, last = service.stream(site.url("/shots"), WINDOW)
    assert "screenshotUrl" in last.json()


def test_picture_shows_what_scripts_have_made(service: Service, site: Site) -> None:
    """It is taken when the page has settled: what fades in is there."""
    shot = picture(service.get(site.url("/shots/late"), WINDOW))
    assert shot.getpixel((600, 400)) == (0, 128, 0)


def test_picture_has_the_size_of_the_viewport(service: Service, site: Site) -> None:
    """Width, height and scale are the client's."""
    body = {"url": site.url("/shots"), "respondWith": "screenshot"}
    answer = service.post({**body, "viewport": {"width": 400, "height": 300, "deviceScaleFactor": 2}})
    assert picture(answer).size == (800, 600)


BLOCKS = (
    "<style>body{margin:0}div{height:100px;width:200px}.r{background:#f00}.g{background:#0f0}"
    ".b{background:#00f}.far{margin-top:3000px}</style>"
    "<div class=r></div><div class=g></div><div class='b far'></div>"
)


@pytest.mark.parametrize("kind", ["screenshot", "pageshot"])
def test_picture_of_the_target_alone(kind: str, service: Service) -> None:
    """As large as the elements are, wherever on the page; several together with what is between."""
    body = {"html": BLOCKS, "respondWith": kind}
    one = picture(service.post({**body, "targetSelector": ".b"}))
    assert (one.size, one.getpixel((10, 10))) == ((200, 100), (0, 0, 255))
    two = picture(service.post({**body, "targetSelector": ".g, .r", "viewport": {"deviceScaleFactor": 2}}))
    assert (two.size, two.getpixel((10, 390))) == ((400, 400), (0, 255, 0))


def test_target_without_a_place_has_no_picture(service: Service) -> None:
    """What is not displayed cannot be shown: 422 for the picture alone."""
    page = "<p>text</p><div id=no style='display:none'>hidden</div>"
    answer = service.post({"html": page, "respondWith": "screenshot", "targetSelector": "#no"}, JSON)
    check_error(answer.json(), 422)
    assert answer.json()["path"] == "targetSelector"


@pytest.mark.parametrize("kind", ["screenshot", "pageshot"])
def test_picture_without_what_is_removed(kind: str, service: Service) -> None:
    """What stood below moves up."""
    answer = service.post({"html": BLOCKS, "respondWith": kind, "removeSelector": ".r"})
    assert picture(answer).getpixel((10, 10)) == (0, 255, 0)


def test_picture_of_given_html(service: Service) -> None:
    """HTML in the body is rendered for its picture, whatever the engine's default would do."""
    html = "<body style='margin:0;background:#00f'><h1>Mine</h1>"
    shot = picture(service.post({"html": html, "respondWith": "screenshot"}))
    assert shot.getpixel((600, 400)) == (0, 0, 255)


def test_engine_http_takes_no_picture(service: Service, site: Site) -> None:
    """Without a browser there is no picture: a 400 that names the engine."""
    answer = service.get(site.url("/shots"), {**WINDOW, **JSON, "X-Engine": "http"})
    check_error(answer.json(), 400)
    assert answer.json()["path"] == "engine"


def test_what_is_no_page_has_no_picture(service: Service, site: Site) -> None:
    """A PDF has no picture: 422 for the picture alone, a warning beside its content."""
    answer = service.get(site.url("/paper.pdf"), {**WINDOW, **JSON})
    check_error(answer.json(), 422)
    data = service.read(site.url("/paper.pdf"), {"X-Respond-With": "content,screenshot"})
    assert "marker-pdf-1" in data["content"]
    assert [warning["code"] for warning in data["warnings"]] == ["shot_failed"]


def test_unknown_picture_is_not_found(service: Service) -> None:
    """Ids cannot be guessed, and pictures are not kept for ever."""
    answer = service.get("v1/shots/nothing", JSON)
    check_error(answer.json(), 404)
