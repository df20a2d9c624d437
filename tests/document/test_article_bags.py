"""Bags of numbered things and the sums over them."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.document.article_bags import joined, numbers_of

VALUES = np.array([[1.0, -2.0], [0.5, 4.0], [3.0, 0.0]], np.float32)


@given(st.lists(st.lists(st.integers(0, 2), max_size=5), max_size=8))
def test_sums_are_by_the_root_of_the_number(bags: list[list[int]]) -> None:
    """Each bag has the sum of its things by the root of how many they are; an empty one has 0."""
    expected = [sum((VALUES[at] for at in bag), np.zeros(2)) / sqrt(len(bag) or 1) for bag in bags]
    found = joined(bags).sums(VALUES)
    assert found.dtype == np.float32
    assert found.shape == (len(bags), 2)
    assert [row.tolist() for row in found] == [pytest.approx(row.tolist(), abs=1e-6) for row in expected]


def test_plain_values_are_summed_too() -> None:
    """One number a thing gives one a bag."""
    assert joined([[0, 0, 0, 0], [], [2]]).sums(np.array([1.5, 9.0, 7.0])).tolist() == [3.0, 0.0, 7.0]


def test_what_is_not_known_is_left_out() -> None:
    """Known things have their numbers, in the order in which they come."""
    assert numbers_of(["b", "x", "a", "b"], {"a": 0, "b": 1}) == [1, 0, 1]
