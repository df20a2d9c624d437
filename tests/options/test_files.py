"""Options hold for what is no page, too: markdown, feeds and files."""

from __future__ import annotations

import base64

import pytest

from tests.options.test_pairs import read
from tests.service import Service

NAMED = "http://m.example/readme.md"
README = "# Title\n\n* a ![pic](/p.png)\n* b [link](/l)\n\n| x | y |\n| - | - |\n| 1 | 2 |\n\n~~old~~\n"
FEED = (
    "<rss><channel><title>News</title>"
    "<item><title>One</title><link>http://f.example/1/</link><description>&lt;p&gt;first "
    "&lt;img src='i.png' alt='pic'&gt;&lt;/p&gt;</description></item>"
    "<item><title>Two</title><link>http://f.example/2/</link><description>&lt;p&gt;second "
    "&lt;img src='i.png' alt='pic'&gt; &lt;a href='more'&gt;more&lt;/a&gt;&lt;/p&gt;</description></item>"
    "</channel></rss>"
)


def file(text: str) -> str:
    """A file's content as a body has it."""
    return base64.b64encode(text.encode()).decode()


def test_markdown_of_ones_own_stays_as_it_was(service: Service) -> None:
    """Byte for byte, unless an option asks for another way to write it."""
    assert read(service, file=file(README), url=NAMED)["markdown"] == README.strip()
    summed = read(service, file=file(README), url=NAMED, withLinksSummary=True, withImagesSummary=True)
    assert summed["markdown"] == README.strip()
    assert summed["links"] == {"link": "http://m.example/l"}
    assert summed["images"] == {"Image 1: pic": "http://m.example/p.png"}


@pytest.mark.parametrize(
    ("options", "has", "hasnt"),
    [
        ({"retainLinks": "text"}, "* b link", "/l"),
        ({"retainImages": "alt"}, "* a (Image 1: pic)", "p.png"),
        ({"noGfm": True}, "x | y", "| x |"),
        ({"markdown": {"headingStyle": "setext", "bulletListMarker": "-"}}, "Title\n=====\n\n- a", "*"),
    ],
    ids=str,
)
def test_options_hold_for_markdown_of_ones_own(
    options: dict[str, object], has: str, hasnt: str, service: Service
) -> None:
    """Links, images, tables and style are written as they are of a page."""
    markdown = read(service, file=file(README), url=NAMED, **options)["markdown"]
    assert has in markdown
    assert hasnt not in markdown


def test_options_hold_for_feeds(service: Service) -> None:
    """Images are numbered through all entries, links are relative to theirs, styles hold."""
    data = read(service, file=file(FEED), withImagesSummary=True, withLinksSummary="all")
    assert "![Image 1: pic](http://f.example/1/i.png)" in data["markdown"]
    assert "![Image 2: pic](http://f.example/2/i.png)" in data["markdown"]
    assert list(data["images"]) == ["Image 1: pic", "Image 2: pic"]
    assert [text for text, _ in data["links"]] == ["One", "Two", "more"]
    cited = read(service, file=file(FEED), retainLinks="gpt-oss", markdown={"headingStyle": "setext"})
    assert "【1†One†f.example】\n---" in cited["markdown"]
    assert "【3†more†f.example】" in cited["markdown"]
