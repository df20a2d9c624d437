"""/llms.txt: how to use the service, for language models (https://llmstxt.org)."""

from __future__ import annotations

from reader_stream.web.params import OPTIONS, title_case

TEXT = """# Reader Stream

> Reads any URL, HTML or PDF as clean markdown. Put the target behind this service's address: \
`GET {base}/https://example.com/page`.

- `Accept: text/plain` (default): title, URL and markdown. `text/markdown`: the bare markdown. \
`application/json`: `data.content`, `data.title`, `data.completeness`. `text/event-stream`: snapshots while \
the page renders, then one `final` or `error`.
- Files are read like pages, fetched or sent as `file` (multipart or base64): PDF, markdown, text, JSON, \
CSV, feeds, images, OpenDocument, EPUB, and docx, xlsx, pptx where installed. `X-Pdf-Password` opens a PDF.
- `data.completeness.state` is `complete`, `partial`, `blocked` or `empty`; `reasons` say why \
(`captcha`, `login_wall`, `consent_wall`, `paywall`: what stands before the content).
- Large pages: `X-Max-Tokens: 4000` cuts at a block; pass the answer's `next` as `X-Cursor` to read on.
- Errors are `{{"data": null, "code", "status", "name", "message", "retryable", "retryAfter"}}`.

## Reference

- [Options by example]({base}/docs): every option with commands and what they give
- [OpenAPI]({base}/openapi.json): every option with its values

## Options

Headers of a `GET`, or camelCase fields of a JSON body of `POST {base}/`.

{options}
"""


def llms_txt(base: str) -> str:
    """The document; `base` is the service's address without a slash at the end."""
    rows = [
        f"- `{title_case(option.headers[0])}`: body field `{option.body}`"
        for option in OPTIONS
        if option.headers
    ]
    return TEXT.format(base=base, options="\n".join(rows))
