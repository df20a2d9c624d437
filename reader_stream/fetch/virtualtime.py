"""Skipping a page's idle time: timers fire at once instead of after their delay.

Chromium's virtual time lets a page live through a second in 3 ms when nothing but timers is waited for.
Once it is switched on for a tab it cannot be switched off: the page's clock stands still whenever the
last grant is used up. So from then on time is granted at the pace of the wall clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reader_stream.fetch.cdp import CDPSession
from reader_stream.fetch.signals import Skipped

PACE_MS = 50.0
"""Steps in which time is granted at the wall's pace: as coarse as a page can bear, as cheap as can be."""
STUCK_MS = 300.0
"""A skip takes 1-10 ms; one that takes so long waits for a request of the page, which may never end."""
STARVATION_TASKS = 500
"""Tasks that may run at one moment of virtual time before it moves on: for pages with busy loops of
zero timers."""


@dataclass(slots=True)
class VirtualTime:
    """Grants page time to one tab. `wake` is called when a skip has ended."""

    session: CDPSession
    wake: Callable[[], object]
    _since_ms: float | None = None
    _budget_ms: float = 0.0
    _expired: bool = False
    _paced_ms: float | None = None

    def attach(self) -> None:
        """Listen for the ends of grants."""
        self.session.on("Emulation.virtualTimeBudgetExpired", self._end)

    def keep(self, skip_ms: float, now_ms: float) -> float:
        """Skip `skip_ms`, or let time go on if it was ever skipped. Returns when to be called again."""
        if self._since_ms is not None:
            if now_ms - self._since_ms < STUCK_MS:
                return self._since_ms + STUCK_MS
            self._since_ms = None
        if skip_ms > 0:
            self._since_ms, self._budget_ms, self._expired = now_ms, skip_ms, False
            self._grant("pauseIfNetworkFetchesPending", skip_ms)
            self._paced_ms = now_ms
            return now_ms + STUCK_MS
        if self._paced_ms is None:
            return float("inf")
        if now_ms - self._paced_ms >= PACE_MS:
            self._grant("advance", now_ms - self._paced_ms)
            self._paced_ms = now_ms
        return self._paced_ms + PACE_MS

    @property
    def ended(self) -> bool:
        """A skip has ended and waits to be credited."""
        return self._since_ms is not None and self._expired

    def credit(self, now_ms: float) -> Skipped:
        """The skip that has ended, as a signal; changes made meanwhile must have been logged before."""
        assert self._since_ms is not None  # noqa: S101 (see `ended`)
        skipped = Skipped(now_ms, page_ms=self._budget_ms, since_ms=self._since_ms)
        self._since_ms, self._paced_ms = None, now_ms
        return skipped

    def _grant(self, policy: str, budget_ms: float) -> None:
        self.session.post(
            "Emulation.setVirtualTimePolicy",
            {"policy": policy, "budget": budget_ms, "maxVirtualTimeTaskStarvationCount": STARVATION_TASKS},
        )

    def _end(self, _event: dict[str, Any]) -> None:
        self._expired = True
        self.wake()
