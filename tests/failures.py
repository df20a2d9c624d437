"""What a failed run says: the log of the service under test, and at the very end each cause once, briefly."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.service import Service, tail

LINES = 70
"""Of all causes together: with them a reader of the last 100 lines of the output has seen each."""
FEWEST_LINES = 4
"""Of each cause, however many there are."""


def _services(item: pytest.Item) -> Iterator[Service]:
    """The services that a test has as fixtures, or whose keeper it has (`House`, `Clock`)."""
    for value in getattr(item, "funcargs", {}).values():
        keeper = getattr(value, "home", value)
        service = getattr(keeper, "service", keeper)
        if isinstance(service, Service):
            yield service


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The end of the service's log stands below the traceback of a test that failed."""
    report = yield
    if report.failed:
        report.sections += [("end of the service's log", tail(service.log)) for service in _services(item)]
    return report


def cause(report: pytest.TestReport) -> list[str]:
    """The lines of a traceback that say what was wrong; of one that has none of them, the last ones."""
    lines = report.longreprtext.splitlines()
    return [line for line in lines if line.startswith("E ")] or lines[-20:]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each failed test with its cause, or the test that failed of the same."""
    failed = terminalreporter.getreports("failed") + terminalreporter.getreports("error")
    if not failed:
        return
    terminalreporter.section("what failed, and why")
    first: dict[str, str] = {}
    for report in failed:
        lines = cause(report)
        same = first.setdefault("\n".join(lines), report.nodeid)
        terminalreporter.line(f"{report.nodeid} ({getattr(report, 'when', None) or 'collection'})")
        if same != report.nodeid:
            terminalreporter.line(f"    as in {same}")
            continue
        for line in shortened(lines, max(FEWEST_LINES, LINES // len(failed))):
            terminalreporter.line(f"    {line[:300]}")


def shortened(lines: list[str], most: int) -> list[str]:
    """The first and the last lines: what was compared, and the notes below it."""
    if len(lines) <= most:
        return lines
    last = most // 3
    return [*lines[: most - last], f"... {len(lines) - most} lines more, above ...", *lines[-last:]]
