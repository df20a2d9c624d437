"""What a stream may be asked for besides the page: to end early, or to stay within a limit."""

from __future__ import annotations

from typing import Any

import pytest

from reader_stream.document import tokens
from tests.service import Service
from tests.site import Site
from tests.test_e2e_resume import PATCH, fold


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/hang-body", {"X-Engine": "http"}),
        ("/long-poll", {"X-Engine": "browser", "X-Wait-For-Selector": "#never"}),
    ],
    ids=["a download that stalls", "a page at rest"],
)
def test_a_page_that_rests_is_stable_enough(
    path: str, options: dict[str, str], service: Service, site: Site
) -> None:
    """Time alone makes a page stable: nothing has to happen for `stability>=` to be met."""
    headers = {**options, "X-Stop-When": "stability>=0.99", "X-Timeout": "20"}
    final = service.stream(site.url(path), headers)[-1].json()
    assert final["completeness"] == {"state": "partial", "reasons": ["stopped_by_client"]}
    assert "marker-" in final["content"]


@pytest.mark.parametrize("path", ["/article", "/noscript", "/encoding/koi8-r"])
def test_a_limit_that_is_large_enough_leaves_nothing_out(path: str, service: Service, site: Site) -> None:
    """What is withheld from a source while it is in doubt comes once the browser has confirmed it."""
    options = {**PATCH, "X-Engine": "browser", "X-No-Cache": "true"}
    messages = service.stream(site.url(path), {**options, "X-Max-Tokens": "2000"})
    final = messages[-1].json()
    assert final["completeness"]["state"] == "complete"
    assert fold(messages) == fold(service.stream(site.url(path), options))


@pytest.mark.parametrize("engine", ["http", "browser"])
def test_a_long_page_begins_with_its_beginning(engine: str, service: Service, site: Site) -> None:
    """The first event of a long page tells its first blocks, none of which is taken back later."""
    headers = {**PATCH, "X-Engine": engine, "X-No-Cache": "true"}
    messages = service.stream(f"{site.origin}/bench/large/{engine}", headers)
    first, whole = "\n\n".join(messages[0].json()["blocks"]), fold(messages) or ""
    assert "marker-part-3" in first
    assert len(first) < len(whole) / 3
    assert whole.startswith(first)


@pytest.mark.parametrize("mode", ["snapshot", "patch"])
@pytest.mark.parametrize("path", ["/article", "/chunked"])
def test_a_page_over_its_budget_is_refused_and_not_told(
    path: str, mode: str, service: Service, site: Site
) -> None:
    """What has more tokens than the client wants is not sent first and then refused."""
    url, options = site.url(path), {"X-Stream-Mode": mode, "X-Token-Budget": "20"}
    with service.open_stream(url, options) as stream:
        messages = list(stream)
    texts = [_told(message.json()) for message in messages]
    assert max(texts) <= 20
    assert (messages[-1].event, messages[-1].json()["name"]) == ("error", "BudgetExceededError")
    if not any(texts):
        assert (stream.status, messages[0].id.partition(":")[2]) == (409, "0")


@pytest.mark.parametrize("mode", ["snapshot", "patch"])
def test_a_page_within_its_budget_is_streamed(mode: str, service: Service, site: Site) -> None:
    """A budget that is large enough changes nothing."""
    url, options = site.url("/chunked"), {"X-Stream-Mode": mode, "X-Token-Budget": "100000"}
    assert fold(service.stream(url, options)) == fold(service.stream(url))


def _told(data: dict[str, Any]) -> int:
    """The tokens of all texts in the data of an event."""
    texts = [data[name] for name in ("content", "markdown", "text", "html") if name in data]
    texts += ["\n\n".join(data[name]) for name in ("blocks", "insert", "chunks") if name in data]
    return sum(map(tokens.count, texts))


@pytest.mark.parametrize("limit", [7, 100, 1500])
@pytest.mark.parametrize(
    "options",
    [{"X-Respond-With": "content,text,html"}, {"X-Markdown-Chunking": "true"}],
    ids=["several formats", "chunks"],
)
def test_a_patch_stream_stays_within_its_limit_with_all_that_is_asked_for(
    options: dict[str, str], limit: int, service: Service, site: Site
) -> None:
    """Further formats and chunks have what the content leaves of the limit."""
    headers = {**PATCH, **options, "X-Max-Tokens": str(limit)}
    messages = service.stream(site.url("/article"), headers)
    assert 0 < sum(_told(message.json()) for message in messages) <= limit
    final = messages[-1].json()
    if "chunks" in final:
        left_out = "chunks_left_out" in [warning["code"] for warning in final["warnings"]]
        assert left_out is not bool(final["chunks"])
    else:
        assert "truncated_tokens" in final["completeness"]["reasons"]
