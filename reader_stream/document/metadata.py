"""What a page says about itself: title, byline, site, dates, language, canonical URL, image.

Sources in the order of trust: JSON-LD, OpenGraph and article meta tags, other meta tags, visible marks.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from dateutil import parser as dates

from reader_stream.document.html import Element

ARTICLE_TYPES = frozenset(
    {
        "article", "newsarticle", "blogposting", "report", "reportagenewsarticle", "techarticle",
        "scholarlyarticle", "socialmediaposting", "discussionforumposting", "liveblogposting", "qapage",
        "product", "recipe", "howto", "faqpage", "webpage", "itempage", "review", "analysisnewsarticle",
        "opinionnewsarticle", "videoobject", "event", "jobposting", "course", "book", "medicalwebpage",
    }
)  # fmt: skip
TITLE_SEPARATOR = re.compile(r"\s+[|\-\u2013\u2014•·»:/\\]+\s+|\s*[|»]\s*")
FEW_TIMES = 3
"""With more `<time>` elements than these, most are other pages' dates."""

BYLINE_CHARS = 120
"""Longer than any list of authors met; what is longer is a biography."""

_OPENED = ("@graph", "mainEntity", "mainEntityOfPage")
_TAG = re.compile(r"<[^<>]*>")
_ZONE_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "AEST": 10,
}  # fmt: skip
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d\d)[/-](\d\d)(?=[/-]|$)")
_NO_DATE = datetime(1, 1, 1)
_BY = re.compile(r"^\s*(?:written\s+by|posted\s+by|by|von|par|por|di|door|af|av)\s*:?\s+", re.I)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Metadata:
    """`extra` holds what else is known, under the contract's camelCase names; absent is not there.

    `types` are the declared ones (JSON-LD, OpenGraph), in lower case; `bodies` the texts that JSON-LD
    gives of the content itself.
    """

    title: str = ""
    description: str = ""
    published_time: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    bodies: tuple[str, ...] = ()


def collect(root: Element, url: str) -> Metadata:
    """The page's metadata. `root` must still have its scripts (JSON-LD)."""
    meta = _meta_tags(root)
    declared = list(json_ld(root))
    things = [thing for thing in declared if _types(thing) & ARTICLE_TYPES]
    site = _first(meta, "og:site_name", "application-name") or _publisher(things)
    return Metadata(
        title=_title(root, meta, things, (site, _host_label(url))),
        description=_squeeze(_first(meta, "og:description", "description", "twitter:description")),
        published_time=_published(root, meta, things) or _date_of(url),
        extra=_present(
            lang=_language(root, meta),
            author=_author(root, meta, things),
            siteName=_squeeze(site),
            canonical=_canonical(root, meta, url),
            modifiedTime=_modified(meta, things),
            image=_image(meta, things, url),
            type=_first(meta, "og:type"),
        ),
        bodies=tuple(_bodies(declared)),
        types=frozenset({_first(meta, "og:type").lower()}.union(*map(_types, declared))),
    )


def json_ld(root: Element) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, `@graph` and nested `mainEntity` opened."""
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = (script.text or "").strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
        try:
            yield from _objects(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            continue


def _bodies(things: list[dict[str, Any]]) -> Iterator[str]:
    for thing in things:
        for key in ("articleBody", "text"):
            if isinstance(text := thing.get(key), str):
                text = html.unescape(text)
                yield _TAG.sub("\n", text) if "<" in text else text


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        value = stack.pop(0)
        if isinstance(value, list):
            stack[:0] = value
        elif isinstance(value, dict):
            yield value
            stack[:0] = [value[key] for key in _OPENED if key in value]


def _types(thing: dict[str, Any]) -> set[str]:
    return {str(t).rsplit("/", 1)[-1].lower() for t in _listed(thing.get("@type"))}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _meta_tags(root: Element) -> dict[str, str]:
    """First content of each `<meta>`, by lower-cased property, name or itemprop."""
    tags: dict[str, str] = {}
    for element in root.iter("meta"):
        content = (element.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := element.get(attribute)):
                tags.setdefault(name.strip().lower(), content)
    return tags


def _first(meta: dict[str, str], *names: str) -> str:
    return next((meta[name] for name in names if meta.get(name)), "")


def _squeeze(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _title(root: Element, meta: dict[str, str], things: list[dict[str, Any]], sites: tuple[str, ...]) -> str:
    """The page's title, without the site's name."""
    element = root.find(".//head/title")
    if element is None:
        element = next(root.iter("title"), None)
    full = _squeeze("".join(element.itertext())) if element is not None else ""
    best = _squeeze(_first(meta, "og:title", "twitter:title", "dc.title", "title")) or full
    headings = [h for e in root.iter("h1") if (h := _squeeze("".join(e.itertext())))]
    parts = {part.casefold() for part in TITLE_SEPARATOR.split(best)}
    for heading in headings:
        whole = heading.casefold()
        if len(heading) > 3 and (best.casefold().startswith(whole) or whole in parts):
            return heading
    for site in sites:
        best = _without_site(best, site)
    return best or (headings[0] if headings else "") or _headline(things)


def _host_label(url: str) -> str:
    """`example` of `www.example.co.uk`: how a site without a declared name calls itself."""
    try:
        labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    except ValueError:
        return ""
    return max(labels[:-1], key=len, default="")


def _without_site(title: str, site: str) -> str:
    parts = TITLE_SEPARATOR.split(title)
    if len(parts) < 2 or not site:
        return title
    for part, at_end in ((parts[-1], True), (parts[0], False)):
        if _same_name(part, site):
            cut = title[: title.rfind(part)] if at_end else title[title.find(part) + len(part) :]
            return cut.strip(" |-\u2013\u2014•·»:/\\") or title
    return title


def _same_name(part: str, site: str) -> bool:
    a, b = (re.sub(r"\W+", "", name.casefold()) for name in (part, site))
    return bool(a and b) and (a == b or (min(len(a), len(b)) > 3 and (a in b or b in a)))


def _headline(things: list[dict[str, Any]]) -> str:
    return next(
        (_squeeze(t["headline"]) for t in things if isinstance(t.get("headline"), str)),
        "",
    )


def _publisher(things: list[dict[str, Any]]) -> str:
    for thing in things:
        for publisher in _listed(thing.get("publisher")):
            if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
                return str(publisher["name"])
    return ""


def _language(root: Element, meta: dict[str, str]) -> str:
    lang = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    lang = lang or _first(meta, "content-language", "og:locale", "inlanguage", "dc.language")
    return lang.split(",")[0].strip().replace("_", "-")


def _author(root: Element, meta: dict[str, str], things: list[dict[str, Any]]) -> str:
    for thing in things:
        names = [_name(author) for author in _listed(thing.get("author"))]
        if joined := ", ".join(dict.fromkeys(n for n in names if n)):
            return joined
    named = _first(
        meta,
        "author",
        "article:author",
        "dc.creator",
        "parsely-author",
        "sailthru.author",
        "byl",
    )
    if named and "://" not in named:
        return _byline(named)
    marks = (
        "//*[@rel='author' or @itemprop='author'"
        " or contains(@class,'byline') or contains(@class,'author-name')]"
    )
    for element in root.xpath(marks):
        text = _byline(" ".join(element.itertext()))
        if 2 < len(text) <= BYLINE_CHARS:
            return text
    return ""


def _name(author: Any) -> str:
    if isinstance(author, dict):
        author = author.get("name")
        author = author[0] if isinstance(author, list) and author else author
    return _byline(author) if isinstance(author, str) and "://" not in author else ""


def _byline(text: str) -> str:
    return _BY.sub("", _squeeze(text)).strip(" ,|•·-")


def _published(root: Element, meta: dict[str, str], things: list[dict[str, Any]]) -> str | None:
    said = [thing.get("datePublished") or thing.get("uploadDate") for thing in things]
    names = (
        "article:published_time", "og:published_time", "datepublished", "date", "pubdate", "publishdate",
        "publish-date", "dc.date.issued", "dc.date", "dcterms.created", "parsely-pub-date", "sailthru.date",
        "article.published", "citation_publication_date", "citation_date",
    )  # fmt: skip
    said += [meta.get(name) for name in names]
    said += [
        element.get("datetime") or element.get("content")
        for element in root.xpath(
            "//*[@itemprop='datePublished'] | //time[@pubdate] | //article//time[@datetime]"
        )
    ]
    times = root.xpath("//time[@datetime]")
    if len(times) <= FEW_TIMES:
        said += [element.get("datetime") for element in times]
    return _first_date(said)


def _date_of(url: str) -> str | None:
    """The day in a URL such as `/2020/05/06/title`."""
    match = _URL_DATE.search(url)
    return normal_date("-".join(match.groups())) if match else None


def _modified(meta: dict[str, str], things: list[dict[str, Any]]) -> str | None:
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


def _canonical(root: Element, meta: dict[str, str], url: str) -> str:
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return _absolute(url, link.get("href"))
    return _absolute(url, _first(meta, "og:url"))


def _image(meta: dict[str, str], things: list[dict[str, Any]], url: str) -> str:
    said = _first(
        meta,
        "og:image:secure_url",
        "og:image",
        "og:image:url",
        "twitter:image",
        "twitter:image:src",
    )
    for thing in things:
        for image in _listed(thing.get("image")):
            said = said or (image if isinstance(image, str) else str(image.get("url") or "") if image else "")
    return _absolute(url, said)


def _absolute(url: str, href: str) -> str:
    if not href.strip():
        return ""
    try:
        joined = urljoin(url, href.strip())
        return str(joined) if urlsplit(joined).scheme in {"http", "https"} else ""
    except ValueError:
        return ""
