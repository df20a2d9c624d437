"""The command line, as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from reader_stream.stream.sse import Decoder
from tests.site import Site


def reader_stream(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings}
    command = [sys.executable, "-m", "reader_stream", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_a_page_is_read_to_stdout(site: Site) -> None:
    """Markdown on stdout and nothing else, options as the API's headers."""
    done = reader_stream(
        "read", site.url("/hydration"), "-H", "X-Remove-Selector: h1", READER_EGRESS_ALLOW=site.allow
    )
    assert done.returncode == 0, done.stderr
    assert "marker-hydrated-late" in done.stdout
    assert "# " not in done.stdout
    assert "\x1b" not in done.stderr


def test_json_and_events_are_those_of_the_service(site: Site) -> None:
    """--json gives the envelope, --events the stream."""
    allow = {"READER_EGRESS_ALLOW": site.allow}
    envelope = json.loads(reader_stream("read", site.url("/article"), "--json", **allow).stdout)
    assert envelope["data"]["completeness"]["state"] == "complete"
    stream = reader_stream("read", site.url("/article"), "--events", **allow).stdout
    messages = list(Decoder().feed(stream.encode()))
    assert [messages[0].event, messages[-1].event] == ["snapshot", "final"]


def test_a_picture_is_written_to_stdout(site: Site) -> None:
    """Asked for alone it is the output itself; --json has it as data: URL, for no service is left to ask."""
    command = [sys.executable, "-m", "reader_stream", "read", site.url("/shots")]
    command += ["-H", "X-Respond-With: screenshot", "-H", "Accept: image/jpeg"]
    environment = {**os.environ, "READER_EGRESS_ALLOW": site.allow}
    alone = subprocess.run(command, env=environment, capture_output=True, timeout=240, check=True)
    assert alone.stdout.startswith(b"\xff\xd8\xff")
    told = subprocess.run([*command, "--json"], env=environment, capture_output=True, timeout=240, check=True)
    assert json.loads(told.stdout)["data"]["screenshotUrl"].startswith("data:image/jpeg;base64,")


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "word"),
    [
        (["read", "http://127.0.0.1:1/"], {}, 1, "not a public one"),
        (["read", "http://["], {}, 2, "URL"),
        (["read", "http://example.com", "-H", "X-Timeout: never"], {}, 2, "timeout"),
        (["read", "http://example.com", "-H", "no colon"], {}, 2, "X-Name: value"),
        (["read", "http://127.0.0.1:1/"], {"READER_BROWSER_PATH": "/nope"}, 1, "/nope"),
        (["serve"], {"READER_BROWSER_TABS": "many"}, 2, "browser_tabs"),
        (["serve"], {"READER_EGRESS_ALLOW": "not an/address"}, 1, "egress"),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(
    arguments: list[str], settings: dict[str, str], code: int, word: str
) -> None:
    """A wrong call ends with 2, a read or a start that fails with 1; stderr says why, without a traceback."""
    done = reader_stream(*arguments, **settings)
    assert done.returncode == code, done.stderr
    assert word.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("host", "said", "unsaid"),
    [
        ((), "because there are no API keys; --host or READER_HOST", "anybody"),
        (("--host", "0.0.0.0"), "anybody who can reach this address", "Only this machine"),
    ],
)
def test_who_is_answered_is_said_at_the_start(host: tuple[str, ...], said: str, unsaid: str) -> None:
    """Without keys this machine alone, and why; everybody only where an address is told."""
    done = reader_stream("serve", "--port", "0", *host, READER_EGRESS_ALLOW="not an/address")
    assert said in done.stderr
    assert unsaid not in done.stderr
