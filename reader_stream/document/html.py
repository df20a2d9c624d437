"""Bytes → text → tree: decoding as browsers do, parsing without loss of deep content, base URL.

A tree that leaves this file is at most `MAX_DEPTH` levels deep, so recursion over it is safe.
"""

from __future__ import annotations

import codecs
import re
from email.message import Message
from itertools import dropwhile
from typing import TypeAlias
from urllib.parse import urljoin, urlsplit

from charset_normalizer import CharsetMatch, from_bytes
from lxml import etree

Element: TypeAlias = etree._Element

MAX_DEPTH = 240
"""Levels kept as they are; what lies deeper is laid flat, as Chromium does from 512 on. libxml2's own
limit is 256, beyond which it drops content without a word."""

SNIFF_BYTES = 1024
"""Where the HTML standard looks for `<meta charset>`; doubled below, as real pages put it a little later."""

WEB_CODECS = (
    *("utf_8", "cp1252", "cp1251", "cp932", "euc_jp", "gb18030", "cp949", "big5", "iso8859_2", "cp1250"),
    *("cp1256", "iso8859_9", "cp1254", "cp1255", "cp1253", "cp874", "cp1257", "koi8_r", "cp1258"),
)
"""Legacy encodings by their share of web pages (W3Techs, 2025), for guesses that are equally good."""

DETECT_BYTES = 32 * 1024
"""Enough for charset-normalizer to be sure; its cost grows with the length (about 5 ms here)."""

# What may stand in a head (HTML, 4.2); anything else begins the body.
_HEAD_TAGS = frozenset(
    {"base", "basefont", "bgsound", "link", "meta", "noscript", "script", "style", "template", "title"}
)
_META_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]+)""", re.I)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]+encoding\s*=\s*["']([a-zA-Z0-9_.:-]+)""", re.I)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_CHARSETS = frozenset(
    {"hex", "base64", "rot13", "rot-13", "zlib", "bz2", "uu", "quopri", "idna", "punycode", "undefined"}
    | {"unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
)
"""Codecs of Python that are no charsets of pages; some raise whatever they are told to do about errors."""
_FEEDS = bytes.maketrans(b"\v\f", b"  ")
_CONTROLS = bytes({*range(0x20)} - set(b"\t\n\v\f\r"))
_NOT_XML = re.compile(
    r"&#(?:0*(?:[1-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)"
    r"|[xX]0*(?:[1-8bcefBCEF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)
"""References to control characters, and to what is no character."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PAGE_ENDS = re.compile(rb"</(?:body|html)\b[^<>]*>", re.I)
"""To HTML they end nothing: what follows still belongs to the body (13.2.6.4.19 and 13.2.6.4.22). libxml2
drops what follows, or puts it beside the body; pages whose header was a page of its own are not rare."""
"""What lxml takes for a name: neither `o:p` nor `@click`, which its parser lets through."""
# The WHATWG labels that differ from Python's codec of the same name.
_WHATWG = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}


def media_type(content_type: str) -> str:
    """`text/html` of `Text/HTML; charset=x`."""
    return content_type.partition(";")[0].strip().lower()


def decode(body: bytes | str, content_type: str = "") -> str:
    """The text of a body: BOM, then the header's charset, then the document's own word, then a guess.

    Never fails: bytes that do not fit become U+FFFD.
    """
    if isinstance(body, str):
        return body.removeprefix("\ufeff")
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    declared = _codec(_header_charset(content_type)) or _declared_inside(body)
    if declared is not None:
        return _decode_as(body, declared)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_guessed(body)


def _decode_as(body: bytes, codec: str) -> str:
    text = body.decode(codec, "replace")
    if codec != "utf-8" and text.count("\ufffd") > len(text) // 100:
        # The label is wrong; UTF-8 is what such pages really are.
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return text
    if codec == "utf-8" and text.count("\ufffd") > len(text) // 50:
        return _decode_guessed(body)
    return text


def _decode_guessed(body: bytes) -> str:
    sample = body[:DETECT_BYTES]
    if sum(byte >= 0x80 for byte in sample) < 8:
        sample = bytes(body[i] for i in range(len(body)) if body[i] >= 0x80 or i < DETECT_BYTES)[
            -DETECT_BYTES:
        ]
    return body.decode(_likeliest(list(from_bytes(sample))), "replace")


def _likeliest(guesses: list[CharsetMatch]) -> str:
    """Of the guesses that are about as good as the best one, what the web uses most."""
    if not guesses:
        return "cp1252"
    good = [
        name
        for guess in guesses
        if guess.chaos <= guesses[0].chaos + 0.05 and guess.coherence >= guesses[0].coherence - 0.1
        for name in guess.could_be_from_charset
    ]
    return next((name for name in WEB_CODECS if name in good), _codec(good[0]) or "cp1252")


def _header_charset(content_type: str) -> str | None:
    message = Message()
    message["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    charset = message.get_param("charset")
    return charset if isinstance(charset, str) else None


def _declared_inside(body: bytes) -> str | None:
    head = body[: 2 * SNIFF_BYTES]
    match = _XML_CHARSET.search(head) or _META_CHARSET.search(head)
    codec = _codec(match[1].decode("ascii")) if match else None
    # A page whose meta could be read as ASCII is not UTF-16, whatever it says (HTML standard, 13.2.3.2).
    return "utf-8" if codec and codec.startswith("utf-16") else codec


def _codec(label: str | None) -> str | None:
    if not label:
        return None
    try:
        name = codecs.lookup(label.strip().strip("'\"")).name
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else _WHATWG.get(name, name)


def parse(text: str, *, comments: bool = False, max_depth: int = MAX_DEPTH) -> Element:
    """The `<html>` element of any text; at most `max_depth` levels deep.

    Raises MemoryError, and nothing else.
    """
    raw = _in_xml(text.replace("\0", "\ufffd"))
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=not comments, remove_pis=not comments)
    root = _root_of(raw, parser)
    too_deep = "ERR_RESOURCE_LIMIT" in _errors_of(parser)
    if too_deep or (max_depth < MAX_DEPTH and root is not None and _depth(root) > max_depth):
        builder = _FlatBuilder(max_depth)
        parser = etree.HTMLParser(encoding="utf-8", target=builder, huge_tree=True)
        root = _root_of(raw, parser)
        _errors_of(parser)
    if root is None:
        return _empty()
    _close_elements(root)
    return _with_body(root)


def _close_elements(root: Element) -> None:
    """End what HTML ends and libxml2 leaves open, so that what follows stands beside it, not in it."""
    for element in list(root.iter("dt", "dd")):
        parent = element.getparent()
        grand = parent.getparent() if parent is not None and parent.tag in ("dt", "dd") else None
        if parent is not None and grand is not None:
            grand.insert(grand.index(parent) + 1, element)
    for element in list(root.iter("source", "track")):  # void elements (HTML, 13.1.2)
        parent = element.getparent()
        if parent is None or not (len(element) or element.text):
            continue
        tail, last = element.tail, element[-1] if len(element) else element
        element.tail, element.text = element.text, None
        last.tail = (last.tail or "") + (tail or "")
        at = parent.index(element) + 1
        parent[at:at] = list(element)


def _depth(root: Element) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _in_xml(text: str) -> bytes:
    """The bytes of a text without what XML cannot say: lxml reads it, and lets nobody write it again."""
    if "\ufffe" in text or "\uffff" in text:
        text = text.replace("\ufffe", "").replace("\uffff", "")
    if "&#" in text:
        text = _NOT_XML.sub("", text)
    return _PAGE_ENDS.sub(b"", text.encode("utf-8", "replace").translate(_FEEDS, _CONTROLS))


def _with_body(root: Element) -> Element:
    """Where `<body>` is not written out, libxml2 leaves elements that it does not know in the head."""
    head = root.find("head")
    if head is None:
        return root
    strays = list(dropwhile(lambda child: child.tag in _HEAD_TAGS or not isinstance(child.tag, str), head))
    if not strays:
        return root
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    if body.text:
        strays[-1].tail = (strays[-1].tail or "") + body.text
        body.text = None
    body[:0] = strays
    return root


def _root_of(raw: bytes, parser: etree.HTMLParser) -> Element | None:
    try:
        return etree.fromstring(raw, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _errors_of(parser: etree.HTMLParser) -> set[str]:
    """The kinds of errors met. A lack of memory is raised: to lxml it is one more error of the page's,
    after which there is no tree, or a part of one."""
    kinds = {entry.type_name for entry in parser.error_log}
    if "ERR_NO_MEMORY" in kinds:
        raise MemoryError("the page's tree needs more memory than there is")
    return kinds


def _empty() -> Element:
    root = etree.Element("html")
    etree.SubElement(root, "body")
    return root


class _FlatBuilder:
    """A parser target that lays flat what is nested deeper than `max_depth`.

    Open elements stand on a stack; an element opened too deep becomes the next sibling inside the
    deepest real container, and text that follows it there becomes its tail, so that the order of the
    text stays.
    """

    def __init__(self, max_depth: int) -> None:
        self._max_depth = max_depth
        self._root: Element | None = None
        self._stack: list[Element] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not _NAME.fullmatch(tag):
            tag = "span"
        attributes = {name: value for name, value in attributes.items() if _NAME.fullmatch(name)}
        if self._root is None:
            self._root = etree.Element(tag, attributes)
            self._stack.append(self._root)
            return
        parent = self._stack[min(len(self._stack), self._max_depth) - 1] if self._stack else self._root
        self._stack.append(etree.SubElement(parent, tag, attributes))

    def end(self, tag: str) -> None:
        if self._stack:
            self._stack.pop()

    def data(self, text: str) -> None:
        if not self._stack:
            return
        top = self._stack[-1]
        if len(self._stack) > self._max_depth:
            container = self._stack[self._max_depth - 1]
            if container[-1] is not top:
                container[-1].tail = (container[-1].tail or "") + text
                return
        if len(top):
            top[-1].tail = (top[-1].tail or "") + text
        else:
            top.text = (top.text or "") + text

    def close(self) -> Element | None:
        return self._root


def base_url(root: Element, url: str) -> str:
    """The URL against which the page's links are resolved: its first `<base href>`, else its own."""
    for element in root.iter("base"):
        if href := (element.get("href") or "").strip():
            try:
                joined = urljoin(url, href)
                if urlsplit(joined).scheme in {"http", "https"}:
                    return str(joined)
            except ValueError:
                pass
            break
    return url


def body_of(root: Element) -> Element:
    """The `<body>`, or the root where there is none (framesets, fragments)."""
    body = root.find("body")
    return root if body is None else body
