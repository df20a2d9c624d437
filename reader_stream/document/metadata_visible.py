"""Dates and bylines as readers see them: beside the main heading, or where a class names them so.

For pages that do not declare them. Of 658 pages that declare a day, their visible text alone gives that one
for 383 and another for 75 (htmldate 1.11, extensive search: 416 and 235); of 497 that declare an author it
gives the same for 202 and others for 68, a third of which are a person where the page declares its publisher.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from reader_stream.document.html import Element, body_of

NEAR_PIECES = 14
"""Pieces of text after the main heading among which a dateline or byline may stand."""

LINE_CHARS = 200
"""Of a piece of text that may be a dateline; what is longer is prose."""

MAX_PIECES = 24
MAX_MARKS = 40
"""Pieces of one element, and elements called so, that are looked at."""

_MONTHS = {
    1: "january jan januar jänner janvier enero gennaio janeiro januari stycznia января ledna",
    2: "february feb februar février fevrier febrero febbraio fevereiro februari lutego февраля února",
    3: "march mar märz maerz mars marzo março marco maart marca марта března",
    4: "april apr avril abril aprile kwietnia апреля dubna",
    5: "may mai mayo maggio maio mei maj maja мая května",
    6: "june jun juni juin junio giugno junho czerwca июня června",
    7: "july jul juli juillet julio luglio julho lipca июля července",
    8: "august aug août aout agosto augustus sierpnia августа srpna",
    9: "september sep sept septembre septiembre settembre setembro września сентября září",
    10: "october oct oktober okt octobre octubre ottobre outubro października октября října",
    11: "november nov novembre noviembre novembro listopad listopada ноября listopadu",
    12: "december dec dezember dez décembre decembre diciembre dicembre dezembro grudnia декабря prosince",
}
_MONTH = {name: number for number, names in _MONTHS.items() for name in names.split()}
_NAMED = "|".join(sorted(map(re.escape, _MONTH), key=len, reverse=True))
_DATE = re.compile(
    rf"""(?<![\w/.-])(?:
      (?P<y1>(?:19|20)\d\d)(?P<s1>[-/.])(?P<m1>\d\d?)(?P=s1)(?P<d1>\d\d?)(?!\d)
    | (?P<d2>\d\d?)(?:st|nd|rd|th|er|º|ª|\.)?\s*[ -]?(?:de\s+|of\s+)?(?P<n2>{_NAMED})\b\.?,?\s*[ -]?
      (?:de\s+|del\s+)?(?P<y2>(?:19|20)\d\d)(?!\d)
    | (?P<n3>{_NAMED})\b\.?\s+(?P<d3>\d\d?)(?:st|nd|rd|th)?(?:,|\s|\sat)\s*(?P<y3>(?:19|20)\d\d)(?!\d)
    | (?P<y4>(?:19|20)\d\d)\s*[年년]\s*(?P<m4>\d\d?)\s*[月월]\s*(?P<d4>\d\d?)\s*[日일]
    | (?P<a5>\d\d?)(?P<s5>[-/.])(?P<b5>\d\d?)(?P=s5)(?P<y5>(?:19|20)\d\d)(?!\d)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")
_UPDATED = re.compile(
    r"updat|modif|edited|revis|reviewed|aktualisiert|geändert|mis à jour|maj\b|actualizado"
    r"|aggiornat|atualizad|bijgewerkt|更新|수정",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"publi|posted|veröffentlicht|erschienen|pubblicat|geplaatst|first|created|発行|公開|发布",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:^|(?<=[\s(|·•,;:\u2013\u2014-]))(?i:written\s+by|posted\s+by|reviewed\s+by|by|von|par|por|di|door|af|av|autor|author)\s*:?\s+"
)
_NAME = re.compile(
    r"(?:Dr\.\s|Prof\.\s)?[^\W\d_a-zß-öø-ÿ][\w.'\u2019-]*"
    r"(?:[ \t]+(?:(?:de|van|von|der|den|la|le|du|del|di|da|dos|bin|al|el|y)[ \t]+)*"
    r"[^\W\d_a-zß-öø-ÿ][\w.'\u2019-]*){1,3}"
)
_WORD = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w.'\u2019-]{2,}")
_JOIN = re.compile(r"\s*(?:,\s*(?:and|und|et|y|e)?|\band\b|\bund\b|\bet\b|&)\s+")
_NO_NAME = re.compile(
    r"about|alle|all|and|as|at|but|comments?|content|edited|editor|email|feed|follow|for|full|image|in|last|min|more|mon"
    r"|news|on|photo|posted|published|read|see|senior|share|staff|the|this|updated|view|we|writer",
    re.IGNORECASE,
)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "select", "textarea"})
_MONTH_FIRST = frozenset({"en-us", "en-ph", "en", ""})
_MARK = re.compile(r"[dD]ate(?!d)|[pP]ublish|posted|[bB]yline|[aA]uthor|[mM]eta|[tT]ime")
_ELSEWHERE = re.compile(
    r"comment|related|sidebar|footer|widget|recent|popular|copyright|teaser|card|trending|recommend|promo|more-|event",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "footer", "aside", "form"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What the visible text tells; days as `YYYY-MM-DD`, names joined by commas, "" where nothing is."""

    published: str = ""
    modified: str = ""
    author: str = ""


def look(root: Element, lang: str = "") -> Seen:
    """Dateline and byline of the page. `lang` (BCP 47) decides what 04/05/2020 is."""
    near = _around_heading(root)
    published, modified = _dates(near, lang)
    author = next(filter(None, map(byline, near)), "")
    if published and author:
        return Seen(published, modified, author)
    marked = [element for element in islice(_marked(root), MAX_MARKS) if not _aside(element)]
    lines = [text for element in marked if (text := _short_text(element))]
    if not published:
        published, updated = _dates(lines, lang)
        modified = modified or updated
    named = (_short_text(element) for element in marked if _says_author(element))
    author = (
        author or next(filter(None, map(byline, lines)), "") or next(filter(None, map(_names, named)), "")
    )
    return Seen(published, modified, author)


def _dates(lines: list[str], lang: str) -> tuple[str, str]:
    """The first day that something was published, and the first that it was changed."""
    published = modified = ""
    for line in lines:
        for label, day in _days(line, month_first=lang.lower() in _MONTH_FIRST):
            if _UPDATED.search(label) and not _PUBLISHED.search(label):
                modified = modified or day
            else:
                published = published or day
    return published, modified


def _marked(root: Element) -> Iterator[Element]:
    """Elements whose class or role says that they hold a date or an author."""
    marks = {"": False}  # by class: most stand on many elements
    for element in body_of(root).iter(etree.Element):
        classes = element.get("class", "")
        marked = marks.get(classes)
        if marked is None:
            marked = marks[classes] = _MARK.search(classes) is not None
        if marked or element.get("rel") == "author" or element.get("itemprop"):
            yield element


def _says_author(element: Element) -> bool:
    told = (element.get(name) or "" for name in ("rel", "itemprop", "class"))
    return any("author" in text.lower() or "byline" in text.lower() for text in told)


def _short_text(element: Element) -> str:
    """The text of an element that is short, else ""; a line for each piece of it."""
    pieces = [" ".join(piece.split()) for piece in islice(_texts(element), MAX_PIECES)]
    text = "\n".join(filter(None, pieces))
    return text if len(pieces) < MAX_PIECES and len(text) <= LINE_CHARS else ""


def _around_heading(root: Element) -> list[str]:
    """What follows the main heading up to the first paragraph: a line each, then all in one.

    A dateline often is several elements: "By", a link, "on", a date.
    """
    heading = next(root.iter("h1"), None)
    found: list[str] = []
    for piece in _following(heading) if heading is not None else ():
        text = " ".join(piece.split())
        if len(text) > LINE_CHARS or len(found) == NEAR_PIECES:
            break
        if text:
            found.append(text)
    return [*found, "\n".join(found)]


def _following(element: Element) -> Iterator[str]:
    """The pieces of text after an element, in document order."""
    node: Element | None = element
    while node is not None and node.tag != "body":
        yield node.tail or ""
        after = node.getnext()
        if after is None:
            node = node.getparent()
            continue
        if after.tag not in _ASIDE:
            yield from _texts(after)
        node = after


def _texts(element: Element) -> Iterator[str]:
    """The pieces of text in an element, one after the other: of most only the first are asked for."""
    seen = [False]  # whether the text of each element around is
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            seen.append(each.tag not in _UNSEEN)
            text = each.text if seen[-1] else None
        else:
            seen.pop()
            text = each.tail if seen[-1] else None
        if text:
            yield text


def _aside(element: Element) -> bool:
    """Whether an element belongs to something else than the page's main thing."""
    for parent in (element, *element.iterancestors()):
        if parent.tag in _ASIDE:
            return True
        if parent.tag == "body":
            break
        if _ELSEWHERE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
        if parent.tag in ("main", "article"):
            break
    return False


def _days(line: str, *, month_first: bool) -> Iterator[tuple[str, str]]:
    """(what stands before it, day) of each date in a line."""
    if _YEAR.search(line) is None:  # a tenth of the time of the pattern below
        return
    end = 0
    for match in _DATE.finditer(line):
        if day := _day(match, month_first=month_first):
            yield line[end : match.start()][-40:], day
        end = match.end()


def _day(match: re.Match[str], *, month_first: bool) -> str:
    part = match.groupdict()
    if part["y5"]:
        a, b = int(part["a5"]), int(part["b5"])
        first = (month_first and part["s5"] != "." and a <= 12) or b > 12
        year, month, day = int(part["y5"]), a if first else b, b if first else a
    else:
        year = int(part["y1"] or part["y2"] or part["y3"] or part["y4"])
        named = part["n2"] or part["n3"]
        month = _MONTH[named.lower()] if named else int(part["m1"] or part["m4"])
        day = int(part["d1"] or part["d2"] or part["d3"] or part["d4"])
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def byline(line: str) -> str:
    """The names after "by" in a line, joined by commas; "" if there are none.

    A single word is taken for a name where it is all that "by" is followed by.
    """
    for match in _BY.finditer(line):
        if names := _names_at(line, match.end())[0]:
            return ", ".join(names)
        rest = line[match.end() :].partition("\n")[0]
        if match.start() == 0 and _is_word(rest):
            return rest
    return ""


def _names(text: str) -> str:
    """A text that is nothing but names, joined by commas; else ""."""
    first = _BY.sub("", text.partition("\n")[0], count=1)
    names, end = _names_at(first, 0)
    if names and end == len(first):
        return ", ".join(names)
    return first if _is_word(first) else ""


def _is_word(text: str) -> bool:
    """Whether a text is one word that may be a name."""
    return _WORD.fullmatch(text) is not None and not (_NO_NAME.fullmatch(text) or text.lower() in _MONTH)


def _names_at(line: str, at: int) -> tuple[list[str], int]:
    """The names that begin at `at`, and where the last one ends."""
    names: list[str] = []
    end = at
    while (found := _NAME.match(line, at)) and (name := _trimmed(found.group())):
        names.append(name)
        end = found.start() + len(name)
        join = _JOIN.match(line, end)
        if join is None:
            break
        at = join.end()
    return names, end


def _trimmed(name: str) -> str:
    """A name without the words after it that only look like one; "" if it is a single word then."""
    words = name.split()
    for number, word in enumerate(words):
        if _NO_NAME.fullmatch(word.strip(".")) or word.lower().strip(".") in _MONTH:
            words = words[:number]
            break
    return " ".join(words) if len(words) > 1 else ""
