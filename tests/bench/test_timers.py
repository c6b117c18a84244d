"""The bench of timers at its smallest: a server and its worker, fifty timers due within a second."""

from __future__ import annotations

from pathlib import Path

from bench.timers import measure_timers, timers_table


def test_timers_that_are_due_at_once_are_all_carried_out_once(tmp_path: Path) -> None:
    found = measure_timers(tmp_path, pending=200, due=50, orders=80, looks=20)
    assert (found.pending, found.due, found.fired, found.once) == (200, 50, 50, 50)
    assert "Carried out were 50, 50 of them once" in timers_table(found)
