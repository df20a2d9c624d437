"""Rules for images and embedded media."""

from __future__ import annotations

import re

from reader_stream.document.markdown_escape import escape, plan, unbalanced
from reader_stream.document.markdown_frames import is_machinery, is_unseen
from reader_stream.document.markdown_links import destination, host
from reader_stream.document.markdown_math import tex_in_alt, write_formula
from reader_stream.document.markdown_numbers import image_place
from reader_stream.document.markdown_tokens import Mark, Picture, scrub
from reader_stream.document.markdown_walk import Element, Leave, Rule, Walk, skip

# Attributes in which lazy loaders keep the address until the image comes into view, the usual ones first.
_LAZY = (
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-hi-res-src",
    "data-full-src",
    "data-url",
)
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_PLACEHOLDER = re.compile(
    r"(?:blank|spacer|placeholder|transparent|pixel|loading|lazy|1x1)[^/]*\.(?:gif|png|svg)", re.I
)
_EMOJI = re.compile(r"\bemoji\b|\bwp-smiley\b", re.IGNORECASE)


def image(walk: Walk, element: Element) -> Leave:
    """An image, numbered in document order: `![Image 1: alt](url)`."""
    alt = " ".join(scrub(element.get("alt") or element.get("title") or "").split())
    if tex := tex_in_alt(element):
        write_formula(walk, tex, "block" in (element.get("class") or ""))
        return skip
    if alt and _EMOJI.search(element.get("class") or ""):
        walk.text(alt)
        return skip
    if not is_unseen(element):
        show(walk, source(walk, element), alt)
    return skip


def show(walk: Walk, url: str, alt: str) -> None:
    """Write an image as the options ask for. One that exists only as `data:` has no address to give."""
    if not url or (url[:5].lower() == "data:" and not walk.options.keep_img_data_url):
        return
    number = f"Image {image_place(len(walk.images))}"
    alt = alt or walk.captions.get(url, "")
    walk.images.append((f"{number}: {alt}" if alt else number, url))
    retain = walk.options.retain_images
    if retain == "none":
        return
    spelt = f"{number}: {escape(alt, plan(alt, link=unbalanced(alt)))}" if alt else number
    if retain not in ("alt", "alt_p"):
        walk.add(Picture(f"![{spelt}]({destination(url)})", alt))
    elif alt:
        walk.add(Picture(f"({spelt})", alt))
    else:
        walk.add(Picture(f"({number})", ""))


def source(walk: Walk, element: Element) -> str:
    """The address of an image: its own, a lazy loader's, the largest of a set, of the `picture` around it."""
    own = walk.addresses.absolute(element.get("src"), images=True)
    if own and own[:5].lower() != "data:" and not _PLACEHOLDER.search(own):
        return own
    for name in _LAZY:
        if (url := walk.addresses.absolute(element.get(name), images=True)) and url[:5].lower() != "data:":
            return url
    sets = [element.get(name) for name in _LAZY_SETS]
    parent = element.getparent()
    if parent is not None and parent.tag == "picture":
        sets += [item.get(name) for item in parent.iter("source") for name in _LAZY_SETS]
    for value in sets:
        if value and (url := walk.addresses.absolute(largest(value))):
            return url
    spare = element.getnext()  # for readers without scripts, such as we are
    if (not own or own[:5].lower() == "data:") and spare is not None and spare.tag == "noscript":
        inside = next(spare.iter("img"), None)
        return source(walk, inside) if inside is not None else own
    return own


_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)")


def largest(srcset: str) -> str:
    """The candidate of a `srcset` with the greatest width or density."""
    found = [(float(m[2] or 1), m[1]) for m in _CANDIDATE.finditer(srcset) if (m[2] or "1").count(".") < 2]
    return max(found, key=lambda pair: pair[0], default=(0, ""))[1]


def embed(walk: Walk, element: Element) -> Leave:
    """A video, sound or frame: a link to it."""
    url = _media_url(walk, element)
    if not url.startswith(("http:", "https:")) or walk.linked or is_unseen(element):
        return skip
    if element.tag in _FRAMES and is_machinery(url):
        return skip
    label = element.get("title") or element.get("aria-label") or _NAMES.get(element.tag) or host(url)
    if walk.options.retain_links == "none":
        return skip
    walk.boundary()
    leave = walk.mark(Mark("link", "[", href=url))
    walk.text(label)
    leave(walk)
    walk.boundary()
    return skip


_FRAMES = ("iframe", "frame")
_NAMES = {"video": "Video", "audio": "Audio"}


def _media_url(walk: Walk, element: Element) -> str:
    for name in ("src", "data-src", "data"):
        if url := walk.addresses.absolute(element.get(name)):
            return url
    for child in element.iter("source", "embed"):
        if url := walk.addresses.absolute(child.get("src")):
            return url
    return ""


RULES: dict[str, Rule] = {
    "img": image,
    **dict.fromkeys(("video", "audio", "iframe", "embed", "object", "frame"), embed),
}
