"""The options as JSON Schema: what the models say, where the wire takes more than they do, and in words."""

from __future__ import annotations

from collections.abc import Mapping

from reader_stream.model import ReadOptions, RespondWith
from reader_stream.web.openapi_schemas import Schema, array, record, ref, string

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


def option_schemas() -> Schema:
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
