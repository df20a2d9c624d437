"""Recorded traces: what pages signalled in real time, written down and played back to the settle rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from reader_stream.fetch import signals
from reader_stream.fetch.settle import PageLog, Verdict
from reader_stream.fetch.signals import Requested, Signal, Skipped
from reader_stream.model import Timing

FOLDER = Path(__file__).parent / "traces"
SKIP_TAKES_MS = 5.0


@dataclass(frozen=True, slots=True)
class Trace:
    """One page's signals up to `end_ms`. Its content was not all there at `bare_ms`, but at `whole_ms`."""

    name: str
    signals: tuple[Signal, ...]
    bare_ms: float
    whole_ms: float
    end_ms: float

    def dump(self) -> str:
        """As JSON, one signal a line."""
        lines = [json.dumps([type(signal).__name__, asdict(signal)]) for signal in self.signals]
        head = {"bare_ms": self.bare_ms, "whole_ms": self.whole_ms, "end_ms": self.end_ms}
        return json.dumps(head)[:-1] + ', "signals": [\n' + ",\n".join(lines) + "\n]}\n"

    @classmethod
    def load(cls, path: Path) -> Trace:
        """Read what `dump` wrote."""
        raw = json.loads(path.read_text("utf-8"))
        return cls(
            path.stem, tuple(map(_signal, raw["signals"])), raw["bare_ms"], raw["whole_ms"], raw["end_ms"]
        )


def _signal(raw: list[Any]) -> Signal:
    kind, fields = raw
    if "missing" in fields:
        fields["missing"] = tuple(fields["missing"])
    made = getattr(signals, kind)(**fields)
    assert isinstance(made, Signal)
    return made


def recorded() -> Iterator[Trace]:
    """All traces in the folder."""
    return map(Trace.load, sorted(FOLDER.glob("*.json")))


@dataclass(frozen=True, slots=True)
class Played:
    """Where a replay ended: by the wall clock and by the page's own."""

    wall_ms: float
    page_ms: float
    verdict: Verdict


def play(trace: Trace, timing: Timing = Timing.RESOURCE_IDLE, *, skip: bool = False) -> Played | None:
    """When the rule settles on a trace; None: not within it.

    With `skip`, the page's time is skipped when the rule allows it, as Chromium does: what the page
    did within the skipped span happens at once, up to its first request.
    """
    log, ahead_ms, todo, now_ms = PageLog(timing), 0.0, list(trace.signals), 0.0
    while now_ms + ahead_ms <= trace.end_ms:
        while todo and todo[0].at_ms - ahead_ms <= now_ms:
            log.add(replace(todo.pop(0), at_ms=now_ms))
        verdict = log.judge(now_ms)
        if verdict.settled:
            return Played(now_ms, now_ms + ahead_ms, verdict)
        if skip and verdict.skip_ms > 0:
            now_ms, ahead_ms = _skip(log, todo, verdict.skip_ms, now_ms, ahead_ms)
            continue
        following = todo[0].at_ms - ahead_ms if todo else float("inf")
        assert verdict.wake_ms > now_ms, "the rule must let time go on"
        now_ms = min(following, verdict.wake_ms)
    return None


def _skip(
    log: PageLog, todo: list[Signal], skip_ms: float, now_ms: float, ahead_ms: float
) -> tuple[float, float]:
    begin_ms, after_ms = now_ms + ahead_ms, now_ms + SKIP_TAKES_MS
    end_ms = begin_ms + skip_ms
    while todo and todo[0].at_ms <= end_ms:
        signal = todo.pop(0)
        log.add(replace(signal, at_ms=after_ms))
        if isinstance(signal, Requested):
            end_ms, skip_ms = signal.at_ms, signal.at_ms - begin_ms
    log.add(Skipped(after_ms, page_ms=skip_ms, since_ms=now_ms))
    return after_ms, end_ms - after_ms
