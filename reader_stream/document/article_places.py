"""Where a text block stands: which container the paragraphs vote for, which heading it follows."""

from __future__ import annotations

from reader_stream.document.article_blocks import HEADINGS, Node, Page

PLACE = (
    "at_chars", "at_blocks", "blocks_since_h1", "blocks_since_heading", "heading_level", "heading_score",
    "heading_title", "depth", "window_links",
)  # fmt: skip
"""The columns of a row of `Places`."""


class Places:
    """After which heading a block stands, among what text.

    `said` is, for each block, what its words say and how much of the page's title it has.
    """

    def __init__(self, page: Page, said: list[tuple[float, float]]) -> None:
        self._page = page
        self._said = said
        self._headings: list[int] = []
        last = -1
        for at, block in enumerate(page.blocks):
            self._headings.append(last)
            if block.node.tag in HEADINGS:
                last = at
        self._first_h1 = next((at for at, block in enumerate(page.blocks) if block.node.tag == "h1"), 0)

    def row(self, at: int) -> list[float]:
        page = self._page
        heading = self._headings[at]
        since, level, score, title = -1, 0.0, 0.0, 0.0
        if heading >= 0:
            since, level = at - heading, float(page.blocks[heading].node.tag[1])
            score, title = self._said[heading]
        low, high = max(0, at - 4), min(len(page.blocks), at + 5)
        window = page.cum_chars[high] - page.cum_chars[low] or 1
        return [
            page.cum_chars[at] / (page.cum_chars[-1] or 1),
            at / len(page.blocks),
            float(max(-50, min(200, at - self._first_h1))),
            float(min(since, 100)),
            level,
            score,
            title,
            float(page.blocks[at].node.depth),
            (page.cum_links[high] - page.cum_links[low]) / window,
        ]


def ancestors(node: Node | None) -> list[Node]:
    """The node and all above it."""
    found = []
    while node is not None:
        found.append(node)
        node = node.parent
    return found


_VOTE_SHARE = (1.0, 0.5, 0.25, 1 / 6)
"""A paragraph's vote for the containers above it, nearest first (Readability has 1, 1/2, 1/6, ...)."""


def paragraph_votes(page: Page) -> dict[Node, float]:
    """Readability's idea: paragraphs vote for their containers; links count against."""
    votes: dict[Node, float] = {}
    for at, block in enumerate(page.blocks):
        if not page.long[at]:
            continue
        vote = 1.0 + min(3.0, page.chars[at] / 100) + min(3, block.text.count(","))
        node = block.node.parent if block.node.tag in {"p", "td", "li", "pre"} else block.node
        for share in _VOTE_SHARE:
            if node is None:
                break
            votes[node] = votes.get(node, 0.0) + vote * share
            node = node.parent
    for node in votes:
        chars = page.cum_chars[node.end] - page.cum_chars[node.start] or 1
        votes[node] *= 1 - (page.cum_links[node.end] - page.cum_links[node.start]) / chars
    return votes
