"""From a request's bytes to options: the table of API.md, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from reader_stream.errors import ParamValidationError
from reader_stream.model import Engine, ReadOptions, RespondWith, StreamMode, Timing
from reader_stream.web.accept import Representation
from reader_stream.web.params import (
    OPTIONS,
    check_representation,
    parse_read,
)

Headers = list[tuple[str, str]]


def get(path: str = "/example.com", *headers: tuple[str, str], query: str = "") -> ReadOptions:
    """What a GET asks for."""
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return parse_read("GET", path.encode(), query.encode(), raw)


def post(body: dict[str, Any], *headers: tuple[str, str], path: str = "/") -> ReadOptions:
    """What a POST with these body fields asks for."""
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return parse_read("POST", path.encode(), b"", raw, body)


TARGETS = [
    ("/https://example.com/a?b=1", "", "https://example.com/a?b=1"),
    ("/https://example.com/a", "b=1&c=%20", "https://example.com/a?b=1&c=%20"),
    ("/https://example.com/a%2Fb%20c", "", "https://example.com/a%2Fb%20c"),
    ("/https://example.com/a//b", "", "https://example.com/a//b"),
    ("/https:/example.com/a", "", "https://example.com/a"),
    ("/http:/example.com", "", "http://example.com"),
    ("/HTTPS://Example.com", "", "https://Example.com"),
    ("/example.com/a", "q=1", "https://example.com/a?q=1"),
    ("//example.com", "", "https://example.com"),
    ("/localhost:3000/a", "", "https://localhost:3000/a"),
    ("/https%3A%2F%2Fexample.com%2Fa%3Fb%3D1", "", "https://example.com/a?b=1"),
    ("/https://e.com/?u=https%3A%2F%2Fx.y", "", "https://e.com/?u=https%3A%2F%2Fx.y"),
    ("/https://e.com/ä", "", "https://e.com/ä"),
    ("/file:///etc/passwd", "", "file:///etc/passwd"),
    ("/view-source:https://e.com", "", "view-source:https://e.com"),
    ("/javascript:alert(1)", "", "javascript:alert(1)"),
]


@pytest.mark.parametrize(("path", "query", "url"), TARGETS)
def test_the_target_is_rebuilt_from_the_raw_path(path: str, query: str, url: str) -> None:
    """Nothing of the target is decoded, merged slashes are repaired, no scheme means https."""
    assert get(path, query=query).url == url


@pytest.mark.parametrize("path", ["/https%3A%2F%2Fe.com%0D%0AX: y", "/https://e.com/\x00", "/" + "a" * 9000])
def test_a_target_that_no_url_can_be_is_refused(path: str) -> None:
    """Line breaks, controls and endless addresses end here."""
    with pytest.raises(ParamValidationError) as caught:
        get(path)
    assert caught.value.path == "url"


HEADERS: list[tuple[str, str, str, object]] = [
    ("X-Respond-With", "markdown", "respond_with", (RespondWith.MARKDOWN,)),
    ("X-Respond-With", "HTML + text,content", "respond_with", ("html", "text", "content")),
    ("X-Return-Format", "text", "respond_with", (RespondWith.TEXT,)),
    ("X-Engine", "browser", "engine", Engine.BROWSER),
    ("X-Engine", "curl", "engine", Engine.HTTP),
    ("X-Engine", "Direct", "engine", Engine.HTTP),
    ("X-Timeout", "1", "timeout", 1.0),
    ("X-Timeout", "2.5", "timeout", 2.5),
    ("X-Timeout", "180", "timeout", 180.0),
    ("X-Respond-Timing", "network-idle", "respond_timing", Timing.NETWORK_IDLE),
    ("X-Target-Selector", "main, .a:is(b, c)", "target_selector", ("main", ".a:is(b, c)")),
    ("X-Wait-For-Selector", "[title='a, b']", "wait_for_selector", ("[title='a, b']",)),
    ("X-Remove-Selector", "a:has(> img)", "remove_selector", ("a:has(> img)",)),
    ("X-Excluded-Selector", "nav, nav", "remove_selector", ("nav",)),
    ("X-With-Iframe", "true", "with_iframe", True),
    ("X-With-Iframe", "Quoted", "with_iframe", "quoted"),
    ("X-With-Shadow-Dom", "YES", "with_shadow_dom", True),
    ("X-Remove-Overlay", "on", "remove_overlay", True),
    ("X-Retain-Images", "alt", "retain_images", "alt"),
    ("X-Retain-Links", "gpt-oss", "retain_links", "gpt-oss"),
    ("X-With-Links-Summary", "all", "with_links_summary", "all"),
    ("X-With-Links-Summary", "1", "with_links_summary", True),
    ("X-With-Images-Summary", "off", "with_images_summary", False),
    ("X-With-Generated-Alt", "true", "retain_images", "all_p"),
    ("X-Keep-Img-Data-Url", "1", "keep_img_data_url", True),
    ("X-No-Gfm", "table", "no_gfm", "table"),
    ("X-No-Gfm", "no", "no_gfm", False),
    ("X-Markdown-Chunking", "true", "markdown_chunking", "h3"),
    ("X-Markdown-Chunking", "false", "markdown_chunking", None),
    ("X-Markdown-Chunking", "H5", "markdown_chunking", "h5"),
    ("X-Markdown-Chunking", "structured", "markdown_chunking", "s3"),
    ("X-Set-Cookie", "a=b; Path=/", "set_cookies", ("a=b; Path=/",)),
    (
        "X-Set-Cookie",
        "a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT, c=d",
        "set_cookies",
        ("a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT", "c=d"),
    ),
    ("X-Proxy-Url", "socks5://u:p@h:1", "proxy_url", "socks5://u:p@h:1"),
    ("X-User-Agent", "Mine/1.0", "user_agent", "Mine/1.0"),
    ("X-Locale", "de_DE", "locale", "de-DE"),
    ("X-Referer", "https://r.com/", "referer", "https://r.com/"),
    ("X-No-Cache", "true", "cache_tolerance", 0.0),
    ("X-Cache-Tolerance", "0", "no_cache", True),
    ("X-Cache-Tolerance", "60", "cache_tolerance", 60.0),
    ("DNT", "1", "do_not_track", True),
    ("DNT", "0", "do_not_track", False),
    ("DNT", "1xyz", "do_not_track", True),
    ("DNT", "null", "do_not_track", False),
    ("DNT", "yes", "do_not_track", True),
    ("X-Pdf-Password", "open sesame", "pdf_password", "open sesame"),
    ("X-Robots-Txt", "MyBot", "robots_txt", "MyBot"),
    ("X-Base", "initial", "base", "initial"),
    ("X-Token-Budget", "100", "token_budget", 100),
    ("X-Max-Tokens", "1", "max_tokens", 1),
    ("X-Stream-Mode", "patch", "stream_mode", StreamMode.PATCH),
    ("X-Stop-When", "stability >= 0.9", "stop_when", "stability>=0.9"),
    ("X-Stop-When", "tokens>=2000", "stop_when", "tokens>=2000"),
    ("X-Stop-When", "selector: a:not(b, c)", "stop_when", "selector:a:not(b):not(c)"),
    ("X-Stop-When", "text:the end", "stop_when", "text:the end"),
    ("X-Cursor", "abc.1", "cursor", "abc.1"),
]


@pytest.mark.parametrize(("header", "value", "field", "expected"), HEADERS)
def test_a_header_sets_its_option(header: str, value: str, field: str, expected: object) -> None:
    """Each row of the table, in any case of the header's name."""
    assert getattr(get("/e.com", (header.lower(), value)), field) == expected
    assert getattr(get("/e.com", (header.upper(), value)), field) == expected


MARKDOWN = [
    ("X-Md-Heading-Style", "setext", "heading_style"),
    ("X-Md-Hr", "---", "hr"),
    ("X-Md-Bullet-List-Marker", "+", "bullet_list_marker"),
    ("X-Md-Em-Delimiter", "*", "em_delimiter"),
    ("X-Md-Strong-Delimiter", "__", "strong_delimiter"),
    ("X-Md-Link-Style", "referenced", "link_style"),
    ("X-Md-Link-Reference-Style", "shortcut", "link_reference_style"),
]


@pytest.mark.parametrize(("header", "value", "field"), MARKDOWN)
def test_a_header_sets_the_markdown_style(header: str, value: str, field: str) -> None:
    """The style is an object in the body and a header for each of its fields."""
    assert getattr(get("/e.com", (header, value)).markdown, field) == value


def test_the_tables_of_this_test_are_whole() -> None:
    """Every header of the options table is tried here."""
    tried = {header.lower() for header, *_ in HEADERS} | {header.lower() for header, *_ in MARKDOWN}
    assert tried == {header for option in OPTIONS for header in option.headers}


REFUSED = [
    ("X-Respond-With", "pdf", "respondWith", "'content', 'markdown', 'html'"),
    ("X-Respond-With", "html+", "respondWith", "empty"),
    ("X-Engine", "firefox", "engine", "'auto', 'browser' or 'http'"),
    ("X-Timeout", "0.5", "timeout", "1"),
    ("X-Timeout", "181", "timeout", "180"),
    ("X-Timeout", "NaN", "timeout", "number"),
    ("X-Timeout", "-1", "timeout", "number"),
    ("X-Respond-Timing", "later", "respondTiming", "'resource-idle'"),
    ("X-Target-Selector", "a[", "targetSelector", "'a['"),
    ("X-Target-Selector", "a,,b", "targetSelector", "empty"),
    ("X-Target-Selector", "a::before", "targetSelector", "'a::before'"),
    ("X-Wait-For-Selector", "a:contains('x')", "waitForSelector", "a:contains"),
    ("X-Remove-Selector", "svg|a", "removeSelector", "svg|a"),
    ("X-With-Iframe", "maybe", "withIframe", "quoted"),
    ("X-With-Shadow-Dom", "2", "withShadowDom", "true, 1, yes, on, false"),
    ("X-No-Cache", "", "noCache", "true, 1, yes"),
    ("X-Retain-Images", "some", "retainImages", "'all', 'none', 'alt'"),
    ("X-Retain-Links", "some", "retainLinks", "'gpt-oss'"),
    ("X-Md-Hr", "hello", "markdown.hr", "thematic break"),
    ("X-Md-Heading-Style", "big", "markdown.headingStyle", "'atx' or 'setext'"),
    ("X-Md-Bullet-List-Marker", "o", "markdown.bulletListMarker", "'-', '+' or '*'"),
    ("X-Markdown-Chunking", "h6", "markdownChunking", "h1, h2"),
    ("X-Set-Cookie", "nonsense", "setCookies", "Set-Cookie"),
    ("X-Proxy-Url", "ftp://h", "proxyUrl", "socks5"),
    ("X-Locale", "../../x", "locale", "language tag"),
    ("X-User-Agent", "Ü", "userAgent", "ASCII"),
    ("X-Cache-Tolerance", "inf", "cacheTolerance", "number"),
    ("X-Token-Budget", "0", "tokenBudget", "1"),
    ("X-Max-Tokens", "1.5", "maxTokens", "whole number"),
    ("X-Max-Tokens", "9" * 13, "maxTokens", "whole number"),
    ("X-Stream-Mode", "delta", "streamMode", "'snapshot' or 'patch'"),
    ("X-Stop-When", "stability>=2", "stopWhen", "stability>=0.9"),
    ("X-Stop-When", "tokens>=0", "stopWhen", "tokens>=2000"),
    ("X-Stop-When", "selector:[", "stopWhen", "'['"),
    ("X-Stop-When", "never", "stopWhen", "selector:CSS"),
    ("X-Base", "middle", "base", "'initial' or 'final'"),
    ("X-Referer", "a\x00b", "referer", "control"),
]


@pytest.mark.parametrize(("header", "value", "path", "told"), REFUSED)
def test_a_bad_value_is_refused_by_name(header: str, value: str, path: str, told: str) -> None:
    """The error names the option as a body does and says what is allowed."""
    with pytest.raises(ParamValidationError) as caught:
        get("/e.com", (header, value))
    assert caught.value.path == path
    assert caught.value.message.startswith(f"{path} ")
    assert told in caught.value.message


@pytest.mark.parametrize("value", [b"a\r\nX-Evil: 1", b"a\nb", b"a\x00b", b"\x7f", b"\x1b[0m", b"\xff\x85"])
@pytest.mark.parametrize("header", [h for option in OPTIONS for h in option.headers])
def test_no_option_lets_a_line_break_or_control_through(header: str, value: bytes) -> None:
    """Nothing that a client sends can become a header or a line of its own."""
    with pytest.raises(ParamValidationError):
        parse_read("GET", b"/e.com", b"", [(header.encode(), value)])


def test_latin_1_and_utf_8_headers_are_both_read() -> None:
    """`fetch` sends Latin-1, curl what the terminal has."""
    for raw in (".é".encode(), ".é".encode("latin-1")):
        options = parse_read("GET", b"/e.com", b"", [(b"x-target-selector", raw)])
        assert options.target_selector == (".é",)


def test_secrets_do_not_stand_in_messages() -> None:
    """A refused proxy or cookie is not repeated: messages end up in logs."""
    for header, value in [("X-Proxy-Url", "ftp://u:hunter2@h"), ("X-Set-Cookie", "hunter2")]:
        with pytest.raises(ParamValidationError) as caught:
            get("/e.com", (header, value))
        assert "hunter2" not in caught.value.message


def test_unknown_headers_are_ignored() -> None:
    """Proxies and browsers add what they like."""
    assert get("/e.com", ("X-Forwarded-For", "1.1.1.1"), ("X-Nonsense", "\x01")) == get("/e.com")


def test_an_option_given_twice_is_refused() -> None:
    """Which one counts would be a guess; the same value twice is none."""
    with pytest.raises(ParamValidationError, match="engine is given twice"):
        get("/e.com", ("X-Engine", "http"), ("X-Engine", "auto"))
    assert get("/e.com", ("X-Engine", "http"), ("X-Engine", "http")).engine is Engine.HTTP


def test_lists_may_come_in_several_headers() -> None:
    """Selectors, formats and cookies add up, aliases included."""
    options = get(
        "/e.com",
        ("X-Remove-Selector", "nav"),
        ("X-Excluded-Selector", "aside, footer"),
        ("X-Set-Cookie", "a=1"),
        ("X-Set-Cookie", "b=2"),
    )
    assert options.remove_selector == ("nav", "aside", "footer")
    assert options.set_cookies == ("a=1", "b=2")


def test_a_header_wins_over_the_body() -> None:
    """Field by field, inside the markdown style too."""
    body = {
        "url": "b.com",
        "timeout": 5,
        "engine": "http",
        "markdown": {"hr": "---", "headingStyle": "setext"},
    }
    options = post(body, ("X-Timeout", "7"), ("X-Md-Hr", "***"))
    assert (options.url, options.timeout, options.engine) == ("https://b.com", 7, Engine.HTTP)
    assert (options.markdown.hr, options.markdown.heading_style) == ("***", "setext")


def test_the_path_names_the_target_when_both_do() -> None:
    """`POST /{url}` reads that URL."""
    assert post({"url": "b.com"}, path="/a.com").url == "https://a.com"


def test_a_get_has_no_body_options() -> None:
    """The body of a GET means nothing."""
    assert parse_read("GET", b"/a.com", b"", [], {"timeout": 5}).timeout == 30


BODIES: list[tuple[dict[str, Any], str, object]] = [
    ({"respondWith": "html+text"}, "respond_with", ("html", "text")),
    ({"respondWith": ["html", "text"]}, "respond_with", ("html", "text")),
    ({"timeout": 5}, "timeout", 5.0),
    ({"timeout": "5"}, "timeout", 5.0),
    ({"targetSelector": ["a, b", "c"]}, "target_selector", ("a", "b", "c")),
    ({"withIframe": "quoted"}, "with_iframe", "quoted"),
    ({"withIframe": False}, "with_iframe", False),
    ({"withShadowDom": "no"}, "with_shadow_dom", False),
    ({"noCache": 1}, "no_cache", True),
    ({"setCookies": ["a=b", "c=d; Secure"]}, "set_cookies", ("a=b", "c=d; Secure")),
    ({"customHeader": {"X-A": "b"}}, "custom_header", (("X-A", "b"),)),
    ({"pdf": "JVBERi0x"}, "pdf", b"%PDF-1"),
    ({"file": "data:text/plain;base64,aGk="}, "file", b"hi"),
    ({"file": b"\x00\x01"}, "file", b"\x00\x01"),
    ({"html": "<p>\x00\n"}, "html", "<p>\x00\n"),
    ({"html": b"\xef\xbb\xbf<p>"}, "html", "<p>"),
    ({"injectPageScript": "a()\nb()"}, "inject_page_script", ("a()\nb()",)),
    ({"doNotTrack": True}, "do_not_track", True),
    ({"maxTokens": None}, "max_tokens", None),
    ({"markdownChunking": True}, "markdown_chunking", "h3"),
    ({"unknown": {"deep": [1]}}, "timeout", 30.0),
]


@pytest.mark.parametrize(("body", "field", "expected"), BODIES)
def test_a_body_sets_an_option(body: dict[str, Any], field: str, expected: object) -> None:
    """Bodies may use JSON's types or a form's strings."""
    assert getattr(post({"url": "e.com", **body}), field) == expected


REFUSED_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"url": 5}, "url"),
    ({"url": "e.com\r\nX: y"}, "url"),
    ({"respondWith": []}, "respondWith"),
    ({"timeout": True}, "timeout"),
    ({"timeout": [5]}, "timeout"),
    ({"maxTokens": 1.5}, "maxTokens"),
    ({"maxTokens": False}, "maxTokens"),
    ({"engine": 1}, "engine"),
    ({"noCache": []}, "noCache"),
    ({"targetSelector": [1]}, "targetSelector"),
    ({"targetSelector": {"a": 1}}, "targetSelector"),
    ({"html": 3}, "html"),
    ({"html": "\ud800"}, "html"),
    ({"html": b"\xff"}, "html"),
    ({"pdf": "%%%"}, "pdf"),
    ({"file": 1}, "file"),
    ({"markdown": []}, "markdown"),
    ({"markdown": {"headingStyle": 1}}, "markdown.headingStyle"),
    ({"markdown": {"linkStyle": "x"}}, "markdown.linkStyle"),
    ({"viewport": {"width": 0}}, "viewport.width"),
    ({"viewport": {"width": "wide"}}, "viewport.width"),
    ({"viewport": 3}, "viewport"),
    ({"customHeader": {"a": "b\nc"}}, "customHeader"),
    ({"customHeader": {"a b": "c"}}, "customHeader"),
    ({"customHeader": {"Host": "c"}}, "customHeader"),
    ({"customHeader": "a: b"}, "customHeader"),
    ({"setCookies": [{"name": "a"}]}, "setCookies"),
]


@pytest.mark.parametrize(("body", "path"), REFUSED_BODIES)
def test_a_bad_body_field_is_refused_by_name(body: dict[str, Any], path: str) -> None:
    """A wrong type is an error, never a guess."""
    with pytest.raises(ParamValidationError) as caught:
        post({"url": "e.com", **body})
    assert caught.value.path == path


@pytest.mark.parametrize("body", [{"html": "<p>"}, {"file": b"x"}, {"pdf": b"x"}])
def test_a_body_can_be_read_without_url(body: dict[str, Any]) -> None:
    """What was uploaded needs no address."""
    assert post(body).url == ""


def test_nothing_to_read_is_refused() -> None:
    """Neither a URL nor a document was given."""
    with pytest.raises(ParamValidationError) as caught:
        post({"timeout": 5})
    assert caught.value.path == "url"


@pytest.mark.parametrize("representation", [Representation.TEXT, Representation.MARKDOWN])
def test_several_formats_need_an_envelope(representation: Representation) -> None:
    """Text has one body; JSON and streams have room for more."""
    options = get("/e.com", ("X-Respond-With", "html+text"))
    check_representation(options, Representation.JSON)
    check_representation(options, Representation.EVENT_STREAM)
    with pytest.raises(ParamValidationError):
        check_representation(options, representation)


@pytest.mark.parametrize("name", ["injectPageScript", "injectFrameScript"])
def test_scripts_are_code_or_urls_and_not_too_many(name: str) -> None:
    """One or several, in a body only; plain HTTP runs none."""
    assert post({"url": "e.com", name: "a()"}).scripts == ("a()",)
    assert post({"url": "e.com", name: ["a()", "https://e.com/b.js"]}).scripts == (
        "a()",
        "https://e.com/b.js",
    )
    for body in ({name: ["a()"] * 17}, {name: "a()", "engine": "http"}, {name: 1}):
        with pytest.raises(ParamValidationError):
            post({"url": "e.com", **body})


@pytest.mark.parametrize("kind", ["screenshot", "pageshot", "content,screenshot"])
def test_plain_http_takes_no_picture(kind: str) -> None:
    """A picture needs a browser: the two together are a fault of the engine option."""
    with pytest.raises(ParamValidationError) as caught:
        get("/e.com", ("X-Respond-With", kind), ("X-Engine", "curl"))
    assert caught.value.path == "engine"
