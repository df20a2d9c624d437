"""Dates and bylines that only readers see."""

from __future__ import annotations

import pytest

from reader_stream.document.html import parse
from reader_stream.document.metadata import collect
from reader_stream.document.metadata_visible import Seen, look

PROSE = "<p>" + "Whatever was written by Mark Twain on 1 May 1880 is in this long paragraph. " * 4 + "</p>"


@pytest.mark.parametrize(
    ("after", "seen"),
    [
        ("<p>By <b>John Smith</b> on March 4, 2022</p>", Seen("2022-03-04", "", "John Smith")),
        ("<p>By <a>Ann Lee</a> and <a>Bo van der Berg</a></p><p>4th of March 2022</p>",
         Seen("2022-03-04", "", "Ann Lee, Bo van der Berg")),
        ("<p>Published 12 March 2021 by Ann Lee</p>", Seen("2021-03-12", "", "Ann Lee")),
        ("<p>Updated: 2021/03/14</p><p>Published: 2021-03-12</p>", Seen("2021-03-12", "2021-03-14")),
        ("<p>Von Jürgen Groß, 3. März 2020</p>", Seen("2020-03-03", "", "Jürgen Groß")),
        ("<p>Par Zoé Petit le 1er août 2019</p>", Seen("2019-08-01", "", "Zoé Petit")),
        ("<p>5 de enero de 2018</p>", Seen("2018-01-05")),
        ("<p>2024年3月4日</p>", Seen("2024-03-04")),
        ("<p>04.05.2020</p>", Seen("2020-05-04")),
        ("<p>By Tom</p>", Seen(author="Tom")),
        ("<p>By Jane Doe December 2, 2019</p>", Seen("2019-12-02", "", "Jane Doe")),
        ("<p>Version 2020.13.45, 99/99/2020, by hand</p>", Seen()),
        (PROSE, Seen()),
        ("<nav><a>by Ann Lee</a> 1 May 2020</nav>", Seen()),
        ("<script>'by Ann Lee 1 May 2020'</script>", Seen()),
        ("", Seen()),
    ],
)  # fmt: skip
def test_beside_the_heading(after: str, seen: Seen) -> None:
    """What stands between the heading and the first paragraph."""
    assert look(parse(f"<header>1 May 1999</header><h1>Title</h1>{after}{PROSE}")) == seen


@pytest.mark.parametrize(
    ("element", "seen"),
    [
        ("<span class=post-date>1 May 2020</span>", Seen("2020-05-01")),
        ("<div class=author-name>Ann Lee</div>", Seen(author="Ann Lee")),
        ("<a rel=author>Ann</a>", Seen(author="Ann")),
        ("<div class=author><p>Ann Lee is a writer.</p></div>", Seen()),
        ("<div class=related-posts><span class=post-date>1 May 2020</span></div>", Seen()),
        ("<footer><span class=post-date>1 May 2020</span></footer>", Seen()),
        (f"<div class=meta>{PROSE}</div>", Seen()),
    ],
)
def test_where_a_class_says_so(element: str, seen: Seen) -> None:
    """Below the text, and not among what belongs to other pages."""
    assert look(parse(f"<h1>Title</h1>{PROSE}{element}")) == seen


@pytest.mark.parametrize(
    ("lang", "day"),
    [("en-US", "2020-04-05"), ("", "2020-04-05"), ("en-GB", "2020-05-04"), ("de", "2020-05-04")],
)
def test_order_of_day_and_month(lang: str, day: str) -> None:
    """By the page's language where a date can be read both ways, else as it can be read."""
    assert look(parse("<h1>T</h1><p>04/05/2020"), lang).published == day
    assert look(parse("<h1>T</h1><p>25/05/2020"), lang).published == "2020-05-25"


def test_what_is_declared_comes_first() -> None:
    """The visible text only fills what no markup tells."""
    page = parse("<html lang=en><meta name=author content='Ann Lee'><h1>T</h1><p>By Bob Ray, May 1, 2020</p>")
    found = collect(page, "http://a.test/")
    assert (found.extra["author"], found.published_time) == ("Ann Lee", "2020-05-01")
