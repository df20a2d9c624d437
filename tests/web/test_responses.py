"""The representations of a finished read and of a failure."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from reader_stream.errors import (
    ParamValidationError,
    RateLimitTriggeredError,
    ReaderError,
)
from reader_stream.stream.sse import Decoder
from reader_stream.web.accept import Representation
from reader_stream.web.responses import answer, failure, to_json, to_markdown, to_text

DATA: dict[str, Any] = {
    "title": "A\n title",
    "url": "https://e.com/a",
    "description": "",
    "content": "# A\n\ntext",
    "publishedTime": "2024-01-02",
    "numPages": 3,
    "warnings": [
        {"code": "http_error", "message": "The target answered 404."},
        {"code": "x", "message": "y"},
    ],
    "images": {"Image 1: a [b]": "https://e.com/i (1).png"},
    "links": {"home": "https://e.com/"},
    "usage": {"tokens": 7},
}

LAYOUT = """\
Title: A title

URL Source: https://e.com/a

Published Time: 2024-01-02

Warning: The target answered 404.
Warning: y

Number of Pages: 3

Markdown Content:
# A

text

Images:
- ![Image 1: a \\[b\\]](https://e.com/i%20%281%29.png)

Links/Buttons:
- [home](https://e.com/)
"""


def test_text_has_all_blocks_in_the_order_of_the_contract() -> None:
    """Everything that a document has is told, one blank line between the blocks."""
    assert to_text(DATA) == LAYOUT


def test_text_leaves_absent_blocks_out() -> None:
    """A document with a URL only has two blocks."""
    assert to_text({"url": "https://e.com/", "content": ""}) == (
        "URL Source: https://e.com/\n\nMarkdown Content:\n\n"
    )


@pytest.mark.parametrize("field", ["html", "text"])
def test_html_and_text_are_bare(field: str) -> None:
    """Where html or text was asked for, the text answer is that body and nothing else."""
    data = {"title": "t", "url": "u", field: "<p>x"}
    assert to_text(data) == to_markdown(data) == "<p>x"


def test_links_may_repeat_when_all_were_asked_for() -> None:
    """A list of pairs keeps every link."""
    text = to_text({"url": "u", "content": "c", "links": [["a", "x"], ["a", "x"]]})
    assert text.endswith("Links/Buttons:\n- [a](x)\n- [a](x)\n")


def test_chunks_are_joined_by_a_group_separator() -> None:
    """Chunked text can be split again."""
    assert to_markdown({"content": "a\n\nb", "chunks": ["a", "b"]}) == "a\n\n\x1db"


def test_markdown_is_the_content_byte_for_byte() -> None:
    """Nothing is added to bare markdown, not even a line break."""
    assert to_markdown(DATA) == DATA["content"]


def test_json_is_an_envelope_around_the_data() -> None:
    """Code, status and usage stand around the document."""
    told = orjson.loads(to_json(DATA))
    assert told == {"code": 200, "status": 20000, "data": DATA, "meta": {"usage": {"tokens": 7}}}


@pytest.mark.parametrize("representation", list(Representation))
def test_every_answer_says_what_it_depends_on_and_costs(representation: Representation) -> None:
    """Vary, tokens and a media type that no browser runs are on every answer."""
    response = answer(DATA, representation)
    assert response.status_code == 200
    assert response.headers["vary"] == "Accept"
    assert response.headers["x-usage-tokens"] == "7"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-type"].startswith(representation.value)


FAILURES: list[ReaderError] = [
    ParamValidationError("timeout must be a number", path="timeout"),
    RateLimitTriggeredError("too many reads", retry_after=9),
]


@pytest.mark.parametrize("error", FAILURES)
@pytest.mark.parametrize("representation", list(Representation))
def test_a_failure_has_its_status_in_every_representation(
    error: ReaderError, representation: Representation
) -> None:
    """Status, message, option and waiting time are told in all of them."""
    response = failure(error, representation, "r1")
    body = bytes(response.body).decode()
    assert response.status_code == error.http
    assert response.headers["vary"] == "Accept"
    assert error.message in body
    assert str(error.status) in body
    if error.retry_after:
        assert response.headers["retry-after"] == "9"
        assert "9" in body


def test_a_failed_stream_has_one_error_event() -> None:
    """Before any snapshot the error is the event `<read id>:0`, with the same object as in JSON."""
    response = failure(FAILURES[0], Representation.EVENT_STREAM, "r1")
    (message,) = Decoder().feed(bytes(response.body))
    assert (message.id, message.event, message.json()) == ("r1:0", "error", FAILURES[0].to_dict())


def test_a_failed_stream_is_not_held_back_by_proxies() -> None:
    """The headers of a stream are those of every stream, however early it ends."""
    response = failure(ParamValidationError("no"), Representation.EVENT_STREAM, "r1")
    assert (response.headers["x-accel-buffering"], response.headers["cache-control"]) == ("no", "no-store")


def test_an_error_as_text_is_readable() -> None:
    """A human sees the name, the message and the option at fault."""
    body = bytes(failure(FAILURES[0], Representation.TEXT, "r1").body).decode()
    assert body == (
        "Error: ParamValidationError: timeout must be a number\nCode: 400\nStatus: 40001\nOption: timeout\n"
    )
