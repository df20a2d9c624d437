"""A page as a list of text blocks with the block-level nodes around them.

A *block* is a run of text that nothing breaks: what a browser would lay out as one paragraph. A *node*
is a block-level element; blocks lie in document order, so a node is a range of them, and prefix sums
give any node's amount of text, links or long text at once.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from reader_stream.document.clean_hidden import HIDDEN
from reader_stream.document.html import Element
from reader_stream.document.text import BLOCKS

SKIPPED = frozenset(
    {
        "audio", "canvas", "datalist", "embed", "head", "iframe", "input", "map", "math", "noembed",
        "noframes", "noscript", "object", "script", "select", "style", "svg", "template", "textarea",
        "video",
    }
)  # fmt: skip
BREAKING = BLOCKS | {"button", "td", "th", "body", "iframe"}
BOLD = frozenset({"b", "strong"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

LONG_CHARS = 80
"""A block with this much text outside of links is prose rather than a label (Boilerpipe's and jusText's
length thresholds lie between 70 and 140)."""

MOST_COPIES = 20
"""More copies of one text are not told apart."""

NAME_CHARS = 200
"""What is read of a node's names."""

_LOWER_WORD = re.compile(r"[a-z]{3,}")
_NAME_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class Kind(NamedTuple):
    """What elements with the same tag, class, id and role have in common; number `number` of `Page.kinds`.

    `names` are the words of class, id and role, `shape` the tag and the class.
    """

    number: int
    tag: str
    names: tuple[str, ...]
    shape: tuple[str, str]


class Node:
    """A block-level element, `index` in `Page.nodes`; `start` and `end` are the range of its blocks, `under`
    its tag and those of the nodes above it, but for the root's, and `HIDDEN` where one of them is."""

    __slots__ = (
        "depth", "element", "end", "index", "kind", "names", "parent", "shape", "start", "tag", "under",
    )  # fmt: skip

    def __init__(
        self, element: Element, kind: Kind, parent: Node | None, under: frozenset[str], start: int, index: int
    ) -> None:
        self.index = index
        self.element = element
        self.kind = kind.number
        self.tag = kind.tag
        self.names = kind.names
        self.shape = kind.shape
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.under = under
        self.start = self.end = start


class Block:
    """One run of text: `places` are the text slots it is made of, as (element, is tail)."""

    __slots__ = ("bold", "link_chars", "node", "places", "text")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.places: list[tuple[Element, bool]] = []
        self.text = ""
        self.link_chars = 0
        self.bold = 0


class Page:
    """All blocks and nodes of a tree, with prefix sums over the blocks."""

    def __init__(self, body: Element) -> None:
        self.blocks: list[Block] = []
        self.nodes: list[Node] = []
        self._pieces: list[str] = []
        self._current: Block | None = None
        self._kinds: dict[tuple[str, str | None, str | None, str | None], Kind] = {}
        self._unders: dict[tuple[frozenset[str], str], frozenset[str]] = {}
        self._walk(body, body.tag, None, False, False)
        self.kinds = list(self._kinds.values())
        self.chars = [len(block.text) for block in self.blocks]
        self.words = [block.text.count(" ") + 1 for block in self.blocks]
        self.cum_chars = [0, *accumulate(self.chars)]
        self.cum_links = [0, *accumulate(block.link_chars for block in self.blocks)]
        self.long = [
            chars if chars - block.link_chars >= LONG_CHARS else 0
            for block, chars in zip(self.blocks, self.chars, strict=True)
        ]
        self.cum_long = [0, *accumulate(self.long)]

    def copy_ranks(self) -> list[int]:
        """For each block how many copies of its text come before it in other places; hidden ones come last.

        Copies in one container are meant (verses, filler text), those in another one are the same text
        laid out twice.
        """
        shown = {block.text for block in self.blocks if HIDDEN not in block.node.under}
        seen: dict[str, list[Node | None]] = {}
        ranks = []
        for block in self.blocks:
            node, text = block.node, block.text
            places = seen.get(text)
            if places is None:  # most texts stand on a page once
                seen[text] = [node.parent]
                before = 0
            else:
                before = sum([place is not node.parent for place in places])
                if len(places) < MOST_COPIES:
                    places.append(node.parent)
            ranks.append(1 if not before and HIDDEN in node.under and text in shown else before)
        return ranks

    def forget_tree(self) -> None:
        """Let go of the tree; features can still be had of what is left, pruning cannot."""
        for node in self.nodes:
            node.element = None
        for block in self.blocks:
            block.places = [(None, False)] * len(block.places)

    def _walk(self, element: Element, tag: str, parent: Node | None, in_link: bool, in_bold: bool) -> None:
        hides = element.get(HIDDEN) is not None
        breaks = hides or tag in BREAKING
        if breaks or parent is None:
            if self._current is not None:
                self._close()
            node = self._open_node(element, tag, parent, hides)
        else:
            node = parent
            in_link = in_link or tag == "a"
            in_bold = in_bold or tag in BOLD
        if text := element.text:
            self._add(element, text, node, False, in_link, in_bold)
        before = last = None
        for child in element if len(element) else ():
            child_tag = child.tag
            if child_tag == "br":
                if before == "br" and not (last or "").strip():
                    self._close()
                elif self._pieces:
                    self._pieces.append("\n")
            elif child_tag not in SKIPPED and isinstance(child_tag, str):
                self._walk(child, child_tag, node, in_link, in_bold)
            before, last = child_tag, child.tail
            if last:
                self._add(child, last, node, True, in_link, in_bold)
        if node is not parent:
            if self._current is not None:
                self._close()
            node.end = len(self.blocks)

    def _open_node(self, element: Element, tag: str, parent: Node | None, hides: bool) -> Node:
        get = element.get
        key = (tag, get("class"), get("id"), get("role"))
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _kind(len(self._kinds), *key)
        under = self._under(parent.under, tag) if parent is not None else frozenset()
        if hides:
            under |= {HIDDEN}
        node = Node(element, kind, parent, under, len(self.blocks), len(self.nodes))
        self.nodes.append(node)
        return node

    def _under(self, above: frozenset[str], tag: str) -> frozenset[str]:
        """The tags above and this one; a page has few such sets, so that they are made once."""
        if tag in above:
            return above
        under = self._unders.get((above, tag))
        if under is None:
            under = self._unders[above, tag] = above | {tag}
        return under

    def _add(
        self,
        element: Element,
        text: str,
        node: Node,
        is_tail: bool,
        in_link: bool,
        in_bold: bool,
    ) -> None:
        if text.isspace():
            if self._pieces:
                self._pieces.append(" ")
            return
        block = self._current
        if block is None:
            block = self._current = Block(node)
        block.places.append((element, is_tail))
        self._pieces.append(text)
        if in_link:
            block.link_chars += len(text)
        if in_bold:
            block.bold += len(text)

    def _close(self) -> None:
        block = self._current
        if block is None:
            return
        block.text = " ".join("".join(self._pieces).split())
        block.link_chars = min(block.link_chars, len(block.text))
        self.blocks.append(block)
        self._current = None
        self._pieces = []


def _kind(index: int, tag: str, classes: str | None, identity: str | None, role: str | None) -> Kind:
    name = f"{classes or ''} {identity or ''} {role or ''}"
    return Kind(index, tag, _words_of(name[:NAME_CHARS]) if len(name) > 2 else (), (tag, classes or ""))


def _words_of(name: str) -> tuple[str, ...]:
    if name.islower():  # as most are: three times as quick
        return tuple(dict.fromkeys(_LOWER_WORD.findall(name)))
    words = [word.lower() for word in _NAME_WORD.findall(name) if len(word) > 2]
    return tuple(dict.fromkeys(words))
