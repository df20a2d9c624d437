"""Blocks that are kept or dropped together.

The classifier judges each block by itself. Where the page says that blocks are one thing (the lines of a
listing, the cells of a row, a heading and what it heads), they share a verdict: a table with holes says what
the page did not say, and a text that lost its heading has lost its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reader_stream.document.article_blocks import HEADINGS, Node, Page

HEADING_CHANCE = 0.1
"""A heading less likely than this stays out whatever it heads: such are those of teasers and of users in
forums. Half of the others that head what is kept are content (heading F1 .805 without them, .840 with)."""

HEADED_SHARE = 0.5
"""A heading heads what is kept when more than this share of the words below it are (0.1 to 0.7 are alike)."""

WHOLE_SHARE = 0.35
"""A listing or a table of data is content from this share of the page's threshold on: cells say little by
themselves (out of fold, row F1 .844 at 1, .886 at 0.5, .906 at 0.35, .913 at 0.25, where pages lose)."""

LIST_BLOCKS = 3
"""A list of so many blocks is kept whole where its words are content on the whole; where they are not, each
block speaks for itself (out of fold, .001 of word F1 on mixed pages, .008 of that of items; lists that are
left out as a whole cost .004, groups of like containers kept as a whole .005)."""

_LISTS = frozenset({"ol", "ul"})
_CELLS = frozenset({"td", "th"})
_SECTIONS = HEADINGS | {"article", "form", "section"}
_SCOPES = frozenset(
    {
        "article", "aside", "blockquote", "dd", "dialog", "figure", "footer", "form", "li", "nav", "section",
        "td", "th",
    }
)  # fmt: skip


def unite(page: Page, probability: Sequence[float], threshold: float) -> list[bool]:
    """For each block whether it is kept: those likely enough, as whole units, with their headings."""
    keep = [p >= threshold for p in probability]
    words = page.words
    for unit, chance in _units(page, probability, words, threshold):
        keep[unit.start : unit.end] = [chance >= threshold] * (unit.end - unit.start)
    _add_headings(page, probability, words, keep)
    return keep


def _mean(probability: Sequence[float], words: Sequence[int], node: Node) -> float:
    """How likely a word of `node` is content."""
    span = range(node.start, node.end)
    total = sum(words[at] for at in span)
    return sum(probability[at] * words[at] for at in span) / total if total else 0.0


def _units(
    page: Page, probability: Sequence[float], words: Sequence[int], threshold: float
) -> Iterator[tuple[Node, float]]:
    """Lists that are kept; listings, tables of data, the rows of those that are not kept as a whole; with
    their chances."""
    for at, node in enumerate(page.nodes):
        if node.end - node.start < 2:
            continue
        if node.tag in _LISTS and node.end - node.start >= LIST_BLOCKS:
            chance = _mean(probability, words, node)
            if chance >= threshold:
                yield node, chance
            continue
        rows = _rows(page, at) if node.tag == "table" else []
        if node.tag != "pre" and not rows:
            continue
        chance = _mean(probability, words, node) / WHOLE_SHARE
        if chance >= threshold or not rows:
            yield node, chance
        else:
            yield from ((row, _mean(probability, words, row)) for row in rows)


def _rows(page: Page, at: int) -> list[Node]:
    """The rows of the table that is node `at`; none, when it lays out the page or has but one column."""
    nodes = page.nodes
    end = at + 1
    while end < len(nodes) and nodes[end].depth > nodes[at].depth:
        if nodes[end].tag == "table":
            return []
        end += 1
    inside = nodes[at + 1 : end]
    cells = Counter(id(node.parent) for node in inside if node.tag in _CELLS and node.end > node.start)
    tags = {node.tag for node in inside if node.tag not in HEADINGS or not _fills_cell(node)}
    if max(cells.values(), default=0) < 2 or ("th" not in tags and tags & _SECTIONS):
        return []
    return [node for node in inside if node.tag == "tr" and node.end - node.start > 1]


def _fills_cell(heading: Node) -> bool:
    """Whether a heading is all that its cell says, and so makes it a header cell."""
    around = heading.parent
    while around is not None and around.tag not in _CELLS:
        around = around.parent
    return around is not None and (around.start, around.end) == (heading.start, heading.end)


def _add_headings(page: Page, probability: Sequence[float], words: Sequence[int], keep: list[bool]) -> None:
    """Keep the headings, but for those of the page itself, below which enough is kept."""
    below, level = len(keep), 0
    for node in reversed(page.nodes):
        if node.tag not in HEADINGS or node.start == node.end:
            continue
        rank = int(node.tag[1])
        if rank > 1 and max(probability[node.start : node.end]) >= HEADING_CHANCE:
            end = _scope_end(node)
            under = range(node.end, min(below, end))
            if under:
                kept = sum(words[at] for at in under if keep[at])
                stays = kept > HEADED_SHARE * sum(words[at] for at in under)
            else:
                stays = level > rank and below < end and keep[below]
            if stays:
                keep[node.start : node.end] = [True] * (node.end - node.start)
        below, level = node.start, rank


def sections(page: Page) -> Iterator[tuple[Node, int]]:
    """The headings, the last one first, each with where what it heads ends (the end of a range of blocks)."""
    nearest = [len(page.blocks)] * 7
    for node in reversed(page.nodes):
        if node.tag in HEADINGS and node.start < node.end:
            rank = int(node.tag[1])
            yield node, max(node.end, min(_scope_end(node), *nearest[1 : rank + 1]))
            nearest[rank] = node.start


def _scope_end(node: Node) -> int:
    """Where what a heading heads ends at last: with the section, item or cell that it stands in."""
    around = node.parent
    while around is not None and around.parent is not None and around.tag not in _SCOPES:
        around = around.parent
    return around.end if around is not None else node.end
