"""Text that only screen readers say, by the names that style sheets give to it.

Frameworks agree on these names (Bootstrap, Tailwind, WordPress, Drupal, Angular, GOV.UK): "opens in a new
window", "skip to content", a label for what a picture shows. In a browser its box is clipped
(fetch/concealed.js); where none has looked, its class tells.
"""

from __future__ import annotations

import re

from reader_stream.document.html import Element

MOST_CHARS = 300
"""Longer texts are not left out by a class alone: scripts show tooltips and steps that have such names."""

_SPOKEN = re.compile(
    r"(?:(?:[a-z0-9]+-)*[a-z0-9]+__|(?:[a-z0-9]+[-_]){0,2})"  # whose it is; behind "--" stands a variant
    r"(?:(?:a11y|accessib(?:le|ly)|visual(?:ly)?)[-_]?(?:hidden|hide)|(?:hidden|hide)[-_]?(?:visually|accessible)"
    r"|(?:sr|screen-?_?reader)s?[-_]?(?:only|text)|show-for-sr|assistive-text|element-invisible|a-offscreen)"
    r"(?:[-_].*)?"
)
_PARTS = re.compile("hid|sr|reader|assistive|invisible|offscreen")
_SHOWN = frozenset({"not-sr-only", "not-visually-hidden", "undo-sr-only"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_spoken_class(classes: str) -> bool:
    """Whether a `class` attribute hides an element from all but screen readers, on windows of any size."""
    if _PARTS.search(classes.lower()) is None:  # quicker by far, and so for nearly all
        return False
    names = [_HUMP.sub("-", name).lower() for name in classes.split()]
    if any(name.rpartition(":")[2] in _SHOWN for name in names):
        return False
    return any(_SPOKEN.fullmatch(name) is not None for name in names)


def is_only_spoken(element: Element, voiced: dict[Element, bool]) -> bool:
    """Whether an element of such a class has text that no visitor sees in another form.

    A box to tick has none, and is drawn in its own way. Beside what screen readers are not to read stands
    what they say instead: a price in one piece, where its digits are laid out one by one. `voiced` remembers
    which elements have such parts: one element may have thousands.
    """
    parent = element.getparent()
    if parent is None or not _is_short_text(element):
        return False
    if parent not in voiced:
        voiced[parent] = any(part.get("aria-hidden") == "true" for part in parent)
    return not voiced[parent]


def _is_short_text(element: Element) -> bool:
    """Whether it has text, and no more than `MOST_CHARS`; no more than that is read."""
    size = 0
    for text in element.itertext():
        size += len(text.strip())
        if size > MOST_CHARS:
            return False
    return size > 0
