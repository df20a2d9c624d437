"""README tells the truth: its settings table and its examples."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from reader_stream.settings import Settings
from tests.document.pdfs import locked
from tests.service import Service
from tests.site import Site
from tests.site.media import pdf

README = Path(__file__).parent.parent / "README.md"
CURL = re.compile(r"^curl .*$", re.M)


def settings_table() -> str:
    """The table as it must stand: run this module to print it."""
    rows = ["| variable | default | what |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, ()) else f"`{field.default}`"
        rows.append(f"| `READER_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def test_the_settings_table_is_that_of_the_code() -> None:
    """Every setting stands in README with its default and its description."""
    table = README.read_text().partition("<!-- settings -->\n")[2].partition("\n<!-- /settings -->")[0]
    assert table == settings_table()


@pytest.mark.parametrize("command", CURL.findall(README.read_text()))
def test_examples_work_as_they_stand(command: str, service: Service, site: Site, tmp_path: Path) -> None:
    """Each curl command of README succeeds against the service, with the test site for example.com."""
    command = command.replace("http://localhost:3000", service.base)
    command = command.replace("https://example.com", site.origin)
    (tmp_path / "report.pdf").write_bytes(pdf("A report of the harbour"))
    (tmp_path / "locked.pdf").write_bytes(locked("A secret of the harbour", "open sesame"))
    command = re.sub(r"-o \S+", f"-o {tmp_path}/out", command)
    done = subprocess.run(
        [*shlex.split(command), "--fail", "-sS", "--max-time", "60"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    assert out.exists() or re.search("harbour|Mine|snapshot|# Options", done.stdout)


if __name__ == "__main__":
    print(settings_table())
