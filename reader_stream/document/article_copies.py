"""Text that stands on a page twice: laid out for large and for small screens, or once more in one piece for
machines that read microdata and for printing."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from itertools import accumulate

import numpy as np

from reader_stream.document.article_blocks import HEADINGS, Node, Page
from reader_stream.document.article_tree import Indices
from reader_stream.document.clean_hidden import HIDDEN

PIECE_CHARS, PIECE_SHARE = 1_000, 0.2
"""Only a block with at least so much text, and so much of what is kept, may be a copy in one piece: there are
five at most."""

PART_CHARS, MOST_PARTS = 40, 100
"""It is compared with so many of the longest other blocks; shorter ones are found anywhere."""

SAID_SHARE = 0.7
"""A block of which so much stands in other blocks says nothing that they do not."""

COPY_CHARS, COPIED_SHARE = 100, 0.9
"""A container of several blocks with so much text, so much of which stands elsewhere block by block, is a
copy (out of fold, .001 of word F1 on mixed pages, 0.7 to 0.9 and 60 to 200 characters alike; copies in one
piece are .007 of shingle F1 on articles)."""


def drop_copies(page: Page, keep: Sequence[bool], *, items: bool = False) -> list[bool]:
    """The blocks of `keep` without those that say again what others say.

    Items of one kind (plans, tabs, posts, verses) say the same on purpose and stay, but for `items`: an
    annotation has a text once, and what is trained from it too (benchmarks/extraction/samples.py).
    """
    return _drop_containers(page, _drop_pieces(page, keep), items)


def _drop_pieces(page: Page, keep: Sequence[bool]) -> list[bool]:
    left = list(keep)
    kept = [at for at, stays in enumerate(keep) if stays]
    least = max(PIECE_CHARS, PIECE_SHARE * sum(page.chars[at] for at in kept))
    for piece in [at for at in kept if page.chars[at] >= least]:
        others = (at for at in kept if left[at] and PART_CHARS <= page.chars[at] < page.chars[piece])
        parts = nlargest(MOST_PARTS, others, key=page.chars.__getitem__)
        whole = page.blocks[piece].text
        said = sum(page.chars[at] for at in parts if page.blocks[at].text in whole)
        left[piece] = said < SAID_SHARE * page.chars[piece]
    return left


def _drop_containers(page: Page, keep: list[bool], items: bool) -> list[bool]:
    first = _first_places(page, keep)
    copied = [
        size if at != each else 0 for at, (each, size) in enumerate(zip(first, page.chars, strict=True))
    ]
    copied_before = [0, *accumulate(copied)]
    if not copied_before[-1]:
        return keep
    kept_before = [0, *accumulate(size if stays else 0 for size, stays in zip(page.chars, keep, strict=True))]
    places, sizes = np.array(first, np.intp), np.array(copied)
    left, done = list(keep), 0
    for node in page.nodes:
        start, end = node.start, node.end
        least = COPIED_SHARE * max(COPY_CHARS, kept_before[end] - kept_before[start])
        if start < done or end - start < 2 or copied_before[end] - copied_before[start] < least:
            continue
        elsewhere = (places[start:end] < start) | (places[start:end] >= end)
        if sizes[start:end][elsewhere].sum() < least or "table" in node.under:
            continue  # cells of tables say the same again and again
        copy, original = _branches(node, page.blocks[places[start:end][elsewhere][0]].node)
        if items or not _are_alike(copy, original) or _is_card_again(page, copy, places):
            left[start:end] = [False] * (end - start)
            done = end
    return left


def _branches(one: Node, other: Node) -> tuple[Node, Node]:
    """The two containers that hold one node each, side by side in the nearest one that holds both."""
    while one.parent is not None and other.parent is not None and one.parent is not other.parent:
        if one.depth >= other.depth:
            one = one.parent
        else:
            other = other.parent
    return one, other


def _is_card_again(page: Page, item: Node, places: Indices) -> bool:
    """Whether an item says nothing of its own, as slides that a carousel clones; a refrain does neither, but
    has no heading and leads nowhere."""
    span = range(item.start, item.end)
    if any(item.start <= places[at] < item.end for at in span):
        return False
    return any(page.blocks[at].link_chars or page.blocks[at].node.tag in HEADINGS for at in span)


def _are_alike(one: Node, other: Node) -> bool:
    """Whether two containers are items of one kind."""
    classes = set(one.shape[1].split()), set(other.shape[1].split())
    return one.tag == other.tag and (classes[0] == classes[1] or not classes[0].isdisjoint(classes[1]))


def _first_places(page: Page, keep: Sequence[bool]) -> list[int]:
    """For each block that is kept the first such block with its text, those in sight before hidden ones."""
    first: dict[str, int] = {}
    for hidden in (False, True):
        for at, block in enumerate(page.blocks):
            if keep[at] and (HIDDEN in block.node.under) is hidden:
                first.setdefault(block.text, at)
    return [first[block.text] if keep[at] else at for at, block in enumerate(page.blocks)]
