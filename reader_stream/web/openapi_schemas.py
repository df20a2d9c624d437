"""What the answers look like, as JSON Schema (2020-12, as OpenAPI 3.1 wants it)."""

from __future__ import annotations

from typing import Any

from reader_stream.model import Completeness, Phase, Reason

Schema = dict[str, Any]


def string(about: str = "", **more: Any) -> Schema:
    """A string."""
    return {"type": "string", **({"description": about} if about else {}), **more}


def integer(about: str, minimum: int = 0) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": minimum, "description": about}


def record(properties: Schema, required: list[str] | None = None, about: str = "") -> Schema:
    """An object; every property is required unless they are named."""
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }
    return {**schema, "description": about} if about else schema


def array(items: Schema, about: str = "") -> Schema:
    """A list."""
    return {"type": "array", "items": items, **({"description": about} if about else {})}


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT_MAP: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_PAIRS: Schema = array({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2})

_DOCUMENT: Schema = {
    "title": string(),
    "description": string(),
    "url": string("where the document was found, after redirects"),
    "content": string("markdown of the main content"),
    "markdown": string("markdown of the whole page, with respondWith `markdown`"),
    "html": string("with respondWith `html`"),
    "text": string("with respondWith `text`"),
    "screenshotUrl": string("with respondWith `screenshot`: where the picture is for 10 minutes"),
    "pageshotUrl": string("with respondWith `pageshot`: the same"),
    "publishedTime": string(),
    "numPages": integer("pages of a PDF"),
    "chunks": array({"type": "string"}, "with markdownChunking"),
    "links": {
        "description": "`{text: href}`; with withLinksSummary `all` a list of `[text, href]`",
        "anyOf": [_TEXT_MAP, _PAIRS],
    },
    "images": {**_TEXT_MAP, "description": '`{"Image 1: alt": url}`'},
    "metadata": {
        "type": "object",
        "properties": {
            "hidden": {
                "type": "object",
                "description": "text left out because no visitor sees it; absent where there is none",
                "properties": {
                    "characters": {"type": "integer", "description": "on the whole page"},
                    "blocks": {
                        "type": "array",
                        "description": "of it, what stood beside a block of the answer",
                        "items": {
                            "type": "object",
                            "properties": {"index": {"type": "integer"}, "characters": {"type": "integer"}},
                        },
                    },
                },
            }
        },
    },
    "warnings": array(record({"code": string(), "message": string()})),
    "completeness": record(
        {
            "state": string(enum=[state.value for state in Completeness]),
            "reasons": array({"type": "string", "enum": [reason.value for reason in Reason]}),
        },
        about="how whole the document is",
    ),
    "cache": record({"hit": {"type": "boolean"}, "age": {"type": "number", "description": "seconds"}}),
    "usage": record({"tokens": integer("tokens of the content")}),
    "next": string("the cursor to go on from, where maxTokens cut"),
}
_ALWAYS = ["title", "description", "url", "metadata", "warnings", "completeness", "usage"]

_VERSION: Schema = integer("number of the event in its read")
_PROGRESS: Schema = record(
    {
        "phase": string(enum=[phase.value for phase in Phase]),
        "stability": {"type": "number", "minimum": 0, "maximum": 1},
        "pending": integer("requests of the page under way"),
    }
)

ANSWERS: Schema = {
    "Document": record(_DOCUMENT, _ALWAYS),
    "Answer": record(
        {
            "code": {"const": 200},
            "status": {"const": 20000},
            "data": ref("Document"),
            "meta": record({"usage": record({"tokens": integer("tokens of the content")})}),
        }
    ),
    "Snapshot": record(
        {
            "title": string(),
            "url": string(),
            "content": string("the markdown so far (or html, text, markdown as asked)"),
            "blocks": array({"type": "string"}, "in patch mode instead of the content"),
            "version": _VERSION,
            "elapsed": integer("milliseconds since the read began"),
            "progress": _PROGRESS,
        },
        ["title", "url", "version", "elapsed", "progress"],
        "data of the event `snapshot`: the document so far",
    ),
    "Patch": record(
        {
            "version": _VERSION,
            "base": integer("the version whose blocks are changed"),
            "start": integer("index of the first block that is dropped or moved"),
            "delete": integer("number of blocks dropped from `start` on"),
            "insert": array({"type": "string"}, "blocks put at `start`"),
            "progress": _PROGRESS,
        },
        about="data of the event `patch` (X-Stream-Mode: patch)",
    ),
    "Final": {
        "description": "data of the event `final`: the document; without content in patch mode",
        "allOf": [
            ref("Document"),
            record({"version": _VERSION, "sha256": string("of the content, hexadecimal")}),
        ],
    },
    "Error": record(
        {
            "data": {"type": "null"},
            "code": integer("the HTTP status", 400),
            "status": integer("the status of this interface", 40000),
            "name": string(),
            "message": string(),
            "readableMessage": string(),
            "path": string("body name of the option at fault"),
            "retryable": {"type": "boolean"},
            "retryAfter": integer("seconds"),
            "requestId": string("of the request that failed, as in `X-Request-Id` and the log"),
        },
        ["data", "code", "status", "name", "message", "readableMessage", "retryable"],
    ),
    "ReadState": record(
        {
            "id": string(),
            "state": string(),
            "version": _VERSION,
            "watchers": integer("clients that take its events"),
            "progress": {"anyOf": [{"type": "null"}, {"type": "object"}]},
        }
    ),
}
