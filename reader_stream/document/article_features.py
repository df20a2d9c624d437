"""What the classifier of text blocks looks at: one row of numbers per block.

The columns stand in `COLUMNS`, in the order in which the model of article_model.json was trained on
them; benchmarks/extraction/train.py trains it from the very same rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log1p

from reader_stream.document.article_blocks import Block, Node, Page
from reader_stream.document.article_hints import HINTS, Hints
from reader_stream.document.article_names import KIND_OF, KINDS, Vocabulary
from reader_stream.document.article_places import PLACE, Places, ancestors, paragraph_votes
from reader_stream.document.article_rules import RULES, Rules
from reader_stream.document.article_words import WORDS, Words
from reader_stream.document.clean_hidden import HIDDEN

SHORT_WORDS = 8
"""Texts up to this many words are judged by their words too."""

TITLE_CHARS = 200
"""Longer texts are not compared with the page's title."""

GROUP_SIZE = 3
"""Siblings of one shape that make a group (a list of cards, posts, rows)."""

_TAGS = {
    "p": 1.0, "li": 2.0, "td": 3.0, "th": 3.0, "h1": 4.0, "h2": 5.0, "h3": 6.0, "h4": 7.0, "h5": 7.0,
    "h6": 7.0, "pre": 8.0, "blockquote": 9.0, "dd": 10.0, "dt": 10.0, "figcaption": 11.0, "caption": 11.0,
    "button": 12.0, "summary": 13.0, "div": 14.0, "section": 15.0, "article": 15.0,
}  # fmt: skip
_INSIDE = (
    "nav",
    "footer",
    "header",
    "aside",
    "form",
    "figure",
    "main",
    "section",
    "blockquote",
    "li",
    HIDDEN,
)
_WORD = re.compile(r"\w+")
_PRICE = re.compile(r"[$\u20ac\u00a3\u00a5]\s?\d|\d\s?(?:\u20ac|kr|z\u0142|USD|EUR|GBP)\b")
_NODE = ("chars", "links", "long", "share", "blocks", "name", "repeated")
_CHAIN = ("name_sum", "name_min", "name_max", "long_max", "link_min")
_TEXT = (
    "chars", "words", "links", "ends", "word_length", "text_score", "title", "copies", "rank",
    "tag", "lines",
)  # fmt: skip
_NEIGHBOUR = ("chars", "tag", "same")
_GROUP = ("size", "chars", "links", "long", "share", "levels")
_TOP = ("inside", "down", "up", "share", "rank", "links", "after")
_PAGE = (
    "chars", "links", "long", "paragraphs", "top_share", "top_long", "articles", "group_share", "hidden",
    "prices", "group_items", "group_chars", "comments",
)  # fmt: skip

COLUMNS: tuple[str, ...] = (
    *(f"text_{name}" for name in _TEXT),
    *(f"in_{tag}" for tag in _INSIDE),
    *(f"own_{name}" for name in _NODE),
    *(f"parent_{name}" for name in _NODE),
    *(f"grand_{name}" for name in _NODE),
    *(f"chain_{name}" for name in _CHAIN),
    *(f"kind_{name}" for name in KINDS),
    *(f"{side}_{name}" for side in ("before", "after") for name in _NEIGHBOUR),
    *(f"place_{name}" for name in PLACE),
    *(f"group_{name}" for name in _GROUP),
    *(f"top_{name}" for name in _TOP),
    *(f"page_{name}" for name in _PAGE),
    *HINTS,
    *(f"rule_{name}" for name in RULES),
    *(f"word_{name}" for name in WORDS),
)
_CHARS, _LINKS, _LONG, _SHARE, _BLOCKS, _NAME, _REPEATED = range(len(_NODE))
_AT_CHARS, _AT_SCORE, _AT_TITLE, _AT_TAG = (_TEXT.index(n) for n in ("chars", "text_score", "title", "tag"))


_NO_KINDS: Sequence[int | None] = (None,) * len(KINDS)


class _Chain:
    """A node's own numbers, and what it inherits from all nodes above it; `own_kinds` are what its names say.

    `kinds` holds for each kind the depth above the nearest node that is called so: its levels are the
    depth that is left, and what inherits it need not count.
    """

    __slots__ = ("group", "group_levels", "kinds", "row", "scores")

    def __init__(self, row: list[float], above: _Chain | None, node: Node, own_kinds: list[int]) -> None:
        self.row = row
        name, long, links = row[_NAME], row[_LONG] * row[_CHARS], row[_LINKS]
        if above is None:
            self.scores = (name, name, name, long, links)
            self.kinds = _NO_KINDS
            self.group: Node | None = None
            self.group_levels = 0
        else:
            total, least, most, longest, fewest = above.scores
            self.scores = (
                total + name,
                name if name < least else least,
                name if name > most else most,
                long if long > longest else longest,
                links if links < fewest else fewest,
            )
            self.kinds = above.kinds
            self.group, self.group_levels = above.group, above.group_levels + 1
        if row[_REPEATED] >= GROUP_SIZE and node.end > node.start:
            self.group, self.group_levels = node, 0
        if own_kinds:
            kinds = list(self.kinds)
            for kind in own_kinds:
                kinds[kind] = node.depth - 1
            self.kinds = kinds


_NO_NEIGHBOUR = (-1.0, 0.0, 0.0)


def _neighbour(text: list[float], block: Block, node: Node) -> tuple[float, float, float]:
    """What the row of a block's node says of the block beside it."""
    return text[_AT_CHARS], text[_AT_TAG], 1.0 if block.node.shape == node.shape else 0.0


class Features:
    """The rows of one page's blocks, and what they were made from."""

    def __init__(self, page: Page, hints: Hints, vocabulary: Vocabulary) -> None:
        self.page = page
        self.vocabulary = vocabulary
        self._title = frozenset(_WORD.findall(hints.title.lower()))
        self._repeated = Counter((node.parent, node.shape) for node in page.nodes)
        self._named: dict[tuple[str, ...], tuple[float, list[int]]] = {}
        self._inside: dict[frozenset[str], list[float]] = {}
        self._chains: dict[Node, _Chain] = {}
        for node in page.nodes:
            if node.end > node.start:
                above = self._chains[node.parent] if node.parent else None
                score, kinds = self._named.get(node.names) or self._name(node.names)
                self._chains[node] = _Chain(self._node_row(node, score), above, node, kinds)
        self.votes = paragraph_votes(page)
        self.top = max(self.votes, key=self.votes.__getitem__, default=page.nodes[0])
        self._above_top = {node: level for level, node in enumerate(ancestors(self.top))}
        self._ways: dict[Node, tuple[Node, int]] = {}
        self._of_nodes: dict[Node, tuple[list[float], list[float]]] = {}
        self._page_row = self._of_page(hints)
        self._texts = self._all_texts()
        places = Places(page, [(row[_AT_SCORE], row[_AT_TITLE]) for row in self._texts])
        self._rows_of = (places.row, Rules(page, self.votes).row, Words(page, vocabulary).row)

    def _name(self, names: tuple[str, ...]) -> tuple[float, list[int]]:
        """What names say: by the learnt words, and which kinds."""
        known = [score for word in names if (score := self.vocabulary.names.get(word)) is not None]
        kinds = [KIND_OF[word] for word in names if word in KIND_OF]
        said = self._named[names] = (sum(known) / len(known) if known else 0.0, kinds)
        return said

    def _node_row(self, node: Node, name: float) -> list[float]:
        page = self.page
        start, end = node.start, node.end
        chars = page.cum_chars[end] - page.cum_chars[start]
        whole = chars or 1
        return [
            log1p(chars),
            (page.cum_links[end] - page.cum_links[start]) / whole,
            (page.cum_long[end] - page.cum_long[start]) / whole,
            chars / (page.cum_chars[-1] or 1),
            log1p(end - start),
            name,
            float(self._repeated[node.parent, node.shape]),
        ]

    def _of_page(self, hints: Hints) -> list[float]:
        page = self.page
        blocks = page.blocks
        chars = page.cum_chars[-1] or 1
        top = self._chains[self.top].row
        grouped = hidden = comments = prices = 0
        for block, size in zip(blocks, page.chars, strict=True):
            chain = self._chains[block.node]
            grouped += size if chain.group is not None else 0
            hidden += size if HIDDEN in block.node.under else 0
            comments += chain.kinds[0] is not None
            prices += size < 40 and _PRICE.search(block.text) is not None
        items, item_chars = self._largest_group()
        return [
            log1p(chars),
            page.cum_links[-1] / chars,
            page.cum_long[-1] / chars,
            sum(block.node.tag == "p" for block in blocks) / len(blocks),
            top[_SHARE],
            top[_LONG],
            log1p(sum(node.tag == "article" for node in page.nodes)),
            grouped / chars,
            hidden / chars,
            log1p(prices),
            log1p(items),
            log1p(item_chars),
            log1p(comments),
            *hints.row(),
        ]

    def _largest_group(self) -> tuple[int, float]:
        """Of the group of like siblings with the most text: its size, and the characters of one item."""
        sums: Counter[tuple[Node | None, tuple[str, str]]] = Counter()
        page = self.page
        for node, chain in self._chains.items():
            if chain.row[_REPEATED] >= GROUP_SIZE:
                key = (node.parent, node.shape)
                sums[key] += page.cum_chars[node.end] - page.cum_chars[node.start]
        if not sums:
            return 0, 0.0
        key, chars = max(sums.items(), key=lambda item: item[1])
        return self._repeated[key], chars / self._repeated[key]

    @property
    def rows(self) -> list[list[float]]:
        """The rows of all blocks."""
        return list(map(self.row, range(len(self.page.blocks))))

    def row(self, at: int) -> list[float]:
        """The `COLUMNS` of one block."""
        texts, blocks = self._texts, self.page.blocks
        node = blocks[at].node
        around, below = self._of_nodes.get(node) or self._of_node(node)
        before = _neighbour(texts[at - 1], blocks[at - 1], node) if at else _NO_NEIGHBOUR
        last = at + 1 == len(blocks)
        after = _NO_NEIGHBOUR if last else _neighbour(texts[at + 1], blocks[at + 1], node)
        place, rules, words = self._rows_of
        return [*texts[at], *around, *before, *after, *place(at), *below, *rules(at), *words(at)]

    def _of_node(self, node: Node) -> tuple[list[float], list[float]]:
        """What all blocks of a node have in common: the columns before and behind the block's own place."""
        chains = self._chains
        chain, parent, depth = chains[node], node.parent or node, node.depth
        inside = self._inside.get(node.under)
        if inside is None:
            inside = self._inside[node.under] = [1.0 if tag in node.under else 0.0 for tag in _INSIDE]
        around = [
            *inside,
            *chain.row,
            *chains[parent].row,
            *chains[parent.parent or parent].row,
            *chain.scores,
            *[0.0 if above is None else float(depth - above) for above in chain.kinds],
        ]
        below = [*self._group_row(chain), *self._top_row(node), *self._page_row]
        self._of_nodes[node] = (around, below)
        return around, below

    def _all_texts(self) -> list[list[float]]:
        blocks = self.page.blocks
        copies = Counter(block.text for block in blocks)
        ranks = self.page.copy_ranks()
        return [
            self._text_row(block, copies[block.text], rank) for block, rank in zip(blocks, ranks, strict=True)
        ]

    def _text_row(self, block: Block, copies: int, rank: int) -> list[float]:
        text = block.text
        chars = len(text)
        count = text.count(" ") + 1
        score = title = 0.0
        words = _WORD.findall(text.lower()) if chars < TITLE_CHARS else []
        if count <= SHORT_WORDS:
            known = self.vocabulary.texts
            found = [each for word in words if (each := known.get(word)) is not None]
            score = sum(found) / len(found) if found else 0.0
        if not self._title.isdisjoint(words):
            mine = set(words)
            title = len(mine & self._title) / len(mine | self._title)
        return [
            log1p(chars),
            log1p(count),
            block.link_chars / chars,
            1.0 if text[-1] in ".!?:;\u3002\u2026" else 0.0,
            (chars - count + 1) / count,
            score,
            title,
            float(copies),
            float(rank),
            _TAGS.get(block.node.tag, 0.0),
            float(len(block.places)),
        ]

    def _group_row(self, chain: _Chain) -> list[float]:
        group = chain.group
        if group is None or group.parent is None:
            return [0.0, 0.0, 0.0, 0.0, 0.0, -1.0]
        item, whole = self._chains[group].row, self._chains[group.parent].row
        return [
            item[_REPEATED],
            item[_CHARS],
            *whole[_LINKS : _SHARE + 1],
            float(chain.group_levels),
        ]

    def _top_row(self, node: Node) -> list[float]:
        common, up = self._way_to_top(node)
        down = self._above_top.get(common, 99)
        shared = self._chains[common].row
        best = self.votes.get(self.top) or 1.0
        near = max(self.votes.get(node, 0.0), self.votes.get(node.parent or node, 0.0)) / best
        after = 1.0 if node.start >= self.top.end else (-1.0 if node.end <= self.top.start else 0.0)
        return [
            1.0 if down == 0 else 0.0,
            float(down),
            float(up),
            shared[_SHARE],
            near,
            shared[_LINKS],
            after,
        ]

    def _way_to_top(self, node: Node) -> tuple[Node, int]:
        """The nearest node above (or this one) that holds the top as well, and how many levels above."""
        way = self._ways.get(node)
        if way is None:
            if node.parent is None or node in self._above_top:
                way = (node, 0)
            else:
                common, levels = self._way_to_top(node.parent)
                way = (common, levels + 1)
            self._ways[node] = way
        return way
