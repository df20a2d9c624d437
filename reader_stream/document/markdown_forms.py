"""Rules for form controls: what a reader sees in them."""

from __future__ import annotations

from reader_stream.document.markdown_tokens import Raw
from reader_stream.document.markdown_walk import Element, Leave, Rule, Walk, skip

# Types of `input` that show their value as text.
_DATES = ("date", "time", "month", "week", "datetime-local")
_SHOWN = frozenset(["text", "search", "email", "url", "tel", "number", "submit", "reset", "button", *_DATES])


def control(walk: Walk, element: Element) -> Leave:
    """An `input`: its value, or a box that is ticked or not."""
    kind = (element.get("type") or "text").lower()
    checked = element.get("checked") is not None
    if kind == "checkbox":
        walk.add(Raw("[x]" if checked else "[ ]"))
        walk.text(" ")
    elif kind == "radio":
        walk.add(Raw("(x)" if checked else "( )"))
        walk.text(" ")
    elif kind in _SHOWN and (value := element.get("value")):
        walk.text(f" {value} ")
    return skip


def choice(walk: Walk, element: Element) -> Leave | None:
    """A `select`: what is chosen in it; in a closed one that is the first option unless another is marked."""
    options = list(element.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    if not chosen and element.get("multiple") is None:
        chosen = options[:1]
    if not options:
        return None
    texts = [option.get("label") or "".join(option.itertext()) for option in chosen]
    walk.text(f" {', '.join(' '.join(text.split()) for text in texts)} ")
    return skip


def area(walk: Walk, element: Element) -> Leave | None:
    """A `textarea`: its text, a paragraph."""
    walk.boundary()
    return _leave_area


def _leave_area(walk: Walk) -> None:
    walk.boundary()


RULES: dict[str, Rule] = {
    "input": control,
    "select": choice,
    "textarea": area,
}
