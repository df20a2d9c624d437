"""The system's resolver behind its threads: shared, remembered, bounded."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import anyio
import pytest

from reader_stream.errors import AssertionFailureError, ParamValidationError
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import EgressPolicy
from reader_stream.fetch.resolve import SystemResolver
from tests.fetch.browsers import PATIENCE_S, until

pytestmark = pytest.mark.anyio


class Names:
    """Stands in for the system's getaddrinfo: a name server that answers when `ready` is set."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ready = threading.Event()
        self.ready.set()

    def getaddrinfo(self, host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        self.asked.append(host)
        assert self.ready.wait(10)
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 0))]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    """The stand-in, in place; whoever still hangs is let go at the end."""
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    yield names
    names.ready.set()


async def test_localhost_is_known_to_the_system() -> None:
    """The real thing: addresses as text."""
    assert set(await SystemResolver()("localhost")) <= {"127.0.0.1", "::1"}


async def test_an_answer_serves_all_who_ask_for_it(names: Names) -> None:
    """At the same time and for a while after."""
    resolve = SystemResolver()
    names.ready.clear()
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(resolve, "a.example.com")
        await anyio.sleep(0.02)
        names.ready.set()
    assert await resolve("a.example.com") == ["93.184.216.34"]
    assert names.asked == ["a.example.com"]


async def test_an_answer_gets_old(names: Names) -> None:
    """After its time it is asked for anew."""
    resolve = SystemResolver(ttl=0)
    for _ in range(2):
        await resolve("a.example.com")
    assert len(names.asked) == 2


async def test_a_failure_is_told_to_all_and_not_kept(names: Names) -> None:
    """A name may begin to exist at any time."""
    resolve = SystemResolver()
    names.ready.clear()
    failures = 0

    async def ask() -> None:
        nonlocal failures
        with pytest.raises(socket.gaierror, match="no such name"):
            await resolve("a.invalid")
        failures += 1

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(ask)
        await anyio.sleep(0.02)
        names.ready.set()
    await ask()
    assert (failures, len(names.asked)) == (4, 2)


async def test_one_who_leaves_does_not_take_the_answer_along(names: Names) -> None:
    """A cancelled read leaves the look-up to the others."""
    resolve = SystemResolver()
    names.ready.clear()
    answers: list[object] = []

    async def ask() -> None:
        answers.append(await resolve("a.example.com"))

    async with anyio.create_task_group() as tasks:
        with anyio.move_on_after(0.02):
            await resolve("a.example.com")
        tasks.start_soon(ask)
        await anyio.sleep(0.02)
        names.ready.set()
    assert answers == [["93.184.216.34"]]
    assert len(names.asked) == 1


async def test_hanging_lookups_are_bounded_and_leave_others_alone(names: Names) -> None:
    """No more threads than `max_lookups` hang, the loop's own executor stays free, and they recover."""
    resolve = SystemResolver(max_lookups=3)
    dialer = Dialer(EgressPolicy(), connect_timeout=0.05, resolve=resolve)
    names.ready.clear()
    timed_out = 0

    async def attempt(number: int) -> None:
        nonlocal timed_out
        with pytest.raises(AssertionFailureError, match="resolved in time"):
            await dialer.connect(f"h{number}.example.com", 80)
        timed_out += 1

    async with anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(attempt, number)
    assert timed_out == 8
    assert await asyncio.to_thread(lambda: 1) == 1
    await until(lambda: len(names.asked) >= 3)
    assert len(names.asked) == 3
    names.ready.set()
    recovered = Dialer(EgressPolicy(), connect_timeout=PATIENCE_S, resolve=resolve)
    with pytest.raises(ParamValidationError):
        await recovered.resolve("later.invalid", 80)
    assert len(names.asked) == 4
