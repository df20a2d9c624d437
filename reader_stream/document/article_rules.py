"""What hand-written rules of older extractors say of a block, as numbers for the classifier.

Two ideas, both far older than our annotated pages and made on far more sites: names that containers of
articles, and of what surrounds them, have nearly everywhere (trafilatura's lists, here as words), and
Readability's container, whose score counts such names too and which takes like siblings along. No rule
decides; the trees do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import compress
from math import log1p
from typing import NamedTuple

from reader_stream.document.article_blocks import Node, Page

RULES = (
    "rank", "rank_levels", "dropped", "dropped_levels", "dropped_share", "dropped_inside", "comments",
    "unlikely_levels", "weight", "weight_near", "score", "paragraph_share", "paragraph_chars", "inside",
    "chosen", "inside_share", "inside_long", "inside_rank", "chosen_share", "chosen_long", "agreement",
)  # fmt: skip
"""The columns of a row of `Rules`."""

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
_BODY_WORDS = re.compile(r"article|body|content|entry|inner|main|post|primary|story|text")
"""One of these is in every such name: a third of the time of asking for each."""
_RANKS = {"article": 2, "main": 5}

NO_RANK = 9
_DROPPED = re.compile(
    r"shar(?:e|ing)|social|newsletter|syndication|cookie|(?:^|-)tags?(?:-|$)|sidebar|banner|bread-?crumb|button"
    r"|author|footer|(?:^|-)nav|menu|related|widget|taboola|outbrain|sponsor|(?:^|-)ads?(?:-|$)|byline|embed"
    r"|consent|modal|permission|next-|stories|most-popular|more-on|meta|rating|timestamp|user-(?:info|profile)"
    r"|overlay|options|promo|subscribe|signup|login|popup|pagination|pager"
)
_COMMENTS = re.compile(r"comment(?!ary)|disqus|respond|replies|discussion")
_UNLIKELY = re.compile(
    r"combx|comment|community|disqus|extra|foot|header|menu|remark|rss|shoutbox|sidebar|sponsor|agegate"
    r"|pagination|pager|popup|tweet|twitter|banner|breadcrumb|cover-wrap|gdpr|legends|related|replies"
    r"|skyscraper|social|supplemental|yom"
)
_LIKELY = re.compile(r"and|article|body|column|content|main|shadow")
_GOOD = re.compile(r"article|body|content|entry|hentry|main|page|post|text|blog|story")
_BAD = re.compile(
    r"hidden|banner|combx|comment|contact|foot|masthead|media|meta|outbrain|promo|related|scroll|share|shoutbox"
    r"|sidebar|skyscraper|sponsor|shopping|tags|tool|widget|gdpr"
)

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


class _Said(NamedTuple):
    rank: int
    dropped: bool
    comments: bool
    unlikely: bool
    weight: int


@lru_cache(maxsize=8192)
def _said(tag: str, names: tuple[str, ...]) -> _Said:
    """What a node's tag and names say."""
    name = "-".join(names)
    rank = NO_RANK
    if tag in CONTAINERS:
        rank = _RANKS.get(tag, NO_RANK)
        if _BODY_WORDS.search(name):
            hits = (at for at, body in enumerate(_BODIES, start=1) if body is not None and body.search(name))
            rank = min(rank, next(hits, NO_RANK))
    return _Said(
        rank,
        tag in BOILERPLATE or _DROPPED.search(name) is not None,
        _COMMENTS.search(name) is not None,
        _UNLIKELY.search(name) is not None and _LIKELY.search(name) is None,
        (_GOOD.search(name) is not None) - (_BAD.search(name) is not None),
    )


class _State:
    """What a node inherits from all above it."""

    __slots__ = (
        "comments", "dropped", "dropped_levels", "dropped_share", "near", "rank", "rank_levels",
        "unlikely_levels", "weight",
    )  # fmt: skip

    def __init__(self, said: _Said, above: _State | None) -> None:
        self.rank = said.rank
        self.rank_levels = 0.0 if said.rank < NO_RANK else -1.0
        self.near = self.weight = float(said.weight)
        self.dropped = self.comments = 0
        self.dropped_share = 0.0
        self.dropped_levels = self.unlikely_levels = FAR
        if above is not None:
            if said.rank == NO_RANK or said.rank > above.rank:
                self.rank = above.rank
                self.rank_levels = above.rank_levels + 1 if above.rank < NO_RANK else -1.0
            self.near = self.near or above.near * FADING
            self.weight += above.weight
            self.dropped, self.dropped_share = above.dropped, above.dropped_share
            self.comments = above.comments + said.comments
            if above.dropped_levels < FAR:
                self.dropped_levels = above.dropped_levels + 1
            if said.unlikely:
                self.unlikely_levels = 0.0
            elif above.unlikely_levels < FAR:
                self.unlikely_levels = above.unlikely_levels + 1


class Rules:
    """What the rules say of the blocks of a page; `votes` are those of its paragraphs (article_places)."""

    def __init__(self, page: Page, votes: Mapping[Node, float]) -> None:
        self._page = page
        self._states: dict[Node, _State] = {}
        inside = self._read(page)
        self._scores = {node: self._score(node, vote) for node, vote in votes.items()}
        top = max(self._scores, key=self._scores.__getitem__, default=page.nodes[0])
        self._best = self._scores.get(top) or 1.0
        self._chosen = self._with_siblings(top)
        self._inside = (inside.start, inside.end) if inside is not None else (0, 0)
        self._found = inside is not None
        self._depth = self._states[inside].dropped if inside is not None else 0
        self._paragraphs = self._paragraph_chars()
        self._page_row = self._of_page(self._states[inside].rank if inside is not None else NO_RANK)
        self._rows: dict[Node, list[float]] = {}

    def row(self, at: int) -> list[float]:
        """The columns `RULES` of one block."""
        node = self._page.blocks[at].node
        row = self._rows.get(node)
        if row is None:
            row = self._rows[node] = self._of_node(node)
        start, end = self._inside
        inside = 0.0
        if self._found:
            inside = -1.0 if at < start else -2.0 if at >= end else 1.0
        return [*row, inside, 1.0 if self._chosen[at] else 0.0, *self._page_row]

    def _read(self, page: Page) -> Node | None:
        """All states; the first container with the surest name that holds enough text."""
        first: dict[int, Node] = {}
        whole = page.cum_chars[-1] or 1
        for node in page.nodes:
            if node.end == node.start:
                continue
            said = _said(node.tag, node.names)
            above = self._states[node.parent] if node.parent else None
            state = self._states[node] = _State(said, above)
            if said.dropped and above is not None:
                state.dropped += 1
                state.dropped_levels = 0.0
                state.dropped_share = state.dropped_share or self._chars(node) / whole
            enough = said.rank not in first and self._chars(node) >= BODY_CHARS
            if said.rank < NO_RANK and enough and not state.dropped:
                first[said.rank] = node
        surest = (first[rank] for rank in sorted(first))
        return next((node for node in surest if self._long(node) >= BODY_LONG_CHARS), None)

    def _chars(self, node: Node) -> int:
        return self._page.cum_chars[node.end] - self._page.cum_chars[node.start]

    def _long(self, node: Node) -> int:
        return self._page.cum_long[node.end] - self._page.cum_long[node.start]

    def _links(self, node: Node) -> float:
        links = self._page.cum_links[node.end] - self._page.cum_links[node.start]
        return links / (self._chars(node) or 1)

    def _score(self, node: Node, vote: float) -> float:
        if self._states[node].unlikely_levels <= UNLIKELY_LEVELS:
            return UNLIKELY_SHARE * vote
        return vote + GOOD_NAME * _said(node.tag, node.names).weight * (1 - self._links(node))

    def _with_siblings(self, top: Node) -> list[bool]:
        chosen = [False] * len(self._page.blocks)
        chosen[top.start : top.end] = [True] * (top.end - top.start)
        for node in self._page.nodes if top.parent else ():
            if node.parent is top.parent and node is not top and self._goes_along(node, top):
                chosen[node.start : node.end] = [True] * (node.end - node.start)
        return chosen

    def _goes_along(self, node: Node, top: Node) -> bool:
        bonus = SIBLING_SHARE * self._best if node.shape == top.shape and node.shape[1] else 0.0
        if self._scores.get(node, 0.0) + bonus >= max(LEAST_SCORE, SIBLING_SHARE * self._best):
            return True
        return node.tag == "p" and self._chars(node) > SIBLING_CHARS and self._links(node) < SIBLING_LINKS

    def _paragraph_chars(self) -> dict[Node, int]:
        found: dict[Node, int] = {}
        for block, chars in zip(self._page.blocks, self._page.chars, strict=True):
            if block.node.tag in PARAGRAPHS and block.node.parent is not None:
                parent = block.node.parent
                found[parent] = found.get(parent, 0) + chars
        return found

    def _of_page(self, rank: int) -> list[float]:
        page, chosen = self._page, self._chosen
        start, end = self._inside
        whole = page.cum_chars[-1] or 1
        inside = page.cum_chars[end] - page.cum_chars[start]
        taken = sum(compress(page.chars, chosen))
        prose = sum(compress(page.long, chosen))
        both = sum(compress(page.chars[start:end], chosen[start:end]))
        return [
            inside / whole,
            (page.cum_long[end] - page.cum_long[start]) / (inside or 1),
            float(rank),
            taken / whole,
            prose / (taken or 1),
            both / (taken + inside - both or 1),
        ]

    def _of_node(self, node: Node) -> list[float]:
        state, parent = self._states[node], node.parent or node
        start, end = self._inside
        inside = self._found and start <= node.start and node.end <= end
        paragraphs = self._paragraphs.get(parent, 0)
        return [
            float(state.rank),
            state.rank_levels,
            float(state.dropped),
            state.dropped_levels,
            state.dropped_share,
            1.0 if inside and state.dropped > self._depth else 0.0,
            float(state.comments),
            state.unlikely_levels,
            state.weight,
            state.near,
            max(self._scores.get(node, 0.0), self._scores.get(parent, 0.0)) / self._best,
            paragraphs / (self._chars(parent) or 1),
            log1p(paragraphs),
        ]
