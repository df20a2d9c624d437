"""What a visitor meets on a page, as far as walls are concerned: its lines, fields and buttons.

A line belongs to a zone: the page's own text, its sides (navigation, footer), a dialog about consent, or
the box of a paywall. Running text of the page's own is what tells a wall from a page that mentions one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, TypeAlias

from lxml import etree

from reader_stream.document.html import Element, body_of
from reader_stream.document.remembered import remembered
from reader_stream.document.text import BLOCKS
from reader_stream.document.walls_signs import CONSENT_BOX, CONSENT_TEXT, PAYWALL_BOX, POPUP, SUBSCRIBE_TEXT

ENOUGH_CHARS = 5_000
"""Running text from which on a page is no wall, whatever else stands on it: reading on would only cost time.
The longest teasers that were looked at have 3,700."""

PROSE_CHARS = 60
"""A line is running text from here on: labels, buttons and headings of menus are shorter."""

SIDE_CHARS = 1_500
"""More running text than this at the sides is the page itself, in markup that never closes its header."""

LINE_CHARS = 1_000
"""What is kept of a line: signs stand in short ones."""

LABEL_CHARS = 200
"""What stands on a button or link is shorter than this."""

REMEMBERED_NAMES, REMEMBERED_CHARS = 8_192, 100
"""A page has some 400 names of classes and ids, half of them on other pages too; longer ones are made up."""

MAX_MARKS = 4_000
MAX_LINES = 2_000
"""Bounds of what is collected of one page; walls have a hundredth of it."""

_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
WIDE_CHARS = 2.5
"""Latin characters that say as much as one of Chinese, Japanese or Korean (translations of one text)."""

_UNSEEN = frozenset(
    {"script", "style", "template", "svg", "canvas", "head", "title", "object", "datalist", "noframes"}
)
_SIDES = frozenset({"nav", "footer", "aside"})
_SIDE_ROLES = frozenset({"navigation", "contentinfo", "complementary", "search", "banner"})
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_DIALOG_ROLES = frozenset({"dialog", "alertdialog"})
_PRESSED = frozenset({"submit", "button", "image"})
_FILLED = frozenset(
    {"text", "email", "tel", "search", "url", "number", "date", "textarea", "select", "file", "password"}
)


Zone: TypeAlias = Literal["main", "side", "consent", "paywall", "popup"]
"""Where on the page a line stands."""


@dataclass(slots=True)
class Sight:
    """The page as a visitor meets it. Lines are in lower case, `prose` and `said` in Latin characters.

    `prose` is running text of the page's own, `said` all of its text. `passwords` are fields
    outside of the sides, `side_passwords` those inside. `pressed` are buttons and links.
    """

    lines: list[tuple[Zone, str]] = field(default_factory=list)
    pressed: list[Element] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    prose: float = 0.0
    said: float = 0.0
    passwords: int = 0
    side_passwords: int = 0
    fields: int = 0
    enough: bool = False

    def buttons(self) -> list[str]:
        """What stands on buttons and links. Few pages are asked for it."""
        labels = (element.get("value") or _text(element) for element in self.pressed)
        shown = (label for label in labels if len(label) < LABEL_CHARS and label.strip())
        return list(map(plain, islice(shown, MAX_LINES)))

    def text(self, *zones: Zone) -> str:
        """The lines of these zones, of all when none is given."""
        return "\n".join(line for zone, line in self.lines if not zones or zone in zones)


def look(root: Element) -> Sight:
    """What there is to see below `root`, until it is clear that the page is no wall."""
    return Sight(enough=True) if _is_long(root) else _Look().at(root)


def _is_long(root: Element) -> bool:
    """Whether its paragraphs alone are enough: most pages are told so, in a tenth of the time."""
    walk, prose = _Look(), 0
    known: dict[Element, Zone] = {}
    for paragraph in root.iter("p"):
        text = len(_text(paragraph))
        if text < PROSE_CHARS:
            continue
        linked = sum(len(_text(link)) for link in paragraph.iter("a"))
        if linked * 2 < text and walk.zone_at(paragraph, known) == "main":
            prose += text
            if prose >= ENOUGH_CHARS:
                return True
    return False


def _text(element: Element) -> str:
    """All text of an element; most have no other elements inside."""
    return "".join(element.itertext()) if len(element) else element.text or ""


SCRIPT_CHARS = 4_000
"""What is looked at of a script inside the page: challenges set their values at its beginning."""


def scripts_of(root: Element) -> str:
    """Addresses and beginnings of the page's scripts, and where it refreshes to; in the case they have."""
    said: list[str] = []
    for element in root.iter("script", "meta"):
        if element.tag == "script":
            said += [(element.get("src") or "")[:300], (element.text or "")[:SCRIPT_CHARS]]
        elif (element.get("http-equiv") or "").lower() == "refresh":
            said.append(element.get("content") or "")
    return "\n".join(part for part in said if part)


def marks_of(root: Element) -> str:
    """Ids, classes and addresses of the elements of the body, hidden ones too; an element a line."""
    marks: list[str] = []
    for element in body_of(root).iter(etree.Element):
        found = [element.get(name) for name in ("id", "class", "src", "action", "data-size")]
        if said := " ".join(value[:300] for value in found if value):
            marks.append(f"{element.tag} {said}")
        if len(marks) >= MAX_MARKS:
            break
    return "\n".join(marks)


def weight(text: str) -> float:
    """Its length in Latin characters."""
    return len(text) if text.isascii() else len(text) + (WIDE_CHARS - 1) * len(_WIDE.findall(text))


def plain(text: str) -> str:
    """One line in lower case, with plain apostrophes, dots and spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u02bc", "'")
    return " ".join(text.split()).lower()


_ABOUT: dict[Zone, re.Pattern[str]] = {"consent": CONSENT_TEXT, "paywall": SUBSCRIBE_TEXT}
"""Boxes that are named after walls and speak of something else hold the page's own text."""


_BOXES: tuple[tuple[Zone, re.Pattern[str]], ...] = (
    ("consent", CONSENT_BOX),
    ("paywall", PAYWALL_BOX),
    ("popup", POPUP),
)
_ANY_BOX = re.compile("|".join(pattern.pattern for _, pattern in _BOXES))
_CONTROLS = frozenset({"a", "button", "input", "select", "textarea"})
_TELLING = _UNSEEN | _SIDES | _CONTROLS | {"dialog", "header"}
"""What is more than its text without any attribute."""
_HIDING = frozenset({"data-rs-hidden", "hidden", "style", "type"})
"""Attributes by which an element can be hidden."""
_PLAIN = frozenset({"html", "body", "main", "article"})


class _Look:
    """One walk in document order, without recursion."""

    def __init__(self) -> None:
        self._sight = Sight()
        self._line: list[str] = []
        self._linked = 0
        self._aside = 0.0
        self._boxes: dict[str, Zone | None] = {}  # by id and class: most stand on many elements

    def at(self, root: Element) -> Sight:
        sight, line = self._sight, self._line
        walk = etree.iterwalk(body_of(root), events=("start", "end"))
        around: list[tuple[Zone | None, bool]] = [("main", False)]
        """Of the elements around, outside in: the zone, None if it cannot be seen, and whether in a link."""
        for event, element in walk:
            tag = element.tag
            if event == "start":
                outer, linked = around[-1]
                names = element.keys()
                zone = self._enter(element, names, outer or "main") if names or tag in _TELLING else outer
                if zone is None:
                    around.append((None, linked))
                    walk.skip_subtree()
                    continue
                if line and (tag in BLOCKS or zone != outer):
                    self._flush(outer or "main", element.getparent())
                linked = linked or tag == "a"
                around.append((zone, linked))
                text = element.text
            else:
                zone = around.pop()[0]
                if line and zone and tag in BLOCKS:
                    self._flush(zone, element)
                text, linked = element.tail, around[-1][1]
            if text and not text.isspace():
                line.append(text)
                self._linked += len(text) if linked else 0
            if sight.enough:
                break
        self._flush("main", None)
        if self._aside > SIDE_CHARS:
            sight.prose += self._aside
            sight.said += self._aside
        return sight

    def zone_at(self, element: Element, known: dict[Element, Zone]) -> Zone:
        """The zone of an element's own lines; the side where it cannot be seen. `known` is of those above."""
        above: list[Element] = []
        zone: Zone = "main"
        for each in (element, *element.iterancestors()):
            if each in known:
                zone = known[each]
                break
            above.append(each)
        for each in reversed(above):
            unseen = each.tag in _UNSEEN or is_hidden(each)
            zone = known[each] = "side" if unseen else self._zone_of(each, each.keys(), zone)
        return zone

    def _enter(self, element: Element, names: list[str], zone: Zone) -> Zone | None:
        """The zone that begins with an element with attributes of these names; None if it is unseen."""
        tag = element.tag
        if tag in _UNSEEN or (not _HIDING.isdisjoint(names) and is_hidden(element)):
            return None
        inner = self._zone_of(element, names, zone)
        if tag == "a":
            self._sight.pressed.append(element)
        elif tag in _CONTROLS or ("role" in names and element.get("role") == "button"):
            self._meet(element, inner)
        return inner

    def _meet(self, control: Element, zone: Zone) -> None:
        """Count a control."""
        kind = _field(control)
        if kind in _FILLED:
            self._sight.fields += 1
        if kind == "password" and zone == "side":
            self._sight.side_passwords += 1
        elif kind == "password":
            self._sight.passwords += 1
        if kind in _PRESSED or kind == "":
            self._sight.pressed.append(control)

    def _zone_of(self, element: Element, names: list[str], zone: Zone) -> Zone:
        tag = element.tag
        if tag in _PLAIN or not (zone == "main" or zone == "side"):
            return zone
        if "class" in names or "id" in names:
            named = f"{element.get('id') or ''} {element.get('class') or ''}"
            if named not in self._boxes:
                self._boxes[named] = _box(named)
            if box := self._boxes[named]:
                return box
        role = element.get("role") if "role" in names else None
        if tag == "dialog" or role in _DIALOG_ROLES:
            return "popup"
        if tag in _SIDES or role in _SIDE_ROLES:
            return "side"
        return "side" if tag == "header" and not _is_in_article(element) else zone

    def _flush(self, zone: Zone, block: Element | None) -> None:
        if not self._line:
            return
        raw = " ".join(self._line)
        line, linked = plain(raw[: 4 * LINE_CHARS]), self._linked
        self._line.clear()
        self._linked = 0
        sight, size = self._sight, weight(raw if len(raw) > 4 * LINE_CHARS else line)
        if not line or len(sight.lines) >= MAX_LINES:
            return
        sight.lines.append((zone, line[:LINE_CHARS]))
        if zone != "consent" and block is not None and block.tag in {"h1", "h2"}:
            sight.headings.append(line)
        if zone == "side" and size >= PROSE_CHARS and linked * 2 < len(raw):
            self._aside += size
        if zone == "side" or (zone in _ABOUT and (size < PROSE_CHARS or _ABOUT[zone].search(line))):
            return
        sight.said += size
        if size >= PROSE_CHARS and linked * 2 < len(raw):
            sight.prose += size
            sight.enough = sight.prose >= ENOUGH_CHARS


def _box(named: str) -> Zone | None:
    found = set(map(_box_of_name, named.lower().split()))
    return next((box for box, _ in _BOXES if box in found), None)


@remembered(REMEMBERED_NAMES, REMEMBERED_CHARS)
def _box_of_name(name: str) -> Zone | None:
    """The box that has this class or id."""
    if _ANY_BOX.search(name) is None:
        return None
    return next((box for box, pattern in _BOXES if pattern.search(name)), None)


def _is_in_article(element: Element) -> bool:
    return any(above.tag in {"article", "main", "section"} for above in element.iterancestors())


def _field(element: Element) -> str:
    if element.tag == "input":
        return (element.get("type") or "text").strip().lower()
    if element.tag == "button":
        return "button"
    return str(element.tag) if element.tag in {"textarea", "select"} else ""


def is_hidden(element: Element) -> bool:
    """Whether the browser said so, or the markup does."""
    if element.tag == "body":
        return False  # hidden until its script has run
    if element.get("data-rs-hidden") is not None or element.get("hidden") is not None:
        return True
    if element.tag == "input" and (element.get("type") or "").lower() == "hidden":
        return True
    style = element.get("style")
    return bool(style and _HIDDEN_STYLE.search(style))
