"""Pictures of a page that has settled: of its window, or of all that can be scrolled to."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import anyio

from reader_stream.fetch.cdp import CdpError
from reader_stream.fetch.tabs import Tab
from reader_stream.fetch.visit import Visit
from reader_stream.model import RespondWith, Selectors, Shot, ShotType, Viewport

MAX_SIDE_PX = 16384
"""Longest side of a picture in device pixels: textures of software rendering and WebP (16383) end there."""
MAX_PIXELS = 32 * 1024 * 1024
"""Pixels of one picture: 128 MiB while Chromium encodes it. A page of 1280 px reaches `MAX_SIDE_PX` first."""
JPEG_QUALITY = 85
"""Of JPEG and WebP: text stays clean; Chromium's default (80) shows rings around letters."""
SCROLL_S = 2.0
"""Patience with scrolling through a page and with the images that come only then."""
LATE_S = 1.5
"""Patience with pictures of a page whose time is over: within what a read may take beyond its timeout."""

# Lazy images load when they come near; afterwards the page stands where it stood.
_SCROLL = """(async height => {
  const frame = () => new Promise(done => { requestAnimationFrame(done); setTimeout(done, 50); });
  const x = scrollX, y = scrollY, step = Math.max(innerHeight, 200);
  const go = (x, y) => scrollTo({left: x, top: y, behavior: 'instant'});
  for (let at = 0; at < height; at += step) { go(x, at); await frame(); }
  await Promise.all(Array.from(document.images, image => image.complete || new Promise(done => {
    image.addEventListener('load', done); image.addEventListener('error', done);
  })));
  go(x, y); await frame();
})(%d)"""

_HIDE = """(selectors => {
  for (const selector of selectors)
    for (const element of document.querySelectorAll(selector))
      element.style.setProperty('display', 'none', 'important');
})(%s)"""

# Around all elements that match and are to be seen: left, top, width, height in CSS pixels of the page.
_AREA = """(selectors => {
  const found = selectors.flatMap(selector => [...document.querySelectorAll(selector)]);
  const boxes = found.map(element => element.getBoundingClientRect()).filter(box => box.width && box.height);
  const least = side => Math.min(...boxes.map(box => box[side]));
  const most = side => Math.max(...boxes.map(box => box[side]));
  const x = least('left'), y = least('top');
  return boxes.length ? [x + scrollX, y + scrollY, most('right') - x, most('bottom') - y] : null;
})(%s)"""


@dataclass(frozen=True, slots=True)
class Clip:
    """What part of the page, in CSS pixels, goes into a picture; `cut`: not all that was asked for."""

    x: float
    y: float
    width: int
    height: int
    cut: bool

    @classmethod
    def fit(cls, origin: tuple[float, float], size: tuple[float, float], scale: float) -> Clip:
        """As much of an area as a picture may have; `scale` is device pixels for a CSS pixel."""
        width, height = max(1, int(size[0])), max(1, int(size[1]))
        most = int(MAX_SIDE_PX / scale) - 1
        wide = min(width, most)
        high = min(height, most, int(MAX_PIXELS / (wide * scale * scale)))
        return cls(*origin, wide, high, cut=high < height or wide < width)


async def shoot(tab: Tab, visit: Visit, left_s: float) -> tuple[Shot, ...]:
    """The pictures of a visit, as far as they could be taken in `left_s` seconds (`LATE_S` at least).

    Without the elements that the visit removes; where it has a target, of that alone.
    """
    shots: list[Shot] = []
    window = visit.viewport or Viewport()
    with anyio.move_on_after(max(LATE_S, left_s)):
        try:
            if visit.remove:
                await _run(tab, _HIDE % json.dumps(visit.remove))
            for kind in visit.shots:
                if clip := await _clip(tab, kind, visit.target, window):
                    body = await _take(tab, clip, visit.shot_type)
                    shots.append(Shot(kind, visit.shot_type, body, clip.cut))
        except CdpError:
            pass  # crashed, closed or too slow: the read says which pictures there are not
    return tuple(shots)


async def _clip(tab: Tab, kind: RespondWith, target: Selectors, window: Viewport) -> Clip | None:
    """What goes into a picture; None where the target has no place on the page."""
    clip = await (_page(tab, window) if kind is RespondWith.PAGESHOT else _window(tab, window))
    if not target:
        return clip
    area = await _run(tab, _AREA % json.dumps(target))
    return Clip.fit((area[0], area[1]), (area[2], area[3]), window.device_scale_factor) if area else None


async def _window(tab: Tab, window: Viewport) -> Clip:
    shown = (await tab.session.send("Page.getLayoutMetrics"))["cssVisualViewport"]
    size = shown["clientWidth"], shown["clientHeight"]
    return Clip.fit((shown["pageX"], shown["pageY"]), size, window.device_scale_factor)


async def _page(tab: Tab, window: Viewport) -> Clip:
    await _scroll(tab, (await _content(tab, window)).height)
    return await _content(tab, window)


async def _content(tab: Tab, window: Viewport) -> Clip:
    area = (await tab.session.send("Page.getLayoutMetrics"))["cssContentSize"]
    return Clip.fit((area["x"], area["y"]), (area["width"], area["height"]), window.device_scale_factor)


async def _scroll(tab: Tab, height: int) -> None:
    with anyio.move_on_after(SCROLL_S):
        await _run(tab, _SCROLL % height)


async def _run(tab: Tab, expression: str) -> Any:
    """In a world of its own: the page's script cannot know or change how it is done."""
    world = await tab.session.send("Page.createIsolatedWorld", {"frameId": tab.target_id})
    script = {"expression": expression, "contextId": world["executionContextId"]}
    answer = await tab.session.send(
        "Runtime.evaluate", {**script, "awaitPromise": True, "returnByValue": True}
    )
    return answer["result"].get("value")


async def _take(tab: Tab, clip: Clip, kind: ShotType) -> bytes:
    how: dict[str, Any] = {"format": kind, "captureBeyondViewport": True}
    if kind != "png":
        how["quality"] = JPEG_QUALITY
    area = {"x": clip.x, "y": clip.y, "width": clip.width, "height": clip.height, "scale": 1}
    answer = await tab.session.send("Page.captureScreenshot", {**how, "clip": area})
    return base64.b64decode(answer["data"])
