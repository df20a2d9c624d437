"""Inputs that failed once, and the seeds; each target also for a moment with bytes by chance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import CASES, known
from tests.fuzz.targets import TARGETS

FAILED = sorted(path for path in CASES.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FAILED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_failed_once_does_no_more(path: Path) -> None:
    """Each file of `cases/` is an input on which a fuzzer has found a fault."""
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    """What fuzzing begins with holds by itself."""
    for seed in known(name):
        TARGETS[name](seed)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@settings(max_examples=60)
@given(data=st.binary(max_size=300))
@example(data=b"")
def test_bytes_by_chance(target: Callable[[bytes], None], data: bytes) -> None:
    """`make fuzz` does so for longer."""
    target(data)
