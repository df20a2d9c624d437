"""README's "Security": each promise names a test that there is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def promises() -> list[tuple[str, str]]:
    """The table's rows: what is promised, and the test that proves it."""
    text = (ROOT / "README.md").read_text()
    section = text.partition("\n## Security\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([^|]+) \| `([^`]+)` \|$", section, re.M)


def test_every_promise_has_its_test() -> None:
    """File and function exist; no promise is made without."""
    rows = promises()
    assert len(rows) >= 20
    for promise, name in rows:
        file, _, function = name.partition("::")
        assert re.search(rf"def {function}\(", (ROOT / file).read_text()), (promise, name)
    assert len({promise for promise, _ in rows}) == len(rows)
