"""One attempt of a page to reach a canary, and how those that need a worker or more headers are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Way:
    """One attempt: HTML of the page, a script of it, or (`framed`) a document of its own with headers."""

    name: str
    html: str = ""
    script: str = ""
    framed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/html"

    @property
    def document(self) -> str:
        """What stands in the page, or in the frame."""
        return self.html + (f"<script>try {{ {self.script} }} catch (e) {{}}</script>" if self.script else "")


_WORKER = "new {kind}(URL.createObjectURL(new Blob([{code}], {{type: 'text/javascript'}})){options})"


def worker(code: str, kind: str = "Worker", options: str = "") -> str:
    """A script that starts a worker which runs `code`."""
    return _WORKER.format(kind=kind, code=json.dumps(code), options=options)
