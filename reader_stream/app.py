"""The composition root: settings in, an application out. Nothing lives outside its lifespan."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any, TypedDict

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reader_stream.errors import ParamValidationError, ReaderError
from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.captioner import Captioner
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import EgressPolicy
from reader_stream.fetch.http import HttpFetcher
from reader_stream.fetch.proxy import FilteringProxy
from reader_stream.fetch.robots import Robots
from reader_stream.pipeline.cache import Cache
from reader_stream.pipeline.flight import Flights, Replay
from reader_stream.pipeline.render import Renderer, RenderLimits
from reader_stream.pipeline.services import Services
from reader_stream.pipeline.shots import Shots
from reader_stream.pipeline.tasks import task_group
from reader_stream.pipeline.watchdog import end_large_browsers, end_stopped_processes
from reader_stream.settings import MIB, Settings
from reader_stream.web.hosts import check_host
from reader_stream.web.limits import RequestLimits, check_head
from reader_stream.web.metrics import Metrics
from reader_stream.web.request_id import RequestIds
from reader_stream.web.routes import EXCEPTION_HANDLERS, ROUTES, on_error

log = logging.getLogger(__name__)


class State(TypedDict):
    """What requests find in `request.state`."""

    services: Services
    metrics: Metrics
    limits: RequestLimits


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Everything that a read needs, opened in order and closed in the reverse order."""
    try:
        policy = EgressPolicy.parse(settings.egress_allow)
    except ValueError as error:
        raise ParamValidationError(f"READER_EGRESS_ALLOW: {error}") from None
    dialer = Dialer(policy, connect_timeout=settings.connect_timeout)
    dialer.own_ports.add(settings.port)
    async with task_group() as tasks, AsyncExitStack() as stack:
        tasks.start_soon(end_stopped_processes)
        tasks.start_soon(end_large_browsers, settings.browser_renderer_mib * MIB)
        stack.callback(tasks.cancel_scope.cancel)
        enter = stack.enter_async_context
        proxy = await enter(FilteringProxy.open(dialer))
        http = await enter(HttpFetcher.open(dialer, max_redirects=settings.max_redirects))
        renderer = await enter(Renderer.open(_render_limits(settings)))
        browser = await enter(Browser.open(_browser_settings(settings, proxy.url)))
        cache = await enter(Cache.open(settings.cache_url, settings.cache_ttl, settings.cache_bytes))
        flights = await enter(Flights.open(_replay(settings)))
        limits = settings.max_download_bytes, settings.max_streams, settings.max_dom_chars
        captioner = await enter(_open_captioner(settings))
        robots, shots = Robots(http), Shots(settings.shots_bytes)
        rooms = dialer, proxy, http, robots, browser, renderer, cache, flights
        yield Services(*rooms, *limits, shots, settings.allow_scripts, captioner)


def _open_captioner(settings: Settings) -> AbstractAsyncContextManager[Captioner | None]:
    if settings.caption_url is None:
        return nullcontext()
    key = settings.caption_key.get_secret_value() if settings.caption_key else None
    return Captioner.open(settings.caption_url, settings.caption_model, key)


def _render_limits(settings: Settings) -> RenderLimits:
    return RenderLimits(
        workers=settings.render_workers,
        timeout=settings.render_timeout,
        memory_mib=settings.render_memory_mib,
        cpu=settings.render_cpu,
        dom_depth=settings.max_dom_depth,
        ocr=settings.ocr,
    )


def _replay(settings: Settings) -> Replay:
    return Replay(settings.replay_seconds, settings.replay_reads, settings.replay_chars)


def _browser_settings(settings: Settings, proxy_url: str) -> BrowserSettings:
    return BrowserSettings(
        path=settings.browser_path,
        url=settings.browser_url,
        tabs=settings.browser_tabs,
        warm_tabs=settings.browser_warm_tabs,
        recycle_pages=settings.browser_recycle_pages,
        queue=settings.browser_queue,
        heap_mib=settings.browser_heap_mib,
        proxy_url=proxy_url,
    )


def _request_limits(settings: Settings) -> RequestLimits:
    return RequestLimits(
        body_bytes=settings.max_body_bytes,
        body_seconds=settings.body_timeout,
        timeout=settings.max_timeout,
        per_client=settings.max_streams_per_client,
    )


def create_app(settings: Settings, draining: anyio.Event | None = None) -> Starlette:
    """An independent application. When `draining` is set, its streams end with a clean last event."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[State]:
        async with task_group() as tasks, _told(open_services(settings)) as services:
            if draining:
                tasks.start_soon(_drain, draining, services.flights)
            yield State(services=services, metrics=Metrics(services), limits=_request_limits(settings))
            tasks.cancel_scope.cancel()

    handlers: Any = EXCEPTION_HANDLERS
    app = _Application(routes=ROUTES, exception_handlers=handlers, lifespan=lifespan)
    app.max_head_bytes = settings.max_head_bytes
    app.host_names = frozenset(settings.host_names)
    return app


class _Application(Starlette):
    """Starlette with request ids around everything, its answers to our own faults included."""

    max_head_bytes = 32 * 1024
    host_names: frozenset[str] = frozenset()

    def build_middleware_stack(self) -> ASGIApp:
        inner = super().build_middleware_stack()

        async def with_good_head(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                if scope["type"] == "http":
                    check_head(scope, self.max_head_bytes)
                    check_host(scope, self.host_names)
            except ReaderError as error:
                await on_error(Request(scope), error)(scope, receive, send)
            else:
                await inner(scope, receive, send)

        return RequestIds(with_good_head)


@asynccontextmanager
async def _told(services: AbstractAsyncContextManager[Services]) -> AsyncIterator[Services]:
    """The services; when they cannot be had, the log says why in one line."""
    async with AsyncExitStack() as stack:
        try:
            opened = await stack.enter_async_context(services)
        except ReaderError as error:
            log.error("the service cannot start: %s", error.message)
            raise
        yield opened


async def _drain(draining: anyio.Event, flights: Flights) -> None:
    await draining.wait()
    flights.drain()
