"""What befalls a service while it is soaked; each returns the name under which it is counted."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

from tests.service import Service, descendants


def _kill(pids: Iterator[int]) -> None:
    for pid in list(pids)[:1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_renderer(service: Service) -> str:
    """A page's process."""
    _kill(pid for pid, _, args in descendants(service.process.pid) if "--type=renderer" in args)
    return "fault: renderer killed"


def kill_worker(service: Service) -> str:
    """A process that makes documents."""
    _kill(pid for pid, _, args in descendants(service.process.pid) if "to_process" in args)
    return "fault: worker killed"


def kill_browser(service: Service) -> str:
    """All of Chromium."""
    for pid in service.browsers():
        _kill(iter([pid]))
    return "fault: browser killed"


FAULTS = (kill_renderer, kill_renderer, kill_worker, kill_worker, kill_browser)
