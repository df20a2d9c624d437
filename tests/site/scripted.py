"""A page whose own script says what it finds, and scripts to be injected."""

from __future__ import annotations

from tests.site.media import file
from tests.site.page import Asset, html

FINDS = html(
    "Scripted",
    "<main><h1>Scripted</h1><p id=p>nothing</p></main><script>"
    "p.textContent = [self.before, self.also && also()].join(' ')</script>",
)

ASSETS: tuple[Asset, ...] = (
    Asset("/scripted", FINDS),
    Asset("/scripted/add.js", file(b"before += ' two'", "text/javascript")),
    Asset("/scripted/huge.js", file(b"// " + b"x" * 2_000_000, "text/javascript")),
)
