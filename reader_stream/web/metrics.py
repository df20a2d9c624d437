"""/metrics: what the service counts, in Prometheus' exposition format.

One object for one application, with a registry of its own, so that two applications in one process
(tests) never share a number.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0)
"""Upper ends of the time buckets: from a cached answer to the longest timeout."""


class Metrics:
    """Counters of reads and gauges of what is open. Label values come from closed lists only: an outcome
    is `ok` or an error's name, never anything of a client's or a page's."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self.reads = Counter("reader_reads", "Reads by outcome", ["outcome"], registry=registry)
        self.first = Histogram(
            "reader_first_seconds", "Time to the first event", buckets=SECONDS, registry=registry
        )
        self.final = Histogram(
            "reader_final_seconds", "Time to the last event", buckets=SECONDS, registry=registry
        )
        self.streams = Gauge("reader_streams_open", "Event streams open", registry=registry)
        self.cache = Counter("reader_cache", "Cache look-ups", ["result"], registry=registry)
        self.denials = Counter("reader_egress_denials", "Addresses refused", ["reason"], registry=registry)

    def watch(self, name: str, about: str, value: Callable[[], float]) -> None:
        """A gauge that is asked when it is read: tabs, queue, workers. `name` is without the prefix."""
        Gauge(f"reader_{name}", about, registry=self._registry).set_function(value)

    def read_ended(self, outcome: str, first_s: float | None, final_s: float) -> None:
        """Count one read; `first_s` is None when it failed before its first event."""
        self.reads.labels(outcome).inc()
        self.final.observe(final_s)
        if first_s is not None:
            self.first.observe(first_s)

    def exposition(self) -> tuple[bytes, str]:
        """The body and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
