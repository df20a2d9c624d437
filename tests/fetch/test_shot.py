"""How large a picture may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader_stream.fetch.shot import MAX_PIXELS, MAX_SIDE_PX, Clip

SIDES = st.floats(0, 1e9)


@given(SIDES, SIDES, st.floats(0.1, 4))
def test_no_picture_is_larger_than_its_bounds(width: float, height: float, scale: float) -> None:
    """Whatever the page and the scale, neither a side nor the area is beyond what may be encoded."""
    clip = Clip.fit((0, 0), (width, height), scale)
    assert 1 <= clip.width <= MAX_SIDE_PX / scale
    assert 1 <= clip.height <= MAX_SIDE_PX / scale
    assert clip.width * clip.height * scale * scale <= MAX_PIXELS
    assert clip.cut == (clip.width < int(width) or clip.height < int(height))


def test_an_ordinary_page_is_whole() -> None:
    """A page within the bounds keeps its size."""
    assert Clip.fit((0, 0), (1280, 12000), 1) == Clip(0, 0, 1280, 12000, cut=False)
