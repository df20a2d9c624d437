"""Chunking markdown at headings (`X-Markdown-Chunking`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_ATX = re.compile(r"(#{1,6})(?:[ \t]|$)")
_SETEXT = re.compile(r"[^\n]+\n(=+|-+)")
_NO_HEADING = 7


def chunk(blocks: Sequence[str], mode: str) -> Iterator[str]:
    """The chunks of a document of top-level `blocks`, each a text; together they have every block once.

    `mode` is ``h1`` to ``h5``: a chunk starts at each heading of that level or above; ``s1`` to ``s5``: the
    same, with the headings that each chunk stands under put before it. ``structured`` is ``s3``.
    """
    structured = mode.startswith("s")
    depth = 3 if mode == "structured" else int(mode[1:])
    trail: list[tuple[int, str]] = []
    above: list[str] = []
    current: list[str] = []
    for block in blocks:
        level = _level(block)
        if level <= depth and current:
            yield "\n\n".join([*above, *current])
            current = []
        if level < _NO_HEADING:
            trail = [(other, heading) for other, heading in trail if other < level]
            if not current:
                above = [heading for _, heading in trail] if structured else []
            trail.append((level, block))
        current.append(block)
    if current:
        yield "\n\n".join([*above, *current])


def _level(block: str) -> int:
    """1 to 6 for a heading, 7 for anything else."""
    if match := _ATX.match(block):
        return len(match[1])
    if match := _SETEXT.fullmatch(block):
        return 1 if match[1][0] == "=" else 2
    return _NO_HEADING
