"""The observer's side in Python: injected into every frame, asked for changes, composed into one text."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import anyio

from reader_stream.fetch.cdp import CallTimeout, CdpError, CDPSession, SessionClosed

WORLD = "reader"
MAX_FRAMES = 200
"""Frames composed into one capture; pages heavy with advertisements have 60."""
MAX_FRAME_DEPTH = 24
"""Frames within frames that are followed; Chromium itself stops a page that frames itself at 3."""
DOCTYPE = "<!DOCTYPE html>\n"


@cache
def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Look:
    """What the observer sees at a glance; `counts` are growth, replaced, churn since it last said so."""

    counts: tuple[int, int, int]
    missing: tuple[str, ...]
    chars: int


@dataclass(frozen=True, slots=True)
class Composed:
    """The page as one HTML text; `unreadable` when a frame's content is missing from it."""

    html: str
    truncated: bool = False
    unreadable: bool = False


@dataclass(slots=True)
class _Frame:
    """One frame's document: its parent, the observer's context in it, and its text as last written.

    The text is kept as UTF-16, the unit in which the observer counts, so that a splice is two slices.
    """

    parent: str | None
    context: int | None = None
    named_in: int | None = None
    text: bytes = b""
    epoch: int = 0
    base: str = ""
    truncated: bool = False

    def apply(self, answer: dict[str, Any]) -> bool:
        """Fold one answer of `rs.capture`; True when the text changed."""
        self.epoch = answer["epoch"]
        if answer["ops"] is None:
            return False
        before = self.text
        self.text = b"".join(
            op.encode("utf-16-le", "replace") if isinstance(op, str) else before[2 * op[0] : 2 * op[1]]
            for op in answer["ops"]
        )
        self.base, self.truncated = answer["base"], answer["truncated"]
        return self.text != before

    def forget(self) -> None:
        """Its document is gone."""
        self.context, self.named_in, self.text, self.epoch = None, None, b"", 0


@dataclass(slots=True)
class Observer:
    """All observers of one tab. `changed(growth, replaced, churn)` is called when one of them says so.

    `unread` holds the ids of frames that show something else than their document.
    """

    session: CDPSession
    main_frame: str
    changed: Callable[[int, int, int], None]
    with_iframe: bool = False
    with_shadow: bool = False
    max_chars: int = 24 * 1024 * 1024
    """Of one frame's HTML; beyond it the capture is cut and says so."""
    unread: set[str] = field(default_factory=set)
    _frames: dict[str, _Frame] = field(default_factory=dict)
    _event: str = field(default_factory=lambda: secrets.token_hex(8))

    def attach(self) -> list[asyncio.Future[dict[str, Any]]]:
        """Put the observer into all documents from now on; the calls are under way, in order."""
        on, submit = self.session.on, self.session.submit
        on("Runtime.executionContextCreated", self._created)
        on("Runtime.executionContextDestroyed", self._destroyed)
        on("Runtime.executionContextsCleared", self._cleared)
        on("Runtime.bindingCalled", self._pushed)
        on("Page.frameAttached", self._attached)
        on("Page.frameDetached", self._detached)
        self._frames[self.main_frame] = _Frame(parent=None)
        shadow = self._event if self.with_shadow else None
        options = {"shadow": shadow, "frames": self.with_iframe, "chars": self.max_chars}
        halves = _source("observer.js") + _source("serializer.js") + _source("concealed.js")
        observer = f"(() => {{'use strict'; const RS = {json.dumps(options)};\n{halves}}})();"
        inject = "Page.addScriptToEvaluateOnNewDocument"
        calls = [
            submit("Runtime.enable"),
            submit("Runtime.addBinding", {"name": "rsPush", "executionContextName": WORLD}),
            submit(inject, {"source": observer, "worldName": WORLD}),
        ]
        if self.with_shadow:
            hook = f"{{\nconst RS_EVENT = {json.dumps(self._event)};\n{_source('shadow.js')}}}"
            calls.append(submit(inject, {"source": hook}))
        return calls

    async def look(self, selectors: tuple[str, ...], enough: int, timeout: float | None) -> Look | None:
        """A glance at the main document, and at the frames for selectors; None while there is no document."""
        frames = [self.main_frame, *(self._inner() if self.with_iframe and selectors else ())]
        answers = await self._ask(frames, "rs.look(...arguments)", [list(selectors), enough], timeout)
        if (main := answers.get(self.main_frame)) is None:
            return None
        found = [set(selectors) - set(answer["missing"]) for answer in answers.values()]
        missing = tuple(selector for selector in selectors if not any(selector in some for some in found))
        growth, replaced, churn = (
            sum(counts) for counts in zip(*(a["counts"] for a in answers.values()), strict=True)
        )
        return Look((growth, replaced, churn), missing, main["chars"])

    async def capture(self, *, full: bool, timeout: float | None) -> Composed | None:
        """The page now, or None when it is as it was at the last capture.

        Raises `CdpError` (`CallTimeout`, `SessionClosed` too) when there is no document to read.
        """
        inner = list(self._inner()) if self.with_iframe else []
        if inner:
            await self._name(inner, timeout)
        frames = [self.main_frame, *inner]
        epochs = [self._frames[key].epoch for key in frames]
        answers = await self._ask_each(
            frames, "rs.capture(...arguments)", [[e, full] for e in epochs], timeout
        )
        if self.main_frame not in answers:
            raise CdpError("the document is being replaced")
        changed = [self._frames[key].apply(answer) for key, answer in answers.items() if key in self._frames]
        return self._compose() if full or any(changed) else None

    async def adopt_closed(self, timeout: float | None) -> None:
        """Hand over closed shadow roots that no script made (declared in HTML): only CDP can see those."""
        document = await self.session.send("DOM.getDocument", {"depth": -1, "pierce": True}, timeout=timeout)
        for frame_id, node_id in _closed_roots(document["root"], self.main_frame):
            if (frame := self._frames.get(frame_id)) and frame.context:
                await self._on_node({"backendNodeId": node_id}, frame.context, "rs.adopt(this)", [], timeout)
        self.session.post("DOM.disable")

    def _inner(self) -> Iterator[str]:
        inner = (key for key, frame in self._frames.items() if frame.parent is not None and frame.context)
        yield from list(inner)[:MAX_FRAMES]

    async def _ask(
        self, frames: list[str], call: str, arguments: list[Any], timeout: float | None
    ) -> dict[str, Any]:
        return await self._ask_each(frames, call, [arguments] * len(frames), timeout)

    async def _ask_each(
        self, frames: list[str], call: str, arguments: list[list[Any]], timeout: float | None
    ) -> dict[str, Any]:
        """Call a function in several frames at once; a frame that goes away meanwhile has no answer."""
        calls = {}
        for key, given in zip(frames, arguments, strict=True):
            context = self._frames[key].context
            if context is not None:
                calls[key] = self.session.submit(
                    "Runtime.callFunctionOn", _function(call, given, context), timeout=timeout
                )
        answers = {}
        for key, future in calls.items():
            try:
                answers[key] = _value(await future)
            except (CallTimeout, SessionClosed):
                raise
            except CdpError:
                continue
        return answers

    async def _name(self, inner: list[str], timeout: float | None) -> None:
        """Tell each parent's observer which of its elements holds which frame."""
        async with anyio.create_task_group() as tasks:
            for key in inner:
                frame = self._frames[key]
                parent = self._frames.get(frame.parent or "")
                if parent and parent.context and frame.named_in != parent.context:
                    tasks.start_soon(self._name_one, key, frame, parent.context, timeout)

    async def _name_one(self, key: str, frame: _Frame, context: int, timeout: float | None) -> None:
        with suppress(CdpError):  # gone meanwhile; a session that is closed fails the capture itself
            owner = await self.session.send("DOM.getFrameOwner", {"frameId": key}, timeout=timeout)
            node = {"backendNodeId": owner["backendNodeId"]}
            await self._on_node(node, context, "rs.name(this, ...arguments)", [key], timeout)
            frame.named_in = context

    async def _on_node(
        self, node: dict[str, Any], context: int, call: str, arguments: list[Any], timeout: float | None
    ) -> None:
        resolved = await self.session.send(
            "DOM.resolveNode", {**node, "executionContextId": context}, timeout=timeout
        )
        params = _function(call, arguments, None) | {"objectId": resolved["object"]["objectId"]}
        _value(await self.session.send("Runtime.callFunctionOn", params, timeout=timeout))

    def _compose(self) -> Composed:
        unreadable = False

        def expand(key: str, depth: int) -> Iterator[str]:
            nonlocal unreadable
            pieces = self._frames[key].text.decode("utf-16-le", "replace").split("\0")
            for index, piece in enumerate(pieces):
                if index % 2 == 0:
                    yield piece
                    continue
                key, hidden = piece.rstrip(), piece.endswith(" ")
                child = None if key in self.unread else self._frames.get(key)
                if child is None or child.context is None or depth >= MAX_FRAME_DEPTH:
                    unreadable = unreadable or not hidden
                    continue
                yield f'<div data-rs-frame="{_escape(child.base)}"{" data-rs-hidden" if hidden else ""}>'
                yield from expand(key, depth + 1)
                yield "</div>"

        html = DOCTYPE + "".join(expand(self.main_frame, 0))
        return Composed(html, any(frame.truncated for frame in self._frames.values()), unreadable)

    def _created(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["name"] != WORLD:
            return
        frame = self._frames.setdefault(context["auxData"]["frameId"], _Frame(parent=self.main_frame))
        frame.forget()
        frame.context = context["id"]

    def _destroyed(self, event: dict[str, Any]) -> None:
        for frame in self._frames.values():
            if frame.context == event["executionContextId"]:
                frame.context = None

    def _cleared(self, event: dict[str, Any]) -> None:
        for frame in self._frames.values():
            frame.context = None

    def _attached(self, event: dict[str, Any]) -> None:
        self._frames[event["frameId"]] = _Frame(parent=event["parentFrameId"])

    def _detached(self, event: dict[str, Any]) -> None:
        if event.get("reason") != "swap":
            self._frames.pop(event["frameId"], None)

    def _pushed(self, event: dict[str, Any]) -> None:
        ours = self.with_iframe or event["executionContextId"] == self._frames[self.main_frame].context
        if event["name"] == "rsPush" and ours:
            growth, replaced, churn = map(int, event["payload"].split(","))
            self.changed(growth, replaced, churn)


def _function(call: str, arguments: Iterable[Any], context: int | None) -> dict[str, Any]:
    params: dict[str, Any] = {
        "functionDeclaration": f"function() {{ return {call}; }}",
        "arguments": [{"value": value} for value in arguments],
        "returnByValue": True,
        "silent": True,
    }
    return params if context is None else params | {"executionContextId": context}


def _value(answer: dict[str, Any]) -> Any:
    if details := answer.get("exceptionDetails"):
        text = details.get("exception", {}).get("description") or details.get("text", "")
        raise CdpError(f"the observer failed: {text}")
    return answer["result"].get("value")


def _closed_roots(document: dict[str, Any], main_frame: str) -> Iterator[tuple[str, int]]:
    """(frame id, backend node id) of the closed shadow roots in a pierced DOM tree."""
    stack = [(document, main_frame)]
    while stack:
        node, frame = stack.pop()
        if node.get("shadowRootType") == "closed":
            yield frame, node["backendNodeId"]
        stack += [(child, frame) for child in (*node.get("children", ()), *node.get("shadowRoots", ()))]
        if inner := node.get("contentDocument"):
            stack.append((inner, node.get("frameId", frame)))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
