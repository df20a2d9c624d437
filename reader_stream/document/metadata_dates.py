"""When a page was published and changed, as it declares: JSON-LD, meta tags, `<time>`, its URL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from dateutil import parser as dates
from lxml import etree

from reader_stream.document.html import Element

FEW_TIMES = 3
"""With more `<time>` elements than these, most are other pages' dates."""

_ZONE_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "AEST": 10,
}  # fmt: skip
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d\d)[/-](\d\d)(?=[/-]|$)")
_NO_DATE = datetime(1, 1, 1)


def published(root: Element, meta: dict[str, str], things: list[dict[str, Any]]) -> str | None:
    """When, by what the page declares in JSON-LD `things`, `meta` tags, microdata and `<time>` elements."""
    said = [thing.get("datePublished") or thing.get("uploadDate") for thing in things]
    names = (
        "article:published_time", "og:published_time", "datepublished", "date", "pubdate", "publishdate",
        "publish-date", "dc.date.issued", "dc.date", "dcterms.created", "parsely-pub-date", "sailthru.date",
        "article.published", "citation_publication_date", "citation_date",
    )  # fmt: skip
    said += [meta.get(name) for name in names]
    return _first_date(said) or _first_date(_marked(root))


def _marked(root: Element) -> list[str | None]:
    """What stands in elements that are marked as the page's date, then in all `<time>` if they are few."""
    own = set(filter(_is_own_time, root.iter("time")))
    marked = [
        each for each in root.iter(etree.Element) if each.get("itemprop") == "datePublished" or each in own
    ]
    said = [element.get("datetime") or element.get("content") for element in marked]
    times = [time for each in root.iter("time") if (time := each.get("datetime")) is not None]
    return said + times if len(times) <= FEW_TIMES else said


def _is_own_time(time: Element) -> bool:
    in_article = next(time.iterancestors("article"), None) is not None
    return time.get("pubdate") is not None or (in_article and time.get("datetime") is not None)


def date_of(url: str) -> str | None:
    """The day in a URL such as `/2020/05/06/title`."""
    match = _URL_DATE.search(url)
    return normal_date("-".join(match.groups())) if match else None


def modified(meta: dict[str, str], things: list[dict[str, Any]]) -> str | None:
    """When it was last changed, by `meta` tags and JSON-LD `things`."""
    said = [thing.get("dateModified") for thing in things]
    said += [
        meta.get(n)
        for n in (
            "article:modified_time",
            "og:updated_time",
            "datemodified",
            "last-modified",
        )
    ]
    return _first_date(said)


def _first_date(said: Iterable[Any]) -> str | None:
    for value in said:
        if isinstance(value, str) and any(c.isdigit() for c in value) and (date := normal_date(value)):
            return date
    return None


def normal_date(text: str) -> str | None:
    """ISO 8601 of a date as pages write it, the day alone without a time of day; None if unreadable."""
    text = text.strip()
    if len(text) < 6 or len(text) > 60:
        return None
    try:
        parsed = dates.isoparse(text)
    except ValueError:
        try:
            parsed = dates.parse(text, default=_NO_DATE, tzinfos=_zone)
        except (ValueError, OverflowError, TypeError):
            return None
    if not 1970 <= parsed.year <= 2100:
        return None
    return str(parsed.isoformat() if ":" in text else parsed.date().isoformat())


def _zone(name: str | None, offset: int | None) -> int | None:
    """Seconds east of UTC; a zone that is not known is left out."""
    if offset is not None:
        return offset
    hours = _ZONE_HOURS.get(name or "")
    return None if hours is None else hours * 3600
