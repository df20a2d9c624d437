"""Files that are worth a download: a long PDF, office documents with and without their type."""

from __future__ import annotations

from aiohttp import web

from tests.document.office_files import docx
from tests.site.media import file, pdf
from tests.site.page import Asset

LONG = pdf(*(f"Page {n} of the long report marker-page-{n} is here" for n in range(1, 61)))
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def _long(_: web.Request) -> web.Response:
    return web.Response(body=LONG, content_type="application/pdf")


ASSETS: tuple[Asset, ...] = (
    Asset("/files/long.pdf", _long),
    Asset("/files/report.docx", file(docx(), DOCX)),
    Asset("/files/report", file(docx(), "application/octet-stream")),
)
