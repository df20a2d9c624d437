"""Pure: options that cannot work together. Nothing that a client asks for is dropped in silence.

`RULES` is the table: each rule names the option at fault and says what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reader_stream.errors import ParamValidationError
from reader_stream.model import SHOTS, Engine, ReadOptions, RespondWith

MARKDOWN = frozenset({RespondWith.CONTENT, RespondWith.MARKDOWN})


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` tells whether options break it; `path` and `message` are the client's."""

    path: str
    message: str
    broken: Callable[[ReadOptions], bool]


def _several_sources(options: ReadOptions) -> bool:
    return sum(each is not None for each in (options.html, options.pdf, options.file)) > 1


def _http_without_page(options: ReadOptions) -> bool:
    return options.engine is Engine.HTTP and options.needs_browser


def _http_without_tree(options: ReadOptions) -> bool:
    asked = options.with_iframe or options.with_shadow_dom or options.viewport
    return options.engine is Engine.HTTP and bool(asked)


def _cursor_of_several(options: ReadOptions) -> bool:
    return options.cursor is not None and len(set(options.respond_with) - set(SHOTS)) > 1


RULES: tuple[Rule, ...] = (
    Rule("url", "give one of html, pdf and file", _several_sources),
    Rule(
        "engine",
        "engine http takes no pictures and runs no scripts: leave it out for those",
        _http_without_page,
    ),
    Rule(
        "engine",
        "engine http has no frames, shadow roots or viewport: leave it out for those",
        _http_without_tree,
    ),
    Rule(
        "markdownChunking",
        "markdownChunking splits markdown: respondWith must have content or markdown",
        lambda options: bool(options.markdown_chunking) and not MARKDOWN & set(options.respond_with),
    ),
    Rule(
        "stopWhen",
        "stopWhen ends a read before its picture is taken: use waitForSelector, respondTiming or timeout",
        lambda options: bool(options.stop_when and options.shots),
    ),
    Rule("cursor", "a cursor goes on in one format: respondWith names several", _cursor_of_several),
)


def check_combinations(options: ReadOptions) -> None:
    """Raise ParamValidationError for the first rule that is broken."""
    for rule in RULES:
        if rule.broken(options):
            raise ParamValidationError(rule.message, path=rule.path)
