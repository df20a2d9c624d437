"""pyppeteer's Page and Frame classes on a tab of ours.

Only this file imports pyppeteer 2.0.0. Its classes are built on demand and not on every read: their
listeners cost 5 ms of CPU for a page of 40 requests (of 19 in all), a quarter more, and a read needs
none of them. They serve where a read asks for more: screenshots, input, evaluation in frames.
pyppeteer's own transport, launcher and Browser are not used at all (ARCHITECTURE.md, "Browser").
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pyppeteer.errors import NetworkError
from pyppeteer.page import Page
from pyppeteer.target import Target

from reader_stream.fetch.cdp import CdpError, CDPSession, Params
from reader_stream.fetch.tabs import Tab

__all__ = ["Page", "open_page"]


async def open_page(tab: Tab) -> Page:
    """A pyppeteer Page of the tab as it is now; Runtime and Network are enabled for it.

    It lives as long as the tab; don't `close` it. Its calls raise pyppeteer's own errors.
    """
    client = _Client(tab.session)
    tree = (await tab.session.send("Page.getFrameTree"))["frameTree"]
    info = {"type": "page", "targetId": tab.target_id, "url": tree["frame"]["url"]}
    page = Page(client, Target(info, None, None, False, None, [], client._loop), tree, False)
    await asyncio.gather(
        client.send("Page.setLifecycleEventsEnabled", {"enabled": True}),
        client.send("Network.enable"),
        client.send("Runtime.enable"),
    )
    return page


class _Client:
    """What pyppeteer calls a CDPSession: `send` writes at once and gives a future, whether awaited or not."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._connection = session.connection

    def send(self, method: str, params: Params | None = None) -> asyncio.Future[dict[str, Any]]:
        answer = self._loop.create_future()

        def translate(done: asyncio.Future[dict[str, Any]]) -> None:
            if answer.done() or done.cancelled():
                answer.cancel()
            elif isinstance(error := done.exception(), CdpError):
                # The words by which pyppeteer recognises a frame that navigated away.
                answer.set_exception(NetworkError(f"Protocol error ({method}): {error}"))
                answer.exception()
            elif error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(done.result())

        self._session.submit(method, params).add_done_callback(translate)
        return answer

    def on(self, event: str, handler: Callable[[dict[str, Any]], object]) -> None:
        self._session.on(event, handler)

    def remove_listener(self, event: str, handler: Callable[[dict[str, Any]], object]) -> None:
        self._session.remove_listener(event, handler)

    async def detach(self) -> None:
        await self._session.detach()
