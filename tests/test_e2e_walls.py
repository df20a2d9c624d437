"""Walls are told, never handed over as content in silence, in every representation."""

from __future__ import annotations

import pytest

from tests.e2e_checks import check_error, check_stream
from tests.service import JSON, Service
from tests.site import Site

WALLS = [
    ("/walls/unsolvable", "blocked", ["captcha", "http_error"]),
    ("/walls/members", "blocked", ["login_wall"]),
    ("/walls/cut", "partial", ["paywall"]),
    ("/walls/consent", "blocked", ["consent_wall"]),
]


@pytest.mark.parametrize(("path", "state", "reasons"), WALLS)
def test_walls_are_told(service: Service, site: Site, path: str, state: str, reasons: list[str]) -> None:
    """JSON, streams and the text layout name the wall, with and without a browser."""
    for engine in ("auto", "http"):
        data = service.read(site.url(path), {"X-Engine": engine, "X-Timeout": "10"})
        assert data["completeness"]["state"] == state
        assert sorted(data["completeness"]["reasons"]) == reasons
        assert {warning["code"] for warning in data["warnings"]} == set(reasons)
    last = check_stream(service.stream(site.url(path), {"X-Engine": "http"}))
    assert last["completeness"]["state"] == state
    text = service.get(site.url(path), {"X-Engine": "http"}).text
    assert text.count("\nWarning: ") == len(reasons)


def test_a_challenge_is_left_to_the_browser(service: Service, site: Site) -> None:
    """What plain HTTP cannot pass, a page's own script may: the read is of what comes then."""
    data = service.read(site.url("/walls/solvable"))
    assert "marker-solved" in data["content"]
    assert data["completeness"] == {"state": "complete", "reasons": []}
    alone = service.read(site.url("/walls/solvable"), {"X-Engine": "http"})
    assert alone["completeness"]["state"] == "blocked"


def test_a_target_behind_a_wall(service: Service, site: Site) -> None:
    """What is not there because of a wall is an error that says so."""
    answer = service.get(
        site.url("/walls/members"), {**JSON, "X-Target-Selector": "article", "X-Timeout": "6"}
    )
    check_error(answer.json(), 422)
    assert "sign in" in answer.json()["message"]
