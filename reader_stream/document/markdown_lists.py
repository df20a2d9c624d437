"""Rules for lists: bullets, numbers from `start` and `value`, items with several blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

from reader_stream.document.markdown_blocks import enclosed, leave_block
from reader_stream.document.markdown_tokens import BREAK
from reader_stream.document.markdown_walk import MAX_NESTING_LEVELS, Element, Frame, Leave, Rule, Walk

_MAX_NUMBER = 999_999_999  # CommonMark: at most nine digits


@dataclass(slots=True)
class _List:
    """`marker` is the bullet, or what stands after the number; `number` is the next item's."""

    ordered: bool
    marker: str
    number: int = 1
    step: int = 1
    numbers: dict[int, int] = field(default_factory=dict)


def unordered(walk: Walk, element: Element) -> Leave:
    """A bullet list."""
    return _enter(walk, element, ordered=False)


def ordered(walk: Walk, element: Element) -> Leave:
    """A numbered list."""
    return _enter(walk, element, ordered=True)


def _enter(walk: Walk, element: Element, *, ordered: bool) -> Leave:
    walk.boundary()
    frame = walk.frame
    if frame.line is BREAK:
        return enclosed(walk, element.tag)
    if frame.line is not None or frame.levels + 2 > MAX_NESTING_LEVELS:
        return leave_block
    state = _List(ordered, _marker(walk, ordered))
    if ordered:
        state.number, state.step = _numbering(element)
    walk.push(Frame("list", levels=2, state=state))
    return _leave_list


def _marker(walk: Walk, ordered: bool) -> str:
    """A list right after a list needs another marker, or a parser would take both for one."""
    usual = "." if ordered else walk.options.style.bullet_list_marker
    other = ")" if ordered else "-" if usual != "-" else "*"
    return other if walk.frame.last == f"list{usual}" else usual


def _numbering(element: Element) -> tuple[int, int]:
    if element.get("reversed") is None:
        return _integer(element.get("start"), 1), 1
    return _integer(element.get("start"), sum(child.tag == "li" for child in element)), -1


def _integer(value: str | None, default: int) -> int:
    try:
        number = int(value or "")
    except ValueError:
        return default
    return number if 0 <= number <= _MAX_NUMBER else default


def item(walk: Walk, element: Element) -> Leave:
    """An item; one that stands outside of a list is a bullet list of its own."""
    walk.boundary()
    if walk.frame.line is BREAK:
        return enclosed(walk, "li")
    if walk.frame.line is not None:
        return leave_block
    alone = walk.frame.kind != "list"
    if alone:
        if walk.frame.levels + 2 > MAX_NESTING_LEVELS:
            return leave_block
        stray = walk.frame.last.startswith("stray")
        marker = walk.frame.last[5:] if stray else _marker(walk, False)
        walk.push(Frame("list", levels=2, state=_List(False, marker)))
    state = walk.frame.state
    if state.ordered:
        state.number = _integer(element.get("value"), state.number)
    walk.push(Frame("item"))
    return _leave_stray if alone else _leave_item


def _leave_item(walk: Walk) -> None:
    frame = walk.pop()
    state: _List = walk.frame.state
    if frame.blocks or state.ordered:
        state.numbers[len(walk.frame.blocks)] = state.number
        walk.block(_joined(frame), "item" if _tight(frame) else "loose")
    state.number += state.step


def _leave_stray(walk: Walk) -> None:
    _leave_item(walk)
    frame = walk.pop()
    for text, _ in _written(frame):
        kind = f"stray{frame.state.marker}"
        if walk.frame.last == kind:
            walk.frame.blocks[-1] += "\n" + text
        else:
            walk.block(text, kind)


def _tight(frame: Frame) -> bool:
    return all(kind.startswith(("list", "stray")) for kind in frame.kinds[1:])


def _joined(frame: Frame) -> str:
    """An item's blocks. A list may follow its paragraph at once, all else needs the blank line."""
    text = frame.blocks[0] if frame.blocks else ""
    for block, kind, before in zip(frame.blocks[1:], frame.kinds[1:], frame.kinds, strict=False):
        close = kind.startswith(("list", "stray")) and before == "paragraph" and not _numbered_late(block)
        text += ("\n" if close else "\n\n") + block
    return text


def _numbered_late(text: str) -> bool:
    """Only a numbered list that begins with 1, and with some text, may interrupt a paragraph."""
    return text[:1].isdigit() and text[:3] not in ("1. ", "1) ")


def _leave_list(walk: Walk) -> None:
    frame = walk.pop()
    if any(frame.blocks):
        for text, kind in _written(frame):
            walk.block(text, kind)


def _written(frame: Frame) -> list[tuple[str, str]]:
    """The list, as blocks with their kinds. A list that stands in it but in no item belongs to the item
    before; anything else outside of items (some pages never close a list) stands between two lists."""
    state: _List = frame.state
    gap = "\n\n" if "loose" in frame.kinds else "\n"
    found: list[tuple[str, str]] = []
    items: list[str] = []

    def close() -> None:
        if items:
            found.append((gap.join(items), f"list{state.marker}"))
            items.clear()

    width = 2
    for at, (text, kind) in enumerate(zip(frame.blocks, frame.kinds, strict=True)):
        if kind in ("item", "loose"):
            marker = f"{state.numbers[at]}{state.marker}" if state.ordered else state.marker
            width = len(marker) + 1
            items.append(f"{marker} {_indented(text, width)[width:]}".rstrip(" "))
        elif items and kind.startswith(("list", "stray")):
            items[-1] += "\n" + _indented(text, width)
        else:
            close()
            found.append((text, kind))
    close()
    return found


def _indented(text: str, width: int) -> str:
    pad = " " * width
    return "\n".join([pad + line if line else line for line in text.split("\n")])


RULES: dict[str, Rule] = {
    "ul": unordered,
    "menu": unordered,
    "dir": unordered,
    "ol": ordered,
    "li": item,
}
