"""Pages that leave `<body>` to the parser, as HTML allows."""

from __future__ import annotations

import pytest

from reader_stream.document.html import body_of, parse

CASES = (
    "<!doctype html><title>T</title><main><p>one</p><p>two</p></main>",
    "<title>T</title><link rel=x><article>one</article><section>two</section>",
    "<html><head><title>T</title></head><main>one</main><p>two</p></html>",
    "<title>T</title><main>one</main> two",
    "<meta charset=utf-8><style>a{}</style><x-app>one</x-app><p>two</p><script>s()</script>",
)


@pytest.mark.parametrize("source", CASES)
def test_content_without_body_tag_is_in_the_body(source: str) -> None:
    """Elements that libxml2 does not know begin the body, in their order, and none stays in the head."""
    root = parse(source)
    head = root.find("head")
    assert head is not None
    assert not {"one", "two"} & set("".join(head.itertext()).split())
    text = "".join(str(t) for t in body_of(root).itertext())
    assert text.index("one") < text.index("two")


@pytest.mark.parametrize(
    ("source", "tags", "text"),
    [
        ("<picture><source>a<source>b<img>c</picture>d", ["picture", "source", "source", "img"], "abcd"),
        ("<video><source><track>a<b>b</b> c</video>d", ["video", "source", "track", "b"], "ab cd"),
        ("<source>a", ["source"], "a"),
    ],
)
def test_void_elements_hold_nothing(source: str, tags: list[str], text: str) -> None:
    """What follows a `<source>` or `<track>` stands beside it, not in it (HTML, 13.1.2)."""
    body = body_of(parse(source))
    assert [element.tag for element in body.iterdescendants()] == tags
    assert "".join(body.itertext()) == text
    assert all(element.text is None and len(element) == 0 for element in body.iter("source", "track"))


def test_terms_and_definitions_end_where_the_next_begins() -> None:
    """Their end tags may be left out (HTML, 4.4.9), and nothing of a long list is lost."""
    body = body_of(
        parse("<dl>" + "".join(f"<dt>t{n}<dt>u{n}<dd>d{n}<dd>e{n}" for n in range(300)) + "</dl>z")
    )
    assert [element.tag for element in body[0]] == ["dt", "dt", "dd", "dd"] * 300
    assert body[0].tail == "z"
