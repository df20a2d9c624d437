"""Rules for inline elements: emphasis, links, code spans, quotes, sub- and superscript, ruby."""

from __future__ import annotations

from html import escape as escape_html

from reader_stream.document.markdown_tokens import Mark
from reader_stream.document.markdown_walk import Element, Frame, Leave, Rule, Walk, skip

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SOLID = ("ul", "ol", "table", "pre", "blockquote", "dl")
_SECTIONS = ("div", "p", "section", "article", "main", "aside", "nav", "form", "figure", "details", "address")
_BLOCKS = (*_SECTIONS, "header", "footer", "fieldset", "center", "li", "dt", "dd", "hr", *_HEADINGS, *_SOLID)
# Links that only point at the heading they stand in (Sphinx, GitHub, MkDocs, Docusaurus).
_ANCHOR_SIGNS = frozenset("#¶§🔗⚓")


def emphasis(kind: str) -> Rule:
    """Rule for an element that is emphasis of this kind; within its own kind it changes nothing."""

    def enter(walk: Walk, element: Element) -> Leave | None:
        if walk.code or walk.marked(kind):
            return None
        return walk.mark(Mark(kind))

    return enter


def deleted(walk: Walk, element: Element) -> Leave | None:
    """Struck text; plain markdown has no sign for it but HTML has."""
    if walk.code or walk.marked("del"):
        return None
    if walk.options.no_gfm is True:
        return walk.mark(Mark("tag", "<del>", "</del>"))
    return walk.mark(Mark("del"))


def tagged(walk: Walk, element: Element) -> Leave | None:
    """What markdown cannot say but its HTML can: sub, sup. A superscript that is a link is a reference."""
    tag = element.tag
    if walk.code or walk.marked(tag) or (len(element) and next(element.iter("a"), None) is not None):
        return None
    return walk.mark(Mark(tag, f"<{tag}>", f"</{tag}>"))


def abbreviation(walk: Walk, element: Element) -> Leave | None:
    """An abbreviation, with what it stands for."""
    title = " ".join((element.get("title") or "").split())
    if not title or walk.code or walk.marked("abbr"):
        return None
    return walk.mark(Mark("abbr", f'<abbr title="{escape_html(title)}">', "</abbr>"))


def code(walk: Walk, element: Element) -> Leave | None:
    """A code span. Links in it stay links around code."""
    if next(element.iter("pre", *_BLOCKS), None) is not None:
        return None
    if not walk.code:
        walk.code_start = len(walk.frame.tokens)
    walk.code += 1
    return _leave_code


def _leave_code(walk: Walk) -> None:
    walk.code -= 1


def quotation(walk: Walk, element: Element) -> Leave:
    """An inline quotation, in the marks a browser draws."""
    walk.text("\u201c")
    return _leave_quotation


def _leave_quotation(walk: Walk) -> None:
    walk.text("\u201d")


def reading(walk: Walk, element: Element) -> Leave:
    """A ruby reading, in brackets after its base."""
    walk.text("(")
    return _leave_reading


def _leave_reading(walk: Walk) -> None:
    walk.text(")")


def link(walk: Walk, element: Element) -> Leave | None:
    """A link. Around blocks it goes to the heading in it; without one, blocks become one line of text.

    Links within the page stay short (`#part`): the markdown is that page.
    """
    href = walk.addresses.absolute(element.get("href"))
    retain = walk.options.retain_links
    if not href or walk.linked or walk.title_link is not None:
        return None
    if walk.frame.kind in ("heading", "term") and _permalink(element):
        return skip
    if retain == "none":
        walk.inline.labels.append("")
        walk.inline.links.append((" ".join("".join(element.itertext()).split()), href))
        return skip
    mark = _mark(walk, element, href)
    blocky = len(element) and next(element.iter(*_BLOCKS), None) is not None
    if not blocky or walk.frame.line is not None:
        return walk.mark(mark)
    return _link_blocks(walk, element, mark)


def _mark(walk: Walk, element: Element, href: str) -> Mark:
    own = (element.get("href") or "").strip()
    local = own if own[:1] == "#" else ""
    label = _label(element) if len(element) and not local else ""
    if walk.options.retain_links == "text" or walk.options.style.link_style == "discarded":
        return Mark("text", href=href, label=label)
    if walk.options.retain_links == "gpt-oss":
        return Mark("cite", "【", href=href, label=label)
    return Mark("link", "[", href=href, label=label, local=local)


def _label(element: Element) -> str:
    """The name of a link that shows only an icon."""
    hidden = element.get("aria-hidden") == "true" or element.get("tabindex") == "-1"
    if hidden or next(element.iter("svg", "i"), None) is None:
        return ""
    return element.get("aria-label") or element.get("title") or ""


def _permalink(element: Element) -> bool:
    if not (element.get("href") or "").count("#"):
        return False
    text = "".join(element.itertext()).strip()
    return len(text) <= 2 and all(sign in _ANCHOR_SIGNS for sign in text.replace("\ufe0f", ""))


def _link_blocks(walk: Walk, element: Element, mark: Mark) -> Leave:
    if next(element.iter(*_HEADINGS), None) is not None:
        walk.boundary()
        walk.title_link = mark
        return _leave_titled
    if next(element.iter(*_SOLID), None) is not None:
        return walk.mark(mark)
    walk.boundary()
    frame = walk.push(Frame("link", line=" "))
    walk.mark(mark)

    def leave(walk: Walk) -> None:
        walk.pop()
        if text := walk.written(frame, block=True):
            walk.block(text, "paragraph")

    return leave


def _leave_titled(walk: Walk) -> None:
    walk.boundary()
    walk.title_link = None


RULES: dict[str, Rule] = {
    **dict.fromkeys(("em", "i", "dfn"), emphasis("em")),
    **dict.fromkeys(("strong", "b"), emphasis("strong")),
    **dict.fromkeys(("del", "s", "strike"), deleted),
    **dict.fromkeys(("sub", "sup"), tagged),
    **dict.fromkeys(("code", "tt", "samp", "kbd"), code),
    "abbr": abbreviation,
    "acronym": abbreviation,
    "q": quotation,
    "rt": reading,
    "a": link,
}
