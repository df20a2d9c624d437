"""MathML -> TeX: the source that comes with it, or the presentation elements one by one."""
# ruff: noqa: RUF001 - the characters of formulas look like letters; that is why they have names in TeX

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Element = Any

# Formulas nest a dozen levels; anything deeper is written as its text.
_MAX_DEPTH_LEVELS = 60

# Characters that TeX has a name for and that LaTeX does not take as they are; all others stay themselves.
_NAMES = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ϵ": r"\epsilon",
    "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu",
    "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "ς": r"\varsigma", "τ": r"\tau",
    "υ": r"\upsilon", "φ": r"\varphi", "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega",
    "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi",
    "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega",
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∬": r"\iint", "∮": r"\oint", "∂": r"\partial",
    "∇": r"\nabla", "∞": r"\infty", "±": r"\pm", "∓": r"\mp", "×": r"\times", "÷": r"\div", "⋅": r"\cdot",
    "·": r"\cdot", "∗": "*", "−": "-", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "≡": r"\equiv",
    "∼": r"\sim", "∝": r"\propto", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq",
    "∪": r"\cup", "∩": r"\cap", "∅": r"\emptyset", "∀": r"\forall", "∃": r"\exists", "¬": r"\neg",
    "∧": r"\land", "∨": r"\lor", "→": r"\to", "←": r"\leftarrow", "⇒": r"\Rightarrow", "⇔": r"\iff",
    "↦": r"\mapsto", "…": r"\ldots", "⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots", "√": r"\surd",
    "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "∥": r"\parallel", "⊥": r"\perp", "∘": r"\circ",
    "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "#": r"\#", "&": r"\&", "_": r"\_",
    "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\xa0": " ",
}  # fmt: skip
_ACCENTS = {
    "^": r"\hat", "ˆ": r"\hat", "¯": r"\bar", "‾": r"\overline", "_": r"\underline", "~": r"\tilde",
    "˜": r"\tilde", "→": r"\vec", "⃗": r"\vec", "˙": r"\dot", "¨": r"\ddot", "⏞": r"\overbrace",
    "⏟": r"\underbrace",
}  # fmt: skip
_LARGE = frozenset({r"\sum", r"\prod", r"\int", r"\lim", "lim", "max", "min", "sup", "inf"})
_FUNCTIONS = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "log",
        "ln",
        "exp",
        "lim",
        "max",
        "min",
        "sup",
        "inf",
        "det",
        "dim",
        "ker",
        "gcd",
        "arg",
    ]
)
_NOT_SHOWN = frozenset({"annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark", "none"})


def tex_of(math: Element) -> str:
    """The TeX of a `math` element: its annotation, its `alttext`, or what its elements say."""
    for note in math.iter("annotation"):
        if "tex" in (note.get("encoding") or "").lower() and note.text:
            return str(note.text)
    return str(math.get("alttext") or _convert(math, 0))


def _convert(item: Element, depth: int) -> str:
    tag = item.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(item.tag, str) else "none"
    if tag in _NOT_SHOWN:
        return ""
    if depth > _MAX_DEPTH_LEVELS or tag in ("mi", "mn", "mo", "mtext", "ms"):
        return _leaf(tag, " ".join("".join(item.itertext()).split()))
    if tag == "mspace":
        return " "
    parts = [_convert(child, depth + 1) for child in item if isinstance(child.tag, str)]
    if tag in _SHAPES and len(parts) == _SHAPES[tag][0]:
        return _shaped(tag, parts)
    if tag == "msqrt":
        return rf"\sqrt{{{_joined(parts)}}}"
    if tag == "mtr":
        return " & ".join(parts)
    if tag == "mtable":
        rows = r" \\ ".join(parts)
        return rf"\begin{{matrix}}{rows}\end{{matrix}}"
    if tag == "mfenced":
        separator = (item.get("separators") or ",").strip()[:1]
        inside = separator.join(parts)
        return f"{_leaf('mo', item.get('open', '('))}{inside}{_leaf('mo', item.get('close', ')'))}"
    return _joined([" ".join((item.text or "").split()), *parts])


def _leaf(tag: str, text: str) -> str:
    if tag in ("mtext", "ms"):
        return rf"\text{{{text}}}" if text else ""
    if text in _FUNCTIONS:
        return "\\" + text
    spelt = _joined([_NAMES.get(char, char) for char in text])
    return rf"\mathrm{{{spelt}}}" if tag == "mi" and len(text) > 1 and text.isalpha() else spelt


# Elements with a fixed number of children, and their spelling.
_SHAPES = {
    "mfrac": (2, r"\frac{{{0}}}{{{1}}}"),
    "mroot": (2, r"\sqrt[{1}]{{{0}}}"),
    "msup": (2, "{0}^{{{1}}}"),
    "msub": (2, "{0}_{{{1}}}"),
    "msubsup": (3, "{0}_{{{1}}}^{{{2}}}"),
    "munderover": (3, "{0}_{{{1}}}^{{{2}}}"),
    "munder": (2, r"\underset{{{1}}}{{{0}}}"),
    "mover": (2, r"\overset{{{1}}}{{{0}}}"),
}


def _shaped(tag: str, parts: Sequence[str]) -> str:
    base, mark = parts[0], parts[1]
    if tag in ("mover", "munder"):
        plain = next((char for char, name in _NAMES.items() if name == mark), mark)
        if plain in _ACCENTS:
            return f"{_ACCENTS[plain]}{{{base}}}"
        if base in _LARGE or base.lstrip("\\") in _LARGE:
            return f"{base}{'_' if tag == 'munder' else '^'}{{{mark}}}"
    if tag in ("msup", "msub", "msubsup") and len(base) > 1 and not base.startswith("\\"):
        base = f"{{{base}}}"
    return _SHAPES[tag][1].format(base, *parts[1:])


def _joined(parts: Sequence[str]) -> str:
    """Parts in a row; a command that ends in a letter is kept apart from a letter after it."""
    text = ""
    for part in parts:
        command = text.rpartition("\\")[2]
        if part[:1].isalpha() and "\\" in text and command.isalpha():
            text += " "
        text += part
    return text.strip()
