"""An image that was asked for itself: what it is called, how large it is, who took it and when."""

from __future__ import annotations

import base64
import io
import re
import warnings
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from reader_stream.document.file import file_document
from reader_stream.document.html import Element, decode, media_type, parse
from reader_stream.model import Capture, Document, RenderOptions

MAX_DATA_URL_BYTES = 4 * 1024 * 1024
"""An uploaded image up to this size has its bytes for an address, as captions are made of no larger one."""

_TITLES = ("ImageDescription", "XPTitle", "Title", "Description", "title")
_ABOUT = {
    "artist": ("Artist", "XPAuthor", "Author"),
    "copyright": ("Copyright",),
    "software": ("Software",),
    "camera": ("Model",),
    "description": ("XPSubject", "XPComment", "Comment", "Description"),
}
_DATES = ("DateTimeOriginal", "DateTimeDigitized", "DateTime")
_NUMBER = re.compile(r"^\s*([\d.]+)\s*(?:px)?\s*$")


def render_picture(capture: Capture, options: RenderOptions) -> Document:
    """The document of an image: a reference to it and a line of what is known of it.

    Never fails: an image that cannot be read is referred to as it is.
    """
    body = capture.body if isinstance(capture.body, bytes) else capture.body.encode()
    about, said = _svg(capture) if media_type(capture.content_type) == "image/svg+xml" else _raster(body)
    url = _address(capture, body)
    alt = next((text for name in _TITLES if (text := said.get(name))), "") or dict(options.captions).get(
        url, ""
    )
    label = f"Image 1: {alt}" if alt else "Image 1"
    blocks = [block for block in (_reference(label, url, options), _line(about)) if block]
    about |= {ours: text for ours, names in _ABOUT.items() for name in names if (text := said.get(name))}
    taken = next((date for name in _DATES if (date := _date(said.get(name, "")))), None)
    return file_document(
        capture,
        blocks,
        "" if alt in dict(options.captions).values() else alt,
        images=((label, url),) if url else (),
        published_time=taken,
        metadata=about,
        text="\n\n".join(blocks),
    )


def _address(capture: Capture, body: bytes) -> str:
    if capture.url.startswith(("http://", "https://")):
        return capture.url
    if len(body) > MAX_DATA_URL_BYTES:
        return ""
    return f"data:{media_type(capture.content_type)};base64,{base64.b64encode(body).decode()}"


def _reference(label: str, url: str, options: RenderOptions) -> str:
    spelt = re.sub(r"([\[\]\\])", r"\\\1", label)
    if options.retain_images == "none":
        return ""
    shown = url and (options.keep_img_data_url or not url.startswith("data:"))
    if options.retain_images in ("alt", "alt_p") or not shown:
        return f"({spelt})"
    return f"![{spelt}]({url.replace(' ', '%20').replace('(', '%28').replace(')', '%29')})"


def _line(about: dict[str, Any]) -> str:
    size = f"{about['width']} \u00d7 {about['height']} pixels" if "width" in about else ""
    return ", ".join(part for part in (about.get("format", ""), size) if part)


def _raster(body: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    """Format and size, and the texts of EXIF and of PNG's own; only the header is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of huge images, and of EXIF that is not whole
        try:
            image = Image.open(io.BytesIO(body))
            exif = image.getexif()
            tags = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
        except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
            return {}, {}
    about = {"format": image.format or "", "width": image.width, "height": image.height}
    if frames := getattr(image, "n_frames", 1) - 1:
        about["frames"] = frames + 1
    said = {
        name: text for name, value in image.info.items() if isinstance(name, str) and (text := _text(value))
    }
    said |= {ExifTags.TAGS.get(tag, ""): text for tag, value in tags.items() if (text := _text(value))}
    return about, said


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-16-le" if b"\0" in value else "utf-8", "replace")
    if not isinstance(value, str) or len(value) > 2_000:
        return ""
    return " ".join(value.replace("\0", " ").split())


def _svg(capture: Capture) -> tuple[dict[str, Any], dict[str, str]]:
    root = parse(decode(capture.body, capture.content_type)).find(".//svg")
    about: dict[str, Any] = {"format": "SVG"}
    if root is None:
        return about, {}
    size = [_NUMBER.match(root.get(name) or "") for name in ("width", "height")]
    box = (root.get("viewbox") or root.get("viewBox") or "").replace(",", " ").split()
    if size[0] and size[1]:
        about |= {"width": _pixels(size[0][1]), "height": _pixels(size[1][1])}
    elif len(box) == 4 and all(_NUMBER.match(part) for part in box[2:]):
        about |= {"width": _pixels(box[2]), "height": _pixels(box[3])}
    return about, {
        name: text for name, tag in (("Title", "title"), ("Comment", "desc")) if (text := _child(root, tag))
    }


def _child(root: Element, tag: str) -> str:
    found = root.find(tag)
    return "" if found is None else " ".join("".join(map(str, found.itertext())).split())


def _pixels(text: str) -> int:
    try:
        return round(float(text))
    except ValueError:
        return 0


def _date(text: str) -> str | None:
    """ISO 8601 of an EXIF date."""
    try:
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()
    except ValueError:
        return None
