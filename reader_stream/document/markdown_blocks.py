"""Rules for blocks: paragraphs and their containers, headings, quotes, definitions, rules."""

from __future__ import annotations

from reader_stream.document.markdown_code import wrapped
from reader_stream.document.markdown_tokens import BREAK, Mark, Tag
from reader_stream.document.markdown_walk import MAX_NESTING_LEVELS, Element, Frame, Leave, Rule, Walk, skip

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
FRAME_MARK = "data-rs-frame"


def block(walk: Walk, element: Element) -> Leave:
    """A container or paragraph: only its borders matter."""
    walk.boundary()
    return leave_block


def leave_block(walk: Walk) -> None:
    """The border at a block's end."""
    walk.boundary()


def division(walk: Walk, element: Element) -> Leave:
    """A `div`; one that holds a frame's content may be asked for as a quote."""
    if walk.options.quote_frames and element.get(FRAME_MARK) is not None:
        return quote(walk, element)
    return skip if wrapped(walk, element) else block(walk, element)


def heading(walk: Walk, element: Element) -> Leave:
    """A heading, on one line."""
    walk.boundary()
    level = int(element.tag[1])
    if walk.frame.line is BREAK:
        return enclosed(walk, element.tag)
    if walk.frame.line is not None:
        return leave_block
    frame = walk.push(Frame("heading", line=" "))
    link = walk.title_link
    if link is not None:
        walk.title_link = None
        walk.mark(link)

    def leave(walk: Walk) -> None:
        walk.pop()
        setext = walk.options.style.heading_style == "setext" and level < 3
        text = walk.written(frame, block=setext)
        if setext and text and "|" not in text:  # with a pipe and an underline it might be a table
            walk.block(f"{text}\n{('=' if level == 1 else '-') * max(3, min(len(text), 80))}", "heading")
        elif text:
            walk.block("#" * level + " " + _close_safe(text), "heading")

    return leave


def _close_safe(text: str) -> str:
    """A heading's text whose last hashes are not taken for its closing sequence."""
    bare = text.rstrip("#")
    return f"{bare}\\{text[len(bare) :]}" if bare != text and bare[-1:] in ("", " ") else text


def enclosed(walk: Walk, tag: str) -> Leave:
    """A block inside a table cell: HTML, which keeps what it is."""
    walk.add(Tag(f"<{tag}>"))

    def leave(walk: Walk) -> None:
        walk.add(Tag(f"</{tag}>"))

    return leave


def quote(walk: Walk, element: Element) -> Leave:
    """A block quote."""
    walk.boundary()
    if walk.frame.line is BREAK:
        return enclosed(walk, "blockquote")
    if walk.frame.line is not None or walk.frame.levels >= MAX_NESTING_LEVELS:
        return leave_block
    walk.push(Frame("quote", levels=1))
    return _leave_quote


def _leave_quote(walk: Walk) -> None:
    frame = walk.pop()
    if frame.blocks:
        lines = "\n\n".join(frame.blocks).split("\n")
        walk.block("\n".join(f"> {line}" if line else ">" for line in lines), "quote")


def rule(walk: Walk, element: Element) -> Leave:
    """A thematic break. In a list it is written with underscores, which no list marker is made of."""
    walk.boundary()
    if walk.frame.line is None:
        walk.block("___" if walk.frame.kind == "item" else walk.options.style.hr.strip(), "rule")
    return skip


def line_break(walk: Walk, element: Element) -> Leave:
    """A `<br>`: a hard break; two in a row are the border of a paragraph."""
    tokens = walk.frame.tokens
    if walk.code:
        tokens.append(" ")
        return skip
    last = next((token for token in reversed(tokens) if isinstance(token, str) and not _blank(token)), None)
    if last is BREAK and walk.frame.line is None:
        walk.flush()
    elif walk.frame.line is None or walk.frame.line is BREAK:
        tokens.append(BREAK)
    else:
        tokens.append(" ")
    return skip


def _blank(token: str) -> bool:
    return token is not BREAK and token.isspace()


def term(walk: Walk, element: Element) -> Leave:
    """The term of a definition list, or a summary: a line in bold."""
    walk.boundary()
    if walk.frame.line is not None or next(element.iter(*_HEADINGS), None) is not None:
        return leave_block
    frame = walk.push(Frame("term", line=" "))
    if not walk.marked("strong"):
        walk.mark(Mark("strong"))

    def leave(walk: Walk) -> None:
        walk.pop()
        if text := walk.written(frame, block=True):
            walk.block(text, "paragraph")

    return leave


def unwanted(walk: Walk, element: Element) -> Leave:
    """Nothing of this is text."""
    return skip


_CONTAINERS = (
    "address article aside body center dd details dialog dl fieldset figcaption figure footer form "
    "header hgroup html legend main nav noframes p search section"
)
_UNWANTED = (
    "script style head template noscript title meta link base svg canvas datalist param source track "
    "colgroup col rp area"
)

RULES: dict[str, Rule] = {
    **dict.fromkeys(_CONTAINERS.split(), block),
    **dict.fromkeys(_UNWANTED.split(), unwanted),
    **dict.fromkeys(_HEADINGS, heading),
    "div": division,
    "blockquote": quote,
    "hr": rule,
    "br": line_break,
    "dt": term,
    "summary": term,
}
