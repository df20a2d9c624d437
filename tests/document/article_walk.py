"""Pages of a few elements for the columns of the classifier, and what walking over their nodes tells.

The package reads all nodes at once, as arrays; here each node is asked by itself, slowly and plainly.
"""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st
from lxml import etree

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.clean_hidden import HIDDEN
from reader_stream.document.html import Element

PROSE = (
    "The committee met on Tuesday to discuss the harbour, its cranes, and the ships that wait outside of it. "
    "Nobody had expected the discussion to last until the evening, but it did, and it was worth it."
)
NOTE = "A note on the cranes, which have stood idle since the flood and are to be sold in spring"
VOCABULARY = Vocabulary(
    {"story": 1.0, "sidebar": -2.0, "entry": 0.5, "content": 1.5, "comment": -0.5},
    {"read": -1.0, "more": -3.0, "news": 2.0},
    {"committee": 1.0, "cranes": 0.5, "read": -2.0, "#0": -0.25},
    0.125,
)


class Signs(NamedTuple):
    """What a name says: rank of containers (9 none), dropped, unlikely, good (1) or bad (-1)."""

    rank: int = 9
    dropped: bool = False
    unlikely: bool = False
    weight: int = 0


NAMES = {
    "": Signs(),
    "entry-content": Signs(rank=1, weight=1),
    "story": Signs(rank=3, weight=1),
    "main-content": Signs(rank=4, weight=1),
    "sidebar": Signs(dropped=True, unlikely=True, weight=-1),
    "social": Signs(dropped=True, unlikely=True),
    "byline": Signs(dropped=True),
    "comment": Signs(unlikely=True, weight=-1),
    "yom": Signs(unlikely=True),
    "tool": Signs(weight=-1),
}
"""The names that pages are made of, and what rules are to read in them."""
_BODIES = ("", "sidebar", "story")
_TAGS = ("div", "div", "div", "p", "p", "section", "article", "main", "nav", "ul", "li", "h1", "h2", "pre")
_TEXTS = (
    ("", ""), ("", ""), ("Read more", ""), ("", "Read more"), ("$ 5", ""), ("Harbour news", ""),
    (NOTE, ""), (NOTE, "Read more"), (PROSE, ""), (PROSE + PROSE, ""), ("", PROSE), (PROSE, NOTE),
)  # fmt: skip
"""What stands in an element: text, and text in a link."""

_ELEMENTS = st.tuples(
    st.integers(0, 3),
    st.sampled_from(_TAGS),
    st.sampled_from(("", *NAMES)),
    st.sampled_from(_TEXTS),
    st.sampled_from((False, False, False, True)),
    st.sampled_from((1, 1, 1, 3)),
)
"""Levels up, tag, name, text, whether it is hidden, how many of the kind."""


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """Pages with text: each element stands in the one before it or up to three levels above."""
    body = etree.Element("body", {"class": draw(st.sampled_from(_BODIES))})
    path = [body]
    for up, tag, name, text, hidden, times in draw(st.lists(_ELEMENTS, min_size=2, max_size=14)):
        del path[max(1, len(path) - up) :]
        path.append([_add(path[-1], tag, name, text, hidden) for _ in range(times)][-1])
    etree.SubElement(body, "p").text = "The end."
    return Page(body)


def _add(parent: Element, tag: str, name: str, text: tuple[str, str], hidden: bool) -> Element:
    element = etree.SubElement(parent, tag, {"class": name})
    element.text, linked = text
    if linked:
        etree.SubElement(element, "a").text = linked
    if hidden:
        element.set(HIDDEN, "")
    return element


def above(node: Node) -> list[Node]:
    """The node and all above it, nearest first."""
    return [node, *above(node.parent)] if node.parent else [node]


def parent_of(node: Node) -> Node:
    """The node it stands in; the root's is the root."""
    return node.parent or node


class Held(NamedTuple):
    """The characters in a node: all, in links, in long blocks."""

    chars: int
    links: int
    long: int

    @property
    def link_share(self) -> float:
        """Of its text, in links."""
        return self.links / max(self.chars, 1)

    @property
    def long_share(self) -> float:
        """Of its text, in long blocks."""
        return self.long / max(self.chars, 1)


def held(page: Page, node: Node) -> Held:
    """What the blocks between a node's first and last hold together."""
    span = range(node.start, node.end)
    return Held(
        sum(page.chars[at] for at in span),
        sum(page.blocks[at].link_chars for at in span),
        sum(page.long[at] for at in span),
    )
