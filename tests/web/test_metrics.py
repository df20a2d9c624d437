"""What is counted, and how it is told."""

from __future__ import annotations

from reader_stream.web.metrics import Metrics


def test_a_read_is_counted_by_its_outcome() -> None:
    """Outcome and both times of a read can be seen in the exposition."""
    metrics = Metrics()
    metrics.read_ended("ok", 0.2, 1.5)
    metrics.read_ended("AssertionFailureError", None, 30.0)
    body, media_type = metrics.exposition()
    assert media_type.startswith("text/plain")
    assert b'reader_reads_total{outcome="ok"} 1.0' in body
    assert b'reader_reads_total{outcome="AssertionFailureError"} 1.0' in body
    assert b"reader_first_seconds_count 1.0" in body
    assert b"reader_final_seconds_count 2.0" in body


def test_a_watched_value_is_asked_when_it_is_read() -> None:
    """A gauge shows what is now, not what was when it was set up."""
    metrics, tabs = Metrics(), [0]
    metrics.watch("tabs_open", "Tabs open", lambda: tabs[0])
    tabs[0] = 3
    assert b"reader_tabs_open 3.0" in metrics.exposition()[0]


def test_two_applications_share_no_number() -> None:
    """Each has its own registry."""
    one, other = Metrics(), Metrics()
    one.streams.inc()
    assert b"reader_streams_open 1.0" in one.exposition()[0]
    assert b"reader_streams_open 0.0" in other.exposition()[0]
