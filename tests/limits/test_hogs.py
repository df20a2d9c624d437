"""Pages that eat what is not their renderer's: Chromium's other processes, and the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.machine import House, house, until
from tests.service import JSON, Answer
from tests.site import Site

LIMIT_MIB = 384
MIB = 1024 * 1024
BEFORE = f"<h1>Before</h1><p>{'There was text. ' * 9}</p><i id=said></i>"

BLOBS = (
    """setInterval(() => { (window.kept = window.kept || []).push(new Blob([new Uint8Array(2e7)])) }, 5)"""
)
TEXTURES = """setInterval(() => {
  const canvas = document.createElement('canvas'), size = 4096;
  canvas.width = canvas.height = size;
  const gl = canvas.getContext('webgl');
  if (!gl) { said.textContent = 'no WebGL'; return }
  for (let i = 0; i < 4; i++) {
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, size, size, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
  }
  gl.clear(gl.COLOR_BUFFER_BIT); (window.kept = window.kept || []).push(canvas);
}, 20)"""
LINES = """setInterval(() => { for (let i = 0; i < 500; i++) console.log('x'.repeat(1e4)) }, 1);
setTimeout(() => document.body.append(Object.assign(document.createElement('p'), {id: 'over'})), 2000)"""


@pytest.fixture(scope="module")
def home(site: Site) -> Iterator[House]:
    """A service whose browser may take little."""
    with house(site, {"READER_BROWSER_RENDERER_MIB": str(LIMIT_MIB)}) as built:
        yield built


def read(home: House, script: str, end: str = "#never", timeout: int = 8) -> Answer:
    """A page that does something until its time is over, or `end` is there."""
    html = f"<!doctype html>{BEFORE}<script>setTimeout(() => {{ {script} }}, 200)</script>"
    headers = {"X-Engine": "browser", "X-Timeout": str(timeout), "X-Wait-For-Selector": end}
    return home.service.post({"url": home.site.url("/"), "html": html}, {**JSON, **headers})


def ended(home: House, kind: str) -> bool:
    """Whether the log says that a process of that kind was ended for its size."""
    return f"MiB; the {kind} is ended" in home.service.log.read_text(errors="replace")


def test_textures_that_fill_the_process_of_pictures_end_it(home: House) -> None:
    """The page keeps what it said; the next one is rendered."""
    over: list[str] = []
    for timeout in (4, 8, 16):  # how fast they fill it depends on the machine
        answer = read(home, TEXTURES, timeout=timeout)
        over = [kind for kind in ("gpu-process", "browser", "renderer") if ended(home, kind)]
        if over:
            break
    if not over and "no WebGL" in answer.text:  # after the end of its process there is none either
        pytest.skip("this browser has no WebGL here")
    assert answer.status == 200, answer.text
    assert "There was text" in answer.json()["data"]["content"]
    assert over
    home.is_well()


def test_blobs_that_fill_the_browser_end_it(home: House) -> None:
    """They are kept in the browser's own process: it is replaced, the read is told, the next one works."""
    answer = read(home, BLOBS, timeout=20)
    assert answer.status == 200, answer.text
    assert "renderer_crashed" in answer.json()["data"]["completeness"]["reasons"]
    assert "There was text" in answer.json()["data"]["content"]
    assert ended(home, "browser")
    home.is_well()


def test_what_pages_log_does_not_fill_the_disk(home: House) -> None:
    """Headless-shell writes it into a file, by 30 MB/s; little of that stays."""
    answer = read(home, LINES, "#over", timeout=20)
    assert answer.status == 200, answer.text
    assert until(lambda: sum(map(size_of, home.folder.rglob("*"))) < 20 * MIB)


def size_of(path: Path) -> int:
    """Bytes of a file that may just have gone."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
