"""Pure: a URL and keyword options → the body of a request.

Everything goes as JSON to `POST /`, so any URL (with its fragment) and any option arrives as it was given.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

import orjson
from pydantic.alias_generators import to_camel

from reader_stream.model import SHOTS, ReadOptions, StreamMode

Selectors = str | Sequence[str]


class Options(TypedDict, total=False):
    """What can be asked of a read (API.md, "Options"); the service knows the values and the defaults.

    `timeout` is in seconds and is the page's, not the connection's; `pdf` and `file` are bytes;
    `markdown` and `viewport` have their fields in snake_case too.
    """

    html: str
    pdf: bytes
    file: bytes
    pdf_password: str
    respond_with: str | Sequence[str]
    engine: str
    timeout: float
    respond_timing: str
    target_selector: Selectors
    wait_for_selector: Selectors
    remove_selector: Selectors
    with_iframe: bool | Literal["quoted"]
    with_shadow_dom: bool
    remove_overlay: bool
    retain_images: str
    retain_links: str
    with_links_summary: bool | Literal["all"]
    with_images_summary: bool
    with_generated_alt: bool
    keep_img_data_url: bool
    no_gfm: bool | Literal["table"]
    markdown: Mapping[str, str]
    markdown_chunking: bool | str
    set_cookies: str | Sequence[str]
    proxy_url: str
    user_agent: str
    locale: str
    referer: str
    viewport: Mapping[str, float]
    inject_page_script: str | Sequence[str]
    inject_frame_script: str | Sequence[str]
    custom_header: Mapping[str, str]
    no_cache: bool
    cache_tolerance: float
    do_not_track: bool
    robots_txt: str
    base: str
    token_budget: int
    max_tokens: int
    stream_mode: str
    stop_when: str
    cursor: str


def body_of(url: str, options: Mapping[str, Any]) -> bytes:
    """The JSON body. Raises TypeError for an option that there is not, as Python does for any keyword."""
    if unknown := options.keys() - ReadOptions.model_fields.keys():
        raise TypeError(f"unknown options: {', '.join(sorted(unknown))}")
    fields = {to_camel(name): _wire(name, value) for name, value in options.items()}
    return orjson.dumps({"streamMode": StreamMode.PATCH, **({"url": url} if url else {}), **fields})


def field_of(options: Mapping[str, Any]) -> str:
    """The name of the main part of the answer: `content` where asked for, else the first text."""
    wanted = options.get("respond_with") or "content"
    names = wanted if isinstance(wanted, str) else ",".join(wanted)
    formats = [name.strip().lower() for name in re.split("[+,]", names)]
    texts = [name for name in formats if name not in SHOTS]
    return "content" if "content" in texts or not texts else texts[0]


def _wire(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if name in ("markdown", "viewport"):
        return {to_camel(field): given for field, given in value.items()}
    return value
