"""The Python clients against the real service."""

from __future__ import annotations

import anyio
import pytest

from reader_stream.client import AsyncClient, Client
from reader_stream.errors import AssertionFailureError
from tests.client.conftest import Streamed
from tests.client.cutting import cutting
from tests.service import Service
from tests.site import Site


def test_stream_of_a_page_in_motion(service: Service, site: Site, streamed: Streamed) -> None:
    """A page that scripts write comes as documents that grow; the last is what a plain read gives."""
    url = site.url("/chain")
    documents = streamed(service.base, url, respond_with="markdown")
    assert "marker-step-5" in documents[-1].content
    assert len(documents) > 2
    plain = service.read(url, {"X-Respond-With": "markdown"})
    assert documents[-1].content == plain["markdown"] == documents[-1].data["markdown"]


def test_cut_after_each_event(service: Service, site: Site, streamed: Streamed) -> None:
    """Through a proxy that cuts each connection after one event, one render gives the whole page."""
    url = site.url("/chain")
    with cutting(service.host, service.port) as proxy:
        documents = streamed(proxy.base, url, respond_with="markdown")
    assert proxy.connections > 2
    assert site.requests(url) == 1
    assert documents[-1].content == service.read(url, {"X-Respond-With": "markdown"})["markdown"]


def test_given_html(service: Service, streamed: Streamed) -> None:
    """HTML can be given instead of a page."""
    html = "<title>Given</title><main><h1>Given</h1><p>Some words that stand here.</p></main>"
    last = streamed(service.base, "", html=html, respond_with=["markdown", "html"])[-1]
    assert last.title == "Given"
    assert "# Given" in last.content
    assert "<p>" in last.data["html"]


def test_error_of_the_service(service: Service, site: Site, streamed: Streamed) -> None:
    """A selector that is not on the page raises the service's own error."""
    with pytest.raises(AssertionFailureError, match="#nowhere"):
        streamed(service.base, site.url("/chain"), target_selector="#nowhere", timeout=6)


def test_read_gives_the_last_document(service: Service, site: Site) -> None:
    """`read` is the last document of a stream, in either client."""
    url = site.url("/chain")
    with Client(service.base) as client:
        document = client.read(url)

    async def run() -> None:
        async with AsyncClient(service.base) as client:
            again = await client.read(url)
            assert (again.content, again.final) == (document.content, True)

    anyio.run(run)
    assert document.final
    assert "marker-step-5" in document.content
