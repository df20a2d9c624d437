"""Processes that are killed or stopped from outside: the browser, its renderers, the workers."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e_checks import check_error
from tests.faults.machine import CEILING_S, ENDLESS, LONG_S, WHOLE, House, house, send
from tests.service import JSON, Answer
from tests.site import Site

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="tells processes apart by /proc")

KILL, STOP = signal.SIGKILL, signal.SIGSTOP


@pytest.fixture(scope="module")
def home(site: Site) -> Iterator[House]:
    """One service for all: what one test does to it must not hurt the next."""
    with house(site) as built:
        built.is_well()
        yield built


def check_typed(answer: Answer, *reasons: str) -> None:
    """What there was, with a reason why there is not more; or an error of the contract."""
    if answer.status == 200:
        completeness = answer.json()["data"]["completeness"]
        assert completeness["state"] == "partial"
        assert set(completeness["reasons"]) & set(reasons), completeness
    else:
        assert answer.status in (422, 503), answer.text
        check_error(answer.json(), answer.status)


def mid_read(home: House, do: Callable[[], None], timeout: int = LONG_S) -> Answer:
    """The answer of a read of a page that never ends, to which something is done on the way."""
    url = home.site.url("/growing")
    headers = {**ENDLESS, "X-Timeout": str(timeout)}
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(home.service.get, url, {**headers, **JSON})
        with home.service.open_stream(url, headers) as stream:  # the same render, seen as it goes
            for message in stream:
                if "grown-1" in message.json().get("markdown", ""):
                    break
            do()
            return answer.result(LONG_S - 5)


@pytest.mark.parametrize("number", [KILL, STOP], ids=["kill -9", "SIGSTOP"])
def test_a_browser_that_is_taken_away_ends_its_reads_and_comes_back(
    home: House, number: signal.Signals
) -> None:
    """Reads end at once with what there is, or a 503; the next one has a new browser; no profile is left."""
    old = home.browser
    began = time.monotonic()
    answer = mid_read(home, lambda: send(number, [old]))
    assert time.monotonic() - began < CEILING_S
    check_typed(answer, "renderer_crashed")
    home.is_well()
    assert home.browser != old


def test_an_idle_browser_that_is_stopped_costs_the_next_read_a_moment(home: House) -> None:
    """Nobody reads, nobody notices; the read that comes then must not be the one to find out."""
    send(STOP, [home.browser])
    home.is_well()


def test_all_of_the_browser_stopped_at_once(home: House) -> None:
    """As when somebody stops the whole group."""
    old = home.service.browsers()
    answer = mid_read(home, lambda: send(STOP, old))
    check_typed(answer, "renderer_crashed")
    home.is_well()
    assert not set(old) & set(home.service.browsers())


def test_renderers_that_are_killed_take_their_page_only(home: House) -> None:
    """The read says so at once; the browser stays."""
    old = home.browser
    began = time.monotonic()
    answer = mid_read(home, lambda: send(KILL, home.renderers))
    assert time.monotonic() - began < CEILING_S
    check_typed(answer, "renderer_crashed")
    home.is_well()
    assert home.browser == old


def test_renderers_that_are_stopped_are_taken_for_dead(home: House) -> None:
    """Nothing comes of them any more: the same."""
    answer = mid_read(home, lambda: send(STOP, home.renderers))
    check_typed(answer, "renderer_crashed")
    home.is_well()


@pytest.mark.parametrize("number", [KILL, STOP], ids=["kill -9", "SIGSTOP"])
def test_idle_workers_that_are_taken_away_are_not_missed(home: House, number: signal.Signals) -> None:
    """The next reads find others, as if nothing had been."""
    assert home.workers
    send(number, home.workers)
    for _ in range(3):
        answer = home.get("/article", **WHOLE, X_Timeout=str(LONG_S))
        assert answer.status == 200, answer.text
        assert "marker-article-end" in answer.json()["data"]["markdown"]
    home.is_well()


@pytest.mark.parametrize("number", [KILL, STOP], ids=["kill -9", "SIGSTOP"])
def test_workers_that_are_taken_away_at_work_are_replaced(home: House, number: signal.Signals) -> None:
    """A page of 2 MB is on its way through them; it arrives."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(home.get, "/large", **WHOLE, X_Timeout=str(LONG_S))
        time.sleep(0.3)
        send(number, home.workers)
        result: Any = answer.result(LONG_S)
    assert result.status == 200, result.text
    assert "marker-chapter-109" in result.json()["data"]["markdown"]
    home.is_well()
