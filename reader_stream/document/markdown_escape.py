"""Escapes that keep text text, and only where a CommonMark or GFM parser would read it as something else."""

from __future__ import annotations

import re
from dataclasses import dataclass

ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

_SPECIAL = re.compile(r"[\\`*_~\[\]<&$]|!$")
_ANY = re.compile(r"[\\`*_~\[\]<&$!]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_TAG_START = re.compile(r"[A-Za-z/!?]")
_STAR = re.compile(r"(?<!\S)\*(?=\S)|(?<=\S)\*")
_UNDERSCORE = re.compile(r"_(?!\w)|(?<!\w)_")
_TILDE = re.compile(r"(?<!\S)~(?=\S)|(?<=\S)~")
_TICKS = re.compile(r"`+")
_LINK_LIKE = re.compile(r"\][(\[]|^\s*\[(?:[^\]]*\]:|[ xX]\](?:\s|$))")

_LINE_START = re.compile(
    r"""^(?:(?=
      \#{1,6}(?:[ \t]|$)                            # heading
    | [-+*](?:[ \t]|$)                              # bullet
    | (?P<rule>[-_*])(?:[ \t]*(?P=rule)){2,}[ \t]*$ # thematic break
    | (?:=+|-+)[ \t]*$                              # underline of a heading
    | ~~~ | `{3,}[^`\n]*$                           # fence
    | >                                             # quote
    | (?=[^\n]*-)[|:-][ \t|:-]*$                    # second row of a table
    )|(?P<number>\d{1,9})(?=[.)](?:[ \t]|$)))""",
    re.MULTILINE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which characters of a line of inline content have to be escaped at all."""

    stars: bool = False
    underscores: bool = False
    tildes: bool = False
    ticks: bool = False
    brackets: bool = False
    dollars: bool = False


def is_plain(text: str) -> bool:
    """Whether nothing in `text` can be misread, wherever it is cut."""
    return _ANY.search(text) is None


def plan(
    text: str, *, delimiters: str = "", code: bool = False, math: bool = False, link: bool = False
) -> Plan:
    """What has to be escaped in a line whose text, without markup, is `text`.

    `delimiters` holds the characters that the line's own markup uses; `code`, `math` and `link` tell
    whether it has code spans, formulas, or brackets that must be kept apart from links.
    """
    return Plan(
        stars="*" in text and ("*" in delimiters or len(_STAR.findall(text)) > 1),
        underscores="_" in text and ("_" in delimiters or len(_UNDERSCORE.findall(text)) > 1),
        tildes="~" in text and ("~" in delimiters or len(_TILDE.findall(text)) > 1),
        ticks="`" in text and (code or len(_TICKS.findall(text)) > 1),
        brackets=("]" in text and (link or _LINK_LIKE.search(text) is not None)) or link,
        dollars=math,
    )


def unbalanced(text: str) -> bool:
    """Whether brackets in `text` would break the brackets around it."""
    if "[" not in text and "]" not in text:
        return False
    depth = 0
    for char in text:
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth < 0:
                return True
    return depth > 0


def escape(text: str, todo: Plan, before: str = "", after: str = "") -> str:
    """`text` so that it is read as text; `before` and `after` are the characters around it ("" at an end)."""
    if _SPECIAL.search(text) is None:
        return text

    def spell(match: re.Match[str]) -> str:
        char, at = match.group(), match.start()
        left = text[at - 1] if at else before
        right = text[at + 1] if at + 1 < len(text) else after
        if not _misread(char, left, right, todo, text, at):
            return char
        return "&lt;" if char == "<" else "\\" + char  # "\\<" is still a tag to cheap readers

    return _SPECIAL.sub(spell, text)


def _misread(char: str, left: str, right: str, todo: Plan, text: str, at: int) -> bool:
    match char:
        case "\\":
            return at + 1 == len(text) or right in ASCII_PUNCTUATION
        case "*":
            return todo.stars and not _alone(left, right)
        case "~":
            return todo.tildes and not _alone(left, right)
        case "_":
            return todo.underscores and not _alone(left, right) and not _inside_word(left, right)
        case "`":
            return todo.ticks
        case "<":
            return _TAG_START.match(right) is not None
        case "&":
            return _ENTITY.match(text, at) is not None
        case "$":
            return todo.dollars
        case "!":
            return right == "["
        case _:
            return todo.brackets


def _alone(left: str, right: str) -> bool:
    return (not left or left.isspace()) and (not right or right.isspace())


def _inside_word(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum()


def escape_line_starts(text: str) -> str:
    """A paragraph none of whose lines starts another kind of block."""
    return _LINE_START.sub(_escape_start, text)


def _escape_start(match: re.Match[str]) -> str:
    return (match.group("number") or "") + "\\"
