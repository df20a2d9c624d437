"""What a stream may be asked for besides the page: to end early, or to stay within a limit."""

from __future__ import annotations

import pytest

from tests.service import Service
from tests.site import Site
from tests.test_e2e_resume import PATCH, fold


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/hang-body", {"X-Engine": "http"}),
        ("/long-poll", {"X-Engine": "browser", "X-Wait-For-Selector": "#never"}),
    ],
    ids=["a download that stalls", "a page at rest"],
)
def test_a_page_that_rests_is_stable_enough(
    path: str, options: dict[str, str], service: Service, site: Site
) -> None:
    """Time alone makes a page stable: nothing has to happen for `stability>=` to be met."""
    headers = {**options, "X-Stop-When": "stability>=0.99", "X-Timeout": "20"}
    final = service.stream(site.url(path), headers)[-1].json()
    assert final["completeness"] == {"state": "partial", "reasons": ["stopped_by_client"]}
    assert "marker-" in final["content"]


@pytest.mark.parametrize("path", ["/article", "/noscript", "/encoding/koi8-r"])
def test_a_limit_that_is_large_enough_leaves_nothing_out(path: str, service: Service, site: Site) -> None:
    """What is withheld from a source while it is in doubt comes once the browser has confirmed it."""
    options = {**PATCH, "X-Engine": "browser", "X-No-Cache": "true"}
    messages = service.stream(site.url(path), {**options, "X-Max-Tokens": "2000"})
    final = messages[-1].json()
    assert final["completeness"]["state"] == "complete"
    assert fold(messages) == fold(service.stream(site.url(path), options))
