"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.service", "tests.failures"]

# A busy machine makes no example slow: nothing here asserts a time. In CI one commit always gives one answer
# (the same examples); new ones are looked for by hand and by `make fuzz`.
settings.register_profile("reader", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("reader-ci", settings.get_profile("reader"), derandomize=True, database=None)
settings.load_profile("reader-ci" if os.environ.get("CI") else "reader")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the service does; tests of a file may share a browser."""
    return "asyncio"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with evaluation data; tests that need it are skipped where it is absent."""
    path = Path(os.environ.get("READER_SHARED", Path(__file__).parent.parent.parent / "shared"))
    if not (path / "data").is_dir():
        pytest.skip(f"needs the evaluation data in {path} (READER_SHARED)")
    return path
