"""Texts that stand on a page twice."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.document import article_copies, render
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
TERMS = [f"Term {n} of the glossary, in short" for n in range(40)]
CARD = f"<h2>The harbour</h2><p>{PARTS[0]}</p><p>{PARTS[1]}</p>"
SLIDE = f"<div class=slide><p>{{}}</p><ul><li>{PARTS[0]}<li><a href=/a>{PARTS[1]}</a></ul></div>"
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


@pytest.mark.parametrize("shown", [1, -1])
def test_a_copy_of_many_parts_is_left_out(shown: int) -> None:
    """However many paragraphs a text has, in whatever order they stand."""
    parts = [f"{number}. {PARTS[number % 12]}" for number in range(500)]
    assert kept(*parts[::shown], " ".join(parts)) == [True] * len(parts) + [False]


def test_a_part_that_is_left_out_is_no_reason() -> None:
    """Of two texts in one piece the longer one stays where it says more than the paragraphs."""
    size = len(WHOLE)
    one = f"{WHOLE} {NEWS[: size // 14]}"
    for texts in ([one, f"{one} {NEWS[-size // 17 :]}"], [f"{one} {NEWS[-size // 17 :]}", one]):
        assert kept(*texts, *PARTS) == [text != one for text in texts] + [True] * len(PARTS)


def test_the_search_for_parts_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page costs no more than so many characters searched, and what was not looked for is no copy."""
    others = [f"{part} This is another paragraph." for part in PARTS]
    texts = [*others, *PARTS, WHOLE, f"{WHOLE} More."]
    for passes, left in ((5, [True, True]), (16, [False, True]), (60, [False, False])):
        monkeypatch.setattr(article_copies, "SEARCHED_CHARS", passes * len(WHOLE))
        assert kept(*texts)[-2:] == left


def test_the_whole_program_stays() -> None:
    """A tutorial that showed its lines before shows them together at its end."""
    lines = "".join(f"<pre>{part}</pre>" for part in PARTS)
    page = page_of(f"{lines}<pre>{WHOLE}</pre>")
    assert all(drop_copies(page, [True] * len(page.blocks)))


@pytest.mark.parametrize(
    "texts",
    [
        (*PARTS[:4], NEWS),  # a long text of its own
        (*PARTS[:4], " ".join([*PARTS[:4], NEWS])),  # that quotes what is said elsewhere
        (WHOLE, "harbour", "cranes and the ships", NEWS),  # labels are found anywhere
        (*TERMS, " ".join(TERMS)),
        (*PARTS[:7], *PARTS[:7], WHOLE),  # half of it, twice
        (*PARTS, *[f"{at} {NEWS}" for at in range(5)], WHOLE),  # little of what the page says
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
    for name in ("<h2>Menu</h2>", "<p><b>Menu</b></p>"):
        page = page_of(f"<div>{STEPS}</div>{name}<section>{STEPS}</section>")
        assert drop_copies(page, [True, True, False, True, True]) == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("markup", "stays"),
    [
        (f"<div>{CARD}</div><section>{CARD}</section>", "111000"),
        (f"<div>{CARD}</div><p>A</p><section>{CARD}</section>", "1111000"),
        (f"<div>{CARD}<p><b>A</b></p></div><section>{CARD}</section>", "1111000"),
        (f"<p><b>A</b></p><div>{STEPS}</div><p><b>A</b></p><section>{STEPS}</section>", "111100"),
        (f"<div data-rs-hidden>{STEPS}</div><section>{STEPS}</section><p><b>A</b></p>", "00111"),
        # what is in sight is the text, the hidden one is the copy
        (f"<div data-rs-hidden>{CARD}</div><section>{CARD}</section>", "000111"),
        # a word of its own does not make it another text, a sentence does
        (f"<div>{CARD}</div><section>{CARD}<p>Print</p></section>", "1110000"),
        (f"<div>{CARD}</div><section>{CARD}<p>{PARTS[2]}</p></section>", "1111111"),
        # plans, tabs and the like say the same on purpose
        (f"<div class=tab><h3>A</h3>{STEPS}</div><div class='tab on'><h3>B</h3>{STEPS}</div>", "111111"),
        (f"<p>A</p><div>{STEPS}</div><p>B</p><div>{STEPS}</div>", "111111"),
        (f"<div class=tab-1>{STEPS}</div><div class=tab-2>{STEPS}</div>", "1111"),
        (f"<div class=tab><h3>A</h3>{STEPS}</div><div class=pane><h3>A</h3>{STEPS}</div>", "111000"),
        # slides that a carousel clones say nothing at all; a refrain is meant, and a list of each product
        (f"<div class=slide>{CARD}</div>" * 2, "111000"),
        (f"<div class=slide><a href=/a>A</a>{STEPS}</div>" * 2, "111000"),
        (f"<div class=x>{CARD}</div>" * 2, "111000"),
        (f"<p>Drill.</p><ul><li>{PARTS[0]}<li>In <a href=/>shops</a></ul><p>Saw.</p>" * 2, "11111111"),
        (f"<div class=slide>{CARD}</div><div class=slide>{CARD}<p>New.</p></div>", "1111111"),
        (SLIDE.format(PARTS[2]) + SLIDE.format(PARTS[3]), "111111"),
        (f"<div class=v><h4>Chorus</h4>{STEPS}</div><p>Verse.</p>" * 2, "11111111"),
        (f"<blockquote>{STEPS}</blockquote><p>Verse.</p><blockquote>{STEPS}</blockquote>", "11111"),
        # paragraphs of one container are meant: verses, filler text
        (f"<div><p>{PARTS[0]}</p><p>{PARTS[0]}</p><p>{PARTS[0]}</p></div>", "111"),
        # labels that every item has
        ("<ul>" + "<li><p>Add to cart</p><p>Free delivery</p></li>" * 4 + "</ul>", "1" * 8),
        # rows of a table
        ("<table><tr class=a>{0}<tr class=b>{0}</table>".format(f"<td>{PARTS[0]}<td>{PARTS[1]}"), "1111"),
        ("<table>" + f"<tr><td>{PARTS[0]}<td>{PARTS[1]}</tr>" * 3 + "</table>", "1" * 6),
    ],
)
def test_a_container_said_elsewhere_is_left_out(markup: str, stays: str) -> None:
    """As a whole, when nearly all of it stands block by block in other containers that are kept."""
    page = page_of(markup)
    assert "".join(str(int(stay)) for stay in drop_copies(page, [True] * len(page.blocks))) == stays


PRICED = "<div class=team><h3>Team</h3>$29{0}</div><div class=business>{1}{0}</div>"


@pytest.mark.parametrize(
    "markup",
    [
        # a name, a price, a place
        PRICED.format(f"<ul>{STEPS}</ul>", "<h3>Business</h3>"),
        PRICED.format(f"<ul>{STEPS}</ul>", "$290"),
        PRICED.format(f"<ul>{STEPS}</ul>", "<p>Business</p>"),
        f"<div class='col featured'><h3>Team</h3>{STEPS}</div><article><h3>Business</h3>{STEPS}</article>",
        f"<div class=hamburg>{STEPS}</div><h2>Bremen</h2><div class=bremen>{STEPS}</div>",
        f"<section>{STEPS}</section><h2>Bremen</h2><h3>Open</h3><div class=a>{STEPS}</div><p>{PARTS[0]}</p>",
        f"<div>{STEPS}</div><section>{STEPS}<h3>Prices</h3></section>",
        f"<dl><dt>Hamburg<dd>{STEPS}<dt>Bremen<dd class=new>{STEPS}</dl>",
        f"<div class=hamburg>{STEPS}</div><p><b>Bremen</b></p><div class=bremen>{STEPS}</div>",
        # a line of a program, an answer to what is quoted
        f"<div class=old><pre>{STEPS}</pre></div><div class=new><pre>{STEPS}<p>break</p></pre></div>",
        f"<article>{STEPS}</article><div class=reply>{STEPS}<p>Agreed!</p></div>",
        f"<article>{STEPS}</article><div class=reply>{STEPS}<p>同意します</p></div>",
    ],
)
def test_a_copy_that_says_something_of_its_own_stays(markup: str) -> None:
    """Whole: without what it shares with others nobody would know what that is about."""
    page = page_of(markup)
    assert all(drop_copies(page, [True] * len(page.blocks)))


@pytest.mark.parametrize(
    ("markup", "stays"),
    [
        ("<h2>A</h2><div>{0}</div><h2>A</h2><section>{0}</section>", "111000"),
        ("<h2>A</h2><h3>B</h3><div>{0}</div><h2>A</h2><h3>B</h3><section>{0}</section>", "11110000"),
        ("<h2>A</h2><div>{0}</div><h2>A</h2><section>{0}</section><p>More.</p>", "1111001"),
        ("<h2>A</h2><div>{0}</div><h2>A</h2><h2>A</h2><section>{0}</section>", "1111000"),
        # a heading of both names neither
        ("<h1>A</h1><div data-rs-hidden>{0}</div><section>{0}</section>", "10011"),
    ],
)
def test_headings_go_with_what_they_head(markup: str, stays: str) -> None:
    """A heading that stands elsewhere too does not stay alone when what it heads is left out."""
    page = page_of(markup.format(STEPS))
    assert "".join(str(int(stay)) for stay in drop_copies(page, [True] * len(page.blocks))) == stays


LEAVES = st.sampled_from(
    [*(f"<p>{part}</p>" for part in PARTS[:4]), "<p>Print</p>", "<p>$5</p>", "<h2>A b</h2>"]
)
NESTS = st.sampled_from(["div", "div class=a", "div class=b", "section", "pre", "ul", "div data-rs-hidden"])
TREES = st.recursive(
    LEAVES,
    lambda below: st.builds(
        lambda tag, inner: f"<{tag}>{''.join(inner)}</{tag.split()[0]}>", NESTS, st.lists(below, max_size=5)
    ),
    max_leaves=30,
)


@given(st.lists(TREES, max_size=6), st.integers(0))
def test_no_text_is_lost(trees: list[str], bits: int) -> None:
    """What is left out stands in what stays, but for labels of one word."""
    page = page_of("".join(trees))
    keep = [bits >> at & 3 != 3 for at in range(len(page.blocks))]
    left = drop_copies(page, keep)
    said = {block.text for block, stays in zip(page.blocks, left, strict=True) if stays}
    assert {block.text for block, stays in zip(page.blocks, keep, strict=True) if stays} - said <= {"Print"}


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
def test_time_grows_with_the_page(markup: Callable[[int], str]) -> None:
    """Four times the page takes about four times as long, whatever repeats: nowhere near sixteen times."""

    def cost(size: int) -> float:
        page = page_of(f"{markup(size)}<p>{' '.join(PARTS * (size // 20))}</p>")
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            drop_copies(page, [True] * len(page.blocks))
            best = min(best, time.process_time() - start)
        return best

    assert any(cost(4_000) < 8 * cost(1_000) for _ in range(3))  # a crowded machine may spoil one
