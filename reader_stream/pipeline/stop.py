"""`X-Stop-When`: what ends a read early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reader_stream.document import tokens
from reader_stream.model import Document


@dataclass(frozen=True, slots=True)
class StopWhen:
    """One condition; `kind` is `stability`, `tokens`, `selector` or `text`, `value` what it waits for."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: str) -> StopWhen:
        """From the form that `web.values.stop_when` lets through."""
        kind, sign, value = text.partition(">=")
        if not sign:
            kind, _, value = text.partition(":")
        return cls(kind, value)

    def is_met(self, document: Document, text: Callable[[], str], stability: float) -> bool:
        """Whether a document is what the client waits for; `text` gives its main part, if needed."""
        match self.kind:
            case "stability":
                return stability >= float(self.value)
            case "tokens":
                # No token is longer than the text; the exact count is needed only near the mark.
                content = text()
                return len(content) >= int(self.value) and tokens.count(content) >= int(self.value)
            case "selector":
                return document.reached
            case _:
                return _folded(self.value) in _folded(text())


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
