"""What a kind of job declares: its name, its words, how often it is tried, and one step of its work."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store.jobs import Job
from blankett.engine.store.json_text import data_text

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

#: again: there is more to do · wait: somebody else is at it now · done: nothing is left.
Outcome = Literal["again", "wait", "done"]


@dataclass(frozen=True)
class StepResult:
    """What one step did, and how far the job is."""

    outcome: Outcome
    #: In what the kind counts; a total of 0 is not known.
    done: int = 0
    total: int = 0


class JobKind(ABC):
    """One kind of job. A job has ids only: a step reads what they stand for, and asks again whether it may."""

    #: What rows call it: ``rollout``.
    name: ClassVar[str]
    #: The sentence that names the kind, and the one that names a job of it, with the parameters of `subject`.
    title: ClassVar[str]
    job_title: ClassVar[str]
    #: The sentence for its progress, with *done* and *total*.
    progress: ClassVar[str]
    #: What its jobs say they are about: the JSON Schema of `Job.args`. Rows outlive the version that wrote them.
    args_schema: ClassVar[Mapping[str, Any]]
    #: How often a step that fails is tried, and how long after each failure; the last pause stands for further ones.
    most_tries: ClassVar[int] = 6
    pauses: ClassVar[tuple[timedelta, ...]] = (
        timedelta(seconds=5),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=10),
        timedelta(minutes=30),
    )
    #: Seconds between two steps, in which whoever waits to write gets through.
    breath: ClassVar[float] = 0.1

    @abstractmethod
    def take_step(self, engine: Engine, job: Job, worker: str) -> StepResult:
        """Do some of the work, for a second at most, and return how far it is. May raise: then it is tried again.

        What a step writes and what it remembers of that stand in one transaction, so a step whose worker was killed
        is either done or not begun. What must happen once and cannot stand in it carries the job's id as its key.
        """

    @abstractmethod
    def subject(self, catalog: Catalog, job: Job) -> Mapping[str, object]:
        """Return what `job_title` says of a job."""

    def misfit(self, job: Job) -> str | None:
        """Return what this version does not understand of a job's `args`, as ``number: message``; or None."""
        try:
            args = json.loads(data_text(job.args))
        except ValueError as err:
            return f"{type(err).__name__}: {err}"
        fault = next(iter(self._validator.iter_errors(args)), None)
        if fault is None:
            return None
        place = "/".join(map(str, fault.absolute_path))
        return f"{place}: {fault.message}" if place else fault.message

    @cached_property
    def _validator(self) -> Draft202012Validator:
        # Loaded with the first job that is looked at. The registry is closed: nothing is ever fetched.
        from jsonschema import Draft202012Validator
        from referencing import Registry

        return Draft202012Validator(self.args_schema, registry=Registry())

    def pause_after(self, tries: int) -> timedelta:
        """Return how long to wait after so many failures."""
        return self.pauses[min(tries, len(self.pauses)) - 1]
