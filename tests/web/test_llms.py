"""/llms.txt."""

from __future__ import annotations

from reader_stream.web.llms import llms_txt
from reader_stream.web.params import OPTIONS


def test_it_names_the_address_and_every_option() -> None:
    """A language model that reads it knows where to ask and what it may ask for."""
    text = llms_txt("http://reader.test")
    assert text.startswith("# Reader Stream\n\n> ")
    assert "`GET http://reader.test/https://example.com/page`" in text
    assert all(f"`{option.body}`" in text for option in OPTIONS if option.headers)
