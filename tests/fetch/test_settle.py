"""The settle rule, on recorded traces and as properties."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.fetch.settle import PATIENCE_MS, QUIET_MS, REFUSED_QUIET_MS, THIN_CHARS, PageLog
from reader_stream.fetch.signals import (
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
from tests.fetch.traces import Trace, play, recorded

TRACES = {trace.name: trace for trace in recorded()}
LATE = {"late-1200", "timers-700-apart", "poll-every-second"}
"""What half a second of the wall clock cannot see coming; skipping the page's time does, or need not."""
PATIENT = {"long-poll"}
"""What is given up only after `PATIENCE_MS`."""


def _trace(*signals: Signal, end_ms: float = 20_000) -> Trace:
    return Trace("made", signals, 0.0, 0.0, end_ms)


READY = (Committed(0), Looked(1, chars=1000), Interactive(10), Loaded(20))


@pytest.mark.parametrize("name", sorted(TRACES))
def test_a_page_is_whole_when_skipped_ahead(name: str) -> None:
    """With its time skipped, no recorded page settles before its content is there, and all soon after."""
    trace = TRACES[name]
    played = play(trace, skip=True)
    assert played is not None
    assert played.page_ms > trace.bare_ms
    assert played.wall_ms <= trace.whole_ms + 2 * QUIET_MS + (PATIENCE_MS if name in PATIENT else 0)


@pytest.mark.parametrize("name", sorted(TRACES.keys() - LATE))
def test_a_page_is_whole_by_the_wall_clock(name: str) -> None:
    """Without skipping the same holds, but for pages that pause longer than the rule's quiet."""
    trace = TRACES[name]
    played = play(trace)
    assert played is not None
    assert played.wall_ms > trace.bare_ms
    assert played.wall_ms <= trace.whole_ms + 5 * QUIET_MS


def test_code_free_pages_settle_at_load() -> None:
    """A page without code waits for nothing after `load`."""
    played = play(_trace(Committed(0, inert=True), Interactive(10), Mutated(11, growth=1), Loaded(20)))
    assert played is not None
    assert played.wall_ms == 20


def test_skipping_is_offered_only_when_timers_alone_are_waited_for() -> None:
    """Not before `load`, not while data is awaited or a worker runs, not in the first frames."""
    log = PageLog()
    for signal in READY:
        log.add(signal)
    assert log.judge(50).skip_ms == 0
    assert log.judge(200).skip_ms > 0
    log.add(Requested(201, "1", "Fetch"))
    assert log.judge(400).skip_ms == 0
    log.add(Finished(401, "1"))
    assert log.judge(600).skip_ms > 0
    log.add(Threaded(601))
    assert log.judge(602).skip_ms == 0


def test_a_refusal_is_skipped_farther() -> None:
    """A challenge may take seconds of its own time before it loads the page."""
    log = PageLog()
    for signal in (Committed(0, refused=True), Looked(1, chars=1000), Interactive(10), Loaded(20)):
        log.add(signal)
    assert log.judge(200).skip_ms == REFUSED_QUIET_MS


def test_a_change_within_a_skip_is_no_quiet() -> None:
    """A skip in which the page changed earns nothing; the next one does."""
    log = PageLog()
    for signal in (*READY, Mutated(105, growth=1), Skipped(106, page_ms=1500, since_ms=100)):
        log.add(signal)
    assert not log.judge(300).settled
    log.add(Skipped(310, page_ms=1500, since_ms=305))
    assert not log.judge(311).settled
    assert log.judge(400).settled


def test_an_answer_that_nobody_reads_stops_counting() -> None:
    """DevTools never reports the end of a body that the page leaves alone."""
    played = play(_trace(*READY, Requested(30, "1", "Fetch"), Responded(80, "1")))
    assert played is not None
    assert 1000 < played.wall_ms < 1700
    assert played.verdict.reasons == ()


def test_a_request_without_an_answer_is_waited_for_and_named() -> None:
    """Two seconds on a page with text, longer on one with none; then `network_pending` is said."""
    asked = Requested(30, "1", "Fetch", "/api")
    full = play(_trace(*READY, asked))
    thin = play(_trace(*READY, Looked(25, chars=THIN_CHARS - 1), asked))
    assert full is not None
    assert thin is not None
    assert 2000 < full.wall_ms < 3000
    assert thin.wall_ms > 2 * full.wall_ms
    assert full.verdict.reasons == thin.verdict.reasons == (Reason.NETWORK_PENDING,)


def test_a_further_turn_of_a_poll_is_nothing_missing() -> None:
    """A request like one that was answered before is a poll."""
    turns = (Requested(30, "1", "XHR", "/poll"), Finished(60, "1"), Requested(61, "2", "XHR", "/poll"))
    played = play(_trace(*READY, *turns))
    assert played is not None
    assert played.verdict.reasons == ()


@pytest.mark.parametrize("kind", ["WebSocket", "EventSource", "Ping", "Media", "Image", "Font"])
def test_what_carries_no_text_is_not_waited_for(kind: str) -> None:
    """Sockets, streams, beacons and media do not hold up the default timing."""
    with_it, without = play(_trace(*READY, Requested(21, "1", kind))), play(_trace(*READY))
    assert with_it is not None
    assert without is not None
    assert with_it.wall_ms == without.wall_ms


@pytest.mark.parametrize(
    ("timing", "least_ms", "most_ms"),
    [
        (Timing.HTML, 10, 10),
        (Timing.VISIBLE_CONTENT, 100, 130),
        (Timing.MUTATION_IDLE, 500, 530),
        (Timing.RESOURCE_IDLE, 900, 1000),
        (Timing.MEDIA_IDLE, 1500, 1600),
        (Timing.NETWORK_IDLE, 2500, 2600),
    ],
)
def test_each_timing_waits_for_its_own_things(timing: Timing, least_ms: float, most_ms: float) -> None:
    """A fetch until 400 ms, an image until 1 s, a prefetch until 2 s."""
    trace = _trace(
        *READY,
        Requested(21, "1", "Fetch"),
        Requested(22, "2", "Image"),
        Requested(23, "3", "Prefetch"),
        Finished(400, "1"),
        Finished(1000, "2"),
        Finished(2000, "3"),
    )
    played = play(trace, timing)
    assert played is not None
    assert least_ms <= played.wall_ms <= most_ms


def test_selectors_hold_a_page_up_until_they_match() -> None:
    """A quiet page goes on while a selector matches nothing, and says so."""
    log = PageLog(selectors=True)
    for signal in READY[:1] + READY[2:]:
        log.add(signal)
    assert not log.judge(5000).settled
    log.add(Looked(5001, chars=900, missing=("h1",)))
    verdict = log.judge(9000)
    assert not verdict.settled
    assert verdict.reasons == (Reason.SELECTOR_NOT_FOUND,)
    log.add(Looked(9001, chars=900))
    assert log.judge(9002).settled


def test_growth_always_counts_and_churn_never() -> None:
    """A list that grows for ever does not settle, a ticker does at once."""
    grows = [Mutated(30 + 200 * n, growth=1) for n in range(100)]
    churns = [Mutated(30 + 60 * n, churn=3) for n in range(300)]
    assert play(_trace(*READY, *grows, end_ms=19_000)) is None
    assert play(_trace(*READY, *churns)) == play(_trace(*READY))


def test_a_new_document_begins_anew() -> None:
    """What the last document waited for does not concern the next; its navigation did."""
    log = PageLog()
    for signal in (*READY, Requested(30, "1", "Navigation"), Requested(31, "2", "Fetch")):
        log.add(signal)
    assert not log.judge(60_000).settled
    log.add(Committed(60_001))
    verdict = log.judge(60_002)
    assert verdict.pending == 0
    assert verdict.phase is Phase.HTML


MOMENTS = st.floats(0, 10_000, allow_nan=False)
IDS = st.sampled_from("abcde")
KINDS = st.sampled_from(["Fetch", "XHR", "Script", "Image", "WebSocket", "Navigation", "Document"])
COUNTS = st.integers(0, 3)
SIGNALS = st.one_of(
    st.builds(Committed, MOMENTS, st.booleans()),
    st.builds(Interactive, MOMENTS),
    st.builds(Loaded, MOMENTS),
    st.builds(Mutated, MOMENTS, COUNTS, COUNTS, COUNTS),
    st.builds(Requested, MOMENTS, IDS, KINDS, IDS),
    st.builds(Responded, MOMENTS, IDS),
    st.builds(Finished, MOMENTS, IDS),
    st.builds(Looked, MOMENTS, st.integers(0, 500)),
)
LOGS = st.lists(SIGNALS, max_size=30).map(lambda signals: sorted(signals, key=lambda signal: signal.at_ms))
TIMINGS = st.sampled_from(Timing)


@given(LOGS, TIMINGS, st.integers(1, 1_000_000))
def test_only_differences_of_time_matter(signals: list[Signal], timing: Timing, shift_ms: int) -> None:
    """The same page an hour later settles after the same time."""
    whole = [replace(signal, at_ms=round(signal.at_ms)) for signal in signals]
    early, late = PageLog(timing), PageLog(timing)
    for signal in (Committed(0), *whole):
        early.add(signal)
        late.add(replace(signal, at_ms=signal.at_ms + shift_ms))
    for now_ms in (10_000, 11_000, 20_000):
        here, there = early.judge(now_ms), late.judge(now_ms + shift_ms)
        assert replace(here, wake_ms=0) == replace(there, wake_ms=0)
        assert there.wake_ms - here.wake_ms == pytest.approx(shift_ms)


@given(LOGS, TIMINGS)
def test_every_page_that_falls_silent_settles(signals: list[Signal], timing: Timing) -> None:
    """Whatever came before: once loaded, with no request under way, half a second ends it."""
    log = PageLog(timing)
    ends = [Finished(10_000, key) for key in "abcde"]
    for signal in (Committed(0), *signals, *ends, Interactive(10_001), Loaded(10_002)):
        log.add(signal)
    assert log.judge(10_002 + QUIET_MS).settled


@given(LOGS, TIMINGS)
def test_time_always_goes_on(signals: list[Signal], timing: Timing) -> None:
    """The moment to ask again is always ahead, and stability a share."""
    log = PageLog(timing)
    for signal in signals:
        log.add(signal)
        verdict = log.judge(signal.at_ms)
        assert verdict.wake_ms > signal.at_ms
        assert 0 <= verdict.stability <= 1
        assert verdict.settled == (verdict.phase is Phase.SETTLED)


@given(LOGS, TIMINGS)
def test_between_two_signals_nothing_unsettles(signals: list[Signal], timing: Timing) -> None:
    """Time alone only brings a page nearer to its end."""
    log = PageLog(timing)
    for signal in signals:
        log.add(signal)
    verdicts = [log.judge(10_000 + 50 * n).settled for n in range(200)]
    assert verdicts == sorted(verdicts)
