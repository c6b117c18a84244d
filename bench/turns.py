"""Measuring in turns: each side does a few requests of a kind, again and again, and of each the best turn counts.

So what else the machine does meets all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass

from bench.browser import Browser
from bench.clerk import TASKS, Clerk, Task
from bench.server import Server

#: Turns of each side.
TURNS = 8
#: Seconds after an answer within which a server has done what is left to do.
REST = 0.002


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one request: the first after a change, and one more of the same."""

    first: float
    second: float | None = None


@dataclass(frozen=True)
class Side:
    """A server and the clerk who works at it."""

    server: Server
    clerk: Clerk

    def turn(self, task: Task, count: int) -> Cost:
        """Do a task *count* times and return what one costs."""
        first = second = 0.0
        for _ in range(count):
            ready = task.prepare(self.clerk)
            first += self._cost(lambda ready=ready: task.ask(self.clerk, ready))  # type: ignore[misc]
            if task.is_page:
                second += self._cost(lambda ready=ready: task.ask(self.clerk, ready))  # type: ignore[misc]
        return Cost(first / count, second / count if task.is_page else None)

    def _cost(self, ask: Callable[[], None]) -> float:
        self.clerk.settle()
        time.sleep(REST)
        before = self.server.cpu()
        ask()
        time.sleep(REST)
        return self.server.cpu() - before


@dataclass(frozen=True)
class Bare:
    """The bare route."""

    server: Server
    browser: Browser

    def turn(self, count: int) -> Cost:
        """Ask *count* times and return what one costs."""
        before = self.server.cpu()
        for _ in range(count):
            self.browser.get("/hello")
        time.sleep(REST)
        return Cost((self.server.cpu() - before) / count)


def in_turns(task: Task, sides: Mapping[str, Side], bare: Bare, count: int) -> dict[str, Cost]:
    """Return what one request of a kind costs each side and the bare route."""
    size = max(1, count // TURNS)
    costs: dict[str, list[Cost]] = {name: [] for name in (*sides, "bare")}
    for turn in range(min(TURNS, count) + 1):
        for name, side in sides.items():
            costs[name].append(side.turn(task, size if turn else min(size, 5)))
        costs["bare"].append(bare.turn(size * 5))
    # The first turn warms up.
    return {name: _best(found[1:]) for name, found in costs.items()}


def _best(costs: list[Cost]) -> Cost:
    seconds = [cost.second for cost in costs if cost.second is not None]
    return Cost(min(cost.first for cost in costs), min(seconds) if seconds else None)


def use_every_page(server: Server, clerks: Sequence[Clerk], at_once: int) -> None:
    """Sign everybody in at *server*, each over a connection of their own, and have them use every page."""
    with ExitStack() as stack:
        for clerk in clerks:
            clerk.browser = stack.enter_context(closing(Browser(server.port)))
            clerk.sign_in()
            # Until everybody has signed in, servers may have hung up: the next request opens the connection anew.
            clerk.browser.close()
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(_use_every_page, clerks))


def _use_every_page(clerk: Clerk) -> None:
    for task in TASKS.values():
        task.ask(clerk, None if task.is_shared else task.prepare(clerk))
