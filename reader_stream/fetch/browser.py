"""Chromium's lifetime: warm tabs, a fair queue, relaunch after a crash, replacement after N pages.

Theory of operation. One task supervises; each running Chromium is an `Instance` with a task of its
own, whose end kills the process. Reads never open or close a tab themselves: they stand in line, are
handed a ready one, and give it back with a plain call. So a read that is cancelled, at whatever await,
cannot leave anything half open. `_match` is the only place that joins reads and tabs.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat

import anyio
from anyio.abc import TaskGroup, TaskStatus

from reader_stream.errors import ServiceNodeUnavailableError
from reader_stream.fetch.cdp import BrowserGone, CallTimeout, CdpError
from reader_stream.fetch.chromium import BrowserSettings
from reader_stream.fetch.instance import (
    Instance,
    connect,
    drop_warm,
    end_if_drained,
    give_up,
    heartbeat,
    introduce,
    take_warm,
)
from reader_stream.fetch.scope import owned_tasks
from reader_stream.fetch.tabs import USER_AGENT, Tab, close_tab, open_tab

__all__ = ["Browser", "BrowserSettings", "BrowserStats", "Tab"]

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5
BACKOFF_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses between failed launches; the last one repeats, so that a browser which can be had again is had
within 5 s. A failing start costs some 0.3 s of one core."""
FAILURE = "no browser can be had at the moment"
"""What clients are told; the log says why."""
OPENER_FAILURES = 3
"""So many failures to open a tab in a row mean that the browser is at fault, not a renderer that died."""
OPENERS = 2
"""Tabs opened at the same time: one waits for its renderer to start while the other is set up."""


@dataclass(frozen=True, slots=True)
class BrowserStats:
    """What `/readyz` and `/metrics` say: `pages_served` and `relaunches` of all time, the rest of now."""

    tabs_open: int
    tabs_warm: int
    queued: int
    pages_served: int
    relaunches: int
    version: str
    user_agent: str
    sandboxed: bool


@dataclass(eq=False, slots=True)
class _Waiter:
    """A read in line; `served` is set with a tab, or without one when none can be had."""

    served: anyio.Event = field(default_factory=anyio.Event)
    tab: Tab | None = None
    instance: Instance | None = None


class Browser:
    """Tabs for reads, from an own Chromium or a remote one. Use `Browser.open`."""

    def __init__(self, settings: BrowserSettings, tasks: TaskGroup) -> None:
        self._settings = settings
        self._tasks = tasks
        self._current: Instance | None = None
        self._failure: str | None = None
        self._user_agent = USER_AGENT
        self._line: deque[_Waiter] = deque()
        self._reading = 0  # tabs lent
        self._in_use = 0  # tabs lent or being closed
        self._served = 0
        self._launches = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: BrowserSettings) -> AsyncIterator[Browser]:
        """A browser that answers. At the end all tabs, processes and files of it are gone.

        One that cannot be started is tried again and again; `tab` raises meanwhile, the log says why.
        """
        async with owned_tasks() as tasks:
            browser = cls(settings, tasks)
            await browser._launch()
            tasks.start_soon(browser._supervise)
            try:
                yield browser
            finally:
                browser._current = None
                browser._fail_all("the browser is closed")

    @asynccontextmanager
    async def tab(self, proxy_url: str | None = None) -> AsyncIterator[Tab]:
        """A fresh tab for one read, disposed of afterwards. Waits in line, first come, first served.

        `proxy_url` is this tab's own way out instead of the browser's. Raises
        `ServiceNodeUnavailableError` when the line is full or no browser can be had.
        """
        waiter = self._enqueue()
        try:
            await waiter.served.wait()
            if proxy_url is not None:
                await self._reroute(waiter, proxy_url)
            if waiter.tab is None:
                raise self._no_browser()
            yield waiter.tab
        finally:
            self._leave(waiter)

    def stats(self) -> BrowserStats:
        """How the browser stands now."""
        now = self._current
        return BrowserStats(
            tabs_open=self._in_use,
            tabs_warm=len(now.warm) if now else 0,
            queued=len(self._line),
            pages_served=self._served,
            relaunches=max(0, self._launches - 1),
            version=now.version if now else "",
            user_agent=self._user_agent,
            sandboxed=now is not None and (now.process is None or now.process.sandboxed),
        )

    async def _reroute(self, waiter: _Waiter, proxy_url: str) -> None:
        """Change the warm tab for one in a context with another proxy: contexts keep theirs for life."""
        instance, warm = waiter.instance, waiter.tab
        if instance is None or warm is None:
            return
        try:
            with anyio.CancelScope(shield=True):  # see `open_tab`; its calls have timeouts
                tab = await open_tab(instance.connection, instance.identity, proxy_url)
        except CdpError as error:
            raise self._no_browser() from error
        waiter.tab = tab
        instance.in_use.discard(warm)
        instance.in_use.add(tab)
        instance.connection.root.post("Target.disposeBrowserContext", {"browserContextId": warm.context_id})

    def _enqueue(self) -> _Waiter:
        if self._current is None and self._failure is not None:
            raise self._no_browser()
        free = self._settings.tabs - self._reading
        if len(self._line) - free >= self._settings.queue:
            raise ServiceNodeUnavailableError("too many reads wait for a tab", retry_after=RETRY_AFTER_S)
        waiter = _Waiter()
        self._line.append(waiter)
        self._match()
        return waiter

    def _leave(self, waiter: _Waiter) -> None:
        """The read is over or cancelled: whatever it holds is taken back, without an await."""
        if waiter.tab is None or waiter.instance is None:
            if waiter in self._line:
                self._line.remove(waiter)
            return
        self._reading -= 1
        if waiter.instance.connection.closed.is_set():
            self._forget(waiter.instance, waiter.tab)
        else:
            self._tasks.start_soon(self._dispose, waiter.instance, waiter.tab)

    def _match(self) -> None:
        """Hand ready tabs to the reads in line, then say how many more are wanted."""
        now = self._current
        if now is None:
            return
        while self._line and self._in_use < self._settings.tabs and (tab := take_warm(now)):
            waiter = self._line.popleft()
            waiter.tab, waiter.instance = tab, now
            now.in_use.add(tab)
            now.served += 1
            self._reading += 1
            self._in_use += 1
            self._served += 1
            waiter.served.set()
        if now.served >= self._settings.recycle_pages:
            now.worn.set()
        now.wake.set()

    def _wanted(self, instance: Instance) -> int:
        """How many tabs this Chromium should be opening now."""
        if instance.retired:
            return 0
        in_line = min(len(self._line), self._settings.tabs - self._in_use) if instance is self._current else 0
        return self._settings.warm_tabs + in_line - len(instance.warm) - instance.opening

    async def _dispose(self, instance: Instance, tab: Tab) -> None:
        try:
            await close_tab(instance.connection, tab)
        except CallTimeout:
            give_up(instance, "it does not close tabs")
        except BrowserGone:
            pass  # and the tab with it
        except CdpError as error:
            logger.warning("a tab could not be closed: %s", error)
        self._forget(instance, tab)

    def _forget(self, instance: Instance, tab: Tab) -> None:
        instance.in_use.discard(tab)
        self._in_use -= 1
        end_if_drained(instance)
        self._match()

    async def _supervise(self) -> None:
        """Keep one usable Chromium current: a new one when it ends, or before it is worn out."""
        while True:
            now = self._current
            if now is not None:
                await _either(now.worn, now.connection.closed)
            if now is not None and now.connection.closed.is_set():
                self._current = None
            await self._replace(now)

    async def _replace(self, old: Instance | None) -> None:
        for pause_s in chain(BACKOFF_S, repeat(BACKOFF_S[-1])):
            if await self._launch():
                break
            await anyio.sleep(pause_s)
        if old is not None:
            old.retired = True
            end_if_drained(old)
        self._match()

    async def _launch(self) -> bool:
        """Whether a new Chromium is current; else all in line have been told."""
        try:
            self._current = await self._tasks.start(self._run)
        except ServiceNodeUnavailableError as error:
            # The log's business, not the client's; once, however often it is tried.
            logger.log(logging.DEBUG if self._failure else logging.ERROR, "%s", error)
            self._fail_all(FAILURE)
            return False
        self._failure = None
        self._user_agent = self._current.identity["userAgent"]
        return True

    def _fail_all(self, why: str) -> None:
        """No browser: whoever is in line, or comes, is told."""
        if self._current is not None and not self._current.connection.closed.is_set():
            return  # only worn: it still serves
        self._current = None
        self._failure = why
        while self._line:
            self._line.popleft().served.set()

    def _no_browser(self) -> ServiceNodeUnavailableError:
        return ServiceNodeUnavailableError(self._failure or FAILURE, retry_after=RETRY_AFTER_S)

    async def _run(self, *, task_status: TaskStatus[Instance]) -> None:
        """One Chromium from launch to end."""
        settings = self._settings
        try:
            async with connect(settings) as (connection, process):
                instance = await introduce(connection, process)
                self._launches += 1
                async with owned_tasks() as tasks:
                    tasks.start_soon(heartbeat, instance)
                    for _ in range(OPENERS):
                        tasks.start_soon(self._keep_warm, instance)
                    task_status.started(instance)
                    await _either(instance.ended, connection.closed)
        except (CdpError, OSError) as error:
            message = f"the browser cannot be started or reached: {error}"
            raise ServiceNodeUnavailableError(message, retry_after=RETRY_AFTER_S) from error

    async def _keep_warm(self, instance: Instance) -> None:
        proxy_url = self._settings.proxy_url if instance.process is None else None
        failures = 0
        while True:
            if self._wanted(instance) <= 0:
                if instance.wake.is_set():  # else another opener waits for it already
                    instance.wake = anyio.Event()
                await instance.wake.wait()
                continue
            instance.opening += 1
            try:
                tab = await open_tab(instance.connection, instance.identity, proxy_url)
            except CdpError as error:
                failures += 1
                logger.info("a tab could not be opened: %s", error)
                if isinstance(error, CallTimeout | BrowserGone) or failures == OPENER_FAILURES:
                    give_up(instance, f"it opens no tab: {error}")
                    return
            else:
                failures = 0
                instance.warm.append(tab)
            finally:
                instance.opening -= 1
            self._match()
            if self._wanted(instance) + instance.opening < 0:  # whoever wanted it has left the line
                drop_warm(instance)


async def _either(*events: anyio.Event) -> None:
    """Wait until one of the events is set."""

    async def watch(event: anyio.Event) -> None:
        await event.wait()
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        for event in events:
            tasks.start_soon(watch, event)
