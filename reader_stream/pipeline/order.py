"""An order: what a client asked for, admitted. Pure but for the dialer, which counts what it refuses."""

from __future__ import annotations

from dataclasses import dataclass

from reader_stream.errors import ParamValidationError
from reader_stream.fetch.dial import Dialer
from reader_stream.fetch.egress import Url, parse_proxy_url, parse_url
from reader_stream.fetch.upstream import blamed_on_the_proxy
from reader_stream.fetch.visit import parse_cookie
from reader_stream.model import Engine, ReadOptions, RenderOptions, Timing
from reader_stream.pipeline.cache import key_of
from reader_stream.pipeline.stop import StopWhen

NOWHERE = "about:blank"
"""The address of what came without one, as a browser would call it."""


@dataclass(frozen=True, slots=True)
class Order:
    """`target` is the address in its normal form, None for a file without one; `key` is the same for reads
    with the same result; `proxy` is the client's own."""

    target: Url | None
    options: ReadOptions
    key: str
    proxy: Url | None = None

    @property
    def url(self) -> str:
        """The target as text."""
        return self.target.href if self.target else NOWHERE

    @property
    def flight_key(self) -> str:
        """The same for reads that may share one render: they must have the same time for it, too."""
        return f"{self.key}:{self.options.timeout:g}"

    @property
    def render(self) -> RenderOptions:
        """The part for the document room."""
        options, stop = self.options, self.stop_when
        return RenderOptions(
            respond_with=options.respond_with,
            target_selector=options.target_selector,
            remove_selector=options.remove_selector,
            stop_selector=(stop.value,) if stop and stop.kind == "selector" else (),
            wait_selector=options.wait_for_selector,
            summaries=bool(options.with_links_summary or options.with_images_summary),
            quote_frames=options.with_iframe == "quoted",
            remove_overlay=options.remove_overlay,
            retain_images=options.retain_images,
            retain_links=options.retain_links,
            keep_img_data_url=options.keep_img_data_url,
            no_gfm=options.no_gfm,
            style=options.markdown,
            base=options.base,
        )

    @property
    def stop_when(self) -> StopWhen | None:
        """What ends the read early."""
        return StopWhen.parse(self.options.stop_when) if self.options.stop_when else None

    @property
    def timing(self) -> Timing:
        """When the read is settled; iframes and pictures raise the default (API.md)."""
        if self.options.respond_timing:
            return self.options.respond_timing
        if self.options.shots and not self.options.with_iframe:
            return Timing.MEDIA_IDLE
        return Timing.NETWORK_IDLE if self.options.with_iframe else Timing.RESOURCE_IDLE

    @property
    def may_skip_browser(self) -> bool:
        """Whether a static page that is clearly whole answers the order (`X-Engine: auto`)."""
        options = self.options
        wants_page = options.with_iframe or options.with_shadow_dom or options.wait_for_selector
        return options.engine is Engine.AUTO and not (wants_page or options.needs_browser)

    @property
    def renders_given(self) -> bool:
        """Whether HTML that the client gave is opened in a browser."""
        options = self.options
        return options.needs_browser or (options.wants_page and options.engine is not Engine.HTTP)


def admit(options: ReadOptions, dialer: Dialer) -> Order:
    """Check where a read leads, before anything is opened.

    Raises ParamValidationError for what is not a URL or no cookie for it, SecurityCompromiseError for
    what the policy forbids by its name, port or literal address; addresses behind names are checked
    when dialled.
    """
    proxy = _proxy(options, dialer)
    if options.given is not None:
        return _order(parse_url(options.url) if options.url else None, options, proxy)
    if not options.url:
        raise ParamValidationError("a URL is needed", path="url")
    url = parse_url(options.url)
    dialer.check_url(url)
    for line in options.set_cookies:
        parse_cookie(line, url.href)
    return _order(url, options, proxy)


def _proxy(options: ReadOptions, dialer: Dialer) -> Url | None:
    if options.proxy_url is None:
        return None
    with blamed_on_the_proxy():
        proxy = parse_proxy_url(options.proxy_url)
        dialer.check_url(proxy)
        return proxy


def _order(target: Url | None, options: ReadOptions, proxy: Url | None) -> Order:
    return Order(target, options, key_of(target.href if target else NOWHERE, options), proxy)


def accept_language(locale: str) -> str:
    """`de-AT` as Chromium sends it: `de-AT,de;q=0.9`."""
    language, dash, _ = locale.partition("-")
    return f"{locale},{language};q=0.9" if dash else locale
