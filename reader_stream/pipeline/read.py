"""One read, from an admitted order to the end of its sequence.

The URL is fetched by plain HTTP first. While an HTML body arrives, what is there becomes snapshots;
when it is complete and the page may change by itself, Chromium is given that very response and its
captures follow. Signals are pushed, content is pulled: a capture is taken when the one before has been
rendered, so a busy machine means fewer snapshots and the newest state wins.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial

import anyio
from anyio.abc import ObjectSendStream

from reader_stream.document.beginning import beginning_of
from reader_stream.document.html import decode
from reader_stream.document.media import is_html
from reader_stream.document.pdf import is_pdf
from reader_stream.document.sniff import sniff
from reader_stream.document.whole import is_whole
from reader_stream.errors import AssertionFailureError, ParamValidationError, ServiceNodeUnavailableError
from reader_stream.fetch.browser import Tab
from reader_stream.fetch.egress import Url, parse_url
from reader_stream.fetch.http import HttpRequest, HttpResponse
from reader_stream.fetch.page import captures
from reader_stream.fetch.visit import Cookie, FirstResponse, Visit, parse_cookie
from reader_stream.model import Capture, Engine, Phase, Reason
from reader_stream.pipeline.body import Body
from reader_stream.pipeline.captions import Captions
from reader_stream.pipeline.order import Order, accept_language
from reader_stream.pipeline.pdf import PdfRead
from reader_stream.pipeline.scripts import load_scripts
from reader_stream.pipeline.services import Services
from reader_stream.pipeline.tasks import task_group
from reader_stream.pipeline.transcript import Transcript

OVERTIME_S = 2.0
"""What a read may take beyond its timeout to hand over what there is (the contract's bound is 3 s)."""

MIN_VISIT_S = 0.5
"""A page whose first look took all the time still gets this much to show what it has."""


class PageRead:
    """Reads one URL, or HTML that the client gave, into a transcript."""

    def __init__(self, services: Services, order: Order, transcript: Transcript) -> None:
        self._services = services
        self._order = order
        self._transcript = transcript

    async def run(self) -> None:
        """Observe documents until the page is settled or its time is over, then finish."""
        with anyio.move_on_at(self._transcript.deadline + OVERTIME_S) as overtime:
            if self._order.stop_when is None:  # a group of tasks costs 2 KiB
                await self._read()
            else:
                async with task_group() as tasks:
                    tasks.start_soon(self._stop_when_enough, tasks.cancel_scope)
                    await self._read()
                    tasks.cancel_scope.cancel()
        reasons = [Reason.TIMEOUT] if overtime.cancelled_caught else []
        if self._transcript.stopped:
            reasons.append(Reason.STOPPED_BY_CLIENT)
        await self._transcript.finish(reasons)
        await self._transcript.keep(self._services.cache)

    async def _read(self) -> None:
        if self._order.proxy is None:
            await self._observe()
            return
        async with self._services.by_way_of(self._order.proxy) as self._services:
            await self._observe()

    async def _observe(self) -> None:
        given, target = self._order.options.given, self._order.target
        if given is not None:
            await self._given(given)
        elif target is not None:
            await self._fetch(target)
        await self._describe_images()

    async def _describe_images(self) -> None:
        captioner, services = self._services.captioner, self._services
        urls = self._transcript.nameless_images if self._order.options.wants_captions else []
        if captioner and urls:
            left_s = self._transcript.deadline - anyio.current_time()
            captions = Captions(
                captioner, services.http, self._order.target.origin if self._order.target else ""
            )
            await self._transcript.caption(*await captions.describe(urls, left_s))

    async def _stop_when_enough(self, scope: anyio.CancelScope) -> None:
        await self._transcript.stop_when_enough()
        scope.cancel()

    def conclude(self, reason: Reason) -> None:
        """Finish now with what there is."""
        self._transcript.conclude(reason)

    async def _given(self, body: bytes) -> None:
        """HTML or a file from the client: HTML is rendered where a browser is asked for."""
        options = self._order.options
        kind = "text/html; charset=utf-8" if options.html is not None else sniff(body)
        capture = Capture(self._order.url, body, kind, settled=True)
        if is_pdf(body) and options.html is None:
            await PdfRead(self._services.renderer, self._order, self._transcript).run(capture, body)
        elif self._order.renders_given and is_html(capture):
            await self._browse(replace(self._visit(self._order.url), html=decode(body, kind)))
        else:
            await self._transcript.observe(capture)

    async def _fetch(self, target: Url) -> None:
        """The first look, and what follows from its media type."""
        body = Body()
        response: HttpResponse | None = None
        with anyio.move_on_at(self._transcript.deadline) as timeout:
            async with self._services.http.get(self._request(target)) as response:
                await self._download(response, body)
        if response is None or (timeout.cancelled_caught and not body):
            raise AssertionFailureError("the target sent nothing before the timeout", path="timeout")
        reasons = (Reason.TIMEOUT,) if timeout.cancelled_caught else ()
        if body.broken:
            reasons = (*reasons, Reason.NETWORK_PENDING)
        static = self._static(response, body, settled=True, reasons=reasons)
        if not reasons and is_pdf(bytes(body)):
            await PdfRead(self._services.renderer, self._order, self._transcript).run(static, bytes(body))
        elif not reasons and self._needs_browser(static):
            # The static document goes out while Chromium renders the same response.
            visit = replace(
                self._visit(static.url, _in_utf_8(response, body)),
                cookies=self._cookies(response.set_cookies),
            )
            await self._browse(visit, beside=replace(static, settled=False))
        else:
            await self._observe_static(static)

    async def _observe_static(self, static: Capture) -> None:
        """A page's source; of a long one its beginning first, which is there in a quarter of the time."""
        if is_html(static) and isinstance(static.body, bytes) and (start := beginning_of(static.body)):
            await self._transcript.preview(replace(static, body=start, settled=False, reasons=()))
        await self._transcript.observe(static)

    async def _download(self, response: HttpResponse, body: Body) -> None:
        """Collect the body; of HTML, tell what is there while more comes."""
        async with task_group() as tasks:
            tasks.start_soon(body.collect, response.chunks())
            if is_html(self._static(response, body)):
                async with aclosing(body.parts()) as parts:
                    async for _ in parts:
                        await self._transcript.observe(self._static(response, body))

    def _needs_browser(self, static: Capture) -> bool:
        if self._order.options.engine is Engine.HTTP or not is_html(static):
            return False
        return not (self._order.may_skip_browser and isinstance(static.body, bytes) and is_whole(static.body))

    async def _browse(self, visit: Visit, beside: Capture | None = None) -> None:
        """Observe what a tab captures; `beside` is observed first, while the tab is on its way."""
        send, receive = anyio.create_memory_object_stream[Capture](0)
        async with task_group() as tasks:
            tasks.start_soon(self._capture, visit, send)
            if beside is not None:
                await self._observe_static(beside)
            with receive:
                async for capture in receive:
                    await self._transcript.observe(capture)

    async def _capture(self, visit: Visit, send: ObjectSendStream[Capture]) -> None:
        visit = await self._with_scripts(visit)
        async with send:
            if not await self._show(visit, send):
                await self._show(replace(visit, timeout=self._left_s()), send, again=False)

    async def _show(self, visit: Visit, send: ObjectSendStream[Capture], *, again: bool = True) -> bool:
        """False where the tab was lost before the page showed anything in it, and may be tried `again`:
        most often it was the one that found out that the browser had died."""
        proxy_url = self._services.proxy.url if self._order.proxy else None
        tabs = self._services.browser.tab(proxy_url)
        admitted = _place(visit.url)
        async with tabs as tab, aclosing(self._captures(tab, visit)) as pages:
            try:
                async for capture in pages:
                    if again and tab.gone.is_set() and not capture.composed:
                        return False
                    if _place(capture.url) != admitted:
                        await self._admit(capture.url)
                        admitted = _place(capture.url)
                    await send.send(capture)
            except (AssertionFailureError, ServiceNodeUnavailableError):
                if not (again and tab.gone.is_set()):
                    raise
                return False
        return True

    async def _admit(self, url: str) -> None:
        """Ask the robots.txt of where a page has led itself; redirects of the first look were asked for."""
        agent = self._order.options.robots_txt
        if agent and url.startswith("http"):
            await self._services.robots.check(parse_url(url), agent)

    async def _with_scripts(self, visit: Visit) -> Visit:
        options, http = self._order.options, self._services.http
        if not options.scripts:
            return visit
        page = await load_scripts(http, options.inject_page_script, "injectPageScript", self._left_s())
        frame = await load_scripts(http, options.inject_frame_script, "injectFrameScript", self._left_s())
        return replace(visit, page_scripts=page, frame_scripts=frame, timeout=self._left_s())

    def _left_s(self) -> float:
        return max(MIN_VISIT_S, self._transcript.deadline - anyio.current_time())

    def _captures(self, tab: Tab, visit: Visit) -> AsyncGenerator[Capture, None]:
        return captures(tab, visit, clock=self._transcript.elapsed, failure=self._services.proxy.failure)

    def _static(
        self, response: HttpResponse, body: Body, *, settled: bool = False, reasons: tuple[Reason, ...] = ()
    ) -> Capture:
        return Capture(
            url=response.url.href,
            body=bytes(body),
            content_type=response.header("content-type") or "",
            status=response.status,
            requested_url=self._order.url,
            phase=Phase.HTML,
            elapsed_ms=self._transcript.elapsed_ms,
            pending=0 if body.complete else 1,
            settled=settled,
            reasons=reasons,
        )

    def _request(self, target: Url) -> HttpRequest:
        """The first look: the headers that Chromium would send with this navigation."""
        options = self._order.options
        agent = options.user_agent or self._services.browser.stats().user_agent
        headers = [("User-Agent", agent)]
        if options.locale:
            headers.append(("Accept-Language", accept_language(options.locale)))
        if options.referer:
            headers.append(("Referer", options.referer))
        return HttpRequest(
            url=target,
            headers=tuple(headers),
            origin_headers=options.custom_header,
            cookies=options.set_cookies,
            # The read's own deadline comes first; this one is for a clock that was not watched.
            timeout=options.timeout + OVERTIME_S,
            max_bytes=self._services.max_download_bytes,
            admit=partial(self._services.robots.check, agent=options.robots_txt)
            if options.robots_txt
            else None,
        )

    def _visit(self, url: str, response: FirstResponse | None = None) -> Visit:
        options = self._order.options
        return Visit(
            url=url,
            response=response,
            timing=self._order.timing,
            timeout=self._left_s(),
            wait_for=options.wait_for_selector,
            target=options.target_selector,
            remove=options.remove_selector,
            with_iframe=bool(options.with_iframe),
            with_shadow=options.with_shadow_dom,
            remove_overlay=options.remove_overlay,
            user_agent=options.user_agent,
            locale=options.locale,
            referer=options.referer,
            cookies=self._cookies(),
            headers=options.custom_header,
            viewport=options.viewport,
            max_dom_chars=self._services.max_dom_chars,
            shots=options.shots,
            shot_type=options.shot_type,
        )

    def _cookies(self, met: Iterable[tuple[Url, str]] = ()) -> tuple[Cookie, ...]:
        """The client's cookies, and those that the hops of the first look set."""
        cookies = [parse_cookie(line, self._order.url) for line in self._order.options.set_cookies]
        for url, line in met:
            with suppress(ParamValidationError):  # browsers ignore a server's malformed cookie
                cookies.append(parse_cookie(line, url.href))
        return tuple(cookies)


def _place(url: str) -> str:
    """A URL without query and fragment, which scripts change without going anywhere."""
    return re.split(r"[?#]", url, maxsplit=1)[0].rstrip("/")


def _in_utf_8(response: HttpResponse, body: Body) -> FirstResponse:
    """The first look for Chromium, decoded as we read it: an undeclared or wrong charset has one reading."""
    kind = response.header("content-type") or ""
    media_type = response.media_type or "text/html"
    headers = [(name, value) for name, value in response.headers if name.lower() != "content-type"]
    headers.append(("Content-Type", f"{media_type}; charset=utf-8"))
    text = decode(bytes(body), kind)
    return FirstResponse(response.url.href, response.status, tuple(headers), text.encode("utf-8", "replace"))
