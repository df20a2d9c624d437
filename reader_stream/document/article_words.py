"""What the words of a block say of it, and those of the text around it, learnt from many sites.

The names of containers say much on pages that have names; words say something on all: thanks and questions
of comments, invitations to subscribe, terms of sale. The weights are those of a logistic regression over the
words of a block (benchmarks/extraction/train.py); what they say of all text of a container together tells
more than a block's own few words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from math import sqrt

from reader_stream.document.article_blocks import Node, Page
from reader_stream.document.article_names import Vocabulary

WORDS = ("own", "before", "after", "node", "parent", "grand", "page")
"""The columns of a row of `Words`."""

READ_CHARS = 240
"""How much of a block is read (out of fold, 600 tells .003 of AUC more than 240, 120 .006 less)."""

LEAST_WORDS = 3
"""Shorter blocks say nothing here: the classifier knows what the words of labels say (article_names)."""

LENGTHS = (3, 4, 5, 6, 7, 8, 16, 40)
"""Blocks up to so many words are of one length, those with more of one more."""

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")


def signs(text: str) -> set[str]:
    """What the regression looks at in a block: its words, the first and the last, its length, its end."""
    words = _WORD.findall(_DIGITS.sub("0", text[:READ_CHARS].lower()))
    found = set(words)
    if words:
        found.add(f"^{words[0]}")
        found.add(f"{words[-1]}$" if len(text) <= READ_CHARS else "\u2026")
    found.add(f"#{bisect_left(LENGTHS, text.count(' ') + 1)}")
    found.add(f"end{text[-1:]}")
    return found


def log_odds(text: str, vocabulary: Vocabulary) -> float:
    """Of being content, by the words alone."""
    weight_of = vocabulary.words.get
    known = [weight for sign in signs(text) if (weight := weight_of(sign)) is not None]
    return sum(known) / sqrt(len(known) or 1) + vocabulary.bias


class Words:
    """What is said by the words of each block, of its neighbours, of the nodes above it and of the page."""

    def __init__(self, page: Page, vocabulary: Vocabulary) -> None:
        self._blocks = page.blocks
        told: dict[str, float] = {}
        counts = [words if words >= LEAST_WORDS else 0 for words in page.words]
        for block, count in zip(page.blocks, counts, strict=True):
            if block.text not in told:
                told[block.text] = log_odds(block.text, vocabulary) if count else 0.0
        self._said = [told[block.text] for block in page.blocks]
        self._counts = [0, *accumulate(counts)]
        self._sums = [0.0, *accumulate(s * n for s, n in zip(self._said, counts, strict=True))]
        self._means: dict[Node, float] = {}
        self._around: dict[Node, list[float]] = {}
        self._page = self._sums[-1] / max(1, self._counts[-1])

    def row(self, at: int) -> list[float]:
        """The columns `WORDS` of one block."""
        said = self._said
        before, after = max(0, at - 1), min(len(said) - 1, at + 1)
        node = self._blocks[at].node
        around = self._around.get(node)
        if around is None:
            parent = node.parent or node
            means = map(self._mean, (node, parent, parent.parent or parent))
            around = self._around[node] = [*means, self._page]
        return [said[at], said[before], said[after], *around]

    def _mean(self, node: Node) -> float:
        """Over all words of a node."""
        mean = self._means.get(node)
        if mean is None:
            count = self._counts[node.end] - self._counts[node.start]
            mean = (self._sums[node.end] - self._sums[node.start]) / max(1, count)
            self._means[node] = mean
        return mean
