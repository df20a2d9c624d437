"""Captions from the operator's vision model, over the chat completions interface that most servers speak.

The backend is the operator's own setting and may stand in an intranet: it is called directly, past the
guard, and nothing of a client's decides where. Redirects are not followed, so the key goes nowhere else.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import orjson

PROMPT = (
    "Describe this image for a blind reader in one sentence of at most 25 words. If it is mostly text, give "
    "the text instead. Answer with the description alone."
)
MAX_TOKENS = 120
"""Enough for the sentence asked for; a model that runs on costs no more."""
MAX_CAPTION_CHARS = 300
"""A sentence of 25 words has 150 to 200 characters."""
MAX_ANSWER_BYTES = 64 * 1024
"""An answer with such a sentence has 1-2 kB."""
TIMEOUT_S = 30.0
"""For one caption: a small model on a CPU takes some 10 s."""

_SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


class CaptionError(Exception):
    """There is no caption; the text says why, without anything that the backend said."""


class Captioner:
    """Asks the backend. Use `Captioner.open`."""

    def __init__(self, session: aiohttp.ClientSession, url: str, model: str | None) -> None:
        self._session = session
        self._url = url
        self._model = model

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, model: str | None, key: str | None) -> AsyncIterator[Captioner]:
        """A captioner at the full URL of a chat completions endpoint; `key` goes as a bearer token."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=False) as session:
            yield cls(session, url, model)

    async def caption(self, image: bytes) -> str:
        """One line about a picture. Raises CaptionError."""
        kind = picture_type(image)
        if kind is None:
            raise CaptionError("it is no PNG, JPEG, GIF or WebP")
        body = orjson.dumps(self._question(f"data:{kind};base64,{base64.b64encode(image).decode()}"))
        try:
            async with self._session.post(
                self._url, data=body, headers={"Content-Type": "application/json"}, allow_redirects=False
            ) as answer:
                if answer.status != 200:
                    raise CaptionError(f"the caption backend answered with HTTP status {answer.status}")
                return _told(await _read(answer))
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise CaptionError("the caption backend does not answer") from None

    def _question(self, image_url: str) -> dict[str, object]:
        content = [
            {"type": "text", "text": PROMPT},
            {"type": "image_url", "image_url": {"url": image_url}},
        ]
        question: dict[str, object] = {
            "messages": [{"role": "user", "content": content}],
            "max_tokens": MAX_TOKENS,
        }
        return {**question, "model": self._model} if self._model else question


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise CaptionError("the caption backend's answer is too long")
    return bytes(body)


def picture_type(image: bytes) -> str | None:
    """The media type of a picture that vision models take, by its first bytes."""
    for sign, kind in _SIGNS:
        if image.startswith(sign):
            return kind
    return "image/webp" if image[:4] == b"RIFF" and image[8:12] == b"WEBP" else None


def _told(answer: bytes) -> str:
    try:
        text = orjson.loads(answer)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError):
        raise CaptionError("the caption backend's answer is no chat completion") from None
    caption = " ".join(text.split()) if isinstance(text, str) else ""
    if not caption:
        raise CaptionError("the caption backend said nothing")
    return caption[:MAX_CAPTION_CHARS]
