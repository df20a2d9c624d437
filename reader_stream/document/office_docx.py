"""Word documents, by mammoth: styles become elements, so that a heading is a heading."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any
from xml.parsers.expat import ExpatError

import mammoth

from reader_stream.document.html import body_of, parse
from reader_stream.document.office import Content
from reader_stream.errors import AssertionFailureError
from reader_stream.model import RenderOptions

STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote:fresh
p[style-name='Intense Quote'] => blockquote:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='Source Code'] => pre:separator('\\n')
r[style-name='Code'] => code
r[style-name='HTML Code'] => code
r[style-name='Verbatim Char'] => code
"""
"""Besides mammoth's own map, which knows headings, lists and footnotes."""


def read_docx(body: bytes, archive: zipfile.ZipFile, options: RenderOptions) -> Content:
    """Headings, paragraphs, lists, tables, links, footnotes. Raises AssertionFailureError if broken."""

    def source(image: Any) -> dict[str, str]:
        if not options.keep_img_data_url:
            return {"src": ""}
        with image.open() as stream:
            return {"src": f"data:{image.content_type};base64,{base64.b64encode(stream.read()).decode()}"}

    try:
        result = mammoth.convert_to_html(
            io.BytesIO(body), style_map=STYLES, convert_image=mammoth.images.img_element(source)
        )
    except (
        KeyError,
        IndexError,
        ValueError,
        AttributeError,
        OSError,
        zipfile.BadZipFile,
        ExpatError,
    ) as error:
        raise AssertionFailureError("the Word document is broken: it cannot be read") from error
    root = body_of(parse(result.value))
    _with_heads(root)
    heading = next((element for element in root.iter("h1", "h2")), None)
    return Content(
        root, title="" if heading is None else " ".join("".join(map(str, heading.itertext())).split())
    )


def _with_heads(root: Any) -> None:
    """Word seldom marks the head of a table, so its first row is taken for one."""
    for table in root.iter("table"):
        first = table.find(".//tr")
        if first is None or table.find(".//th") is not None:
            continue
        for cell in first.findall("td"):
            cell.tag = "th"
