"""What only screen readers say: told by its class where no browser has looked."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.document import render
from reader_stream.document.concealed import concealed
from reader_stream.document.html import parse
from reader_stream.document.spoken import MOST_CHARS, is_spoken_class
from reader_stream.model import Capture, RenderOptions, RespondWith


def markdown(markup: str, *, composed: bool = False) -> str:
    """The whole page."""
    capture = Capture("http://a.test/", f"<body>{markup}</body>", composed=composed)
    return render(capture, RenderOptions(respond_with=(RespondWith.MARKDOWN,))).content


@pytest.mark.parametrize(
    "classes",
    [
        "sr-only", "btn sr-only", "u-sr-only", "wt-cli-sr-only", "mm-sronly", "srOnly", "SrOnly-module_x1",
        "u-srOnly", "sr-only-focusable", "nav__sr-only", "screen-reader-text", "screen-reader-only",
        "wprm-screen-reader-text", "visually-hidden", "visuallyhidden", "VisuallyHidden_a8F",
        "o-visuallyhidden", "hidden-visually", "u-hiddenVisually", "a11y-hidden", "accessibly-hidden",
        "show-for-sr", "slds-assistive-text", "element-invisible", "a-offscreen",
    ],
)  # fmt: skip
def test_names_of_frameworks_are_known(classes: str) -> None:
    """By themselves, beside others, with a prefix or a suffix, however words are joined."""
    assert is_spoken_class(classes)


@pytest.mark.parametrize(
    "classes",
    [
        "", "hidden", "sr", "screen-reader", "srt-only", "sr-onlyx", "hidden-xs", "hide", "reader-text",
        "field--label-visually_hidden",  # the field of a label that is
        "md:sr-only", "focus:visually-hidden",  # at times
        "sr-only not-sr-only", "sr-only md:not-sr-only", "sr-only focus:not-sr-only",
    ],
)  # fmt: skip
def test_other_names_are_not(classes: str) -> None:
    """Names of something else, and of what can be seen on some windows or in some state."""
    assert not is_spoken_class(classes)


@given(st.text(max_size=400))
def test_any_class_is_answered(classes: str) -> None:
    """Whatever a page writes there."""
    assert is_spoken_class(classes) in (True, False)


def test_what_only_screen_readers_say_is_left_out() -> None:
    """The text around stays; what was left out is counted like all that nobody sees."""
    text = (
        '<p>Read <a href="/b">the minutes<span class="sr-only"> (opens in a new window)</span></a> today.</p>'
    )
    assert markdown(text) == "Read [the minutes](http://a.test/b) today."
    told = render(Capture("http://a.test/", f"<body>{text}</body>"), RenderOptions()).metadata["hidden"]
    assert told["characters"] == len("(opens in a new window)")


def test_where_a_browser_has_looked_the_class_says_nothing() -> None:
    """It has told what can be seen: a style sheet may use such a name for something else."""
    assert markdown('<p class="sr-only">Seen after all</p>', composed=True) == "Seen after all"


def test_what_is_said_instead_of_signs_stays() -> None:
    """A price in one piece is kept, its digits that are laid out one by one are not."""
    digits = '<span aria-hidden="true"><b>$</b><b>19</b><b>99</b></span>'
    assert (
        markdown(f'<p>Now <span><span class="a-offscreen">$19.99</span>{digits}</span></p>') == "Now $19.99"
    )


def test_boxes_and_long_texts_stay() -> None:
    """Ticks of lists are drawn in their own way; a text of some length is shown at some time."""
    box = '<ul><li><input type="checkbox" class="sr-only" checked> Painted</li></ul>'
    assert "[x] Painted" in markdown(box)
    note = "The crane was sold. " * (MOST_CHARS // 10)
    assert "The crane was sold." in markdown(f'<p>See below.</p><div class="visually-hidden">{note}</div>')


@pytest.mark.parametrize(
    "markup",
    [
        lambda n: "<div>" + "<i class=sr-only>x</i>" * n + "</div>",
        lambda n: "<p class=sr-only>" * 200 + "<b>word</b>" * n,
        lambda n: f"<p class='{'a-' * n}sr-onlyx {'sr' * n}'>x</p>" * 20,
    ],
)
def test_time_grows_with_the_page(markup: Callable[[int], str]) -> None:
    """Four times the page takes about four times as long, whatever it repeats: nowhere near sixteen times."""

    def cost(size: int) -> float:
        root, best = parse(markup(size)), float("inf")
        for _ in range(3):
            start = time.process_time()
            list(concealed(root, []))
            best = min(best, time.process_time() - start)
        return best

    assert any(cost(8_000) < 8 * cost(2_000) for _ in range(3))  # a crowded machine may spoil one
