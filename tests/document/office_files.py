"""Small office documents, made here: by the libraries where they write, else part by part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import openpyxl
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REL = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE = """<?xml version="1.0"?><cp:coreProperties
xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">
<dc:title>The harbour report</dc:title><dc:creator>A. Pilot</dc:creator><dc:language>en-GB</dc:language>
<dcterms:created>2024-05-06T07:08:09Z</dcterms:created></cp:coreProperties>"""


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of these parts, in order; `mimetype` is stored, as its readers want it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            file.writestr(name, text, kind)
    return out.getvalue()


def paragraph(text: str, style: str = "") -> str:
    """A paragraph of WordprocessingML."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str) -> str:
    """A cell of a table of WordprocessingML."""
    return f"<w:tc>{paragraph(text)}</w:tc>"


def docx(body: str = "", **parts: str) -> bytes:
    """A Word document with headings, a link, a table and `body`; `parts` replace its own."""
    text = (
        paragraph("Harbour report", "Heading1")
        + paragraph("The first paragraph.")
        + f'<w:p><w:hyperlink r:id="rId9" xmlns:r="{R}"><w:r><w:t>A link</w:t></w:r></w:hyperlink></w:p>'
        + paragraph("Figures", "Heading2")
        + f"<w:tbl><w:tr>{cell('Ship')}{cell('Tons')}</w:tr><w:tr>{cell('Ada')}{cell('12')}</w:tr></w:tbl>"
        + body
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/></w:style>'
        for n in (1, 2)
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return archive(
        {
            "[Content_Types].xml": '<?xml version="1.0"?>'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{REL}"><Relationship Id="rId1" '
            f'Type="{R}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{REL}"><Relationship Id="rId9" '
            f'Type="{R}/hyperlink" Target="https://a.test/linked" TargetMode="External"/>'
            f'<Relationship Id="rId2" Type="{R}/styles" Target="styles.xml"/></Relationships>',
            "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{text}</w:body></w:document>',
            "docProps/core.xml": CORE,
            **parts,
        }
    )


def xlsx() -> bytes:
    """A workbook of two sheets, one of them hidden besides, that begins at B2."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ships"
    for at, row in enumerate(
        [("Ship", "Tons", "Built"), ("Ada | Eve", 12.0, datetime(2020, 1, 2)), ("Bo", 1.5, None)]
    ):
        for column, value in enumerate(row):
            sheet.cell(row=at + 2, column=column + 2, value=value)
    book.create_sheet("Ports").append(["Port", True])
    book.create_sheet("Secret").append(["hidden"])
    book["Secret"].sheet_state = "hidden"
    book.properties.title = "Register"
    book.properties.creator = "A. Pilot"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pptx() -> bytes:
    """A presentation: a title, a list with levels and notes, a table and a chart."""
    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[0])
    first.shapes.title.text = "Harbour plans"
    first.placeholders[1].text = "For the council"
    second = show.slides.add_slide(show.slide_layouts[1])
    second.shapes.title.text = "What we do"
    frame = second.placeholders[1].text_frame
    frame.text = "Dig deeper"
    for text, level in (("by two metres", 1), ("Build a quay", 0)):
        added = frame.add_paragraph()
        added.text, added.level = text, level
    second.notes_slide.notes_text_frame.text = "Say it slowly."
    third = show.slides.add_slide(show.slide_layouts[6])
    table = third.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for at, text in enumerate(("Year", "Cost", "2025", "3")):
        table.cell(at // 2, at % 2).text = text
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["East", "West"]
    data.add_series("Berths", (4, 7.5))
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(3), Inches(4), Inches(3), data)
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def odt() -> bytes:
    """An OpenDocument text with a heading, a link, a list and a table."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{office}:office:1.0" xmlns:text="{office}:text:1.0" '
        f'xmlns:table="{office}:table:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
        '<text:h text:outline-level="2">Open harbour</text:h><text:p>See <text:a xlink:href="https://a.test/o">this'
        "</text:a><text:s/>now.</text:p><text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell>"
        "<text:p>b</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>1</text:p>"
        "</table:table-cell><table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>"
        "</office:text></office:body></office:document-content>"
    )
    return archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def epub() -> bytes:
    """A book of two chapters, whose files stand in another order than its spine."""
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>The book</dc:title><dc:creator>E. Author</dc:creator></metadata><manifest>"
        '<item id="b" href="two.xhtml"/><item id="a" href="one%20.xhtml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container>"
            '<rootfiles><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
            "OPS/book.opf": package,
            "OPS/two.xhtml": "<!DOCTYPE html><html><body><h1>Two</h1>"
            "<p>End. <a href='one.xhtml'>back</a></p></body></html>",
            "OPS/one .xhtml": "<html><body><h1>One</h1><p>Begin.</p></body></html>",
        }
    )
