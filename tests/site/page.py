"""What a page of the test site is, and what a reader must make of it."""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Page:
    """One URL of the site with its expectation.

    `serve` is HTML (in which ``{{origin}}`` and ``{{other}}`` stand for the two origins) or a handler.
    Of the final markdown of the whole page (`X-Respond-With: markdown`), read with `headers`, hold:
    all of `must` is in it, nothing of `must_not`. `answer` is the HTTP status of our answer, `states` what
    completeness may say, `reason` what it must name. `static` pages show all of it without scripts;
    `requests` is how often a read may ask for this very URL (None: not said).
    """

    path: str
    serve: str | Handler
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: int = 200
    states: frozenset[str] = frozenset({"complete"})
    reason: str | None = None
    static: bool = False
    requests: int | None = 1

    @property
    def name(self) -> str:
        """A short name for test ids and tables."""
        return self.path.strip("/").replace("/", "-") or "root"


@dataclass(frozen=True, slots=True)
class Asset:
    """A URL that pages use; nobody reads it on its own. `path` is an aiohttp route pattern."""

    path: str
    serve: str | Handler
    method: str = "GET"


PARTIAL = frozenset({"partial"})
ANY_STATE = frozenset({"complete", "partial", "blocked", "empty"})

WORDS = """
river stone harbour winter lantern garden letter market morning copper orchard signal window thunder
meadow paper valley ladder compass velvet shelter island candle basket journey mirror anchor pepper
saddle timber canvas ribbon kettle marble feather cabin hollow bridge carpet quarry willow summit
the a of and to in with from under over beside after before because while until carries keeps finds
turns opens follows holds brings leaves gathers slow quiet bright narrow heavy early distant careful
""".split()  # noqa: SIM905
SCRIPTS = Path(__file__).parent / "scripts"
SHELL = '<div id="app"><p>Loading placeholder…</p></div>'


def sentence(rng: random.Random, words: int = 14) -> str:
    """`words` words with a capital and a full stop."""
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def prose(seed: int | str, sentences: int = 5) -> str:
    """A paragraph's text, the same for the same seed."""
    rng = random.Random(str(seed))
    return " ".join(sentence(rng, rng.randint(8, 18)) for _ in range(sentences))


def paragraphs(seed: int | str, count: int, *marks: str) -> str:
    """`count` paragraphs; the marks stand at the ends of the last ones."""
    texts = [prose(f"{seed}-{n}") for n in range(count)]
    for back, mark in enumerate(reversed(marks), start=1):
        texts[-back] += f" {mark}"
    return "\n".join(f"<p>{text}</p>" for text in texts)


def html(title: str, body: str, head: str = "") -> str:
    """A whole page in UTF-8."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"{head}</head><body>{body}</body></html>"
    )


def script(name: str) -> str:
    """The text of `scripts/<name>.js`."""
    return (SCRIPTS / f"{name}.js").read_text("utf-8")


def article(title: str, inner: str, scripted: str = "", head: str = "") -> str:
    """A page with a navigation, an article and a footer around it, and the script of that name."""
    tail = f"<script>{script(scripted)}</script>" if scripted else ""
    nav = '<nav><a href="/">Home</a> <a href="/about">About boilerplate-nav</a></nav>'
    footer = "<footer><p>All rights reserved boilerplate-footer</p></footer>"
    return html(
        title,
        f"<header>{nav}</header><main><article><h1>{title}</h1>{inner}</article></main>{footer}{tail}",
        head,
    )


def application(title: str, code: str, body: str = SHELL) -> str:
    """A page whose content is written into `#app` by `code`, with `prelude.js` before it."""
    start = f"const TEXT = {json.dumps(prose(title))};\n{script('prelude')}"
    return html(title, f"<main>{body}</main><script>{start}{code}</script>")
