"""SIGTERM with two hundred streams open."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.faults.machine import CEILING_S, WHOLE, House, house, until
from tests.site import Site

STREAMS = 200
PAGES = ("/growing", "/hang-body", "/hang-before", "/websocket", "/ticker")
LONG = {**WHOLE, "X-Timeout": "120", "X-Wait-For-Selector": "#never"}


def _end(home: House, url: str) -> str:
    """How a stream ends; one that is cut off raises."""
    last = home.service.stream(url, LONG)[-1]
    data = last.json()
    told = "draining" in data.get("completeness", {}).get("reasons", []) or data.get("status") == 50303
    return "draining" if told else last.event


def test_two_hundred_streams_end_with_a_last_event(site: Site) -> None:
    """Each is told `draining`, with what there is or as an error; the process goes, and all under it."""
    with house(site) as home, ThreadPoolExecutor(STREAMS) as pool:
        ends = [pool.submit(_end, home, site.url(PAGES[n % len(PAGES)])) for n in range(STREAMS // 2)]
        ends += [pool.submit(_end, home, site.url("/hang-body")) for n in range(STREAMS // 2)]
        assert until(lambda: home.gauge("reader_reads_open") >= STREAMS - 60)
        time.sleep(1)
        began = time.monotonic()
        home.service.terminate()
        told = Counter(end.result(CEILING_S) for end in ends)
        assert told == {"draining": STREAMS}
        home.service.process.wait(CEILING_S)
        assert time.monotonic() - began < CEILING_S
