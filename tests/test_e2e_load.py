"""Many clients of one service: what they share, what a bad one costs the others, what they leave."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from tests.e2e_checks import fold
from tests.service import SSE, Service, descendants, running
from tests.site import Site

WATCHERS = 100
RUDE_CLIENTS = 100
AT_A_TIME = 20
SEED = 12
"""Any would do; fixed, so that a failure can be seen again."""

PAGES = ("/timers", "/chain", "/hydration", "/chunked", "/hang-body", "/article", "/ticker", "/websocket")
WARM_TABS = 2
"""As the settings have it (READER_BROWSER_WARM_TABS)."""

PATCH = {"X-Stream-Mode": "patch", "X-No-Cache": "true"}
FLOOD = "/bench/news/0?every=100&count=400&size=10"
"""A page that grows by 6 kB ten times a second: in whole snapshots soon more than any socket buffers, and
for longer than a stalled client is borne with."""


def gauge(service: Service, name: str) -> float:
    """One number of `/metrics`."""
    lines = service.get("metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@contextmanager
def asking(
    service: Service, url: str, receive_buffer: int = 65536, engine: str = "auto"
) -> Iterator[socket.socket]:
    """A client that has asked for a stream of a URL; what it does then is its own affair."""
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(120)
        client.connect((service.host, service.port))
        fields = {**SSE, "Host": "x", "X-Engine": engine, "X-Timeout": "60"}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        client.sendall(f"GET /{url} HTTP/1.1\r\n{head}\r\n".encode())
        yield client


def test_all_watchers_of_one_render_get_the_same(service: Service, site: Site) -> None:
    """A hundred who ask for the same at once, in both modes: one request to the origin, equal contents."""
    url = site.url("/timers")
    with ThreadPoolExecutor(WATCHERS) as pool:
        modes = [PATCH, {"X-No-Cache": "true"}] * (WATCHERS // 2)
        streams = list(pool.map(lambda mode: service.stream(url, mode), modes))
    contents = {
        fold(stream) if mode is PATCH else stream[-1].json()["content"]
        for stream, mode in zip(streams, modes, strict=True)
    }
    assert len(contents) == 1
    assert {stream[-1].id for stream in streams} == {streams[0][-1].id}
    assert site.requests(url) == 1


def test_a_reader_that_never_reads_is_dropped_and_costs_the_others_nothing(
    service: Service, site: Site
) -> None:
    """Beside one that takes nothing, another gets what is new as it comes; the stalled one is cut off."""
    url = site.url(FLOOD)
    with (
        asking(service, url, receive_buffer=4096, engine="http"),
        service.open_stream(url, {"X-Engine": "http"}) as other,
    ):
        assert site.wait_until(lambda: gauge(service, "reader_reads_open") == 2)  # those before have gone
        messages = iter(other)
        sizes = [len(next(messages).json()["content"]) for _ in range(8)]
        assert sizes == sorted(set(sizes))
        for _ in messages:
            if gauge(service, "reader_reads_open") == 1:
                break
        else:
            raise AssertionError("the stalled reader outlived the page")


def rude_client(service: Service, site: Site, seed: int) -> None:
    """Asks for a page, reads for a random moment, and resets the connection or just closes it."""
    rng = random.Random(seed)
    with asking(service, site.url(rng.choice(PAGES))) as client:
        client.settimeout(rng.choice([0.001, 0.05, 0.3, 1.0]))
        try:
            while client.recv(65536) and rng.random() < 0.7:
                pass
        except TimeoutError:
            pass
        if rng.random() < 0.5:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_nothing_is_left_of_a_hundred_clients_that_break_off(site: Site) -> None:
    """Tabs, renders, clients and the connections to the site end; no process is there that was not before."""
    with running({"READER_EGRESS_ALLOW": site.allow}) as service:
        service.read(site.url("/hydration"), {"X-Respond-With": "markdown"})
        assert site.wait_until(lambda: gauge(service, "reader_tabs_warm") == WARM_TABS)
        before, asked = len(descendants(service.process.pid)), sum(site.open.values())
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(lambda n: rude_client(service, site, n), range(SEED, SEED + RUDE_CLIENTS)))
        left = ("reader_reads_open", "reader_renders_open", "reader_tabs_open", "reader_tabs_queued")
        for name in left:
            assert site.wait_until(lambda name=name: gauge(service, name) == 0), name  # type: ignore[misc]
        assert site.wait_until(lambda: sum(site.open.values()) <= asked)
        assert site.wait_until(lambda: len(descendants(service.process.pid)) <= before)
