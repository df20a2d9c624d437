"""Rules for blocks of code: fences, languages, line numbers and copy buttons."""

from __future__ import annotations

import re

from reader_stream.document.markdown_walk import Element, Leave, Rule, Walk, skip

_TICKS = re.compile(r"^ *(`{3,})", re.MULTILINE)
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush)[-:]\s*([\w+#.-]+)")


def preformatted(walk: Walk, element: Element) -> Leave:
    """A block of code, between fences longer than any in it."""
    text = "".join(element.itertext()).strip("\n")
    walk.boundary()
    if text.strip():
        longest = max(map(len, _TICKS.findall(text)), default=2)
        fence = "`" * max(3, longest + 1)
        walk.block(f"{fence}\n{text}\n{fence}", "code")
    return skip


RULES: dict[str, Rule] = {"pre": preformatted}
