"""A Chromium started by hand, with the flags that a test says."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from reader_stream.fetch.chromium import BrowserSettings, flags

BINARIES = ("/usr/lib/chromium/chromium-headless-shell", "/usr/lib/chromium/chromium")
_PATIENCE_S = 60.0
_NOT_BY_HAND = (
    "--headless",
    "--no-sandbox",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--user-data-dir",
)


def needs(binary: str) -> None:
    """Skip where this browser is not installed."""
    if not os.access(binary, os.X_OK):
        pytest.skip(f"needs {binary}")


def our_flags(proxy_url: str, without: Sequence[str] = ()) -> list[str]:
    """The service's own command line, save for the flags named in `without`."""
    line = flags(BrowserSettings(proxy_url=proxy_url), Path("unused"), sandboxed=False)
    names = [flag.partition("=")[0] for flag in line]
    assert set(without) <= set(names), "there is no such flag"
    left_out = {*_NOT_BY_HAND, *without}
    return [flag for name, flag in zip(names, line, strict=True) if name not in left_out]


@contextlib.contextmanager
def showing(binary: str, url: str, line: Sequence[str]) -> Iterator[None]:
    """A browser that shows `url`, for the length of the `with` block."""
    with tempfile.TemporaryDirectory(prefix="unguarded-", ignore_cleanup_errors=True) as profile:
        command = [binary, "--headless", "--no-sandbox", f"--user-data-dir={profile}", *line]
        process = subprocess.Popen(
            [*command, "--remote-debugging-port=0", url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def wait_for(condition: Callable[[], bool], patience_s: float = _PATIENCE_S) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
