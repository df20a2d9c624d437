"""Text as innerText gives it."""

from __future__ import annotations

import pytest

from reader_stream.document.html import body_of, parse
from reader_stream.document.text import inner_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>c", "a\nb\nc"),
        ("a <b> b</b>  c", "a b c"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("a<script>x</script><style>y</style><template>z</template>b", "ab"),
        ("<h1>t</h1>\n\n  <p>a</p>", "t\n\na"),
        ("", ""),
    ],
)
def test_inner_text(markup: str, text: str) -> None:
    """Blocks break lines, inline markup does not, white space is what a browser shows."""
    assert inner_text(body_of(parse(f"<body>{markup}</body>"))) == text
