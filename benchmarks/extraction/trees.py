"""Boosted trees as plain data, as reader_stream.document.article_model reads them."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_data(dump: dict[str, Any]) -> list[Any]:
    """Trees as nested lists, a leaf's value or [column, threshold, low, high]; `dump` is LightGBM's
    `Booster.dump_model()`."""
    return [_tree(info["tree_structure"]) for info in dump["tree_info"]]


def _tree(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return float(f"{node['leaf_value']:.4g}")
    low, high = _tree(node["left_child"]), _tree(node["right_child"])
    return [node["split_feature"], single(node["threshold"]), low, high]


def single(threshold: float) -> float:
    """The greatest number of single precision, as rows have, that is not above: all fall on the same side."""
    nearest = np.float32(threshold)
    # numpy would compare them in single precision, where they are equal
    is_above = float(nearest) > threshold
    return float(str(np.nextafter(nearest, np.float32(-np.inf)) if is_above else nearest))
