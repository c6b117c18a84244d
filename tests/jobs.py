"""Doing jobs in a test's own process, as a worker does, one after the other and without DBOS."""

from __future__ import annotations

from blankett.engine.jobs.runs import RunId, begin_run, give_out, take_step
from blankett.engine.records import Engine
from blankett.engine.store import Writing


def do_jobs(engine: Engine, worker: str = "worker") -> list[str]:
    """Do every job that is due to its end, or to where it waits; return how each ended."""
    return [do_run(engine, run, worker) for run in given_out(engine)]


def given_out(engine: Engine) -> list[RunId]:
    """Give out the jobs that are due; return their runs."""
    found: list[RunId] = []

    def hand(_: Writing, run: RunId) -> None:
        found.append(run)

    give_out(engine.store, engine.clock(), 100, hand)
    return found


def do_run(engine: Engine, run: RunId, worker: str = "worker") -> str:
    """Do a run as far as it goes now; return its last outcome."""
    if not begin_run(engine.store, run, worker, engine.clock()):
        return "gone"
    outcome = take_step(engine, run, worker)
    while outcome == "again":
        outcome = take_step(engine, run, worker)
    return outcome or "over"
