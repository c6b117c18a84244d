"""`python -m bench`: measure, print the table, and write it into docs/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from random import Random
from statistics import median
from typing import TypeVar

from bench import server, size, timers
from bench.browser import Browser
from bench.by_hand.ground import TwinGround
from bench.clerk import TASKS, Clerk
from bench.deciding import measure as measure_rules
from bench.deciding import rule_table
from bench.formulas import formula_table
from bench.formulas import measure as measure_formulas
from bench.ground import PEOPLE, Ground, email_of, lay
from bench.growth import BEGIN_GROWTH, END_GROWTH, MILLION, SIZES, growth_table
from bench.processes import memory_mib
from bench.profiling import break_down
from bench.report import Measured, missed, table, where_time_goes, write_between_markers
from bench.tables import cost_table
from bench.tables import measure as measure_tables
from bench.turns import TURNS, Bare, Side, in_turns, use_every_page

Result = TypeVar("Result")

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 when it went through, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000, help="orders in the database (default 100,000)")
    parser.add_argument("--requests", type=int, default=200, help="requests of each kind (default 200)")
    parser.add_argument("--starts", type=int, default=3, help="starts of which the median counts (default 3)")
    parser.add_argument("--no-page", action="store_true", help="print the table and leave docs/performance.md alone")
    parser.add_argument("--growth", action="store_true", help="measure instead what pages cost while records grow")
    parser.add_argument("--million", action="store_true", help="with --growth: up to a million orders")
    parser.add_argument("--size", action="store_true", help="weigh instead what orders and actions take on disk")
    parser.add_argument("--timers", action="store_true", help="carry out instead many timers that are due at once")
    given = parser.parse_args(arguments)
    if given.growth:
        return run_growth(given.million, min(given.requests, 40), write=not given.no_page)
    if given.timers:
        return run_timers(write=not given.no_page)
    if given.size:
        return weigh_orders(write=not given.no_page)
    with tempfile.TemporaryDirectory(prefix="blankett-bench-") as folder:
        found = run(Path(folder), given.orders, given.requests, given.starts)
        parts = step("profiling", lambda: break_down(Path(folder), found.ground, min(100, given.requests)))
    formulas = formula_table(step("formulas", measure_formulas))
    tables = cost_table(step("decision tables", measure_tables))
    action = next((each.product for each in found.measured if each.key == "action"), None)
    rules = rule_table(step("rules", measure_rules), action)
    figures = (
        f"{table(found.measured)}\n\n{found.conditions}\n\nWhere the time goes:\n\n{where_time_goes(parts)}\n\n"
        f"Formulas, beside the same by hand in Python on decimals, and beside Python's own parser:\n\n{formulas}\n\n"
        f"Decision tables on three inputs, for one decision:\n\n{tables}\n\n"
        f"Business rules on one order:\n\n{rules}"
    )
    print(f"\n{figures}\n")
    for title in missed(found.measured):
        print(f"missed its aim: {title}")
    if not given.no_page:
        write_between_markers(PAGE, figures)
    return 0


def run_growth(million: bool, requests: int, *, write: bool) -> int:
    """Measure pages among more and more orders; 0 when it went through, whatever the figures."""
    sizes = (*SIZES, *((MILLION,) if million else ()))
    with tempfile.TemporaryDirectory(prefix="blankett-growth-") as folder:
        figures = step("growing", lambda: growth_table(sizes, requests, Path(folder), tell_size))
    figures = f"{figures}\n\n{requests} requests a page, load of the machine {os.getloadavg()[0]:.1f} at the end."
    print(f"\n{figures}\n")
    if write:
        write_between_markers(PAGE, figures, BEGIN_GROWTH, END_GROWTH)
    return 0


def tell_size(database: str, orders: int, costs: Mapping[str, float]) -> None:
    """Print what the pages cost at a size, as soon as it is known."""
    print(f"\n{database}, {orders:,} orders, milliseconds:", flush=True)
    for page, cost in costs.items():
        print(f"  {cost:7.1f}  {page}", flush=True)


def run_timers(*, write: bool) -> int:
    """Carry out timers that are due at once, and tell what pages take meanwhile; 0 when all were carried out once."""
    with tempfile.TemporaryDirectory(prefix="blankett-timers-") as folder:
        found = step("timers", lambda: timers.measure_timers(Path(folder)))
    print(f"\n{timers.timers_table(found)}\n")
    if write:
        write_between_markers(PAGE, timers.timers_table(found), timers.BEGIN_TIMERS, timers.END_TIMERS)
    return int(found.once != found.due or found.fired != found.due)


def weigh_orders(*, write: bool) -> int:
    """Tell how many bytes an order and an action take of a database's file."""
    with tempfile.TemporaryDirectory(prefix="blankett-bench-") as folder:
        found = step("making orders", lambda: size.measure(Path(folder)))
    print(f"\n{size.table(found)}\n")
    if write:
        write_between_markers(PAGE, size.table(found), size.BEGIN_SIZE, size.END_SIZE)
    return 0


def run(folder: Path, orders: int, requests: int, starts: int = 1, people: int = PEOPLE) -> Run:
    """Lay the ground in *folder*, measure all sides in turns, and return what was found."""
    database = folder / "by_hand.sqlite"
    laying = lambda: lay(f"sqlite:///{folder / 'blankett.sqlite'}", orders, also=TwinGround(str(database)))  # noqa: E731
    ground = step(f"laying {orders:,} orders", laying)
    openings = {"product": partial(server.blankett, folder), "twin": partial(server.by_hand, database)}
    begins = step("starting", lambda: started(openings, starts - 1))
    measured: list[Measured] = []
    loads = [load()]
    with ExitStack() as stack:
        servers = {name: stack.enter_context(opening()) for name, opening in openings.items()}
        for name, each in servers.items():
            begins[name].append(each.start)
        measured.append(Measured("start", median(begins["product"]), median(begins["twin"])))
        bare_server = stack.enter_context(server.bare())
        browsers = {each: stack.enter_context(closing(Browser(each.port))) for each in (*servers.values(), bare_server)}
        sides = {name: Side(each, Clerk(browsers[each], ground)) for name, each in servers.items()}
        for side in sides.values():
            side.clerk.sign_in()
        bare = Bare(bare_server, browsers[bare_server])
        units = []
        for key, task in TASKS.items():
            costs = step(key, lambda task=task: in_turns(task, sides, bare, requests))  # type: ignore[misc]
            measured.append(Measured.of(key, costs["product"], costs["twin"]))
            units.append(costs["bare"].first)
            loads.append(load())
        for name, side in sides.items():
            browser = side.clerk.browser
            colleagues = [Clerk(browser, ground, email_of(number), Random(number)) for number in range(people)]
            step(f"{people} at {name}", partial(use_every_page, side.server, colleagues, server.THREADS))
        sizes = {name: memory_mib(each.process.pid) for name, each in servers.items()}
    measured.append(Measured("memory", sizes["product"][1], sizes["twin"][1]))
    return Run(measured, conditions(ground, requests, units, loads, sizes["product"][0]), ground)


@dataclass(frozen=True)
class Run:
    """What was measured."""

    measured: list[Measured]
    conditions: str
    ground: Ground


def started(
    openings: Mapping[str, Callable[[], AbstractContextManager[server.Server]]], starts: int
) -> dict[str, list[float]]:
    """Start each server so many times, and return the CPU seconds to its first answers.

    One more start comes before: it compiles the modules, as installing them does.
    """
    found: dict[str, list[float]] = {name: [] for name in openings}
    for number in range(starts + 1):
        for name, opening in openings.items():
            with opening() as each:
                if number:
                    found[name].append(each.start)
    return found


def step(title: str, do: Callable[[], Result]) -> Result:
    """Do one step of the run, and tell how long it took."""
    began = time.perf_counter()
    found = do()
    print(f"{title}: {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return found


def load() -> float:
    """Return the load average of the machine, of the last minute."""
    return os.getloadavg()[0]


def conditions(ground: Ground, requests: int, units: Sequence[float], loads: Sequence[float], rss: float) -> str:
    """Return where and how the figures were taken."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("granian", "flask", "sqlalchemy"))
    return (
        f"Taken on {datetime.now(UTC):%Y-%m-%d} with {ground.orders:,} orders on SQLite, {requests} requests of each "
        f"kind, the best of {TURNS} turns; the bare route cost {min(units) * 1000:.3f} to {max(units) * 1000:.3f} ms. "
        f"Python {platform.python_version()}, {packages}. RSS of all processes of the product: {rss:.0f} MiB. "
        f"{os.cpu_count()} processors, load average {min(loads):.1f} to {max(loads):.1f}: where others work, all "
        "figures are too high, and their ratios nearly right."
    )


if __name__ == "__main__":
    sys.exit(main())
