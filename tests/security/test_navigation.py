"""Pages that lead themselves to a forbidden address: it is not read, and the answer says so."""

from __future__ import annotations

import pytest

from tests.e2e_checks import check_error
from tests.service import JSON, Service
from tests.site import Site

WAYS = {
    "script": "<script>location = 'TARGET'</script>",
    "late script": "<script>onload = () => location.replace('TARGET')</script>",
    "meta": "<meta http-equiv=refresh content='0;url=TARGET'>",
    "form": "<form id=f action='TARGET'><input name=a></form><script>f.submit()</script>",
    "link": "<a id=a href='TARGET'>x</a><script>a.click()</script>",
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("way", WAYS)
def test_a_page_that_goes_inside_is_not_taken_for_an_empty_one(
    service: Service, site: Site, way: str, scheme: str
) -> None:
    """The policy's 451, or what the page said before; never Chromium's error page as if it were the page."""
    target = site.forbidden.replace("http", scheme, 1)
    seen = len(site.seen)
    html = f"<h1>Head</h1><p>Words of the page.</p>{WAYS[way].replace('TARGET', target)}"
    answer = service.post({"url": site.url("/"), "html": html}, {**JSON, "X-Engine": "browser"})
    if answer.status == 200:
        assert "Words of the page" in answer.json()["data"]["content"]
    else:
        check_error(answer.json(), 451)
        assert answer.status == 451
    assert not [request for request in site.seen[seen:] if request.headers.get("Host", "?") in site.forbidden]
