"""Many clients at once, most of whom leave: what is left behind, and what a full house answers."""

from __future__ import annotations

import contextlib
import http.client
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.e2e_checks import check_error, check_stream
from tests.service import JSON, Service, running
from tests.site import Site

WHOLE = {"X-Respond-With": "markdown"}
PAGES = ("/timers", "/websocket", "/growing", "/hang-body", "/hang-before", "/frame/0", "/dialogs", "/chain")
CLIENTS = 10
READS = 60
SEED = 20
"""Any would do; fixed, so that a failure can be seen again."""

GAUGES = ("reader_tabs_open", "reader_tabs_queued", "reader_renders_open", "reader_reads_open")


def _gauges(service: Service) -> dict[str, float]:
    """What the service says is open now."""
    lines = (line.split() for line in service.get("metrics").text.splitlines())
    return {parts[0]: float(parts[1]) for parts in lines if parts[0] in GAUGES}


def _visit(service: Service, site: Site, seed: int) -> None:
    """One client: a page, a mode, and how long it has patience, all by chance."""
    rng = random.Random(seed)
    headers = {**WHOLE, "X-Engine": rng.choice(["auto", "browser"]), "X-Timeout": "20"}
    if rng.random() < 0.3:
        headers["X-Set-Cookie"] = "a=b"
    hasty = replace(service, timeout=rng.choice([0.05, 0.2, 0.5]))
    gone = (TimeoutError, http.client.IncompleteRead)
    with contextlib.suppress(*gone), hasty.open_stream(site.url(rng.choice(PAGES)), headers) as stream:
        for _, _message in zip(range(rng.randint(1, 4)), stream, strict=False):
            pass


def test_nothing_is_left_after_a_storm_of_leaving_clients(site: Site) -> None:
    """However clients leave, every tab, render and connection to the site is closed soon after."""
    with running({"READER_EGRESS_ALLOW": site.allow}) as service:
        service.read(site.url("/hydration"), WHOLE)
        open_before = sum(site.open.values())
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda seed: _visit(service, site, seed), range(SEED, SEED + READS)))
        assert set(_gauges(service)) == set(GAUGES)
        assert site.wait_until(lambda: not any(_gauges(service).values())), _gauges(service)
        assert site.wait_until(lambda: sum(site.open.values()) <= open_before)
        assert "marker-hydrated-late" in service.read(site.url("/hydration"), WHOLE)["markdown"]


def test_full_house_answers_503_with_the_time_to_come_back(site: Site) -> None:
    """When all tabs are taken and the queue is full, the next read is told to come back later."""
    few = {"READER_BROWSER_TABS": "1", "READER_BROWSER_QUEUE": "1", "READER_BROWSER_WARM_TABS": "1"}
    holding = {**WHOLE, "X-Wait-For-Selector": "#never", "X-Timeout": "4", "X-Engine": "browser"}
    with running({"READER_EGRESS_ALLOW": site.allow, **few}) as service, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(service.get, site.url("/websocket"), {**JSON, **holding}) for _ in range(4)]
        refused = [answer.result() for answer in answers if answer.result().status != 200]
        assert len(refused) == 2
        for answer in refused:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            check_error(answer.json(), 503)
        check_stream(service.stream(site.url("/hydration")))
