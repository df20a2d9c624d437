"""Each option with each value has its effect, whichever way it is given (API.md, "Options")."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Any, get_args

import pytest

from reader_stream.model import Engine, MarkdownStyle, ReadOptions, RespondWith, Timing, Viewport
from tests.options.carriers import BY_BODY, carriers, send
from tests.options.rows import CHUNKS, HEADINGS, ROWS, Row
from tests.service import Answer, Service
from tests.site import Site

READERS = 8
"""Reads under way at the same time: twice the tabs."""

QUICK = {"html", "markdown"}
Case = tuple[Row, str]


def _cases() -> Iterator[Case]:
    """Quick rows by every carrier; those that need a browser by one, and in turn by all."""
    turns: dict[str, cycle[str]] = {}
    for row in ROWS:
        ways = [way for way in carriers(row.option) if _can(way, row.value)]
        if _is_quick(row):
            yield from ((row, way) for way in ways)
        else:
            yield row, next(turns.setdefault(row.option, cycle(ways)))


def _is_quick(row: Row) -> bool:
    live = {
        "engine",
        "respondTiming",
        "withIframe",
        "withShadowDom",
        "waitForSelector",
        "viewport",
        "timeout",
    }
    page = row.source.startswith("/") and row.source != "/echo"
    return not (row.option in live or page or "shot" in str(row.value) or row.others.get("engine"))


def _can(way: str, value: object) -> bool:
    """A header cannot carry an object."""
    return not (isinstance(value, dict) and way not in ("json", "form"))


CASES = list(_cases())


def _case_of(item: pytest.Item, path: Path) -> int | None:
    """The case that a test of this file looks at."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("n") if callspec and item.path == path else None


@pytest.fixture(scope="module")
def answers(
    request: pytest.FixtureRequest, service: Service, site: Site
) -> Iterator[dict[int, Future[Answer]]]:
    """All answers that the tests of this run will look at, read side by side."""
    wanted = [n for item in request.session.items if (n := _case_of(item, request.path)) is not None]

    def read(n: int) -> Answer:
        row, way = CASES[n]
        body = row.body(site.origin)
        if "url" in body:
            body["url"] = site.url(row.source)
        return send(service, way, row.option, row.value, body)

    with ThreadPoolExecutor(READERS) as pool:
        yield {n: pool.submit(read, n) for n in wanted}


@pytest.mark.parametrize("n", range(len(CASES)), ids=[f"{row.name}-{way}" for row, way in CASES])
def test_a_value_has_its_effect(n: int, answers: dict[int, Future[Answer]]) -> None:
    """What the table says is seen in the document, and what must not be is not."""
    row, _ = CASES[n]
    answer = answers[n].result()
    assert answer.status == 200, answer.text
    data = answer.json()["data"]
    assert row.field in data or not row.has, data.keys()
    text = _as_text(data.get(row.field, ""))
    for each in row.has:
        assert each in text
    for each in row.hasnt:
        assert each not in text
    reasons = data["completeness"]["reasons"]
    assert (row.reason in reasons) if row.reason else (reasons == [])


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


@pytest.mark.parametrize("value", CHUNKS, ids=str)
def test_chunks_begin_at_headings(value: object, service: Service) -> None:
    """Down to the level asked for; `s` puts the headings above before each chunk."""
    for way in carriers("markdownChunking"):
        answer = send(service, way, "markdownChunking", value, {"html": HEADINGS, "respondWith": "markdown"})
        chunks = answer.json()["data"]["chunks"]
        assert len(chunks) == CHUNKS[value]
        if CHUNKS[value] > 1:
            assert chunks[1].startswith("# T1" if str(value).startswith("s") else "## T2")
    text = service.post({"html": HEADINGS, "markdownChunking": value, "respondWith": "markdown"}).text
    assert text.count("\n\n\x1d") == CHUNKS[value] - 1


@pytest.mark.parametrize("value", [False, "false", "0", "no", "off"])
def test_chunking_can_be_off(value: object, service: Service) -> None:
    """Then there are no chunks."""
    assert "chunks" not in send(service, "json", "markdownChunking", value, {"html": HEADINGS}).json()["data"]


ENUMERATIONS: dict[str, set[object]] = {
    "respondWith": set(RespondWith),
    "engine": {*Engine, "curl", "direct"},
    "respondTiming": set(Timing),
    "retainImages": {"all", "none", "alt"},  # captions have a file of their own
    "retainLinks": set(get_args(ReadOptions.model_fields["retain_links"].annotation)),
    "base": {"initial", "final"},
    "withIframe": {"quoted"},
    "withLinksSummary": {"all"},
    "noGfm": {"table"},
    **{
        f"markdown.{field.alias}": set(get_args(field.annotation))
        for field in MarkdownStyle.model_fields.values()
    },
}


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_the_table_has_every_value_of_an_enumeration(name: str) -> None:
    """Nothing that the model knows is left untried."""
    assert {row.value for row in ROWS if row.option == name and isinstance(row.value, str)} >= ENUMERATIONS[
        name
    ]


def test_the_table_has_every_field_of_the_viewport() -> None:
    """Each has an effect."""
    tried = {
        key for row in ROWS if row.option == "viewport" and isinstance(row.value, dict) for key in row.value
    }
    assert tried == {field.alias for field in Viewport.model_fields.values()}


ELSEWHERE = {
    "html": "most rows",
    "pdf": "test_uploads",
    "file": "test_uploads",
    "pdfPassword": "test_uploads",
    "withGeneratedAlt": "tests/test_e2e_captions",
    "markdownChunking": "test_chunks_begin_at_headings",
    "proxyUrl": "tests/security/test_proxies",
    "injectPageScript": "tests/test_e2e_scripts",
    "injectFrameScript": "tests/test_e2e_scripts",
    "noCache": "test_pairs",
    "cacheTolerance": "test_pairs",
    "doNotTrack": "test_pairs",
    "robotsTxt": "test_sent",
    "tokenBudget": "test_pairs",
    "maxTokens": "test_pairs",
    "streamMode": "test_pairs",
    "cursor": "test_pairs",
}
"""Options whose effect is more than a text in a document: where they are tested."""


def test_no_option_is_left_out() -> None:
    """Each is in the table, or has tests of its own."""
    assert {row.option for row in ROWS} | set(ELSEWHERE) == set(BY_BODY)
