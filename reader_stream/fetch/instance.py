"""One running Chromium as the pool sees it: its tabs, its health, its end."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio

from reader_stream.fetch.cdp import CallTimeout, CdpError, Connection
from reader_stream.fetch.chromium import BrowserSettings
from reader_stream.fetch.launch import Process, launch
from reader_stream.fetch.pulse import is_hung
from reader_stream.fetch.tabs import Tab, identity_of
from reader_stream.fetch.wire import open_websocket

logger = logging.getLogger(__name__)

HEARTBEAT_S = 0.5
HEARTBEAT_TIMEOUT_S = 10.0
"""A browser process that does not answer for so long is stuck, whatever it does. One that does nothing is
found out sooner (`pulse`). It answers in 1 ms when idle."""


@dataclass(eq=False, slots=True)
class Instance:
    """One running Chromium and its tabs."""

    connection: Connection
    process: Process | None
    version: str
    identity: dict[str, Any]
    warm: deque[Tab] = field(default_factory=deque)
    opening: int = 0
    in_use: set[Tab] = field(default_factory=set)
    served: int = 0
    retired: bool = False
    wake: anyio.Event = field(default_factory=anyio.Event)
    worn: anyio.Event = field(default_factory=anyio.Event)
    ended: anyio.Event = field(default_factory=anyio.Event)


def take_warm(instance: Instance) -> Tab | None:
    while instance.warm:
        if not instance.warm[0].gone.is_set():
            return instance.warm.popleft()
        drop_warm(instance)
    return None


def drop_warm(instance: Instance) -> None:
    """Close the oldest of the tabs that are ready."""
    if instance.warm:
        tab = instance.warm.popleft()
        instance.connection.root.post("Target.disposeBrowserContext", {"browserContextId": tab.context_id})


def give_up(instance: Instance, why: str) -> None:
    """A stuck browser cannot be mended: all who use it are told, its task kills it."""
    if not instance.connection.closed.is_set():
        logger.error("the browser is given up: %s", why)
        instance.connection.lost(f"the browser was given up: {why}")


def end_if_drained(instance: Instance) -> None:
    if instance.retired and not instance.in_use:
        instance.ended.set()


async def heartbeat(instance: Instance) -> None:
    """A stopped or hanging process keeps its channel open; only silence tells."""
    while True:
        await anyio.sleep(HEARTBEAT_S)
        answer = instance.connection.root.submit("Browser.getVersion", timeout=HEARTBEAT_TIMEOUT_S)
        if instance.process is not None and await is_hung(answer, instance.process.pid):
            give_up(instance, "it neither answers nor does anything else")
        try:
            await answer
        except CallTimeout:
            give_up(instance, f"no answer for {HEARTBEAT_TIMEOUT_S:g} s")
        except CdpError:
            return


@asynccontextmanager
async def connect(settings: BrowserSettings) -> AsyncIterator[tuple[Connection, Process | None]]:
    if settings.url is not None:
        async with open_websocket(settings.url) as connection:
            yield connection, None
    else:
        async with launch(settings) as running:
            yield running


async def introduce(connection: Connection, process: Process | None) -> Instance:
    root = connection.root
    version = await root.send("Browser.getVersion")
    instance = Instance(connection, process, str(version.get("product", "")), identity_of(version))

    def refuse_popup(event: dict[str, Any]) -> None:
        # Our flags refuse popups; a remote browser has its own. Not paused first: that hangs the opener.
        target = event["targetInfo"]
        ours = {tab.context_id for tab in (*instance.warm, *instance.in_use)}
        if target.get("openerId") and target.get("browserContextId") in ours:
            root.post("Target.closeTarget", {"targetId": target["targetId"]})

    root.on("Target.targetCreated", refuse_popup)
    await root.send("Target.setDiscoverTargets", {"discover": True, "filter": [{"type": "page"}]})
    return instance
