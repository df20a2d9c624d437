"""Text that stands on a page twice: laid out for large and for small screens, or once more in one piece for
machines that read microdata and for printing.

To have a text twice is a small fault, to lose one is none that a reader forgives: what says something of its
own is never a copy, not even where nearly all of it stands elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np

from reader_stream.document.article_blocks import HEADINGS, Block, Node, Page
from reader_stream.document.article_tree import Flags, Indices
from reader_stream.document.article_units import sections
from reader_stream.document.clean_hidden import HIDDEN

PIECE_CHARS, PIECE_SHARE = 1_000, 0.2
"""Only a block with at least so much text, and so much of what is kept, may be a copy in one piece: there are
five at most."""

PART_CHARS = 40
"""It is compared with blocks of at least so much text; shorter ones are found anywhere."""

SEARCHED_CHARS = 50_000_000
"""For all pieces together so much text is searched at most (0.05 s): parts that follow each other take one
pass over the piece, each part that is not there takes one more."""

COPY_CHARS, COPIED_SHARE = 100, 0.9
"""A block, or a container of several with so much text, is a copy when so much of it stands elsewhere block
by block (out of fold, .001 of word F1 on mixed pages, 0.7 to 0.9 and 60 to 200 characters alike; copies in
one piece are .007 of shingle F1 on articles)."""

SHOWN_AGAIN = frozenset(
    {
        "carousel", "clone", "cloned", "desktop", "duplicate", "marquee", "mobile", "slick", "slide",
        "slider", "swiper", "tablet",
    }
)  # fmt: skip
"""Words of class names of what is made for one kind of screen, and of what runs in circles, the first items
once more after the last ones."""

_DIGITS = re.compile(r"\d+")


def drop_copies(page: Page, keep: Sequence[bool], *, items: bool = False) -> list[bool]:
    """The blocks of `keep` without those that say again what others say.

    Items of one kind (plans, tabs, posts, verses) say the same on purpose and stay, and so does what has a
    name or a sentence of its own; but for `items`: an annotation has a text once, and what is trained from
    it too (benchmarks/extraction/samples.py).
    """
    laid_out = _drop_pieces(page, keep)
    first = _first_places(page, laid_out)
    if first == list(range(len(first))):
        return laid_out
    copies = _Copies(page, laid_out, np.array(first, np.intp))
    left = copies.drop_containers(items)
    return left if items else copies.drop_headings(left)


def _drop_pieces(page: Page, keep: Sequence[bool]) -> list[bool]:
    left, budget = list(keep), SEARCHED_CHARS
    kept = [at for at, stays in enumerate(keep) if stays]
    least = max(PIECE_CHARS, PIECE_SHARE * sum(page.chars[at] for at in kept))
    pieces = [at for at in kept if page.chars[at] >= least]
    for piece in sorted(pieces, key=page.chars.__getitem__):  # a part of another that goes is no reason
        if "pre" in page.blocks[piece].node.under:
            continue  # the whole program, after its parts
        others = (at for at in kept if left[at] and PART_CHARS <= page.chars[at] < page.chars[piece])
        parts = dict.fromkeys(page.blocks[at].text for at in others)
        consists, searched = _consists(page.blocks[piece].text, parts, budget)
        left[piece] = not consists
        budget -= searched
    return left


def _consists(whole: str, parts: Iterable[str], budget: int) -> tuple[bool, int]:
    """Whether a text consists of `parts`, which may be in any order; how many characters were searched, at
    most one part's search more than `budget`."""
    said = searched = after = 0
    for part in parts:
        if searched > budget:
            break
        at = whole.find(part, after)
        searched += (at if at >= 0 else len(whole)) - after
        if at < 0:
            at = whole.find(part, 0, after)
            searched += at if at >= 0 else after
        if at >= 0:
            said, after = said + len(part), at + len(part)
        if said >= COPIED_SHARE * len(whole):
            return True, searched
    return False, searched


class _Copies:
    """A page of which some blocks are kept; `places` has for each block where its text stands first."""

    def __init__(self, page: Page, keep: list[bool], places: Indices) -> None:
        self._page, self._keep, self._places = page, keep, places
        self._kept = np.where(keep, page.chars, 0)
        self._copied = np.where(places != np.arange(len(places)), page.chars, 0)
        self._kept_before, self._copied_before = (
            [0, *accumulate(v.tolist())] for v in (self._kept, self._copied)
        )

    def drop_containers(self, items: bool) -> list[bool]:
        """What is kept without the containers that say nothing but what stands elsewhere."""
        left, done = list(self._keep), 0
        named = np.zeros(len(left), np.bool_) if items else self._named_sections()
        for node in self._page.nodes:
            start, end = node.start, node.end
            if start < done or end - start < 2 or not self._is_copied(start, end):
                continue
            if "table" in node.under or named[start:end].all():
                continue  # cells of tables say the same again and again
            if not items and (self._says_something(start, end) or self._has_name(node)):
                done = end  # and what is in it belongs to what it says
            elif items or not self._is_item(node):
                left[start:end] = [False] * (end - start)
                done = end
        return left

    def drop_headings(self, left: list[bool]) -> list[bool]:
        """What is left without the headings that are copies too and head nothing that is left."""
        had = self._kept_before
        for heading, end in sections(self._page):
            own, below = slice(heading.start, heading.end), slice(heading.end, end)
            if had[end] > had[heading.end] and not any(left[below]) and self._copied[own].all():
                left[own] = [False] * (heading.end - heading.start)
        return left

    def _named_sections(self) -> Flags:
        """Which blocks are in sections that say what stands elsewhere under a heading of their own."""
        named = np.zeros(len(self._keep), np.bool_)
        for heading, end in sections(self._page):
            own = self._kept[heading.start] and not self._copied[heading.start]
            if own and self._is_copied(heading.end, end):
                named[heading.start : end] = True
        return named

    def _is_copied(self, start: int, end: int) -> bool:
        least = COPIED_SHARE * max(COPY_CHARS, self._kept_before[end] - self._kept_before[start])
        if self._copied_before[end] - self._copied_before[start] < least:
            return False
        return bool(self._copied[start:end][self._are_elsewhere(start, end)].sum() >= least)

    def _are_elsewhere(self, start: int, end: int) -> Flags:
        """Which of these blocks stand outside of them first."""
        places = self._places[start:end]
        return (places < start) | (places >= end)

    def _says_something(self, start: int, end: int) -> bool:
        """Whether there is more of its own in a copy than labels behind the text: "Print"."""
        elsewhere = self._are_elsewhere(start, end)
        own = np.flatnonzero((self._kept[start:end] > 0) & ~elsewhere)
        if not len(own):
            return False
        return bool(own[0] < np.flatnonzero(elsewhere)[-1]) or not all(
            _is_label(self._page.blocks[start + at]) for at in own.tolist()
        )

    def _has_name(self, node: Node) -> bool:
        """Whether a term or a line in bold of its own stands right before a container."""
        at = node.start - 1
        if at < 0 or not self._kept[at] or self._copied[at]:
            return False
        name = self._page.blocks[at]
        beside = name.node.parent is not None and name.node.parent.end >= node.end
        return beside and (name.node.tag == "dt" or name.bold >= len(name.text))

    def _is_item(self, node: Node) -> bool:
        """Whether a copy and its original are items of one kind: a refrain, but not a slide shown again."""
        elsewhere = np.flatnonzero(self._are_elsewhere(node.start, node.end))
        first = node.start + int(elsewhere[0])
        copy, original = _branches(node, self._page.blocks[int(self._places[first])].node)
        return _are_alike(copy, original) and not self._is_shown_again(copy)

    def _is_shown_again(self, item: Node) -> bool:
        """Whether an item, all of which is kept, says nothing of its own, and has a title or slides."""
        (start, end), page = (item.start, item.end), self._page
        copied = self._copied_before[end] - self._copied_before[start]
        if copied < page.cum_chars[end] - page.cum_chars[start]:
            return False
        return not SHOWN_AGAIN.isdisjoint(item.names) or any(map(_is_title, page.blocks[start:end]))


def _is_title(block: Block) -> bool:
    """Whether a block is a heading of several words, which "Chorus" is not."""
    return " " in block.text and block.node.tag in HEADINGS


def _is_label(block: Block) -> bool:
    """Whether a block is one word of a script that parts words; no heading, sentence, price or code."""
    text = block.text
    if not text.isalpha() or text.upper() == text.lower():
        return False
    return "pre" not in block.node.under and HEADINGS.isdisjoint(block.node.under)


def _branches(one: Node, other: Node) -> tuple[Node, Node]:
    """The two containers that hold one node each, side by side in the nearest one that holds both."""
    while one.parent is not None and other.parent is not None and one.parent is not other.parent:
        if one.depth >= other.depth:
            one = one.parent
        else:
            other = other.parent
    return one, other


def _are_alike(one: Node, other: Node) -> bool:
    """Whether two containers are items of one kind; those may be counted (`tab-1`, `tab-2`)."""
    classes = [set(_DIGITS.sub("", node.shape[1]).split()) for node in (one, other)]
    return one.tag == other.tag and (classes[0] == classes[1] or not classes[0].isdisjoint(classes[1]))


def _first_places(page: Page, keep: Sequence[bool]) -> list[int]:
    """For each block that is kept the first such block with its text, those in sight before hidden ones."""
    first: dict[str, int] = {}
    for hidden in (False, True):
        for at, block in enumerate(page.blocks):
            if keep[at] and (HIDDEN in block.node.under) is hidden:
                first.setdefault(block.text, at)
    return [first[block.text] if keep[at] else at for at, block in enumerate(page.blocks)]
