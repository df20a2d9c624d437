"""Chunking at headings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.document.chunks import chunk

_PAGE = ["before", "# T", "a", "## A", "b", "### A1", "c", "## B", "d", "#### B0", "e", "# U", "f"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("h1", ["before", "# T|a|## A|b|### A1|c|## B|d|#### B0|e", "# U|f"]),
        ("h2", ["before", "# T|a", "## A|b|### A1|c", "## B|d|#### B0|e", "# U|f"]),
        ("s2", ["before", "# T|a", "# T|## A|b|### A1|c", "# T|## B|d|#### B0|e", "# U|f"]),
        ("s3", ["before", "# T|a", "# T|## A|b", "# T|## A|### A1|c", "# T|## B|d|#### B0|e", "# U|f"]),
        (
            "s5",
            [
                "before",
                "# T|a",
                "# T|## A|b",
                "# T|## A|### A1|c",
                "# T|## B|d",
                "# T|## B|#### B0|e",
                "# U|f",
            ],
        ),
    ],
)
def test_splits_at_headings(mode: str, expected: list[str]) -> None:
    """A chunk starts at each heading of the level or above; s-modes put the headings above it first."""
    assert list(chunk(_PAGE, mode)) == [text.replace("|", "\n\n") for text in expected]


def test_structured_is_the_third_level() -> None:
    """`structured` without a level is s3."""
    assert list(chunk(_PAGE, "structured")) == list(chunk(_PAGE, "s3"))


def test_knows_underlined_headings_and_code() -> None:
    """Setext headings split too; a comment in code does not."""
    assert list(chunk(["a\n===", "```\n# no\n```", "b\n---", "#hashtag"], "h2")) == [
        "a\n===\n\n```\n# no\n```",
        "b\n---\n\n#hashtag",
    ]


@given(st.lists(st.sampled_from([*_PAGE, "###### deep"]), max_size=12), st.sampled_from("12345"))
def test_loses_nothing(blocks: list[str], level: str) -> None:
    """The chunks of an h-mode are the document; those of the s-mode end with the same."""
    plain = list(chunk(blocks, f"h{level}"))
    assert "\n\n".join(plain) == "\n\n".join(blocks)
    structured = list(chunk(blocks, f"s{level}"))
    assert [long.endswith(short) for long, short in zip(structured, plain, strict=True)] == [True] * len(
        plain
    )


def test_nothing_has_no_chunks() -> None:
    """An empty document has none."""
    assert list(chunk([], "h1")) == []
