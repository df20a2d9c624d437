"""What is said to stay: by place, by phase, by age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.model import Phase
from reader_stream.stream.stability import HALF_LIFE_MS, Stability

BLOCKS = st.lists(st.text("ab", min_size=1, max_size=3), max_size=5)
ROUNDING = 0.0005
PHASES = st.sampled_from(list(Phase))


def observed(*blocks: str, at_ms: int = 0) -> Stability:
    """A memory of one document."""
    stability = Stability(len)
    stability.observe(blocks, at_ms)
    return stability


def test_a_placeholder_is_doubted_most_and_an_inner_block_least() -> None:
    """Before scripts ran: a document of one block, the last block of several, one that others follow."""
    alone = observed("Loading").keeps("Loading", 0, Phase.HTML)
    several = observed("a", "b")
    assert alone < 0.5 < several.keeps("b", 0, Phase.HTML) < several.keeps("a", 0, Phase.HTML)


def test_a_block_is_trusted_more_the_longer_it_stays() -> None:
    """Each half-life takes half of the doubt."""
    stability = observed("a")
    fresh = stability.keeps("a", 0, Phase.HTML)
    stability.observe(["a", "b"], 50)
    for lives in (1, 2, 3):
        stability.observe(["b", "a"], round(lives * HALF_LIFE_MS))
        doubt = 1 - stability.keeps("a", round(lives * HALF_LIFE_MS), Phase.LOADED)
        assert doubt == pytest.approx((1 - observed("a").keeps("a", 0, Phase.LOADED)) / 2**lives)
    assert stability.keeps("a", 1000, Phase.HTML) > fresh


def test_a_block_that_was_away_begins_anew() -> None:
    """Whoever comes back is as young as at first."""
    stability = observed("a", "b")
    stability.observe(["b"], 500)
    stability.observe(["a", "b"], 600)
    assert stability.keeps("a", 600, Phase.HTML) == observed("a", "b").keeps("a", 0, Phase.HTML)


def test_the_share_is_by_weight() -> None:
    """A long block that is in doubt counts more than a short one that is not."""
    old_and_long, new_and_long = observed("a" * 90, at_ms=0), observed("b", at_ms=0)
    for stability in (old_and_long, new_and_long):
        stability.observe(["a" * 90, "b"], 1000)
    at = (["a" * 90, "b"], 1000, Phase.HTML)
    assert old_and_long.share(*at) > new_and_long.share(*at)


def test_what_has_settled_stays() -> None:
    """The last document is certain; before there is anything, nothing is."""
    assert observed("a").share(["a"], 0, Phase.SETTLED) == 1
    assert observed().share([], 0, Phase.SETTLED) == 1
    assert observed().share([], 0, Phase.LOADED) == 0


def test_each_block_is_weighed_once() -> None:
    """Counting tokens is dear: a block that stays is not counted again."""
    weighed: list[str] = []

    def weigh(block: str) -> int:
        weighed.append(block)
        return 1

    stability = Stability(weigh)
    for now in range(5):
        stability.observe(["a", *"bc"[: now + 1]], now)
    assert weighed == ["a", "b", "c"]


@given(st.lists(BLOCKS, min_size=1), PHASES)
def test_a_share_is_a_share(documents: list[list[str]], phase: Phase) -> None:
    """Whatever comes: within 0 and 1, between the chances of the blocks that it is made of."""
    stability = Stability(len)
    for now, blocks in enumerate(documents):
        stability.observe(blocks, now * 40)
    now, blocks = (len(documents) - 1) * 40, documents[-1]
    share = stability.share(blocks, now, phase)
    chances = [stability.keeps(block, now, phase) for block in blocks] or [share]
    assert all(0 <= chance <= 1 for chance in chances)
    assert min(chances) - ROUNDING <= share <= max(chances) + ROUNDING
