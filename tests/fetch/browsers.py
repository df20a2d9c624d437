"""What the browser tests share: which binaries are here, what a Chromium of ours leaves behind."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio

from reader_stream.fetch.browser import Browser
from reader_stream.fetch.cdp import CDPSession

PATIENCE_S = 30.0
"""For what has to come; a crowded machine may be late."""
BINARIES = (
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/lib/chromium/chromium",
    "/usr/bin/google-chrome",
)


def profiles() -> set[Path]:
    """The profile folders that exist now."""
    return set(Path(tempfile.gettempdir()).glob("reader-stream-*"))


def processes(group: int) -> list[int]:
    """The living processes (no zombies) of a process group."""
    return [pid for pid, its_group, state in _process_table() if its_group == group and state != "Z"]


def children() -> list[int]:
    """The process groups, zombies included, whose first process is a child of ours and leads them."""
    return [pid for pid, group, _ in _process_table(parent=os.getpid()) if pid == group]


def _process_table(parent: int | None = None) -> Iterator[tuple[int, int, str]]:
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, its_parent, group = entry.read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if parent is None or parent == int(its_parent):
            yield int(entry.parent.name), int(group), state


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, seldom longer than the machine needs; fails after `PATIENCE_S`."""
    with anyio.fail_after(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (conditions of other processes have no event)
            await anyio.sleep(0.01)


def pid_of(browser: Browser) -> int:
    """The process of the browser that serves now."""
    assert browser._current is not None
    assert browser._current.process is not None
    return browser._current.process.pid


def root_of(browser: Browser) -> CDPSession:
    """The session with the browser that serves now."""
    assert browser._current is not None
    return browser._current.connection.root


async def pages(browser: Browser) -> list[dict[str, Any]]:
    """All pages that Chromium knows of."""
    infos = (await root_of(browser).send("Target.getTargets"))["targetInfos"]
    return [info for info in infos if info["type"] == "page"]


async def contexts(browser: Browser) -> int:
    """How many contexts Chromium knows of; none holds two pages."""
    ids = (await root_of(browser).send("Target.getBrowserContexts"))["browserContextIds"]
    assert len([page for page in await pages(browser) if page.get("browserContextId") in ids]) <= len(ids)
    return len(ids)


async def settled_contexts(browser: Browser, most: int) -> int:
    """How many there are once they are no more than `most`, or after `PATIENCE_S`."""
    with anyio.move_on_after(PATIENCE_S):
        while await contexts(browser) > most:  # noqa: ASYNC110 (Chromium tells nobody)
            await anyio.sleep(0.01)
    return await contexts(browser)


async def value(session: CDPSession, expression: str) -> object:
    """What a page says to an expression; promises are awaited."""
    answer = await session.send(
        "Runtime.evaluate",
        {"expression": expression, "returnByValue": True, "awaitPromise": True, "userGesture": True},
        timeout=PATIENCE_S,
    )
    return answer["result"].get("value")


def renderers(group: int) -> list[dict[str, str]]:
    """`/proc/<pid>/status` of each renderer of a process group; all its processes are checked for root."""
    found = []
    for pid in processes(group):
        status = dict(
            row.split(":\t", 1)
            for row in Path(f"/proc/{pid}/status").read_text().splitlines()
            if ":\t" in row
        )
        assert status["Uid"].split()[0] != "0"
        if "--type=renderer" in Path(f"/proc/{pid}/cmdline").read_text():
            found.append(status)
    return found


def listening(group: int) -> set[str]:
    """The listening TCP sockets that a process group holds."""
    held = set()
    for pid in processes(group):
        for fd in Path(f"/proc/{pid}/fd").glob("*"):
            with contextlib.suppress(OSError):
                held.add(os.readlink(fd))
    rows = [
        row.split()
        for name in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return held & {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}


def script(path: Path, text: str) -> str:
    """An executable shell script that any user may run."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)
