"""What training writes down: thresholds in the precision of the rows that are compared with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.extraction.trees import as_data, single


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


def test_trees_are_written_as_the_package_reads_them() -> None:
    """Each node is its column, its threshold in single precision, and what is below on both sides."""
    stump = {"split_feature": 3, "threshold": 0.1, "left_child": {"leaf_value": -0.123456}}
    tree = {"split_feature": 1, "threshold": 2.0, "left_child": {"leaf_value": 1}, "right_child": stump}
    stump["right_child"] = {"leaf_value": 2.5}
    dump = {"tree_info": [{"tree_structure": tree}, {"tree_structure": {"leaf_value": 0.5}}]}
    assert as_data(dump) == [[1, 2.0, 1.0, [3, 0.099999994, -0.1235, 2.5]], 0.5]


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
