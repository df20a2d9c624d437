"""The page at /docs: complete, harmless, and every example does what it says."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import html

from reader_stream.web.docs.example import BASE
from reader_stream.web.docs.page import EXAMPLES, names
from reader_stream.web.params import OPTIONS
from tests import captioner
from tests.document.pdfs import locked
from tests.security import proxies
from tests.service import Service, running
from tests.site import Site
from tests.site.media import pdf

RUNS = [(name, n) for name in names() for n in range(len(EXAMPLES[name]))]


@pytest.fixture(scope="module")
def stand_ins(service: Service, site: Site) -> Iterator[dict[str, str]]:
    """What the addresses in the examples stand for, with a service that has everything switched on."""
    with contextlib.ExitStack() as stack:
        seer = stack.enter_context(captioner.serving())
        (proxy,) = stack.enter_context(proxies.running(("http", True)))
        settings = {
            "READER_EGRESS_ALLOW": f"{site.allow},127.0.0.1:{proxy.port}",
            "READER_ALLOW_SCRIPTS": "true",
            "READER_CAPTION_URL": seer.url,
            "READER_LOG_LEVEL": "warning",
        }
        everything = stack.enter_context(running(settings))
        yield {
            BASE: everything.base,
            "https://httpbin.org/headers": f"{site.origin}/options/asked",
            "https://httpbin.org/image/png": f"{site.origin}/captions/image/docs",
            "https://www.google.com/search?q=reader": f"{site.origin}/options/closed",
            "http://user:password@proxy.example.com:8080": proxy.url(),
            "https://example.com": site.origin,
        }


@pytest.fixture(scope="module")
def outputs(
    stand_ins: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, int], Future[tuple[str, Path]]]]:
    """What every example puts out, and the folder that it ran in; four at a time."""

    every = tmp_path_factory.mktemp("docs")

    def run(name: str, n: int) -> tuple[str, Path]:
        example, folder = EXAMPLES[name][n], every / f"{name}-{n}"
        folder.mkdir()
        (folder / "report.pdf").write_bytes(pdf("A report"))
        if "locked.pdf" in EXAMPLES[name][n].command:
            (folder / "locked.pdf").write_bytes(locked("A secret", "open sesame"))
        command = replaced(example.command, stand_ins)
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True, timeout=240
        )
        return done.stdout, folder

    with ThreadPoolExecutor(4) as pool:
        yield {each: pool.submit(run, *each) for each in RUNS}


def replaced(text: str, stand_ins: dict[str, str]) -> str:
    """The same with the addresses of here."""
    for theirs, ours in stand_ins.items():
        text = text.replace(theirs, ours)
    return text


@pytest.mark.parametrize(("name", "n"), RUNS, ids=[f"{name}-{n}" for name, n in RUNS])
def test_an_example_does_what_it_says(
    name: str,
    n: int,
    outputs: dict[tuple[str, int], Future[tuple[str, Path]]],
    stand_ins: dict[str, str],
) -> None:
    """As it stands on the page, in a shell."""
    example = EXAMPLES[name][n]
    output, folder = outputs[name, n].result()
    if example.gives:
        assert output.strip() == replaced(example.gives, stand_ins)
    for text in example.shows:
        assert replaced(text, stand_ins) in output
    for text in example.hides:
        assert text not in output
    if example.saves:
        assert (folder / example.saves).read_bytes().startswith(b"RIFF")


def test_every_option_has_an_example() -> None:
    """And each of its headers, and nothing that is not an option, is in one."""
    assert set(names()) == set(EXAMPLES) == {"url", *(option.body for option in OPTIONS)}
    for option in OPTIONS:
        commands = " ".join(example.command.lower() for example in EXAMPLES[option.body])
        spelt = [f"{header}: " for header in option.headers[:1]]
        assert all(each in commands for each in spelt) or not spelt
        assert all(EXAMPLES[option.body])
    assert all(
        example.gives or example.shows or example.saves for each in EXAMPLES.values() for example in each
    )


def test_browsers_get_a_page_without_anything_from_elsewhere(service: Service) -> None:
    """Its policy allows its own style alone; each option is a section of its own."""
    answer = service.get("docs", {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    root = html.fromstring(answer.text)
    assert not root.xpath("//script | //img | //link | //iframe | //@onclick | //@style")
    assert {section.get("id") for section in root.iter("section")} == set(names())
    assert {href for href in root.xpath("//a/@href") if not href.startswith(("#", "/"))} == set()
    assert service.base in answer.text


@pytest.mark.parametrize("accept", ["text/markdown", "*/*", "text/plain", "application/json"])
def test_others_get_markdown(accept: str, service: Service) -> None:
    """The same sections, as text."""
    answer = service.get("docs", {"Accept": accept})
    assert answer.headers["Content-Type"].startswith(("text/markdown", "text/plain"))
    assert answer.text.startswith("# Options by example\n")
    assert [line[3:] for line in answer.text.splitlines() if line.startswith("## ")] == list(names())
    assert "Values: `auto, browser, http, curl, direct`" in answer.text
    assert "Values: `number from 1 to 180`" in answer.text


def test_the_way_to_the_page_is_told(service: Service) -> None:
    """By the usage text, llms.txt and the description for machines."""
    assert "/docs" in service.get("").text
    assert "/docs" in service.get("llms.txt").text
    assert "/docs" in service.get("openapi.json").json()["paths"]
