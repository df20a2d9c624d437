"""Every option of the markdown writer."""

from __future__ import annotations

from typing import Any

import lxml.html
import pytest

from reader_stream.document.markdown import Written, write
from reader_stream.model import MarkdownStyle, RenderOptions


def render(source: str, style: dict[str, Any] | None = None, **options: Any) -> Written:
    """The markdown of a fragment under options."""
    root = lxml.html.document_fromstring(f"<body>{source}</body>")
    chosen = RenderOptions(style=MarkdownStyle(**(style or {})), **options)
    return write(root, base_url="https://ex.com/dir/page", options=chosen)


def text(source: str, style: dict[str, Any] | None = None, **options: Any) -> str:
    """The content of `render`."""
    return "\n\n".join(render(source, style, **options).blocks)


_LINK = '<p><a href="/a">text</a> and <a href="https://o.org/b">more</a> words <a href="/a">again</a></p>'


@pytest.mark.parametrize(
    ("source", "style", "expected"),
    [
        (
            "<h1>A</h1><h2>Bcde</h2><h3>C</h3>",
            {"heading_style": "setext"},
            "A\n===\n\nBcde\n----\n\n### C",
        ),
        ("<hr>", {"hr": "---"}, "---"),
        ("<ul><li>a<li><hr></ul><ul><li>b</ul>", {"bullet_list_marker": "-"}, "- a\n- ___\n\n* b"),
        ("<i>a</i> <b>b</b>", {"em_delimiter": "*", "strong_delimiter": "__"}, "*a* __b__"),
        ("<b><i>x</i></b>", {"em_delimiter": "*"}, "__*x*__"),
        (_LINK, {"link_style": "discarded"}, "text and more words again"),
        (
            _LINK,
            {"link_style": "referenced"},
            "[text][1] and [more][2] words [again][1]\n\n[1]: https://ex.com/a\n[2]: https://o.org/b",
        ),
        (
            _LINK,
            {"link_style": "referenced", "link_reference_style": "collapsed"},
            "[text][] and [more][] words [again][]\n\n"
            "[text]: https://ex.com/a\n[more]: https://o.org/b\n[again]: https://ex.com/a",
        ),
        (
            '<a href="/a">x</a> <a href="/b">X</a>: <a href="/a">x</a>: <a href="/c">[y]</a>',
            {"link_style": "referenced", "link_reference_style": "shortcut"},
            "[x] [X][1]: [x][]: [\\[y\\]]\n\n[x]: https://ex.com/a\n[1]: https://ex.com/b\n[\\[y\\]]: https://ex.com/c",
        ),
        (
            '<a href="/a">1</a> <a href="/b"><img src="/i.png"></a> [2]',
            {"link_style": "referenced", "link_reference_style": "collapsed"},
            "[1][] [![Image 1](https://ex.com/i.png)][2] \\[2\\]\n\n[1]: https://ex.com/a\n[2]: https://ex.com/b",
        ),
    ],
)
def test_style(source: str, style: dict[str, Any], expected: str) -> None:
    """Styles change how markdown is written, not what it says."""
    assert text(source, style) == expected


@pytest.mark.parametrize(
    ("retain", "expected"),
    [
        ("all", "[text](https://ex.com/a) and [more](https://o.org/b) words [again](https://ex.com/a)"),
        ("none", "and words"),
        ("text", "text and more words again"),
        ("gpt-oss", "【1†text†ex.com】 and 【2†more†o.org】 words 【3†again†ex.com】"),
    ],
)
def test_retain_links(retain: str, expected: str) -> None:
    """Links stay, go with their text, leave their text, or become citations."""
    assert text(_LINK, retain_links=retain) == expected


@pytest.mark.parametrize("retain", ["all", "none", "text", "gpt-oss"])
def test_links_are_listed_whatever_is_retained(retain: str) -> None:
    """The list of links is the page's."""
    listed = render(_LINK + "<h2><a href=c>head</a></h2>", retain_links=retain).links
    assert listed == (
        ("text", "https://ex.com/a"),
        ("more", "https://o.org/b"),
        ("again", "https://ex.com/a"),
        ("head", "https://ex.com/dir/c"),
    )


_IMAGES = """<p>a <img src="/1.png" alt="One *"> b <img src="/2.png"> c
<img src="data:image/png;base64,AA" alt="d"></p>"""


@pytest.mark.parametrize(
    ("retain", "expected"),
    [
        ("all", "a ![Image 1: One *](https://ex.com/1.png) b ![Image 2](https://ex.com/2.png) c"),
        ("all_p", "a ![Image 1: One *](https://ex.com/1.png) b ![Image 2](https://ex.com/2.png) c"),
        ("alt", "a (Image 1: One *) b (Image 2) c"),
        ("alt_p", "a (Image 1: One *) b (Image 2) c"),
        ("none", "a b c"),
    ],
)
def test_retain_images(retain: str, expected: str) -> None:
    """Images stay, become their description, or go; they are numbered and listed in any case."""
    written = render(_IMAGES, retain_images=retain)
    assert "\n\n".join(written.blocks) == expected
    assert written.images == (("Image 1: One *", "https://ex.com/1.png"), ("Image 2", "https://ex.com/2.png"))


def test_keep_img_data_url() -> None:
    """Images that are only `data:` are kept when asked for."""
    assert text('<img src="data:image/png;base64,AA" alt="d">', keep_img_data_url=True) == (
        "![Image 1: d](data:image/png;base64,AA)"
    )


_GFM = """<table><caption>Cap</caption><tr><th>a<th>b<tr><td>1 | 2<td><a href=x>l</a><br>
<img src=/i.png alt=I><tr><td colspan=2 class=c>w</table><s>old</s><ul><li><input type=checkbox>t</ul>"""


def test_plain_markdown_has_no_tables_and_no_strikethrough() -> None:
    """Without GFM a table is its rows, struck text is HTML."""
    assert text(_GFM, no_gfm=True) == (
        "Cap\n\na | b  \n1 | 2 | [l](https://ex.com/dir/x) ![Image 1: I](https://ex.com/i.png)  \nw\n\n"
        "<del>old</del>\n\n* [ ] t"
    )


def test_tables_may_stay_html() -> None:
    """`no_gfm` table keeps the table's HTML, bare, with absolute addresses, in one block."""
    written = render(_GFM, no_gfm="table")
    assert written.blocks == (
        "<table><caption>Cap</caption><tr><th>a</th><th>b</th></tr><tr><td>1 | 2</td><td>"
        '<a href="https://ex.com/dir/x">l</a><br> <img src="https://ex.com/i.png" alt="Image 1: I"></td></tr>'
        '<tr><td colspan="2">w</td></tr></table>',
        "~~old~~",
        "* [ ] t",
    )
    assert written.links == (("l", "https://ex.com/dir/x"),)
    assert written.images == (("Image 1: I", "https://ex.com/i.png"),)


@pytest.mark.parametrize(("quoted", "expected"), [(False, "a\n\nin\n\nb"), (True, "a\n\n> in\n\nb")])
def test_frames(quoted: bool, expected: str) -> None:
    """A frame's content stands in its place, as a quote when asked for; a shadow root's always plain."""
    source = 'a<div data-rs-frame="https://f.org/"><p>in</p></div><div data-rs-shadow><p>b</p></div>'
    assert text(source, quote_frames=quoted) == expected


def test_link_text_names_the_image_in_it() -> None:
    """In the list of links an image is its description, apart from the words beside it."""
    assert render("<a href=/p><img src=/i.jpg alt=I>Name <b>$5</b></a>").links == (
        ("I Name $5", "https://ex.com/p"),
    )
