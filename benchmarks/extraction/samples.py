"""Annotated pages as blocks with labels: what the classifier of main content is trained and measured on.

The pages are those of `$EXTRACTION_DATA` (shared/data/extraction); nothing of them is stored in the
project but what the model learns.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from lxml import etree

from reader_stream.document.article import hints_of
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_copies import drop_copies
from reader_stream.document.article_hints import Hints
from reader_stream.document.clean import Cleaning, clean
from reader_stream.document.html import body_of, parse
from reader_stream.document.metadata import collect
from reader_stream.document.text import inner_text

SETS = ("wcxb", "scrapinghub", "trafilatura", "mozilla")
FOLDS = 5
GRAM = 4
"""A block's words count as annotated where they lie in runs of this many that the annotation has too."""

COPY_WORDS = 8
"""A text this long is wanted no more often than annotated (copies for small screens)."""

NEAR = 6
"""A label of up to three words is believed only when an annotated longer block is at most this far."""

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"^\s*(?:[-*+•]\s+)?(?:\d{1,3}[.)]\s+)?")


@dataclass
class Sample:
    """One page: its blocks (without the tree), the share of each that is annotated as content, the gold."""

    id: str
    set: str
    type: str
    site: str
    page: Page
    hints: Hints
    words: list[list[str]]
    labels: np.ndarray
    gold: Counter[str] | None
    wanted: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    rows: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @property
    def fold(self) -> int:
        """Which fold the page is in."""
        return fold_of(self.site)


def fold_of(site: str) -> int:
    """Pages of one site are in one fold."""
    return int(hashlib.md5(site.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def weights_of(sample: Sample, types: Counter[str]) -> np.ndarray:
    """Each page weighs about the same, each of its blocks by its words; rare page types weigh more."""
    size: np.ndarray = np.array([min(len(words), 200) + 1.0 for words in sample.words])
    size[np.isnan(sample.labels)] = 0.0
    if sample.gold is None:
        return np.asarray(0.5 * size / max(50.0, size.sum()))
    weight = size / (0.5 * min(sum(sample.gold.values()), 3000) + 0.5 * size.sum() + 30)
    if sample.set == "wcxb":
        weight *= min(2.5, math.sqrt(types["article"] / types[sample.type]))
    return np.asarray(weight)


def samples(folder: Path) -> Iterator[Sample]:
    """All annotated pages with at least one block."""
    for name in SETS:
        with lzma.open(folder / name / "dev.jsonl.xz", "rt", encoding="ascii") as lines:
            for line in lines:
                sample = _sample(json.loads(line))
                if sample is not None:
                    yield sample


def _sample(raw: dict[str, Any]) -> Sample | None:
    url = "" if "::" in (raw.get("url") or "") else raw.get("url") or ""
    root = parse(raw["html"])
    about = collect(root, url)
    clean(root, Cleaning())
    page = Page(body_of(root))
    gold = _gold(raw)
    if not page.blocks or gold == "":
        return None
    page.forget_tree()
    words = [_words(block.text) for block in page.blocks]
    wanted, unwanted = raw.get("with") or [], raw.get("without") or []
    labels = _by_snippets(words, wanted, unwanted) if gold is None else _by_text(words, gold)
    flat = f" {' '.join(_words(gold or ''))} "
    for at, rank in enumerate(page.copy_ranks()):
        if rank and len(words[at]) >= COPY_WORDS and flat.count(f" {' '.join(words[at])} ") <= rank:
            labels[at] = 0.0
    wanted_blocks = [bool(label > 0.5) for label in labels]
    labels[np.array(wanted_blocks) & ~np.array(drop_copies(page, wanted_blocks, items=True))] = 0.0
    return Sample(
        id=raw["id"], set=raw["set"], type=raw["type"], site=_site(raw), page=page,
        hints=hints_of(about, url),
        words=words, labels=labels, gold=None if gold is None else Counter(_words(gold)), wanted=wanted,
        unwanted=unwanted,
    )  # fmt: skip


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _gold(raw: dict[str, Any]) -> str | None:
    if raw.get("gold_html"):
        text: str | None = inner_text(etree.fromstring(raw["gold_html"], etree.HTMLParser()))
    else:
        text = raw.get("gold_text")
    return None if text is None else "\n".join(_NUMBER.sub("", line) for line in text.split("\n")).strip()


def _site(raw: dict[str, Any]) -> str:
    if raw["set"] == "mozilla":
        return f"mozilla:{raw['id']}"
    url = raw["url"].split("::")[-1]
    host = (urlsplit(url if "//" in url else f"//{url}").hostname or raw["id"]).lower()
    if raw["set"] == "trafilatura" and "." not in host:
        host = raw["id"].split("-")[0]
    parts = host.split(".")
    country = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= 3
    return ".".join(parts[-3 if country else -2 :])


def _by_snippets(words: list[list[str]], wanted: list[str], unwanted: list[str]) -> np.ndarray:
    labels = np.full(len(words), np.nan, np.float32)
    inside, outside = ([f" {' '.join(_words(text))} " for text in texts] for texts in (wanted, unwanted))
    for at, block in enumerate(words):
        text = f" {' '.join(block)} "
        for snippets, label in ((outside, 0.0), (inside, 1.0)):
            if any(s.strip() and (s in text or (len(block) > 3 and text in s)) for s in snippets):
                labels[at] = label
    return labels


def _by_text(words: list[list[str]], gold: str) -> np.ndarray:
    said = _words(gold)
    lines = {tuple(_words(line)) for line in gold.split("\n")}
    grams = {tuple(said[at : at + GRAM]) for at in range(len(said) - GRAM + 1)}
    stream = [word for block in words for word in block]
    covered = np.zeros(len(stream), bool)
    for at in range(len(stream) - GRAM + 1):
        if tuple(stream[at : at + GRAM]) in grams:
            covered[at : at + GRAM] = True
    labels = np.full(len(words), np.nan, np.float32)
    position = 0
    for at, block in enumerate(words):
        if block:
            share = float(covered[position : position + len(block)].mean())
            labels[at] = 1.0 if tuple(block) in lines else share
        position += len(block)
    return _doubted(words, labels)


def _doubted(words: list[list[str]], labels: np.ndarray) -> np.ndarray:
    out = labels.copy()
    for at, block in enumerate(words):
        if 0 < len(block) <= 3 and labels[at] == 1:
            near = range(max(0, at - NEAR), min(len(words), at + NEAR + 1))
            if not any(len(words[other]) > 3 and labels[other] > 0.5 for other in near if other != at):
                out[at] = 0.3
    return out
