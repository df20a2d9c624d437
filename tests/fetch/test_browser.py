"""The pool on real browsers: launch, tabs, the line, replacement."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from reader_stream.errors import ServiceNodeUnavailableError
from reader_stream.fetch import launch
from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.chromium import find_binary, flags
from reader_stream.fetch.pyppeteer_page import open_page
from tests.fetch.browsers import (
    BINARIES,
    PATIENCE_S,
    listening,
    pages,
    pid_of,
    processes,
    profiles,
    renderers,
    root_of,
    script,
    settled_contexts,
    until,
    value,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("own_temporary_folder")]


def _any_binary() -> bool:
    return any(os.access(path, os.X_OK) for path in BINARIES)


needs_browser = pytest.mark.skipif(not _any_binary(), reason="no Chromium is installed")


@pytest.fixture(scope="module")
async def browser(own_temporary_folder: None) -> AsyncIterator[Browser]:
    """A browser with room for two reads and a line of three, shared by this file's tests."""
    async with Browser.open(BrowserSettings(tabs=2, warm_tabs=1, queue=3)) as running:
        yield running


@pytest.mark.parametrize("path", BINARIES)
async def test_each_binary_serves_a_page_and_leaves_nothing(path: str) -> None:
    """Cold start, one tab, end: no process, no profile folder."""
    if not os.access(path, os.X_OK):
        pytest.skip(f"{path} is not installed")
    before = profiles()
    async with Browser.open(BrowserSettings(path=path, warm_tabs=1)) as browser:
        pid = pid_of(browser)
        async with browser.tab() as tab:
            assert await value(tab.session, "1 + 1") == 2
            assert await value(tab.session, "navigator.userAgent") == browser.stats().user_agent
            for how in ("'about:blank'", "'about:blank', '', 'noopener'"):
                await value(tab.session, f"void window.open({how})")
            with anyio.fail_after(PATIENCE_S):
                while any(page.get("openerId") for page in await pages(browser)):  # noqa: ASYNC110
                    await anyio.sleep(0.01)
        assert profiles() - before
        assert "Headless" not in browser.stats().user_agent
    assert profiles() <= before
    await until(lambda: not processes(pid))


@needs_browser
async def test_a_tab_is_fresh_and_gone_afterwards(browser: Browser) -> None:
    """No cookie survives a read; its context is disposed."""
    seen = set()
    for _ in range(3):
        async with browser.tab() as tab:
            assert (await tab.session.send("Network.getCookies", {"urls": ["http://a.test/"]}))[
                "cookies"
            ] == []
            await tab.session.send("Network.setCookie", {"name": "a", "value": "b", "url": "http://a.test/"})
            seen.add(tab.context_id)
        await tab.session.closed.wait()
    assert len(seen) == 3
    await until(lambda: (browser.stats().tabs_open, browser.stats().tabs_warm) == (0, 1))
    assert await settled_contexts(browser, 1) == 1


@needs_browser
async def test_a_warm_tab_is_handed_over_without_a_call(browser: Browser) -> None:
    """Where one is ready, a read gets it in the same turn of the loop."""
    await until(lambda: browser.stats().tabs_warm == 1)
    waiter = browser._enqueue()
    assert waiter.served.is_set()
    browser._leave(waiter)


@needs_browser
async def test_reads_are_served_in_the_order_of_their_coming(browser: Browser) -> None:
    """First come, first served; never more at a time than there are tabs."""
    order: list[int] = []
    most = 0

    async def read(number: int) -> None:
        nonlocal most
        async with browser.tab():
            order.append(number)
            most = max(most, browser.stats().tabs_open)
            await anyio.sleep(0.02)

    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(read, number)
            await anyio.lowlevel.checkpoint()
    assert order == [0, 1, 2, 3, 4]
    assert most <= 2


@needs_browser
async def test_a_full_line_is_refused_with_retry_after(browser: Browser) -> None:
    """Two are served, three wait, the sixth is told to come again; a place that is left is free."""
    async with anyio.create_task_group() as tasks:

        async def read() -> None:
            async with browser.tab():
                await anyio.sleep_forever()

        for _ in range(5):
            tasks.start_soon(read)
        await until(lambda: browser.stats().queued == 3)
        with pytest.raises(ServiceNodeUnavailableError) as refused:
            async with browser.tab():
                pass
        assert refused.value.retry_after
        tasks.cancel_scope.cancel()
    assert browser.stats().queued == 0
    await until(lambda: browser.stats().tabs_open == 0)


@needs_browser
async def test_a_worn_browser_is_replaced_while_its_reads_go_on() -> None:
    """After `recycle_pages` a new process takes over; the old one ends with its last read."""
    settings = BrowserSettings(tabs=3, warm_tabs=1, recycle_pages=2)
    async with Browser.open(settings) as browser:
        old = pid_of(browser)
        async with browser.tab() as first:
            async with browser.tab():
                pass
            await until(lambda: pid_of(browser) != old)
            assert await value(first.session, "2 + 2") == 4
            async with browser.tab() as newer:
                assert newer.session.connection is not first.session.connection
            assert processes(old)
        await until(lambda: not processes(old))
        assert browser.stats().relaunches >= 1


@needs_browser
async def test_reads_in_line_are_told_when_the_browser_is_closed() -> None:
    """And so are those that come later; none waits for ever."""
    refused = []

    async def read(browser: Browser) -> None:
        try:
            async with browser.tab() as tab:
                await tab.gone.wait()
        except ServiceNodeUnavailableError as error:
            refused.append(error)

    async with anyio.create_task_group() as tasks:
        async with Browser.open(BrowserSettings(tabs=1)) as browser:
            for _ in range(3):
                tasks.start_soon(read, browser)
            await until(lambda: (browser.stats().tabs_open, browser.stats().queued) == (1, 2))
        tasks.start_soon(read, browser)
    assert len(refused) == 3


@needs_browser
async def test_two_browsers_are_independent() -> None:
    """No shared state: one ends, the other serves."""
    async with Browser.open(BrowserSettings()) as one:
        async with Browser.open(BrowserSettings()) as two:
            assert pid_of(one) != pid_of(two)
        async with one.tab() as tab:
            assert await value(tab.session, "1") == 1


@needs_browser
async def test_a_remote_browser_is_used_over_its_websocket(browser: Browser, tmp_path: Path) -> None:
    """`url` names a DevTools endpoint, `http://` or `ws://`; only our contexts are touched there."""
    port, process = await _remote(tmp_path)
    try:
        for url in (f"http://127.0.0.1:{port}", await _websocket_url(port)):
            async with Browser.open(BrowserSettings(url=url, warm_tabs=1)) as remote:
                async with remote.tab() as tab:
                    assert await value(tab.session, "3 * 3") == 9
                await until(lambda: remote.stats().tabs_warm == 1)
        async with Browser.open(BrowserSettings(url=url, warm_tabs=0)) as remote:
            assert await settled_contexts(remote, 0) == 0
    finally:
        process.kill()
        await process.wait()


async def _remote(profile: Path) -> tuple[int, anyio.abc.Process]:
    """A Chromium that listens on a port of its own choice, as an operator would start one."""
    command = [
        str(find_binary(None)),
        "--headless",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
    ]
    if os.geteuid() == 0:
        command.append("--no-sandbox")
    process = await anyio.open_process(command, stdout=None, stderr=None)
    told = profile / "DevToolsActivePort"
    await until(lambda: told.exists() and told.read_text().count("\n") >= 1)
    return int(told.read_text().split()[0]), process


async def _websocket_url(port: int) -> str:
    import aiohttp

    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/json/version") as answer:
        return str((await answer.json(content_type=None))["webSocketDebuggerUrl"])


async def _refusal(settings: BrowserSettings, caplog: pytest.LogCaptureFixture) -> str:
    """What the log says of a browser that cannot be had; whoever asks for a tab is told at once."""
    async with Browser.open(settings) as browser:
        with pytest.raises(ServiceNodeUnavailableError, match="no browser can be had"):
            async with browser.tab():
                pass
        assert browser.stats().user_agent.startswith("Mozilla/5.0")
    return caplog.text


async def test_an_unreachable_remote_browser_is_a_clear_error(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing listens there: the log has the address, reads are told at once."""
    assert "127.0.0.1:9" in await _refusal(BrowserSettings(url="http://127.0.0.1:9"), caplog)


async def test_a_missing_binary_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    """The message names the setting."""
    assert "READER_BROWSER_PATH" in await _refusal(BrowserSettings(path="/nowhere/chromium"), caplog)


async def test_a_binary_that_is_no_browser_leaves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its last words are in the log, its profile folder is removed."""
    fake = script(tmp_path / "chromium", "echo out of luck >&2; exit 3")
    before = profiles()
    assert "out of luck" in await _refusal(BrowserSettings(path=fake), caplog)
    assert profiles() <= before


@pytest.mark.parametrize("words", ["permission denied", "No usable sandbox!"])
async def test_a_refusal_of_the_last_attempt_is_a_failure_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, words: str
) -> None:
    """Where Chromium starts in no way at all, that is said, and nothing else breaks."""
    fake = script(tmp_path / "chromium", f"echo '{words}' >&2; exit 3")
    assert words in await _refusal(BrowserSettings(path=fake), caplog)


def test_the_flags_leave_no_way_past_the_proxy(tmp_path: Path) -> None:
    """Loopback too goes through it, names are resolved by it, nothing is UDP."""
    line = flags(BrowserSettings(proxy_url="http://127.0.0.1:8"), tmp_path, sandboxed=True)
    for flag in (
        "--proxy-server=http://127.0.0.1:8",
        "--proxy-bypass-list=<-loopback>",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        "--remote-debugging-pipe",
    ):
        assert flag in line
    assert not any(flag.startswith("--remote-debugging-port") for flag in line)
    assert "--no-sandbox" not in line


@needs_browser
async def test_the_sandbox_confines_renderers(browser: Browser) -> None:
    """Where it says sandboxed, no renderer is root and each has a seccomp filter."""
    if not browser.stats().sandboxed:
        pytest.skip("the sandbox cannot be used on this machine")
    async with browser.tab():
        found = renderers(pid_of(browser))
        assert found
        assert all(status["Seccomp"].strip() == "2" for status in found)


@needs_browser
async def test_pyppeteer_pages_work_on_our_transport(browser: Browser) -> None:
    """Its Page and Frame classes: content, evaluation, frames, screenshot, errors of their own kind."""
    from pyppeteer.errors import PageError

    async with browser.tab() as tab:
        page = await open_page(tab)
        await page.setViewport({"width": 300, "height": 200})
        await page.goto("data:text/html,<title>t</title><p>hi<iframe srcdoc='<b>in</b>'></iframe>")
        assert await page.title() == "t"
        assert await page.evaluate("() => document.querySelector('p').innerText.trim()") == "hi"
        frame = page.frames[1]
        assert await frame.evaluate("() => document.body.innerText") == "in"
        assert (await page.screenshot({"type": "png"})).startswith(b"\x89PNG")
        with pytest.raises(PageError):
            await page.goto("http://127.0.0.1:9/")


@needs_browser
async def test_the_browser_keeps_no_port_open(browser: Browser) -> None:
    """A page has no debugging port to reach: nothing of the group listens."""
    async with browser.tab():
        assert not listening(pid_of(browser))


@needs_browser
async def test_stats_say_how_the_browser_stands(browser: Browser) -> None:
    """Counts of now, and of all time."""
    before = browser.stats().pages_served
    await until(lambda: browser.stats().tabs_open == 0)
    async with browser.tab():
        assert browser.stats().tabs_open == 1
    await until(lambda: browser.stats().tabs_open == 0)
    stats = browser.stats()
    assert stats.pages_served == before + 1
    assert stats.relaunches == 0
    assert "/" in stats.version
    assert (await root_of(browser).send("Browser.getVersion"))["product"] == stats.version


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("[1:1:1122/1.2:FATAL:content/zygote_host_impl_linux.cc:128] No usable sandbox! If you are", True),
        ("[1122/1.2:FATAL:sandbox/credentials.cc:131] Check failed: . : Operation not permitted (1)", True),
        ("setpriv: failed to execute /root/chrome: Permission denied", True),
        ("/bin/sh: 0: cannot open /root/chromium: Permission denied", True),
        (
            "[1122/1.2:WARNING:sandbox/policy/linux/sandbox_linux.cc:405] InitializeSandbox() called with\n"
            "[1122/1.3:FATAL:base/message_pump_epoll.cc:146] Check failed: . : Too many open files (24)",
            False,
        ),
        ("[1122/1.2:ERROR:content/network_service.cc:652] Network service crashed", False),
        ("[1122/1.2:ERROR:profile.cc:1] IO error: /tmp/x: No space left on device", False),
    ],
)  # fmt: skip
def test_only_a_refused_sandbox_is_given_up(said: str, refused: bool) -> None:
    """A machine that is out of files or disk for a moment is no reason to run unconfined."""
    assert bool(launch._REFUSAL.search(said)) is refused
