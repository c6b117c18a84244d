"""What a process and its children have used: CPU time and memory, read from /proc. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return *pid* and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting[-1])
        waiting.extend(children.get(waiting.pop(), ()))
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, user and system, that *pid* and its descendants have used, in seconds.

    Reads the scheduler's own count of each thread, in nanoseconds; a thread that has ended is not in it.
    """
    return sum(thread_seconds(each) for each in family(pid))


def memory_mib(pid: int) -> tuple[float, float]:
    """Return (RSS, PSS) of *pid* and its descendants in MiB; PSS counts a page shared by n processes as 1/n."""
    sizes = [_rollup(each) for each in family(pid)]
    return sum(rss for rss, _ in sizes) / 1024, sum(pss for _, pss in sizes) / 1024


def thread_seconds(pid: int) -> float:
    """Return the CPU time that the threads of one process have used, in seconds."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(thread.read_text().split()[0])
        except (OSError, IndexError, ValueError):
            continue  # It ended between being listed and being read.
    return total / 1e9


def _rollup(pid: int) -> tuple[int, int]:
    """Return (RSS, PSS) of one process in KiB; nothing for one that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:])}
    return sizes["Rss"], sizes["Pss"]


def _parents() -> Iterator[tuple[int, int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name of the program stands in brackets and may hold blanks and brackets.
            rest = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(stat.parent.name), int(rest[1])
