"""Workers in processes of their own: killed, stopped, two at once; nothing is lost and nothing done twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def ordeal(*told: str) -> str:
    """Run the ordeal of killed processes; return its last line."""
    command = [sys.executable, "-m", "tests.work.crash", *told]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.splitlines()[-1]


def test_killed_anywhere_nothing_is_lost_and_nothing_is_done_twice() -> None:
    assert ordeal("--kills", "20") == "nothing was lost, nothing was done twice"


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_the_next() -> None:
    assert ordeal("--stop") == "nothing was lost, nothing was done twice"


@pytest.mark.postgres
def test_killed_beside_a_second_worker_on_postgresql(make_postgres_database: Callable[[], str]) -> None:
    told = ("--kills", "3", "--database", make_postgres_database())
    assert ordeal(*told) == "nothing was lost, nothing was done twice"
