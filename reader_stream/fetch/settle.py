"""When is a page done? A pure rule over the log of what its tab signalled.

Theory of operation. `PageLog.add` takes signals in order of time, `PageLog.judge` tells how things stand at a
moment. A page has settled when its document is parsed, the selectors asked for are there, no request
that matters is under way, and it has been quiet: for `QUIET_MS` by the wall clock, or sooner in two
cases that need no waiting. A page without any code of its own cannot change after `load`. And a page
that is only waiting for its timers can be *skipped* ahead by the browser's virtual time: then what
counts is how long the page believes that nothing happened, over a floor of real time for what
virtual time does not drive (frames, workers). What the rules were tuned on stands in tests/fetch/traces/.

Times are milliseconds of one monotonic clock; nothing here reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reader_stream.fetch.signals import (
    NAVIGATION,
    Committed,
    Finished,
    Interactive,
    Loaded,
    Looked,
    Mutated,
    Requested,
    Responded,
    Signal,
    Skipped,
    Threaded,
)
from reader_stream.model import Phase, Reason, Timing

QUIET_MS = 500.0
"""Quiet by the wall clock that ends every page: the step between a framework's hydration, its fetches
and their rendering stayed below 300 ms on all recorded traces."""
SKIPPED_QUIET_MS = 1500.0
"""Quiet in the page's own time after growth, when it is skipped ahead. Longer than `QUIET_MS` since it
costs 3 ms: it also catches what a page does 700 ms and 1 s later."""
REFUSED_QUIET_MS = 5000.0
"""The same for a refusal with code: challenges load the page anew after 1.5 to 5 s of their own time."""
SKIPPED_STILL_MS = 750.0
"""The same after changes that replaced something by no more: a clock ticks once a second, and `FLOOR_MS`
comes on top."""
SKIP_STEP_MS = 375.0
"""Page time skipped at once on a page that changed while it was skipped: a change spoils the quiet of a
whole step, for nobody knows when it was. Most pages do nothing; their first skip is the whole quiet."""
FLOOR_MS = 80.0
"""Wall quiet of a page with code before its time is skipped: five frames, so that what hangs on
requestAnimationFrame, observers or an answer of the browser gets its turn first (a skipped page has no
frames, measured)."""
AFTER_SKIP_MS = 30.0
"""Wall time after a skip: for what the timers that fired in it asked of the browser (IndexedDB: 10-25)."""
MAX_SKIPPED_MS = 5000.0
"""Page time skipped at most: a page that grows for ever is not to be hurried along."""
PATIENCE_MS = 2000.0
"""How long a request may wait for its answer and still be waited for: long polls answer later."""
THIN_PATIENCE_MS = 6000.0
"""The same while the page shows next to nothing: then the answer is probably the page."""
THIN_CHARS = 120
"""Visible text below which a page shows next to nothing: a heading, a menu, "Loading…"."""
UNREAD_MS = 1000.0
"""How long an answer counts after its headers or its last piece of body: DevTools never reports
the end of a body that the page does not read."""

RESOURCES = frozenset({"Document", "Script", "Stylesheet", "XHR", "Fetch", "Other"})
MEDIA = RESOURCES | {"Image", "Media", "Font", "TextTrack"}
NETWORK = MEDIA | {"Manifest", "Prefetch", "Preflight"}
DATA = frozenset({"XHR", "Fetch", "Script"})
"""Requests that can carry content: one that never answered is worth a word."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one `X-Respond-Timing` waits for."""

    phase: Phase = Phase.INTERACTIVE
    kinds: frozenset[str] = frozenset()
    quiet_ms: float = QUIET_MS
    patience_ms: float = PATIENCE_MS


RULES: dict[Timing, Rule] = {
    Timing.HTML: Rule(quiet_ms=0),
    Timing.VISIBLE_CONTENT: Rule(quiet_ms=100),
    Timing.MUTATION_IDLE: Rule(),
    Timing.RESOURCE_IDLE: Rule(kinds=RESOURCES),
    Timing.MEDIA_IDLE: Rule(phase=Phase.LOADED, kinds=MEDIA),
    Timing.NETWORK_IDLE: Rule(phase=Phase.LOADED, kinds=NETWORK, patience_ms=THIN_PATIENCE_MS),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a page stands: ask again at `wake_ms` (same clock) or at the next signal.

    `skip_ms` > 0 means that nothing but the page's timers is waited for, and how far they may be
    skipped. `reasons` say what would be missing if it ended now. `stability` is in 0..1.
    """

    settled: bool
    phase: Phase
    wake_ms: float
    skip_ms: float = 0.0
    stability: float = 0.0
    pending: int = 0
    reasons: tuple[Reason, ...] = ()


@dataclass(slots=True)
class _Request:
    kind: str
    path: str
    since_ms: float
    responded: bool = False


@dataclass(slots=True)
class PageLog:
    """The signals of one page, folded as they come."""

    timing: Timing = Timing.RESOURCE_IDLE
    selectors: bool = False
    """Selectors are waited for: until the first look they count as missing."""
    _phase: Phase = Phase.HTML
    _changed_ms: float = 0.0
    _grown_ms: float = 0.0
    _mutated_ms: float = 0.0
    _skipped_ms: float = 0.0
    _still_ms: float = 0.0
    """Page time skipped since the last change, and below since the last growth."""
    _ungrown_ms: float = 0.0
    _skip_ended_ms: float = 0.0
    _threaded: bool = False
    _inert: bool = False
    _refused: bool = False
    _look: Looked | None = None
    _requests: dict[str, _Request] = field(default_factory=dict)
    _polled: set[str] = field(default_factory=set)

    def add(self, signal: Signal) -> None:
        """Take the next signal; its time must not be before the last one's."""
        match signal:
            case Committed(inert=inert, refused=refused):
                self._commit(signal.at_ms)
                self._inert, self._refused = inert, refused
            case Interactive():
                self._reach(Phase.INTERACTIVE, signal.at_ms)
            case Loaded():
                self._reach(Phase.LOADED, signal.at_ms)
            case Mutated():
                self._mutate(signal)
            case Requested(id=key, kind=kind, path=path):
                self._requests[key] = _Request(kind, path, signal.at_ms)
                self._network(kind, signal.at_ms)
            case Responded(id=key):
                self._respond(key, signal.at_ms)
            case Finished(id=key):
                self._finish(key, signal.at_ms)
            case Skipped():
                self._skip(signal)
            case Threaded():
                self._threaded = True
            case Looked():
                self._look = signal

    @property
    def wants_look(self) -> bool:
        """A look would change the verdict: selectors are missing, or patience hangs on the text."""
        text_matters = bool(self._requests) or self.timing is Timing.VISIBLE_CONTENT
        return self._missing() or (text_matters and self._is_thin())

    def judge(self, now_ms: float) -> Verdict:
        """How the page stands at `now_ms`."""
        rule = self._rule()
        counted = [request for request in self._requests.values() if self._counts(request, rule, now_ms)]
        waiting = self._missing() or not self._reached(rule.phase) or bool(counted)
        settled = not waiting and self._is_quiet(rule, now_ms)
        return Verdict(
            settled=settled,
            phase=Phase.SETTLED if settled else self._phase,
            wake_ms=self._wake(rule, counted, now_ms),
            skip_ms=0.0 if waiting or settled else self._skippable(now_ms),
            stability=1.0 if settled else self._stability(len(counted), now_ms),
            pending=len(counted),
            reasons=self._reasons(rule, counted, settled, now_ms),
        )

    def _rule(self) -> Rule:
        """`visible-content` is content that shows; until it does, the default rule stands."""
        if self.timing is Timing.VISIBLE_CONTENT and self._is_thin():
            return RULES[Timing.RESOURCE_IDLE]
        return RULES[self.timing]

    def _commit(self, at_ms: float) -> None:
        self._phase = Phase.HTML
        self._change(at_ms)
        self._grow(at_ms)
        self._mutated_ms = at_ms
        self._threaded = False
        self._look = None
        self._requests.clear()
        self._polled.clear()

    def _reach(self, phase: Phase, at_ms: float) -> None:
        if not self._reached(phase):
            self._phase = phase
        self._change(at_ms)
        self._mutated_ms = at_ms

    def _reached(self, phase: Phase) -> bool:
        return _ORDER[self._phase] >= _ORDER[phase]

    def _mutate(self, signal: Mutated) -> None:
        if signal.growth or signal.replaced:
            self._change(signal.at_ms)
            self._mutated_ms = signal.at_ms
        if signal.growth:
            self._grow(signal.at_ms)

    def _change(self, at_ms: float) -> None:
        self._changed_ms = at_ms
        self._still_ms = 0.0

    def _grow(self, at_ms: float) -> None:
        self._grown_ms = at_ms
        self._ungrown_ms = 0.0

    def _skip(self, signal: Skipped) -> None:
        """What happened within a skip happened at an unknown time of it: then it is no quiet."""
        self._skipped_ms += signal.page_ms
        self._skip_ended_ms = signal.at_ms
        if self._changed_ms < signal.since_ms:
            self._still_ms += signal.page_ms
        if self._grown_ms < signal.since_ms:
            self._ungrown_ms += signal.page_ms

    def _network(self, kind: str, at_ms: float) -> None:
        if kind in RULES[self.timing].kinds:
            self._change(at_ms)

    def _respond(self, key: str, at_ms: float) -> None:
        if request := self._requests.get(key):
            request.responded = True
            request.since_ms = at_ms

    def _finish(self, key: str, at_ms: float) -> None:
        if request := self._requests.pop(key, None):
            self._polled.add(request.path)
            self._network(request.kind, at_ms)

    def _counts(self, request: _Request, rule: Rule, now_ms: float) -> bool:
        if request.kind == NAVIGATION:
            return True
        return request.kind in rule.kinds and now_ms < self._given_up_ms(request, rule)

    def _given_up_ms(self, request: _Request, rule: Rule) -> float:
        """When a request stops to count, if nothing is heard of it."""
        if request.responded:
            return request.since_ms + UNREAD_MS
        if request.path in self._polled or not self._is_thin():
            return request.since_ms + rule.patience_ms
        return request.since_ms + THIN_PATIENCE_MS

    def _is_thin(self) -> bool:
        return self._look is None or self._look.chars < THIN_CHARS

    def _missing(self) -> bool:
        return bool(self._look.missing) if self._look else self.selectors

    def _is_quiet(self, rule: Rule, now_ms: float) -> bool:
        if now_ms >= self._quiet_from_ms(rule) + rule.quiet_ms or (
            self._inert and self._phase is Phase.LOADED
        ):
            return True
        return self._page_quiet() and now_ms >= self._skip_ended_ms + AFTER_SKIP_MS

    def _quiet_from_ms(self, rule: Rule) -> float:
        return self._changed_ms if rule.kinds else self._mutated_ms

    def _page_quiet(self) -> bool:
        return self._still_ms >= SKIPPED_STILL_MS and self._ungrown_ms >= self._skipped_quiet_ms

    @property
    def _skipped_quiet_ms(self) -> float:
        return REFUSED_QUIET_MS if self._refused else SKIPPED_QUIET_MS

    def _skippable(self, now_ms: float) -> float:
        """Only timers can be skipped: not a request, whoever waits for it, and no other thread."""
        open_data = any(r.kind in DATA and not r.responded for r in self._requests.values())
        if self._phase is not Phase.LOADED or self._threaded or open_data or self._page_quiet():
            return 0.0
        if now_ms < self._changed_ms + FLOOR_MS or self._skipped_ms >= MAX_SKIPPED_MS:
            return 0.0
        return SKIP_STEP_MS if self._skipped_ms else self._skipped_quiet_ms

    def _wake(self, rule: Rule, counted: list[_Request], now_ms: float) -> float:
        moments = [self._given_up_ms(request, rule) for request in counted]
        moments += [self._quiet_from_ms(rule) + rule.quiet_ms, self._changed_ms + FLOOR_MS]
        moments.append(self._skip_ended_ms + AFTER_SKIP_MS)
        return min((moment for moment in moments if moment > now_ms), default=now_ms + QUIET_MS)

    def _stability(self, pending: int, now_ms: float) -> float:
        base = {Phase.HTML: 0.2, Phase.INTERACTIVE: 0.5}.get(self._phase, 0.7)
        quiet = min(1.0, (now_ms - self._changed_ms) / QUIET_MS)
        return round(base / (1 + pending / 4) + (0.95 - base) * quiet / (1 + pending), 2)

    def _reasons(
        self, rule: Rule, counted: list[_Request], settled: bool, now_ms: float
    ) -> tuple[Reason, ...]:
        reasons = []
        if self._missing():
            reasons.append(Reason.SELECTOR_NOT_FOUND)
        if counted or self._unanswered(rule):
            reasons.append(Reason.NETWORK_PENDING)
        if not settled and now_ms < self._changed_ms + QUIET_MS:
            reasons.append(Reason.STILL_CHANGING)
        return tuple(reasons)

    def _unanswered(self, rule: Rule) -> bool:
        """A request for data that never answered, and is not one more turn of a poll."""
        return any(
            request.kind in DATA & rule.kinds and not request.responded and request.path not in self._polled
            for request in self._requests.values()
        )


_ORDER = {phase: index for index, phase in enumerate(Phase)}
