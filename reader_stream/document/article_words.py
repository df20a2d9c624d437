"""What the words of a block say of it, and those of the text around it, learnt from many sites.

The names of containers say much on pages that have names; words say something on all: thanks and questions
of comments, invitations to subscribe, terms of sale. The weights are those of a logistic regression over the
words of a block (benchmarks/extraction/train.py); what they say of all text of a container together tells
more than a block's own few words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_tree import Numbers, Tree
from reader_stream.document.article_vocabulary import Vocabulary

OF_BLOCK, OF_NODE = ("own", "after"), ("node", "parent", "grand")
"""The columns of what `word_columns` says of blocks, of nodes."""

READ_CHARS = 240
"""How much of a block is read (out of fold, 600 tells .003 of AUC more than 240, 120 .006 less)."""

LEAST_WORDS = 3
"""Shorter blocks say nothing here: the classifier knows what the words of labels say (article_features)."""

LENGTHS = (3, 4, 5, 6, 7, 8, 16, 40)
"""Blocks up to so many words are of one length, those with more of one more."""

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=1024)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a short text, in lower case."""
    return tuple(_WORD.findall(text.lower()))


def signs(text: str) -> set[str]:
    """What the regression looks at in a block: its words, the first and the last, its length, its end."""
    words = [word if word.isalpha() else _DIGITS.sub("0", word) for word in words_of(text[:READ_CHARS])]
    found = set(words)
    if words:
        found.add(f"^{words[0]}")
        found.add(f"{words[-1]}$" if len(text) <= READ_CHARS else "\u2026")
    found.add(f"#{bisect_left(LENGTHS, text.count(' ') + 1)}")
    found.add(f"end{text[-1:]}")
    return found


def log_odds(text: str, vocabulary: Vocabulary) -> float:
    """Of being content, by the words alone."""
    weights = vocabulary.words
    known = [weights[sign] for sign in signs(text) if sign in weights]
    return sum(known) / sqrt(len(known) or 1) + vocabulary.bias


class WordColumns(NamedTuple):
    """The columns `OF_BLOCK` and `OF_NODE`, and what the words of the whole page say."""

    of_block: Numbers
    of_node: Numbers
    of_page: float


def word_columns(page: Page, tree: Tree, vocabulary: Vocabulary) -> WordColumns:
    """What is said by the words of each block and the one behind it, of each node, of the page."""
    told: dict[str, float] = {}
    for block, words in zip(page.blocks, page.words, strict=True):
        if block.text not in told:
            told[block.text] = log_odds(block.text, vocabulary) if words >= LEAST_WORDS else 0.0
    said = np.array([told[block.text] for block in page.blocks])
    counts = np.array(page.words)
    counts = np.where(counts >= LEAST_WORDS, counts, 0)
    sums = np.concatenate([[0.0], np.cumsum(said * counts)])
    number = np.concatenate([[0.0], np.cumsum(counts)])
    mean = tree.between(sums) / np.maximum(1, tree.between(number))
    of_block = np.column_stack([said, np.append(said[1:], said[-1:])])
    of_node = np.column_stack([mean, mean[tree.parent], mean[tree.grand]])
    return WordColumns(of_block, of_node, float(sums[-1] / max(1, number[-1])))
