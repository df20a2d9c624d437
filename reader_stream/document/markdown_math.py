"""Rules for formulas: TeX of KaTeX, MathJax, MathML, Wikipedia and arXiv, once, as `$…$` or `$$…$$`.

Renderers put a formula on the page several times (MathML for screen readers, boxes of spans for the eye,
the source in a script). The formulas of a tree are found first, each with the element that holds all
of its copies; that element is then written as the TeX, and its copies are not walked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reader_stream.document.markdown_mathml import tex_of
from reader_stream.document.markdown_tokens import Raw
from reader_stream.document.markdown_walk import Element, Leave, Rule, Walk, skip

# The outermost element of one formula, by class or tag, and those that show it on a line of its own.
_HOLDER = re.compile(
    r"(?:^|\s)(?:katex(?:-display)?|MathJax\w*|mwe-math-element\S*|MJX?c-display|mjx-\S+)(?:\s|$)"
)
_DISPLAY = re.compile(
    r"(?:^|\s)(?:katex-display|MathJax_Display|MathJax_SVG_Display|mwe-math-element-block)(?:\s|$)"
)
_DRAWN = re.compile(r"(?:^|\s)MathJax\w*(?:\s|$)")
_SOURCE = re.compile(r"\s*(?:\\\((.+)\\\)|(\\\[.+\\\]|\$\$.+\$\$))\s*", re.DOTALL)
"""TeX that a script would find in the text: pandoc, Sphinx and Hugo put it into elements of class `math`."""
_SCRIPT = re.compile(r"math/tex\b", re.IGNORECASE)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")


@dataclass(frozen=True, slots=True)
class Formula:
    """TeX, without delimiters; "" is a copy of one that stands elsewhere."""

    tex: str
    display: bool = False


def formulas(root: Element) -> dict[Element, Formula]:
    """The formulas under `root`, by the element in whose place each is to be written."""
    found: dict[Element, Formula] = {}
    for script in root.iter("script"):
        kind = script.get("type") or ""
        if _SCRIPT.match(kind) and (script.text or "").strip():
            found[script] = Formula(_tidy(script.text), "mode=display" in kind)
            _copies_before(script, found)
    for element in root.iterdescendants("span", "div"):
        classes = element.get("class") or ""
        is_source = "math" in classes and "math" in classes.split() and len(element) == 0
        match = _SOURCE.fullmatch(element.text or "") if is_source else None
        if match:
            found[element] = Formula(_tidy(match[1] or match[2]), match[2] is not None)
    covered: set[Element] = set()
    for math in root.iter("math"):
        holder = _holder(math) if math not in covered else None
        if holder is not None and holder not in found:
            covered.update(holder.iterdescendants("math"))
            shown = any(_shows_block(item) for item in (holder, *holder.iterdescendants("span", "div")))
            display = shown or math.get("display") == "block" or holder.get("display") == "true"
            found[holder] = Formula(_tidy(tex_of(math)), display)
    return found


def _copies_before(script: Element, found: dict[Element, Formula]) -> None:
    """MathJax 2 puts what it draws right before the script with the source."""
    before = script.getprevious()
    while before is not None and _DRAWN.search(before.get("class") or ""):
        found[before] = Formula("")
        before = before.getprevious()


def _holder(math: Element) -> Element:
    holder = math
    for parent in math.iterancestors():
        if parent.tag == "mjx-container" or _HOLDER.search(parent.get("class") or ""):
            holder = parent
    return holder


def _shows_block(item: Element) -> bool:
    return _DISPLAY.search(item.get("class") or "") is not None


def _tidy(tex: str) -> str:
    """TeX on one line: comments gone, no space at the ends, no wrapper that only sets its size."""
    text = " ".join(_COMMENT.sub("", tex).split())
    while match := re.fullmatch(r"\{\\(?:displaystyle|textstyle) ?(.*)\}", text):
        text = match.group(1).strip()
    text = re.sub(r"^\\displaystyle\b ?", "", text)
    for start, end in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if len(text) > len(start + end) and text.startswith(start) and text.endswith(end):
            text = text[len(start) : -len(end)].strip()
    return text


def rules_with(found: Mapping[Element, Formula], rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """The rules, with those for the tags of formulas put before them."""
    tags = {element.tag for element in found}
    return {**rules, **{tag: _rule(found, rules.get(tag)) for tag in tags}}


def _rule(found: Mapping[Element, Formula], otherwise: Rule | None) -> Rule:
    def enter(walk: Walk, element: Element) -> Leave | None:
        formula = found.get(element)
        if formula is None:
            return otherwise(walk, element) if otherwise is not None else None
        write_formula(walk, formula.tex, formula.display)
        return skip

    return enter


def write_formula(walk: Walk, tex: str, display: bool) -> None:
    """Write TeX between dollars; on a line of its own where blocks may stand."""
    if not tex:
        return
    if display and walk.frame.line is None:
        walk.boundary()
        walk.add(Raw(f"$${tex}$$"))
        walk.boundary()
    else:
        walk.add(Raw(f"${tex}$"))


def tex_in_alt(element: Element) -> str:
    """The TeX that an image of a formula has as its description (MediaWiki, WordPress), else ""."""
    classes = element.get("class") or ""
    if re.search(r"mwe-math-fallback|(?:^|\s)(?:latex|tex)(?:\s|$)", classes) is None:
        return ""
    return _tidy(element.get("alt") or "")
