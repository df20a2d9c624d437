"""Captions of images, through the public interface."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests import captioner as stand_in
from tests.captioner import Captioner
from tests.e2e_checks import check_error, check_final, fold
from tests.service import JSON, Service, running
from tests.site import Site
from tests.site.media import PIXEL

SPELT = "A red\\] lighthouse in fog"
WHOLE = {"X-Respond-With": "markdown"}
CAPTIONS = {**WHOLE, "X-With-Generated-Alt": "true"}


@pytest.fixture(scope="module")
def captioner() -> Iterator[Captioner]:
    """The vision model's stand-in."""
    with stand_in.serving() as running_captioner:
        yield running_captioner


@pytest.fixture(scope="module")
def captioning(site: Site, captioner: Captioner) -> Iterator[Service]:
    """A service with a vision model, whose address is not one that readers may reach."""
    settings = {
        "READER_EGRESS_ALLOW": site.allow,
        "READER_LOG_LEVEL": "warning",
        "READER_CAPTION_URL": captioner.url,
        "READER_CAPTION_MODEL": "seer",
        "READER_CAPTION_KEY": "marker-key",
    }
    with running(settings) as service:
        yield service


def codes(data: dict[str, Any]) -> list[str]:
    """The codes of a document's warnings."""
    return [warning["code"] for warning in data["warnings"]]


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"X-With-Generated-Alt": "true"}, "withGeneratedAlt"),
        ({"X-Retain-Images": "all_p"}, "retainImages"),
        ({"X-Retain-Images": "alt_p"}, "retainImages"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "text/plain"])
def test_captions_without_a_model_are_501(
    headers: dict[str, str], path: str, accept: str, service: Service, site: Site
) -> None:
    """The error names the setting that would turn them on, in every representation."""
    answer = service.get(site.url("/article"), {**headers, "Accept": accept})
    assert answer.status == 501
    assert "READER_CAPTION_URL" in answer.text
    if accept == "application/json":
        check_error(answer.json(), 501)
        assert answer.json()["path"] == path


def test_captions_stand_where_alternative_text_is_missing(
    captioning: Service, captioner: Captioner, site: Site
) -> None:
    """The caption is the image's text, escaped; images with a text of their own keep it."""
    data = captioning.read(site.url("/captions?images=one"), {**CAPTIONS, "X-With-Images-Summary": "true"})
    url = f"{site.origin}/captions/image/one"
    assert f"![Image 1: {SPELT}]({url})" in data["markdown"]
    assert "![Image 2: marker-alt](" in data["markdown"]
    assert data["images"]["Image 1: A red] lighthouse in fog"] == url
    assert data["warnings"] == []
    assert PIXEL + b"one" in captioner.shown
    assert PIXEL + b"named" not in captioner.shown
    assert captioner.questions[-1]["model"] == "seer"
    assert captioner.keys[-1] == "Bearer marker-key"


def test_alt_p_gives_the_caption_alone(captioning: Service, site: Site) -> None:
    """`alt_p` writes texts without addresses."""
    data = captioning.read(site.url("/captions?images=one"), {**WHOLE, "X-Retain-Images": "alt_p"})
    assert f"(Image 1: {SPELT})" in data["markdown"]
    assert "/captions/image" not in data["markdown"]


def test_no_caption_is_made_unasked(captioning: Service, captioner: Captioner, site: Site) -> None:
    """Plain reads show the model nothing."""
    captioning.read(site.url("/captions?images=unasked"), WHOLE)
    assert PIXEL + b"unasked" not in captioner.shown


def test_an_image_is_described_once(captioning: Service, captioner: Captioner, site: Site) -> None:
    """The same address many times on a page is one question."""
    data = captioning.read(site.url("/captions?images=twin,twin,twin"), CAPTIONS)
    assert data["markdown"].count(SPELT) == 3
    assert captioner.shown.count(PIXEL + b"twin") == 1


@pytest.mark.parametrize("name", ["FAIL", "NONSENSE", "missing", "drawing", "huge"])
def test_an_image_that_fails_stays_without(name: str, captioning: Service, site: Site) -> None:
    """The others have theirs, and a warning says that and why one has not; it is not remembered."""
    url = site.url(f"/captions?images={name},good")
    data = captioning.read(url, CAPTIONS)
    assert "![Image 1](" in data["markdown"]
    assert f"![Image 2: {SPELT}]" in data["markdown"]
    assert codes(data) == ["captions_missing"]
    assert data["warnings"][0]["message"].startswith("1 of 2 images")
    assert captioning.read(url, CAPTIONS)["cache"]["hit"] is False


def test_images_are_fetched_through_the_guard(captioning: Service, site: Site) -> None:
    """A page cannot have the model shown what its reader may not reach."""
    forbidden = f"{site.forbidden}/captions/image/secret"
    body = {
        "html": f"<p>Some text<img src='{forbidden}'>",
        "withGeneratedAlt": True,
        "respondWith": "markdown",
    }
    data = captioning.post(body, JSON).json()["data"]
    assert codes(data) == ["captions_missing"]
    assert site.requests(forbidden) == 0


def test_a_data_url_is_shown_as_it_is(captioning: Service, captioner: Captioner) -> None:
    """An image in the page itself needs no fetching."""
    image = base64.b64encode(PIXEL + b"inline").decode()
    html = f"<p>Some text<img src='data:image/png;base64,{image}'>"
    body = {"html": html, "withGeneratedAlt": True, "keepImgDataUrl": True, "respondWith": "markdown"}
    data = captioning.post(body, JSON).json()["data"]
    assert f"![Image 1: {SPELT}](data:" in data["markdown"]
    assert PIXEL + b"inline" in captioner.shown


def test_questions_are_bounded(captioning: Service, captioner: Captioner, site: Site) -> None:
    """16 of a read, 4 at a time; the rest is told."""
    captioner.most_open = 0
    names = ",".join(f"SLOW{n}" for n in range(20))
    data = captioning.read(site.url(f"/captions?images={names}"), CAPTIONS)
    assert data["markdown"].count(SPELT) == 16
    assert captioner.most_open == 4
    assert data["warnings"][0]["message"].startswith("4 of 20 images")


def test_a_model_that_hangs_costs_no_more_than_the_timeout(captioning: Service, site: Site) -> None:
    """What there is goes out when the read's time is over."""
    headers = {**CAPTIONS, "X-Timeout": "8"}
    data = captioning.read(site.url("/captions?images=STUCK,good"), headers)
    assert f"![Image 2: {SPELT}]" in data["markdown"]
    assert codes(data) == ["captions_missing"]


def test_streams_fold_to_the_captioned_content(captioning: Service, site: Site) -> None:
    """Snapshots go without captions; the patches to the last one bring them."""
    messages = captioning.stream(site.url("/captions?images=one"), {**CAPTIONS, "X-Stream-Mode": "patch"})
    assert messages[-1].event == "final"
    assert SPELT in fold(messages)
    last = captioning.stream(site.url("/captions?images=one"), CAPTIONS)[-1].json()
    check_final(last, "markdown")
    assert SPELT in last["markdown"]
