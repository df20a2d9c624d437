"""What a fault is done to, and what has to be so after every fault."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.service import JSON, Answer, Service, descendants, running
from tests.site import Site

WHOLE = {"X-Respond-With": "markdown"}
RENDERED = {**WHOLE, "X-Engine": "browser"}
ENDLESS = {**RENDERED, "X-Wait-For-Selector": "#never"}
"""Of a page in motion alone a crowded machine may think that it is at rest."""
LONG_S = 60
"""The timeout of reads that a fault must end long before."""
CEILING_S = 30.0
"""The contract says 2 s and 5 s; a crowded machine gets this much, half of `LONG_S`."""

needs_namespaces = pytest.mark.skipif(
    sys.platform != "linux"
    or os.geteuid() != 0
    or shutil.which("unshare") is None
    or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0,
    reason="needs root and the right to mount, to make a disk that is full",
)


@dataclass
class House:
    """A service with a temporary folder of its own."""

    service: Service
    site: Site
    folder: Path

    def gauge(self, name: str) -> float:
        """One number of `/metrics`."""
        lines = self.service.get("metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))

    @property
    def browser(self) -> int:
        """Chromium's main process, the one that is the service's own child."""
        return next(pid for pid in self.service.browsers() if _parent(pid) == self.service.process.pid)

    @property
    def renderers(self) -> list[int]:
        """Chromium's processes that run pages."""
        return [pid for pid, _, args in descendants(self.service.process.pid) if "--type=renderer" in args]

    @property
    def workers(self) -> list[int]:
        """The processes that make documents."""
        return [pid for pid, _, args in descendants(self.service.process.pid) if "to_process" in args]

    def get(self, path: str, **headers: str) -> Answer:
        """Read a page of the site as JSON; underscores in `headers` are dashes."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.service.get(self.site.url(path), {**JSON, **fields})

    def is_alive(self) -> None:
        """The next read that needs script works."""
        began = time.monotonic()
        answer = self.get("/hydration", **RENDERED)
        assert answer.status == 200, answer.text
        assert "marker-hydrated-late" in answer.json()["data"]["markdown"]
        assert time.monotonic() - began < CEILING_S

    def is_well(self) -> None:
        """It is alive, and of the reads before nothing is left."""
        self.is_alive()
        for name in ("reader_reads_open", "reader_renders_open", "reader_tabs_open", "reader_tabs_queued"):
            assert until(lambda name=name: self.gauge(name) == 0), name
        assert until(lambda: len(self.profiles()) == 1), self.profiles()
        assert until(lambda: not zombies(self.service.process.pid))
        assert until(lambda: self.gauge("reader_tabs_warm") == 2)

    def kill_browser(self) -> None:
        """End Chromium, and see that the service has noticed."""
        old = self.service.browsers()
        send(signal.SIGKILL, old)
        assert until(lambda: not set(old) & set(self.service.browsers()))

    def inside(self, path: Path | str) -> Path:
        """The same path as the service sees it, which may have mounts of its own."""
        return Path(f"/proc/{self.service.process.pid}/root{path}")

    def profiles(self) -> list[Path]:
        """Folders of browsers; of a service that runs, one."""
        return [path for path in self.inside(self.folder).glob("reader-stream-*") if (path / "lock").exists()]


@contextlib.contextmanager
def house(
    site: Site, settings: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
) -> Iterator[House]:
    """A service for the length of a `with` block, that has to leave no process and no file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # Chromium may run as another user
        own = {"READER_EGRESS_ALLOW": site.allow, "TMPDIR": name, **(settings or {})}
        with running(own, prefix) as service:
            built = House(service, site, folder)
            yield built
            assert service.stop() == 0, service.log.read_text(errors="replace")
            assert until(lambda: not service.left_over()), service.left_over()
            assert until(lambda: not list(folder.glob("reader-stream-*/lock")))


def until(condition: object, timeout: float = CEILING_S) -> bool:
    """Whether `condition()` came true within `timeout` seconds."""
    assert callable(condition)
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def send(number: signal.Signals, pids: Sequence[int]) -> None:
    """Signal processes; one that has just ended is no matter."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def zombies(parent: int) -> list[int]:
    """Children of a process that have ended and were not waited for."""
    return [pid for pid, state, its in _states() if its == parent and state == "Z"]


def _parent(pid: int) -> int:
    return next((its for other, _, its in _states() if other == pid), 0)


def _states() -> Iterator[tuple[int, str, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            yield int(path.parent.name), state, int(parent)
