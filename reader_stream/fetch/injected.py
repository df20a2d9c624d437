"""Scripts for a client, put into a tab before it goes anywhere: its own, and ours that removes overlays."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from reader_stream.errors import ParamValidationError
from reader_stream.fetch.cdp import CDPSession
from reader_stream.fetch.visit import Visit

# New documents of every frame get a script; this one keeps itself to the main frame. A block, not a
# function: what the script declares with `var` or `function` is global, as the page's own would be.
_MAIN_FRAME = "if (self === top) {\n%s\n}"


async def inject(session: CDPSession, visit: Visit) -> None:
    """Have the scripts of a visit run in every new document, before the page's own and in their order.

    Raises ParamValidationError for one that is not JavaScript, `CdpError` when the tab is gone.
    """
    for path, scripts in (
        ("injectPageScript", visit.page_scripts),
        ("injectFrameScript", visit.frame_scripts),
    ):
        for number, script in enumerate(scripts, start=1):
            await _check(session, script, f"{path} {number}", path)
    if visit.remove_overlay:
        await session.send(
            "Page.addScriptToEvaluateOnNewDocument", {"source": _overlay(), "worldName": "overlay"}
        )
    sources = [_MAIN_FRAME % script for script in visit.page_scripts] + list(visit.frame_scripts)
    for source in sources:
        await session.send("Page.addScriptToEvaluateOnNewDocument", {"source": source})


@cache
def _overlay() -> str:
    return files(__package__).joinpath("overlay.js").read_text("utf-8")


async def _check(session: CDPSession, script: str, name: str, path: str) -> None:
    source = {"expression": script, "sourceURL": name, "persistScript": False}
    answer = await session.send("Runtime.compileScript", source)
    if details := answer.get("exceptionDetails"):
        fault = details.get("exception", {}).get("description") or details.get("text", "")
        first = str(fault).partition("\n")[0]
        place = f"line {details.get('lineNumber', 0) + 1}"
        raise ParamValidationError(f"{name} is not JavaScript: {first} ({place})", path=path)
