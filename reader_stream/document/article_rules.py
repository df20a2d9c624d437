"""What hand-written rules of older extractors say of a block, as numbers for the classifier.

Two ideas, both far older than our annotated pages and made on far more sites: names that containers of
articles, and of what surrounds them, have nearly everywhere (trafilatura's lists, here as words), and
Readability's container, whose score counts such names too and which takes like siblings along. No rule
decides; the trees do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_tree import NONE, Flags, Numbers, Tree

OF_BLOCK = ("inside", "chosen")
OF_NODE = (
    "rank", "rank_levels", "dropped", "dropped_levels", "dropped_share", "dropped_inside", "unlikely_levels",
    "weight_near", "score", "paragraph_share", "paragraph_chars",
)  # fmt: skip
OF_PAGE = ("inside_share", "inside_long", "inside_rank", "chosen_share", "chosen_long", "agreement")
"""What the rules say of a block, of a node, of the page."""

CONTAINERS = frozenset({"article", "body", "div", "main", "section"})
BOILERPLATE = frozenset({"aside", "footer", "nav"})
PARAGRAPHS = frozenset({"blockquote", "p", "pre"})

_BODIES = (
    re.compile(
        r"(?:^|-)(?:entry|article|art|post|page|text|story|blog|news)-?(?:content|body|text|entry|inner)(?:-|$)"
        r"|^(?:post|entry)$|body-text|article-container"
    ),
    None,  # <article>
    re.compile(
        r"^article(?:-|$)|story-(?:body|content)|(?:theme|blog|section|single)-content|single-post|main-column"
        r"|text-column|field-body|fulltext|^(?:story|text|primary)$"
    ),
    re.compile(r"^content$|content-(?:main|body)|main-content|page-content|^content-"),
    re.compile(r"^main(?:-|$)"),
)
"""Names of containers of articles, surest first."""
_RANKS = {"article": 2, "main": 5}

NO_RANK = 9

_WORD_LISTS = {
    "body": re.compile(r"article|body|content|entry|inner|main|post|primary|story|text"),
    "dropped": re.compile(
        r"shar(?:e|ing)|social|newsletter|syndication|cookie|^tags?$|sidebar|banner|breadcrumb|button|author"
        r"|footer|^nav|menu|related|widget|taboola|outbrain|sponsor|^ads?$|byline|embed|consent|modal|permission"
        r"|stories|meta|rating|timestamp|overlay|options|promo|subscribe|signup|login|popup|pagination|pager"
    ),
    "unlikely": re.compile(
        r"combx|comment|community|disqus|extra|foot|header|menu|remark|rss|shoutbox|sidebar|sponsor|agegate"
        r"|pagination|pager|popup|tweet|twitter|banner|breadcrumb|gdpr|legends|related|replies|skyscraper|social"
        r"|supplemental|yom"
    ),
    "likely": re.compile(r"and|article|body|column|content|main|shadow"),
    "good": re.compile(r"article|body|content|entry|hentry|main|page|post|text|blog|story"),
    "bad": re.compile(
        r"hidden|banner|combx|comment|contact|foot|masthead|media|meta|outbrain|promo|related|scroll|share"
        r"|shoutbox|sidebar|skyscraper|sponsor|shopping|tags|tool|widget|gdpr"
    ),
    "first": re.compile(r"(?:bread|cover|more|most|next|user)$"),
}
"""What is in single words of names. Without a `body` no name is one of `_BODIES`, without a `first` none has
two words side by side of those below."""
_DROPPED = re.compile(r"bread-crumb|next-|most-popular|more-on|user-(?:info|profile)")
_UNLIKELY = "cover-wrap"

BODY_CHARS, BODY_LONG_CHARS = 250, 200
"""A container with less text, or with less of it in prose, is no article, whatever it is called (trafilatura
asks for 250 characters)."""

GOOD_NAME, FADING = 2.5, 0.7
"""A good name is worth about one long paragraph (Readability's 25 of a score that starts at a few tens); and
how much of it is left one level further down."""

UNLIKELY_LEVELS, UNLIKELY_SHARE = 3, 0.2
"""So near below an unlikely container only this share of a score counts."""

SIBLING_SHARE, LEAST_SCORE = 0.2, 2.0
"""A sibling of the container is taken along from this share of its score on (Readability)."""

SIBLING_CHARS, SIBLING_LINKS = 80, 0.25
"""A paragraph beside the container is taken along when it is longer and has fewer links than this."""

FAR = 99.0
"""Levels to a node that is not there."""


class _NameSigns(NamedTuple):
    """Is it a container of articles (1 surest, `NO_RANK` none), boilerplate, unlikely content; is its name
    good (1) or bad (-1)."""

    rank: int
    dropped: bool
    unlikely: bool
    weight: int


@lru_cache(maxsize=8192)
def _lists_of(word: str) -> frozenset[str]:
    """The lists that a word of a name is on."""
    return frozenset(name for name, words in _WORD_LISTS.items() if words.search(word))


@lru_cache(maxsize=2048)
def _name_signs(tag: str, names: tuple[str, ...]) -> _NameSigns:
    """What a node's tag and names say."""
    lists = frozenset[str]().union(*map(_lists_of, names))
    name = "-".join(names) if "body" in lists or "first" in lists else ""
    rank = _RANKS.get(tag, NO_RANK)
    if "body" in lists and tag in CONTAINERS:
        hits = (at for at, body in enumerate(_BODIES, start=1) if body is not None and body.search(name))
        rank = min(rank, next(hits, NO_RANK))
    return _NameSigns(
        rank,
        tag in BOILERPLATE or "dropped" in lists or _DROPPED.search(name) is not None,
        ("unlikely" in lists or _UNLIKELY in name) and "likely" not in lists,
        ("good" in lists) - ("bad" in lists),
    )


class RuleColumns(NamedTuple):
    """The columns `OF_BLOCK`, `OF_NODE` and `OF_PAGE`."""

    of_block: Numbers
    of_node: Numbers
    of_page: list[float]


class _NamesAbove:
    """What the names of each node and of those above it say; the page as a whole is never dropped."""

    def __init__(self, page: Page, tree: Tree) -> None:
        kinds = [_name_signs(kind.tag, kind.names) for kind in page.kinds]
        signs = np.array(kinds, np.float64)[tree.kind]
        self.own_rank, dropped, unlikely, self.weight = signs.T
        dropped[0] = unlikely[0] = 0
        count, index = len(signs), np.arange(len(signs))
        surest, last, first, unlikely, weighted = tree.highest(
            np.column_stack(
                [
                    (NO_RANK - self.own_rank) * count + index,
                    tree.marked(dropped > 0),
                    np.where(dropped > 0, -index, -count),
                    tree.marked(unlikely > 0),
                    tree.marked(self.weight != 0),
                ]
            )
        ).T.astype(np.intp)
        best, ranked = np.divmod(surest, count)
        self.rank = NO_RANK - best
        self.rank_levels = np.where(best > 0, tree.depth - tree.depth[ranked], -1)
        self.dropped = tree.total(dropped)
        self.dropped_levels = np.where(last > NONE, tree.depth - tree.depth[last], FAR)
        self.dropped_share = np.where(last > NONE, tree.chars[-first % count] / tree.whole[0], 0)
        self.unlikely_levels = np.where(unlikely > NONE, tree.depth - tree.depth[unlikely], FAR)
        faded = FADING ** (tree.depth - tree.depth[weighted])
        self.weight_near = np.where(weighted > NONE, self.weight[weighted] * faded, 0)


def rules(page: Page, tree: Tree, votes: Numbers) -> RuleColumns:
    """What the rules say of a page; `votes` are those of its paragraphs (article_places)."""
    names = _NamesAbove(page, tree)
    scores = _scores(tree, names, votes)
    top = int(np.where(votes > 0, scores, -np.inf).argmax())
    best = float(scores[top]) or 1.0
    chosen = _with_siblings(page, tree, scores, top)
    body = _body(tree, names)
    start, end = (0, 0) if body is None else (int(tree.start[body]), int(tree.end[body]))
    sides = [0.0] * 3 if body is None else [-1.0, 1.0, -2.0]
    beside = np.repeat(sides, [start, end - start, len(chosen) - end])
    inside = (tree.start >= start) & (tree.end <= end) & (body is not None)
    paragraphs = _paragraph_chars(page, tree)[tree.parent]
    of_node = [
        names.rank,
        names.rank_levels,
        names.dropped,
        names.dropped_levels,
        names.dropped_share,
        inside & (names.dropped > 0),
        names.unlikely_levels,
        names.weight_near,
        np.maximum(scores, scores[tree.parent]) / best,
        paragraphs / tree.whole[tree.parent],
        np.log1p(paragraphs),
    ]
    rank = float(NO_RANK if body is None else names.rank[body])
    of_page = _of_page(page, chosen, slice(start, end), rank)
    return RuleColumns(np.column_stack([beside, chosen]), np.column_stack(of_node), of_page)


def _body(tree: Tree, names: _NamesAbove) -> int | None:
    """The first container with the surest name that holds enough text."""
    enough = (names.own_rank < NO_RANK) & (tree.chars >= BODY_CHARS) & (names.dropped == 0)
    first: dict[float, int] = {}
    for at in np.flatnonzero(enough).tolist():
        first.setdefault(float(names.own_rank[at]), at)
    surest = (first[rank] for rank in sorted(first))
    return next((at for at in surest if tree.long[at] >= BODY_LONG_CHARS), None)


def _scores(tree: Tree, names: _NamesAbove, votes: Numbers) -> Numbers:
    named = votes + GOOD_NAME * names.weight * (1 - tree.links / tree.whole)
    scores = np.where(names.unlikely_levels <= UNLIKELY_LEVELS, UNLIKELY_SHARE * votes, named)
    return np.where(votes > 0, scores, 0)


def _with_siblings(page: Page, tree: Tree, scores: Numbers, top: int) -> Flags:
    """The blocks of the container, and of what stands beside it and goes along."""
    chosen: Flags = np.zeros(len(page.blocks), bool)
    chosen[tree.start[top] : tree.end[top]] = True
    beside = np.flatnonzero(tree.parent == tree.parent[top])
    shape = page.nodes[top].shape
    for at in beside[beside > 0].tolist() if top else ():
        node = page.nodes[at]
        share = SIBLING_SHARE * scores[top]
        bonus = share if node.shape == shape and shape[1] else 0.0
        prose = node.tag == "p" and tree.chars[at] > SIBLING_CHARS
        if scores[at] + bonus >= max(LEAST_SCORE, share) or (
            prose and tree.links[at] < SIBLING_LINKS * tree.chars[at]
        ):
            chosen[node.start : node.end] = True
    return chosen


def _paragraph_chars(page: Page, tree: Tree) -> Numbers:
    """How much text of paragraphs lies right in each node."""
    chars = [
        size if block.node.tag in PARAGRAPHS else 0
        for block, size in zip(page.blocks, page.chars, strict=True)
    ]
    return np.asarray(np.bincount(tree.parent[tree.at], chars, len(tree.parent)), np.float64)


def _of_page(page: Page, chosen: Flags, body: slice, rank: float) -> list[float]:
    chars = np.array(page.chars)
    whole, inside, taken = chars.sum() or 1, chars[body].sum(), chars[chosen].sum()
    both = chars[body][chosen[body]].sum()
    return [
        inside / whole,
        sum(page.long[body]) / (inside or 1),
        rank,
        taken / whole,
        np.array(page.long)[chosen].sum() / (taken or 1),
        both / (taken + inside - both or 1),
    ]
