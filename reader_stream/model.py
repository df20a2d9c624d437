"""Frozen values that cross the borders between rooms.

*A request becomes captures, captures become documents, documents become events, events become bytes.*
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema


class RespondWith(StrEnum):
    """What the answer carries; `content` is the main content as markdown."""

    CONTENT = "content"
    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"
    SCREENSHOT = "screenshot"
    PAGESHOT = "pageshot"


SHOTS = (RespondWith.SCREENSHOT, RespondWith.PAGESHOT)


class Engine(StrEnum):
    """Who reads the page: `auto` renders only where plain HTTP is not clearly enough."""

    AUTO = "auto"
    BROWSER = "browser"
    HTTP = "http"


class Timing(StrEnum):
    """When a read counts as settled (`X-Respond-Timing`), from the earliest to the latest."""

    HTML = "html"
    VISIBLE_CONTENT = "visible-content"
    MUTATION_IDLE = "mutation-idle"
    RESOURCE_IDLE = "resource-idle"
    MEDIA_IDLE = "media-idle"
    NETWORK_IDLE = "network-idle"


class Phase(StrEnum):
    """How far the page is."""

    HTML = "html"
    INTERACTIVE = "interactive"
    LOADED = "loaded"
    SETTLED = "settled"


class Reason(StrEnum):
    """Why a document is not all that the page has: the contract's closed list."""

    TIMEOUT = "timeout"
    SELECTOR_NOT_FOUND = "selector_not_found"
    NETWORK_PENDING = "network_pending"
    STILL_CHANGING = "still_changing"
    FRAME_UNREADABLE = "frame_unreadable"
    TRUNCATED_TOKENS = "truncated_tokens"
    TRUNCATED_SIZE = "truncated_size"
    HTTP_ERROR = "http_error"
    CAPTCHA = "captcha"
    LOGIN_WALL = "login_wall"
    CONSENT_WALL = "consent_wall"
    PAYWALL = "paywall"
    SCANNED_PDF = "scanned_pdf"
    RENDERER_CRASHED = "renderer_crashed"
    STOPPED_BY_CLIENT = "stopped_by_client"
    DRAINING = "draining"


class Completeness(StrEnum):
    """The honest word on how whole a document is."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    EMPTY = "empty"


class StreamMode(StrEnum):
    """Whole snapshots, or one snapshot and patches."""

    SNAPSHOT = "snapshot"
    PATCH = "patch"


_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


def parse_bool(value: object) -> object:
    """`true/1/yes/on` and `false/0/no/off` in any case; anything else is left for pydantic to refuse."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (word := value.strip().lower()) in _TRUE | _FALSE:
        return word in _TRUE
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise ValueError("must be one of true, 1, yes, on, false, 0, no, off")


Flag = Annotated[bool, BeforeValidator(parse_bool)]


def _flag_or(word: str) -> BeforeValidator:
    def parse(value: object) -> object:
        if isinstance(value, str) and value.strip().lower() == word:
            return word
        try:
            return parse_bool(value)
        except ValueError:
            raise ValueError(f"must be a boolean or {word!r}") from None

    return BeforeValidator(parse)


class Frozen(BaseModel):
    """Base of option models: immutable, snake_case inside, camelCase on the wire."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class MarkdownStyle(Frozen):
    """How markdown is written (`X-Md-…`, body `markdown`). The defaults are the contract's."""

    heading_style: Literal["atx", "setext"] = "atx"
    hr: str = Field("* * *", pattern=r"^ {0,3}((\*[ \t]*){3,}|(-[ \t]*){3,}|(_[ \t]*){3,})$", max_length=80)
    bullet_list_marker: Literal["-", "+", "*"] = "*"
    em_delimiter: Literal["_", "*"] = "_"
    strong_delimiter: Literal["**", "__"] = "**"
    link_style: Literal["inlined", "referenced", "discarded"] = "inlined"
    link_reference_style: Literal["full", "collapsed", "shortcut"] = "full"


class Viewport(Frozen):
    """The page's window, in CSS pixels."""

    width: int = Field(1280, ge=1, le=4096)
    height: int = Field(800, ge=1, le=8192)
    device_scale_factor: float = Field(1.0, gt=0, le=4)
    is_mobile: Flag = False
    is_landscape: Flag = False
    has_touch: Flag = False


Selectors = tuple[str, ...]
ShotType = Literal["png", "jpeg", "webp"]
Chunking = Literal["h1", "h2", "h3", "h4", "h5", "s1", "s2", "s3", "s4", "s5"]


class ReadOptions(Frozen):
    """Everything a client can ask of one read (API.md, "Options"), after validation.

    `web.params` builds it from headers and body, the pipeline hands each room the few fields it needs.
    """

    url: str = ""
    html: str | None = None
    pdf: bytes | None = None
    file: bytes | None = None
    pdf_password: str | None = Field(None, max_length=256, repr=False)
    respond_with: tuple[RespondWith, ...] = (RespondWith.CONTENT,)
    engine: Engine = Engine.AUTO
    timeout: float = Field(30.0, ge=1, le=180, description="seconds that the page may take")
    respond_timing: Timing | None = None
    target_selector: Selectors = ()
    wait_for_selector: Selectors = ()
    remove_selector: Selectors = ()
    with_iframe: Annotated[bool | Literal["quoted"], _flag_or("quoted")] = False
    with_shadow_dom: Flag = False
    remove_overlay: Flag = False
    retain_images: Literal["all", "none", "alt", "all_p", "alt_p"] = "all"
    retain_links: Literal["all", "none", "text", "gpt-oss"] = "all"
    with_links_summary: Annotated[bool | Literal["all"], _flag_or("all")] = False
    with_images_summary: Flag = False
    with_generated_alt: Flag = False
    keep_img_data_url: Flag = False
    no_gfm: Annotated[bool | Literal["table"], _flag_or("table")] = False
    markdown: MarkdownStyle = MarkdownStyle()
    markdown_chunking: Chunking | Literal["structured"] | None = None
    set_cookies: tuple[str, ...] = ()
    proxy_url: str | None = None
    user_agent: str | None = None
    locale: str | None = None
    referer: str | None = None
    viewport: Viewport | None = None
    inject_page_script: tuple[str, ...] = ()
    inject_frame_script: tuple[str, ...] = ()
    custom_header: tuple[tuple[str, str], ...] = ()
    no_cache: Flag = False
    cache_tolerance: float = Field(300.0, ge=0, description="seconds that a cached answer may be old")
    do_not_track: Flag = False
    robots_txt: str | None = None
    base: Literal["initial", "final"] = "final"
    token_budget: int | None = Field(None, ge=1)
    max_tokens: int | None = Field(None, ge=1)
    stream_mode: StreamMode = StreamMode.SNAPSHOT
    stop_when: str | None = None
    cursor: str | None = None
    shot_type: SkipJsonSchema[ShotType] = "png"
    """Format of pictures, from `Accept`: neither a header nor a body field of its own."""

    @property
    def shots(self) -> tuple[RespondWith, ...]:
        """The pictures among what is asked for."""
        return tuple(kind for kind in self.respond_with if kind in SHOTS)

    @property
    def wants_captions(self) -> bool:
        """Whether images without alternative text get one that is generated."""
        return self.with_generated_alt or self.retain_images in ("all_p", "alt_p")

    @property
    def scripts(self) -> tuple[str, ...]:
        """All scripts to be injected."""
        return self.inject_page_script + self.inject_frame_script

    @property
    def needs_browser(self) -> bool:
        """Whether some option means nothing without a browser."""
        return self.engine is Engine.BROWSER or bool(self.shots or self.scripts)

    @property
    def wants_page(self) -> bool:
        """Whether some option is about a page that lives: HTML of one's own is rendered for it too."""
        waits = self.wait_for_selector or self.respond_timing not in (None, Timing.HTML)
        return bool(self.with_iframe or self.with_shadow_dom or waits or self.viewport)

    @property
    def only_shots(self) -> bool:
        """Whether nothing but pictures is asked for."""
        return set(self.respond_with) <= set(SHOTS)

    @property
    def given(self) -> bytes | None:
        """What the client sent to be read instead of an address; None when there is only the address."""
        if self.html is not None:
            return self.html.encode("utf-8", "replace")
        return self.file if self.pdf is None else self.pdf

    @property
    def private(self) -> bool:
        """Such a read is neither cached, nor shared, nor resumed (cookies, credentials, proxy, scripts)."""
        return bool(
            self.set_cookies
            or self.proxy_url
            or self.custom_header
            or self.inject_page_script
            or self.inject_frame_script
        )


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a page; `cut` when the page is larger than a picture may be."""

    kind: RespondWith
    type: ShotType
    body: bytes = field(repr=False)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """The raw state of a page at one moment.

    `body` is bytes as fetched (undecoded, transfer and content encoding removed) or, when `composed`,
    the HTML text that the tab's serializer wrote: the flattened tree, in which the serializer's marks are

    * ``data-rs-hidden`` on an element that is not visible (``ink``: around text that merely cannot be seen),
    * ``<div data-rs-frame="URL">`` around a frame's body, in the place of its ``<iframe>``,
    * ``<div data-rs-shadow>`` around the composed content of a shadow root, in its host.

    `elapsed_ms` counts from the start of the read. `pending` is the number of requests under way that
    matter for settling. `settled` is set on the last capture of a page only; `reasons` then say what
    may be missing, and `shots` are the pictures asked for that could be taken.
    """

    url: str
    body: bytes | str
    content_type: str = "text/html"
    status: int = 200
    requested_url: str = ""
    composed: bool = False
    phase: Phase = Phase.HTML
    elapsed_ms: int = 0
    pending: int = 0
    settled: bool = False
    reasons: tuple[Reason, ...] = ()
    last_modified: str | None = None
    shots: tuple[Shot, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """The part of the options that decides what `document.render` makes of a capture."""

    respond_with: tuple[RespondWith, ...] = (RespondWith.CONTENT,)
    target_selector: Selectors = ()
    remove_selector: Selectors = ()
    stop_selector: Selectors = ()
    wait_selector: Selectors = ()
    summaries: bool = False
    quote_frames: bool = False
    remove_overlay: bool = False
    retain_images: str = "all"
    retain_links: str = "all"
    keep_img_data_url: bool = False
    no_gfm: bool | Literal["table"] = False
    style: MarkdownStyle = field(default_factory=MarkdownStyle)
    base: Literal["initial", "final"] = "final"
    max_depth: int = 240
    """Levels of elements that are kept; deeper ones are laid flat."""
    captions: tuple[tuple[str, str], ...] = ()
    """``(absolute URL of an image, caption)``: for images that have no alternative text."""


@dataclass(frozen=True, slots=True)
class Warn:
    """One thing a client should know; `code` is stable, `message` a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader gets of one capture.

    `blocks` are the top-level blocks of the markdown that was asked for; joined by a blank line they
    are the content; `markdown` is the whole page's, set when it was asked for besides `content`.
    `html` and `text` are set when asked for. `links` are ``(text, absolute href)``,
    `images` ``("Image 1: alt", absolute URL)``, both in document order, of the content.
    `found` is False when a target selector matched nothing (yet), `reached` True when the selector that
    is to end the read matches, `blocked` True when the page is a wall with no content beside it,
    `described` when it had no content and its description stands for it.
    """

    url: str
    title: str = ""
    description: str = ""
    blocks: tuple[str, ...] = ()
    markdown: str | None = None
    html: str | None = None
    text: str | None = None
    published_time: str | None = None
    page_count: int | None = None
    links: tuple[tuple[str, str], ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Warn, ...] = ()
    reasons: tuple[Reason, ...] = ()
    found: bool = True
    reached: bool = False
    blocked: bool = False
    described: bool = False

    @property
    def content(self) -> str:
        """The markdown as one text."""
        return "\n\n".join(self.blocks)


@dataclass(frozen=True, slots=True)
class Progress:
    """How a stream stands: `stability` in 0..1, `pending` requests under way."""

    phase: Phase
    stability: float
    pending: int
