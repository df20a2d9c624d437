"""Text that no visitor can see, by the signs that stand in the page itself (no browser has looked at it).

Hidden instructions for language models are written so: no size, no colour, outside of the window. What a
page hides for the moment (tabs, accordions, whatever its scripts reveal) is not meant here, save where the
page has no script that could reveal it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import Enum

from lxml import etree

from reader_stream.document.html import Element, body_of
from reader_stream.document.remembered import remembered
from reader_stream.document.spoken import Spoken

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}|[^{}]*[{}]")
"""A rule, or where a block of rules begins or ends."""
_SIMPLE = re.compile(r"\s*([a-z][a-z0-9]*)?(?:([.#])(-?[_a-zA-Z][\w-]*))?\s*")
_NAMED = re.compile(r"[.#](-?[_a-zA-Z][\w-]*)")
_DECLARATION = re.compile(r"([a-z-]+)\s*:\s*([^;]+)", re.I)
# `(?<![^;]f)` after an f: a declaration begins there. Beginning with letters makes the pattern quick.
_INKLESS = re.compile(
    r"f(?<![^;]f)ont-size:(?:0*\.?0*|0*[01](?:\.\d*)?px|0*[01](?:\.\d*)?pt|0*\.[01]\d*r?em|0*1?\d%)(?=;|$)"
    r"|f(?<![^;]f)ont:(?:[a-z ]+ )?0[a-z%]*[/ ]"
    r"|t(?<![^;]t)ext-indent:-(?:[1-9]\d{2,}(?:px|pt|%)|[1-9]\d+r?em)"
    r"|(?:c(?<![^;]c)olor|-(?<![^;]-)webkit-text-fill-color)"
    r":(?:transparent|rgba\([^)]*,0*\.?0*\)|#[0-9a-f]{6}00|#[0-9a-f]{3}0)(?=;|$)"
)
_GONE = re.compile(
    r"(?:^|;)(?:clip-path:(?:inset\((?:50|[6-9]\d|100)%|circle\(0)|transform:scale[xy]?\(0(?:\.0*)?[),])"
)
_TRANSPARENT = re.compile(r"(?:^|;)opacity:0*\.?0*%?(?=;|$)")
_AWAY = re.compile(r"(?:^|;)(?:left|right|top|bottom|margin-left|margin-top):-(?:[1-9]\d{3,}px|[1-9]\d+r?em)")
_CLIPPED = re.compile(r"(?:^|;)clip:rect\((?:[01]?(?:px)?[ ,]*){4}\)")
_BOXLESS = re.compile(
    r"(?:^|;)(?:width|height):[01](?:px)?(?=;|$).*(?:^|;)(?:width|height):[01](?:px)?(?=;|$)"
)
_UNDISPLAYED = re.compile(r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse))")
_DISPLAYED = re.compile(r"(?:^|;)(?:display:(?!none)|visibility:visible|opacity:(?!0(?:;|$)))")
_FADES = re.compile(r"(?:^|;)(?:transition|animation|transform|will-change)")
_PAINTED = re.compile(r"background-clip:text|text-shadow:(?!none)")
_INK = re.compile(r"(?:^|;)color:([^;]+)")
_PAPER = re.compile(r"(?:^|;)background(?:-color)?:([^;]+)")


class Sight(Enum):
    """Whether a visitor sees a text.

    GONE: never, nor what is in its element; INKLESS: never, but what is in the element may look otherwise;
    AWAY: not now; FADED: not now, but it has its place.
    """

    SEEN = 0
    FADED = 1
    AWAY = 2
    INKLESS = 3
    GONE = 4


_TELLING = frozenset({"aria-hidden", "style", "hidden", "color"})
_NAMING = frozenset({"class", "id"})

MAX_CSS_CHARS = 512 * 1024
"""Of all style elements together; reading them takes some 10 ms then."""

REMEMBERED_STYLES, REMEMBERED_CHARS = 4096, 500
"""Pages repeat their styles; those that hold pictures are longer."""


@remembered(REMEMBERED_STYLES, REMEMBERED_CHARS)
def _normal(style: str) -> str:
    """Declarations in lower case, without spaces around signs and without `!important`."""
    text = _COMMENT.sub("", style) if "/*" in style else style
    text = " ".join(text.lower().replace("!important", "").split())
    for sign in ":;,()":
        text = text.replace(f" {sign}", sign).replace(f"{sign} ", sign)
    return text.strip("; ")


def _is_gone(text: str) -> bool:
    """Whether what has these declarations has its place where nobody looks, with all that is in it."""
    if ("clip" in text or ":scale" in text) and (_GONE.search(text) or _CLIPPED.search(text)):
        return True
    if ":-" in text and _AWAY.search(text):
        return "position:absolute" in text or "position:fixed" in text or "margin-" in text
    return "overflow:hidden" in text and _BOXLESS.search(text) is not None


@remembered(REMEMBERED_STYLES, REMEMBERED_CHARS)
def sight(style: str) -> Sight:
    """What declarations say of the text that they are for."""
    text = _normal(style)
    if _is_gone(text):
        return Sight.GONE
    if _INKLESS.search(text) and not _PAINTED.search(text):
        return Sight.INKLESS
    if ("display:" in text or "visibility:" in text) and _UNDISPLAYED.search(text):
        return Sight.AWAY
    if "opacity:" in text and _TRANSPARENT.search(text) and not _FADES.search(text):
        return Sight.FADED
    return Sight.SEEN


Key = tuple[str, str, str]
"""``(tag or "", "." or "#", name)``: a selector that is no more than that."""


def _hiding(root: Element) -> dict[Key, Sight]:
    """What the page's own `<style>` elements hide, where no other rule of theirs shows it."""
    css = "".join(element.text or "" for element in root.iter("style"))[:MAX_CSS_CHARS]
    hiding: dict[Key, Sight] = {}
    shown: set[str] = set()
    for selectors, declarations in _rules(css):
        said = declarations.lower()
        may_show = "display" in said or "visibility" in said or "opacity" in said
        if may_show and _DISPLAYED.search(_normal(declarations)):
            shown.update(_NAMED.findall(selectors))
        keys = list(_simple(selectors))
        if keys and (seen := sight(declarations)) is not Sight.SEEN:
            hiding |= dict.fromkeys(keys, seen)
    return {key: seen for key, seen in hiding.items() if key[2] not in shown}


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations, those of media queries (print, small windows) left out."""
    css, depth = _COMMENT.sub("", css), 0
    if "@" in css:
        css = re.sub(r"@[^{};]*;", "", css)
    for match in _RULE.finditer(css):
        selectors, declarations = match.groups()
        if declarations is None:
            depth = max(0, depth + (1 if match[0][-1] == "{" else -1))
        elif depth == 0 and "@" not in match[0] and (selectors := selectors.strip()):
            yield selectors, declarations


def _simple(selectors: str) -> Iterator[Key]:
    """The selectors of a list that are that simple."""
    for selector in selectors.split(","):
        found = _SIMPLE.fullmatch(selector)
        if found and found[3]:
            yield (found[1] or "", found[2], found[3])


def concealed(root: Element, unspoken: list[Element]) -> Iterator[tuple[Element, Sight]]:
    """The elements of the body that the page's own words hide, and how; `unspoken` gathers those that have
    `aria-hidden`, so that one walk finds both."""
    hiding = _hiding(root)
    names = {name for _, _, name in hiding}
    telling = _TELLING | _NAMING if names else _TELLING
    named: list[Element] = []
    spoken = Spoken()
    for element in body_of(root).iterdescendants(etree.Element):
        attributes = element.keys()
        if not attributes:
            continue
        if "class" in attributes and element in spoken:
            yield element, Sight.GONE
            continue
        if telling.isdisjoint(attributes):
            continue
        if "aria-hidden" in attributes:
            unspoken.append(element)
        if names and not _NAMING.isdisjoint(attributes):
            named.append(element)
        if "style" in attributes or "hidden" in attributes or "color" in attributes:
            seen = sight(element.get("style") or "")
            if seen in (Sight.SEEN, Sight.FADED) and _is_hidden(element):
                seen = Sight.AWAY
            if seen in (Sight.SEEN, Sight.AWAY, Sight.FADED) and _is_inkless(element):
                seen = Sight.INKLESS
            if seen is not Sight.SEEN:
                yield element, seen
    yield from _hidden_by_name(named, hiding, names)


def _hidden_by_name(
    named: Iterable[Element], hiding: Mapping[Key, Sight], names: Set[str]
) -> Iterator[tuple[Element, Sight]]:
    """The elements that rules hide by their class or id; `names` are those of the rules."""
    for element in named:
        if names.isdisjoint((element.get("class") or "").split()) and element.get("id") not in names:
            continue
        for key in _keys(element):
            if found := hiding.get(key):
                yield element, found
                break


def is_undisplayed(element: Element) -> bool:
    """Whether the element itself says that it is not shown now."""
    return _is_hidden(element) or sight(element.get("style") or "") is Sight.AWAY


def _is_hidden(element: Element) -> bool:
    hidden = element.get("hidden")
    return hidden is not None and hidden.lower() != "until-found"


def _keys(element: Element) -> Iterator[Key]:
    named = [(".", name) for name in (element.get("class") or "").split()]
    if name := element.get("id"):
        named.append(("#", name))
    for sign, name in named:
        yield ("", sign, name)
        yield (str(element.tag), sign, name)


def _is_inkless(element: Element) -> bool:
    """Text in the very colour of the nearest background that the markup names (white where it names none)."""
    ink = _colour(_first(_INK, element.get("style")) or element.get("color") or "")
    if not ink:
        return False
    for around in (element, *element.iterancestors()):
        paper = _first(_PAPER, around.get("style")) or around.get("bgcolor")
        if paper:
            return _colour(paper) == ink
        if around is not element and around.get("class"):
            return False  # a style sheet may have painted it
    return ink == "ffffff" and not any(True for _ in element.getroottree().iter("link", "style"))


def _first(pattern: re.Pattern[str], style: str | None) -> str:
    text = _normal(style) if style else ""
    found = pattern.search(text) if "color:" in text or "background:" in text else None
    return found[1].strip() if found else ""


_NAMES = {"white": "ffffff", "black": "000000", "snow": "fffafa", "ivory": "fffff0"}


def _colour(text: str) -> str:
    """Six hex digits, or "" for what is more than a plain colour."""
    text = text.strip().lower()
    if text in _NAMES:
        return _NAMES[text]
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", text):
        return found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
    if found := re.fullmatch(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,1)?\)", text.replace(" ", "")):
        return "".join(f"{min(255, int(c)):02x}" for c in found.groups())
    return ""
