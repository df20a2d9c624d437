"""What a machine may run out of: disk, shared memory, files."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.e2e_checks import check_error
from tests.faults.machine import ENDLESS, RENDERED, WHOLE, House, house, needs_namespaces, until
from tests.service import Answer
from tests.site import Site

DISK = 'mount -t tmpfs -o size=64m none "$TMPDIR" && exec "$@"'
SHM = 'mount -t tmpfs -o size=640m none /dev/shm && exec "$@"'
"""More than Chromium's flags ask about (`SMALL_SHM_BYTES`), so that it uses it."""


def mounting(script: str) -> list[str]:
    """A command that mounts something that only the command after it sees."""
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """A file system without a free byte."""
    state = os.statvfs(folder)
    path = folder / "filler"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize - 4096)
        while file.write(b"0" * 1024):
            pass
    try:
        yield
    finally:
        path.unlink()


def check_typed(answer: Answer) -> None:
    """A document, whole or not, or an error of the contract."""
    if answer.status == 200:
        assert answer.json()["data"]["completeness"]["state"] in ("complete", "partial")
    else:
        assert answer.status in (422, 503), answer.text
        check_error(answer.json(), answer.status)


@needs_namespaces
def test_a_full_disk(site: Site) -> None:
    """The browser that runs serves on; one that cannot start is a 503 until there is room."""
    with house(site, prefix=mounting(DISK)) as home:
        home.is_well()
        with filled(home.inside(home.folder)):
            home.is_well()
            check_typed(home.get("/large", **WHOLE))
            home.kill_browser()
            check_typed(home.get("/hydration", **RENDERED))
        assert until(lambda: home.service.get("readyz").status == 200)
        home.is_well()


@needs_namespaces
def test_full_shared_memory(site: Site) -> None:
    """Pages may lose their renderer to it; the answer says so, and with room again all is well."""
    with house(site, prefix=mounting(SHM)) as home:
        home.is_well()
        with filled(home.inside("/dev/shm")):  # noqa: S108 (a mount of its own)
            for headers in ({"X-Respond-With": "pageshot"}, RENDERED):
                check_typed(home.get("/hydration", X_Timeout="10", **headers))
            home.kill_browser()
            check_typed(home.get("/hydration", **RENDERED))
        home.is_well()


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process's files")
def test_out_of_files(site: Site) -> None:
    """The service takes all files that it may. When there is none, connections wait, and whoever is in
    goes on; when others leave, the next read works."""
    with house(site, prefix=["sh", "-c", 'ulimit -Sn 256; exec "$@"', "sh"]) as home, ExitStack() as stack:
        home.is_well()
        limit = files(home) + 24
        soft, hard = resource.prlimit(home.service.process.pid, resource.RLIMIT_NOFILE)
        assert soft == hard or soft >= 4096
        # The soft one: Chromium takes its own up to the hard one.
        resource.prlimit(home.service.process.pid, resource.RLIMIT_NOFILE, (limit, hard))
        events = iter(stack.enter_context(home.service.open_stream(site.url("/growing"), ENDLESS)))
        next(events)
        crowd = stack.enter_context(ExitStack())
        address = home.service.host, home.service.port
        for _ in range(64):
            crowd.enter_context(closing(socket.create_connection(address))).sendall(b"GET /")
        assert until(lambda: files(home) >= limit - 1)
        next(events)
        home.kill_browser()
        *_, last = events
        assert last.event == "error" or "renderer_crashed" in last.json()["completeness"]["reasons"]
        crowd.close()
        assert until(lambda: home.service.get("readyz").status == 200)
        home.is_well()
        assert home.service.log.read_text().count("out of files") < 20


def files(home: House) -> int:
    """How many files the service has open."""
    return len(list(Path(f"/proc/{home.service.process.pid}/fd").iterdir()))
