"""The rows that the classifier looks at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reader_stream.document import article_model
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_features import COLUMNS, inputs
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.html import body_of, parse

PROSE = (
    "The committee met on Tuesday to discuss the harbour, its cranes, and the ships that wait outside of it. "
    "Nobody had expected the discussion to last until the evening, but it did, and it was worth it. "
)
VOCABULARY = Vocabulary({"menu": -2.0, "story": 1.0, "top": 3.0}, {"read": -1.0, "more": -3.0}, {}, 0.0)
PAGE = (
    "<nav class=menu><a href=/a>Read more</a></nav>"
    f"<div class='top story'><h1>Harbour news</h1><p>{PROSE}</p><p>{PROSE}x</p></div>"
    "<ul class=menu><li class=i>$ 5<li class=i>Blue crane!<li class=i>tail</ul>"
)


def rows(markup: str = PAGE, title: str = "Harbour news | Site") -> dict[str, dict[str, float]]:
    """First word of each block → its columns by name."""
    page = Page(body_of(parse(f"<body>{markup}</body>")))
    found = inputs(page, Hints(title=title), VOCABULARY).rows
    return {
        block.text.split()[0]: dict(zip(COLUMNS, row.tolist(), strict=True))
        for block, row in zip(page.blocks, found, strict=True)
    }


@pytest.mark.parametrize(
    ("block", "column", "value"),
    [
        ("Read", "text_score", -2.0),  # the mean of its words
        ("Read", "text_links", 1.0),
        ("Read", "in_nav", 1.0),
        ("Read", "chain_name_min", -2.0),
        ("Read", "own_name", -2.0),
        ("Read", "before_same", 0.0),
        ("Read", "after_tag", 4.0),
        ("Read", "top_after", -1.0),
        ("Read", "top_up", 1.0),
        ("Harbour", "text_title", 2 / 3),
        ("Harbour", "parent_name", 2.0),
        ("Harbour", "top_inside", 1.0),
        ("Harbour", "top_down", 0.0),
        ("The", "place_heading_level", 1.0),
        ("The", "place_heading_title", 2 / 3),
        ("The", "place_blocks_since_h1", 2.0),  # the second of the two paragraphs
        ("The", "text_ends", 0.0),
        ("The", "before_same", 1.0),
        ("The", "group_repeated", 0.0),
        ("Blue", "text_ends", 1.0),
        ("Blue", "text_tag", 2.0),
        ("Blue", "own_repeated", 3.0),
        ("Blue", "group_repeated", 3.0),
        ("Blue", "grand_repeated", 1.0),
        ("Blue", "parent_name", -2.0),
        ("Blue", "chain_name_sum", -2.0),
        ("Blue", "top_after", 1.0),
        ("Blue", "page_group_items", np.log1p(3)),
        ("Blue", "page_prices", np.log1p(1)),
        ("tail", "after_chars", -1.0),
    ],
)
def test_columns_say_what_they_are_called(block: str, column: str, value: float) -> None:
    """What stands in a row is what the page says of that block."""
    assert rows()[block][column] == pytest.approx(value)


@given(st.text("<>/apdivulh1 \"='classmenu$", max_size=300), st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_page_has_finite_rows(markup: str, title: str) -> None:
    """Whatever a page is made of, each block has a row of all columns, of numbers."""
    page = Page(body_of(parse(f"<body>{markup}end</body>")))
    assume(page.blocks)  # it may end in an attribute or comment
    found = inputs(page, Hints(title=title), article_model.load().vocabulary).rows
    assert found.shape == (len(page.blocks), len(COLUMNS))
    assert np.isfinite(found).all()
