"""The choice of the main content: what it does on plain cases, and floors on annotated pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.extraction import quality
from reader_stream.document import article_model, render
from reader_stream.document.article import keep_blocks
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_features import COLUMNS, Features
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_model import Model
from reader_stream.document.article_prune import prune
from reader_stream.document.html import body_of, parse
from reader_stream.model import Capture, RenderOptions, RespondWith
from reader_stream.pipeline.answer import completeness

PROSE = (
    "The committee met on Tuesday to discuss the harbour, its cranes, and the ships that wait outside of it. "
    "Nobody had expected the discussion to last until the evening, but it did, and it was worth it. "
)


def content(markup: str) -> str:
    """The main content of a body."""
    return render(Capture("http://a.test/", f"<body>{markup}</body>"), RenderOptions()).content


def blocks(markup: str) -> list[str]:
    """The texts of a body's blocks."""
    return [block.text for block in Page(body_of(parse(f"<body>{markup}</body>"))).blocks]


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("a<p>b <b>c</b> d</p>e", ["a", "b c d", "e"]),
        ("<div>a<br>b<br><br>c</div>", ["a b", "c"]),
        ("<ul><li>a<ul><li>b</ul>c</ul>", ["a", "b", "c"]),
        ("<table><tr><td>a<td>b</table>", ["a", "b"]),
        ("<a href=x><div>a</div><div>b</div></a>", ["a", "b"]),
        ("a<script>b</script>c<svg><text>d</text></svg>", ["ac"]),
        (" \n <p> </p>", []),
    ],
)
def test_blocks(markup: str, texts: list[str]) -> None:
    """A block is text that nothing breaks."""
    assert blocks(markup) == texts


def test_nodes_are_ranges_of_blocks() -> None:
    """A node's range holds the blocks inside it, and no others."""
    page = Page(body_of(parse("<body>a<div>b<p>c</p></div><p>d</p></body>")))
    ranges = {node.tag: page.blocks[node.start : node.end] for node in page.nodes}
    assert [b.text for b in ranges["body"]] == ["a", "b", "c", "d"]
    assert [b.text for b in ranges["div"]] == ["b", "c"]


def test_copies_are_counted_and_hidden_ones_come_last() -> None:
    """Of equal texts the first visible one has rank 0."""
    page = Page(body_of(parse("<body><p data-rs-hidden>a</p><p>a</p><p>b</p><p>a</p></body>")))
    assert page.copy_ranks()[0] > 0
    assert page.copy_ranks()[2] == 0


def test_prune_keeps_the_structure_around_what_stays() -> None:
    """Elements go when nothing of them stays; texts go alone where something does."""
    root = parse("<body>x<div>y<ul><li>a</li><li>b <i>c</i></li></ul></div><nav><img><p>z</p></nav></body>")
    body = body_of(root)
    page = Page(body)
    prune(page, body, [block.text in {"a", "b c"} for block in page.blocks])
    assert [e.tag for e in body.iter()] == ["body", "div", "ul", "li", "li", "i"]
    assert " ".join(body.itertext()).split() == ["a", "b", "c"]


def test_every_block_has_a_row_of_all_columns() -> None:
    """The rows are as long as the columns that the model was trained on."""
    page = Page(body_of(parse(f"<body><h1>T</h1><p>{PROSE}</p><ul><li>a<li>b<li>c</ul></body>")))
    features = Features(page, Hints(title="T"), article_model.load().vocabulary)
    assert {len(row) for row in features.rows} == {len(COLUMNS)}


@pytest.mark.parametrize(
    ("trees", "odds"),
    [
        ([0.001] * 7, 0.007),
        # none is lost where parts or stages end, as long as the sum is in doubt
        ([0.001] * 617, 0.617),
        ([-0.01, 0.01] * 300 + [0.25], 0.25),
        # sure after the first stage: what follows is not asked, the sum is stretched instead
        ([0.05] * 40 + [-9.0] * 560, 2.0 * article_model.STAGES[0][2]),
        ([-0.05] * 40 + [9.0] * 560, -2.0 * article_model.STAGES[0][2]),
        # a later stage
        ([0.01] * 80 + [0.03] * 40 + [-9.0] * 480, 2.0 * article_model.STAGES[2][2]),
    ],
)
def test_trees_are_summed_until_the_answer_is_sure(trees: list[float], odds: float) -> None:
    """All trees count for a block in doubt; a sure one is decided at the next stage."""
    data = {"columns": COLUMNS, "trees": trees, "names": {}, "texts": {}, "words": {}, "bias": 0.0}
    model = article_model.read(json.dumps(data))
    assert model.forest(*[0.0] * len(COLUMNS)) == pytest.approx(odds)


def test_comments_are_left_out_whatever_the_trees_say() -> None:
    """The choice of blocks obeys the names of comments, but in a forum."""
    body = f"<p>{PROSE * 2}</p><div class=comments><p>{PROSE}</p></div>"
    page = Page(body_of(parse(f"<body>{body}</body>")))
    assert keep_blocks(page, Hints(path="/news/1"), [0.9, 0.9]) == [True, False]
    assert keep_blocks(page, Hints(path="/forum/1"), [0.9, 0.9]) == [True, True]


def judged(menu: str, odds: Callable[[str], float]) -> tuple[list[str], list[float]]:
    """The texts that are judged one by one on a page with this menu; how likely each block is."""
    page = Page(body_of(parse(f"<body><p>{PROSE}</p><p>{PROSE}</p>{menu}<p>{PROSE}</p></body>")))
    asked: list[str] = []
    place = COLUMNS.index("place_at_blocks")

    def forest(*row: float) -> float:
        block = page.blocks[round(row[place] * len(page.blocks))]
        asked.append(block.text)
        return odds(block.text)

    likely = article_model.probabilities(page, Hints(), Model(forest, article_model.load().vocabulary))
    assert len(likely) == len(page.blocks)
    assert asked.count(PROSE.strip()) == 3
    return [text for text in asked if text != PROSE.strip()], likely


LABELS = [f"{n}{'x' * (n % 7)}" for n in range(20)]
MENU = "".join(f"<li><a href=/>{label}</a></li>" for label in LABELS)


def test_menus_are_judged_by_samples() -> None:
    """Of many short texts in one container the first, middle, last and longest speak for all."""
    asked, likely = judged(f"<ul>{MENU}</ul>", lambda text: 3.0 if text == PROSE.strip() else -3.0)
    assert sorted(asked) == ["0", "10xxx", "13xxxxxx", "19xxxxx"]
    assert [each > 0.5 for each in likely] == [True, True, *[False] * 20, True]


def test_a_container_in_doubt_is_judged_block_by_block() -> None:
    """When one of the samples may be content, each block of the container is looked at, none twice."""
    asked, likely = judged(f"<ul>{MENU}</ul>", lambda text: 3.0 if text in {PROSE.strip(), "10xxx"} else -3.0)
    assert len(asked) == len(set(asked)) == 20
    assert [at for at, each in enumerate(likely) if each > 0.5] == [0, 1, 12, 22]


def test_cut_takes_more_where_the_model_is_less_sure() -> None:
    """The threshold is near one half on clear pages, lower on unclear ones."""
    clear = article_model.cut([0.99, 0.98, 0.4, 0.02], [10, 10, 10, 10])
    unclear = article_model.cut([0.5, 0.4, 0.3, 0.05], [10, 10, 10, 10])
    assert clear > 0.45
    assert unclear < 0.35


def test_a_page_that_grows_keeps_its_content() -> None:
    """What was chosen stays chosen while paragraphs are appended."""
    around = "<nav class=menu><a href=/>Home</a> <a href=/b>Blog</a></nav><main><article><h1>Harbour</h1>"
    before: list[str] = []
    for count in range(2, 14):
        paragraphs = "".join(f"<p>{n}: {PROSE}</p>" for n in range(count))
        now = content(f"{around}{paragraphs}</article></main>").split("\n\n")
        assert now[: len(before)] == before
        before = now


@given(st.integers(0, 12), st.integers(0, 12), st.booleans())
@settings(max_examples=25, deadline=None)
def test_never_fails_and_never_invents(paragraphs: int, links: int, listed: bool) -> None:
    """Whatever a page is made of, its content is part of the whole page."""
    body = f"<p>{PROSE}</p>" * paragraphs + "<a href=/x>More of it</a> " * links
    body = f"<ul><li>{body}</li></ul>" if listed else body
    whole = render(Capture("http://a.test/", body), RenderOptions(respond_with=(RespondWith.MARKDOWN,)))
    assert set(content(body).split()) <= set(whole.content.split())


DESCRIBED = "We moved the harbour last year, and this is how it went, from the first crane to the last ship."


@pytest.mark.parametrize(
    ("markup", "settled", "composed", "described"),
    [
        ("<div id=app></div>", True, False, True),
        ("<div id=app></div>", False, False, False),
        ("<div id=app></div>", True, True, False),
        (f"<p>{PROSE}</p>", True, False, False),
        ("<img src=/crane.png>", True, False, False),
    ],
)
def test_a_page_without_content_gives_its_description(
    markup: str, settled: bool, composed: bool, described: bool
) -> None:
    """Only of a page that no browser will see, and never in silence."""
    page = f"<head><meta name=description content='{DESCRIBED}'></head><body>{markup}</body>"
    document = render(Capture("http://a.test/", page, composed=composed, settled=settled), RenderOptions())
    assert (document.content == DESCRIBED) is described
    assert document.described is described
    assert [warning.code for warning in document.warnings] == ["described"] * described
    assert not described or completeness(document, ())["state"] == "partial"


def test_a_short_description_is_no_content() -> None:
    """A slogan stands for nothing."""
    page = "<head><meta name=description content='The best harbour'></head><body></body>"
    assert render(Capture("http://a.test/", page, settled=True), RenderOptions()).content == ""


def test_quality_floors(shared: Path) -> None:
    """On annotated pages the main content is no worse than the floors, which only rise."""
    pinned = json.loads(quality.FLOORS.read_text("ascii"))
    if quality.digest(shared) != pinned["digest"]:
        pytest.skip("other evaluation data than the floors were pinned on")
    found = quality.measure(shared, quality.ours, pinned["test_sample"])
    assert quality.shortfalls(found, pinned["test_floors"]) == []
