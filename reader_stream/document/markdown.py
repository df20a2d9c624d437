"""The markdown writer: an lxml tree of a page -> top-level markdown blocks that parse back to what it says.

`write` is the room's door to it. Modules: `markdown_walk` goes through the tree, the rules for elements
stand in `markdown_blocks`, `_lists`, `_table`, `_code`, `_spans`, `_media`, `_forms` and `_math`,
`markdown_inline` (with `_tokens`, `_delimit`, `_escape`, `_links`) spells lines, `markdown_memo` remembers.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import html

from reader_stream.document import (
    markdown_blocks,
    markdown_code,
    markdown_forms,
    markdown_lists,
    markdown_media,
    markdown_spans,
    markdown_table,
)
from reader_stream.document.markdown_delimit import Delimiters
from reader_stream.document.markdown_inline import Inline
from reader_stream.document.markdown_links import Addresses
from reader_stream.document.markdown_math import formulas, rules_with
from reader_stream.document.markdown_memo import Memo, remembering
from reader_stream.document.markdown_numbers import numbered, referenced
from reader_stream.document.markdown_walk import Rule, Walk
from reader_stream.model import MarkdownStyle, RenderOptions

__all__ = ["Memo", "Written", "write"]

RULES: dict[str, Rule] = {
    **markdown_blocks.RULES,
    **markdown_lists.RULES,
    **markdown_code.RULES,
    **markdown_table.RULES,
    **markdown_forms.RULES,
    **markdown_spans.RULES,
    **markdown_media.RULES,
}


@dataclass(frozen=True, slots=True)
class Written:
    """Markdown of a tree. `blocks` joined by a blank line are the document; `links` are
    ``(text, absolute href)``, `images` ``("Image 1: alt", absolute URL)``, both in document order."""

    blocks: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    images: tuple[tuple[str, str], ...]


def write(
    root: html.HtmlElement, *, base_url: str, options: RenderOptions, memo: Memo | None = None
) -> Written:
    """The markdown of the tree under `root`, which is not changed. Pure: equal trees give equal markdown.

    `base_url` is what relative addresses are relative to (the caller has looked at `<base>`). With a
    `memo`, which one stream keeps, only what changed since its last two conversions is converted.
    """
    inline = Inline(options.style, _delimiters(options.style))
    rules = RULES
    if memo is not None:
        memo.begin((base_url, options))
        rules = remembering(rules, memo)
    if found := formulas(root):
        rules = rules_with(found, rules)
    walk = Walk(rules, addresses=Addresses(base_url), inline=inline, options=options)
    blocks = walk.run(root)
    cited = options.retain_links == "gpt-oss"  # a citation has its number in it
    if options.style.link_style == "referenced" and inline.labels and not cited:
        blocks = list(referenced(blocks, inline.links, inline.labels, options.style))
    images = tuple((numbered(name), url) for name, url in walk.images)
    return Written(tuple(map(numbered, blocks)), tuple(inline.links), images)


def _delimiters(style: MarkdownStyle) -> Delimiters:
    other_em = "*" if style.em_delimiter == "_" else "_"
    other_strong = "__" if style.strong_delimiter == "**" else "**"
    return Delimiters((style.em_delimiter, other_em), (style.strong_delimiter, other_strong))
