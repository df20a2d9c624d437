"""The options and their examples as a page for browsers, and as markdown for everybody else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from typing import Any

from reader_stream.web.docs.asking import ASKING
from reader_stream.web.docs.example import BASE, Example
from reader_stream.web.docs.writing import WRITING
from reader_stream.web.openapi import openapi
from reader_stream.web.openapi_options import ABOUT
from reader_stream.web.params import OPTIONS, title_case

EXAMPLES: Mapping[str, tuple[Example, ...]] = {**ASKING, **WRITING}
"""By the option's name in a body."""

INTRODUCTION = (
    "Options are header fields of a GET, or fields of a JSON, form or multipart body of a POST; a header "
    "wins over the body. Booleans are true, 1, yes, on or false, 0, no, off. What an option cannot be is a "
    "400 that says what it can be. Addresses under example.com stand for the page that you want to read."
)

STYLE = (
    "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color:#222;"
    "background:#fff}h2{margin-top:2.5rem;border-top:1px solid #ccc;padding-top:1rem}"
    "pre{background:#f4f4f4;padding:.6rem .8rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}"
    "nav a{margin-right:.8rem;display:inline-block}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#262626}a{color:#8bf}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Content-Security-Policy of the page: nothing but its own text and style."""


def names() -> tuple[str, ...]:
    """Every option by its name in a body, in the order of the page."""
    return ("url", *(option.body for option in OPTIONS))


def html_page(base: str) -> str:
    """The page; `base` is the service's address without a slash at the end."""
    links = " ".join(f'<a href="#{name}">{name}</a>' for name in names())
    sections = "\n".join(_html_section(name, base) for name in names())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<title>Reader Stream: options by example</title>"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>Options by example</h1><p>{escape(INTRODUCTION)}</p>"
        f'<p><a href="/openapi.json">/openapi.json</a> has the same for machines.</p><nav>{links}</nav>\n'
        f"{sections}\n</body></html>\n"
    )


def markdown_page(base: str) -> str:
    """The same as markdown."""
    sections = "\n\n".join(_markdown_section(name, base) for name in names())
    return f"# Options by example\n\n{INTRODUCTION}\n\n{sections}\n"


def _html_section(name: str, base: str) -> str:
    facts = "".join(f"<li>{label}: <code>{escape(value)}</code></li>" for label, value in _facts(name))
    parts = [f'<section id="{name}"><h2>{name}</h2><p>{_code(ABOUT[name])}</p><ul>{facts}</ul>']
    for example in EXAMPLES.get(name, ()):
        parts.append(f"<p>{_code(example.says)}</p><pre>{escape(_command(example, base))}</pre>")
        parts += [f"<p>{label}</p><pre>{escape(text)}</pre>" for label, text in _results(example)]
    return "".join(parts) + "</section>"


def _markdown_section(name: str, base: str) -> str:
    parts = [f"## {name}", ABOUT[name], "\n".join(f"- {label}: `{value}`" for label, value in _facts(name))]
    for example in EXAMPLES.get(name, ()):
        parts += [example.says, _fenced(_command(example, base), "sh")]
        parts += [part for label, text in _results(example) for part in (f"{label}:", _fenced(text))]
    return "\n\n".join(parts)


def _facts(name: str) -> Iterator[tuple[str, str]]:
    headers = next((option.headers for option in OPTIONS if option.body == name), ())
    if headers:
        yield "Header", ", ".join(map(title_case, headers))
    yield "Body field", name
    schemas = _schemas()
    parent, _, leaf = name.rpartition(".")
    schema = schemas["MarkdownStyle" if parent else "ReadOptions"]["properties"][leaf]
    if values := _values(schema, schemas):
        yield "Values", values
    if isinstance(default := schema.get("default"), str | int | float):
        yield "Default", str(default).lower() if isinstance(default, bool) else str(default)


@cache
def _schemas() -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = openapi("")["components"]["schemas"]
    return schemas


def _values(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What an option takes, in a line; empty for texts of any kind."""
    if "$ref" in schema:
        target = schemas[schema["$ref"].rpartition("/")[2]]
        if "properties" in target:
            fields = ", ".join(
                f"{key}: {_values(each, schemas)}" for key, each in target["properties"].items()
            )
            return f"{{{fields}}}"
        return _values(target, schemas)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(filter(None, (_values(each, schemas) for each in schema["anyOf"]))))
    if "enum" in schema:
        return ", ".join(_word(each) for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    return _kind(schema, schemas)


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_values(schema['items'], schemas) or 'texts'}"
    low, high = (
        schema.get(key, schema.get(f"exclusive{key.capitalize()}")) for key in ("minimum", "maximum")
    )
    if low is not None and high is not None:
        return f"{kind} from {low} to {high}"
    return f"{kind} from {low}" if low is not None else "text" if kind == "string" else str(kind)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _command(example: Example, base: str) -> str:
    return example.command.replace(BASE, base)


def _results(example: Example) -> Iterator[tuple[str, str]]:
    """What comes of it, with a word before each text."""
    if example.gives:
        yield "gives", example.gives
    if example.shows:
        yield "has in its answer", "\n…\n".join(example.shows)
    if example.hides:
        yield "and has not", "\n…\n".join(example.hides)
    if example.saves:
        yield "writes", example.saves


def _fenced(text: str, language: str = "") -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}"


def _code(text: str) -> str:
    """A sentence with `code` in it."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
