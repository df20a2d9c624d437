"""A wall clock that jumps: time is told by the monotonic one, save the age of what is cached."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import reader_stream
from tests.faults.machine import CEILING_S, ENDLESS, WHOLE, House, house, until
from tests.site import Site

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
PACKAGE = Path(reader_stream.__file__).parent
WALL_CLOCK = re.compile(r"\btime\.time\(|\bdatetime\.(?:now|today|utcnow)\(|\btime\.time_ns\(")
AGE_OF_CACHED = {"pipeline/reads.py", "pipeline/transcript.py"}
"""Entries outlive the process that stored them (Redis), so their age needs a clock that all share."""


def test_only_the_age_of_what_is_cached_is_told_by_the_wall_clock() -> None:
    """No timeout, deadline or life of anything else."""
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if WALL_CLOCK.search(path.read_text("utf-8"))
    }
    assert found <= AGE_OF_CACHED


@dataclass
class Clock:
    """A service whose wall clock is set by a file (faketime(1))."""

    home: House
    file: Path

    def jump(self, offset: str) -> None:
        """Move it, as `+1d`."""
        self.file.write_text(f"{offset}\n")


@pytest.fixture(scope="module")
def clock(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clock]:
    """The service, at the right time."""
    if not LIBRARIES:
        pytest.skip("needs libfaketime (Debian: apt install faketime)")
    file = tmp_path_factory.mktemp("clock") / "offset"
    file.write_text("+0\n")
    settings = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with house(site, settings) as home:
        yield Clock(home, file)


@pytest.mark.parametrize("offset", ["+400d", "-400d"])
def test_reads_under_way_neither_end_nor_hang(clock: Clock, offset: str) -> None:
    """A jump in the middle of a read changes nothing for it, and its timeout still ends it."""
    site = clock.home.site
    with clock.home.service.open_stream(site.url("/growing"), {**ENDLESS, "X-Timeout": "10"}) as stream:
        events = iter(stream)
        next(events)
        began = time.monotonic()
        clock.jump(offset)
        *_, last = events
    assert last.event == "final"
    assert "timeout" in last.json()["completeness"]["reasons"]
    assert 1 < time.monotonic() - began < CEILING_S
    clock.home.is_well()


@pytest.mark.parametrize("offset", ["+400d", "-400d"])
def test_what_is_cached_is_never_from_another_time(clock: Clock, offset: str) -> None:
    """After a jump of a year the entry is too old, or from the future: the page is read anew."""
    clock.jump("+0")
    url = clock.home.site.url("/article")
    clock.home.service.read(url, WHOLE)
    assert until(lambda: clock.home.service.read(url, WHOLE)["cache"]["hit"])
    clock.jump(offset)
    data = clock.home.service.read(url, WHOLE)
    assert data["cache"] == {"hit": False, "age": 0}
    assert until(lambda: clock.home.service.read(url, WHOLE)["cache"]["hit"])
