"""Pages that no one would write: no text is lost, nothing ends the writer, time stays linear."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reader_stream.document.markdown import Memo, Written, write
from reader_stream.model import MarkdownStyle, RenderOptions

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_DEEP = lxml.html.HTMLParser(huge_tree=True)


def convert(source: str, options: RenderOptions | None = None, memo: Memo | None = None) -> Written:
    """The markdown of a page of any depth."""
    root = lxml.html.document_fromstring(f"<body>{source}</body>", parser=_DEEP)
    return write(root, base_url="https://ex.com/", options=options or RenderOptions(), memo=memo)


def shown(markdown: str) -> str:
    """The text that a parser shows, without white space."""
    body = lxml.html.document_fromstring(f"<body>{_PARSER.render(markdown)}</body>")
    return re.sub(r"\s", "", "".join(body.itertext()))


_TAGS = """
a abbr article aside b blockquote caption center cite code dd details div dl dt em fieldset figcaption
figure font footer form h1 h2 h4 i ins kbd label legend li main mark menu nav ol p pre q ruby rt s section
small span strong sub summary sup table tbody td th thead tr tt u ul textarea x-card
"""
_ATTRIBUTES = ["", "", "", ' href="/x"', ' class="language-js"', ' colspan="2"', ' start="3"', ' title="t"']


def _soup(words: list[str], tags: list[tuple[str, str, int]]) -> str:
    """Words between tags that open and close anywhere."""
    parts: list[str] = []
    for index, (tag, attributes, closing) in enumerate(tags):
        parts.append(f"<{tag}{attributes}>{words[index % len(words)]}{index} ")
        if closing:
            parts.append(f"</{tag}>")
    return "".join(parts)


_TAG = st.tuples(st.sampled_from(_TAGS.split()), st.sampled_from(_ATTRIBUTES), st.integers(0, 2))
_SOUP = st.builds(
    _soup,
    st.lists(
        st.sampled_from(["word", "x*", "[y", "_z_", "1.", "`", "&lt;q", "|", "Z"]), min_size=1, max_size=5
    ),
    st.lists(
        st.tuples(st.sampled_from(_TAGS.split()), st.sampled_from(_ATTRIBUTES), st.integers(0, 2)),
        max_size=14,
    ),
)
_OPTIONS = st.builds(
    RenderOptions,
    no_gfm=st.sampled_from([False, True, "table"]),
    style=st.builds(
        MarkdownStyle,
        heading_style=st.sampled_from(["atx", "setext"]),
        link_style=st.sampled_from(["inlined", "referenced", "discarded"]),
        link_reference_style=st.sampled_from(["full", "collapsed", "shortcut"]),
    ),
)


@settings(max_examples=200, deadline=None)
@given(_SOUP, _OPTIONS)
def test_no_text_of_any_page_is_lost(source: str, options: RenderOptions) -> None:
    """Each word of a page, however it is nested, is in what a parser reads from the markdown."""
    root = lxml.html.document_fromstring(f"<body>{source}</body>")
    expected = re.findall(r"[A-Za-z]+\d+", "".join(root.itertext()))
    text = shown("\n\n".join(convert(source, options).blocks))
    assert [word for word in expected if word not in text] == []


@settings(max_examples=100, deadline=None)
@given(_SOUP, _SOUP, _SOUP, _OPTIONS)
def test_a_memo_changes_nothing(first: str, second: str, third: str, options: RenderOptions) -> None:
    """A page that grows and changes is written the same with a memo as without."""
    memo = Memo()
    pages = [first, f"{first}<div>{second}</div>{third}", f"{third}<div>{second}</div>{first}", first]
    for page in pages:
        assert convert(page, options, memo) == convert(page, options)


def test_a_memo_numbers_anew() -> None:
    """Images and links of a remembered block get the numbers of their new place."""
    memo = Memo()
    options = RenderOptions(style=MarkdownStyle(link_style="referenced"))
    block = "<p>x <img src=/i.png alt=I> <a href=/l>l</a></p>"
    assert len(memo) == 0
    convert(f"<p>a</p>{block}<p>b</p>", options, memo)
    page = f"<p>a <img src=/first.png></p><p><a href=/first>f</a></p>{block}<p>b</p>"
    written = convert(page, options, memo)
    assert written == convert(page, options)
    assert written.blocks[2] == "x ![Image 2: I](https://ex.com/i.png) [l][2]"


_NESTING = "div|span|b|blockquote|ul><li|table><tr><td|a href=x|code|sub|h1|math|pre|dl><dd"


@pytest.mark.parametrize("tag", _NESTING.split("|"))
def test_two_thousand_levels(tag: str) -> None:
    """Depth ends nothing and loses nothing."""
    levels = 2000 // (1 + tag.count(">")) - 20
    source = "".join(f"<{tag}>t{level}x " for level in range(levels))
    text = "\n\n".join(convert(source).blocks)
    assert [level for level in range(levels) if f"t{level}x" not in text] == []


def test_deep_lists_are_read_by_parsers() -> None:
    """Parsers stop at some depth; what is nested deeper is written flat, so that they read all of it."""
    source = "".join(f"<ul><li>t{level}x" for level in range(60)) + "".join(
        f"<blockquote>q{level}x" for level in range(60)
    )
    text = shown("\n\n".join(convert(source).blocks))
    assert all(f"t{level}x" in text and f"q{level}x" in text for level in range(60))


def test_fifty_thousand_paragraphs() -> None:
    """Each paragraph of a very long page is a block."""
    written = convert("".join(f"<p>para {number}</p>" for number in range(50_000)))
    assert len(written.blocks) == 50_000
    assert written.blocks[-1] == "para 49999"


_LONG: list[Callable[[int], str]] = [
    lambda n: "<ul>" + "<li>para <b>x</b>" * n,
    lambda n: "<li>x" * n,
    lambda n: "<table>" + "<tr><td>a<td>b" * n,
    lambda n: "<p>" + "a <b>b</b> [c] *d " * n,
    lambda n: "<p>" + "<br>a" * n,
    lambda n: "<p>" + "*_`~[]<&$!" * n,
    lambda n: "<p>" + "- " * n + "<p>" + "\\" * n + "<p>" + "[a](b)" * n,
    lambda n: "<pre>" + "<span class=ln>1</span>x\n" * n,
    lambda n: "<a href=q>" + "<p>x" * n,
    lambda n: "<table><tr>" + "<td rowspan=1000 colspan=1000>a" * (n // 20) + "<tr><td>x" * n,
    lambda n: "<p><img srcset='" + "a " * n + "'><a href='" + " (" * n + "'>x</a>",
]


@pytest.mark.parametrize("page", _LONG)
def test_time_is_linear(page: Callable[[int], str]) -> None:
    """Four times the page takes nowhere near sixteen times as long."""

    def cost(size: int) -> float:
        source = page(size)
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            convert(source)
            best = min(best, time.process_time() - start)
        return best

    assert any(cost(8000) < 10 * cost(2000) + 0.02 for _ in range(3))  # a crowded machine may spoil one
