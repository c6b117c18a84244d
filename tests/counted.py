"""What something costs, counted: the same on every machine, however busy it is."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

#: The largest shipped blueprint, with which the cost of others is compared.
FLAGSHIP = (Path(__file__).resolve().parents[1] / "blueprints" / "order_management.yaml").read_text(encoding="utf-8")


def counted(work: Callable[[], T]) -> tuple[int, T]:
    """Return how many functions are called to do *work*, and what it gives."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        result = work()
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats()), result
