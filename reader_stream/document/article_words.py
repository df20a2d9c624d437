"""What the words of a block say of it, and those of the text around it, learnt from many sites.

The names of containers say much on pages that have names; words say something on all: thanks and questions
of comments, invitations to subscribe, terms of sale. The weights are those of a logistic regression over the
words of a block (benchmarks/extraction/train.py); what they say of all text of a container together tells
more than a block's own few words. The network (article_net) learns from the same words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from reader_stream.document.article_bags import Bags, joined, numbers_of
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


def signs(text: str) -> list[str]:
    """What is looked at in a block, each once: its words, the first and the last, its length, its end."""
    words = [word if word.isalpha() else _DIGITS.sub("0", word) for word in words_of(text[:READ_CHARS])]
    found = dict.fromkeys(words)
    if words:
        found[f"^{words[0]}"] = None
        found[f"{words[-1]}$" if len(text) <= READ_CHARS else "\u2026"] = None
    found[f"#{bisect_left(LENGTHS, text.count(' ') + 1)}"] = None
    found[f"end{text[-1:]}"] = None
    return list(found)


def word_bags(page: Page, vocabulary: Vocabulary) -> Bags:
    """The known signs of each block; of short ones none."""
    told: dict[str, list[int]] = {}
    for block, words in zip(page.blocks, page.words, strict=True):
        if block.text not in told:
            found = signs(block.text) if words >= LEAST_WORDS else ()
            told[block.text] = numbers_of(found, vocabulary.word_places)
    return joined([told[block.text] for block in page.blocks])


class WordColumns(NamedTuple):
    """The columns `OF_BLOCK` and `OF_NODE`, and what the words of the whole page say."""

    of_block: Numbers
    of_node: Numbers
    of_page: float


def word_columns(page: Page, tree: Tree, bags: Bags, vocabulary: Vocabulary) -> WordColumns:
    """What is said by the words of each block and the one behind it, of each node, of the page."""
    counts = np.array(page.words)
    speaks = counts >= LEAST_WORDS
    counts = np.where(speaks, counts, 0)
    said = np.where(speaks, bags.sums(vocabulary.weights) + vocabulary.bias, 0.0)
    sums = np.concatenate([[0.0], np.cumsum(said * counts)])
    number = np.concatenate([[0.0], np.cumsum(counts)])
    mean = tree.between(sums) / np.maximum(1, tree.between(number))
    of_block = np.column_stack([said, np.append(said[1:], said[-1:])])
    of_node = np.column_stack([mean, mean[tree.parent], mean[tree.grand]])
    return WordColumns(of_block, of_node, float(sums[-1] / max(1, number[-1])))
