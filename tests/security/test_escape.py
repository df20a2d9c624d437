"""A page that tries some 190 ways to reach a canary on this machine reaches it in none of them.

The same page in a browser without our flags reaches it in most, so the check can fail.
"""

from __future__ import annotations

import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.security import canary as canaries
from tests.security.hostile import WAYS, entries
from tests.security.unguarded import BINARIES, needs, showing, wait_for
from tests.service import JSON, Answer, Service, running
from tests.site import Site
from tests.site.server import serve

NAMES = [way.name for way in WAYS]
MANY = 110
"""Unguarded, 150 of 193 ways lead to the canary; others are of other browsers, of https or of clicks."""
LINGER = {
    **JSON,
    "X-Engine": "browser",
    "X-Respond-With": "html",
    "X-With-Iframe": "true",
    "X-With-Shadow-Dom": "true",
    # The page puts it there when it has had time to try everything.
    "X-Wait-For-Selector": "#over",
    "X-Respond-Timing": "html",
    "X-Timeout": "60",
}


def denials(service: Service) -> float:
    """How many addresses were refused."""
    found = re.findall(
        r"^reader_egress_denials_total\{.*\} (\S+)$", service.get("metrics").text, re.MULTILINE
    )
    return sum(map(float, found))


def read_both_ways(service: Service, site: Site) -> list[Answer]:
    """The page by its address, and as HTML that the client gives."""
    url = f"{site.origin}/hostile"
    with urllib.request.urlopen(url) as response:  # noqa: S310 (our own site)
        html = response.read().decode()
    options = {"url": url, "html": html}
    with ThreadPoolExecutor(2) as pool:
        by_address = pool.submit(service.get, url, LINGER)
        as_html = pool.submit(service.post, options, LINGER)
        return [by_address.result(), as_html.result()]


@pytest.mark.parametrize("binary", BINARIES, ids=lambda path: path.rpartition("/")[2])
def test_hostile_page_reaches_nothing(binary: str) -> None:
    """No way leads out of the tab but the filtering proxy, which refuses the canary's address."""
    needs(binary)
    with canaries.running(NAMES) as canary, serve(entries(canary)) as site:
        allow = site.origin.removeprefix("http://")
        settings = {
            "READER_EGRESS_ALLOW": allow,
            "READER_BROWSER_PATH": binary,
            "READER_LOG_LEVEL": "warning",
        }
        with running(settings) as service:
            answers = read_both_ways(service, site)
            assert canary.reached == set()
            for answer in answers:
                assert answer.status == 200, answer.text
                assert "good looks and bad intentions" in answer.text
                assert canaries.SECRET not in answer.text
                assert "root:x:" not in answer.text
            # It did try, twice.
            assert denials(service) > MANY
            assert {"/frame/form-post", "/pixel"} <= {seen.path for seen in site.seen}


@pytest.mark.parametrize("binary", BINARIES, ids=lambda path: path.rpartition("/")[2])
def test_unguarded_browser_reaches_the_canary(binary: str) -> None:
    """The page is hostile indeed: without a proxy and our flags most of its ways lead to the canary."""
    needs(binary)
    with (
        canaries.running(NAMES) as canary,
        serve(entries(canary)) as site,
        showing(binary, f"{site.origin}/hostile", ()),
    ):
        proofs = {
            "fetch",
            "stun-udp",
            "ice-udp",
            "web-transport",
            "redirect-fetch",
            "shared-worker",
            "decimal",
        }
        wait_for(lambda: len(canary.reached) >= MANY and proofs <= canary.reached, 120)
        missed = set(NAMES) - canary.reached
        assert len(canary.reached) >= MANY, missed
        assert not missed & proofs
