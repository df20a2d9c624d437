"""Examples: how the answer is written, and how much of it."""

from __future__ import annotations

from collections.abc import Mapping

from reader_stream.web.docs.example import BASE, JSON, Example, post

LINKS = "<p><a href=https://a.example/1>one</a>, <a href=https://b.example/2>two</a></p>"
IMAGES = "<p>A <img src=https://a.example/i.png alt=lighthouse> at sea</p>"
UNNAMED = "<p>A <img src=https://httpbin.org/image/png> at sea</p>"
INLINE = "<p><img alt=dot src=data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=></p>"
TABLE = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
CHAPTERS = "<h1>Book</h1><p>a</p><h2>Part</h2><p>b</p>"
LONG = "<h1>Book</h1><p>The first paragraph has some words.</p><p>The second one has some more.</p>"

WRITING: Mapping[str, tuple[Example, ...]] = {
    "retainImages": (
        post(
            "All of them.",
            IMAGES,
            {"X-Retain-Images": "all"},
            gives="A ![Image 1: lighthouse](https://a.example/i.png) at sea",
        ),
        post(
            "Only what they say.", IMAGES, {"X-Retain-Images": "alt"}, gives="A (Image 1: lighthouse) at sea"
        ),
        post("None.", IMAGES, {"X-Retain-Images": "none"}, gives="A at sea"),
        post(
            "With captions where there is no text (needs READER_CAPTION_URL); `alt_p` likewise.",
            UNNAMED,
            {"X-Retain-Images": "all_p"},
            shows=("![Image 1: ",),
        ),
    ),
    "retainLinks": (
        post(
            "All of them.",
            LINKS,
            {"X-Retain-Links": "all"},
            gives="[one](https://a.example/1), [two](https://b.example/2)",
        ),
        post("Their text.", LINKS, {"X-Retain-Links": "text"}, gives="one, two"),
        post("Nothing of them.", LINKS, {"X-Retain-Links": "none"}, gives=","),
        post(
            "Citations.",
            LINKS,
            {"X-Retain-Links": "gpt-oss"},
            gives="【1†one†a.example】, 【2†two†b.example】",
        ),
    ),
    "withLinksSummary": (
        post(
            "A list at the end, each address once.",
            LINKS,
            {"X-With-Links-Summary": "true"},
            accept="text/plain",
            shows=("Links/Buttons:\n- [one](https://a.example/1)\n- [two](https://b.example/2)",),
        ),
        post(
            "Every link of the page.",
            LINKS,
            {"X-With-Links-Summary": "all"},
            accept=JSON,
            shows=('"links":[["one","https://a.example/1"],["two","https://b.example/2"]]',),
        ),
    ),
    "withImagesSummary": (
        post(
            "A list at the end.",
            IMAGES,
            {"X-With-Images-Summary": "true"},
            accept="text/plain",
            shows=("Images:\n- ![Image 1: lighthouse](https://a.example/i.png)",),
        ),
    ),
    "withGeneratedAlt": (
        post(
            "Captions for images without text (needs READER_CAPTION_URL).",
            UNNAMED,
            {"X-With-Generated-Alt": "true"},
            shows=("![Image 1: ",),
        ),
    ),
    "keepImgDataUrl": (
        post(
            "Images that are in the page itself.",
            INLINE,
            {"X-Keep-Img-Data-Url": "true"},
            shows=("![Image 1: dot](data:image/gif",),
        ),
    ),
    "noGfm": (
        post("No tables, no strikethrough.", TABLE, {"X-No-Gfm": "true"}, gives="a | b  \n1 | 2"),
        post("Tables stay HTML.", TABLE, {"X-No-Gfm": "table"}, shows=("<table><tr><th>a</th>",)),
    ),
    "markdown.headingStyle": (
        post(
            "Underlined headings.",
            "<h1>One</h1><h2>Two</h2>",
            {"X-Md-Heading-Style": "setext"},
            gives="One\n===\n\nTwo\n---",
        ),
        post("The same in a body.", "<h1>One</h1>", markdown={"headingStyle": "setext"}, gives="One\n==="),
    ),
    "markdown.hr": (
        post("Any thematic break.", "<p>a</p><hr><p>b</p>", {"X-Md-Hr": "---"}, gives="a\n\n---\n\nb"),
    ),
    "markdown.bulletListMarker": (
        post(
            "`-`, `+` or `*`.",
            "<ul><li>a</li><li>b</li></ul>",
            {"X-Md-Bullet-List-Marker": "-"},
            gives="- a\n- b",
        ),
    ),
    "markdown.emDelimiter": (
        post("`_` or `*`.", "<p>so <em>soft</em></p>", {"X-Md-Em-Delimiter": "*"}, gives="so *soft*"),
    ),
    "markdown.strongDelimiter": (
        post("`**` or `__`.", "<p>so <b>hard</b></p>", {"X-Md-Strong-Delimiter": "__"}, gives="so __hard__"),
    ),
    "markdown.linkStyle": (
        post(
            "Addresses at the end.",
            "<p><a href=https://a.example>one</a></p>",
            {"X-Md-Link-Style": "referenced"},
            gives="[one][1]\n\n[1]: https://a.example",
        ),
        post("No addresses.", LINKS, {"X-Md-Link-Style": "discarded"}, gives="one, two"),
    ),
    "markdown.linkReferenceStyle": (
        post(
            "`full` has numbers, `collapsed` and `shortcut` the text itself.",
            "<p><a href=https://a.example>one</a></p>",
            {"X-Md-Link-Style": "referenced", "X-Md-Link-Reference-Style": "shortcut"},
            gives="[one]\n\n[one]: https://a.example",
        ),
    ),
    "markdownChunking": (
        post(
            "Split at headings down to a level.",
            CHAPTERS,
            {"X-Markdown-Chunking": "h2"},
            accept=JSON,
            shows=(r'"chunks":["# Book\n\na","## Part\n\nb"]',),
        ),
        post(
            "With the headings above before each.",
            CHAPTERS,
            {"X-Markdown-Chunking": "s2"},
            accept=JSON,
            shows=(r'"chunks":["# Book\n\na","# Book\n\n## Part\n\nb"]',),
        ),
    ),
    "tokenBudget": (
        post(
            "More tokens than that is an error.",
            LONG,
            {"X-Token-Budget": "5"},
            accept=JSON,
            shows=('"code":409', '"name":"BudgetExceededError"'),
        ),
    ),
    "maxTokens": (
        post(
            "Cut at the border of a block; `next` is the cursor to go on from.",
            LONG,
            {"X-Max-Tokens": "12"},
            accept=JSON,
            shows=('"truncated_tokens"', '"next":"'),
            hides=("The second one",),
        ),
    ),
    "cursor": (
        Example(
            "Read on where the answer before was cut: same address and options, and the cursor.",
            "read_on() { curl -s -H 'Accept: application/json' -H 'Content-Type: application/json' "
            f"""-H 'X-Max-Tokens: 12' -d '{{"html": "{LONG}"}}' "$@" {BASE}/; }}; """
            """next=$(read_on | sed 's/.*"next":"\\([^"]*\\)".*/\\1/'); read_on -H "X-Cursor: $next\"""",
            shows=("The second one has some more.",),
            hides=("The first paragraph",),
        ),
    ),
}
