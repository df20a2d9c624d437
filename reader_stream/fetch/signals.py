"""What a tab signals: the alphabet of the settle rule. Times are milliseconds of one monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

NAVIGATION = "Navigation"
"""The kind of a request for the next main document: always waited for."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that happened at `at_ms`."""

    at_ms: float


@dataclass(frozen=True, slots=True)
class Committed(Signal):
    """A document took the place of the one before; all but its own later signals is void.

    `inert`: it has no code that could change it after `load`. `refused`: it came with a status that
    challenge pages come with, and may have code that solves the challenge and loads the page anew.
    """

    inert: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Interactive(Signal):
    """DOMContentLoaded of the main document."""


@dataclass(frozen=True, slots=True)
class Loaded(Signal):
    """`load` of the main document."""


@dataclass(frozen=True, slots=True)
class Mutated(Signal):
    """The tree changed: numbers of changes that grew a place, replaced it, or churned it (observer.js)."""

    growth: int = 0
    replaced: int = 0
    churn: int = 0


@dataclass(frozen=True, slots=True)
class Requested(Signal):
    """A request left; `kind` is CDP's ResourceType, `path` its URL without the query."""

    id: str
    kind: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Responded(Signal):
    """Headers or a piece of body arrived."""

    id: str


@dataclass(frozen=True, slots=True)
class Finished(Signal):
    """A request ended, well or not."""

    id: str


@dataclass(frozen=True, slots=True)
class Threaded(Signal):
    """The page started a worker, whose time cannot be skipped."""


@dataclass(frozen=True, slots=True)
class Skipped(Signal):
    """From `since_ms` on the page has lived through `page_ms` more than the wall clock shows."""

    page_ms: float
    since_ms: float


@dataclass(frozen=True, slots=True)
class Looked(Signal):
    """A look into the page: how much text shows, and the selectors that match nothing yet."""

    chars: int
    missing: tuple[str, ...] = ()
