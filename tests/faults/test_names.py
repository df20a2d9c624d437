"""Name servers that never answer."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e_checks import check_error
from tests.faults.machine import CEILING_S, House, house, needs_namespaces
from tests.service import JSON
from tests.site import Site

pytestmark = needs_namespaces

SILENT = f"127.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}.77"
"""The whole of 127/8 is this machine; nobody else listens there, other runs of these tests neither."""
MOUNT = 'mount --bind "$TMPDIR/resolv.conf" /etc/resolv.conf && exec "$@"'


@pytest.fixture(scope="module")
def home(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service whose name server takes questions and says nothing."""
    conf = tmp_path_factory.mktemp("dns") / "resolv.conf"
    conf.write_text(f"nameserver {SILENT}\noptions timeout:30 attempts:5\n")
    prefix = ["unshare", "--mount", "sh", "-c", MOUNT.replace("$TMPDIR/resolv.conf", str(conf)), "sh"]
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind((SILENT, 53))
        with house(site, {"READER_CONNECT_TIMEOUT": "2"}, prefix) as built:
            yield built


def test_a_name_that_hangs_is_given_up_in_time(home: House) -> None:
    """After the time to connect, long before the read's own, with an error of the contract."""
    began = time.monotonic()
    answer = home.service.get("http://hangs.example/", {**JSON, "X-Timeout": "180"})
    assert 1 < time.monotonic() - began < CEILING_S
    assert answer.status == 422
    check_error(answer.json(), 422)


def test_many_names_that_hang_do_not_stop_the_others(home: House) -> None:
    """Fifty wait; a page is read meanwhile, and afterwards; the service ends although they hang yet."""
    with ThreadPoolExecutor(50) as pool:
        hanging = [
            pool.submit(home.service.get, f"http://hangs-{n}.example/", {**JSON, "X-Timeout": "20"})
            for n in range(50)
        ]
        home.is_alive()
        assert not all(answer.done() for answer in hanging)
        assert {answer.result().status for answer in hanging} == {422}
    home.is_well()


def test_a_page_whose_resources_hang_is_read(home: House) -> None:
    """Their names are the proxy's affair; the page has its time, and says what it waited for or not."""
    inner = "".join(f"<img src=http://hangs-{n}.example/x.png>" for n in range(5))
    html = (
        f"<title>Hangs</title><h1>Hangs</h1><p>marker-hangs</p>{inner}<script>document.title += '!'</script>"
    )
    answer = home.service.post(
        {"html": html, "url": "http://example.com/", "engine": "browser", "timeout": 20}, JSON
    )
    assert answer.status == 200, answer.text
    assert "marker-hangs" in answer.json()["data"]["content"]
    home.is_well()
