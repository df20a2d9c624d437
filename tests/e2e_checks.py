"""What holds for every stream of events, whatever the page (API.md, "text/event-stream")."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from reader_stream.stream.sse import Message

PHASES = ("html", "interactive", "loaded", "settled")


def check_stream(messages: Sequence[Message], field: str = "content") -> dict[str, Any]:
    """Check one whole stream in snapshot mode; the data of its last event."""
    assert messages, "a stream without an event"
    *before, last = messages
    assert [message.event for message in before] == ["snapshot"] * len(before)
    assert last.event in ("final", "error")
    data: dict[str, Any] = last.json()
    _check_ids(messages)
    snapshots = [message.json() for message in before]
    for one in snapshots:
        _check_snapshot(one, field)
    contents = [one[field] for one in snapshots]
    assert all(a != b for a, b in pairwise(contents)), "two equal snapshots"
    times = [one["elapsed"] for one in snapshots]
    assert times == sorted(times)
    if last.event == "final":
        check_final(data, field)
    return data


def fold(messages: Sequence[Message]) -> str:
    """The content that a client of patch mode has in the end."""
    blocks: list[str] = []
    version = 0
    for message in messages:
        data = message.json()
        if message.event == "snapshot":
            blocks = list(data["blocks"])
        elif message.event == "patch":
            assert data["base"] == version
            start = data["start"]
            assert 0 <= start <= start + data["delete"] <= len(blocks)
            blocks[start : start + data["delete"]] = data["insert"]
        version = data.get("version", version)
    return "\n\n".join(blocks)


def check_final(data: dict[str, Any], field: str = "content") -> None:
    """The document of the contract, as the final event and JSON have it."""
    assert {"title", "description", "url", field, "metadata", "warnings", "usage"} <= data.keys()
    state, reasons = data["completeness"]["state"], data["completeness"]["reasons"]
    assert state in ("complete", "partial", "blocked", "empty")
    assert not (state == "complete" and reasons)
    assert reasons or state in ("complete", "empty")
    if "sha256" in data:
        assert data["sha256"] == hashlib.sha256(data[field].encode()).hexdigest()


def _check_ids(messages: Sequence[Message]) -> None:
    ids = [message.id.rpartition(":") for message in messages]
    assert len({read_id for read_id, _, _ in ids}) == 1
    assert ids[0][0]
    versions = [int(version) for _, _, version in ids]
    assert versions == sorted(set(versions)), f"versions do not increase: {versions}"
    for message, version in zip(messages, versions, strict=True):
        assert message.json().get("version", version) == version


def _check_snapshot(data: dict[str, Any], field: str) -> None:
    assert {"title", "url", field, "version", "elapsed", "progress"} <= data.keys()
    progress = data["progress"]
    assert progress["phase"] in PHASES
    assert 0 <= progress["stability"] <= 1
    assert progress["pending"] >= 0


def check_error(error: dict[str, Any], http: int) -> None:
    """The error object of the contract."""
    assert error["data"] is None
    assert error["code"] == http
    assert str(error["status"]).startswith(str(http))
    assert error["readableMessage"] == f"{error['name']}: {error['message']}"
    assert isinstance(error["retryable"], bool)
