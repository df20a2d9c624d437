"""Selector lists: what is split, taken, rewritten and refused."""

from __future__ import annotations

import pytest
from cssselect import HTMLTranslator
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.web.selectors import parse_selectors, split_list

LISTS = [
    ("a, b", ["a", "b"]),
    ("a:is(b, c), d", ["a:is(b, c)", "d"]),
    ("[a='x, y'], b", ["[a='x, y']", "b"]),
    ('[a="\\", x"], b', ['[a="\\", x"]', "b"]),
    ("a\\,b", ["a\\,b"]),
    ("a,", ["a", ""]),
    ("", [""]),
]


@pytest.mark.parametrize(("text", "parts"), LISTS)
def test_a_list_is_split_at_its_own_commas(text: str, parts: list[str]) -> None:
    """Commas inside parentheses, brackets, strings and escapes belong to the selector."""
    assert split_list(text) == parts


TAKEN = [
    "div > p + a ~ b c",
    "#id.class[attr=x i]",
    "a:has(> b)",
    "a:has(b, c)",
    "a:is(b, .c)",
    ":where(b, #c)",
    "li:nth-child(2n+1)",
    "p:first-of-type",
    "a:not(b c)",
    "[data-x*='~|']",
    "a:hover",
    "*",
    "a[href^='http:']",
]


@pytest.mark.parametrize("selector", TAKEN)
def test_modern_css_is_taken_as_it_is(selector: str) -> None:
    """What page and document room both know goes through unchanged."""
    assert parse_selectors([selector]) == (selector,)


REWRITTEN = [
    ("a:not(b, c d)", "a:not(b):not(c d)"),
    ("a:has(b:not(c, d))", "a:has(b:not(c):not(d))"),
    ("a:NOT(b, c):not(d)", "a:not(b):not(c):not(d)"),
    ("[a=':not(b, c)']", "[a=':not(b, c)']"),
]


@pytest.mark.parametrize(("selector", "same"), REWRITTEN)
def test_a_list_in_not_is_spread(selector: str, same: str) -> None:
    """`:not(a, b)` is written so that older engines understand it."""
    assert parse_selectors([selector]) == (same,)


REFUSED = [
    "",
    "a >",
    "a[",
    ":is()",
    "a || b",
    "&",
    "a::before",
    "a:after",
    "svg|a",
    "a[b!=c]",
    ":contains(x)",
]


@pytest.mark.parametrize("selector", REFUSED)
def test_what_one_engine_does_not_know_is_refused(selector: str) -> None:
    """Broken selectors and those that mean something to one engine only."""
    with pytest.raises(ValueError, match="selector"):
        parse_selectors([selector])


@pytest.mark.parametrize("selector", ["a " * 900 + "a", "a>" * 900 + "a", ":is(" * 400 + "a" + ")" * 400])
def test_depth_is_bounded(selector: str) -> None:
    """No selector overflows anybody's stack."""
    with pytest.raises(ValueError, match="too long"):
        parse_selectors([selector])


def test_the_number_is_bounded() -> None:
    """A list has an end."""
    with pytest.raises(ValueError, match="at most"):
        parse_selectors([",".join(f"a{n}" for n in range(101))])


ALPHABET = st.sampled_from([*"ab.#*[]()=,>+~ :\\'\"|!", ":not(", ":is(", ":has(", "::", ":nth-child("])


@given(st.lists(ALPHABET, max_size=30).map("".join))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """What is taken can be translated, and is taken unchanged the second time."""
    try:
        found = parse_selectors([text])
    except ValueError:
        return
    for selector in found:
        HTMLTranslator().css_to_xpath(selector)
    assert parse_selectors(found) == found
