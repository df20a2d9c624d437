"""The store of pictures."""

from __future__ import annotations

import pytest

from reader_stream.model import RespondWith, Shot
from reader_stream.pipeline import shots as room
from reader_stream.pipeline.shots import Shots


def shot(size: int) -> Shot:
    """A picture of so many bytes."""
    return Shot(RespondWith.SCREENSHOT, "png", bytes(size))


def kept(shots: Shots, path: str) -> bool:
    """Whether the picture of this path is there."""
    return shots.get(path.removeprefix(room.PATH)) is not None


@pytest.mark.anyio
async def test_the_oldest_pictures_make_room() -> None:
    """All together stay within the bound, and the newest is always there."""
    shots = Shots(max_bytes=100)
    first, second, third = (shots.put(shot(40)) for _ in range(3))
    assert [kept(shots, path) for path in (first, second, third)] == [False, True, True]
    large = shots.put(shot(1000))
    assert [kept(shots, path) for path in (second, third, large)] == [False, False, True]
    assert shots.bytes == 1000


@pytest.mark.anyio
async def test_a_picture_is_gone_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing outlives its time, whether or not somebody asks for it."""
    monkeypatch.setattr(room, "SHOT_LIFE_S", -1.0)
    shots = Shots(max_bytes=100)
    assert not kept(shots, shots.put(shot(40)))
    assert shots.bytes == 0
