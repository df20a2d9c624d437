"""What a page says of itself."""

from __future__ import annotations

import json

import pytest

from reader_stream.document.html import parse
from reader_stream.document.metadata import Metadata, collect
from reader_stream.document.metadata_dates import normal_date


def about(head: str, body: str = "") -> Metadata:
    """Metadata of a page at http://a.test/x."""
    return collect(
        parse(f"<html lang=de_AT><head>{head}</head><body>{body}</body></html>"), "http://a.test/x"
    )


def ld(**thing: object) -> str:
    """A JSON-LD script."""
    return f'<script type="application/ld+json">{json.dumps(thing)}</script>'


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>A title</title>", "", "A title"),
        ("<title>A title | Site</title><meta property=og:site_name content=Site>", "", "A title"),
        ("<title>Site - A title</title><meta property=og:site_name content='Site'>", "", "A title"),
        ("<title>A title - B - Site</title>", "<h1>A title</h1>", "A title"),
        ("<title>x</title><meta property=og:title content='A &amp; title'>", "", "A & title"),
        ("", "<h1>A <b>title</b></h1>", "A title"),
        (ld(**{"@type": "NewsArticle", "headline": "A title"}), "", "A title"),
        ("<title>Well-known — things: all</title>", "", "Well-known — things: all"),
        ("<title>A title | A</title>", "", "A title"),
        ("<title>Site: B :: A title</title>", "<h1>Other</h1><h1>A title</h1>", "A title"),
        ("", "", ""),
    ],
)
def test_title(head: str, body: str, title: str) -> None:
    """The title is the page's, not the site's."""
    assert about(head, body).title == title


def test_json_ld() -> None:
    """JSON-LD is read through graphs and lists, for articles of any kind."""
    graph = {
        "@graph": [
            {"@type": "Organization", "name": "Org"},
            {
                "@type": ["Thing", "BlogPosting"],
                "author": [{"name": "Ann"}, {"name": "Bob"}, {"name": "Ann"}],
                "datePublished": "2020-01-02T03:04:05Z",
                "dateModified": "2020-02-03",
                "publisher": {"name": "The Site"},
                "image": {"url": "/i.png"},
            },
        ]
    }
    found = about(ld(**graph))
    assert found.published_time == "2020-01-02T03:04:05+00:00"
    assert found.extra["author"] == "Ann, Bob"
    assert found.extra["modifiedTime"] == "2020-02-03"
    assert found.extra["siteName"] == "The Site"
    assert found.extra["image"] == "http://a.test/i.png"
    assert found.extra["lang"] == "de-AT"
    assert "blogposting" in found.types


@pytest.mark.parametrize("broken", ["{", "[1, null, {}]", '{"@graph": 3}', '{"@type": {"a": 1}}', "[" * 5000])
def test_broken_json_ld(broken: str) -> None:
    """Broken JSON-LD is passed over."""
    assert about(f"<title>t</title><script type='application/ld+json'>{broken}</script>").title == "t"


def test_a_headline_that_the_page_shows_is_its_title() -> None:
    """JSON-LD's headline, where it is a heading too; entities in it and in names are read."""
    thing = {"@type": "Article", "headline": "Q &amp; A", "author": "Ann O&#039;Hara", "inLanguage": "nl"}
    found = collect(
        parse(ld(**thing) + "<title>Home</title><h1>Other</h1><h1>Q &amp; A</h1>"), "http://a.test/"
    )
    assert (found.title, found.extra["author"], found.extra["lang"]) == ("Q & A", "Ann O'Hara", "nl")


def test_meta_tags() -> None:
    """Meta tags give author, dates, description, canonical URL."""
    found = about(
        "<meta name=author content='By Ann Smith'>"
        "<meta property='article:published_time' content='2021-05-06'>"
        "<meta name=description content=' a  b '><link rel=canonical href=/canonical>"
    )
    assert found.extra["author"] == "Ann Smith"
    assert found.published_time == "2021-05-06"
    assert found.description == "a b"
    assert found.extra["canonical"] == "http://a.test/canonical"


def test_visible_marks() -> None:
    """Without any of that, the visible byline and `<time>` speak."""
    body = "<article><span class=byline>Von Karl</span><time datetime=2019-08-07>gestern</time></article>"
    found = about("", body)
    assert found.extra["author"] == "Karl"
    assert found.published_time == "2019-08-07"


def test_date_in_the_url() -> None:
    """A day in the URL is the last resort."""
    assert collect(parse("<p>a"), "http://a.test/2020/05/06/title").published_time == "2020-05-06"
    assert collect(parse("<p>a"), "http://a.test/2020/15/06/title").published_time is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2020-01-02", "2020-01-02"),
        ("2020-01-02T10:00Z", "2020-01-02T10:00:00+00:00"),
        ("Tue, 10 Jun 2003 04:00:00 EST", "2003-06-10T04:00:00-05:00"),
        ("Jun 3, 2020 5:00 PM XYZ", "2020-06-03T17:00:00"),
        ("May 12", None),
        ("yesterday", None),
        ("2999-01-01", None),
        ("9" * 50, None),
    ],
)
def test_normal_date(text: str, date: str | None) -> None:
    """Dates are ISO 8601; what needs today's date to be read is none."""
    assert normal_date(text) == date
