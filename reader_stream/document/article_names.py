"""What class names, ids and roles say of a node, and what learnt words say of names and of short texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Log odds of being content, learnt from many sites: of words in class names, ids and roles; of words
    in short texts (buttons, labels); of words in any text, as weights of one regression with its `bias`."""

    names: Mapping[str, float]
    texts: Mapping[str, float]
    words: Mapping[str, float]
    bias: float


KINDS = {
    "comment": "comment comments commentlist respond reply replies disqus discussion feedback responses",
    "review": "review reviews rating ratings testimonial testimonials stars",
    "related": "related recommended recommend recommendations more similar popular trending latest upsell "
    "suggested suggestions recirc also crosssell readnext",
    "share": "share sharing social follow newsletter subscribe signup subscription",
    "side": "sidebar side widget widgets aside rail right left secondary",
    "menu": "menu nav navigation navbar megamenu breadcrumb breadcrumbs pagination pager toc tabs dropdown",
    "edge": "footer header masthead topbar bottom banner legal copyright",
    "meta": "meta byline author date time tags tag category categories info posted",
    "describe": "description desc details detail overview specs specifications features summary about",
    "item": "item items card cards grid tile tiles list listing results result row col collection",
    "post": "post posts message messages thread topic answer answers question bbp forum",
    "body": "article story entry body main content text prose markdown rte richtext",
    "modal": "modal popup overlay cookie consent dialog drawer lightbox offcanvas gdpr",
    "filter": "filter filters facet facets sort refine toolbar search",
    "caption": "caption credit figure image gallery media video photo",
}
"""Words that mean the same on nearly all sites; the learnt words say how much, these say which."""

KIND_OF = {word: at for at, words in enumerate(KINDS.values()) for word in words.split()}
"""Word → its place in `KINDS`."""
