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


class Spoken:
    """Which elements of a page only screen readers say; each class, and each parent, is asked once."""

    def __init__(self) -> None:
        self._classes: dict[str, bool] = {}
        self._silent_parts: dict[Element, bool] = {}

    def __contains__(self, element: Element) -> bool:
        """Whether it has such a class, and text that no visitor sees in another form.

        A box to tick has none, and is drawn in its own way. Beside what screen readers are not to read
        stands what they say instead: a price in one piece, where its digits are laid out one by one.
        """
        classes = element.get("class")
        if not classes:
            return False
        known = self._classes.get(classes)
        if known is None:
            known = self._classes[classes] = is_spoken_class(classes)
        return known and _is_short_text(element) and not self._has_silent_parts(element.getparent())

    def _has_silent_parts(self, parent: Element) -> bool:
        found = self._silent_parts.get(parent)
        if found is None:  # a parent may have thousands
            found = any(part.get("aria-hidden") == "true" for part in parent)
            self._silent_parts[parent] = found
        return found


def _is_short_text(element: Element) -> bool:
    """Whether it has text, and no more than `MOST_CHARS`; no more than that is read."""
    size = 0
    for text in element.itertext():
        size += len(text.strip())
        if size > MOST_CHARS:
            return False
    return size > 0
