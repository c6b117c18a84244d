"""`python -m bench`: measure, print the table, and write it into docs/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from bench import server
from bench.browser import Browser
from bench.clerk import TASKS, Clerk
from bench.deciding import measure as measure_rules
from bench.deciding import rule_table
from bench.formulas import formula_table
from bench.formulas import measure as measure_formulas
from bench.ground import Ground, lay
from bench.processes import memory_mib
from bench.profiling import break_down
from bench.report import Measured, missed, table, where_time_goes, write_between_markers
from bench.tables import cost_table
from bench.tables import measure as measure_tables

Result = TypeVar("Result")

#: Slices in which the product and the bare route take turns.
SLICES = 8
PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 when it went through, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000, help="orders in the database (default 100,000)")
    parser.add_argument("--requests", type=int, default=400, help="requests of each kind (default 400)")
    parser.add_argument("--starts", type=int, default=3, help="starts of which the median counts (default 3)")
    parser.add_argument("--no-page", action="store_true", help="print the table and leave docs/performance.md alone")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="blankett-bench-") as folder:
        measured, conditions, ground = run(Path(folder), given.orders, given.requests, given.starts)
        parts = step("profiling", lambda: break_down(Path(folder), ground, min(100, given.requests)))
    formulas = formula_table(step("formulas", measure_formulas))
    tables = cost_table(step("decision tables", measure_tables))
    action = next((each.milliseconds for each in measured if each.key == "action"), None)
    rules = rule_table(step("rules", measure_rules), action)
    figures = (
        f"{table(measured)}\n\n{conditions}\n\nWhere the time goes:\n\n{where_time_goes(parts)}\n\n"
        f"Formulas, beside the same by hand in Python on decimals, and beside Python's own parser:\n\n{formulas}\n\n"
        f"Decision tables on three inputs, for one decision:\n\n{tables}\n\n"
        f"Business rules on one order:\n\n{rules}"
    )
    print(f"\n{figures}\n")
    for title in missed(measured):
        print(f"missed its aim: {title}")
    if not given.no_page:
        write_between_markers(PAGE, figures)
    return 0


def run(folder: Path, orders: int, requests: int, starts: int = 1) -> tuple[list[Measured], str, Ground]:
    """Lay the ground in *folder*, measure, and return the figures, the conditions they were taken under, the ground."""
    ground = step(f"laying {orders:,} orders", lambda: lay(f"sqlite:///{folder / 'blankett.sqlite'}", orders))
    begins = [step("starting", lambda: first_answer(folder)) for _ in range(starts)]
    measured = [Measured("start", sorted(begins)[len(begins) // 2])]
    with server.bare() as bare, server.blankett(folder) as product:
        with closing(Browser(product.port)) as browser, closing(Browser(bare.port)) as hello:
            clerk = Clerk(browser, ground)
            clerk.sign_in()
            units = []
            for key, task in TASKS.items():
                cost, unit = step(key, lambda task=task: in_turns(product, bare, lambda: task(clerk), hello, requests))  # type: ignore[misc]
                units.append(unit)
                measured.append(Measured(key, cost / unit, cost * 1000, requests))
        rss, pss = memory_mib(product.process.pid)
    measured.append(Measured("memory", pss))
    return measured, conditions(ground, requests, units, rss), ground


def in_turns(
    product: server.Server, bare: server.Server, ask: Callable[[], object], hello: Browser, count: int
) -> tuple[float, float]:
    """Return the CPU seconds of one request to the product, and of one to the bare route: of each the best slice.

    The two take turns, so that what else the machine does meets both.
    """
    size = max(1, count // SLICES)
    costs = [
        (per_request(product, ask, size), per_request(bare, lambda: hello.get("/hello"), size * 5))
        for _ in range(min(SLICES, count) + 1)
    ][1:]  # the first slice warms up
    return min(cost for cost, _ in costs), min(unit for _, unit in costs)


def per_request(of: server.Server, ask: Callable[[], object], count: int) -> float:
    """Return the CPU seconds of one request, over *count* of them."""
    before = of.cpu()
    for _ in range(count):
        ask()
    return (of.cpu() - before) / count


def first_answer(folder: Path) -> float:
    """Return the seconds from starting `blankett serve` to its first answer."""
    with server.blankett(folder) as found:
        return found.start


def step(title: str, do: Callable[[], Result]) -> Result:
    """Do one step of the run, and tell how long it took."""
    began = time.perf_counter()
    found = do()
    print(f"{title}: {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return found


def conditions(ground: Ground, requests: int, units: Sequence[float], rss: float) -> str:
    """Return where and how the figures were taken."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("granian", "flask", "sqlalchemy"))
    return (
        f"Taken on {datetime.now(UTC):%Y-%m-%d} with {ground.orders:,} orders on SQLite, {requests} requests of each "
        f"kind over one connection, the best of {SLICES} slices in turns with the bare route, which cost "
        f"{min(units) * 1000:.3f} to {max(units) * 1000:.3f} ms; Python {platform.python_version()}, {packages}. "
        f"RSS of all processes: {rss:.0f} MiB. "
        f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}: on a busy machine times are too high."
    )


if __name__ == "__main__":
    sys.exit(main())
