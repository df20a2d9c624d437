"""How much of a document one client gets: `X-Max-Tokens`, and `X-Cursor` to go on from there.

A cursor is an offset in characters of the whole content, so it means the same whatever the next limit
is. The cut is at a block border; only a block that is larger than the whole limit is cut inside, at
the end of a line where there is one, because a client that reads on must get somewhere.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reader_stream.stream.splice import Blocks

JOINT = "\n\n"

KEEP = 0.8
"""In a patch stream with a limit, a block goes out once it is this likely to stay: one that is taken back
has spent tokens for nothing."""

EARLY_FROM = 64
"""Tokens of a limit from which on its first half may be spent on what is there while the page changes. The
other half is for the last document, which "Loading…" must not keep out; and of less than a paragraph there is
nothing to gain by seeing it early."""

KEEP_ACCOUNTS = 64
"""Events of one client that a ledger remembers: some ten seconds of a page that changes all the time, and
far more of any other. A client that comes back to an older one begins anew."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a client holds after an event, and what all events so far have spent of its limit, in tokens."""

    blocks: Blocks
    spent: int


class Ledger:
    """The accounts of one client, by version: it may come back on another connection."""

    def __init__(self) -> None:
        self._accounts: OrderedDict[int, Account] = OrderedDict()

    def at(self, version: int) -> Account | None:
        """The account after the event of this version."""
        return self._accounts.get(version)

    def enter(self, version: int, account: Account) -> None:
        """Note an event; the oldest is forgotten."""
        self._accounts[version] = account
        if len(self._accounts) > KEEP_ACCOUNTS:
            self._accounts.popitem(last=False)


def skip(blocks: Blocks, offset: int) -> Blocks:
    """The blocks from `offset` on, a character count in the joined text; the first may be a rest."""
    for n, block in enumerate(blocks):
        if offset < len(block):
            return (block[offset:], *blocks[n + 1 :])
        offset -= len(block) + len(JOINT)
        if offset < 0:
            offset = 0
    return ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """A limit in tokens and where to begin. `weigh` counts the tokens of a text."""

    limit: int | None
    offset: int
    weigh: Callable[[str], int]

    @property
    def early(self) -> int:
        """Tokens of a patch stream that may go out before the last document is known."""
        return (self.limit or 0) // 2 if (self.limit or 0) >= EARLY_FROM else 0

    def cost(self, blocks: Sequence[str]) -> int:
        """Tokens of blocks and the joints between them; never less than those of the joined text."""
        return sum(map(self.weigh, blocks)) + max(0, len(blocks) - 1)

    def less(self, blocks: Sequence[str], spent: int = 0) -> Allowance:
        """What is left of the limit after `spent` tokens and these blocks."""
        if self.limit is None:
            return self
        return replace(self, limit=max(0, self.limit - spent - self.cost(blocks)))

    def fit(self, blocks: Blocks) -> Blocks:
        """What a client may have of a document."""
        rest = skip(blocks, self.offset) if self.offset else blocks
        if self.limit is None:
            return rest
        taken, left = 0, self.limit
        while taken < len(rest) and (left := left - self.weigh(rest[taken]) - 1) >= -1:
            taken += 1
        if taken == 0 and rest:
            return (self._piece(rest[0]),)
        return rest[:taken]

    def within(self, blocks: Blocks, budget: int, cost: Callable[[Blocks], int]) -> Blocks:
        """The longest beginning of `blocks` that can be told for `budget` tokens; `cost` rises with it."""
        return blocks[: bisect_right(range(len(blocks) + 1), budget, key=lambda k: cost(blocks[:k])) - 1]

    def next_offset(self, blocks: Blocks, given: Blocks) -> int | None:
        """Where to read on after `given`, None at the end."""
        rest = JOINT.join(skip(blocks, self.offset))
        text = JOINT.join(given)
        if len(text) >= len(rest):
            return None
        joint = len(JOINT) if rest.startswith(JOINT, len(text)) and text else 0
        return self.offset + len(text) + joint

    def _piece(self, block: str) -> str:
        """The beginning of a block that is too large by itself."""
        limit = self.limit or 0
        length = bisect_right(range(len(block) + 1), limit, key=lambda n: self.weigh(block[:n])) - 1
        length = max(1, length)
        border = max(block.rfind("\n", 1, length), block.rfind(" ", 1, length) if "\n" not in block else -1)
        return block[: border + 1] if border > 0 else block[:length]
