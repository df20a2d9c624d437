"""`make soak`: mixed reads, clients that leave, and faults, for a while; then everything is as before.

    python -m benchmarks.soak [--seconds 90] [--clients 8] [--seed 1]

Prints what the service holds before, on the way and after, and what was read. Ends with 1 when something
is left, or an answer was none of the contract. All traffic stays on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from benchmarks.mishaps import FAULTS
from benchmarks.trend import figures, left_over, medians, watched
from tests import site as test_site
from tests.e2e_checks import check_stream, fold
from tests.service import JSON, Answer, Service, running
from tests.site import Site

WARM_UP_S = 12.0
"""Of the same load before the first figures: libraries get loaded, pools filled, and the heap grown."""
FAULT_EVERY_S = 7.0
REST_S = 180.0
"""Until all that a read leaves for 2 s (its render) and a browser for some more is gone; seldom over 8 s, but
a crowded machine needs half a minute to start a browser anew."""
SETTLE_S = 5.0
LOOK_EVERY_S = 1.0

SETTINGS = {
    "READER_LOG_LEVEL": "error",
    "READER_CACHE_BYTES": str(1024 * 1024),
    "READER_SHOTS_BYTES": str(1024 * 1024),
    "READER_REPLAY_READS": "16",
    "READER_REPLAY_SECONDS": "10",
}
"""Caches and logs that are full after the warm-up, so that what grows yet is a leak."""

MIB = 1024 * 1024
ALLOWED = {
    "server MiB": 64.0,
    "all processes MiB": 256.0,
    "tasks": 3.0,
    "files": 4.0,
    "tabs open": 0.0,
    "tabs warm": 0.0,
    "reads open": 0.0,
    "renders open": 0.0,
    "processes": 2.0,
}
"""How much more than before may be there after. Server: cycles until they are collected, 11 MiB after 60 s.
All: shared pages count for each process. Tasks: one connection of a client that has just left. Files: those
to origins. Processes: one more worker, and Chromium's spare renderer, 100 MiB each."""
QUIET = ("tabs open", "reads open", "renders open")
WARM_TABS = 2
"""As the settings have it (READER_BROWSER_WARM_TABS)."""

RENDERED = {"X-Respond-With": "markdown", "X-Engine": "browser"}
STATIC = ("/article", "/noscript", "/data.json", "/readme.md", "/encoding/shift-jis", "/chunked")
SCRIPTED = ("/hydration", "/timers", "/chain", "/shadow/declared", "/growing", "/websocket")
HOSTILE = ("/hang-body", "/hang-before", "/reset", "/reset-body", "/bomb", "/drip")
TYPED = {200, 400, 413, 422, 429, 503}


@dataclass(frozen=True)
class Client:
    """One of the clients: what it may do, by chance."""

    service: Service
    site: Site
    rng: random.Random

    def acts(self) -> list[tuple[int, Callable[[], str]]]:
        """Weights and deeds; each returns the name under which it is counted."""
        return [
            (20, self.static),
            (20, self.scripted),
            (6, self.paper),
            (12, self.snapshots),
            (12, self.patches),
            (5, self.screenshot),
            (10, self.leave),
            (10, self.resume),
            (6, self.hostile),
            (3, self.wrong),
        ]

    def act(self) -> str:
        """Do something."""
        weights, deeds = zip(*self.acts(), strict=True)
        return str(self.rng.choices(deeds, weights)[0]())

    def get(self, path: str, **headers: str) -> Answer:
        """Read a page as JSON."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.service.get(self.site.url(path), {**JSON, "X-Timeout": "8", **fields})
        assert answer.status in TYPED, f"{path}: {answer.text[:300]}"
        return answer

    def static(self) -> str:
        """A page that is whole as it comes."""
        answer = self.get(self.rng.choice(STATIC))
        return f"static {answer.status}" + ("" if answer.status == 200 else f": {answer.json()['message']}")

    def scripted(self) -> str:
        """One that needs a browser."""
        return f"scripted {self.get(self.rng.choice(SCRIPTED), **RENDERED, X_Timeout='3').status}"

    def paper(self) -> str:
        """A PDF."""
        return f"pdf {self.get('/paper.pdf').status}"

    def snapshots(self) -> str:
        """A stream to its end."""
        headers = {"X-Timeout": "3"}
        return f"snapshots {_end(check_stream(self.service.stream(self._page(), headers)))}"

    def patches(self) -> str:
        """A stream of patches, folded."""
        messages = self.service.stream(self._page(), {"X-Stream-Mode": "patch", "X-Timeout": "3"})
        if messages[-1].event == "final":
            fold(messages)
        return f"patches {_end(messages[-1].json())}"

    def screenshot(self) -> str:
        """A picture, fetched."""
        answer = self.get("/shots", X_Respond_With="screenshot")
        if answer.status == 200:
            path = answer.json()["data"]["screenshotUrl"].partition("://")[2].partition("/")[2]
            assert self.service.get(path).status in (200, 404)
        return f"screenshot {answer.status}"

    def leave(self) -> str:
        """Goes away in the middle."""
        hasty = replace(self.service, timeout=self.rng.choice([0.05, 0.3, 1.0]))
        gone = (TimeoutError, http.client.HTTPException, ConnectionError)
        with contextlib.suppress(*gone), hasty.open_stream(self._page()) as stream:
            for _, _message in zip(range(self.rng.randint(1, 3)), stream, strict=False):
                pass
        return "left"

    def resume(self) -> str:
        """Goes away, and comes back for the rest."""
        url = self._page()
        with self.service.open_stream(url, {"X-Timeout": "3"}) as stream:
            first = next(iter(stream), None)
        if first is None or first.event != "snapshot":
            return "resumed: nothing to"
        rest = self.service.stream(url, {"X-Timeout": "3", "Last-Event-ID": first.id})
        return f"resumed {_end(rest[-1].json())}"

    def hostile(self) -> str:
        """An origin that means harm."""
        return f"hostile {self.get(self.rng.choice(HOSTILE), X_Timeout='1').status}"

    def wrong(self) -> str:
        """A request that is wrong itself."""
        return f"wrong {self.get('/article', X_Engine='steam').status}"

    def _page(self) -> str:
        return self.site.url(self.rng.choice(SCRIPTED + STATIC))


def _end(data: dict[str, object]) -> str:
    return str(data.get("code", 200))


def excess(before: dict[str, float], after: dict[str, float]) -> list[str]:
    """What is there more than may be."""
    return [name for name, more in ALLOWED.items() if after[name] - before[name] > more]


def rested(service: Service, over: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """The figures when it is over, or `REST_S` are."""
    end = time.monotonic() + REST_S
    while not over(now := figures(service)) and time.monotonic() < end:
        time.sleep(LOOK_EVERY_S)
    return now


def quiet(service: Service, site: Site) -> dict[str, float]:
    """The figures of a service that has all its processes and tabs, after faults too, and nothing to do."""

    def is_quiet(now: dict[str, float]) -> bool:
        return now["tabs warm"] == WARM_TABS and not any(now[name] for name in QUIET)

    rested(service, is_quiet)
    client = Client(service, site, random.Random(0))
    for deed in (client.static, client.scripted, client.paper, client.screenshot):
        deed()
    time.sleep(SETTLE_S)
    return rested(service, is_quiet)


def load(
    service: Service, site: Site, seconds: float, options: argparse.Namespace, seed: int
) -> Counter[str]:
    """Clients and faults for so long; what was read, by outcome."""
    end = time.monotonic() + seconds
    over = threading.Event()
    done: Counter[str] = Counter()

    def work(number: int) -> Counter[str]:
        client, own = Client(service, site, random.Random(seed * 1000 + number)), Counter[str]()
        while time.monotonic() < end:
            try:
                own[client.act()] += 1
            except (AssertionError, OSError, http.client.HTTPException) as error:
                own[f"FAILED {type(error).__name__}: {error}"[:300]] += 1
        return own

    def strike() -> None:
        rng = random.Random(seed)
        while not over.wait(FAULT_EVERY_S):
            done[rng.choice(FAULTS)(service)] += 1

    faults = threading.Thread(target=strike)
    faults.start()
    with ThreadPoolExecutor(options.clients) as pool:
        for counted in pool.map(work, range(options.clients)):
            done += counted
    over.set()
    faults.join()
    return done


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with test_site.running() as site, running({"READER_EGRESS_ALLOW": site.allow, **SETTINGS}) as service:
        load(service, site, WARM_UP_S, options, options.seed + 1)
        before = quiet(service, site)
        with watched(service) as seen:
            done = load(service, site, options.seconds, options, options.seed)
        after = rested(service, lambda now: not excess(before, now))
        code = service.stop()
        left = left_over(service, SETTLE_S)
    failed = [name for name in done if name.startswith("FAILED") or name.endswith(" 500")]
    kept = excess(before, after)
    report(before, medians(seen), after, done, options)
    for what in (*failed, *(f"left: {name}" for name in kept), *(f"left: process {pid}" for pid in left)):
        print(f"  {what}")
    print("soak: " + ("FAILED" if failed or kept or left or code else "everything is as before"))
    return int(bool(failed or kept or left or code))


def report(
    before: dict[str, float],
    under_way: list[dict[str, float]],
    after: dict[str, float],
    done: Counter[str],
    options: argparse.Namespace,
) -> None:
    """The figures; those on the way are medians of equal spans of the load, so that a trend shows."""
    reads = sum(n for name, n in done.items() if not name.startswith("fault"))
    print(f"soak: {reads} deeds of {options.clients} clients in {options.seconds:g} s\n")
    spans = "".join(f"{f'{number}/{len(under_way)}':>8}" for number in range(1, len(under_way) + 1))
    print(f"{'':20}{'before':>8}{spans}{'after':>8}{'allowed':>9}")
    for name, more in ALLOWED.items():
        row = "".join(f"{of[name]:8.0f}" for of in (before, *under_way, after))
        print(f"{name:20}{row}{'+' + format(more, 'g'):>9}")
    print()
    for name, count in sorted(done.items()):
        print(f"{count:6} {name}")


if __name__ == "__main__":
    sys.exit(main())
