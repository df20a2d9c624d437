"""What the classifier of text blocks looks at: one row of numbers per block.

The columns stand in `COLUMNS`, in the order in which the model of article_model.json was trained on
them; benchmarks/extraction/train.py trains it from the very same rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import log1p

from reader_stream.document.article_blocks import HEADINGS, Block, Node, Page
from reader_stream.document.clean import HIDDEN


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Log odds of being content, learnt from many sites: of words in class names, ids and roles; of words
    in short texts (buttons, labels)."""

    names: Mapping[str, float]
    texts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Hints:
    """What the page says of itself: title, declared types (JSON-LD, og:type; lower case), URL path, declared
    texts and names (`squeezed`)."""

    title: str = ""
    texts: str = ""
    names: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    path: str = ""


SHORT_WORDS = 8
"""Texts up to this many words are judged by their words too."""

DECLARED_CHARS = 25
"""Shorter texts are found in declared ones by chance."""

SAMPLE_CHARS = 200
"""Digits and capitals are counted in this much of a text."""

_TAGS = {
    "p": 1, "li": 2, "td": 3, "th": 3, "h1": 4, "h2": 5, "h3": 6, "h4": 7, "h5": 7, "h6": 7, "pre": 8,
    "blockquote": 9, "dd": 10, "dt": 10, "figcaption": 11, "caption": 11, "button": 12, "summary": 13,
    "div": 14, "section": 15, "article": 15, "span": 16,
}  # fmt: skip
_INSIDE = (
    "nav", "footer", "header", "aside", "form", "figure", "button", "article", "main", "table", "ul", "ol",
    "dl", "blockquote", "pre", "section", "dialog", "details", "li", HIDDEN,
)  # fmt: skip
_PRICE = re.compile(r"[$\u20ac\u00a3\u00a5]\s?\d|\d\s?(?:\u20ac|kr|z\u0142|USD|EUR|GBP)\b")
_DIGIT, _UPPER = re.compile(r"\d"), re.compile(r"[A-Z\u00c0-\u00de\u0410-\u042f]")
_NO_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"\w+")
_TYPES = {
    "article": ("article", "newsarticle", "blogposting", "blog", "report"),
    "product": ("product", "og:product", "offer", "productgroup"),
    "list": ("itemlist", "collectionpage", "product.group", "searchresultspage"),
    "forum": ("discussionforumposting", "qapage", "question"),
    "site": ("website", "organization", "localbusiness", "service", "corporation"),
    "job": ("jobposting", "event", "recipe", "course"),
}
_PATHS = (
    re.compile(r"forum|thread|topic|viewtopic|comment|discussion|question|/t/|/r/"),
    re.compile(r"product|/p/|/dp/|/item|/shop|/pr/|store"),
    re.compile(r"collection|categor|/c/|search|/tag|listing|browse|/all"),
    re.compile(r"docs?\b|documentation|guide|reference|manual|/api|wiki|help|learn|tutorial"),
    re.compile(r"service|solution|about|pricing|feature|platform|company"),
    re.compile(r"blog|news|article|post|story|/20\d\d/|\d{4}/\d\d"),
)

_NODE = ("chars", "links", "long", "share", "blocks", "children", "name", "repeated")
_CHAIN = ("name_sum", "name_min", "name_max", "long_max", "link_min")
_TEXT = (
    "chars", "words", "links", "commas", "ends", "digits", "upper", "word_length", "bold", "text_score",
    "title", "copies", "rank", "tag", "lines", "price", "declared", "named",
)  # fmt: skip
_NEIGHBOUR = ("chars", "links", "tag", "same")
_PLACE = (
    "at_chars", "at_blocks", "blocks_since_h1", "blocks_since_heading", "heading_level", "heading_score",
    "heading_title", "depth", "window_long", "window_links", "below_long",
)  # fmt: skip
_KINDS = {
    "comment": "comment comments commentlist respond reply replies disqus discussion feedback responses",
    "review": "review reviews rating ratings testimonial testimonials stars",
    "related": "related recommended recommend recommendations more similar popular trending latest upsell "
    "suggested suggestions recirc also crosssell readnext",
    "share": "share sharing social follow newsletter subscribe signup subscription",
    "side": "sidebar side widget widgets aside rail right left secondary",
    "menu": "menu nav navigation navbar megamenu breadcrumb breadcrumbs pagination pager toc tabs dropdown",
    "edge": "footer header masthead topbar bottom banner legal copyright",
    "meta": "meta byline author date time tags tag category categories info posted",
    "promo": "promo ad ads advert advertisement sponsored sponsor cta offer offers deal deals",
    "product": "product products price buy cart sku variant shop purchase",
    "describe": "description desc details detail overview specs specifications features summary about",
    "item": "item items card cards grid tile tiles list listing results result row col collection",
    "post": "post posts message messages thread topic answer answers question bbp forum",
    "body": "article story entry body main content text prose markdown rte richtext",
    "modal": "modal popup overlay cookie consent dialog drawer lightbox offcanvas gdpr",
    "profile": "bio profile avatar user username member signature",
    "filter": "filter filters facet facets sort refine toolbar search",
    "hidden": "hidden hide invisible collapse collapsed sr offscreen noprint mobile",
    "caption": "caption credit figure image gallery media video photo",
}
"""What class names and ids say in nearly all sites; the learnt words say how much, these say which."""

_KIND_OF = {word: at for at, words in enumerate(_KINDS.values()) for word in words.split()}
_GROUP = ("size", "chars", "links", "long", "share", "levels")
_TOP = ("inside", "down", "up", "share", "rank", "links", "after")
_PAGE = (
    "chars", "links", "long", "blocks", "paragraphs", "top_share", "top_long", "articles", "controls", "h1",
    "group_share", "declared", "hidden", "prices", "h2", "li", "p", "group_items", "group_chars", "comments",
)  # fmt: skip

COLUMNS: tuple[str, ...] = (
    *(f"text_{name}" for name in _TEXT),
    *(f"in_{tag}" for tag in _INSIDE),
    *(f"own_{name}" for name in _NODE),
    *(f"parent_{name}" for name in _NODE),
    *(f"grand_{name}" for name in _NODE),
    *(f"chain_{name}" for name in _CHAIN),
    *(f"kind_{name}" for name in _KINDS),
    *(f"{side}_{name}" for side in ("before2", "before", "after", "after2") for name in _NEIGHBOUR),
    *(f"place_{name}" for name in _PLACE),
    *(f"group_{name}" for name in _GROUP),
    *(f"top_{name}" for name in _TOP),
    *(f"page_{name}" for name in _PAGE),
    *(f"type_{name}" for name in _TYPES),
    *(f"path_{at}" for at in range(len(_PATHS))),
)


class _Chain:
    """What a node inherits from all nodes above it."""

    __slots__ = ("group", "group_levels", "inside", "kinds", "row", "scores")

    def __init__(self, row: list[float], above: _Chain | None, node: Node) -> None:
        self.row = row
        name = row[6]
        long = row[2] * row[0]
        if above is None:
            self.scores = [name, name, name, long, row[1]]
            self.group: Node | None = None
            self.group_levels = 0
        else:
            s = above.scores
            self.scores = [
                s[0] + name,
                min(s[1], name),
                max(s[2], name),
                max(s[3], long),
                min(s[4], row[1]),
            ]
            self.group = above.group
            self.group_levels = above.group_levels + 1
        if row[7] >= GROUP_SIZE and row[4] > 0:
            self.group, self.group_levels = node, 0
        self.kinds: list[float] = (
            [0.0] * len(_KINDS) if above is None else [k and k + 1.0 for k in above.kinds]
        )
        for word in node.names:
            if (at := _KIND_OF.get(word)) is not None:
                self.kinds[at] = 1.0
        self.inside = [1.0 if tag in node.under else 0.0 for tag in _INSIDE]


GROUP_SIZE = 3
"""Siblings of one shape that make a group (a list of cards, posts, rows)."""


def squeezed(text: str) -> str:
    """Lower case, without spaces and punctuation: how declared and shown texts are compared."""
    return _NO_WORD.sub("", text.lower())


class Features:
    """The rows of one page's blocks, and what they were made from."""

    def __init__(self, page: Page, hints: Hints, vocabulary: Vocabulary) -> None:
        self.page = page
        self.vocabulary = vocabulary
        self._hints = hints
        self._title = frozenset(_WORD.findall(hints.title.lower()))
        self._repeated = Counter((node.parent, node.shape) for node in page.nodes)
        self._chains: dict[Node, _Chain] = {}
        for node in page.nodes:
            above = self._chains[node.parent] if node.parent else None
            self._chains[node] = _Chain(self._node_row(node), above, node)
        self.scores = _paragraph_scores(page)
        self.top = max(self.scores, key=self.scores.__getitem__, default=page.nodes[0])
        self._above_top = {node: level for level, node in enumerate(_ancestors(self.top))}
        self._top_rows: dict[Node, list[float]] = {}
        self._page_row = self._of_page(hints)
        self.rows = self._all_rows()

    def _node_row(self, node: Node) -> list[float]:
        page = self.page
        chars = page.cum_chars[node.end] - page.cum_chars[node.start]
        whole = chars or 1
        names = self.vocabulary.names
        known = [names[word] for word in node.names if word in names]
        return [
            log1p(chars),
            (page.cum_links[node.end] - page.cum_links[node.start]) / whole,
            (page.cum_long[node.end] - page.cum_long[node.start]) / whole,
            chars / (page.cum_chars[-1] or 1),
            log1p(node.end - node.start),
            float(node.children),
            sum(known) / len(known) if known else 0.0,
            float(self._repeated[node.parent, node.shape]),
        ]

    def _of_page(self, hints: Hints) -> list[float]:
        page = self.page
        chars = page.cum_chars[-1] or 1
        top = self._chains[self.top].row
        tags = Counter(node.tag for node in page.nodes)
        grouped = sum(
            page.chars[at]
            for at, block in enumerate(page.blocks)
            if self._chains[block.node].group is not None
        )
        hidden = sum(
            n for n, block in zip(page.chars, page.blocks, strict=True) if HIDDEN in block.node.under
        )
        items, item_chars = self._largest_group()
        comments = sum(1 for block in page.blocks if self._chains[block.node].kinds[0])
        return [
            log1p(chars),
            page.cum_links[-1] / chars,
            page.cum_long[-1] / chars,
            log1p(len(page.blocks)),
            sum(block.node.tag == "p" for block in page.blocks) / (len(page.blocks) or 1),
            top[3],
            top[2],
            log1p(tags["article"]),
            log1p(tags["button"] + tags["form"]),
            float(tags["h1"]),
            grouped / chars,
            log1p(len(hints.texts)),
            hidden / chars,
            log1p(sum(1 for block in page.blocks if len(block.text) < 40 and _PRICE.search(block.text))),
            log1p(tags["h2"]),
            log1p(tags["li"]),
            log1p(tags["p"]),
            log1p(items),
            log1p(item_chars),
            log1p(comments),
            *(float(any(name in hints.types for name in names)) for names in _TYPES.values()),
            *(float(bool(path.search(hints.path))) for path in _PATHS),
        ]

    def _largest_group(self) -> tuple[int, float]:
        """Of the group of like siblings with the most text: its size, and the characters of one item."""
        sums: Counter[tuple[Node | None, tuple[str, str]]] = Counter()
        page = self.page
        for node in page.nodes:
            key = (node.parent, node.shape)
            if self._repeated[key] >= GROUP_SIZE and node.end > node.start:
                sums[key] += page.cum_chars[node.end] - page.cum_chars[node.start]
        if not sums:
            return 0, 0.0
        key, chars = max(sums.items(), key=lambda item: item[1])
        size = self._repeated[key]
        return size, chars / size

    def _all_rows(self) -> list[list[float]]:
        page = self.page
        blocks = page.blocks
        copies = Counter(block.text for block in blocks)
        ranks = page.copy_ranks()
        texts = [
            self._text_row(block, copies[block.text], rank) for block, rank in zip(blocks, ranks, strict=True)
        ]
        kinds = [[row[0], row[2], row[13]] for row in texts]
        rows = []
        place = _Place(self, texts)
        for at, block in enumerate(blocks):
            node = block.node
            chain = self._chains[node]
            parent = node.parent or node
            grand = parent.parent or parent
            row = [*texts[at], *chain.inside, *chain.row, *self._chains[parent].row, *self._chains[grand].row]
            row += chain.scores
            row += chain.kinds
            for other in (at - 2, at - 1, at + 1, at + 2):
                if 0 <= other < len(blocks):
                    row += kinds[other]
                    row.append(1.0 if blocks[other].node.shape == node.shape else 0.0)
                else:
                    row += (-1.0, 0.0, 0.0, 0.0)
            row += place.row(at)
            row += self._group_row(chain)
            row += self._top_row(node)
            row += self._page_row
            rows.append(row)
        return rows

    def _text_row(self, block: Block, copies: int, rank: int) -> list[float]:
        text = block.text
        chars = len(text)
        words = text.split()
        letters = max(1, chars - len(words) + 1)
        score = 0.0
        if len(words) <= SHORT_WORDS:
            known = self.vocabulary.texts
            found = [known[word] for word in _WORD.findall(text.lower()) if word in known]
            score = sum(found) / len(found) if found else 0.0
        title = 0.0
        if self._title and chars < 300:
            mine = set(_WORD.findall(text.lower()))
            title = len(mine & self._title) / len(mine | self._title) if mine else 0.0
        return [
            log1p(chars),
            log1p(len(words)),
            block.link_chars / chars,
            (text.count(",") + text.count("\u3001") + text.count("\uff0c")) / len(words),
            1.0 if text[-1] in ".!?:;\u3002\u2026" else 0.0,
            len(_DIGIT.findall(text, 0, SAMPLE_CHARS)) / min(letters, SAMPLE_CHARS),
            len(_UPPER.findall(text, 0, SAMPLE_CHARS)) / min(letters, SAMPLE_CHARS),
            letters / len(words),
            min(1.0, block.bold / chars),
            score,
            title,
            float(copies),
            float(rank),
            float(_TAGS.get(block.node.tag, 0)),
            float(len(block.places)),
            1.0 if chars < 200 and _PRICE.search(text) else 0.0,
            1.0 if chars >= DECLARED_CHARS and self._hints.texts and self._is_declared(text) else 0.0,
            1.0 if chars < 200 and self._hints.names and squeezed(text) in self._hints.names else 0.0,
        ]

    def _group_row(self, chain: _Chain) -> list[float]:
        group = chain.group
        if group is None or group.parent is None:
            return [0.0, 0.0, 0.0, 0.0, 0.0, -1.0]
        item, whole = self._chains[group].row, self._chains[group.parent].row
        return [item[7], item[0], whole[1], whole[2], whole[3], float(chain.group_levels)]

    def _is_declared(self, text: str) -> bool:
        return squeezed(text[:SAMPLE_CHARS]) in self._hints.texts

    def _top_row(self, node: Node) -> list[float]:
        row = self._top_rows.get(node)
        if row is None:
            up = 0
            common = node
            while common not in self._above_top and common.parent is not None:
                common = common.parent
                up += 1
            down = self._above_top.get(common, 99)
            shared = self._chains[common].row
            best = self.scores.get(self.top) or 1.0
            near = max(self.scores.get(node, 0.0), self.scores.get(node.parent or node, 0.0)) / best
            after = 1.0 if node.start >= self.top.end else (-1.0 if node.end <= self.top.start else 0.0)
            row = [1.0 if down == 0 else 0.0, float(down), float(up), shared[3], near, shared[1], after]
            self._top_rows[node] = row
        return row


class _Place:
    """Where a block stands: after which heading, among what text. Rows must be asked for in order."""

    def __init__(self, features: Features, texts: list[list[float]]) -> None:
        self._page = features.page
        self._texts = texts
        self._h1 = self._heading = -1
        self._level = 0.0
        self._first_h1 = next((at for at, b in enumerate(self._page.blocks) if b.node.tag == "h1"), 0)

    def row(self, at: int) -> list[float]:
        page = self._page
        block = page.blocks[at]
        since = (at - self._heading) if self._heading >= 0 else -1
        heading = self._texts[self._heading] if self._heading >= 0 else None
        level = self._level
        if block.node.tag in HEADINGS:
            self._heading = at
            self._level = float(block.node.tag[1])
        low, high = max(0, at - 4), min(len(page.blocks), at + 5)
        window = page.cum_chars[high] - page.cum_chars[low] or 1
        below = min(len(page.blocks), at + 4)
        return [
            page.cum_chars[at] / (page.cum_chars[-1] or 1),
            at / len(page.blocks),
            float(max(-50, min(200, at - self._first_h1))),
            float(min(since, 100)),
            level,
            heading[9] if heading else 0.0,
            heading[10] if heading else 0.0,
            float(block.node.depth),
            (page.cum_long[high] - page.cum_long[low]) / window,
            (page.cum_links[high] - page.cum_links[low]) / window,
            log1p(page.cum_long[below] - page.cum_long[at + 1]),
        ]


def _ancestors(node: Node | None) -> list[Node]:
    found = []
    while node is not None:
        found.append(node)
        node = node.parent
    return found


def _paragraph_scores(page: Page) -> dict[Node, float]:
    """Readability's idea: paragraphs vote for their containers; links count against."""
    scores: dict[Node, float] = {}
    for at, block in enumerate(page.blocks):
        if page.long[at]:
            vote = 1.0 + min(3.0, page.chars[at] / 100) + min(3, block.text.count(","))
            node = block.node.parent if block.node.tag in {"p", "td", "li", "pre"} else block.node
            for level in range(4):
                if node is None:
                    break
                scores[node] = scores.get(node, 0.0) + vote / (1.0, 2.0, 4.0, 6.0)[level]
                node = node.parent
    for node in scores:
        chars = page.cum_chars[node.end] - page.cum_chars[node.start] or 1
        scores[node] *= 1 - (page.cum_links[node.end] - page.cum_links[node.start]) / chars
    return scores
