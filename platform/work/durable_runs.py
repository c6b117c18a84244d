"""Runs of jobs as workflows of DBOS, in the database of the records: the one place that knows the library.

On SQLite its tables lie beside ours, on PostgreSQL in the schema ``dbos``; both are made when a worker starts. A run is
handed to it in our own transaction. It gives the run to one worker, keeps that until the run ends, and gives it to
another one when it is told that the first is dead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig

from blankett.engine.jobs.runs import RunId
from blankett.engine.store import Store, Writing

#: What DBOS calls us, our queue and the one workflow there is.
NAME, QUEUE, WORKFLOW = "blankett", "jobs", "run_job"
#: The same for all versions of Blankett: what a version does not know of jobs, it says itself.
VERSION = "1"
#: The schema of PostgreSQL that DBOS has for itself.
SCHEMA = "dbos"
#: Seconds between two looks into the queue.
LOOK_EVERY = 0.5
#: Workflows that are looked at in one question.
PAGE = 500
#: How a workflow ended, whatever became of it.
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

#: Does a run until it has ended, or its worker stops: called with the run, and a function that does one slice of it and
#: tells what is next, whose answer is remembered.
Slice = Callable[[RunId], str]


@dataclass(frozen=True)
class Runs:
    """What a worker does with the runs of jobs while it is at work."""

    client: DBOSClient

    def hand(self, writing: Writing, run: RunId) -> None:
        """Hand out a run in the transaction of *writing*."""
        options: Any = {"workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": str(run), "app_version": VERSION}
        self.client.enqueue_in_transaction(writing.connection, options, run.organisation, run.job, run.run)

    def under_way(self) -> list[tuple[str, str | None]]:
        """Return the names of runs that are with a worker, and of which."""
        found = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False, limit=PAGE)
        return [(each.workflow_id, each.executor_id) for each in found]

    def take_over(self, names: Collection[str]) -> None:
        """Let another worker go on with runs, from the end of their last finished slice."""
        for name in names:
            DBOS.resume_workflow(name, queue_name=QUEUE)

    def lost(self, runs: Collection[RunId]) -> list[RunId]:
        """Return those of *runs* that DBOS does not know or holds for ended."""
        names = [str(run) for run in runs]
        found = DBOS.list_workflows(workflow_ids=names, load_input=False, load_output=False) if names else []
        going_on = {each.workflow_id for each in found if each.status not in ENDED}
        return [run for run in runs if str(run) not in going_on]

    def forget(self, names: list[str]) -> None:
        """Remove what is known of runs that have ended."""
        if names:
            DBOS.delete_workflows(names)


def launch(store: Store, worker: str, places: int, run_slices: Callable[[RunId, Slice], str], do_slice: Slice) -> Runs:
    """Start to do runs that are handed out, *places* at a time, under the name of *worker*.

    Raises what DBOS raises when its tables cannot be made or read.
    """
    logging.getLogger("dbos").setLevel(logging.ERROR)
    url = store.engine.url.render_as_string(hide_password=False)
    config: DBOSConfig = {
        "name": NAME,
        "system_database_url": url,
        "dbos_system_schema": SCHEMA,
        "executor_id": worker,
        "application_version": VERSION,
        "log_level": "ERROR",
        "use_listen_notify": False,
        "sys_db_pool_size": places + 4,
    }
    DBOS(config=config)

    @DBOS.step(name="slice")
    def one_slice(organisation: str, job: str, run: int) -> str:
        return do_slice(RunId(organisation, job, run))

    # What ended with its worker, however often, is counted in the job's own row.
    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
    def run_job(organisation: str, job: str, run: int) -> str:
        return run_slices(RunId(organisation, job, run), lambda each: one_slice(each.organisation, each.job, each.run))

    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=places, polling_interval_sec=LOOK_EVERY, on_conflict="always_update")
    client = DBOSClient(
        system_database_url=url,
        dbos_system_schema=SCHEMA,
        application_name=NAME,
        system_database_pool_size=1,
        lazy=True,
    )
    return Runs(client)


def close(runs: Runs) -> None:
    """Take no further runs, and forget the connections. What is under way is not waited for."""
    runs.client.destroy()
    DBOS.destroy()
