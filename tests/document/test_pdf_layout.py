"""What a page's look says: columns, headings, lists, tables, running headers, links."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from reader_stream.document.pdf import render_pdf
from reader_stream.model import Capture, Document, RenderOptions
from tests.document.pdfs import document, paragraphs, two_columns, wrapped, write_at

BULLET = "\x95"  # in the code page of the standard fonts


def rendered(pdf: FPDF, **options: object) -> Document:
    """The document of a PDF."""
    capture = Capture("https://example.com/paper.pdf", bytes(pdf.output()))
    return render_pdf(capture, RenderOptions(**options))  # type: ignore[arg-type]


def page_of(
    *lines: tuple[float, float, str], size: float = 10, style: str = "", family: str = "Times"
) -> FPDF:
    """One page of lines at ``(x, y, text)``."""
    pdf = document()
    pdf.add_page()
    for x, y, text in lines:
        write_at(pdf, x, y, text, size, style, family)
    return pdf


@pytest.mark.parametrize("across", [False, True], ids=["column by column", "row by row"])
def test_paragraphs_of_two_columns_are_whole(across: bool) -> None:
    """All paragraphs come whole and in order, over columns and pages, without running headers."""
    texts = paragraphs(160)
    read = rendered(two_columns(texts, across=across))
    assert list(read.blocks) == ["# On the Width of Gutters in Harbours", *texts]


def test_paragraphs_with_gaps_are_whole_as_well() -> None:
    """Without indents, at most a paragraph that ends with a full line at the foot of a column is joined."""
    texts = paragraphs(160)
    read = rendered(two_columns(texts, indent=0, gap=6))
    assert len(set(texts) & set(read.blocks)) >= 158


def test_three_columns_are_read_one_by_one() -> None:
    """Columns are cut more than once."""
    pdf = document()
    pdf.add_page()
    texts = paragraphs(3, seed=2, words=(60, 60))
    columns = [wrapped(pdf, text, 150) for text in texts]
    for row in range(max(map(len, columns))):
        for number, lines in enumerate(columns):
            if row < len(lines):
                write_at(pdf, 54 + number * 172, 80 + 12 * row, lines[row])
    assert list(rendered(pdf).blocks) == texts


def test_columns_amid_a_page_are_found() -> None:
    """Columns are read one by one also where a heading and a short list below leave their gutter white."""
    pdf = document()
    pdf.add_page()
    texts = paragraphs(2, seed=4, words=(60, 60))
    write_at(pdf, 54, 60, "By Ann Author")
    for left, text in zip((54, 310), texts, strict=True):
        for row, line in enumerate(wrapped(pdf, text, 234)):
            write_at(pdf, left, 100 + 12 * row, line)
    for row in range(30):
        write_at(pdf, 54, 300 + 14 * row, f"Entry {row}")
    write_at(pdf, 400, 720, "Turku, in May")
    content = rendered(pdf).content
    places = [content.find(text) for text in ("By Ann Author", *texts, "Entry 0", "Turku")]
    assert places == sorted(places)
    assert places[0] == 0


def test_narrow_cells_of_ruled_tables_are_kept_apart() -> None:
    """A gap as narrow as a space parts cells where a ruling stands in it."""
    pdf = document()
    pdf.add_page()
    for x in (72, 122, 172):
        pdf.line(x, 100, x, 140)
    for y in (100, 120, 140):
        pdf.line(72, y, 172, y)
    for y, row in ((114, ("Name of it", "Value")), (134, ("Beta and C", "22"))):
        for x, cell in zip((74, 124), row, strict=True):
            write_at(pdf, x, y, cell)
    assert rendered(pdf).blocks == ("| Name of it | Value |\n| --- | --- |\n| Beta and C | 22 |",)


def test_running_headers_and_page_numbers_are_dropped() -> None:
    """What pages repeat at their edges, numbers aside, is no content; what one page has there is."""
    pdf = document()
    for number, text in enumerate(("Alpha text", "Beta text", "Gamma text"), start=1):
        pdf.add_page()
        write_at(pdf, 72, 40, f"Annual report {2020 + number}", 8)
        for row in range(4):
            write_at(pdf, 72, 90 + 40 * row, f"{text} paragraph {row} stands here.")
        write_at(pdf, 72, 750, f"Page {number} of 3" if number < 3 else "Printed in Turku", 8)
    content = rendered(pdf).content
    assert "report" not in content
    assert "Page" not in content
    assert content.endswith("Printed in Turku")
    assert content.count("paragraph") == 12


def test_headers_that_change_are_known_by_their_page_number() -> None:
    """A chapter's name with the number of the page runs, even where each page has another chapter."""
    pdf = document()
    for number, name in enumerate(("Masts", "Sails", "Ropes"), start=7):
        pdf.add_page()
        write_at(pdf, 72, 40, f"Chapter {name} {number}", 8)
        for row in range(4):
            write_at(pdf, 72, 90 + 40 * row, f"{name} paragraph {row} stands here.")
    content = rendered(pdf).content
    assert "Chapter" not in content
    assert content.count("paragraph") == 12


def test_a_sentence_that_ends_two_pages_stays() -> None:
    """What happens to end two pages is no footer."""
    pdf = document()
    for name in ("Masts", "Sails"):
        pdf.add_page()
        for row in range(4):
            write_at(pdf, 72, 90 + 40 * row, f"{name} paragraph {row} stands here.")
        write_at(pdf, 72, 740, "It gives zero on success.")
    assert rendered(pdf).content.count("It gives zero on success.") == 2


def test_titles_over_the_text_are_no_running_headers() -> None:
    """A big line at the top of a page is a heading although the next page's header repeats it."""
    pdf = document()
    for size in (20, 8, 8):
        pdf.add_page()
        write_at(pdf, 72, 60, "The Harbour", size)
        for row in range(4):
            write_at(pdf, 72, 110 + 40 * row, f"A paragraph {row} stands here.")
    assert rendered(pdf).content.count("The Harbour") == 1


def test_contents_are_a_list() -> None:
    """Dots that lead to page numbers become an ellipsis, entries become items, deeper ones nested."""
    dots = " . . . . . . . . . . . . "
    entries = [
        (72, 100, f"1 Masts{dots}3"),
        (90, 114, f"1.1 Tall masts{dots}4"),
        (72, 128, f"2 Sails{dots}9"),
    ]
    assert rendered(page_of(*entries)).blocks == ("* 1 Masts … 3\n  * 1.1 Tall masts … 4\n* 2 Sails … 9",)


def test_hyphens_at_line_ends_are_undone() -> None:
    """A broken word is one again; a compound that the page also has elsewhere keeps its hyphen."""
    read = rendered(
        page_of(
            (72, 100, "A well-known harbour has the consider-"),
            (72, 112, "able advantage that ships are well-"),
            (72, 124, "known there, as Franco-"),
            (72, 136, "German ones are."),
        )
    )
    assert read.blocks == (
        "A well-known harbour has the considerable advantage that ships are well-known there, "
        "as Franco-German ones are.",
    )


def test_headings_follow_sizes_and_the_outline() -> None:
    """The biggest text is the title, the outline gives levels, bold lines are the lowest headings."""
    pdf = document()
    pdf.add_page()
    write_at(pdf, 72, 80, "The whole title", 24, "B")
    for number, (title, level) in enumerate([("1 First", 0), ("1.1 Second", 1), ("2 Third", 0)]):
        pdf.set_y(150 + number * 150)
        pdf.start_section(title, level)
        write_at(pdf, 72, 150 + number * 150, title, 12, "B")
        for row in range(3):
            write_at(
                pdf, 72, 170 + number * 150 + 12 * row, "A line of text that is as long as any other line"
            )
    write_at(pdf, 72, 600, "A bold line", 10, "B")
    write_at(pdf, 72, 616, "is followed by its text.", 10)
    headings = [block for block in rendered(pdf).blocks if block.startswith("#")]
    assert headings == ["# The whole title", "## 1 First", "### 1.1 Second", "## 2 Third", "### A bold line"]


def test_lists_are_lists() -> None:
    """Bullets, deeper bullets and numbers, with items of several lines."""
    read = rendered(
        page_of(
            (72, 80, "Before the list there is a line that is longer than the items."),
            (82, 100, f"{BULLET} the first item goes on over the end of its line and so"),
            (90, 112, "has two lines"),
            (102, 124, f"{BULLET} a deeper item"),
            (82, 136, f"{BULLET} the last item"),
            (72, 170, "1. one"),
            (72, 182, "2. two"),
        )
    )
    assert read.blocks[1:] == (
        "* the first item goes on over the end of its line and so has two lines\n"
        "  * a deeper item\n"
        "* the last item",
        "1. one\n2. two",
    )


def test_links_come_from_annotations() -> None:
    """The linked words, and they alone, are a link."""
    pdf = document()
    pdf.add_page()
    pdf.set_xy(72, 72)
    pdf.write(12, "See (")
    pdf.write(12, "the project page", link="https://example.com/p?a=1&b=2")
    pdf.write(12, "), or ask.")
    read = rendered(pdf)
    assert read.blocks == ("See ([the project page](https://example.com/p?a=1&b=2)), or ask.",)
    assert read.links == (("the project page", "https://example.com/p?a=1&b=2"),)


ROWS = (
    ("Name", "Amount", "Note"),
    ("Alpha", "12", "a | pipe"),
    ("Beta", "7", "text in a cell"),
    ("Gamma", "", ""),
)


def test_ruled_tables_are_tables() -> None:
    """Rulings make cells, empty ones too, with what stands before and after in its place."""
    pdf = page_of((72, 72, "Before the table."), (72, 500, "After the table."))
    pdf.set_xy(72, 100)
    with pdf.table() as table:
        for row in ROWS:
            table.row(row)
    assert rendered(pdf).blocks == (
        "Before the table.",
        "| Name | Amount | Note |\n| --- | --- | --- |\n| Alpha | 12 | a \\| pipe |\n"
        "| Beta | 7 | text in a cell |\n| Gamma |  |  |",
        "After the table.",
    )


def test_rows_without_rulings_are_tables() -> None:
    """Three rows and more that share their gutters are a table."""
    rows = [("City", "People"), ("Oslo", "700000"), ("Turku", "190000")]
    lines = [(72 + 120 * n, 100 + 14 * at, cell) for at, row in enumerate(rows) for n, cell in enumerate(row)]
    read = rendered(page_of(*lines, (72, 300, "A closing line that is much longer than the cells.")))
    assert read.blocks[0] == "| City | People |\n| --- | --- |\n| Oslo | 700000 |\n| Turku | 190000 |"


def test_code_keeps_lines_and_indents() -> None:
    """Lines of a fixed-pitch font are a block of code."""
    lines = [(72, 100, "def f(x):"), (96, 112, "if x:"), (120, 124, "return 1")]
    assert rendered(page_of(*lines, family="Courier")).blocks == (
        "```\ndef f(x):\n    if x:\n        return 1\n```",
    )


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turned_text_is_read(rotation: int) -> None:
    """Pages whose text stands at a right angle are read like others."""
    pdf = document()
    pdf.add_page()
    with pdf.rotation(rotation, 300, 400):
        for row, words in enumerate(
            ("The first line of a paragraph goes on", "over a second line of text", "to here.")
        ):
            write_at(pdf, 200, 380 + 12 * row, words)
    assert rendered(pdf).blocks == (
        "The first line of a paragraph goes on over a second line of text to here.",
    )


def test_text_stays_text() -> None:
    """Characters that markdown would take for markup are escaped."""
    read = rendered(page_of((72, 100, "a *star* and [x](y) and # none")))
    assert read.blocks == ("a \\*star\\* and \\[x\\](y) and # none",)
