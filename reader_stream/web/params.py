"""Pure: raw path + query + headers + body → ReadOptions. The only file that knows header names.

`OPTIONS` is the table of API.md: one line says which field of the model an option is, which headers
carry it, and who parses it. A header wins over the body; the body's name is the field's in camelCase.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from reader_stream.errors import ParamValidationError
from reader_stream.model import ReadOptions
from reader_stream.web import values
from reader_stream.web.accept import Representation
from reader_stream.web.body import BodyFields, parse_json
from reader_stream.web.combinations import check_combinations

T = TypeVar("T")
RawHeaders = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the options table. `field` is the model's, `style.x` one of its markdown style;
    `many`: the header may come several times."""

    field: str
    headers: tuple[str, ...]
    parse: Callable[[object], object]
    many: bool = False

    @property
    def body(self) -> str:
        """The name in a body and in an error's `path`."""
        return ".".join(to_camel(part) for part in self.field.split("."))


OPTIONS: tuple[Option, ...] = (
    Option("html", (), values.document),
    Option("pdf", (), values.upload),
    Option("file", (), values.upload),
    Option("pdf_password", ("x-pdf-password",), values.text),
    Option("respond_with", ("x-respond-with", "x-return-format"), values.formats, many=True),
    Option("engine", ("x-engine",), values.word),
    Option("timeout", ("x-timeout",), values.number),
    Option("respond_timing", ("x-respond-timing",), values.word),
    Option("target_selector", ("x-target-selector",), values.selectors, many=True),
    Option("wait_for_selector", ("x-wait-for-selector",), values.selectors, many=True),
    Option("remove_selector", ("x-remove-selector", "x-excluded-selector"), values.selectors, many=True),
    Option("with_iframe", ("x-with-iframe",), values.flag),
    Option("with_shadow_dom", ("x-with-shadow-dom",), values.flag),
    Option("remove_overlay", ("x-remove-overlay",), values.flag),
    Option("retain_images", ("x-retain-images",), values.word),
    Option("retain_links", ("x-retain-links",), values.word),
    Option("with_links_summary", ("x-with-links-summary",), values.flag),
    Option("with_images_summary", ("x-with-images-summary",), values.flag),
    Option("with_generated_alt", ("x-with-generated-alt",), values.flag),
    Option("keep_img_data_url", ("x-keep-img-data-url",), values.flag),
    Option("no_gfm", ("x-no-gfm",), values.flag),
    Option("markdown.heading_style", ("x-md-heading-style",), values.word),
    Option("markdown.hr", ("x-md-hr",), values.rule),
    Option("markdown.bullet_list_marker", ("x-md-bullet-list-marker",), values.text),
    Option("markdown.em_delimiter", ("x-md-em-delimiter",), values.text),
    Option("markdown.strong_delimiter", ("x-md-strong-delimiter",), values.text),
    Option("markdown.link_style", ("x-md-link-style",), values.word),
    Option("markdown.link_reference_style", ("x-md-link-reference-style",), values.word),
    Option("markdown_chunking", ("x-markdown-chunking",), values.chunking),
    Option("set_cookies", ("x-set-cookie",), values.cookies, many=True),
    Option("proxy_url", ("x-proxy-url",), values.proxy),
    Option("user_agent", ("x-user-agent",), values.ascii_text),
    Option("locale", ("x-locale",), values.locale),
    Option("referer", ("x-referer",), values.web_url),
    Option("viewport", (), values.mapping),
    Option("inject_page_script", (), values.scripts),
    Option("inject_frame_script", (), values.scripts),
    Option("custom_header", (), values.header_map),
    Option("no_cache", ("x-no-cache",), values.flag),
    Option("cache_tolerance", ("x-cache-tolerance",), values.number),
    Option("do_not_track", ("dnt",), values.do_not_track),
    Option("robots_txt", ("x-robots-txt",), values.ascii_text),
    Option("base", ("x-base",), values.word),
    Option("token_budget", ("x-token-budget",), values.integer),
    Option("max_tokens", ("x-max-tokens",), values.integer),
    Option("stream_mode", ("x-stream-mode",), values.word),
    Option("stop_when", ("x-stop-when",), values.stop_when),
    Option("cursor", ("x-cursor",), values.ascii_text),
)


def title_case(header: str) -> str:
    """A header's name as people write it."""
    return header.upper() if "-" not in header else "-".join(part.capitalize() for part in header.split("-"))


_ENGINE_ALIASES = {"curl": "http", "direct": "http"}
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):(.*)", re.DOTALL)
_PORT = re.compile(r"\d{1,5}([/?#]|$)")
_ENCODED_SCHEME = re.compile(r"https?%3a", re.IGNORECASE)


def parse_read(
    method: str, raw_path: bytes, query_string: bytes, headers: RawHeaders, body: BodyFields | None = None
) -> ReadOptions:
    """What one request asks for. The URL is only split off here; `fetch.egress` checks it.

    `raw_path` is undecoded and begins with `/`; `body` counts on POST only. Raises
    ParamValidationError, with the option's body name as `path`.
    """
    fields = _open_objects(body) if body and method == "POST" else {}
    given = _group(headers)
    if {"transfer-encoding", "content-length"} <= given.keys():
        raise ParamValidationError("a message with two lengths is not read")  # smuggling (RFC 9112, 6.1)
    found: dict[str, Any] = {}
    for option in OPTIONS:
        value = _value(option, given, fields)
        if value is None:
            continue
        parent, _, leaf = option.field.rpartition(".")
        place = found.setdefault(parent, {}) if parent else found
        place[leaf] = _parsed(option.body, option.parse, value)
    found["url"] = split_target(raw_path, query_string) or _body_url(fields)
    if not found["url"] and not found.keys() & {"html", "pdf", "file"}:
        raise ParamValidationError("there is nothing to read: give a url, html, pdf or file", path="url")
    return _validate(_settle(found))


def split_target(raw_path: bytes, query_string: bytes) -> str:
    """The target: everything after the first `/` of the undecoded path, and the query with it."""
    raw = raw_path[1:] + (b"?" + query_string if query_string else b"")
    try:
        target = raw.decode("utf-8")
        if _ENCODED_SCHEME.match(target):
            # Clients that encode the whole target (encodeURIComponent) mean what they encoded.
            target = unquote(target, errors="strict")
    except UnicodeDecodeError:
        raise ParamValidationError("the URL is not UTF-8", path="url") from None
    return repair_url(_parsed("url", values.line, target))


def repair_url(url: str) -> str:
    """`https:/x`, `//x`, `x` and `x:8080` as the absolute URLs they mean; other schemes as they are."""
    if not (url := url.strip()):
        return ""
    if match := _SCHEME.fullmatch(url):
        scheme, rest = match[1].lower(), match[2]
        if scheme in ("http", "https"):
            return f"{scheme}://{rest.lstrip('/')}"
        if not _PORT.match(rest):
            return url
    return f"https://{bare}" if (bare := url.lstrip("/")) else ""


def check_representation(options: ReadOptions, representation: Representation) -> None:
    """Several formats at once need an envelope. Raises ParamValidationError where there is none."""
    bare = representation in (Representation.TEXT, Representation.MARKDOWN)
    if bare and len(options.respond_with) > 1:
        message = "several formats at once need Accept: application/json or text/event-stream"
        raise ParamValidationError(message, path="respondWith")


def _group(headers: RawHeaders) -> dict[str, list[bytes]]:
    given: dict[str, list[bytes]] = {}
    for name, value in headers:
        given.setdefault(name.decode("latin-1").lower(), []).append(value)
    return given


def _value(option: Option, given: Mapping[str, list[bytes]], fields: BodyFields) -> object:
    """What was given for an option, headers first; None for nothing."""
    lines = [_line(option, raw) for name in option.headers for raw in given.get(name, ())]
    if lines and option.many:
        return lines
    if len(set(lines)) > 1:
        raise ParamValidationError(f"{option.body} is given twice", path=option.body)
    return lines[0] if lines else _lookup(fields, option.body)


def _line(option: Option, raw: bytes) -> str:
    """A header's text: UTF-8, or Latin-1 as browsers send it."""
    try:
        line = raw.decode("utf-8")
    except UnicodeDecodeError:
        line = raw.decode("latin-1")
    return _parsed(option.body, values.line, line)


def _lookup(fields: BodyFields, path: str) -> object:
    value: Any = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _open_objects(body: BodyFields) -> dict[str, Any]:
    """The body with its object-valued options as objects: a form can carry them as JSON only."""
    fields = dict(body)
    for name in ("markdown", "viewport", "customHeader"):
        if isinstance(fields.get(name), str):
            fields[name] = parse_json(fields[name].encode("utf-8", "replace"), name)
        if fields.get(name) is not None:
            _parsed(name, values.mapping, fields[name])
    return fields


def _body_url(fields: BodyFields) -> str:
    return "" if fields.get("url") is None else repair_url(_parsed("url", values.text, fields["url"]))


def _parsed(path: str, parse: Callable[[object], T], value: object) -> T:
    try:
        return parse(value)
    except ValueError as error:
        raise ParamValidationError(f"{path} {error}", path=path) from None


def _settle(found: dict[str, Any]) -> dict[str, Any]:
    """What options say about one another: aliases, and options that imply others."""
    if "engine" in found:
        found["engine"] = _ENGINE_ALIASES.get(found["engine"], found["engine"])
    return found


def _validate(found: Mapping[str, Any]) -> ReadOptions:
    try:
        options = ReadOptions.model_validate(found)
    except ValidationError as error:
        raise _readable(error) from None
    implied: dict[str, Any] = {}
    if options.no_cache or options.cache_tolerance == 0:
        implied |= {"no_cache": True, "cache_tolerance": 0.0}
    check_combinations(options)
    if options.with_generated_alt and options.retain_images in ("all", "alt"):
        implied["retain_images"] = f"{options.retain_images}_p"
    return options.model_copy(update=implied)


def _readable(error: ValidationError) -> ParamValidationError:
    """The first fault as a sentence; a union's branches are told together."""
    faults = error.errors(include_url=False, include_context=False)
    depth = 2 if faults[0]["loc"][0] in ("markdown", "viewport") else 1
    where = faults[0]["loc"][:depth]
    told = dict.fromkeys(
        fault["msg"].removeprefix("Value error, ").replace("Input should be ", "must be ")
        for fault in faults
        if fault["loc"][:depth] == where
    )
    path = ".".join(to_camel(str(part)) for part in where)
    return ParamValidationError(f"{path} {' or '.join(told)}", path=path)
