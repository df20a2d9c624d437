"""/openapi.json: the contract for machines, built from the models and the options table that serve it."""

from __future__ import annotations

from inspect import getdoc
from typing import Any, get_args

from reader_stream import __version__
from reader_stream.errors import ReaderError
from reader_stream.model import ShotType
from reader_stream.web.accept import Representation
from reader_stream.web.openapi_options import option_schemas
from reader_stream.web.openapi_schemas import ANSWERS, Schema, ref, string
from reader_stream.web.params import OPTIONS, Option, title_case


def openapi(server_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 description of a service that is reached under `server_url`."""
    options = option_schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reader Stream",
            "version": __version__,
            "description": "Any URL as clean markdown, streamed while the page renders.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server_url}],
        "paths": _paths(),
        "components": {
            "schemas": {**ANSWERS, **options},
            "parameters": {_key(name): schema for name, schema in _headers(options).items()},
            "responses": _failures(),
        },
    }


def _headers(options: Schema) -> Schema:
    """Every header of the options table as a parameter."""
    return {
        name: _header(name, option, options)
        for option in OPTIONS
        for name in (title_case(header) for header in option.headers)
    }


def _header(name: str, option: Option, options: Schema) -> Schema:
    parent, _, leaf = option.body.rpartition(".")
    holder = options["MarkdownStyle"] if parent else options["ReadOptions"]
    schema = dict(holder["properties"][leaf])
    parameter: Schema = {"name": name, "in": "header", "description": schema.pop("description")}
    if option.many:
        schema = string("a comma list")
    if option.body == "doNotTrack":
        schema = string(enum=["0", "1"])
    return {**parameter, "schema": schema}


def _key(header: str) -> str:
    return header.replace("-", "")


def _failures() -> Schema:
    """One response for each HTTP status that an error of ours has."""
    kinds: dict[int, list[type[ReaderError]]] = {}
    for kind in ReaderError.__subclasses__():
        kinds.setdefault(kind.http, []).append(kind)
    return {f"Error{status}": _failure(same) for status, same in sorted(kinds.items())}


def _failure(kinds: list[type[ReaderError]]) -> Schema:
    about = " ".join(f"`{kind.__name__}` ({kind.status}): {getdoc(kind)}" for kind in kinds)
    response: Schema = {"description": about, "content": _content(ref("Error"))}
    if any(kind.retryable for kind in kinds):
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return response


def _content(json: Schema) -> Schema:
    """The same in every representation; what is not JSON is text to a schema."""
    return {
        kind.value: {"schema": json if kind is Representation.JSON else {"type": "string"}}
        for kind in Representation
    }


def _paths() -> Schema:
    target: Schema = {
        "name": "url",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "description": "the target as it is, query included; it may be percent-encoded as a whole",
    }
    read_id: Schema = {"name": "readId", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "/{url}": {
            "parameters": [target],
            "get": _read("read", "Read one URL"),
            "head": _read("readHead", "The same without a body"),
            "post": _read("readWithOptions", "Read one URL, options in the body", body=ref("ReadOptions")),
        },
        "/": {
            "get": _home(),
            "post": _read("readBody", "Read what the body says", body=_SELF_CONTAINED),
        },
        "/v1/reads/{readId}": {
            "parameters": [read_id],
            "get": _simple("readState", "How a read stands", ref("ReadState"), *_FAULTS_OF_ID),
            "delete": _simple("endRead", "End a read now", ref("ReadState"), *_FAULTS_OF_ID),
        },
        "/v1/shots/{shotId}": {
            "parameters": [{**read_id, "name": "shotId"}],
            "get": _shot(),
        },
        "/healthz": {"get": _simple("healthz", "The process is up", {"type": "object"})},
        "/readyz": {"get": _simple("readyz", "A page really renders", {"type": "object"}, 503)},
        "/metrics": {"get": _simple("metrics", "Prometheus exposition", None)},
        "/llms.txt": {"get": _simple("llms", "How to use it, for language models", None)},
        "/docs": {"get": _docs()},
        "/openapi.json": {"get": _simple("openapi", "This description", {"type": "object"})},
    }


_FAULTS_OF_ID = (404,)
_PICTURES: Schema = {f"image/{kind}": {} for kind in get_args(ShotType)}
# Without a URL in the path the body has to say what is read.
_SELF_CONTAINED: Schema = {
    "allOf": [ref("ReadOptions")],
    "anyOf": [{"required": [name]} for name in ("url", "html", "pdf", "file")],
}


def _shot() -> Schema:
    described = _simple("shot", "A picture of a page, for 10 minutes", {}, *_FAULTS_OF_ID)
    described["responses"]["200"]["content"] = _PICTURES
    return described


def _docs() -> Schema:
    described = _simple("docs", "Every option by example", None)
    kinds = ("text/html", "text/markdown", "text/plain")
    described["responses"]["200"]["content"] = {kind: {"schema": string()} for kind in kinds}
    return described


def _home() -> Schema:
    described = _simple("home", "How to use the service", {"type": "object"})
    described["responses"]["200"]["content"]["text/plain"] = {"schema": string()}
    return described


def _read(operation: str, summary: str, *, body: Schema | None = None) -> Schema:
    streamed = "A stream of `snapshot`, `patch`, then one `final` or `error` event; data as in the schemas"
    content = _content(ref("Answer"))
    content[Representation.EVENT_STREAM.value]["schema"]["description"] = streamed
    content |= _PICTURES
    tokens: Schema = {"schema": {"type": "integer"}, "description": "tokens of the content"}
    parameters = [
        {"$ref": f"#/components/parameters/{_key(title_case(header))}"}
        for option in OPTIONS
        for header in option.headers
    ]
    last_event = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}}
    described: Schema = {
        "operationId": operation,
        "summary": summary,
        "parameters": [*parameters, {**last_event, "description": "go on with an event stream from here"}],
        "responses": {
            "200": {"description": "the document", "headers": {"X-Usage-Tokens": tokens}, "content": content},
            "204": {"description": "Last-Event-ID is the last event: there is nothing more"},
            **{name.removeprefix("Error"): _failure_ref(name) for name in _failures() if name != "Error404"},
        },
    }
    if body:
        kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
        content = {kind: {"schema": body} for kind in kinds}
        files = {"pdf": "application/pdf", "file": "application/octet-stream"}
        content["multipart/form-data"]["encoding"] = {k: {"contentType": v} for k, v in files.items()}
        described["requestBody"] = {"content": content}
    return described


def _simple(operation: str, summary: str, schema: Schema | None, *faults: int) -> Schema:
    kind = "application/json" if schema else "text/plain"
    content = {kind: {"schema": schema or {"type": "string"}}}
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {
            "200": {"description": summary, "content": content},
            **{str(fault): _failure_ref(f"Error{fault}") for fault in faults},
        },
    }


def _failure_ref(name: str) -> Schema:
    return {"$ref": f"#/components/responses/{name}"}
