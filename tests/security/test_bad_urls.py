"""The evaluation table of bad addresses and header values, through the public interface."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e_checks import check_error
from tests.service import JSON, Answer, Service
from tests.site import Site

REFUSALS = (400, 451)
UNREACHED = re.compile(
    r"does not resolve|could not be (resolved|connected to) in time|cannot be reached|timeout"
)
"""What is said of an address that was accepted, on a machine without the internet."""
QUICK = {**JSON, "X-Timeout": "1", "X-Engine": "http"}
BODY_NAMES = {
    "x-proxy-url": "proxyUrl",
    "x-set-cookie": "setCookies",
    "x-user-agent": "userAgent",
    "x-referer": "referer",
}


def rows_of(shared: Path) -> list[dict[str, Any]]:
    """The whole table."""
    lines = (shared / "data" / "bad_urls.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def addresses(shared: Path) -> list[dict[str, Any]]:
    """The rows that need neither a DNS nor an origin of their own (those: tests/fetch)."""
    rows = [row for row in rows_of(shared) if not {"field", "dns", "redirect_to"} & row.keys()]
    assert len(rows) > 80
    return rows


def as_target(url: str) -> str:
    """As a client writes it behind the slash: the rest goes as encodeURIComponent does."""
    if url.isascii() and url.isprintable() and " " not in url:
        return url
    return quote(url, safe="", errors="surrogatepass")


def verdict(answer: Answer) -> str:
    """`reject` for a refusal in the contract's shape, `ok` for a read or a failure to get there."""
    if answer.status == 200:
        return "ok"
    error = answer.json()
    check_error(error, answer.status)
    if UNREACHED.search(error["message"]):
        return "ok"
    return "reject" if answer.status in REFUSALS else f"{answer.status} {error['message']}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_addresses_of_the_table(method: str, service: Service, shared: Path) -> None:
    """Bad addresses are a 400 or a 451 however they are given, good ones are not refused."""

    def ask(row: dict[str, Any]) -> str:
        url = row["input"]
        if method == "GET":
            return verdict(service.get(as_target(url), QUICK))
        return verdict(service.post({"url": url}, QUICK))

    rows = addresses(shared)
    with ThreadPoolExecutor(16) as pool:
        verdicts = list(pool.map(ask, rows))
    wrong = [(row["input"], told) for row, told in zip(rows, verdicts, strict=True) if told != row["expect"]]
    assert not wrong, "\n".join(map(str, wrong))


def test_header_values_of_the_table(service: Service, site: Site, shared: Path) -> None:
    """Values that would break out of a header, or lead a proxy inside, are refused; good ones are served."""
    rows = [row for row in rows_of(shared) if row.get("field") in BODY_NAMES]
    assert len(rows) > 20
    wrong = []
    for row in rows:
        body = {"url": site.url("/article"), BODY_NAMES[row["field"]]: row["input"]}
        told = verdict(service.post(body, QUICK))
        if told != row["expect"]:
            wrong.append((row, told))
    assert not wrong, "\n".join(map(str, wrong))


def test_header_lines_of_the_table(service: Service, site: Site, shared: Path) -> None:
    """Single-valued headers given twice, and messages with two lengths, never become a read."""
    rows = [row for row in rows_of(shared) if row.get("field") == "headers"]
    assert len(rows) >= 3
    for row in rows:
        target = site.url("/article")
        lines = [f"POST /{target} HTTP/1.1", "Host: x", "Connection: close", *row["input"], "", "0\r\n\r\n"]
        with socket.create_connection((service.host, service.port), timeout=20) as client:
            client.sendall("\r\n".join(lines).encode())
            status = client.makefile("rb").readline()
        assert b" 400 " in status, row
        assert site.requests(target) == 0


def test_refused_addresses_are_counted(service: Service) -> None:
    """`/metrics` counts an address that is refused before anything is dialled."""

    def count() -> float:
        text = service.get("metrics").text
        found = re.search(r'^reader_egress_denials_total\{reason="address"\} (\S+)', text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    before = count()
    assert service.get("http://169.254.169.254/latest/meta-data/", JSON).status == 451
    assert count() == before + 1
