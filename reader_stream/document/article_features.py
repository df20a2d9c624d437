"""What the classifier looks at: one row of numbers per block, the block's words, the names around it.

The columns stand in `COLUMNS`, in the order in which the model of article_model.json was trained on
them; benchmarks/extraction/train.py trains it from the very same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import compress, pairwise
from math import log1p
from typing import NamedTuple

import numpy as np

from reader_stream.document import article_rules, article_words
from reader_stream.document.article_bags import Bags, joined, numbers_of
from reader_stream.document.article_blocks import Kind, Page
from reader_stream.document.article_hints import HINTS, Hints
from reader_stream.document.article_places import PLACE, paragraph_votes, places
from reader_stream.document.article_tree import NONE, Flags, Numbers, Rows, Tree
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.clean_hidden import HIDDEN

SHORT_WORDS = 8
"""Texts up to this many words are judged by their words too."""

TITLE_CHARS = 200
"""Longer texts are not compared with the page's title."""

GROUP_SIZE = 3
"""Siblings of one shape that make a group (a list of cards, posts, rows)."""

PRICE_CHARS = 40
"""Longer texts are no price."""

_TAGS = {
    "p": 1.0, "li": 2.0, "td": 3.0, "th": 3.0, "h1": 4.0, "h2": 5.0, "h3": 6.0, "h4": 7.0, "h5": 7.0,
    "h6": 7.0, "pre": 8.0, "blockquote": 9.0, "dd": 10.0, "dt": 10.0, "figcaption": 11.0, "caption": 11.0,
    "button": 12.0, "summary": 13.0, "div": 14.0, "section": 15.0, "article": 15.0,
}  # fmt: skip
_INSIDE = ("nav", "footer", "aside", "figure", "main", "section", "li", HIDDEN)
_WORD = re.compile(r"\w+")
_PRICE = re.compile(r"[$\u20ac\u00a3\u00a5]\s?\d|\d\s?(?:\u20ac|kr|z\u0142|USD|EUR|GBP)\b")
_ENDS = frozenset(".!?:;\u3002\u2026")

_TEXT = ("chars", "words", "links", "ends", "word_length", "score", "title", "rank", "tag", "lines")
"""`lines` counts the runs of text that a block is made of: what stands before, in and behind its elements."""
_BESIDE = ("before_tag", "before_same", "after_chars", "after_tag", "after_same")
_OWN = ("chars", "links", "long", "name", "repeated")
_PARENT = ("links", "long", "blocks", "name")
_GRAND = ("chars", "links", "long", "share", "blocks", "name", "repeated")
_CHAIN = ("name_sum", "name_min", "name_max", "long_max", "link_min")
_GROUP = ("repeated", "chars", "links", "long", "share")
_TOP = ("inside", "down", "up", "share", "rank", "links", "after")
_PAGE = (
    "chars", "links", "long", "paragraphs", "top_share", "top_long", "articles", "group_share", "hidden",
    "prices", "group_items", "group_chars",
)  # fmt: skip

_OF_BLOCK = (
    *(f"text_{name}" for name in _TEXT),
    *_BESIDE,
    *(f"place_{name}" for name in PLACE),
    *(f"rule_{name}" for name in article_rules.OF_BLOCK),
    *(f"word_{name}" for name in article_words.OF_BLOCK),
)
_OF_NODE = (
    *(f"in_{tag}" for tag in _INSIDE),
    *(f"own_{name}" for name in _OWN),
    *(f"parent_{name}" for name in _PARENT),
    *(f"grand_{name}" for name in _GRAND),
    *(f"chain_{name}" for name in _CHAIN),
    *(f"group_{name}" for name in _GROUP),
    *(f"top_{name}" for name in _TOP),
    *(f"rule_{name}" for name in article_rules.OF_NODE),
    *(f"word_{name}" for name in article_words.OF_NODE),
)
_OF_PAGE = (
    *(f"page_{name}" for name in _PAGE),
    *HINTS,
    *(f"rule_{name}" for name in article_rules.OF_PAGE),
    "word_page",
)
COLUMNS: tuple[str, ...] = (*_OF_BLOCK, *_OF_NODE, *_OF_PAGE)


class Inputs(NamedTuple):
    """What the classifier is given of a page.

    `rows`: a row of `COLUMNS` for each block. `words`: the signs of each block. `marks`: those of each of
    `Page.kinds`. `tree`: the nodes.
    """

    rows: Rows
    words: Bags
    marks: Bags
    tree: Tree


def marks_of(kind: Kind) -> list[str]:
    """What tells one kind of nodes from others: its tag and the words of its names."""
    return [f"<{kind.tag}", *kind.names]


def inputs(page: Page, hints: Hints, vocabulary: Vocabulary) -> Inputs:
    """All of it, of a page that has blocks."""
    tree = Tree(page)
    words = article_words.word_bags(page, vocabulary)
    rows = _rows(page, tree, hints, words, vocabulary)
    return Inputs(rows, words, mark_bags(page, vocabulary), tree)


def mark_bags(page: Page, vocabulary: Vocabulary) -> Bags:
    """The known marks of each of `Page.kinds`."""
    return joined([numbers_of(marks_of(kind), vocabulary.mark_places) for kind in page.kinds])


def _rows(page: Page, tree: Tree, hints: Hints, bags: Bags, vocabulary: Vocabulary) -> Rows:
    votes = paragraph_votes(page, tree)
    nodes = _Nodes(page, tree, votes, vocabulary.names)
    texts = _texts(page, hints, vocabulary)
    rules = article_rules.rules(page, tree, votes)
    words = article_words.word_columns(page, tree, bags, vocabulary)
    score, title = (texts[:, _TEXT.index(name)] for name in ("score", "title"))
    of_block = (texts, _beside(page, texts), places(page, score, title), rules.of_block, words.of_block)
    of_node = (_inside(page), nodes.columns(), nodes.top_columns(votes), rules.of_node, words.of_node)
    of_page = (*nodes.page_columns(page), *hints.row(), *rules.of_page, words.of_page)
    rows = np.empty((len(page.blocks), len(COLUMNS)), np.float32)
    np.concatenate(of_block, axis=1, out=rows[:, : len(_OF_BLOCK)])
    behind = len(_OF_BLOCK) + len(_OF_NODE)
    rows[:, len(_OF_BLOCK) : behind] = np.concatenate(of_node, axis=1)[tree.at]
    rows[:, behind:] = of_page
    return rows


def _texts(page: Page, hints: Hints, vocabulary: Vocabulary) -> Numbers:
    """The columns `_TEXT` of each block."""
    score, title = zip(*_short_texts(page, hints, vocabulary), strict=True)
    chars, words = np.array(page.chars, np.float64), np.array(page.words, np.float64)
    columns: list[Numbers] = [
        np.log1p(chars),
        np.log1p(words),
        np.array([block.link_chars for block in page.blocks]) / chars,
        np.array([block.text[-1] in _ENDS for block in page.blocks], np.float64),
        (chars - words + 1) / words,
        np.array(score),
        np.array(title),
        np.array(page.copy_ranks(), np.float64),
        np.array([_TAGS.get(block.node.tag, 0.0) for block in page.blocks]),
        np.array([len(block.places) for block in page.blocks], np.float64),
    ]
    return np.column_stack(columns)


def _short_texts(page: Page, hints: Hints, vocabulary: Vocabulary) -> list[tuple[float, float]]:
    """Of each block: the mean log odds of its words, if it is short; the share of words that it has in common
    with the page's title, of all in both, if it may be one. 0 otherwise."""
    mine = frozenset(_WORD.findall(hints.title.lower()))
    found: dict[str, tuple[float, float]] = {}
    for block, chars, count in zip(page.blocks, page.chars, page.words, strict=True):
        if block.text not in found:
            words = article_words.words_of(block.text) if chars < TITLE_CHARS else ()
            score = _mean(vocabulary.texts, words) if count <= SHORT_WORDS else 0.0
            common = len(mine.intersection(words))
            found[block.text] = score, common / len(mine.union(words)) if common else 0.0
    return [found[block.text] for block in page.blocks]


def _mean(known: Mapping[str, float], words: Iterable[str]) -> float:
    """Of the words that are known; 0 where none is."""
    found = [score for word in words if (score := known.get(word)) is not None]
    return sum(found) / len(found) if found else 0.0


def _beside(page: Page, texts: Numbers) -> Numbers:
    """The columns `_BESIDE`: what stands before and behind each block. Where nothing does they are 0, but
    `after_chars` -1."""
    shapes = [block.node.shape for block in page.blocks]
    same = [float(one == other) for one, other in pairwise(shapes)]
    chars, tag = (texts[:, _TEXT.index(name)].tolist() for name in ("chars", "tag"))
    return np.column_stack(
        [[0.0, *tag[:-1]], [0.0, *same], [*chars[1:], -1.0], [*tag[1:], 0.0], [*same, 0.0]]
    )


def _inside(page: Page) -> Numbers:
    """The columns `_INSIDE` of each node."""
    places: dict[frozenset[str], int] = {}
    place = [places.setdefault(node.under, len(places)) for node in page.nodes]
    return np.array([[tag in under for tag in _INSIDE] for under in places], np.float64)[place]


class _Nodes:
    """What is in the nodes, what they are called, which of them are alike, and what is above them."""

    def __init__(self, page: Page, tree: Tree, votes: Numbers, names: Mapping[str, float]) -> None:
        self._tree = tree
        self._shares = {
            "chars": np.log1p(tree.chars),
            "links": tree.links / tree.whole,
            "long": tree.long / tree.whole,
            "share": tree.chars / tree.whole[0],
            "blocks": np.log1p(tree.end - tree.start),
            "name": _name_scores(page, names)[tree.kind],
        }
        self._shares["repeated"], self._largest = _groups(page, tree)
        self._top = int(votes.argmax())
        grouped = (self._shares["repeated"] >= GROUP_SIZE) & (tree.end > tree.start)
        above_top: Flags = np.zeros(len(tree.parent), bool)
        above_top[tree.above(self._top)] = True
        name = self._shares["name"]
        prose = self._shares["long"] * self._shares["chars"]
        marks = tree.marked(grouped), tree.marked(above_top)
        found = tree.highest(np.column_stack([-name, name, prose, -self._shares["links"], *marks]))
        self._chain = [tree.total(name), -found[:, 0], found[:, 1], found[:, 2], -found[:, 3]]
        self._group, self._meets_top = found[:, 4].astype(np.intp), found[:, 5].astype(np.intp)

    def columns(self) -> Numbers:
        """`_OWN`, `_PARENT`, `_GRAND`, `_CHAIN` and `_GROUP`."""
        shares, tree = self._shares, self._tree
        has_group = self._group > NONE
        whole = tree.parent[self._group]
        group = [shares[name][self._group] for name in _GROUP[:2]]
        group += [shares[name][whole] for name in _GROUP[2:]]
        return np.column_stack(
            [
                *(shares[name] for name in _OWN),
                *(shares[name][tree.parent] for name in _PARENT),
                *(shares[name][tree.grand] for name in _GRAND),
                *self._chain,
                *(has_group * column for column in group),
            ]
        )

    def top_columns(self, votes: Numbers) -> Numbers:
        """`_TOP`: the way to the node that most paragraphs vote for."""
        tree, top, meets = self._tree, self._top, self._meets_top
        down = tree.depth[top] - tree.depth[meets]
        return np.column_stack(
            [
                down == 0,
                down,
                tree.depth - tree.depth[meets],
                self._shares["share"][meets],
                np.maximum(votes, votes[tree.parent]) / (votes[top] or 1.0),
                self._shares["links"][meets],
                (tree.start >= tree.end[top]) * 1.0 - (tree.end <= tree.start[top]),
            ]
        )

    def page_columns(self, page: Page) -> list[float]:
        """`_PAGE`."""
        tree, blocks, shares = self._tree, page.blocks, self._shares
        chars = page.cum_chars[-1] or 1
        hidden = sum(
            size for block, size in zip(blocks, page.chars, strict=True) if HIDDEN in block.node.under
        )
        short = (block.text for block, size in zip(blocks, page.chars, strict=True) if size < PRICE_CHARS)
        items, item_chars = self._largest
        return [
            log1p(chars),
            page.cum_links[-1] / chars,
            page.cum_long[-1] / chars,
            sum(block.node.tag == "p" for block in blocks) / len(blocks),
            shares["share"][self._top],
            shares["long"][self._top],
            log1p(sum(node.tag == "article" for node in page.nodes)),
            sum(compress(page.chars, self._group[tree.at] > NONE)) / chars,
            hidden / chars,
            log1p(sum(_PRICE.search(text) is not None for text in short)),
            log1p(items),
            log1p(item_chars),
        ]


def _name_scores(page: Page, known: Mapping[str, float]) -> Numbers:
    """What the learnt words say of the names of each kind of nodes."""
    return np.array([_mean(known, kind.names) for kind in page.kinds])


def _groups(page: Page, tree: Tree) -> tuple[Numbers, tuple[int, float]]:
    """How many siblings of its shape each node has, itself counted; of the group of such siblings with the
    most text its size, and the characters of one item. The root has no siblings."""
    shapes: dict[tuple[str, str], int] = {}
    shape = np.array([shapes.setdefault(kind.shape, len(shapes)) for kind in page.kinds])
    keys = tree.parent * len(shapes) + shape[tree.kind]
    keys[0] = NONE
    groups: dict[int, int] = {}
    group = [groups.setdefault(key, len(groups)) for key in keys.tolist()]
    sizes = np.bincount(group)
    chars = np.bincount(group, tree.chars) * (sizes >= GROUP_SIZE)
    largest = int(chars.argmax())
    found = (int(sizes[largest]), float(chars[largest] / sizes[largest])) if chars[largest] else (0, 0.0)
    return sizes[group].astype(np.float64), found
