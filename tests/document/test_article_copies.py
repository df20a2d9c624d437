"""Texts that stand on a page twice."""

from __future__ import annotations

import time

import pytest

from reader_stream.document import render
from reader_stream.document.article_blocks import Page
from reader_stream.document.article_copies import drop_copies
from reader_stream.document.html import body_of, parse
from reader_stream.model import Capture, RenderOptions

PARTS = [
    f"Paragraph {n} is about the harbour, its {n * 7} cranes and the ships outside, and goes on for a while."
    for n in range(12)
]
WHOLE = " ".join(PARTS)
NEWS = " ".join(
    f"Sentence {n} stands in this paragraph alone and nowhere else on the page." for n in range(18)
)
CARD = f"<h2>The harbour</h2><p>{PARTS[0]}</p><p>{PARTS[1]}</p>"
STEPS = f"<p>{PARTS[0]}</p><p>{PARTS[1]}</p>"


def page_of(markup: str) -> Page:
    """The blocks of a body."""
    return Page(body_of(parse(f"<body>{markup}")))


def kept(*texts: str) -> list[bool]:
    """What stays of a page with these paragraphs, all of them chosen."""
    return drop_copies(page_of("".join(f"<p>{text}</p>" for text in texts)), [True] * len(texts))


@pytest.mark.parametrize("before", [True, False])
def test_a_copy_in_one_piece_is_left_out(before: bool) -> None:
    """Wherever it stands, the text as it is laid out stays."""
    texts = [WHOLE, *PARTS] if before else [*PARTS, WHOLE]
    assert kept(*texts) == [text != WHOLE for text in texts]


def test_of_two_copies_none_stays() -> None:
    """Each of them repeats the paragraphs."""
    assert kept(*PARTS, WHOLE, WHOLE + " More.") == [True] * len(PARTS) + [False] * 2


@pytest.mark.parametrize(
    "texts",
    [
        (*PARTS[:4], NEWS),  # a long text of its own
        (*PARTS[:4], " ".join([*PARTS[:4], NEWS])),  # that quotes what is said elsewhere
        (WHOLE, "harbour", "cranes and the ships", NEWS),  # labels are found anywhere
        (*PARTS[:3], " ".join(PARTS[:3])),  # a short one: a summary
        (WHOLE, WHOLE),  # neither is in pieces
    ],
)
def test_other_long_texts_stay(texts: tuple[str, ...]) -> None:
    """Only what other, shorter blocks say nearly all of is a copy."""
    assert kept(*texts) == [True] * len(texts)


def test_what_is_not_kept_is_no_reason() -> None:
    """Where the paragraphs or the first container are left out, the second is the text."""
    page = page_of("".join(f"<p>{text}</p>" for text in (*PARTS, WHOLE)))
    keep = [False] * len(PARTS) + [True]
    assert drop_copies(page, keep) == keep
    page = page_of(f"<div>{CARD}</div><section>{CARD}</section>")
    keep = [False] * 3 + [True] * 3
    assert drop_copies(page, keep) == keep


@pytest.mark.parametrize(
    ("markup", "stays"),
    [
        (f"<div>{CARD}</div><section>{CARD}</section>", "111000"),
        # what is in sight is the text, the hidden one is the copy
        (f"<div data-rs-hidden>{CARD}</div><section>{CARD}</section>", "000111"),
        # a word of its own does not make it another text, a sentence does
        (f"<div>{CARD}</div><section>{CARD}<p>Print</p></section>", "1110000"),
        (f"<div>{CARD}</div><section>{CARD}<p>{PARTS[2]}</p></section>", "1111111"),
        # plans, tabs and the like say the same on purpose
        (f"<div class=tab><h3>A</h3>{STEPS}</div><div class='tab on'><h3>B</h3>{STEPS}</div>", "111111"),
        (f"<p>A</p><div>{STEPS}</div><p>B</p><div>{STEPS}</div>", "111111"),
        (f"<div class=tab><h3>A</h3>{STEPS}</div><div class=pane><h3>A</h3>{STEPS}</div>", "111000"),
        # slides that a carousel clones say nothing at all, a refrain is meant
        (f"<div class=slide>{CARD}</div>" * 2, "111000"),
        (f"<div class=slide><a href=/a>A</a>{STEPS}</div>" * 2, "111000"),
        (f"<blockquote>{STEPS}</blockquote><p>Verse.</p><blockquote>{STEPS}</blockquote>", "11111"),
        # paragraphs of one container are meant: verses, filler text
        (f"<div><p>{PARTS[0]}</p><p>{PARTS[0]}</p><p>{PARTS[0]}</p></div>", "111"),
        # labels that every item has
        ("<ul>" + "<li><p>Add to cart</p><p>Free delivery</p></li>" * 4 + "</ul>", "1" * 8),
        # rows of a table
        ("<table>" + f"<tr><td>{PARTS[0]}<td>{PARTS[1]}</tr>" * 3 + "</table>", "1" * 6),
    ],
)
def test_a_container_said_elsewhere_is_left_out(markup: str, stays: str) -> None:
    """As a whole, when nearly all of it stands block by block in other containers that are kept."""
    page = page_of(markup)
    assert "".join(str(int(stay)) for stay in drop_copies(page, [True] * len(page.blocks))) == stays


def test_items_of_one_kind_are_copies_where_asked_for() -> None:
    """Labels from annotations, which have a text once: the steps of a second tab are none of theirs."""
    page = page_of(f"<div class=tab><h3>A</h3>{STEPS}</div><div class=tab><h3>B</h3>{STEPS}</div>")
    assert drop_copies(page, [True] * 6, items=True) == [True] * 3 + [False] * 3


def test_a_page_for_two_screens_is_read_once() -> None:
    """The main content of a page that is laid out twice has each paragraph once."""
    article = "".join(f"<p>{part}</p>" for part in PARTS)
    page = f"<div class=desktop><h1>The harbour</h1>{article}</div><div class=mobile>{article}</div>"
    content = render(Capture("http://a.test/", f"<body>{page}"), RenderOptions()).content
    assert [content.count(part) for part in PARTS] == [1] * len(PARTS)


@pytest.mark.parametrize(
    "markup",
    [
        lambda n: "".join(f"<p>{at} {PARTS[at % 12]}</p>" for at in range(n)),
        lambda n: f"<div>{CARD}</div>" * n,
        lambda n: "<div>" * 200 + f"<ul><li><p>{PARTS[0]}</p><p>{PARTS[1]}</p></ul>" * n,
    ],
)
def test_time_grows_with_the_page(markup: object) -> None:
    """Twice the page takes about twice the time, whatever repeats."""
    assert callable(markup)
    times = []
    for size in (1_500, 3_000):
        page = page_of(f"{markup(size)}<p>{' '.join(PARTS * (size // 20))}</p>")
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            drop_copies(page, [True] * len(page.blocks))
            best = min(best, time.process_time() - start)
        times.append(best)
    assert times[1] < 5 * times[0] + 0.02
