"""Memory and processor time of a process and everything under it (Linux: /proc)."""

from __future__ import annotations

import os
from pathlib import Path

from tests.service import descendants

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def memory_of(root: int) -> int:
    """Bytes of the family, shared pages divided among those who share them."""
    return sum(_proportional_memory(pid) for pid in _family(root))


def cpu_seconds_of(root: int, *, itself: bool = True) -> float:
    """Processor seconds that the family has taken, those of its ended members included."""
    return sum(_cpu_seconds(pid) for pid in _family(root) if itself or pid != root)


def _family(root: int) -> list[int]:
    return [root, *(pid for pid, _, _ in descendants(root))]


def _proportional_memory(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0  # it has ended since it was listed
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


def _cpu_seconds(pid: int) -> float:
    """Its own time and that of children that it has waited for (proc(5), fields 14 to 17)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS_PER_S
