"""Measurements of one run: who, on what, which quantity, which values."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """What was measured: `part` of the benchmarks, `case` in it, `quantity` with its unit, by whom."""

    part: str
    case: str
    quantity: str
    contestant: str


@dataclass(slots=True)
class Samples:
    """All values of a run, in the order in which they were taken."""

    values: dict[Key, list[float]] = field(default_factory=dict)

    def add(self, key: Key, value: float) -> None:
        """One more value."""
        self.values.setdefault(key, []).append(value)

    def median(self, key: Key) -> float | None:
        """The median, None where nothing was measured."""
        return statistics.median(self.values[key]) if key in self.values else None

    def rows(self) -> Iterator[tuple[Key, float, float, float, int]]:
        """For each key: median, quartiles, number of values."""
        for key, values in self.values.items():
            low, high = spread(values)
            yield key, statistics.median(values), low, high, len(values)

    def to_json(self) -> list[dict[str, Any]]:
        """Everything, values included."""
        return [
            {
                "part": key.part,
                "case": key.case,
                "quantity": key.quantity,
                "contestant": key.contestant,
                "median": median,
                "quartiles": [low, high],
                "values": self.values[key],
            }
            for key, median, low, high, _ in self.rows()
        ]


def spread(values: list[float]) -> tuple[float, float]:
    """The quartiles; the value itself twice where there is only one."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high
