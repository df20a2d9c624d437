"""One Chromium process: found, started with the flags that keep it in, ended without a trace."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import pwd
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
from reader_stream.fetch.wire import open_pipe

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 20.0
"""From start to the first reply. A cold start took 0.3-0.6 s on two cores; a busy machine needs more."""
END_TIMEOUT_S = 5.0
"""From SIGKILL until the last process of the group is gone; 20-60 ms measured."""
RETRY_AFTER_S = 5
UNPRIVILEGED_USER = "nobody"

_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
"""Chromium sees no other variable of ours: they may hold keys."""


@dataclass(slots=True)
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

    Raises `ServiceNodeUnavailableError` when there is no binary or it does not start. The sandbox is
    given up only if Chromium says that it cannot be had here.
    """
    binary = find_binary(settings.path)
    try:
        async with _attempt(binary, settings, sandboxed=True) as running:
            yield running
        return
    except _NoSandboxError:
        logger.warning("Chromium's sandbox cannot be used here; its renderers run unconfined (--no-sandbox)")
    async with _attempt(binary, settings, sandboxed=False) as running:
        yield running


class _NoSandboxError(Exception):
    """Chromium refuses to start with its sandbox."""


@asynccontextmanager
async def _attempt(
    binary: Path, settings: BrowserSettings, *, sandboxed: bool
) -> AsyncIterator[tuple[Connection, Process]]:
    user = _unprivileged() if os.geteuid() == 0 else None
    if os.geteuid() == 0 and user is None and sandboxed:
        raise _NoSandboxError
    with _profile(user) as profile:
        ours, theirs = socket.socketpair()
        with theirs:
            process = _spawn(
                [*_as_user(user), str(binary), *flags(settings, profile, sandboxed=sandboxed)],
                profile,
                theirs,
            )
        process.sandboxed = sandboxed
        try:
            async with open_pipe(ours) as connection:
                await _first_reply(connection, process)
                yield connection, process
        finally:
            await _end(process)


async def _first_reply(connection: Connection, process: Process) -> None:
    try:
        await connection.root.send("Browser.getVersion", timeout=START_TIMEOUT_S)
    except CdpError as error:
        said = _last_words(process)
        if isinstance(error, BrowserGone) and process.sandboxed and "sandbox" in said.lower():
            raise _NoSandboxError from error
        message = f"Chromium did not start ({error}). It said: {said or 'nothing'}"
        raise ServiceNodeUnavailableError(message, retry_after=RETRY_AFTER_S) from error


def _last_words(process: Process) -> str:
    try:
        text = (process.profile / "stderr").read_text(errors="replace")
    except OSError:
        return ""
    return text[-600:].strip()


async def _end(process: Process) -> None:
    with anyio.move_on_after(END_TIMEOUT_S, shield=True):
        process.kill()
        while not process.reaped():  # noqa: ASYNC110 (waitpid has no event of its own)
            await anyio.sleep(0.002)


@contextmanager
def _profile(user: pwd.struct_passwd | None) -> Iterator[Path]:
    """A private folder for all that Chromium writes: profile, home, temporary files, stderr."""
    profile = Path(tempfile.mkdtemp(prefix="reader-stream-"))
    try:
        if user is not None:
            os.chown(profile, user.pw_uid, user.pw_gid)
        yield profile
    finally:
        shutil.rmtree(profile, ignore_errors=True)
        if profile.exists():
            logger.error("Chromium's profile %s could not be removed", profile)


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


def _spawn(command: list[str], profile: Path, theirs: socket.socket) -> Process:
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
            pid = os.posix_spawn(
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
    return Process(pid, profile, sandboxed=True)
