"""One Chromium process: found, started with the flags that keep it in, ended without a trace."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import pwd
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from reader_stream.errors import ServiceNodeUnavailableError
from reader_stream.fetch.cdp import BrowserGone, CdpError, Connection
from reader_stream.fetch.chromium import BrowserSettings, find_binary, flags
from reader_stream.fetch.scope import owned_tasks
from reader_stream.fetch.wire import open_pipe

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 20.0
"""From start to the first reply. A cold start took 0.3-0.6 s on two cores; a busy machine needs more."""
END_TIMEOUT_S = 5.0
"""From SIGKILL until the last process of the group is gone; 20-60 ms measured."""
RETRY_AFTER_S = 5
UNPRIVILEGED_USER = "nobody"
_PREFIX = "reader-stream-"

_REFUSAL = re.compile(
    r"No usable sandbox|SUID sandbox|new namespace|without --no-sandbox|^setpriv: "
    r"|(?:\bFATAL\b.*|^[^\[\n].*)(?:permission denied|not permitted)",
    re.IGNORECASE | re.MULTILINE,
)
"""Words of a Chromium that this machine does not let start so: "No usable sandbox!", "Failed to move to new
namespace", "setpriv: failed to execute"; or of the shell or loader before it. Anything else is a failure,
never a reason to unconfine: out of files it names the sandbox too, in a warning before its last words."""

MAX_SAID_BYTES = 1024 * 1024
SHORTEN_EVERY_S = 0.5
"""Of what Chromium writes on stderr, no more is left on the disk than it writes in this time."""

_SAID_CHARS, _SHOWN_CHARS = 8000, 600
"""Of Chromium's words, what is looked at (a stack may follow them) and what is shown."""


_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
"""Chromium sees no other variable of ours: they may hold keys."""


@dataclass(frozen=True, slots=True)
class Process:
    """A Chromium of ours. `sandboxed` says whether its renderers are confined."""

    pid: int
    profile: Path
    sandboxed: bool

    def kill(self) -> None:
        """End the whole group at once; a stopped (SIGSTOP) one too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def reaped(self) -> bool:
        """Collect what has ended of the group; True when no child of ours is left in it.

        Where we are a container's init, Chromium's orphans are our children too.
        """
        try:
            while os.waitpid(-self.pid, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        return False


@asynccontextmanager
async def launch(settings: BrowserSettings) -> AsyncIterator[tuple[Connection, Process]]:
    """A running Chromium that answers. At the end, however it comes, no process and no file is left.

    Raises `ServiceNodeUnavailableError` when there is no binary or it does not start. The unprivileged
    user and the sandbox are given up only if Chromium says that they cannot be had here.
    """
    binary = find_binary(settings.path)
    *attempts, last = _attempts()
    for attempt in attempts:
        try:
            async with _start(binary, settings, attempt) as running:
                yield running
            return
        except _RefusedError as refusal:
            logger.warning("Chromium does not start %s: %s", attempt, refusal)
    try:
        async with _start(binary, settings, last) as running:
            yield running
    except _RefusedError as refusal:
        message = f"Chromium does not start {last}: {refusal}"
        raise ServiceNodeUnavailableError(message, retry_after=RETRY_AFTER_S) from refusal


class _RefusedError(Exception):
    """Chromium cannot start as this user or with its sandbox; the next attempt may do."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to start: as `user` (None: as we are), with the sandbox or without."""

    user: pwd.struct_passwd | None
    sandboxed: bool

    def __str__(self) -> str:
        who = "" if self.user is None else f"as {self.user.pw_name} "
        return f"{who}{'with' if self.sandboxed else 'without'} its sandbox"


def _attempts() -> list[_Attempt]:
    """From the safest to the last resort. The sandbox is refused to root, so root steps down first."""
    if os.geteuid() != 0:
        return [_Attempt(None, True), _Attempt(None, False)]
    user = _unprivileged()
    stepping_down = [] if user is None else [_Attempt(user, True), _Attempt(user, False)]
    return [*stepping_down, _Attempt(None, False)]


@asynccontextmanager
async def _start(
    binary: Path, settings: BrowserSettings, attempt: _Attempt
) -> AsyncIterator[tuple[Connection, Process]]:
    with _profile(attempt.user) as profile:
        ours, theirs = socket.socketpair()
        line = flags(settings, profile, sandboxed=attempt.sandboxed)
        try:
            with theirs:
                pid = _spawn([*_as_user(attempt.user), str(binary), *line], profile, theirs)
        except BaseException:
            ours.close()
            raise
        process = Process(pid, profile, attempt.sandboxed)
        try:
            async with open_pipe(ours) as connection:
                await _first_reply(connection, process)
                if not attempt.sandboxed:
                    logger.warning("Chromium runs %s (--no-sandbox): nothing confines its renderers", attempt)
                async with owned_tasks() as tasks:
                    tasks.start_soon(_keep_short, profile / "stderr")
                    yield connection, process
        finally:
            await _end(process)


async def _keep_short(words: Path) -> None:
    """Headless-shell writes there whatever pages log, by 30 MB/s if they like; appending goes on at 0."""
    while True:
        await anyio.sleep(SHORTEN_EVERY_S)
        with contextlib.suppress(OSError):
            _shorten(words)


def _shorten(words: Path) -> None:
    if words.stat().st_size > MAX_SAID_BYTES:
        os.truncate(words, 0)


async def _first_reply(connection: Connection, process: Process) -> None:
    try:
        await connection.root.send("Browser.getVersion", timeout=START_TIMEOUT_S)
    except CdpError as error:
        said = _last_words(process)
        if isinstance(error, BrowserGone) and _REFUSAL.search(said):
            raise _RefusedError(said[-_SHOWN_CHARS:]) from error
        message = f"Chromium did not start ({error}). It said: {said[-_SHOWN_CHARS:] or 'nothing'}"
        raise ServiceNodeUnavailableError(message, retry_after=RETRY_AFTER_S) from error


def _last_words(process: Process) -> str:
    try:
        text = (process.profile / "stderr").read_text(errors="replace")
    except OSError:
        return ""
    return text[-_SAID_CHARS:].strip()


async def _end(process: Process) -> None:
    with anyio.move_on_after(END_TIMEOUT_S, shield=True):
        process.kill()
        while not process.reaped():  # noqa: ASYNC110 (waitpid has no event of its own)
            await anyio.sleep(0.002)


@contextmanager
def _profile(user: pwd.struct_passwd | None) -> Iterator[Path]:
    """A private folder for all that Chromium writes: profile, home, temporary files, stderr."""
    _sweep()
    profile = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with _locked(profile / "lock"):
            if user is not None:
                _give(profile, user)
            yield profile
    finally:
        shutil.rmtree(profile, ignore_errors=True)
        if profile.exists():
            logger.error("Chromium's profile %s could not be removed", profile)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with us, however we end. Raises `OSError` when somebody else holds it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


def _sweep() -> None:
    """Remove the folders of services that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if (folder / "lock").is_file():
                with _locked(folder / "lock"):
                    shutil.rmtree(folder, ignore_errors=True)


def _give(profile: Path, user: pwd.struct_passwd) -> None:
    try:
        os.chown(profile, user.pw_uid, user.pw_gid)
    except OSError as error:  # a container that knows one user only
        raise _RefusedError(str(error)) from error


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom root runs Chromium as; None where that needs a tool that is missing."""
    if shutil.which("setpriv") is None:
        return None
    try:
        return pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        return None


def _as_user(user: pwd.struct_passwd | None) -> list[str]:
    """The command before the command: Chromium dies with us, and is never root.

    It also ends when its pipe closes; the death signal holds too where a forked worker of ours keeps
    the pipe open, or Chromium is stopped.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or sys.platform != "linux":
        return []
    line = [setpriv, "--pdeathsig", "KILL"]
    if user is not None:
        line += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return line


def _spawn(command: list[str], profile: Path, theirs: socket.socket) -> int:
    """Start `command` in a process group of its own, fds 3 and 4 being its end of the socket pair.

    `posix_spawn` forks without running Python in the child, so it is safe beside threads.
    """
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    environment |= {"HOME": str(profile), "TMPDIR": str(profile)}
    # Above 9, so that neither dup2 overwrites the other's source.
    source = fcntl.fcntl(theirs, fcntl.F_DUPFD_CLOEXEC, 10)
    try:
        stderr = os.open(profile / "stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            return os.posix_spawn(
                command[0],
                command,
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_DUP2, stderr, 2),
                    (os.POSIX_SPAWN_DUP2, source, 3),
                    (os.POSIX_SPAWN_DUP2, source, 4),
                ],
                setpgroup=0,
                setsigdef=(signal.SIGPIPE,),  # Python ignores it, and children inherit that
            )
        finally:
            os.close(stderr)
    except OSError as error:
        raise ServiceNodeUnavailableError(f"{command[0]} cannot be started: {error.strerror}") from error
    finally:
        os.close(source)
