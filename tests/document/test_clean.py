"""The passes over the tree."""

from __future__ import annotations

import pytest

from reader_stream.document.clean import Cleaning, clean, select
from reader_stream.document.clean_hidden import drop_hidden
from reader_stream.document.html import parse
from reader_stream.document.tree import drop, unwrap
from reader_stream.errors import ParamValidationError

LONG = "A sentence that is long enough to be a text of its own. " * 8


def cleaned(markup: str, cleaning: Cleaning | None = None) -> str:
    """The text left of a page."""
    cleaning = cleaning or Cleaning()
    root = parse(f"<body>{markup}</body>")
    clean(root, cleaning)
    drop_hidden(root, composed=cleaning.composed)
    return " ".join("".join(root.itertext()).split())


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a<script>x</script>b<style>y</style>c", "abc"),
        ("<template><p>x</template>a", "a"),
        ("<div><template shadowrootmode=open><p>x</p></template></div>", "x"),
        ("<p hidden>x</p><p>abc", "abc"),
        ("<p hidden=until-found>x</p>", "x"),
        ("<p style='color:red; DISPLAY : none'>x</p>abc", "abc"),
        ("<p style='visibility:hidden'>x</p>abc", "abc"),
        ("<i aria-hidden=true>x</i>abc", "abc"),
        ("<script type='math/tex'>x^2</script>", "x^2"),
        (f"<noscript>{LONG}</noscript><p>short", LONG + "short"),
        ("<noscript>Turn on JavaScript</noscript><p>short", "Turn on JavaScriptshort"),
        (f"<main style='display:none'>{LONG}</main>abc", "abc"),
        (f"<main style='display:none'>{LONG}</main>abc<script src=a.js></script>", LONG + "abc"),
    ],
)
def test_passes(markup: str, text: str) -> None:
    """What browsers do not show goes, what a static page merely fades in stays."""
    assert cleaned(markup) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "opened"), [(LONG, True), (f"<p>{LONG}</p>", True), (f"\n&lt;p>{LONG}&lt;/p>", False)]
)
def test_noscript_of_a_page_whose_scripts_ran(text: str, opened: bool) -> None:
    """A page that a browser wrote after its scripts ran has markup as text there: that is no content."""
    root = parse(f"<body><noscript>{text}</noscript><p>short</body>")
    clean(root, Cleaning())
    assert (root.find(".//noscript") is None) is opened


def test_marks_of_the_tab_are_obeyed() -> None:
    """In a composed capture the tab's word counts, not the style attribute."""
    page = "<p data-rs-hidden>a</p><p style='display:none'>b</p><noscript>c</noscript>"
    assert cleaned(page, Cleaning(composed=True)) == "b"


def test_remove_selector() -> None:
    """The client's selectors take their elements out, not the text after them."""
    assert cleaned("<p class=x>a</p>b<i>c</i>", Cleaning(remove_selector=(".x, i",))) == "b"


def test_headings_by_role() -> None:
    """Of the level that they tell, within HTML's six; of level 2 without one (WAI-ARIA)."""
    told = ("aria-level=3", "aria-level=9", "aria-level=0", "aria-level=x", "")
    root = parse("".join(f"<div role=heading {level}>a</div>" for level in told) + "<li role=heading>b</li>")
    clean(root, Cleaning())
    assert [element.tag for element in root[0]] == ["h3", "h6", "h1", "h2", "h2", "li"]


def test_frames_are_quoted_on_request() -> None:
    """A frame's body becomes a quotation."""
    root = parse("<div data-rs-frame='http://b.test/'><p>a</p></div>")
    clean(root, Cleaning(composed=True, quote_frames=True))
    assert root.find(".//blockquote/p") is not None


def test_remove_overlay() -> None:
    """Cookie walls and modals go on request, unless they are most of the page."""
    page = f"<p>{LONG}</p><div class='cookie-banner'>We use cookies</div><div role=dialog>Join</div>"
    assert cleaned(page, Cleaning(remove_overlay=True)) == LONG.strip()
    assert "cookies" in cleaned(
        "<div class='cookie-banner'>We use cookies</div>", Cleaning(remove_overlay=True)
    )


def test_bad_selector_is_the_clients_fault() -> None:
    """A selector that cannot be read is a 400 that names the option."""
    with pytest.raises(ParamValidationError) as error:
        select(parse("<p>"), ("p[",), path="targetSelector")
    assert error.value.path == "targetSelector"


def test_select_in_document_order_without_nested() -> None:
    """Matches come in document order, and none from inside another."""
    root = parse("<b id=1></b><p id=2><b id=3></b></p><b id=4></b>")
    assert [e.get("id") for e in select(root, ("p", "b"), path="targetSelector")] == ["1", "2", "4"]


def test_drop_and_unwrap_keep_the_text_around() -> None:
    """Neither loses the text before or after an element."""
    root = parse("<p>a<b>b<i>c</i>d</b>e</p>")
    unwrap(root.find(".//b"))
    assert "".join(root.itertext()) == "abcde"
    drop(root.find(".//i"))
    assert "".join(root.itertext()) == "abde"
