"""What a page says of itself, as columns of the classifier."""

from __future__ import annotations

import pytest

from reader_stream.document.article_hints import HINTS, Hints


def said(hints: Hints) -> set[str]:
    """The names of the columns that are set."""
    return {name for name, value in zip(HINTS, hints.row(), strict=True) if value}


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/", set()),
        ("/forum/viewtopic.php", {"path_0"}),
        ("/r/python/comments/1", {"path_0"}),
        ("/open-thread", set()),
        ("/product/12", {"path_1"}),
        ("/production", set()),
        ("/category/shoes", {"path_2"}),
        ("/docs/guide.html", {"path_3"}),
        ("/blog/2024/one", {"path_4"}),
    ],
)
def test_addresses(path: str, columns: set[str]) -> None:
    """Whole parts of the path say what kind of page it is."""
    assert said(Hints(path=path)) == columns


@pytest.mark.parametrize(
    ("types", "columns"),
    [
        (set(), set()),
        ({"newsarticle"}, {"type_article"}),
        ({"og:product", "itemlist"}, {"type_product", "type_list"}),
        ({"qapage"}, {"type_forum"}),
        ({"person"}, set()),
    ],
)
def test_declared_types(types: set[str], columns: set[str]) -> None:
    """Types of JSON-LD and OpenGraph, by the kind of page they stand for."""
    assert said(Hints(types=frozenset(types))) == columns


@pytest.mark.parametrize(
    ("hints", "forum"),
    [
        (Hints(), False),
        (Hints(path="/threads/one.12"), True),
        (Hints(path="/thread-12.html"), True),
        (Hints(path="/community-centre"), False),
        (Hints(types=frozenset({"discussionforumposting"})), True),
        (Hints(types=frozenset({"article"}), path="/blog/forums-are-dead"), False),
    ],
)
def test_forums(hints: Hints, forum: bool) -> None:
    """A forum is known by its types or its address."""
    assert hints.is_forum is forum
