"""What must not break the pool: cancellation anywhere, hostile pages, crashes, a stuck browser."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator

import anyio
import anyio.lowlevel
import pytest

from reader_stream.errors import ServiceNodeUnavailableError
from reader_stream.fetch import instance, tabs
from reader_stream.fetch.browser import Browser, BrowserSettings
from reader_stream.fetch.cdp import BrowserGone, CallTimeout, CdpError, SessionClosed
from reader_stream.fetch.chromium import find_binary
from reader_stream.fetch.tabs import Tab
from tests.fetch.browsers import (
    PATIENCE_S,
    children,
    pid_of,
    processes,
    profiles,
    root_of,
    script,
    settled_contexts,
    until,
    value,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("own_temporary_folder")]


def _found() -> bool:
    try:
        find_binary(None)
    except ServiceNodeUnavailableError:
        return False
    return True


if not _found():
    pytest.skip("no Chromium is installed", allow_module_level=True)


@pytest.fixture(scope="module")
async def browser(own_temporary_folder: None) -> AsyncIterator[Browser]:
    """Two tabs, one kept warm. All tests of this file share it: what one does must not hurt the next."""
    async with Browser.open(BrowserSettings(tabs=2, warm_tabs=1)) as running:
        yield running


async def assert_well(browser: Browser) -> None:
    """The next read works, and nothing but the warm tab is left after it."""
    async with browser.tab() as tab:
        assert await value(tab.session, "6 * 7") == 42
    await until(lambda: (browser.stats().tabs_open, browser.stats().tabs_warm) == (0, 1))
    assert await settled_contexts(browser, 1) == 1


@pytest.mark.parametrize("turns", range(12))
async def test_a_read_cancelled_anywhere_leaves_no_tab(browser: Browser, turns: int) -> None:
    """Cancelled after n turns of the loop: in line, entering, inside, leaving."""

    async def read() -> None:
        async with browser.tab() as tab:
            await value(tab.session, "1")
            await value(tab.session, "2")

    for crowd in (1, 4):
        async with anyio.create_task_group() as tasks:
            for _ in range(crowd):
                tasks.start_soon(read)
            for _ in range(turns):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
    await assert_well(browser)


async def test_a_line_that_is_left_leaves_no_tab_too_many(browser: Browser) -> None:
    """Tabs that were being opened for reads in line are closed when nobody waits for them any more."""

    async def read() -> None:
        async with browser.tab():
            await anyio.sleep_forever()

    for patience_s in (0.0, 0.01, 0.03):
        with anyio.move_on_after(patience_s):
            async with anyio.create_task_group() as tasks:
                for _ in range(4):
                    tasks.start_soon(read)
        await until(lambda: (browser.stats().tabs_open, browser.stats().tabs_warm) == (0, 1))
        assert await settled_contexts(browser, 1) == 1


@pytest.mark.parametrize("delay_ms", [0, 1, 3, 10, 30, 100])
async def test_a_read_cancelled_at_any_time_leaves_no_tab(browser: Browser, delay_ms: int) -> None:
    """The same on the clock, with a navigation and an evaluation under way: late replies are dropped."""

    async def read() -> None:
        async with browser.tab() as tab:
            await tab.session.send("Page.navigate", {"url": "data:text/html,<p>x"})
            await value(tab.session, "new Promise(done => setTimeout(done, 200))")

    for _ in range(3):
        with anyio.move_on_after(delay_ms / 1000):
            await read()
    await assert_well(browser)


@pytest.mark.parametrize("delay_ms", [0, 1, 3, 10, 30, 60, 100, 200])
async def test_opening_cancelled_at_any_time_leaves_no_process(delay_ms: int) -> None:
    """Cancelled while Chromium starts: no process, no zombie, no profile folder."""
    before, running = profiles(), children()
    with anyio.move_on_after(delay_ms / 1000):
        async with Browser.open(BrowserSettings(warm_tabs=2)) as browser, browser.tab():
            await anyio.sleep_forever()
    assert profiles() <= before
    assert set(children()) <= set(running)


async def test_an_exception_in_a_read_is_its_own(browser: Browser) -> None:
    """It comes out as it is, not in a group, and the tab is disposed."""
    with pytest.raises(ZeroDivisionError):
        async with browser.tab():
            raise ZeroDivisionError
    await assert_well(browser)


async def test_an_exception_around_the_browser_is_its_own() -> None:
    """So does one in whoever opened the browser, which is closed then."""
    before = profiles()
    with pytest.raises(ZeroDivisionError):
        async with Browser.open(BrowserSettings()):
            raise ZeroDivisionError
    assert profiles() <= before


FOREVER = {"expression": "new Promise(() => 0)", "awaitPromise": True}
GREEDY = "{const a = []; for (;;) a.push(new Array(1e6).fill(a.length + .5))}"
FRAMES = "new Promise(done => {let n = 0; const f = () => ++n < 9 ? requestAnimationFrame(f) : done(n); f()})"
ATTENTION = {
    "dialogs": "<script>alert(1);confirm(2);prompt(3)</script>",
    "late dialog": "<script>onload = () => alert('late')</script>",
    "beforeunload": "<script>onbeforeunload = e => e.preventDefault()</script>",
    "50 dialogs": "<script>for (let i = 0; i < 50; i++) alert(i)</script>",
    "popups": "<script>for (let i = 0; i < 20; i++) open('about:blank')</script>",
    "download": "<a download=x href='data:application/zip,x'>d</a><script>document.links[0].click()</script>",
    "permissions": "<script>navigator.geolocation.getCurrentPosition(() => 0);"
    "Notification.requestPermission()</script>",
    "print": "<script>print(); close(); moveTo(0, 0); document.title = '\\ud800'</script>",
    "full screen": "<script>document.documentElement.requestFullscreen()</script>",
}


async def _navigate(tab: Tab, html: str) -> None:
    loaded = anyio.Event()
    tab.session.on("Page.loadEventFired", lambda event: loaded.set())
    tab.session.post("Page.navigate", {"url": f"data:text/html,{html}"})
    with anyio.fail_after(PATIENCE_S):
        await loaded.wait()


@pytest.mark.parametrize("html", ATTENTION.values(), ids=ATTENTION)
async def test_pages_that_want_attention_get_none(browser: Browser, html: str) -> None:
    """Dialogs, popups, downloads and prompts neither stop the page nor stay."""
    async with browser.tab() as tab:
        await _navigate(tab, html)
        assert await value(tab.session, "1 + 1") == 2
        await tab.session.send("Page.navigate", {"url": "data:text/html,next"})
    await assert_well(browser)


async def test_permissions_are_denied(browser: Browser) -> None:
    """A page that asks is told no at once."""
    async with browser.tab() as tab:
        for name in ("geolocation", "notifications"):
            asked = f"navigator.permissions.query({{name: '{name}'}}).then(answer => answer.state)"
            state = await value(tab.session, asked)
            assert state == "denied"


async def test_tabs_in_the_background_run_at_full_speed(browser: Browser) -> None:
    """requestAnimationFrame of both tabs, not of the last one only."""
    async with browser.tab() as one, browser.tab() as two:
        with anyio.fail_after(PATIENCE_S):
            assert await value(one.session, FRAMES) == 9
            assert await value(two.session, FRAMES) == 9
            assert await value(one.session, "document.hasFocus()") is True


@pytest.mark.parametrize(
    "arguments", ["", "1", "{}", "'a', 'b'", "null", "'\\ud800'", "'x'.repeat(3e6)", "'[' + '['.repeat(1e4)"]
)
async def test_odd_binding_arguments_harm_nobody(browser: Browser, arguments: str) -> None:
    """A page may call what we bind with anything."""
    async with browser.tab() as tab:
        heard: list[object] = []
        tab.session.on("Runtime.bindingCalled", lambda event: heard.append(event["payload"].encode()))
        await tab.session.send("Runtime.enable")
        await tab.session.send("Runtime.addBinding", {"name": "tell"})
        await value(tab.session, f"try {{ tell({arguments}) }} catch (error) {{}}")
        await value(tab.session, "tell('end')")
        assert heard[-1] == b"end"
    await assert_well(browser)


async def test_listeners_that_fail_do_not_stop_the_page(browser: Browser) -> None:
    """Nor other reads."""
    async with browser.tab() as tab, browser.tab() as other:
        tab.session.on("Page.frameNavigated", lambda event: 1 / 0)
        await _navigate(tab, "<p>x")
        assert await value(tab.session, "document.body.innerText") == "x"
        assert await value(other.session, "1") == 1


@pytest.mark.parametrize("how", ["Page.crash", "chrome://crash", "out of memory"])
async def test_a_renderer_crash_fails_its_calls_only(browser: Browser, how: str) -> None:
    """Waiting and later calls raise at once, `crashed` is set, other tabs go on."""
    async with browser.tab() as tab, browser.tab() as other:
        if how == "out of memory":
            await _navigate(tab, "<p>x")
        waiting = tab.session.submit("Runtime.evaluate", FOREVER)
        if how == "Page.crash":
            tab.session.post("Page.crash")
        elif how == "chrome://crash":
            tab.session.post("Page.navigate", {"url": how})
        else:
            tab.session.post("Runtime.evaluate", {"expression": GREEDY})
        with anyio.fail_after(PATIENCE_S), pytest.raises(SessionClosed):
            await waiting
        assert tab.crashed.is_set()
        assert tab.gone.is_set()
        with pytest.raises(SessionClosed):
            await tab.session.send("Page.enable")
        assert await value(other.session, "1") == 1
    await assert_well(browser)


async def test_a_renderer_that_never_yields_is_disposed(browser: Browser) -> None:
    """An endless loop in the page blocks neither the end of its read nor the next one."""
    async with browser.tab() as tab:
        with pytest.raises(CallTimeout):
            await tab.session.send("Runtime.evaluate", {"expression": "for (;;);"}, timeout=0.2)
    await assert_well(browser)


async def test_a_killed_browser_is_relaunched(browser: Browser) -> None:
    """Its reads are told at once, reads in line get a tab of the next one."""
    old, before, relaunches = pid_of(browser), len(profiles()), browser.stats().relaunches
    async with browser.tab() as one, browser.tab() as two:
        waiting = one.session.submit("Runtime.evaluate", FOREVER)
        os.kill(old, signal.SIGKILL)
        with anyio.fail_after(PATIENCE_S), pytest.raises(BrowserGone):
            await waiting
        assert two.gone.is_set()
        assert not two.crashed.is_set()
    await assert_well(browser)
    assert browser.stats().relaunches == relaunches + 1
    await until(lambda: not processes(old))
    await until(lambda: len(profiles()) == before)


async def test_reads_in_line_survive_a_kill(browser: Browser) -> None:
    """Whoever waits for a tab while the browser dies gets one of its successor."""
    served: list[object] = []

    async def read() -> None:
        async with browser.tab() as tab:
            served.append(await value(tab.session, "7"))

    async with anyio.create_task_group() as tasks, browser.tab(), browser.tab():
        for _ in range(3):
            tasks.start_soon(read)
        await until(lambda: browser.stats().queued == 3)
        os.kill(pid_of(browser), signal.SIGKILL)
    assert served == [7, 7, 7]


async def test_a_stopped_browser_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGSTOP: nothing closes, nothing answers. The heartbeat notices, calls fail, the next read works."""
    monkeypatch.setattr(instance, "HEARTBEAT_S", 0.1)
    async with Browser.open(BrowserSettings(tabs=2, warm_tabs=1)) as browser:
        old = pid_of(browser)
        async with browser.tab() as tab:
            with monkeypatch.context() as hasty:  # not for its successor, which may be slow to start
                hasty.setattr(instance, "HEARTBEAT_TIMEOUT_S", 1.0)
                os.kill(old, signal.SIGSTOP)
                with anyio.fail_after(PATIENCE_S), pytest.raises(BrowserGone):
                    await tab.session.send("Runtime.evaluate", {"expression": "1"}, timeout=PATIENCE_S)
        await assert_well(browser)
        await until(lambda: not processes(old))


async def test_a_browser_that_closes_no_tabs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between heartbeats the end of a read notices too."""
    async with Browser.open(BrowserSettings(tabs=2, warm_tabs=1)) as browser:
        await until(lambda: browser.stats().tabs_warm == 1)
        old = pid_of(browser)
        with monkeypatch.context() as hasty:  # not for its successor, which may be slow to start
            hasty.setattr(tabs, "TAB_TIMEOUT_S", 1.0)
            async with browser.tab():
                os.kill(old, signal.SIGSTOP)
            await until(lambda: not processes(old))
        await until(lambda: browser.stats().relaunches >= 1)
        await assert_well(browser)


async def test_a_browser_closed_under_us_is_relaunched(browser: Browser) -> None:
    """`Browser.close` from whoever can speak to it is an end like any other."""
    relaunches = browser.stats().relaunches
    root_of(browser).post("Browser.close")
    await until(lambda: browser.stats().relaunches > relaunches)
    await assert_well(browser)


async def _read_until_gone(browser: Browser) -> None:
    while True:
        async with browser.tab() as tab:
            await tab.gone.wait()


async def test_a_browser_that_cannot_come_back_is_a_503(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Reads in line and new ones are told at once; when it can start again, reads work again."""
    folder = tmp_path_factory.mktemp("bin")
    broken = folder / "broken"
    binary = find_binary(None)
    path = script(folder / "chromium", f'[ -e {broken} ] && exit 3\nexec {binary} "$@" --no-sandbox')
    async with Browser.open(BrowserSettings(path=path, warm_tabs=1)) as browser:
        broken.touch()
        os.kill(pid_of(browser), signal.SIGKILL)
        for _ in range(2):
            with pytest.raises(ServiceNodeUnavailableError, match="no browser"):
                await _read_until_gone(browser)
        broken.unlink()
        await until(lambda: browser.stats().version != "")
        await assert_well(browser)


async def test_many_reads_in_a_row_leave_nothing(browser: Browser) -> None:
    """Forty reads, some cancelled, some crashed: contexts, processes and futures are as before."""
    await assert_well(browser)
    size = len(processes(pid_of(browser)))

    async def read(number: int) -> None:
        with anyio.move_on_after(0.05 if number % 3 == 0 else 30):
            async with browser.tab() as tab:
                await _navigate(tab, f"<p>{number}")
                if number % 5 == 0:
                    tab.session.post("Page.crash")
                    await tab.gone.wait()
                else:
                    await value(tab.session, "1")

    async with anyio.create_task_group() as tasks:
        for number in range(40):
            tasks.start_soon(read, number)
    await assert_well(browser)
    await until(lambda: len(processes(pid_of(browser))) <= size + 1)
    assert browser._current is not None
    assert not browser._current.connection._callers


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and prctl")
async def test_chromium_dies_with_its_parent() -> None:
    """Even when the service is killed with SIGKILL and can clean up nothing."""
    code = (
        "import anyio\n"
        "from reader_stream.fetch.browser import Browser, BrowserSettings\n"
        "async def main():\n"
        "    async with Browser.open(BrowserSettings()) as browser:\n"
        "        process = browser._current.process\n"
        "        print(f'{process.pid} {process.profile}', flush=True)\n"
        "        await anyio.sleep_forever()\n"
        "anyio.run(main)\n"
    )
    async with await anyio.open_process([sys.executable, "-c", code], stderr=None) as parent:
        assert parent.stdout is not None
        pid, profile = (await parent.stdout.receive()).decode().split()
        assert processes(int(pid))
        parent.kill()
        await parent.wait()
    await until(lambda: not processes(int(pid)))
    assert profile in {str(path) for path in profiles()}
    async with Browser.open(BrowserSettings()):
        assert profile not in {str(path) for path in profiles()}


async def test_errors_are_told_apart() -> None:
    """A crash is not a browser's end, a timeout is a TimeoutError, all are CdpErrors."""
    assert issubclass(BrowserGone, SessionClosed)
    assert issubclass(SessionClosed, CdpError)
    assert issubclass(CallTimeout, TimeoutError)
