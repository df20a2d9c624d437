"""Pure: the messages of a stream → documents so far, the last one checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reader_stream.client.failures import IntegrityError
from reader_stream.errors import ReaderError
from reader_stream.model import Phase, Progress
from reader_stream.stream.allowance import JOINT
from reader_stream.stream.splice import Blocks, Splice, apply
from reader_stream.stream.sse import Message


@dataclass(frozen=True, slots=True)
class Completeness:
    """`state` is complete, partial, blocked or empty; `reasons` say why (API.md has the closed list)."""

    state: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document so far.

    `blocks` are the blocks of the content (one alone in snapshot mode). `completeness` and `data` (all
    that the service says of the document, as in its JSON answer) are there on the last one, which has
    `final` set. Versions rise within one read; when a read cannot be resumed, a new one starts over.
    """

    url: str = ""
    title: str = ""
    blocks: Blocks = ()
    version: int = 0
    progress: Progress | None = None
    final: bool = False
    completeness: Completeness | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """The main part of what was asked for, as one text: markdown unless html or text was asked for."""
        return JOINT.join(self.blocks)


class Fold:
    """Takes the messages of one read over all its connections. `name` is the main part's in the data."""

    def __init__(self, name: str) -> None:
        self.last_event_id = ""
        self.document = Document()
        self._name = name

    @property
    def read_id(self) -> str:
        """The read that the last message was of; empty before the first."""
        return self.last_event_id.rpartition(":")[0]

    def take(self, message: Message) -> Document | None:
        """The document after this message, None where its content is no other than before.

        Raises the ReaderError of an error event, IntegrityError for what does not fit together.
        """
        before, read_id = self.document, self.read_id
        self.last_event_id = message.id
        if self.read_id != read_id:
            self.document = Document()
        try:
            self._fold(message.event, message)
        except (KeyError, TypeError, ValueError) as error:
            raise IntegrityError(f"event {message.id} cannot be folded: {error!r}") from error
        news = self.document.final or self.document.blocks != before.blocks
        return self.document if news else None

    def _fold(self, event: str, message: Message) -> None:
        match event:
            case "snapshot":
                self.document = self._snapshot(message.json())
            case "patch":
                self.document = self._patched(message.json())
            case "final":
                self.document = self._final(message.json())
            case "error":
                raise ReaderError.from_dict(message.json())

    def _snapshot(self, data: Mapping[str, Any]) -> Document:
        blocks = tuple(data["blocks"]) if "blocks" in data else (data[self._name],)
        return Document(data["url"], data["title"], blocks, data["version"], _progress(data))

    def _patched(self, data: Mapping[str, Any]) -> Document:
        if data["base"] != self.document.version:
            raise ValueError(f"a patch of version {data['base']} for version {self.document.version}")
        splice = Splice(data["start"], data["delete"], tuple(data["insert"]))
        blocks = apply(self.document.blocks, splice)
        return replace(self.document, blocks=blocks, version=data["version"], progress=_progress(data))

    def _final(self, data: Mapping[str, Any]) -> Document:
        blocks = (data[self._name],) if self._name in data else self.document.blocks
        content = JOINT.join(blocks)
        if hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest() != data["sha256"]:
            raise ValueError("the content has another sha256 than the service says")
        told = data["completeness"]
        return Document(
            url=data["url"],
            title=data["title"],
            blocks=blocks,
            version=data["version"],
            progress=self.document.progress,
            final=True,
            completeness=Completeness(told["state"], tuple(told["reasons"])),
            data={**data, self._name: content},
        )


def _progress(data: Mapping[str, Any]) -> Progress:
    told = data["progress"]
    return Progress(Phase(told["phase"]), told["stability"], told["pending"])
