"""A browser that hangs without being stopped: the state in /proc says that it sleeps, as it mostly does."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from reader_stream.fetch import pulse
from tests.faults.machine import CEILING_S, House, house
from tests.faults.test_processes import check_typed, mid_read
from tests.site import Site

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="asks /proc")

SEIZE, INTERRUPT = 0x4206, 0x4207
"""Requests of ptrace(2)."""
VERDICT_S = pulse.LOOKS * pulse.LOOK_S
"""What one takes where the loop is not kept waiting."""


@contextmanager
def held(pid: int) -> Iterator[None]:
    """A process whose first thread does nothing more, while the others go on."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    ready, over = threading.Event(), threading.Event()
    failed: list[str] = []

    def hold() -> None:
        """All in one thread: it alone is the tracer, and has to collect what was killed under it."""
        if libc.ptrace(SEIZE, pid, None, None) or libc.ptrace(INTERRUPT, pid, None, None):
            failed.append(os.strerror(ctypes.get_errno()))
        ready.set()
        while not failed and not over.is_set():
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG | 0x40000000)  # __WALL: of a thread too
            time.sleep(0.01)

    tracer = threading.Thread(target=hold)
    tracer.start()
    ready.wait()
    try:
        if failed:
            pytest.skip(f"may not trace: {failed[0]}")
        yield
    finally:
        over.set()
        tracer.join()


@pytest.fixture(scope="module")
def home(site: Site) -> Iterator[House]:
    """One service for all."""
    if not os.path.exists("/proc/self/schedstat"):
        pytest.skip("this kernel does not count what threads wait")
    with house(site) as built:
        yield built


def test_a_browser_that_hangs_ends_its_reads_and_is_replaced(home: House) -> None:
    """With what there is, or a 503; the next one has a new browser; nothing is left."""
    old = home.browser
    with ExitStack() as stack:
        answer = mid_read(home, lambda: stack.enter_context(held(old)))
        check_typed(answer, "renderer_crashed")
        home.is_alive()
        assert home.browser != old
    home.is_well()


def test_an_idle_browser_that_hangs_is_replaced(home: House) -> None:
    """Nobody reads, nobody notices; the next read works."""
    home.is_well()
    old = home.browser
    with held(old):
        home.is_alive()
        assert home.browser != old
    home.is_well()


@pytest.mark.anyio
async def test_a_busy_process_is_not_taken_for_a_hung_one() -> None:
    """It computes instead of answering: that takes what it takes."""
    assert not await hung("while True: pass", 2 * VERDICT_S)


@pytest.mark.anyio
async def test_a_process_that_sleeps_over_a_call_is_hung() -> None:
    """It has something to do, and does not."""
    assert await hung("import time; time.sleep(600)", CEILING_S)


async def hung(doing: str, patience_s: float) -> bool:
    """What is thought, within that time, of a Python that does so and never answers."""
    command = [sys.executable, "-c", f"print(flush=True)\n{doing}"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        answer = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(patience_s, answer.cancel)
        return await pulse.is_hung(answer, process.pid)
    finally:
        process.kill()
        await process.wait()
