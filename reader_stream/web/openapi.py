"""/openapi.json: the contract for machines, built from the models and the options table that serve it."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import getdoc
from typing import Any, get_args

from reader_stream import __version__
from reader_stream.errors import ReaderError
from reader_stream.model import ReadOptions, RespondWith, ShotType
from reader_stream.web.accept import Representation
from reader_stream.web.openapi_schemas import ANSWERS, Schema, array, record, ref, string
from reader_stream.web.params import OPTIONS, Option, title_case

ABOUT: Mapping[str, str] = {
    "url": "the page; no scheme means https",
    "html": "the page itself; `url` is its base",
    "pdf": "a PDF, as multipart file or base64",
    "file": "a file whose type is sniffed, as multipart file or base64",
    "pdfPassword": "opens an encrypted PDF",
    "respondWith": "what to answer with; several joined by `+` or `,` in JSON and event streams "
    "only; pictures are PNG, or image/jpeg or image/webp as Accept says",
    "engine": "`auto` takes plain HTTP when the static page is clearly whole (`curl`, `direct` = `http`)",
    "timeout": "seconds that the page may take",
    "respondTiming": "when the read counts as settled",
    "targetSelector": "only these elements, in document order, in pictures too; implies waiting for them",
    "waitForSelector": "all of these must appear",
    "removeSelector": "dropped before anything else, from pictures too",
    "withIframe": "frames at any depth, in place; `quoted`: as quotations",
    "withShadowDom": "shadow roots, open and closed, composed",
    "removeOverlay": "drops cookie walls and modals, from pictures too",
    "retainImages": "`alt`: only the alternative text; `all_p`, `alt_p`: with captions as withGeneratedAlt",
    "retainLinks": "`none` keeps the anchor's text out, `text` keeps only it, `gpt-oss` cites",
    "withLinksSummary": "the links at the end, unique by href; `all`: every one",
    "withImagesSummary": "the images at the end",
    "withGeneratedAlt": "captions for images without alternative text; implies `all_p`; off (501) unless the "
    "service has a READER_CAPTION_URL",
    "keepImgDataUrl": "keeps `data:` images",
    "noGfm": "plain markdown; `table`: only tables stay HTML",
    "markdown": "how the markdown is written",
    "markdown.headingStyle": "style of headings",
    "markdown.hr": "the thematic break",
    "markdown.bulletListMarker": "marker of list items",
    "markdown.emDelimiter": "around emphasis",
    "markdown.strongDelimiter": "around strong emphasis",
    "markdown.linkStyle": "how links are written",
    "markdown.linkReferenceStyle": "how references are written",
    "markdownChunking": "splits at headings down to a level (`true`: h3); `s…` repeats the headings above",
    "setCookies": "cookies for the page, in Set-Cookie syntax; such a read is neither cached nor shared",
    "proxyUrl": "the way out: http, https, socks4 or socks5 URL",
    "userAgent": "the page sees this user agent",
    "locale": "Accept-Language and navigator.language",
    "referer": "the page sees this referer",
    "viewport": "size of the window",
    "injectPageScript": "run in the page before its own scripts: code, or a URL of it; off (501) unless the "
    "service was started with READER_ALLOW_SCRIPTS=true",
    "injectFrameScript": "the same in each frame, the page's main one included",
    "customHeader": "headers for the target's origin",
    "noCache": "read anew",
    "cacheTolerance": "seconds that a cached answer may be old; 0: read anew",
    "doNotTrack": "the result is not stored",
    "robotsTxt": "obey robots.txt for this user agent",
    "base": "base of relative URLs when redirected",
    "tokenBudget": "more tokens than that is an error",
    "maxTokens": "cut at the border of a block",
    "streamMode": "whole snapshots or patches",
    "stopWhen": "end early: `stability>=0.9`, `tokens>=2000`, `selector:CSS` or `text:WORDS`",
    "cursor": "`next` of an answer that maxTokens cut: go on from there",
}

_LIST: Schema = {"anyOf": [string("a comma list"), array({"type": "string"})]}
_SCRIPTS: Schema = {"anyOf": [string(), array({"type": "string"})]}
_FILE: Schema = {"type": "string", "contentEncoding": "base64"}
_FORMAT = f"({'|'.join(RespondWith)})"
_LEVELS = [kind + level for kind in "hs" for level in "12345"]
# Where the wire is wider than the model after validation.
_WIRE: Mapping[str, Schema] = {
    "url": string(),
    "html": string(),
    "pdf": _FILE,
    "file": _FILE,
    "respondWith": {
        "anyOf": [
            string("one, or several joined by `+` or `,`", pattern=f"^{_FORMAT}( *[+,] *{_FORMAT})*$"),
            array(ref("RespondWith")),
        ],
        "default": "content",
    },
    "engine": string(enum=["auto", "browser", "http", "curl", "direct"], default="auto"),
    "targetSelector": _LIST,
    "waitForSelector": _LIST,
    "removeSelector": _LIST,
    "setCookies": _LIST,
    "injectPageScript": _SCRIPTS,
    "injectFrameScript": _SCRIPTS,
    "customHeader": {"type": "object", "additionalProperties": {"type": "string"}},
    "locale": string(pattern="^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,7}$"),
    "referer": string(pattern="^[Hh][Tt][Tt][Pp][Ss]?://[!-.0-~][!-~]*$"),
    "userAgent": string(pattern="^[ -~]*[!-~][ -~]*$"),
    "robotsTxt": string(pattern="^[ -~]*[!-~][ -~]*$"),
    "cursor": string(pattern="^[!-~]+$"),
    "proxyUrl": string(pattern="^(http|https|socks4|socks5)://[!-~]+$"),
    "markdownChunking": {"enum": [True, False, "true", "structured", *_LEVELS]},
    "stopWhen": string(pattern="^(stability *>= *[0-9.]+|tokens *>= *[0-9]+|selector:.+|text:.+)$"),
}


def openapi(server_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 description of a service that is reached under `server_url`."""
    options = _options()
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


def _options() -> Schema:
    """`ReadOptions` and what it refers to, as the wire has it."""
    model = ReadOptions.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    schemas: Schema = {name: _clean(schema) for name, schema in model.pop("$defs").items()}
    properties = {name: _described(name, _clean(schema)) for name, schema in model["properties"].items()}
    for name, schema in schemas["MarkdownStyle"]["properties"].items():
        schema["description"] = ABOUT[f"markdown.{name}"]
    return {**schemas, "ReadOptions": record(properties, [])}


def _clean(schema: Schema) -> Schema:
    """Without pydantic's titles and without null, which means the same as leaving a name out."""
    cleaned = {key: value for key, value in schema.items() if key != "title"}
    if cleaned.get("default", ...) is None:
        del cleaned["default"]
    branches = [branch for branch in cleaned.pop("anyOf", []) if branch != {"type": "null"}]
    if len(branches) == 1:
        cleaned |= branches[0]
    elif branches:
        cleaned["anyOf"] = branches
    if "properties" in cleaned:
        cleaned["properties"] = {name: _clean(value) for name, value in cleaned["properties"].items()}
    return cleaned


def _described(name: str, schema: Schema) -> Schema:
    return {**_WIRE.get(name, schema), "description": ABOUT[name]}


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
