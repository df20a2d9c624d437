"""Pure: chunking markdown blocks at headings (`X-Markdown-Chunking`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_ATX = re.compile(r"(#{1,6})\s")
_SETEXT = re.compile(r"[^\n]+\n(=+|-+)\s*$")


def _level(block: str) -> int:
    """1-6 for a heading, 7 for anything else."""
    if match := _ATX.match(block):
        return len(match[1])
    if match := _SETEXT.fullmatch(block):
        return 1 if match[1][0] == "=" else 2
    return 7


def chunk(blocks: Sequence[str], mode: str) -> Iterator[str]:
    """Texts that begin at headings of the mode's level or above; `s…` repeats the ancestors' headings."""
    structured = mode.startswith("s")
    depth = 5 if mode == "structured" else int(mode[1:])
    trail: list[tuple[int, str]] = []
    current: list[str] = []
    for block in blocks:
        level = _level(block)
        if level <= depth:
            if current:
                yield "\n\n".join(current)
            trail = [(n, text) for n, text in trail if n < level]
            current = [*(text for _, text in trail), block] if structured else [block]
        else:
            current.append(block)
        if level <= 6:
            trail = [*((n, text) for n, text in trail if n < level), (level, block)]
    if current:
        yield "\n\n".join(current)
