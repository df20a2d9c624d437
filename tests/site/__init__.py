"""A site that misbehaves in every way we know, served on 127.0.0.1.

`PAGES` is the table: each page with what a reader must make of it. `running()` serves it. Tests of any
room and the benchmarks use both; `Site.url` gives addresses that no cache knows yet.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from tests.site import (
    bench,
    captions,
    dynamic,
    files,
    media,
    network,
    options,
    pictures,
    scripted,
    static,
    walls,
)
from tests.site.page import Asset, Page
from tests.site.server import Seen, Site, serve

PAGES: tuple[Page, ...] = static.PAGES + dynamic.PAGES + network.PAGES + media.PAGES
ASSETS: tuple[Asset, ...] = (
    dynamic.ASSETS
    + network.ASSETS
    + media.ASSETS
    + bench.ASSETS
    + pictures.ASSETS
    + scripted.ASSETS
    + captions.ASSETS
    + options.ASSETS
    + walls.ASSETS
    + files.ASSETS
)

__all__ = ["ASSETS", "PAGES", "Asset", "Page", "Seen", "Site", "page", "running"]


def page(path: str) -> Page:
    """The page with this path. Raises KeyError."""
    for entry in PAGES:
        if entry.path == path:
            return entry
    raise KeyError(path)


def running() -> AbstractContextManager[Site]:
    """The whole site, up for the length of a `with` block."""
    return serve((*PAGES, *ASSETS))
