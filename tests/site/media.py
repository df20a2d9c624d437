"""What is not HTML: JSON, text, feeds, images, PDF, and bytes that nobody can read."""

from __future__ import annotations

import base64
import json

from aiohttp import web

from tests.site.page import Asset, Handler, Page, prose

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Harbour news</title><link>http://example.com/</link>
<description>News of the harbour</description>
<item><title>marker-feed-item</title><link>http://example.com/1</link>
<description>&lt;p&gt;marker-feed-text&lt;/p&gt;</description></item></channel></rss>"""


def pdf(*pages: str) -> bytes:
    """A small PDF, one line of Helvetica a page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, text in enumerate(pages):
        stream = f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    start = len(out)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n{table}".encode()
    return out + f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def file(body: bytes, kind: str) -> Handler:
    """These bytes with this media type."""

    async def respond(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": kind})

    return respond


JSON = json.dumps({"name": "marker-json", "ships": [1, 2, 3]}).encode()
TEXT = f"Plain text\n\n{prose('text')} marker-text\n".encode()
MARKDOWN = f"# A heading\n\n{prose('markdown')} marker-markdown\n\n* one\n* two\n".encode()

PAGES: tuple[Page, ...] = (
    Page("/data.json", file(JSON, "application/json"), must=("marker-json",), static=True),
    Page("/notes.txt", file(TEXT, "text/plain; charset=utf-8"), must=("marker-text",), static=True),
    Page("/readme.md", file(MARKDOWN, "text/markdown"), must=("# A heading", "marker-markdown"), static=True),
    Page(
        "/feed.xml",
        file(FEED.encode(), "application/rss+xml"),
        must=("marker-feed-item", "marker-feed-text"),
        static=True,
    ),
    Page("/pixel.png", file(PIXEL, "image/png"), must=("pixel.png",), static=True),
    Page(
        "/paper.pdf",
        file(pdf("The first page marker-pdf-1", "The second page marker-pdf-2"), "application/pdf"),
        must=("marker-pdf-1", "marker-pdf-2"),
        static=True,
    ),
    Page("/binary", file(bytes(range(256)) * 8, "application/octet-stream"), answer=422, requests=None),
)

ASSETS: tuple[Asset, ...] = ()
