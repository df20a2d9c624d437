"""Streams of the whole test site as clients got them: what was there when, and what it cost to tell."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.stage import Stage
from reader_stream.stream.splice import Blocks, Splice, apply
from reader_stream.stream.sse import Decoder, Message
from tests import site as test_site

AT_A_TIME = 2
"""Pages that are read beside each other; more would slow each other's captures down."""

ATTEMPTS = 3
"""Both watchers must have met in one render; a static page may be over before the second one comes."""

BENCH = ("bench/small", "bench/app", "bench/large")

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "auto": {},
    "browser": {"X-Engine": "browser"},
    "browser, whole page": {"X-Engine": "browser", "X-Respond-With": "markdown"},
}
"""Ways to read a page; they differ in when the first document comes and in how much of it can change."""


@dataclass(frozen=True, slots=True)
class Version:
    """A document so far: when it was made, in which phase, and which share of it was said to stay."""

    blocks: Blocks
    elapsed_ms: int
    phase: str
    stability: float
    pending: int


@dataclass(slots=True)
class Watched:
    """What one client got: its messages, and the bytes of the whole body."""

    messages: list[Message] = field(default_factory=list)
    received: int = 0

    @property
    def read_id(self) -> str:
        """Which read it was."""
        return self.messages[0].id.partition(":")[0]

    @property
    def failed(self) -> bool:
        """Whether it ended in an error, so that there is nothing to compare with."""
        return self.messages[-1].event != "final"

    def told(self) -> list[str]:
        """The content that each event carried, which is what an agent puts before its model."""
        return [text for message in self.messages if (text := _content(message.json()))]


@dataclass(frozen=True, slots=True)
class Recording:
    """One page, rendered once and watched in both modes."""

    page: str
    variant: str
    versions: tuple[Version, ...]
    patch: Watched
    snapshot: Watched

    @property
    def final(self) -> Blocks:
        """What the page had in the end."""
        return self.versions[-1].blocks


async def record(stage: Stage, *variants: str) -> list[Recording]:
    """Every page of the site that has a content, in each of the `VARIANTS` named."""
    wanted = [(page.path[1:], page.headers) for page in test_site.PAGES if page.answer == 200]
    wanted += [(case, {}) for case in BENCH]
    jobs = iter([(page, variant, more) for page, more in wanted for variant in variants])
    found: list[Recording] = []

    async def work() -> None:
        for page, variant, headers in jobs:
            if recording := await _record(stage, page, variant, headers):
                found.append(recording)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_A_TIME):
            tasks.create_task(work())
    return found


async def _record(stage: Stage, page: str, variant: str, headers: Mapping[str, str]) -> Recording | None:
    headers = {**VARIANTS[variant], **headers}
    for _ in range(ATTEMPTS):
        url = stage.url(page)
        patch, snapshot = await asyncio.gather(
            *(watch(stage, url, {**headers, "X-Stream-Mode": mode}) for mode in ("patch", "snapshot"))
        )
        if patch.failed or snapshot.failed:
            return None
        if patch.read_id == snapshot.read_id and (versions := tuple(_versions(patch, snapshot))):
            return Recording(page, variant, versions, patch, snapshot)
    return None


async def watch(stage: Stage, url: str, headers: Mapping[str, str]) -> Watched:
    """One client from the first byte to the last."""
    watched, decoder = Watched(), Decoder()
    asked = {"Accept": "text/event-stream", "X-No-Cache": "true", **headers}
    async with stage.session.get(f"{stage.service.base}/{url}", headers=asked) as response:
        async for chunk in response.content.iter_any():
            watched.received += len(chunk)
            watched.messages += decoder.feed(chunk)
    return watched


def _versions(patch: Watched, snapshot: Watched) -> list[Version]:
    """The blocks from one, the times from the other: a patch alone may be a step between two documents."""
    blocks: Blocks = ()
    at: dict[int, Blocks] = {}
    for message in patch.messages:
        data = message.json()
        if message.event == "snapshot":
            blocks = tuple(data["blocks"])
        elif message.event == "patch":
            blocks = apply(blocks, Splice(data["start"], data["delete"], tuple(data["insert"])))
        at[data["version"]] = blocks
    told = [m.json() for m in snapshot.messages if m.event == "snapshot" and m.json()["version"] in at]
    return [_version(at[data["version"]], data) for data in told]


def _version(blocks: Blocks, data: Mapping[str, Any]) -> Version:
    progress = data["progress"]
    return Version(blocks, data["elapsed"], progress["phase"], progress["stability"], progress["pending"])


def _content(data: Mapping[str, Any]) -> str:
    """What an event says of the page's text; a final in patch mode repeats none of it."""
    pieces = data.get("blocks", data.get("insert"))
    return str(data.get("content", data.get("markdown", ""))) if pieces is None else "\n\n".join(pieces)
