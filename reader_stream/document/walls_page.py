"""What a visitor meets on a page, as far as walls are concerned: its lines, fields and buttons.

A line belongs to a zone: the page's own text, its sides (navigation, footer), a dialog about consent, or
the box of a paywall. Running text of the page's own is what tells a wall from a page that mentions one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum, auto

from lxml import etree

from reader_stream.document.html import Element, body_of
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


class Zone(Enum):
    """Where on the page a line stands."""

    MAIN = auto()
    SIDE = auto()
    CONSENT = auto()
    PAYWALL = auto()
    POPUP = auto()


@dataclass(slots=True)
class Sight:
    """The page as a visitor meets it. Lines are in lower case, `prose` and `said` in Latin characters.

    `prose` is running text of the page's own, `said` all of its text. `passwords` are fields
    outside of the sides, `side_passwords` those inside.
    """

    lines: list[tuple[Zone, str]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    prose: float = 0.0
    said: float = 0.0
    passwords: int = 0
    side_passwords: int = 0
    fields: int = 0
    enough: bool = False

    @property
    def buttons(self) -> list[str]:
        """What stands on buttons and links."""
        return list(map(plain, self.labels))

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
        if linked * 2 < text and walk.zone_at(paragraph, known) is Zone.MAIN:
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


_ABOUT = {Zone.CONSENT: CONSENT_TEXT, Zone.PAYWALL: SUBSCRIBE_TEXT}
"""Boxes that are named after walls and speak of something else hold the page's own text."""


_BOXES = ((Zone.CONSENT, CONSENT_BOX), (Zone.PAYWALL, PAYWALL_BOX), (Zone.POPUP, POPUP))
_OPEN = frozenset({Zone.MAIN, Zone.SIDE})
_ROLES = _SIDES | {"dialog", "header", "a", "button", "input", "textarea", "select"}
"""What is more than its text without any attribute."""
_CONTROLS = frozenset({"a", "button", "input", "select", "textarea"})
_NAMING = frozenset({"class", "id", "role"})
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
        self._boxes: dict[str, Zone | None] = {}

    def at(self, root: Element) -> Sight:
        sight = self._sight
        walk = etree.iterwalk(body_of(root), events=("start", "end"))
        zones: list[Zone | None] = [Zone.MAIN]
        """Of the elements around, outside in; None for one that cannot be seen."""
        links = [False]
        for event, element in walk:
            if event == "start":
                zones.append(self._begin(element, zones[-1] or Zone.MAIN, links))
                if zones[-1] is None:
                    walk.skip_subtree()
            else:
                zone = zones.pop()
                if zone and self._line and element.tag in BLOCKS:
                    self._flush(zone, element)
                links.pop()
                self._say(element.tail, links[-1])
            if sight.enough:
                break
        self._flush(Zone.MAIN, None)
        if self._aside > SIDE_CHARS:
            sight.prose += self._aside
            sight.said += self._aside
        return sight

    def _begin(self, element: Element, zone: Zone, links: list[bool]) -> Zone | None:
        """The zone that begins with an element, None if it is unseen; `links` learns whether it is linked."""
        tag, linked = element.tag, links[-1]
        named = element.keys()
        if tag in _UNSEEN or (named and not _HIDING.isdisjoint(named) and is_hidden(element)):
            links.append(linked)
            return None
        tells = tag in _ROLES or (named and not _NAMING.isdisjoint(named))
        inner = self._enter(element, zone) if tells else zone
        if self._line and (tag in BLOCKS or inner is not zone):
            self._flush(zone, element.getparent())
        links.append(linked or tag == "a")
        self._say(element.text, links[-1])
        return inner

    def zone_at(self, element: Element, known: dict[Element, Zone]) -> Zone:
        """The zone of an element's own lines; SIDE where it cannot be seen. `known` is of those above."""
        above: list[Element] = []
        zone = Zone.MAIN
        for each in (element, *element.iterancestors()):
            if each in known:
                zone = known[each]
                break
            above.append(each)
        for each in reversed(above):
            unseen = each.tag in _UNSEEN or is_hidden(each)
            zone = known[each] = Zone.SIDE if unseen else self._zone_of(each, zone)
        return zone

    def _enter(self, element: Element, zone: Zone) -> Zone:
        inner = self._zone_of(element, zone)
        if element.tag not in _CONTROLS and element.get("role") != "button":
            return inner
        kind = _field(element)
        if kind in _FILLED:
            self._sight.fields += 1
        if kind == "password" and inner is Zone.SIDE:
            self._sight.side_passwords += 1
        elif kind == "password":
            self._sight.passwords += 1
        if kind in _PRESSED or kind == "":
            label = element.get("value") or _text(element)
            if len(label) < 200 and not label.isspace() and label and len(self._sight.labels) < MAX_LINES:
                self._sight.labels.append(label)
        return inner

    def _zone_of(self, element: Element, zone: Zone) -> Zone:
        tag = element.tag
        if zone not in _OPEN or tag in _PLAIN:
            return zone
        named = f"{element.get('id') or ''} {element.get('class') or ''}"
        if named not in self._boxes:
            self._boxes[named] = _box(named.lower())
        if box := self._boxes[named]:
            return box
        role = element.get("role")
        if tag == "dialog" or role in _DIALOG_ROLES:
            return Zone.POPUP
        if tag in _SIDES or role in _SIDE_ROLES:
            return Zone.SIDE
        return Zone.SIDE if tag == "header" and not _is_in_article(element) else zone

    def _say(self, text: str | None, linked: bool) -> None:
        if text and not text.isspace():
            self._line.append(text)
            self._linked += len(text) if linked else 0

    def _flush(self, zone: Zone, block: Element | None) -> None:
        if not self._line:
            return
        raw = " ".join(self._line)
        line, linked = plain(raw[: 4 * LINE_CHARS]), self._linked
        self._line, self._linked = [], 0
        sight, size = self._sight, weight(raw if len(raw) > 4 * LINE_CHARS else line)
        if not line or len(sight.lines) >= MAX_LINES:
            return
        sight.lines.append((zone, line[:LINE_CHARS]))
        if zone is not Zone.CONSENT and block is not None and block.tag in {"h1", "h2"}:
            sight.headings.append(line)
        if zone is Zone.SIDE and size >= PROSE_CHARS and linked * 2 < len(raw):
            self._aside += size
        if zone is Zone.SIDE or (zone in _ABOUT and (size < PROSE_CHARS or _ABOUT[zone].search(line))):
            return
        sight.said += size
        if size >= PROSE_CHARS and linked * 2 < len(raw):
            sight.prose += size
            sight.enough = sight.prose >= ENOUGH_CHARS


def _box(named: str) -> Zone | None:
    for box, name in _BOXES:
        if name.search(named):
            return box
    return None


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
