"""Starts the real service as a process of its own and talks to it as a client would.

`Service` has `get`, `post` and `stream`; the fixtures `site` and `service` are up for a whole test
session. Nothing in here knows how the service works inside.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reader_stream.stream.sse import Decoder, Message
from tests import site as test_site
from tests.site import Site

START_TIMEOUT_S = 150
"""Until the service answers: 2 s, and over 30 s were seen with 18 processes on 2 cores."""
LOG_LINES = 40
"""Of a log, told with a test that failed."""

ROOT = Path(__file__).parent.parent
SSE = {"Accept": "text/event-stream"}
JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Stream:
    """A stream of events that is open; iterating gives its messages as they come."""

    status: int
    headers: http.client.HTTPMessage
    decoder: Decoder
    _response: http.client.HTTPResponse

    def __iter__(self) -> Iterator[Message]:
        while chunk := self._response.read1(65536):
            yield from self.decoder.feed(chunk)


@dataclass
class Service:
    """A running service."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    log: Path
    timeout: float = 120.0
    children: list[int] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request, one whole answer. `path` goes out as it is."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        """`GET /{target}`."""
        return self.request("GET", f"/{target}", headers)

    def read(self, target: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The `data` of a read as JSON, which has to succeed."""
        answer = self.get(target, {**JSON, **(headers or {})})
        assert answer.status == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def post(self, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """`POST /` with a JSON body."""
        kind = {"Content-Type": "application/json"}
        return self.request("POST", "/", {**kind, **(headers or {})}, json.dumps(body).encode())

    @contextlib.contextmanager
    def open_stream(self, target: str, headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
        """`GET /{target}` as an event stream, closed at the end of the block."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        with contextlib.closing(connection):
            connection.request("GET", f"/{target}", headers={**SSE, **(headers or {})})
            response = connection.getresponse()
            with contextlib.closing(response):
                yield Stream(response.status, response.headers, Decoder(), response)

    def stream(self, target: str, headers: Mapping[str, str] | None = None) -> list[Message]:
        """All events of a read."""
        with self.open_stream(target, headers) as stream:
            return list(stream)

    def browsers(self) -> list[int]:
        """The process ids of Chromium's processes under this service."""
        return [pid for pid, _, args in descendants(self.process.pid) if "chrom" in args]

    def memory(self) -> int:
        """Resident bytes of the server process alone."""
        return next(rss for pid, _, rss, _ in _processes() if pid == self.process.pid)

    def memory_of_all(self) -> int:
        """Resident bytes of the server and everything under it; shared pages count for each."""
        return self.memory() + sum(rss for _, rss, _ in descendants(self.process.pid))

    def terminate(self) -> None:
        """SIGTERM, as an init system sends it."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """End it; the exit code. Kills what does not end by itself."""
        self.children = [pid for pid, _, _ in descendants(self.process.pid)]
        if self.process.poll() is None:
            self.terminate()
        try:
            return self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)

    def left_over(self) -> list[int]:
        """Of the processes that ran under the service when it was stopped, those that still run."""
        running = {pid for pid, *_ in _processes()}
        return [pid for pid in self.children if pid in running]


def _processes() -> list[tuple[int, int, int, str]]:
    """All living processes: pid, parent's pid, resident bytes, command."""
    if not Path("/proc/self/stat").exists():
        return _processes_by_ps()
    found = [_process(path) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [process for process in found if process]


def _process(path: Path) -> tuple[int, int, int, str] | None:
    """One process by its folder in /proc; None when it has just ended (proc(5))."""
    try:
        state, parent, *_ = (path / "stat").read_text().rpartition(")")[2].split()
        pages = int((path / "statm").read_text().split()[1])
        command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (
        None if state == "Z" else (int(path.name), int(parent), pages * os.sysconf("SC_PAGE_SIZE"), command)
    )


def _processes_by_ps() -> list[tuple[int, int, int, str]]:
    """The same where there is no /proc (macOS)."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss=,stat=,args="], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.split(None, 4) for line in listing.splitlines()]
    return [(int(r[0]), int(r[1]), int(r[2]) * 1024, r[4]) for r in rows if len(r) == 5 and r[3][0] != "Z"]


def descendants(root: int) -> list[tuple[int, int, str]]:
    """The processes under `root`: pid, resident bytes, command."""
    processes = _processes()
    family, found = {root}, []
    while new := [row for row in processes if row[1] in family and row[0] not in family]:
        family.update(row[0] for row in new)
        found += new
    return [(pid, rss, command) for pid, _, rss, command in found]


def tail(log: Path) -> str:
    """The end of a log, or a word on why there is none."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:]) or "(empty)"
    except OSError as error:
        return str(error)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Ours, without settings of whoever runs the tests, save where the browser is."""
    kept = ("READER_BROWSER_PATH", "READER_BROWSER_URL")
    inherited = {k: v for k, v in os.environ.items() if k in kept or not k.startswith("READER_")}
    return {**inherited, **settings}


_LISTENS = re.compile(r"^Reader Stream listens on https?://(\S+):(\d+)\n", re.M)


def _address(process: subprocess.Popen[bytes], log: Path) -> tuple[str, int]:
    """Where the service says that it listens."""
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end:
        if found := _LISTENS.search(log.read_text(errors="replace")):
            return found[1], int(found[2])
        if process.poll() is not None:
            raise RuntimeError(f"the service ended at once with {process.returncode}:\n{tail(log)}")
        time.sleep(0.05)
    raise RuntimeError(f"the service did not start within {START_TIMEOUT_S} s:\n{tail(log)}")


def start(settings: Mapping[str, str], log: Path, prefix: Sequence[str] = ()) -> Service:
    """A new service on a free port. `settings` are its READER_… variables.

    `prefix` is a command that runs the one after it in its own place, as `env` does.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "reader_stream", "serve", "--host", "127.0.0.1", "--port", "0"],
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=ROOT,
        )
    try:
        host, port = _address(process, log)
    except BaseException:  # else the test that runs when it is collected is blamed for it
        process.kill()
        process.wait()
        raise
    return Service(process, host, port, log)


@contextlib.contextmanager
def running(settings: Mapping[str, str] | None = None, prefix: Sequence[str] = ()) -> Iterator[Service]:
    """A service for the length of a `with` block. `prefix` as for `start`."""
    with tempfile.TemporaryDirectory(prefix="reader-stream-") as folder:
        service = start(settings or {}, Path(folder) / "log", prefix)
        try:
            yield service
        except Exception as error:
            error.add_note(f"The end of the service's log:\n{tail(service.log)}")
            raise
        finally:
            service.stop()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The misbehaving site, up for the session."""
    with test_site.running() as running_site:
        yield running_site


@pytest.fixture(scope="session")
def service(site: Site) -> Iterator[Service]:
    """The real service, up for the session, that may reach the site and nothing else of this machine."""
    with running({"READER_EGRESS_ALLOW": site.allow, "READER_LOG_LEVEL": "warning"}) as real:
        yield real
