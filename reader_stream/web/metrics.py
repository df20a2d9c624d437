"""/metrics: what the service counts, in Prometheus' exposition format.

One object for one application, with a registry of its own, so that two applications in one process
(tests) never share a number. What the rooms know of themselves is asked when it is read; what happens to
reads is counted here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING

import anyio
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from reader_stream.errors import ReaderError
from reader_stream.fetch.egress import Denial
from reader_stream.stream.sequence import Event

if TYPE_CHECKING:
    from reader_stream.pipeline.services import Services

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0)
"""Upper ends of the time buckets: from a cached answer to the longest timeout."""


LOGGED = ("completeness", "cache", "usage")
"""What of a final event stands in the log: nothing of the page."""

log = logging.getLogger(__name__)


class Metrics:
    """Counts reads. Label values come from closed lists only: an outcome is `ok`, `left` or an error's
    name, never anything of a client's or a page's."""

    def __init__(self, services: Services) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Rooms(services))
        registry = self._registry
        self._reads = Counter("reader_reads", "Reads by outcome", ["outcome"], registry=registry)
        self._open = Gauge("reader_reads_open", "Clients that wait for a read", registry=registry)
        self._first = Histogram(
            "reader_first_seconds", "Time to the first event", buckets=SECONDS, registry=registry
        )
        self._final = Histogram(
            "reader_final_seconds", "Time to the final event", buckets=SECONDS, registry=registry
        )

    async def watched(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The same events, counted: outcome, time to the first and to the final."""
        began, outcome, first = anyio.current_time(), "left", True
        told: dict[str, object] = {}
        self._open.inc()
        try:
            async with aclosing(events):
                async for event in events:
                    passed = anyio.current_time() - began
                    if first and event.kind != "error":
                        self._first.observe(passed)
                        told["firstMs"] = round(passed * 1000)
                    first = False
                    if event.kind == "error":
                        outcome = str(event.data["name"])
                    elif event.kind == "final":
                        outcome = "ok"
                        self._final.observe(passed)
                        told |= {name: event.data[name] for name in LOGGED if name in event.data}
                    yield event
        except ReaderError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._open.dec()
            self._reads.labels(outcome).inc()
            passed = anyio.current_time() - began
            log.info("read", extra={"outcome": outcome, "ms": round(passed * 1000), **told})

    def refused(self, error: ReaderError) -> None:
        """Count a request that failed before it had a read."""
        self._reads.labels(type(error).__name__).inc()
        log.info("read", extra={"outcome": type(error).__name__})

    def exposition(self) -> tuple[bytes, str]:
        """The body and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Rooms(Collector):
    """What browser, cache, dialer and flights say of themselves at the moment."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: the names are this class's own."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All values, now."""
        browser, cache = self._services.browser.stats(), self._services.cache
        yield GaugeMetricFamily("reader_tabs_open", "Tabs that reads hold", browser.tabs_open)
        yield GaugeMetricFamily("reader_tabs_warm", "Unused tabs kept ready", browser.tabs_warm)
        yield GaugeMetricFamily("reader_tabs_queued", "Reads that wait for a tab", browser.queued)
        yield CounterMetricFamily("reader_browser_pages", "Pages Chromium served", browser.pages_served)
        yield CounterMetricFamily("reader_browser_relaunches", "Relaunches of Chromium", browser.relaunches)
        yield GaugeMetricFamily("reader_renders_open", "Renders under way", len(self._services.flights))
        yield GaugeMetricFamily("reader_tasks", "Tasks of the event loop", len(asyncio.all_tasks()))
        yield GaugeMetricFamily("reader_cache_bytes", "Bytes cached in memory", cache.bytes)
        yield _labelled("reader_cache", "Look-ups in the cache", "result", self._lookups())
        yield _labelled("reader_egress_denials", "Addresses refused", "reason", self._denials())

    def _lookups(self) -> dict[str, int]:
        return {"hit": self._services.cache.hits, "miss": self._services.cache.misses}

    def _denials(self) -> dict[str, int]:
        return {denial.value: self._services.dialer.denials[denial] for denial in Denial}


def _labelled(name: str, about: str, label: str, counts: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, about, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
