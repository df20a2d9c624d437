"""The beginning of a long page: where it ends, and which pages have one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader_stream.document.beginning import BEGINNING_BYTES, LAST_BLOCK_BYTES, LONG_BYTES, beginning_of

PARAGRAPH = b"<p>" + b"word " * 40 + b"</p>\n"
LONG = PARAGRAPH * (LONG_BYTES // len(PARAGRAPH) + 2)


def test_a_beginning_ends_with_a_block() -> None:
    """No paragraph is cut, so that none is told in part."""
    beginning = beginning_of(LONG)
    assert beginning is not None
    assert beginning.endswith(b"</p>")
    assert LONG.startswith(beginning)
    assert BEGINNING_BYTES - LAST_BLOCK_BYTES < len(beginning) <= BEGINNING_BYTES


def test_a_page_that_is_not_long_has_none() -> None:
    """The whole comes soon enough."""
    assert beginning_of(LONG[:LONG_BYTES]) is None
    assert beginning_of(b"") is None


def test_scripts_do_not_count() -> None:
    """A page is as long as its markup, and its beginning reaches beyond what stands before the first word."""
    script = b"<SCRIPT>" + b"x = 1;" * LONG_BYTES + b"</script>"
    assert beginning_of(script + PARAGRAPH) is None
    beginning = beginning_of(script + LONG)
    assert beginning is not None
    assert beginning.count(b"</p>") > BEGINNING_BYTES // len(PARAGRAPH) - 3


def test_a_text_without_blocks_is_cut_anywhere() -> None:
    """A beginning that ends in a word is better than none."""
    assert beginning_of(b"word " * LONG_BYTES) == (b"word " * LONG_BYTES)[:BEGINNING_BYTES]


def test_an_element_that_never_ends_hides_the_rest() -> None:
    """As it does from a parser."""
    assert beginning_of(b"<style>" + LONG) is None


@given(
    st.lists(st.sampled_from([b"<script>", b"</script>", b"<style", b"<svg>", b"</svg>", PARAGRAPH * 200]))
)
def test_a_beginning_is_a_beginning(parts: list[bytes]) -> None:
    """Whatever the source is, its beginning is the first part of it, and shorter."""
    body = b"".join(parts)
    beginning = beginning_of(body)
    assert beginning is None or (body.startswith(beginning) and len(beginning) < len(body))
