"""Names → addresses, by the system's resolver. What an answer is good for, `dial` decides."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from threading import Thread

from reader_stream.errors import ServiceNodeUnavailableError

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""Host name → all its addresses as text; raises OSError (`socket.gaierror`) when it has none."""

# As long as Chromium keeps such answers itself (kCacheEntryTTLSeconds in net/dns/host_resolver_manager.cc);
# behind a proxy it asks nobody, and every connection of a page would cost a look-up here.
ANSWER_TTL_S = 60.0
# More than the tabs of a default set-up can have under way (32 connections to a proxy each), so that pages
# whose name servers hang do not stop the others.
MAX_LOOKUPS = 256
MAX_NAMES = 4096


class SystemResolver:
    """`getaddrinfo` in daemon threads; one look-up for all who ask at the same time.

    A look-up cannot be cancelled and a name server that never answers holds it for half a minute, so
    hung ones must neither fill the loop's shared executor nor keep the process from exiting. Answers
    are kept for `ttl` seconds, failures are not.
    """

    def __init__(self, *, max_lookups: int = MAX_LOOKUPS, ttl: float = ANSWER_TTL_S) -> None:
        self._free = asyncio.Semaphore(max_lookups)
        self._ttl = ttl
        self._answers: OrderedDict[str, tuple[float, Sequence[str]]] = OrderedDict()
        self._pending: dict[str, asyncio.Future[Sequence[str] | OSError]] = {}

    async def __call__(self, host: str) -> Sequence[str]:
        until, known = self._answers.get(host, (0.0, ()))
        if asyncio.get_running_loop().time() < until:
            return known
        if host not in self._pending:
            await self._free.acquire()
            if host in self._pending:  # somebody else was quicker
                self._free.release()
            else:
                self._begin(host)
        outcome = await asyncio.shield(self._pending[host])
        if isinstance(outcome, OSError):
            raise type(outcome)(*outcome.args)  # its own for each who asked
        return outcome

    def _begin(self, host: str) -> None:
        loop = asyncio.get_running_loop()
        thread = Thread(target=self._lookup, args=(host, loop), name="resolver", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            self._free.release()
            raise ServiceNodeUnavailableError("No thread to resolve a name in.", retry_after=1) from error
        self._pending[host] = loop.create_future()

    def _lookup(self, host: str, loop: asyncio.AbstractEventLoop) -> None:
        outcome: Sequence[str] | OSError
        try:
            outcome = [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
        except OSError as error:
            outcome = error
        except UnicodeError:
            outcome = socket.gaierror(socket.EAI_NONAME, "not a host name")
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(self._finish, host, outcome)

    def _finish(self, host: str, outcome: Sequence[str] | OSError) -> None:
        self._free.release()
        self._pending.pop(host).set_result(outcome)
        if not isinstance(outcome, OSError):
            self._answers[host] = (asyncio.get_running_loop().time() + self._ttl, outcome)
            self._answers.move_to_end(host)
            if len(self._answers) > MAX_NAMES:
                self._answers.popitem(last=False)
