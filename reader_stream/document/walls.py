"""Walls: captchas, sign-in pages, consent pages, paywalls and missing pages, told from pages with content.

What stands on the page decides, never a list of sites. A page with running text of its own is no captcha,
sign-in or consent page, whatever stands beside the text: a check box under a comment form, a form to sign in
at the top, a banner about cookies. The signs themselves are in `walls_signs`:

* captcha: scripts and elements of challenge pages (Cloudflare, DataDome, HUMAN, Akamai, Imperva, AWS WAF, …);
  a puzzle (reCAPTCHA, hCaptcha, Turnstile, …) with nothing to fill in beside it; "verify you are human"; a
  refusal at the edge with status 403, 429 or 503;
* login_wall: a password field, or the words "sign in to continue", and little else; a redirect to a sign-in
  address that keeps the way back;
* consent_wall: nothing but a consent dialog (OneTrust, Didomi, Usercentrics, Sourcepoint, Quantcast, …);
* paywall: text that ends before "subscribe to continue reading" or in a paywall's box, or that
  schema.org's `isAccessibleForFree` (or `article:content_tier`) says is not free, and that is not there;
* http_error: title and heading both say that the page was not found, although the status does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from reader_stream.document import walls_signs as signs
from reader_stream.document.html import Element
from reader_stream.document.walls_page import (
    PROSE_CHARS,
    Sight,
    is_hidden,
    look,
    marks_of,
    plain,
    scripts_of,
    weight,
)
from reader_stream.document.walls_paid import Paid, says_paid
from reader_stream.model import Reason

THIN_CHARS = 600
"""Running text of a challenge or sign-in page at most; their longest explanations have 500 characters."""

BARE_CHARS = 1_500
"""All text of such a page at most, lists of languages and notes on security included."""

TEASER_CHARS = 4_000
"""Running text before a paywall at most: publishers show one to six paragraphs. Whole articles that carry
their paywall unseen, as most of them do, are longer."""

MARKED_CHARS = 1_500
"""Running text of an article that says it is not free and that has no visible paywall."""

CALL_CHARS = 250
"""A line that asks to subscribe at most; paragraphs that speak of it are longer."""

NOTHING_CHARS = 200
"""Less running text than this before a wall is not content that was cut: a line of description."""

CHARS_A_WORD = 6
"""An English word and its blank."""

LOGIN_FIELDS = 3
"""Fields of a form that asks for a name first: the name, a code, "remember me"."""

LOGIN_CHARS = 2_000
"""Running text of a page to which one was sent to sign in."""

LABELS_CHARS = 45
"""What is not about consent on a page that is nothing else: a name, a greeting."""

ASK_CHARS = 30
"""A sentence that asks for consent at least; a button says less."""

CONSENT_CHARS = 250
"""Running text beside a consent dialog on a page that is nothing else."""

GATED_STATUSES = frozenset({202, 401, 403, 405, 406, 418, 428, 429, 436, 444, 503})
"""What challenge pages are served with, if not 200."""


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands between a visitor and the content; `blocked` when there is no content beside it."""

    reason: Reason
    blocked: bool
    message: str


@dataclass(frozen=True, slots=True)
class _Page:
    sight: Sight
    root: Element
    title: str
    url: str
    requested_url: str
    status: int

    @property
    def headline(self) -> str:
        return "\n".join([self.title, *self.sight.headings[:3]])


def find_wall(root: Element, *, url: str, requested_url: str = "", status: int = 200) -> Wall | None:
    """The wall that the page below `root` is or has; None for a page that shows what it has.

    `root` is the tree as parsed, scripts included, and is not changed; elements with the serializer's mark
    of hidden ones are not looked at. `requested_url` is what was asked for, `url` where that led.
    """
    title = plain(root.findtext("head/title") or root.findtext(".//title") or "")
    page = _Page(look(root), root, title, url, requested_url or url, status)
    if page.sight.enough:
        return None
    return _captcha(page) or _consent(page) or _paywall(page) or _login(page) or _missing(page)


def _captcha(page: _Page) -> Wall | None:
    sight = page.sight
    if sight.prose > BARE_CHARS or sight.said > 2 * BARE_CHARS:
        return None
    headed = bool(signs.CHALLENGE_TEXT.search(page.headline))
    if sight.prose > THIN_CHARS and not headed:
        return None
    marks, gated = marks_of(page.root), page.status in GATED_STATUSES
    hinted = gated or bool(signs.CHALLENGE_HINT.search(page.headline))
    scripts = scripts_of(page.root)
    puzzle = bool(signs.WIDGET.search(marks)) and not sight.passwords
    mark = bool(signs.CHALLENGE_SCRIPTS.search(scripts) or signs.CHALLENGE_MARKS.search(marks))
    mark = mark or (gated and bool(signs.GUARD_SCRIPTS.search(scripts)))
    bare = sight.said <= BARE_CHARS
    told = (mark or bare or (puzzle and sight.fields == 1)) and _asks_who(page)
    widget = puzzle and sight.fields <= (1 if hinted or told else 0)
    refused = gated and bool(signs.REFUSAL_TEXT.search(sight.text()))
    if (mark and (hinted or told or widget or sight.said < NOTHING_CHARS)) or (widget and bare) or refused:
        return _blocked(Reason.CAPTCHA, "the page asks whether its visitor is a human")
    if headed or (told and bare and not sight.passwords and (hinted or sight.prose <= THIN_CHARS / 2)):
        return _blocked(Reason.CAPTCHA, "the page asks whether its visitor is a human")
    return None


def _asks_who(page: _Page) -> bool:
    return bool(signs.CHALLENGE_TEXT.search(f"{page.title}\n{page.sight.text()}"))


def _consent(page: _Page) -> Wall | None:
    sight = page.sight
    box = [line for zone, line in sight.lines if zone == "consent"]
    if sight.passwords:
        return None
    others = _about_others(sight, labels=bool(box))
    if others > BARE_CHARS / 2 or _prose_beside_consent(sight) > CONSENT_CHARS:
        return None
    lines = [line for zone, line in sight.lines if zone != "side"]
    about = sum(bool(signs.CONSENT_TEXT.search(line)) for line in lines)
    asks = any(len(line) >= ASK_CHARS and signs.CONSENT_ASK.search(line) for line in lines)
    accepts = any(signs.ACCEPT_BUTTON.match(label) for label in sight.buttons())
    parts = urlsplit(page.url)
    led = bool(signs.CONSENT_HOST.match(parts.hostname or "") or signs.CONSENT_PATH.search(parts.path))
    titled = bool(signs.CONSENT_TITLE.search(page.headline))
    alone = others <= LABELS_CHARS and (asks or (bool(box) and about > 0))
    if accepts and ((led and about) or (titled and about > 1) or alone):
        return _blocked(Reason.CONSENT_WALL, "the page asks for consent before it shows anything")
    if others > LABELS_CHARS:
        return None
    if (box and about > 1) or (not about and _waits_for_consent(page.root)):
        return _blocked(Reason.CONSENT_WALL, "the page asks for consent before it shows anything")
    return None


def _about_others(sight: Sight, *, labels: bool) -> float:
    """How much the page's own lines say of other things than consent, or in all (`labels`); where that is
    too much for a consent page, no more of them are read."""
    said = 0.0
    for zone, line in sight.lines:
        if zone == "main" and (labels or not _is_about_consent(line)):
            said += weight(line)
            if said > BARE_CHARS / 2:
                break
    return said


def _waits_for_consent(root: Element) -> bool:
    """Whether a consent dialog is there whose words are in a frame or a shadow root, and no picture."""
    shown = [
        element
        for element in root.iter(etree.Element)
        if signs.CONSENT_ROOT.search(f"{element.get('id') or ''} {element.get('class') or ''}")
        and not any(is_hidden(each) for each in (element, *element.iterancestors()))
    ]
    return bool(shown) and next(root.iter("img", "picture", "video", "canvas"), None) is None


def _prose_beside_consent(sight: Sight) -> float:
    sizes = ((weight(line), line) for zone, line in sight.lines if zone == "main")
    about = sum(size for size, line in sizes if size >= PROSE_CHARS and _is_about_consent(line))
    return sight.prose - about


def _is_about_consent(line: str) -> bool:
    """Labels by one word of it, running text by two or by asking for it."""
    words = {found[0] for found in signs.CONSENT_TEXT.finditer(line)}
    enough = 2 if len(line) >= PROSE_CHARS else 1
    return len(words) >= enough or (bool(words) and bool(signs.CONSENT_ASK.search(line)))


def _login(page: _Page) -> Wall | None:
    sight = page.sight
    message = "the page asks its visitor to sign in"
    form = sight.passwords or (sight.side_passwords and sight.said < NOTHING_CHARS)
    if _was_sent(page) and sight.prose <= LOGIN_CHARS and (form or sight.fields):
        return _blocked(Reason.LOGIN_WALL, message)
    headed = any(signs.LOGIN_HEAD.match(part) for part in (*_parts_of(page.title), *sight.headings[:1]))
    form = form or (headed and 0 < sight.fields <= LOGIN_FIELDS and sight.said <= BARE_CHARS / 3)
    if form and sight.prose <= THIN_CHARS and sight.said <= BARE_CHARS:
        return _blocked(Reason.LOGIN_WALL, message)
    if sight.prose > THIN_CHARS / 2 or sight.said > BARE_CHARS / 2:
        return None
    said = sight.text("main", "paywall")
    if page.status == 401 or signs.LOGIN_TEXT.search(f"{page.title}\n{said}"):
        return _cut(Reason.LOGIN_WALL, beside=sight.prose >= NOTHING_CHARS)
    return None


def _was_sent(page: _Page) -> bool:
    """Whether another address was asked for and led to one that is for signing in."""
    asked, got = urlsplit(page.requested_url), urlsplit(page.url)
    if signs.LOGIN_PATH.search(asked.path) or (asked.netloc, asked.path) == (got.netloc, got.path):
        return False
    if (got.hostname or "").startswith(("login.", "signin.", "auth.", "accounts.", "sso.", "idp.")):
        return not (asked.hostname or "").startswith(("login.", "signin.", "auth.", "accounts.", "sso."))
    if not signs.LOGIN_PATH.search(got.path):
        return False
    names = [name for name, value in parse_qsl(got.query) if value]
    return any(signs.RETURN_NAME.match(name) for name in names) or got.netloc == asked.netloc


def _paywall(page: _Page) -> Wall | None:
    sight = page.sight
    if sight.prose > TEASER_CHARS:
        return None
    zones = {"main", "paywall", "popup" if sight.prose <= MARKED_CHARS else "main"}
    told = [
        line
        for zone, line in sight.lines
        if zone in zones and weight(line) <= CALL_CHARS and signs.PAYWALL_TEXT.search(line)
    ]
    boxed = sight.prose <= MARKED_CHARS and bool(signs.SUBSCRIBE_TEXT.search(sight.text("paywall")))
    said = says_paid(page.root)
    boxed = boxed or (sight.prose <= MARKED_CHARS and _is_called(sight))
    if not (told or boxed or (said and _is_cut(page, said))):
        return None
    free = told and not said and all(_asks_for_a_name(line) for line in told)
    call = sum(weight(line) for line in told if weight(line) >= PROSE_CHARS)
    return _cut(Reason.LOGIN_WALL if free else Reason.PAYWALL, beside=sight.prose - call >= PROSE_CHARS)


def _is_called(sight: Sight) -> bool:
    """Whether the text is followed by both: a call to subscribe, and a way in for who has done so."""
    lines = [line for zone, line in sight.lines if zone != "side" and weight(line) <= CALL_CHARS]
    called = any(map(signs.CALL_TEXT.match, lines)) or any(map(signs.CALL_TEXT.match, sight.buttons()))
    return called and any(signs.ALREADY_TEXT.search(line) for line in lines)


def _asks_for_a_name(line: str) -> bool:
    return bool(signs.ACCOUNT_TEXT.search(line)) and not signs.PAYING_TEXT.search(line)


def _cut(reason: Reason, *, beside: bool) -> Wall:
    """A wall that may have text `beside` it."""
    who = "subscribers" if reason is Reason.PAYWALL else "signed-in visitors"
    if not beside:
        return _blocked(reason, f"the page shows its content to {who} only")
    return Wall(reason, False, f"the text ends where only {who} read on")


def _is_cut(page: _Page, paid: Paid) -> bool:
    """Whether the paid part is not there: its element is missing or short, or there are too few words."""
    if paid.words:
        return page.sight.prose < CHARS_A_WORD / 2 * paid.words
    found = [size for selector in paid.selectors for size in _sizes(page.root, selector)]
    if found:
        return sum(found) < NOTHING_CHARS or page.sight.prose < MARKED_CHARS / 2
    return page.sight.prose < MARKED_CHARS


def _sizes(root: Element, selector: str) -> Iterator[float]:
    try:
        select = CSSSelector(selector, translator="html")
    except (SelectorError, ValueError):
        return
    for element in select(root):
        yield look(element).said


def _missing(page: _Page) -> Wall | None:
    sight = page.sight
    if page.status >= 400 or sight.prose > THIN_CHARS or sight.said > BARE_CHARS:
        return None
    titled = any(signs.MISSING.match(part) for part in _parts_of(page.title))
    headed = any(signs.MISSING.match(heading) for heading in sight.headings[:2])
    if titled and headed:
        return Wall(Reason.HTTP_ERROR, False, "the page says that it was not found, with a status of success")
    return None


def _parts_of(title: str) -> list[str]:
    """What separators part in a title: a page's own name and its site's."""
    return [part.strip() for part in re.split(r"\s[|\u2013\u2014\u00b7:-]+\s", title)]


def _blocked(reason: Reason, message: str) -> Wall:
    return Wall(reason, True, message)
