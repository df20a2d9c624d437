"""Python's collector of cycles, told what a service with many open streams is like.

What is loaded at the start stays for ever, and streams are long-lived: a collection of the oldest generation
looks at all of it and finds nothing, while every stream waits. While 1,000 streams opened, five to seven such
collections held the event loop up for 0.1 to 1.2 s each; set up like this there was none.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (2_000, 5, 15)
"""New objects until a collection of the youngest, and how many collections of one generation until one of the
next. Two streams are 1,000 objects: the first two numbers bound a usual pause to 10,000 objects (some 3 ms;
of 100,000 it was 60 to 90 ms), the last one makes a whole collection rare (150,000 objects that have grown
old). With a million, a minute of reads kept 34 MiB of cycles that nobody needs, with this 11 (make soak)."""


def expect_streams() -> None:
    """Call it once everything is up: what is there now is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: for work that makes many objects and no cycles, all gone at its end.

    A tenth of the time of making a document out of a page went into looking through its parts. Threads that
    do so at once are safe: whoever found the collector running sets it running again.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
