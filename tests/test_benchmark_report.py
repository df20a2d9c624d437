"""What a benchmark run says in the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.samples import Key, Samples, spread


def test_ratios_are_of_medians(tmp_path: Path) -> None:
    """A comparison divides our median by the other's, case by case; outliers do not move it."""
    pytest.importorskip("matplotlib", reason="needs the extra `bench`")
    samples = Samples()
    for ours, theirs in ((10, 100), (12, 120), (1000, 110)):
        samples.add(Key("latency", "small", "first ms", "reader"), ours)
        samples.add(Key("latency", "small", "final ms", "playwright"), theirs)
    table = report.write(samples, tmp_path, "chromium")
    (ratio,) = json.loads((tmp_path / "results.json").read_text())["ratios"]
    assert ratio["ratio"] == 12 / 110
    assert "| latency | small | reader, first ms | playwright | 0.11 |" in table
    assert (tmp_path / "results.svg").read_text().startswith("<?xml")


def test_spread_is_between_the_quartiles() -> None:
    """Half of the values are within the spread; one value is its own."""
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == (2.0, 4.0)
    assert spread([7.0]) == (7.0, 7.0)
