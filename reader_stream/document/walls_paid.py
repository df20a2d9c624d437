"""What a page's own metadata says of being paid for: schema.org, OpenGraph, microdata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from reader_stream.document.html import Element


@dataclass(frozen=True, slots=True)
class Paid:
    """An article that is not free: where that part is, and how many words it has, if it says so."""

    selectors: tuple[str, ...] = ()
    words: int = 0


def says_paid(root: Element) -> Paid | None:
    """What the page's own metadata says of being paid for."""
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        content = (meta.get("content") or "").strip().lower()
        if (name, content) in {("article:content_tier", "locked"), ("isaccessibleforfree", "false")}:
            return Paid()
    for script in root.iter("script"):
        text = script.text or ""
        if "json" not in (script.get("type") or "").lower() or "isAccessibleForFree" not in text:
            continue
        for node in _nodes(_json(text)):
            if _is_false(node.get("isAccessibleForFree")):
                return _paid(node)
            parts = node.get("hasPart")
            if any(_is_false(part.get("isAccessibleForFree")) for part in _nodes(parts)):
                return _paid(node)
    return None


def _paid(node: dict[str, Any]) -> Paid:
    parts = [node, *_nodes(node.get("hasPart"))]
    selectors = [part.get("cssSelector") for part in parts if _is_false(part.get("isAccessibleForFree"))]
    words = node.get("wordCount")
    if isinstance(words, str) and words.isdigit():
        words = int(words)
    return Paid(
        tuple(selector for selector in selectors if isinstance(selector, str)),
        words if isinstance(words, int) else 0,
    )


def _json(text: str) -> Any:
    try:
        return orjson.loads(text.strip().removeprefix("<!--").removesuffix("-->"))
    except orjson.JSONDecodeError:
        return None


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD text, outside in; not those inside `hasPart`."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += reversed(node)
        elif isinstance(node, dict):
            yield node
            stack += [
                inner for name, inner in node.items() if name in {"@graph", "mainEntity", "mainEntityOfPage"}
            ]


def _is_false(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower().rpartition("/")[2] == "false")
