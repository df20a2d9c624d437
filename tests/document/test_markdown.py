"""The markdown writer: folder of cases, tables, and properties of the whole."""

from __future__ import annotations

import lxml.html
import pytest

from reader_stream.document.markdown import Written, write
from reader_stream.model import RenderOptions


def converted(source: str) -> Written:
    """The markdown of a fragment of HTML."""
    return write(
        lxml.html.document_fromstring(source), base_url="https://ex.com/dir/page", options=RenderOptions()
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<h1>Hi <em>a</em></h1><p>b", "# Hi _a_\n\nb"),
        ("<p>a<b>Note:</b>x", "a**Note**:x"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "* a\n  * b\n* c"),
        ("<a href=/x>y</a>", "[y](https://ex.com/x)"),
    ],
)
def test_writes_markdown(source: str, expected: str) -> None:
    """Elements become the markdown that says the same."""
    assert "\n\n".join(converted(source).blocks) == expected
