"""Round trip: HTML -> markdown -> (markdown-it-py) -> HTML says what the page said."""

from __future__ import annotations

from typing import Any

import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reader_stream.document.markdown import write
from reader_stream.model import MarkdownStyle, RenderOptions
from tests.document.outline import outline

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def read_back(markdown: str) -> Any:
    """The tree that a CommonMark and GFM parser makes of markdown."""
    return lxml.html.document_fromstring(f"<body>{_PARSER.render(markdown)}</body>").find("body")


def written(source: str, options: RenderOptions) -> str:
    """The markdown of a page."""
    root = lxml.html.document_fromstring(f"<body>{source}</body>")
    return "\n\n".join(write(root, base_url="https://ex.com/", options=options).blocks)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_TRAPS = r"""
1. x|10) x|# x|#|- x|+|> q|---|===|***|* * *|```|~~~|[a](b)|[a]: b|[a][b]|![x](y)|&amp;amp;|&lt;b&gt;
&lt;!-- c|&lt;div&gt;|**b**|_e_|`c`|~~s~~|a_b_c|snake_case_word|2 * 3 * 4|http://x.y/_z_|\|a\|\*|[ ] t|[x]|(c)
"""
_CHARS = "ab1 .,:!*_`~[]()<>#+-=|\\&\"'$中。\u201cé€"


def _tagged(tag: str, inside: str) -> str:
    opening = f'a href="https://ex.com/{len(inside)}"' if tag == "a" else tag
    return f"<{opening}>{inside}</{tag}>"


def _element(tags: str, inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(_tagged, st.sampled_from(tags.split()), inside)


def _several(inside: st.SearchStrategy[str], least: int = 1, most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(inside, min_size=least, max_size=most).map("".join)


def _chars(chars: str, most: int) -> st.SearchStrategy[str]:
    return st.text(st.sampled_from(chars), min_size=1, max_size=most).map(_escaped)


_TEXT = (
    _chars(_CHARS, 9)
    | st.sampled_from(_TRAPS.strip().replace("\n", "|").split("|"))
    | st.sampled_from(["word", " and ", "some text ", "|", "|-|", "a | b"])
)
_SPAN = st.recursive(
    _TEXT | _TEXT | _element("code", _chars("ab `*_<>\\&|[]", 6)) | st.just("<br>"),
    lambda inner: _element("em strong b i del a span", _several(inner, least=0)),
    max_leaves=6,
)
_LINE = _several(_SPAN, most=5)
_ROW = st.builds(
    lambda tag, first, second: f"<tr><{tag}>{first}</{tag}><td>{second}</td></tr>",
    st.sampled_from(["td", "th"]),
    _LINE,
    _LINE,
)
_LEAF = st.one_of(
    _element("p div h1 h2 h3 h6", _LINE),
    _element("table", _several(_ROW)),
    _element("pre", _chars("ab `~\n <*#", 20)),
    st.just("<hr>"),
)


def _list(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    item = st.builds(lambda line, rest: f"<li>{line}{rest}</li>", _LINE, _several(inner, least=0, most=2))
    opening = st.sampled_from(["ul", "ol", 'ol start="7"', 'ol start="0"'])
    return st.builds(lambda tag, items: f"<{tag}>{items}</{tag[:2]}>", opening, _several(item))


_CONTENT = st.recursive(
    _LEAF, lambda inner: _list(inner) | _element("blockquote div", _several(inner)), max_leaves=5
)
_PAGE = _several(_CONTENT, most=4)
_STYLE = st.builds(
    MarkdownStyle,
    heading_style=st.sampled_from(["atx", "setext"]),
    hr=st.sampled_from(["* * *", "---", "___"]),
    bullet_list_marker=st.sampled_from("-+*"),
    em_delimiter=st.sampled_from("_*"),
    strong_delimiter=st.sampled_from(["**", "__"]),
)


@settings(max_examples=150, deadline=None)
@given(_PAGE, _STYLE)
def test_a_page_reads_back_as_it_was(source: str, style: MarkdownStyle) -> None:
    """Text, blocks, lists, code, emphasis and links survive, in every style."""
    markdown = written(source, RenderOptions(style=style))
    expected = outline(lxml.html.document_fromstring(f"<body>{source}</body>").find("body"))
    assert outline(read_back(markdown)) == expected, markdown
