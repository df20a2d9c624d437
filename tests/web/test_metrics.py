"""What is counted, and how it is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from reader_stream.errors import AssertionFailureError, ParamValidationError, ReaderError
from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Denial, EgressPolicy
from reader_stream.fetch.http import HttpFetcher
from reader_stream.pipeline.cache import Cache
from reader_stream.pipeline.flight import Flights
from reader_stream.pipeline.render import Renderer
from reader_stream.pipeline.services import Services
from reader_stream.stream.sequence import Event
from reader_stream.web.metrics import Metrics

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def open_services() -> AsyncIterator[Services]:
    """Real rooms that have not done anything yet, their browser not launched."""
    dialer = Dialer(EgressPolicy.parse(()))
    async with (
        HttpFetcher.open(dialer) as http,
        Cache.open(None, 60, 1000) as cache,
        Flights.open() as flights,
        anyio.create_task_group() as tasks,
    ):
        browser = Browser(BrowserSettings(), tasks)
        renderer = Renderer(1, 1.0, 256)
        yield Services(dialer.policy, dialer, http, browser, renderer, cache, flights, 1000)


async def read(*steps: Event | ReaderError) -> AsyncGenerator[Event, None]:
    """A read's events; an error is raised in its place."""
    for step in steps:
        if isinstance(step, ReaderError):
            raise step
        yield step


SNAPSHOT = Event("snapshot", 1, {})
ERROR = Event("error", 2, ParamValidationError("no").to_dict())


def numbers(metrics: Metrics) -> dict[str, float]:
    """The exposition by sample."""
    body, media_type = metrics.exposition()
    assert media_type.startswith("text/plain")
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_a_read_is_counted_by_its_outcome() -> None:
    """Success, an error told and an error raised each have a label; times count what was shown."""
    async with open_services() as services:
        metrics = Metrics(services)
        assert [e async for e in metrics.watched(read(SNAPSHOT, Event("final", 2, {})))]
        assert [e async for e in metrics.watched(read(SNAPSHOT, ERROR))]
        with pytest.raises(AssertionFailureError):
            [e async for e in metrics.watched(read(AssertionFailureError("nothing")))]
        metrics.refused(ParamValidationError("no"))
        told = numbers(metrics)
    assert told['reader_reads_total{outcome="ok"}'] == 1
    assert told['reader_reads_total{outcome="ParamValidationError"}'] == 2
    assert told['reader_reads_total{outcome="AssertionFailureError"}'] == 1
    assert told["reader_first_seconds_count"] == 2
    assert told["reader_final_seconds_count"] == 1
    assert told["reader_reads_open"] == 0


async def test_a_client_that_leaves_is_counted_as_gone() -> None:
    """A read that is closed half-way has ended for nobody's fault, and its events are closed too."""
    async with open_services() as services:
        metrics = Metrics(services)
        events = metrics.watched(read(SNAPSHOT, SNAPSHOT))
        await anext(events)
        assert numbers(metrics)["reader_reads_open"] == 1
        await events.aclose()
        told = numbers(metrics)
    assert told['reader_reads_total{outcome="left"}'] == 1
    assert told["reader_reads_open"] == 0


async def test_the_rooms_are_asked_when_it_is_read() -> None:
    """Tabs, cache and refusals are what they are now, not what they were at the start."""
    async with open_services() as services:
        metrics = Metrics(services)
        assert numbers(metrics)["reader_tabs_queued"] == 0
        services.dialer.denials[Denial.PORT] += 2
        services.cache.hits += 3
        told = numbers(metrics)
    assert told['reader_egress_denials_total{reason="port"}'] == 2
    assert told['reader_cache_total{result="hit"}'] == 3


async def test_two_applications_share_no_number() -> None:
    """Each has its own registry."""
    async with open_services() as services:
        one, other = Metrics(services), Metrics(services)
        one.refused(ParamValidationError("no"))
        assert len(numbers(one)) > len(numbers(other))
