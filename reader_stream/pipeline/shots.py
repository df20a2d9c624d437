"""Pictures of pages, kept for a while under addresses that nobody can guess."""

from __future__ import annotations

import base64
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import anyio

from reader_stream.model import SHOTS, Shot

SHOT_LIFE_S = 600.0
"""How long a picture can be fetched: twice the life of a read's log, so a stream resumed late still works."""

PATH = "/v1/shots/"
URLS = frozenset(f"{kind.value}Url" for kind in SHOTS)
"""Names in a final's data that hold such addresses."""


def data_url(shot: Shot) -> str:
    """The picture itself as an address, for whom no service is there to be asked later."""
    return f"data:image/{shot.type};base64,{base64.b64encode(shot.body).decode()}"


class Shots:
    """Pictures by id, each for `SHOT_LIFE_S`; the oldest go earlier when all have more than `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._shots: OrderedDict[str, tuple[float, Shot]] = OrderedDict()
        self.bytes = 0

    def put(self, shot: Shot) -> str:
        """Keep a picture; its path on this service. The newest one is kept whatever its size."""
        self._expire()
        name = secrets.token_urlsafe(16)
        self._shots[name] = (anyio.current_time() + SHOT_LIFE_S, shot)
        self.bytes += len(shot.body)
        while self.bytes > self._max_bytes and len(self._shots) > 1:
            self._drop_oldest()
        return PATH + name

    def get(self, name: str) -> Shot | None:
        """The picture of this id, while it is kept."""
        self._expire()
        _, shot = self._shots.get(name, (0.0, None))
        return shot

    def found(self, data: Mapping[str, Any]) -> dict[str, Shot]:
        """The pictures that a final's data refers to, by the name there."""
        kept = {name: self.get(str(data[name]).rpartition("/")[2]) for name in URLS & data.keys()}
        return {name: shot for name, shot in kept.items() if shot}

    def _expire(self) -> None:
        now = anyio.current_time()
        while self._shots and next(iter(self._shots.values()))[0] <= now:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        _, (_, shot) = self._shots.popitem(last=False)
        self.bytes -= len(shot.body)
