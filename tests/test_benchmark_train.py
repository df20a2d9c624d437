"""What training writes down: thresholds in the precision of the rows that are compared with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st


def single(threshold: float) -> float:
    """A threshold as train.py writes it; only where what trains is installed."""
    for package in ("lightgbm", "scipy", "sklearn"):
        pytest.importorskip(package, reason="training needs the extra `train`")
    from benchmarks.extraction import train

    return train._single(threshold)


@pytest.mark.xfail(
    strict=True, reason="_single compares in single precision, where every nearest number is equal"
)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6, width=32), st.integers(-2, 2))
@example(0.1, 0.0, 0)  # above the nearest of single precision
@example(0.7, 0.0, 0)  # below it
@example(1.0, 0.0, 0)
def test_rows_fall_on_the_side_that_they_were_trained_on(threshold: float, value: float, steps: int) -> None:
    """Any value of single precision is above what is written if and only if it is above the threshold."""
    near = np.float32(threshold)
    for _ in range(abs(steps)):
        near = np.nextafter(near, np.float32(np.copysign(np.inf, steps)))
    written = np.float32(single(threshold))
    for row in (np.float32(value), near):
        assert (row > written) == (float(row) > threshold)


def thresholds(tree: Any) -> Iterator[float]:
    """Those of a tree, which is [column, threshold, low, high] or a leaf's value."""
    if isinstance(tree, list):
        _, threshold, *below = tree
        yield threshold
        for each in below:
            yield from thresholds(each)


def test_the_model_that_ships_has_thresholds_of_single_precision() -> None:
    """Each is written in as few digits as single precision needs: none is rounded when it is read."""
    data = json.loads((files("reader_stream.document") / "article_model.json").read_text("ascii"))
    found = {threshold for tree in data["trees"] for threshold in thresholds(tree)}
    assert len(found) > 100
    assert [each for each in found if float(str(np.float32(each))) != each] == []
