"""Characters that nobody sees: they hide text from the eye and show it to a language model.

Zero-width characters, direction marks, tags and variation selectors can spell whole messages between two
letters (one bit each, or a byte). None of them is left in a text of ours, except where writing needs one:
a joiner inside an emoji or a word of a script that joins, one selector that chooses an emoji's style.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

from reader_stream.model import Document

_CLASS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What Unicode calls default ignorable, and the marks of interlinear annotations."""

_RUN = re.compile(f"[{_CLASS}]+")
_ORDINARY = bytes({*range(128)} - {*range(9), *range(0x0E, 0x20), 0x7F})
"""What is neither in `_CONTROL` nor, as all of ASCII, in `_RUN`."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
"""Nobody sees these either, but a terminal obeys them: a page could rewrite the screen of who reads it."""
_SOFT = frozenset("\u00ad\u200b\u2060\ufeff")
"""Typography: where a line may break and where not. No message is spelt with one of each word's."""

_REFERENCE = re.compile(
    r"&(?:#(?:[xX]0*(?:[aA][dD]|34[fF]|[1-9a-fA-F][0-9a-fA-F]{3,5})|0*(?:173|847|[1-9]\d{3,6}))"
    r"|shy|zwn?j|lrm|rlm|ZeroWidth|NoBreak|NegativeThi|NegativeMed|NegativeVery|Apply|af;|Invisible|i[tc];)[^;&<\s]*;?"
)
_JOINERS = "\u200c\u200d"
_INDIC = "\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1a20-\u1aaf"
_ARABIC = (
    "\u0600-\u06ff\u0700-\u074f\u0750-\u077f\u07c0-\u07ff\u0840-\u085f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"
)
_LETTER_INDIC = re.compile(f"[{_INDIC}]")
_LETTER_ARABIC = re.compile(f"[{_ARABIC}]")
_LETTER_MONGOLIAN = re.compile("[\u1820-\u18aa]")
_JAMO = re.compile("[\u1100-\u115e\u1161-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
_EMOJI = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_KEYCAP = re.compile("[#*0-9]")


def visible(text: str) -> str:
    """`text` without characters that cannot be seen; what writing needs of them stays."""
    # Several times as quick as the patterns on all of it: most of a text is ordinary.
    others = text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY)
    if not others:
        return text
    rest = others.decode("utf-8", "surrogatepass")
    if _CONTROL.search(rest):
        text = _CONTROL.sub("", text)
    return text if _RUN.search(rest) is None else _RUN.sub(_keep, text)


def may_hide(markup: str) -> bool:
    """Whether HTML or XML may have such characters in its texts, as they are or as references."""
    if not markup.isascii():
        others = markup.encode("utf-8", "surrogatepass").translate(None, _ORDINARY)  # as in `visible`
        if _RUN.search(others.decode("utf-8", "surrogatepass")) is not None:
            return True
    return any(_RUN.search(unescape(match.group())) for match in _REFERENCE.finditer(markup))


def hidden_characters(text: str) -> int:
    """How many characters `visible` takes out, those of ordinary typography not counted."""
    if text.isascii() or _RUN.search(text) is None:
        return 0
    return sum(_counted(match) for match in _RUN.finditer(text))


def _counted(match: re.Match[str]) -> int:
    run = match.group()
    soft = sum(char in _SOFT for char in run) if len(run) == 1 else 0
    return len(run) - len(_keep(match)) - soft


def _keep(match: re.Match[str]) -> str:
    """Of a run at most one selector and one joiner, each only where its neighbours call for it."""
    run, text = match.group(), match.string
    before = text[match.start() - 1] if match.start() else ""
    after = text[match.end()] if match.end() < len(text) else ""
    selector = run[0] if _selects(run[0], before, after) else ""
    joiner = next((char for char in run if char in _JOINERS), "")
    if not joiner or not _joins(joiner, before, after):
        joiner = _filler(run, before, after)
    return selector + joiner


def _selects(char: str, before: str, after: str) -> bool:
    if char in "\ufe0e\ufe0f":
        return bool(_EMOJI.match(before) or (_KEYCAP.match(before) and after == "\u20e3"))
    return char in "\u180b\u180c\u180d\u180f" and bool(_LETTER_MONGOLIAN.match(before))


def _joins(char: str, before: str, after: str) -> bool:
    if _LETTER_INDIC.match(before):  # also at the end of a word: Malayalam's chillus
        return True
    if _LETTER_ARABIC.match(before):
        return bool(_LETTER_ARABIC.match(after))
    return char == "\u200d" and bool(_EMOJI.match(before) and _EMOJI.match(after))


def _filler(run: str, before: str, after: str) -> str:
    """Old Korean writes a syllable without its first or its middle letter with a filler."""
    known = run[0] in "\u115f\u1160" and (_JAMO.match(before) or _JAMO.match(after))
    return run[0] if known else ""


def visible_only(document: Document) -> Document:
    """The document with visible characters only; its `html` is as it was."""
    return replace(
        document,
        title=visible(document.title),
        description=visible(document.description),
        blocks=tuple(map(visible, document.blocks)),
        markdown=document.markdown and visible(document.markdown),
        text=document.text and visible(document.text),
        links=tuple((visible(text), href) for text, href in document.links),
        images=tuple((visible(text), url) for text, url in document.images),
        metadata={key: _visible_value(value) for key, value in document.metadata.items()},
    )


def _visible_value(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    return [_visible_value(item) for item in value] if isinstance(value, list) else value
