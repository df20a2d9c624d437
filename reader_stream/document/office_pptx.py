"""Presentations, by python-pptx: each slide a heading with its texts, lists, tables, charts and notes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PythonPptxError

from reader_stream.document.html import Element
from reader_stream.document.office import Content
from reader_stream.document.tabular import printable
from reader_stream.errors import AssertionFailureError
from reader_stream.model import RenderOptions

MAX_DEPTH = 10
"""Groups within groups that are looked into."""

_RUNNING = {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.SLIDE_NUMBER}


def read_pptx(body: bytes, _: zipfile.ZipFile, options: RenderOptions) -> Content:
    """All slides, in the order in which they are shown. Raises AssertionFailureError for a broken file."""
    root = etree.Element("div")
    try:
        slides = list(Presentation(io.BytesIO(body)).slides)
        for number, slide in enumerate(slides, start=1):
            _add_slide(root, slide, number)
    except (
        KeyError, IndexError, ValueError, TypeError, AttributeError, OSError, zipfile.BadZipFile,
        PythonPptxError, etree.XMLSyntaxError, NotImplementedError,
    ) as error:  # fmt: skip
        raise AssertionFailureError("the presentation is broken: it cannot be read") from error
    heading = root.find("h2")
    title = "" if heading is None or heading.get("class") else heading.text or ""
    return Content(root, title=title, page_count=len(slides))


def _add_slide(root: Element, slide: Any, number: int) -> None:
    title = slide.shapes.title
    named = " ".join(title.text_frame.text.split()) if title is not None else ""
    heading = etree.SubElement(root, "h2", {} if named else {"class": "number"})
    heading.text = printable(named or f"Slide {number}")
    for shape in _in_reading_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            _add_shape(root, shape)
    if (
        slide.has_notes_slide
        and (frame := slide.notes_slide.notes_text_frame) is not None
        and frame.text.strip()
    ):
        etree.SubElement(root, "h3").text = "Notes"
        for paragraph in frame.paragraphs:
            _add_paragraph(root, paragraph)


def _in_reading_order(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """Top to bottom, left to right; those of a group together. Shapes without a place come first."""
    placed = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    for shape in placed:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < MAX_DEPTH:
            yield from _in_reading_order(shape.shapes, depth + 1)
        else:
            yield shape


def _add_shape(root: Element, shape: Any) -> None:
    if shape.is_placeholder and shape.placeholder_format.type in _RUNNING:
        return
    if shape.has_chart:
        _add_chart(root, shape.chart)
    elif shape.has_table:
        _add_table(root, [[cell.text for cell in row.cells] for row in shape.table.rows])
    elif shape.has_text_frame:
        _add_texts(root, shape)
    elif shape.shape_type == MSO_SHAPE_TYPE.PICTURE:
        said = shape._element._nvXxPr.cNvPr.get("descr") or ""
        if said.strip():
            etree.SubElement(root, "p").text = printable(f"(Image: {' '.join(said.split())})")


def _add_texts(root: Element, shape: Any) -> None:
    """A text frame: a list where it is the body of a slide or has levels, else paragraphs."""
    paragraphs = [each for each in shape.text_frame.paragraphs if each.text.strip()]
    listed = len(paragraphs) > 1 and (
        (
            shape.is_placeholder
            and shape.placeholder_format.type in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
        )
        or any(each.level for each in paragraphs)
    )
    if not listed:
        for each in paragraphs:
            _add_paragraph(root, each)
        return
    open_lists = [etree.SubElement(root, "ul")]
    for each in paragraphs:
        while len(open_lists) <= each.level and len(open_lists[-1]):
            open_lists.append(etree.SubElement(open_lists[-1][-1], "ul"))
        del open_lists[each.level + 1 :]
        _fill(etree.SubElement(open_lists[-1], "li"), each)


def _add_paragraph(root: Element, paragraph: Any) -> None:
    if paragraph.text.strip():
        _fill(etree.SubElement(root, "p"), paragraph)


def _fill(element: Element, paragraph: Any) -> None:
    for run in paragraph.runs:
        href = run.hyperlink.address
        tag = "a" if href else "strong" if run.font.bold else "em" if run.font.italic else "span"
        piece = etree.SubElement(element, tag, {"href": printable(href)} if href else {})
        piece.text = printable(run.text.replace("\v", "\n"))
    if not paragraph.runs:
        element.text = printable(paragraph.text.replace("\v", "\n"))


def _add_table(root: Element, rows: Iterable[Iterable[str]]) -> None:
    table = etree.SubElement(root, "table")
    for number, row in enumerate(rows):
        line = etree.SubElement(table, "tr")
        for cell in row:
            etree.SubElement(line, "td" if number else "th").text = printable(cell)


def _add_chart(root: Element, chart: Any) -> None:
    """A chart as the table that it was drawn from."""
    if chart.has_title and chart.chart_title.has_text_frame:
        etree.SubElement(root, "p").text = printable(chart.chart_title.text_frame.text)
    series = [each for plot in chart.plots for each in plot.series]
    categories = [str(each) for each in next((plot.categories for plot in chart.plots), [])]
    rows = [["", *(each.name for each in series)]]
    rows += [[name, *(_number(each.values, at) for each in series)] for at, name in enumerate(categories)]
    _add_table(root, rows)


def _number(values: Any, at: int) -> str:
    value = values[at] if at < len(values) else None
    return "" if value is None else f"{value:g}"
