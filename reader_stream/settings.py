"""All settings, read once from the environment (prefix `READER_`); each room gets only its own part."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIB = 1024 * 1024


class Settings(BaseSettings):
    """One field is one `READER_…` variable, with its unit in the description (README's table)."""

    model_config = SettingsConfigDict(env_prefix="READER_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="address to listen on")
    host_names: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="names that requests may be addressed to (`Host`), comma list; unset: any",
    )
    port: int = Field(3000, ge=0, le=65535, description="port to listen on; `PORT` is read too")

    tls_certificate: str | None = Field(None, description="PEM file; turns TLS on, and HTTP/2 with it")
    tls_key: str | None = Field(None, description="PEM file of the certificate's key")
    http3: bool = Field(False, description="HTTP/3 on the same port (UDP); needs TLS and the extra `h3`")

    browser_path: str | None = Field(None, description="Chromium binary; found by itself when unset")
    browser_url: str | None = Field(
        None, description="remote CDP endpoint (ws://…) instead of an own Chromium"
    )
    browser_tabs: int = Field(4, ge=1, le=64, description="tabs open at the same time")
    browser_warm_tabs: int = Field(2, ge=0, le=16, description="unused tabs kept ready")
    browser_recycle_pages: int = Field(500, ge=1, description="pages after which Chromium is replaced")
    browser_queue: int = Field(64, ge=0, description="reads that may wait for a tab; more get a 503")
    browser_heap_mib: int = Field(512, ge=64, description="V8 heap of one renderer, MiB")
    browser_renderer_mib: int = Field(
        2048,
        ge=128,
        description="memory of a renderer, or other process of Chromium, MiB; one over it is killed",
    )
    max_dom_chars: int = Field(
        24 * MIB,
        ge=1024,
        description="HTML of one frame of a rendered page, characters; more is cut and told",
    )
    max_dom_depth: int = Field(
        240, ge=16, le=240, description="levels of elements kept; what lies deeper is laid flat"
    )

    egress_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="`host:port`, addresses or CIDRs allowed besides public ones, comma list",
    )
    allow_scripts: bool = Field(False, description="clients may inject scripts of their own into pages")
    max_redirects: int = Field(10, ge=0, le=50, description="redirects followed")
    max_download_bytes: int = Field(
        32 * MIB, ge=1024, description="one download, on the wire and decoded, bytes"
    )
    connect_timeout: float = Field(10.0, gt=0, description="seconds to resolve and connect")

    max_head_bytes: int = Field(
        32 * 1024, ge=4096, description="request line and headers of one request, bytes"
    )
    max_body_bytes: int = Field(64 * MIB, ge=1024, description="body of one request to us, bytes")
    body_timeout: float = Field(60.0, gt=0, description="seconds a request's body may take to come")
    max_timeout: float = Field(
        180.0, ge=1, le=180, description="seconds that `X-Timeout` may ask for at most"
    )
    render_workers: int = Field(2, ge=1, le=64, description="worker processes that make documents")
    render_timeout: float = Field(20.0, gt=0, description="seconds one document may take")
    render_cpu: float = Field(60.0, ge=1, description="seconds of CPU one document may take")
    render_memory_mib: int = Field(1536, ge=256, description="memory of one worker, MiB")

    ocr: bool = Field(
        False, description="read scanned pages of PDFs from their pictures; needs the extra `ocr`"
    )

    cache_url: str | None = Field(None, description="`redis://…`; unset: in memory")
    cache_bytes: int = Field(64 * MIB, ge=0, description="size of the cache in memory, bytes")
    cache_ttl: float = Field(300.0, gt=0, description="seconds a result is kept")
    shots_bytes: int = Field(64 * MIB, ge=0, description="size of the pictures kept in memory, bytes")

    caption_url: str | None = Field(
        None,
        pattern="^https?://",
        description="chat completions endpoint of a vision model, for captions; unset: none",
    )
    caption_model: str | None = Field(None, description="its model; unset: the server's own choice")
    caption_key: SecretStr | None = Field(None, description="its API key, sent as bearer token")

    max_streams: int = Field(4096, ge=1, description="clients that may read at the same time; more get a 503")
    max_streams_per_client: int = Field(
        2048, ge=1, description="reads at the same time from one address (IPv6: one /64); more get a 429"
    )
    replay_seconds: float = Field(300.0, gt=0, description="seconds the events of an ended read are kept")
    replay_reads: int = Field(512, ge=0, description="ended reads whose events are kept")
    replay_chars: int = Field(128 * MIB, ge=0, description="size of all events kept, characters")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="least level logged")
    log_format: Literal["json", "text"] = Field(
        "json", description="`json`: one object per line on stderr, or `text`"
    )

    @field_validator("egress_allow", "host_names", mode="before")
    @classmethod
    def _comma_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(value.replace(",", " ").lower().split())
        return value
