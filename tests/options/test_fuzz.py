"""Schemathesis asks the running service what /openapi.json allows, and more: no 500, nothing undocumented.

The examples are the same in every run. What is generated waits at most a second and goes nowhere: names do
not resolve, addresses are forbidden.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from reader_stream.stream.sse import Decoder
from reader_stream.web.openapi import openapi
from tests.service import SSE, Service

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
OURS = {501, 503}
"""Statuses from 500 on that are documented: a feature that is off, no room."""

DESCRIPTION = openapi("http://localhost")
CONTRACT = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS: dict[str, Any] = {
    each.ok().label: each.ok() for each in CONTRACT.get_all_operations() if isinstance(each, Ok)
}
ACCEPT = [None, "application/json", "text/plain", "text/markdown", "image/webp"]
READS = ("POST /", "GET /{url}", "POST /{url}")
EXAMPLES, FEWER_EXAMPLES = 40, 5
RIGHT, WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
# What has no parameters cannot be asked wrongly.
KINDS = [*((label, RIGHT) for label in OPERATIONS), *((label, WRONG) for label in READS)]

TAME: dict[str, Any] = {
    "html": "<title>A page</title><main><h1>One</h1><p>Some <a href=/x>words</a>.</p></main>",
    "targetSelector": "p, h1",
    "waitForSelector": "p",
    "removeSelector": "nav",
    "setCookies": "a=b",
    "stopWhen": "text:words",
    "customHeader": {"X-Mine": "1"},
    "timeout": 3,
}
WILD = ("url", "pdf", "file", "cursor", "proxyUrl", "injectPageScript", "injectFrameScript", "tokenBudget")


def bounded(examples: int) -> settings:
    """The same examples in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def quick(case: Any) -> None:
    """Let nothing wait for long: the time limit is tried in a table of its own."""
    for name in [name for name in case.headers or {} if name.lower() == "x-timeout"]:
        del case.headers[name]
    if isinstance(case.body, dict):
        case.body["timeout"] = 1


@pytest.mark.parametrize(("label", "mode"), KINDS, ids=str)
def test_every_answer_is_as_documented(label: str, mode: Any, service: Service) -> None:
    """Status, media type, header fields and body, of requests that fit the description and that do not."""

    @bounded(EXAMPLES if label in READS else FEWER_EXAMPLES)
    @given(OPERATIONS[label].as_strategy(generation_mode=mode), st.sampled_from(ACCEPT))
    def ask(case: Any, accept: str | None) -> None:
        quick(case)
        headers = {"Accept": accept} if accept else None
        response = case.call(base_url=service.base, headers=headers, timeout=120)
        assert response.status_code < 500 or response.status_code in OURS, response.text
        case.validate_response(response, checks=CHECKS)

    ask()


def tamed(body: Any) -> dict[str, Any]:
    """What was generated, with options that any text would break set to something good."""
    kept = {name: value for name, value in body.items() if name not in WILD} if isinstance(body, dict) else {}
    return {**kept, **{name: value for name, value in TAME.items() if name in {*kept, "html", "timeout"}}}


def test_options_that_fit_together_are_read(service: Service) -> None:
    """Whatever combination of options: a page that can be read is read, or a clear 400 says why not."""
    seen: set[int] = set()

    @bounded(2 * EXAMPLES)
    @given(OPERATIONS["POST /"].as_strategy(generation_mode=RIGHT), st.sampled_from(ACCEPT))
    def ask(case: Any, accept: str | None) -> None:
        case.body, case.headers, case.media_type = tamed(case.body), {}, "application/json"
        headers = {"Accept": accept} if accept else None
        response = case.call(base_url=service.base, headers=headers, timeout=120)
        assert response.status_code in {200, 400, 422, 501}, response.text
        seen.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()
    assert {200, 400} <= seen


EVENTS = {"snapshot": "Snapshot", "patch": "Patch", "final": "Final", "error": "Error"}


def validators() -> dict[str, Draft202012Validator]:
    """The schema of each event's data."""
    text = json.dumps(DESCRIPTION["components"]["schemas"])
    schemas = {"$defs": json.loads(text.replace("#/components/schemas/", "#/$defs/"))}
    return {
        kind: Draft202012Validator({**schemas, "$ref": f"#/$defs/{name}"}) for kind, name in EVENTS.items()
    }


def test_every_event_is_as_documented(service: Service) -> None:
    """The data of events fit their schemas, and one last event ends the stream."""
    known = validators()
    seen: set[str] = set()

    @bounded(EXAMPLES)
    @given(OPERATIONS["POST /"].as_strategy(generation_mode=RIGHT), st.sampled_from(["snapshot", "patch"]))
    def ask(case: Any, mode: str) -> None:
        answer = service.post({**tamed(case.body), "streamMode": mode}, SSE)
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        messages = list(Decoder().feed(answer.body))
        for message in messages:
            known[message.event].validate(message.json())
        ends = [message.event in ("final", "error") for message in messages]
        assert ends == [False] * (len(ends) - 1) + [True]
        seen.update(message.event for message in messages)

    ask()
    assert seen >= {"snapshot", "final", "error"}
