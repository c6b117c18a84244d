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
        unit = step("the bare route", lambda: bare_cost(bare, requests))
        with closing(Browser(product.port)) as browser:
            clerk = Clerk(browser, ground)
            clerk.sign_in()
            for key, task in TASKS.items():
                cost = step(key, lambda task=task: per_request(product, lambda: task(clerk), requests))  # type: ignore[misc]
                measured.append(Measured(key, cost / unit, cost * 1000, requests))
        again = step("the bare route again", lambda: bare_cost(bare, requests))
        rss, pss = memory_mib(product.process.pid)
    measured.append(Measured("memory", pss))
    return measured, conditions(ground, requests, unit, again, rss), ground


def bare_cost(of: server.Server, requests: int) -> float:
    """Return the CPU seconds of the bare route."""
    with closing(Browser(of.port)) as hello:
        return per_request(of, lambda: hello.get("/hello"), requests * 5)


def per_request(of: server.Server, ask: Callable[[], object], count: int) -> float:
    """Return the CPU seconds of one request, over *count* of them after some to warm up."""
    for _ in range(max(3, count // 10)):
        ask()
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


def conditions(ground: Ground, requests: int, unit: float, again: float, rss: float) -> str:
    """Return where and how the figures were taken."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("granian", "flask", "sqlalchemy"))
    return (
        f"Taken on {datetime.now(UTC):%Y-%m-%d} with {ground.orders:,} orders on SQLite, {requests} requests of each "
        f"kind over one connection; Python {platform.python_version()}, {packages}. The bare route cost "
        f"{unit * 1000:.3f} ms before and {again * 1000:.3f} ms after. RSS of all processes: {rss:.0f} MiB. "
        f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}: on a busy machine times are too high."
    )


if __name__ == "__main__":
    sys.exit(main())
