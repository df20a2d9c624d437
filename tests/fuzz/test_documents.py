"""Pages and PDFs made by grammar and by mutation: a document or a refusal, never a failure of ours."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_stream.document import pdf, render
from reader_stream.model import Capture, RenderOptions, RespondWith
from reader_stream.pipeline.render import Renderer, RenderLimits
from tests.document import pdfs
from tests.fuzz.__main__ import mutations
from tests.fuzz.targets import markdown, refusals
from tests.site.static import PAGES as STATIC_PAGES

TAGS = """
a abbr article aside b base blockquote body br button caption code col dd del details div dl dt em embed
fieldset figure font form frameset h1 h2 h6 head hr html i iframe img input kbd label li link main map math
meta mi mn mfrac msup nav noscript object ol option p picture plaintext pre q ruby rt s script section select
slot source span strong style sub summary sup svg table tbody td template textarea tfoot th thead title tr tt
u ul video wbr xmp x-card
""".split()  # noqa: SIM905
ATTRIBUTES = st.sampled_from(
    [
        "",
        ' href="/x"',
        " href='javascript:alert(1)'",
        ' href="http://[::1"',
        ' src="data:image/png;base64,x"',
        ' srcset="a 1x, b 2x"',
        ' class="code-toolbar language-js"',
        ' colspan="99999999"',
        ' rowspan="-1"',
        ' start="1e9"',
        ' style="display:none"',
        " hidden",
        ' aria-hidden="true"',
        ' role="heading" aria-level="9"',
        ' title="a&quot;]("',
        ' id="<"',
        ' charset="utf-7"',
        ' http-equiv="refresh" content="0;url=file:///"',
        ' itemtype="https://schema.org/Article" itemprop="headline"',
    ]
)
TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "]](",
            "```",
            "~~~",
            "* ",
            "1. ",
            "# ",
            "|",
            "\\",
            "&#0;",
            "&#x1f;",
            "<!--",
            "]]>",
            "\u202e",
            "\u200b",
            "\n\n",
        ]
    ),
)


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A tag around, or open, or only closed."""
    return st.builds(
        lambda tag, attributes, text, inside, form: form.format(t=tag, a=attributes, x=text, i=inside),
        st.sampled_from(TAGS),
        ATTRIBUTES,
        TEXT.map(lambda text: text.replace("{", "").replace("}", "")),
        inner,
        st.sampled_from(["<{t}{a}>{x}{i}</{t}>", "<{t}{a}>{x}{i}", "{x}</{t}>{i}", "<{t}{a}/>{i}{x}"]),
    )


PAGE = st.recursive(TEXT, lambda inner: st.lists(element(inner), max_size=4).map("".join), max_leaves=20)


@settings(max_examples=150)
@given(page=PAGE, choice=st.binary(min_size=4, max_size=4))
def test_pages_by_grammar(page: str, choice: bytes) -> None:
    """Any nesting of any tags, open ones and closed ones, under any options."""
    markdown(choice + page.encode("utf-8", "replace"))


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_pages_by_mutation(seed: int) -> None:
    """Pages of the test site with bytes changed, dropped and doubled."""
    sources = [page.serve.encode() for page in STATIC_PAGES if isinstance(page.serve, str)]
    small = [source for source in sources if len(source) < 20_000]
    data = next(mutations(random.Random(seed), small))
    markdown(data[:4] + data)


@settings(max_examples=60)
@given(body=st.one_of(PAGE.map(str.encode), st.binary(max_size=200)), url=st.text(max_size=20))
def test_other_media(body: bytes, url: str) -> None:
    """The same under types that it is not, and under any address."""
    for kind in (
        "text/plain",
        "application/json",
        "application/rss+xml",
        "image/svg+xml",
        "application/pdf",
        "a;b",
    ):
        for asked in (RespondWith.CONTENT, RespondWith.TEXT, RespondWith.HTML):
            with refusals():
                render(Capture(f"http://example.com/{url}", body, kind), RenderOptions(respond_with=(asked,)))


@pytest.fixture(scope="module")
def papers() -> list[bytes]:
    """Valid PDFs of several kinds."""
    plain, table, large = pdfs.document(title="Plain"), pdfs.document(), pdfs.document()
    for paper in (plain, table, large):
        paper.add_page()
        paper.set_font("helvetica", size=11)
    plain.multi_cell(0, 6, "\n\n".join(pdfs.paragraphs(3)))
    with table.table() as rows:
        for number in range(5):
            rows.row([f"cell {number}", "b", "c"])
    for _ in range(3):
        large.multi_cell(0, 6, "\n\n".join(pdfs.paragraphs(4)))
        large.add_page()
    return [bytes(paper.output()) for paper in (plain, table, large)]


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """An event loop for the workers."""
    with start_blocking_portal() as running:
        yield running


@pytest.fixture(scope="module")
def renderer(portal: BlockingPortal) -> Iterator[Renderer]:
    """Workers with little time and memory, that may be killed."""
    with portal.wrap_async_context_manager(Renderer.open(RenderLimits(1, 60.0, 1024, cpu=5.0))) as opened:
        yield opened


def damaged(rng: random.Random, body: bytes) -> bytes:
    """A PDF with some of its bytes, numbers and names wrong."""
    data = bytearray(body)
    for _ in range(rng.randint(1, 12)):
        at, kind = rng.randrange(len(data)), rng.randrange(5)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at + 1 : at + rng.randint(1, 400)]
        elif kind == 2:
            data[at:at] = data[at : at + rng.randint(1, 400)]
        elif kind == 3:
            digits = [n for n in range(at, min(at + 400, len(data))) if chr(data[n]).isdigit()]
            for n in digits[:4]:
                data[n] = ord("9")
        else:
            del data[max(at, 8) :]
    return bytes(data) if data.startswith(b"%PDF") else b"%PDF-1.7\n" + bytes(data)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32))
def test_damaged_pdfs(portal: BlockingPortal, renderer: Renderer, papers: list[bytes], seed: int) -> None:
    """They pass through a worker that may be killed: pages, or an error of the contract."""
    rng = random.Random(seed)
    body = damaged(rng, rng.choice(papers))
    with refusals():
        part = portal.call(renderer.read_pages, body, 1, 3, None)
        capture = Capture("http://example.com/a.pdf", body, "application/pdf", settled=True)
        document = portal.call(renderer.assemble, capture, RenderOptions(), [part])
        document.content.encode("utf-8")


def test_the_workers_are_well_after_all_that(
    portal: BlockingPortal, renderer: Renderer, papers: list[bytes]
) -> None:
    """The next paper is read."""
    part = portal.call(renderer.read_pages, papers[0], 1, 1, None)
    assert isinstance(part, pdf.PdfPart)
    assert part.pages
