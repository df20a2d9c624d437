"""What is counted, and how it is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from reader_stream.app import open_services
from reader_stream.errors import AssertionFailureError, ParamValidationError, ReaderError
from reader_stream.fetch.egress import Denial
from reader_stream.settings import Settings
from reader_stream.stream.sequence import Event
from reader_stream.web.metrics import Metrics

pytestmark = pytest.mark.anyio


async def read(*steps: Event | ReaderError) -> AsyncGenerator[Event, None]:
    """A read's events; an error is raised in its place."""
    for step in steps:
        if isinstance(step, ReaderError):
            raise step
        yield step


SETTINGS = Settings(render_workers=1, browser_warm_tabs=0)
SNAPSHOT = Event("snapshot", 1, {})
ERROR = Event("error", 2, ParamValidationError("no").to_dict())


def numbers(metrics: Metrics) -> dict[str, float]:
    """The exposition by sample."""
    body, media_type = metrics.exposition()
    assert media_type.startswith("text/plain")
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_reads_are_counted_by_outcome() -> None:
    """Success, an error told or raised, a client that left, a refusal; times count what was shown.
    A second application's numbers stay its own."""
    async with open_services(SETTINGS) as services:
        metrics, other = Metrics(services), Metrics(services)
        assert [e async for e in metrics.watched(read(SNAPSHOT, Event("final", 2, {})))]
        assert [e async for e in metrics.watched(read(SNAPSHOT, ERROR))]
        with pytest.raises(AssertionFailureError):
            [e async for e in metrics.watched(read(AssertionFailureError("nothing")))]
        leaving = metrics.watched(read(SNAPSHOT, SNAPSHOT))
        await anext(leaving)
        assert numbers(metrics)["reader_reads_open"] == 1
        await leaving.aclose()
        metrics.refused(ParamValidationError("no"))
        told, untouched = numbers(metrics), numbers(other)
    outcomes = {name: value for name, value in told.items() if name.startswith("reader_reads_total")}
    assert outcomes == {
        'reader_reads_total{outcome="ok"}': 1,
        'reader_reads_total{outcome="ParamValidationError"}': 2,
        'reader_reads_total{outcome="AssertionFailureError"}': 1,
        'reader_reads_total{outcome="left"}': 1,
    }
    assert told["reader_first_seconds_count"] == 3
    assert told["reader_final_seconds_count"] == 1
    assert told["reader_reads_open"] == 0
    assert untouched["reader_first_seconds_count"] == 0


async def test_the_rooms_are_asked_when_it_is_read() -> None:
    """Tabs, cache and refusals are what they are now, not what they were at the start."""
    async with open_services(SETTINGS) as services:
        metrics = Metrics(services)
        assert numbers(metrics)["reader_tabs_open"] == 0
        async with services.browser.tab():
            assert numbers(metrics)["reader_tabs_open"] == 1
        services.dialer.denials[Denial.PORT] += 2
        services.cache.hits += 3
        told = numbers(metrics)
    assert told['reader_egress_denials_total{reason="port"}'] == 2
    assert told['reader_cache_total{result="hit"}'] == 3
