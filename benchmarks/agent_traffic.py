"""What an agent receives for a page: patch mode, snapshot mode, and whole re-sends at Jina's cadence.

All three are told of the very same documents: both modes watch one render, and the re-sends are made up
from it: the whole content at each change of the readyState and each 1.2 s, where it differs from what was
sent last (which spares them the repetitions that the real service makes).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from statistics import median, quantiles

from benchmarks.recording import Recording, record
from benchmarks.stage import Stage
from reader_stream.document import tokens

PART = "agent traffic"
TICK_MS = 1200
"""Jina's Reader looks at the page so often (its `puppeteer.ts`)."""

SHOWN = 8
PATCH, SNAPSHOT, RESENT = "patch", "snapshot", "whole re-sends"


async def run(stage: Stage) -> None:
    """Each page by both engines' rules; ratios to the final content."""
    recordings = [r for r in await record(stage, "auto", "browser") if r.final]
    for recording in recordings:
        final = "\n\n".join(recording.final)
        for who, texts in _told(recording):
            size = sum(len(text.encode()) for text in texts)
            count = sum(map(tokens.count, texts))
            stage.add(
                PART, recording.variant, "content bytes per final byte", who, size / len(final.encode())
            )
            stage.add(PART, recording.variant, "tokens per final token", who, count / tokens.count(final))
        for who, watched in ((PATCH, recording.patch), (SNAPSHOT, recording.snapshot)):
            ratio = watched.received / len(final.encode())
            stage.add(PART, recording.variant, "body bytes per final byte", who, ratio)
    _tell_tail(stage)
    _tell_worst(recordings)


def _told(recording: Recording) -> Iterator[tuple[str, list[str]]]:
    yield PATCH, recording.patch.told()
    yield SNAPSHOT, recording.snapshot.told()
    yield RESENT, list(resends(recording))


def resends(recording: Recording) -> Iterator[str]:
    """What a client gets of whole contents at the cadence."""
    versions = [v for v in recording.versions if v.phase != "html"] or [recording.versions[-1]]
    sent, phase, tick = "", "", versions[0].elapsed_ms
    for version, after in zip(versions, (*versions[1:], None), strict=True):
        text = "\n\n".join(version.blocks)
        while tick < version.elapsed_ms:
            tick += TICK_MS
        seen_by_tick = after is None or tick < after.elapsed_ms
        if text != sent and (version.phase != phase or seen_by_tick):
            sent = text
            yield text
        phase = version.phase


def _tell_tail(stage: Stage) -> None:
    """The tenth of the pages for which it is worst begins where."""
    for key, values in list(stage.samples.values.items()):
        if key.part == PART and len(values) > 1:
            p90 = quantiles(values, n=10, method="inclusive")[-1]
            line = f"{key.case}, {key.quantity}, {key.contestant}: median {median(values):.2f}, p90 {p90:.2f}"
            print(line, file=sys.stderr)


def _tell_worst(recordings: list[Recording]) -> None:
    """The pages where a patch stream repeats most."""
    print("| page | variant | documents | final bytes | tokens, patch | body bytes, patch |", file=sys.stderr)
    print("|---|---|--:|--:|--:|--:|", file=sys.stderr)
    for recording in sorted(recordings, key=_tokens_ratio, reverse=True)[:SHOWN]:
        size = len("\n\n".join(recording.final).encode())
        print(
            f"| {recording.page} | {recording.variant} | {len(recording.versions)} | {size} "
            f"| {_tokens_ratio(recording):.2f} | {recording.patch.received / size:.2f} |",
            file=sys.stderr,
        )


def _tokens_ratio(recording: Recording) -> float:
    final = tokens.count("\n\n".join(recording.final))
    return sum(map(tokens.count, recording.patch.told())) / final
