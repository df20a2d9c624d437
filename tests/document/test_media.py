"""Files that are no pages: tables, images, feeds, and types that servers get wrong."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from reader_stream.document import render
from reader_stream.document.media import is_html
from reader_stream.document.sniff import sniff
from reader_stream.errors import AssertionFailureError
from reader_stream.model import Capture, Document, RenderOptions

PROSE = (
    "The pilot said, when asked, that it was late.\nThe harbour, as ever, was calm and wide, he thought.\n"
)


def read(
    body: bytes, kind: str = "text/plain", url: str = "http://a.test/dir/file", **options: object
) -> Document:
    """The document of a file."""
    return render(Capture(url, body, kind, settled=True), RenderOptions(**options))  # type: ignore[arg-type]


def uploaded(body: bytes, **options: object) -> Document:
    """The document of a file that was sent without a name."""
    return read(body, sniff(body), "about:blank", **options)


GRID = "| a | b |\n| --- | --- |\n| 1 | 2 |"
TABLES = [
    b"a,b\n1,2\n",
    b"a;b\n1;2\n",
    b"a\tb\r\n1\t2\r\n",
    b"a|b\n1|2\n",
    b'"a","b"\n"1","2"',
    b"\xef\xbb\xbfa,b\n1,2\n",
    "a,b\n1,2\n".encode("utf-16"),
    b"a,b\r1,2\r",
    b"\n\na,b\n\n1,2\n\n",
]


@pytest.mark.parametrize("body", TABLES)
def test_tables_are_told_by_their_shape(body: bytes) -> None:
    """Any usual delimiter, quotes, line ends and encodings; declared or not."""
    assert read(body, "text/csv").blocks == (GRID,)
    assert uploaded(body).blocks == (GRID,)


def test_cells() -> None:
    """Line breaks within quotes are blanks, what markdown would read is escaped, short rows are filled."""
    body = b'name,note\n"Eve\nAda","a ""b"" | *c* <i> snake_case"\nBo\n'
    assert read(body, "text/csv").blocks == (
        '| name | note |\n| --- | --- |\n| Eve Ada | a "b" \\| \\*c\\* \\<i> snake_case |\n| Bo |  |',
    )


def test_semicolons_with_decimal_commas() -> None:
    """The delimiter is what gives rows of one width, not what is seen most often."""
    assert read("Ort;Tiefe;Länge\nKai;1,5;2,5\nPier;2,5;10,0\n".encode("cp1252"), "text/csv").blocks == (
        "| Ort | Tiefe | Länge |\n| --- | --- | --- |\n| Kai | 1,5 | 2,5 |\n| Pier | 2,5 | 10,0 |",
    )


def test_a_large_table_is_quick_and_in_pieces() -> None:
    """Ten thousand rows a block, each with its head."""
    body = b"a,b\n" + b"1,2\n" * 25_000
    blocks = read(body, "text/csv").blocks
    assert len(blocks) == 3
    assert all(block.startswith("| a | b |\n| --- | --- |\n") for block in blocks)


def test_a_table_without_gfm() -> None:
    """Plain markdown has no tables."""
    assert "| ---" not in read(b"a,b\n1,2\n", "text/csv", no_gfm=True).content


@pytest.mark.parametrize(
    "body",
    [
        PROSE.encode(),
        b"one line, only",
        b"if (a, b) {\n f(a, b);\n}\n",
        b"a,b\n1,2,3\n4\n",
        b"key: value\nother: thing\n",
    ],
)
def test_prose_is_no_table(body: bytes) -> None:
    """Commas in sentences and code make no columns."""
    assert sniff(body) == "text/plain"
    assert "| --- |" not in read(body).content


def test_names_help_where_types_do_not() -> None:
    """A file sent as plain text or bytes is what its name says."""
    for kind in ("text/plain", "application/octet-stream", "application/vnd.ms-excel"):
        assert read(b"a,b\n1,2,3\n", kind, "http://a.test/x.csv").content.startswith("| a | b |")
    assert read(b"# T\n\n- x", "text/plain", "http://a.test/readme.md").title == "T"


def test_bytes_that_know_better() -> None:
    """An image or page sent as plain bytes is an image or a page; binary text is no text."""
    png = picture("PNG")
    for kind in ("application/octet-stream", "text/plain", ""):
        assert "PNG, 40 \u00d7 30 pixels" in read(png, kind).content
    page = b"<?xml version='1.0'?><!DOCTYPE html><html><body><p>x</body></html>"
    assert is_html(Capture("http://a.test/", page, "text/xml"))
    assert not is_html(Capture("http://a.test/", b'{"a": 1}', ""))
    assert read(b'{"a": 1}', "").blocks == ('```json\n{\n  "a": 1\n}\n```',)
    with pytest.raises(AssertionFailureError):
        read(b"\0\1\2" * 50, "text/plain")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "before 2007"),
        (b"{\\rtf1 x}", "rich text"),
        (b"PK\x03\x04" + b"x" * 40, "zip"),
    ],
)
def test_what_cannot_be_read_says_what_it_is(body: bytes, said: str) -> None:
    """Old and unknown formats are refused by their name."""
    with pytest.raises(AssertionFailureError, match=said):
        uploaded(body)


def picture(kind: str, **saved: object) -> bytes:
    """An image of 40 by 30 pixels."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind, **saved)
    return out.getvalue()


def test_pictures_say_size_and_format() -> None:
    """An image is referred to by its address, with what its header says."""
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"):
        document = read(picture(kind), f"image/{kind.lower()}", "http://a.test/a (1).png")
        assert document.blocks == (
            "![Image 1](http://a.test/a%20%281%29.png)",
            f"{kind}, 40 \u00d7 30 pixels",
        )
        assert (document.metadata["width"], document.metadata["height"]) == (40, 30)
        assert document.images == (("Image 1", "http://a.test/a (1).png"),)
    assert read(picture("PNG"), "image/png", retain_images="none").blocks == ("PNG, 40 \u00d7 30 pixels",)
    assert read(picture("PNG"), "image/png", retain_images="alt").blocks[0] == "(Image 1)"


def test_pictures_say_their_titles() -> None:
    """EXIF's description is the title; its author and date are told; PNG has texts of its own."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "A lighthouse [red]", "A. Pilot"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    document = read(picture("JPEG", exif=exif), "image/jpeg")
    assert document.title == "A lighthouse [red]"
    assert document.blocks[0] == "![Image 1: A lighthouse \\[red\\]](http://a.test/dir/file)"
    assert document.metadata["artist"] == "A. Pilot"
    assert document.published_time == "2024-05-06T07:08:09"
    info = PngInfo()
    info.add_text("Title", "The quay")
    assert read(picture("PNG", pnginfo=info), "image/png").title == "The quay"


def test_captions_of_pictures() -> None:
    """A caption stands where there is no title."""
    captions = (("http://a.test/dir/file", "a teal field"),)
    assert read(picture("PNG"), "image/png", captions=captions).blocks[0] == (
        "![Image 1: a teal field](http://a.test/dir/file)"
    )


def test_uploaded_pictures_have_no_address() -> None:
    """They are shown by their bytes where that is asked for, and known to whoever makes captions."""
    png = picture("PNG")
    document = uploaded(png)
    assert document.blocks == ("(Image 1)", "PNG, 40 \u00d7 30 pixels")
    assert document.images[0][1].startswith("data:image/png;base64,")
    assert uploaded(png, keep_img_data_url=True).blocks[0].startswith("![Image 1](data:image/png;base64,")


def test_vector_pictures() -> None:
    """SVG has its size and title in its text."""
    svg = b'<?xml version="1.0"?><svg viewBox="0 0 640 480"><title>A map</title><path d="M0 0"/></svg>'
    assert sniff(svg) == "image/svg+xml"
    document = read(svg, "image/svg+xml")
    assert document.title == "A map"
    assert document.blocks[-1] == "SVG, 640 \u00d7 480 pixels"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF"])
def test_broken_pictures(kind: str) -> None:
    """A picture that breaks off or lies about itself is referred to all the same."""
    whole = picture(kind)
    for body in (whole[:12], whole[: len(whole) // 2], whole[:16] + b"\xff" * 60):
        assert "Image 1" in read(body, f"image/{kind.lower()}").blocks[0]


ATOM = b"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title type="html">Harbour &amp;amp; sea</title><subtitle>All news</subtitle>
<updated>2024-05-06T07:08:09Z</updated>
<entry><title>One</title><link rel="self" href="/self"/><link rel="alternate" href="posts/1"/>
<author><name>A. Pilot</name><email>a@a.test</email></author><published>2024-05-05T00:00:00Z</published>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Some <b>bold</b> text.</p></div></content></entry>
<entry><title>Two</title><id>https://a.test/two</id><summary>Short.</summary></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old news</title></channel>
<item><title>Three</title><link>https://a.test/3</link><dc:date>2003-04-05</dc:date></item></rdf:RDF>"""
MAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.test/4</loc>
<lastmod>2024-01-02</lastmod></url></urlset>"""


def test_atom() -> None:
    """Entries with links made whole, authors, dates and their own markup."""
    document = read(ATOM, "application/atom+xml", "https://a.test/blog/feed.xml")
    assert document.title == "Harbour & sea"
    assert document.published_time == "2024-05-06T07:08:09+00:00"
    assert document.blocks == (
        "# Harbour & sea",
        "All news",
        "## [One](https://a.test/blog/posts/1)",
        "A. Pilot \u00b7 2024-05-05T00:00:00+00:00",
        "Some **bold** text.",
        "## [Two](https://a.test/two)",
        "Short.",
    )


def test_rdf_and_sitemaps() -> None:
    """The oldest of feeds, and lists of addresses."""
    assert uploaded(RDF).blocks == ("# Old news", "## [Three](https://a.test/3)", "2003-04-05")
    assert uploaded(MAP).blocks == ("## [https://a.test/4](https://a.test/4)", "2024-01-02")


def test_hostile_feeds() -> None:
    """Entities are not opened, neither those that grow nor those that lead to files."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        "<rss><channel><title>T</title><item><title>&l11;&f;end</title><link>https://a.test/</link>"
        "</item></channel></rss>"
    )
    content = read(body.encode(), "application/rss+xml").content
    assert "root:" not in content
    assert len(content) < 10_000


def test_lines_of_json() -> None:
    """One object a line is JSON, too."""
    body = b'{"a": 1}\n{"a": 2}\n'
    assert sniff(body) == "application/x-ndjson"
    assert uploaded(body).blocks == ('```json\n{"a": 1}\n{"a": 2}\n```',)
