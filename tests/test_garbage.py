"""The collector of cycles in a service."""

from __future__ import annotations

import gc
import weakref

import pytest

from reader_stream.garbage import THRESHOLDS, expect_streams, uncollected


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def test_what_is_loaded_is_left_alone_and_new_cycles_are_not() -> None:
    """After the start only what is new is collected, and less often."""
    threshold = gc.get_threshold()
    try:
        expect_streams()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == THRESHOLDS
        gone = weakref.ref(Cycle())
        gc.collect()
        assert gone() is None
    finally:
        gc.set_threshold(*threshold)
        gc.unfreeze()


def test_the_collector_rests_meanwhile_and_is_left_as_it_was() -> None:
    """Work without cycles is not looked through; a collector that was off stays off, also after an error."""
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="broken"), uncollected():
        raise ValueError("broken")
    assert gc.isenabled()
