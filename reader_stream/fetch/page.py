"""One tab: navigate, wait for "changed", yield captures until settled.

Theory of operation. Everything that the tab says arrives in listeners, which only write it down (into
the settle rule's log, mostly) and wake the one loop in `captures`. The loop alone talks to the page, and
only while its consumer asks for the next capture: a slow consumer costs captures, not memory.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import anyio

from reader_stream.errors import ReaderError
from reader_stream.fetch.capture import Composed, Observer
from reader_stream.fetch.cdp import CallTimeout, CdpError
from reader_stream.fetch.navigation import Navigation
from reader_stream.fetch.network import FirstAnswer, Traffic
from reader_stream.fetch.opening import prepare
from reader_stream.fetch.settle import THIN_CHARS, PageLog, Verdict
from reader_stream.fetch.shot import shoot
from reader_stream.fetch.signals import Committed, Interactive, Loaded, Looked, Mutated, Signal, Threaded
from reader_stream.fetch.tabs import Tab
from reader_stream.fetch.virtualtime import VirtualTime
from reader_stream.fetch.visit import Cookie, FirstResponse, Visit, parse_cookie
from reader_stream.model import Capture, Phase, Reason

__all__ = ["Cookie", "FirstResponse", "Visit", "captures", "parse_cookie"]

FIRST_CAPTURE_MS = 150.0
"""No capture before the settled one in the first moments of a document: small pages are done by then, and
the first snapshot comes from plain HTTP."""
CAPTURE_GAP_MS = 100.0
"""Least time between two captures, for a consumer that takes no time itself."""
LAST_CAPTURE_S = 1.0
"""Patience with the last capture of a page whose time is over, before its script is stopped."""
STOPPED_CAPTURE_S = 1.2
"""Patience after that."""
PIERCE_S = 0.5
"""Patience with the search for closed shadow roots then. The three stay below the 3 s that a read may take
beyond its timeout."""

Clock = Callable[[], float]
Failure = Callable[[str, int], ReaderError | None]


async def captures(
    tab: Tab, visit: Visit, *, clock: Clock, failure: Failure = lambda _host, _port: None
) -> AsyncGenerator[Capture, None]:
    """Open a page and yield a capture each time one is asked for and the page has changed.

    The last capture is settled, with the reasons why it may not be whole. `clock` gives the seconds
    since the read began; `failure(host, port)` is the proxy's word on why it did not connect.

    Raises AssertionFailureError (nothing can be read there), SecurityCompromiseError (the egress
    policy forbids it), ParamValidationError (an option that Chromium refuses) and
    ServiceNodeUnavailableError (the browser is gone); once a capture was yielded it ends in a last one.
    """
    page = _Page(tab, visit, clock, failure)
    try:
        await page.open()
    except CdpError as error:
        raise page.navigation.broken(error) from error
    while not await page.is_over():
        if page.wants_capture():
            if capture := await page.take():
                yield capture
        else:
            await page.wait()
    yield await page.shown(await page.last())


class _Page:
    """The state of one visit."""

    def __init__(self, tab: Tab, visit: Visit, clock: Clock, failure: Failure) -> None:
        self._tab = tab
        self._visit = visit
        self._clock = clock
        self._deadline_ms = self._now_ms() + visit.timeout * 1000
        self._selectors = (*visit.wait_for, *visit.target)
        self._log = PageLog(visit.timing, selectors=bool(self._selectors))
        self._wake = anyio.Event()
        self._changed = False
        self._unseen = False
        self._pierced: set[Phase] = set()
        self._latest: Capture | None = None
        self._captured_ms = self._committed_ms = 0.0
        session, main = tab.session, tab.target_id
        self._observer = Observer(session, main, self._mutated, visit.with_iframe, visit.with_shadow)
        self._observer.max_chars = visit.max_dom_chars
        self._time = VirtualTime(session, self._ring)
        self.navigation = Navigation(session, main, visit, failure, self._commit, self._ring)
        unread = self._observer.unread if visit.with_iframe else None
        self._traffic = Traffic(session, main, self._emit, self._now_ms, unread)

    async def open(self) -> None:
        """Prepare the tab and set it going; the answer to the navigation is awaited nowhere."""
        session = self._tab.session
        session.on("Page.domContentEventFired", lambda _: self._emit(Interactive(self._now_ms())))
        session.on("Page.loadEventFired", lambda _: self._emit(Loaded(self._now_ms())))
        session.on("Target.attachedToTarget", self._thread)
        self._time.attach()
        injected = self._observer.attach()
        address, response = self.navigation.address, self.navigation.response
        first = FirstAnswer(session, self._tab.target_id, address, response, self._visit.headers)
        if first.patterns:
            injected.append(session.submit("Fetch.enable", {"patterns": first.patterns}))
        await prepare(self._tab, self._visit)
        for call in injected:
            await call
        self.navigation.start(self._visit.timeout)

    async def is_over(self) -> bool:
        """Settled, failed, or out of time. Looks into the page first where the rule needs it."""
        self.navigation.failure = self.navigation.failure or self.navigation.refused(self._traffic.documents)
        if self._tab.gone.is_set() or self.navigation.failure or self._now_ms() >= self._deadline_ms:
            return True
        if self._time.ended:
            await self._look()
            self._emit(self._time.credit(self._now_ms()))
        elif self._unseen and self.navigation.committed and self._log.wants_look:
            await self._look()
        return self._verdict().settled

    def wants_capture(self) -> bool:
        """The page has changed, and not just now."""
        return self._changed and self.navigation.committed and self._now_ms() >= self._capture_from_ms()

    async def take(self) -> Capture | None:
        """A capture of the page as it is, if it differs from the last one."""
        self._changed = False
        try:
            await self._pierce(Phase.INTERACTIVE)
            composed = await self._observer.capture(full=False, timeout=self._left_s())
        except CdpError:
            return None  # gone, stuck or between two documents: `is_over` and `last` tell which
        self._captured_ms = self._now_ms()
        if self.navigation.failure:
            return None  # this was Chromium's own page about it
        if composed is None or (self._latest and self._latest.body == composed.html):
            return None
        self._latest = self._capture(composed, self._verdict())
        return self._latest

    async def wait(self) -> None:
        """Until something happens or is due."""
        now_ms, verdict = self._now_ms(), self._verdict()
        due_ms = min(verdict.wake_ms, self._deadline_ms, self._time.keep(verdict.skip_ms, now_ms))
        if self._changed and self.navigation.committed:
            due_ms = min(due_ms, self._capture_from_ms())
        with anyio.move_on_after(max(0.0, due_ms - now_ms) / 1000):
            await _either(self._wake, self._tab.gone)
        self._wake = anyio.Event()

    async def last(self) -> Capture:
        """The whole page once more, and what may be missing of it. Raises when there is nothing at all."""
        verdict = self._verdict()
        reasons = verdict.reasons
        if self._now_ms() >= self._deadline_ms:
            reasons = (Reason.TIMEOUT, *reasons)
        if self.navigation.is_cut(self._traffic.cut):
            reasons = (*reasons, Reason.NETWORK_PENDING)
        composed = await self._last_look() if self.navigation.committed else None
        if composed is not None and not self.navigation.failure:
            return self._capture(composed, verdict, last=reasons)
        if self._tab.gone.is_set():
            reasons = (Reason.RENDERER_CRASHED, *reasons)
        latest = self._latest or self._source()
        if latest is None:
            raise self.navigation.explain(self._tab, self._visit.timeout)
        return replace(latest, settled=True, reasons=reasons, elapsed_ms=int(self._now_ms()))

    async def shown(self, last: Capture) -> Capture:
        """The last capture with the pictures that were asked for."""
        visit = self._visit
        if not visit.shots or self._tab.gone.is_set():
            return last
        shots = await shoot(self._tab, visit, self._left_s())
        return replace(last, shots=shots)

    def _source(self) -> Capture | None:
        """The answer that the page was made of, for a page that never let itself be read."""
        response = self.navigation.response
        if response is None or self.navigation.failure:
            return None
        headers = {name.lower(): value for name, value in response.headers}
        return Capture(
            url=response.url,
            body=response.body,
            content_type=headers.get("content-type", "text/html"),
            status=response.status,
            requested_url=self._visit.url,
            last_modified=headers.get("last-modified"),
        )

    async def _last_look(self) -> Composed | None:
        """A full capture. A script that never lets go is stopped: nothing else gets its turn before."""
        try:
            await self._pierce(Phase.LOADED)
            return await self._observer.capture(full=True, timeout=max(LAST_CAPTURE_S, self._left_s()))
        except CallTimeout:
            pass
        except CdpError:
            return None
        self._tab.session.post("Runtime.terminateExecution")
        try:
            return await self._observer.capture(full=True, timeout=STOPPED_CAPTURE_S)
        except CdpError:
            return None

    def _capture(
        self, composed: Composed, verdict: Verdict, last: tuple[Reason, ...] | None = None
    ) -> Capture:
        reasons = [] if last is None else list(last)
        if composed.unreadable:
            reasons.append(Reason.FRAME_UNREADABLE)
        if composed.truncated:
            reasons.append(Reason.TRUNCATED_SIZE)
        response = self.navigation.current(self._traffic.documents)
        early = (
            last is None and verdict.settled
        )  # it settled while it was captured: there is one more to come
        return Capture(
            url=self.navigation.url,
            body=composed.html,
            status=response.status,
            requested_url=self._visit.url,
            composed=True,
            phase=Phase.LOADED if early else verdict.phase,
            elapsed_ms=int(self._now_ms()),
            pending=verdict.pending,
            settled=last is not None,
            reasons=tuple(dict.fromkeys(reasons)),
            last_modified=response.headers.get("last-modified"),
        )

    async def _look(self) -> None:
        self._unseen = False
        try:
            look = await self._observer.look(self._selectors, THIN_CHARS, self._left_s())
        except CdpError:
            return
        if look is None:
            return
        if any(look.counts):
            self._mutated(*look.counts)
            self._unseen = False
        self._log.add(Looked(self._now_ms(), look.chars, look.missing))

    async def _pierce(self, phase: Phase) -> None:
        """Closed shadow roots declared in HTML are asked for twice: when parsed, and at the end."""
        if self._visit.with_shadow and phase not in self._pierced and self._verdict().phase is not Phase.HTML:
            self._pierced.add(phase)
            with suppress(CdpError):  # too deep for JSON, or no time left: then without them
                await self._observer.adopt_closed(max(PIERCE_S, self._left_s()))

    def _verdict(self) -> Verdict:
        verdict = self._log.judge(self._now_ms())
        if self._visit.shots:  # skipped time draws no frames: a picture would show what just begins to appear
            verdict = replace(verdict, skip_ms=0.0)
        return verdict if self.navigation.committed else replace(verdict, settled=False, skip_ms=0.0)

    def _capture_from_ms(self) -> float:
        return max(self._committed_ms + FIRST_CAPTURE_MS, self._captured_ms + CAPTURE_GAP_MS)

    def _now_ms(self) -> float:
        return self._clock() * 1000

    def _left_s(self) -> float:
        return max(0.0, self._deadline_ms - self._now_ms()) / 1000

    def _ring(self) -> None:
        self._wake.set()

    def _emit(self, signal: Signal) -> None:
        self._log.add(signal)
        self._unseen = self._unseen or isinstance(signal, Interactive | Loaded | Mutated)
        self._ring()

    def _mutated(self, growth: int, replaced: int, churn: int) -> None:
        self._changed = True
        self._emit(Mutated(self._now_ms(), growth, replaced, churn))

    def _commit(self) -> None:
        """A new main document, or a new URL of the same (pushState)."""
        self._changed = True
        if self.navigation.replaced:
            self._committed_ms = self._now_ms()
            self._pierced.clear()
            self._emit(
                Committed(
                    self._now_ms(), inert=self.navigation.inert, refused=self.navigation.refused_by_site
                )
            )
        self._ring()

    def _thread(self, event: dict[str, Any]) -> None:
        if event["targetInfo"]["type"] in ("worker", "shared_worker"):
            self._emit(Threaded(self._now_ms()))


async def _either(*events: anyio.Event) -> None:
    async with anyio.create_task_group() as tasks:

        async def watch(event: anyio.Event) -> None:
            await event.wait()
            tasks.cancel_scope.cancel()

        for event in events:
            tasks.start_soon(watch, event)
