"""No browser can be had: the service serves what needs none, and finds one as soon as there is one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader_stream.errors import ServiceNodeUnavailableError
from reader_stream.fetch.chromium import find_binary
from tests.e2e_checks import check_error
from tests.faults.machine import RENDERED, WHOLE, House, house, until
from tests.service import JSON
from tests.site import Site


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The browser beside this file starts only while this file exists."""
    try:
        binary = find_binary(None)
    except ServiceNodeUnavailableError:
        pytest.skip("no Chromium is installed")
    switch = tmp_path_factory.mktemp("bin") / "installed"
    for folder in (switch.parent, *switch.parent.parents[:2]):
        folder.chmod(0o755)  # Chromium may run as another user
    script = switch.with_name("chromium")
    test = f"[ -e {shlex.quote(str(switch))} ] || exit 3"
    script.write_text(f'#!/bin/sh\n{test}\nexec {shlex.quote(str(binary))} "$@"\n')
    script.chmod(0o755)
    return switch


@pytest.fixture(scope="module")
def home(site: Site, switch: Path) -> Iterator[House]:
    """A service that starts while there is no browser."""
    with house(site, {"READER_BROWSER_PATH": str(switch.with_name("chromium"))}) as built:
        yield built


@pytest.mark.parametrize("engine", ["http", "auto"])
def test_whole_pages_are_read_without_one(home: House, engine: str) -> None:
    """Plain HTTP is enough for them, with headers as from a browser."""
    answer = home.get("/noscript" if engine == "http" else "/large", **WHOLE, X_Engine=engine)
    assert answer.status == 200, answer.text
    assert answer.json()["data"]["completeness"]["state"] == "complete"
    assert home.site.seen[-1].headers["User-Agent"].startswith("Mozilla/5.0")


@pytest.mark.parametrize("headers", [RENDERED, {"X-Respond-With": "screenshot"}, {"X-Engine": "auto"}])
def test_what_needs_one_is_a_503_at_once(home: House, headers: dict[str, str]) -> None:
    """With the time to come again, in every representation."""
    url = home.site.url("/hydration")
    answer = home.service.get(url, {**headers, "Accept": "application/json"})
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    check_error(answer.json(), 503)
    last = home.service.stream(url, headers)[-1]
    assert last.event == "error"
    check_error(last.json(), 503)


def test_the_service_is_up_but_not_ready(home: House) -> None:
    """`/healthz` for whoever restarts processes, `/readyz` for whoever sends traffic."""
    assert home.service.get("healthz").status == 200
    answer = home.service.get("readyz", JSON)
    assert answer.status == 503
    check_error(answer.json(), 503)


def test_it_is_used_as_soon_as_there_is_one(home: House, switch: Path) -> None:
    """Without a restart; and when it is taken away again, that is a 503 again."""
    switch.touch()
    assert until(lambda: home.service.get("readyz").status == 200)
    home.is_well()
    old = home.browser
    switch.unlink()
    home.kill_browser()
    assert home.get("/hydration", **RENDERED).status == 503
    switch.touch()
    assert until(lambda: home.service.get("readyz").status == 200)
    home.is_well()
    assert home.browser != old
