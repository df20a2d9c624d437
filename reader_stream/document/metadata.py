"""What a page says about itself: title, byline, site, dates, language, canonical URL, image.

Sources in the order of trust: JSON-LD, OpenGraph and article meta tags, other meta tags, visible marks.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from reader_stream.document.html import Element
from reader_stream.document.metadata_dates import date_of, modified, published
from reader_stream.document.metadata_visible import Seen, look

ARTICLE_TYPES = frozenset(
    {
        "article", "newsarticle", "blogposting", "report", "reportagenewsarticle", "techarticle",
        "scholarlyarticle", "socialmediaposting", "discussionforumposting", "liveblogposting", "qapage",
        "product", "recipe", "howto", "faqpage", "webpage", "itempage", "review", "analysisnewsarticle",
        "opinionnewsarticle", "videoobject", "event", "jobposting", "course", "book", "medicalwebpage",
    }
)  # fmt: skip
TITLE_SEPARATOR = re.compile(r"\s+[|\-\u2013\u2014•·»:/\\]+\s+|\s*[|»]\s*")
_OPENED = ("@graph", "mainEntity", "mainEntityOfPage")
_TAG = re.compile(r"<[^<>]*>")
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
    lang = _language(root, meta, things)
    author = _author(meta, things)
    when = published(root, meta, things) or date_of(url)
    seen = look(root, lang) if not (when and author) else Seen()
    return Metadata(
        title=_title(root, meta, things, (site, _host_label(url))),
        description=_squeeze(_first(meta, "og:description", "description", "twitter:description")),
        published_time=when or seen.published or None,
        extra=_present(
            lang=lang,
            author=author or seen.author,
            siteName=_squeeze(site),
            canonical=_canonical(root, meta, url),
            modifiedTime=modified(meta, things) or seen.modified,
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
    headline = _headline(things)
    if headline and headline in headings:
        return headline
    parts = {part.casefold() for part in TITLE_SEPARATOR.split(best)}
    for heading in headings:
        whole = heading.casefold()
        if len(heading) > 3 and (best.casefold().startswith(whole) or whole in parts):
            return heading
    for site in sites:
        best = _without_site(best, site)
    return best or (headings[0] if headings else "") or headline


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
        (_squeeze(html.unescape(t["headline"])) for t in things if isinstance(t.get("headline"), str)),
        "",
    )


def _publisher(things: list[dict[str, Any]]) -> str:
    for thing in things:
        for publisher in _listed(thing.get("publisher")):
            if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
                return str(publisher["name"])
    return ""


def _language(root: Element, meta: dict[str, str], things: list[dict[str, Any]]) -> str:
    lang = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    lang = lang or _first(meta, "content-language", "og:locale", "inlanguage", "dc.language")
    said = (thing.get("inLanguage") for thing in things)
    lang = lang or next((value for value in said if isinstance(value, str)), "")
    return lang.split(",")[0].strip().replace("_", "-")


def _author(meta: dict[str, str], things: list[dict[str, Any]]) -> str:
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
    return ""


def _name(author: Any) -> str:
    if isinstance(author, dict):
        author = author.get("name")
        author = author[0] if isinstance(author, list) and author else author
    return _byline(author) if isinstance(author, str) and "://" not in author else ""


def _byline(text: str) -> str:
    return _BY.sub("", _squeeze(html.unescape(text))).strip(" ,|•·-")


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
