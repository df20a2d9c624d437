"""`scripts/setup`: what `make` does on a machine where things are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("bash", "sh", "env", "cat", "cksum", "dirname", "grep", "head", "readlink", "rm", "sed", "tr")


class Machine:
    """A bare machine: the usual small tools, whatever a test puts on it, and a log of what was called."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.project = folder / "project"
        self.log = folder / "log"
        self.bin.mkdir()
        self.log.touch()
        shutil.copytree(ROOT / "scripts", self.project / "scripts")
        shutil.copy(ROOT / "pyproject.toml", self.project)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or "/bin/false")
        self.has("id", "echo 0")
        self.has("python", self._noted("python"), at=self.project / ".venv" / "bin")

    def has(self, name: str, script: str, at: Path | None = None) -> None:
        """Put a command on the machine."""
        folder = at or self.bin
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    def has_apt(self, *packages: str) -> None:
        """An apt-get that knows these packages; each brings a command of its name."""
        known = "|".join(packages) or "none"
        make = f'printf "#!/bin/sh\\n" > {self.bin}/$p; /bin/chmod +x {self.bin}/$p'
        install = f"for p; do case $p in {known}) {make}; exit 0;; esac; done; exit 100"
        self.has("apt-get", f'{self._noted("apt-get")}\ncase "$*" in *install*) {install};; esac')

    def set_up(self, *extras: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            [str(self.bin / "bash"), "scripts/setup", *extras],
            cwd=self.project,
            env={"PATH": str(self.bin), "HOME": str(self.project), **environment},
            capture_output=True,
            text=True,
        )

    def calls(self, name: str) -> list[str]:
        """The arguments of each call of a command that is noted."""
        lines = self.log.read_text().splitlines()
        return [line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")]

    def _noted(self, name: str) -> str:
        return f'echo "{name} $*" >> {self.log}'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without a browser."""
    if os.path.exists("/Applications"):
        pytest.skip("a macOS machine is never bare: its browsers are found outside PATH")
    return Machine(tmp_path)


def _is_ubuntu() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "\nID=ubuntu" in f"\n{release.read_text()}"


needs_debian = pytest.mark.skipif(_is_ubuntu(), reason="Ubuntu has Chromium as a snap only")


def test_missing_browser_is_named_where_nothing_can_be_installed(machine: Machine) -> None:
    """Without a package manager it fails, says what is missing, and how to go on."""
    done = machine.set_up()
    assert done.returncode == 1
    assert "no Chromium found" in done.stderr
    assert "READER_BROWSER_PATH" in done.stderr


@needs_debian
def test_browser_comes_from_the_package_manager(machine: Machine) -> None:
    """The lists are brought up to date once, then headless-shell is installed."""
    machine.has_apt("chromium-headless-shell")
    assert machine.set_up().returncode == 0
    update, install = machine.calls("apt-get")
    assert update.endswith("update")
    assert install.endswith("chromium-headless-shell")


@needs_debian
def test_whole_chromium_is_the_second_choice(machine: Machine) -> None:
    """Where there is no headless-shell, Chromium will do."""
    machine.has_apt("chromium")
    assert machine.set_up().returncode == 0
    assert machine.calls("apt-get")[-1].endswith("chromium")


def test_browser_that_is_there_is_used(machine: Machine) -> None:
    """Nothing is installed where a browser is found."""
    machine.has_apt("chromium")
    machine.has("google-chrome", "")
    assert machine.set_up().returncode == 0
    assert machine.calls("apt-get") == []


def test_snap_is_no_browser(machine: Machine) -> None:
    """Ubuntu's stand-in that starts a snap does not count as found."""
    machine.has("chromium-browser", "exec /snap/bin/chromium")
    assert machine.set_up().returncode == 1


def test_chosen_browser_has_to_exist(machine: Machine) -> None:
    """A path that leads nowhere is an error, not a reason to take another browser."""
    machine.has("chromium", "")
    done = machine.set_up(READER_BROWSER_PATH="/nowhere/chrome")
    assert done.returncode == 1
    assert "/nowhere/chrome" in done.stderr


def test_package_is_installed_only_when_something_changed(machine: Machine) -> None:
    """pip runs once, again for an extra that is new, and again when pyproject.toml has changed."""

    def installs() -> int:
        return sum(" install " in call for call in machine.calls("python"))

    machine.has("chromium", "")
    machine.has("redis-server", "")
    for extras, runs in (((), 1), ((), 1), (("test",), 2), (("test",), 2), ((), 2)):
        assert machine.set_up(*extras).returncode == 0
        assert installs() == runs
    with (machine.project / "pyproject.toml").open("a") as file:
        file.write("\n")
    assert machine.set_up().returncode == 0
    assert installs() == 3


@needs_debian
def test_another_apt_is_waited_for(machine: Machine) -> None:
    """Whoever holds one of its locks is done some day."""
    machine.has_apt("chromium-headless-shell")
    works = (machine.bin / "apt-get").rename(machine.bin / "works")
    locked = 'echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 9"; exit 100'
    machine.has("apt-get", f'[ -e {machine.bin}/chromium ] || {{ {locked}; }}\nexec {works} "$@"')
    machine.has("sleep", f'echo "sleep $*" >> {machine.log}; > {machine.bin}/chromium')
    assert machine.set_up().returncode == 0
    assert len(machine.calls("sleep")) == 1


def test_pip_is_asked_again_where_the_network_fails(machine: Machine) -> None:
    """Once, after a moment; then it is said."""
    machine.has("chromium", "")
    machine.has("sleep", f'echo "sleep $*" >> {machine.log}')
    fails = f'echo "python $*" >> {machine.log}; case "$*" in *install*) exit 1;; esac'
    machine.has("python", fails, at=machine.project / ".venv" / "bin")
    done = machine.set_up()
    assert done.returncode == 1
    assert "pip could not install" in done.stderr
    assert len(machine.calls("sleep")) == 1


@pytest.mark.parametrize("there", [True, False])
def test_wanted_versions_are_taken_where_they_can_be_had(machine: Machine, there: bool) -> None:
    """Where one is not, any will do."""
    machine.has("chromium", "")
    fails = f'echo "python $*" >> {machine.log}; case "$*" in *" -c "*) exit {0 if there else 1};; esac'
    machine.has("python", fails, at=machine.project / ".venv" / "bin")
    assert machine.set_up(SETUP_CONSTRAINTS="wanted.txt").returncode == 0
    with_versions = ["-c wanted.txt" in call for call in machine.calls("python") if " install " in call]
    assert with_versions == ([True] if there else [True, False])


def test_tests_go_on_without_redis(machine: Machine) -> None:
    """Where redis-server cannot be had, it is said, and no reason to fail."""
    machine.has("chromium", "")
    done = machine.set_up("test")
    assert done.returncode == 0
    assert "no redis-server" in done.stderr
