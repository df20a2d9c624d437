"""The folder of cases: `cases/markdown/<name>/source.html` becomes `expected.md`."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader_stream.document.html import parse
from reader_stream.document.markdown import write
from reader_stream.model import RenderOptions

CASES = Path(__file__).parent / "cases" / "markdown"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_case(case: str) -> None:
    """The source is written as expected."""
    source = (CASES / case / "source.html").read_text(encoding="utf-8")
    root = parse(source)
    blocks = write(root, base_url="https://example.com/docs/page", options=RenderOptions()).blocks
    assert "\n\n".join(blocks) + "\n" == (CASES / case / "expected.md").read_text(encoding="utf-8")
