"""The walk over the tree: one loop with its own stack, so that no depth of nesting can end it.

Each element is entered by the rule for its tag, its children follow, then it is left. What is under way is
a stack of frames: a frame gathers finished blocks, and the inline tokens of the block that is being
written. Rules come from the modules beside this one, as tables from tag to rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reader_stream.document.markdown_inline import Inline
from reader_stream.document.markdown_links import Addresses
from reader_stream.document.markdown_tokens import Code, Mark, Token, scrub
from reader_stream.model import RenderOptions

Element: TypeAlias = Any
Leave: TypeAlias = "Callable[[Walk], None]"
Rule: TypeAlias = "Callable[[Walk, Element], Leave | None]"

# CommonMark parsers stop at some depth (markdown-it's preset at 20 levels, of which a list takes two), and
# every level indents all lines below. Deeper lists and quotes are written flat: nothing of them is lost.
MAX_NESTING_LEVELS = 18


def skip(walk: Walk) -> None:
    """What a rule returns for an element of which nothing is written."""


@dataclass(slots=True, eq=False)
class Frame:
    """What is being written.

    `line` is None where blocks may stand; in a frame for a single line (heading, cell) it is the token that
    stands for a border between blocks. `levels` is how deep lists and quotes are nested. `last` names the
    kind of the last block, `loose` tells whether list items need blank lines between.
    """

    kind: str
    line: Token | None = None
    levels: int = 0
    marks: list[Mark] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    state: Any = None

    @property
    def last(self) -> str:
        """The kind of the last block."""
        return self.kinds[-1] if self.kinds else ""


class Walk:
    """One conversion: the state of the walk and what rules do to it."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        *,
        addresses: Addresses,
        inline: Inline,
        options: RenderOptions,
    ) -> None:
        self.rules = rules
        self.addresses = addresses
        self.inline = inline
        self.options = options
        self.captions = dict(options.captions)
        self.images: list[tuple[str, str]] = []
        self.frame = Frame("root")
        self.frames = [self.frame]
        self.code = 0
        self.code_start = 0
        self.title_link: Mark | None = None

    def run(self, root: Element) -> list[str]:
        """The blocks of the tree under `root`, whose tail is not part of it."""
        rules = self.rules
        todo: list[tuple[Iterator[Element], Leave | None, str | None]] = [(iter((root,)), None, None)]
        while todo:
            for element in todo[-1][0]:
                tag = element.tag
                tail = None if element is root else element.tail
                rule = rules.get(tag)  # comments and processing instructions have a function for a tag
                leave = rule(self, element) if rule else None if isinstance(tag, str) else skip
                if leave is not skip:
                    if text := element.text:
                        self.text(text)
                    if len(element):
                        todo.append((iter(element), leave, tail))
                        break
                    if leave is not None:
                        leave(self)
                if tail:
                    self.text(tail)
            else:
                _, leave, tail = todo.pop()
                if leave is not None:
                    leave(self)
                if tail:
                    self.text(tail)
        self.flush()
        return self.frame.blocks

    def text(self, text: str) -> None:
        """Text as it stands in the page."""
        tokens = self.frame.tokens
        if self.code:
            self._code(text)
        elif tokens or not text.isspace():
            tokens.append(text)

    def _code(self, text: str) -> None:
        """Text in a code span. All text of one element is one span, unless a link comes between."""
        shown = " ".join(scrub(text).split())
        tokens = self.frame.tokens
        if not shown or text[0].isspace():
            tokens.append(" ")
        if not shown:
            return
        gap = " " if tokens and type(tokens[-1]) is str else ""
        last = len(tokens) - 1 - len(gap)
        before = tokens[last] if last >= self.code_start else None
        if type(before) is Code:
            tokens[last:] = [Code(f"{before}{gap}{shown}")]
        else:
            tokens.append(Code(shown))
        if text[-1].isspace():
            tokens.append(" ")

    def add(self, token: Token) -> None:
        """A token that is ready."""
        self.frame.tokens.append(token)

    def mark(self, mark: Mark) -> Leave:
        """Open a mark here; what it returns closes it."""
        self.frame.marks.append(mark)
        self.frame.tokens.append(mark)
        return _close_mark

    def marked(self, kind: str) -> bool:
        """Whether a mark of this kind is open."""
        marks = self.frame.marks
        return bool(marks) and any(mark.kind == kind for mark in marks)

    @property
    def linked(self) -> bool:
        """Whether a link is open."""
        marks = self.frame.marks
        return bool(marks) and any(mark.href for mark in marks)

    def boundary(self) -> None:
        """The border of a block."""
        frame = self.frame
        if len(frame.tokens) <= len(frame.marks):
            return
        if frame.line is None:
            self.flush()
        else:
            frame.tokens.append(frame.line)

    def flush(self) -> None:
        """Write the paragraph under way; marks that are open go on in the next one."""
        frame = self.frame
        if len(frame.tokens) > len(frame.marks):
            tokens = frame.tokens
            tokens.extend(mark.end for mark in reversed(frame.marks))
            frame.marks = [mark.again() for mark in frame.marks]
            frame.tokens = list(frame.marks)
            if text := self.inline.write(tokens):
                self.block(text, "paragraph")

    def block(self, text: str, kind: str) -> None:
        """A finished block."""
        self.frame.blocks.append(text)
        self.frame.kinds.append(kind)

    def push(self, frame: Frame) -> Frame:
        """Write into `frame` from now on; marks that are open go on in it."""
        frame.levels += self.frame.levels
        for mark in self.frame.marks:
            mark.label = ""
        frame.marks = [mark.again() for mark in self.frame.marks]
        frame.tokens = list(frame.marks)
        self.frames.append(frame)
        self.frame = frame
        return frame

    def pop(self) -> Frame:
        """End the frame under way. A frame of blocks has written all of them then."""
        frame = self.frame
        if frame.line is None:
            self.flush()
        self.frames.pop()
        self.frame = self.frames[-1]
        return frame

    def written(self, frame: Frame, *, line_break: str = " ", block: bool = False) -> str:
        """The text of a frame for a single line."""
        tokens = frame.tokens
        if len(tokens) <= len(frame.marks):
            return ""
        tokens.extend(mark.end for mark in reversed(frame.marks))
        return self.inline.write(tokens, line_break=line_break, block=block)


def _close_mark(walk: Walk) -> None:
    walk.frame.tokens.append(walk.frame.marks.pop().end)
