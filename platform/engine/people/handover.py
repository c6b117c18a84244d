"""Handing over everything of somebody who leaves: what there is, and the giving of it to another.

Posts, headships and substitutions go at once, with the job that takes the records, one after the other, through the one
write path: each gets an event of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from blankett.engine.access import load_actor
from blankett.engine.departments import DirectoryFault, absence_fault
from blankett.engine.language.model import Words
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.command import Command, Handover, Refusal
from blankett.engine.store import Reading, Writing
from blankett.engine.store.jobs import Job, add_job

HANDOVER_JOB = "handover"
#: Records that one step of the job takes; and of each kind, so many are counted.
STEP = 20
MOST_COUNTED = 1_000


@dataclass(frozen=True)
class Belongings:
    """What somebody has that can be handed over."""

    #: (title of a form in each language, full name, number of records); a number of MOST_COUNTED is at least that.
    records: tuple[tuple[Words, str, int], ...]
    #: Records to whose approvals they owe something.
    approvals: int
    #: Titles.
    posts: tuple[str, ...]
    headed: tuple[str, ...]
    deputised: tuple[str, ...]
    #: Names of those for whom they are to stand in.
    stands_in: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing."""
        return not (self.records or self.approvals or self.posts or self.headed or self.deputised or self.stands_in)


def belongings_of(reading: Reading, catalog: Catalog, user: str, today: date) -> Belongings:
    """Return what somebody has."""
    organisation, directory = catalog.organisation, reading.directory(catalog.organisation)
    records = []
    for title, form, ended in _forms(catalog):
        number = len(reading.records_of_person(organisation, form, user, ended, MOST_COUNTED))
        if number:
            records.append((title, form, number))
    away = [each for each in reading.absences(organisation, today) if each.substitute == user]
    names = reading.users(organisation, {each.user for each in away})
    return Belongings(
        tuple(records),
        len({task.record for task in reading.tasks_of(organisation, user, MOST_COUNTED)}),
        tuple(post.title for post in directory.posts_held(user)),
        tuple(each.title for each in directory.headed(user)),
        tuple(each.title for _, each in directory.outline() if each.deputy == user),
        tuple(names[each.user].name for each in away if each.user in names),
    )


def _forms(catalog: Catalog) -> Iterator[tuple[Words, str, Collection[str]]]:
    """Yield (title, full name that records are kept under, states in which a record is over) of every form."""
    for key in sorted(catalog.newest):
        blueprint = catalog.newest_blueprint(key)
        for form in blueprint.forms.values() if blueprint is not None else ():
            yield form.plural, form.kept_name, [state.key for state in form.states.values() if state.final]


def begin_handover(
    writing: Writing, organisation: str, leaver: str, heir: str, by: str, now: datetime, today: date
) -> Job | DirectoryFault:
    """Hand over posts, headships and substitutions, and ask for the job of the records."""
    if leaver == heir:
        return DirectoryFault("heir", "handover.to_oneself")
    known = writing.users(organisation, (leaver, heir))
    if leaver not in known or heir not in known:
        return DirectoryFault("heir", "departments.person_gone")
    if not known[heir].active:
        return DirectoryFault("heir", "departments.person_inactive", {"name": known[heir].name})
    writing.lock_departments(organisation)
    directory = writing.directory(organisation)
    for post in directory.posts_held(leaver):
        writing.put_post(replace(post, holder=heir, revision=post.revision + 1))
    for each in directory.departments.values():
        if leaver in (each.head, each.deputy):
            head = heir if each.head == leaver else each.head
            deputy = heir if each.deputy == leaver else each.deputy
            changed = replace(each, head=head, deputy=None if deputy == head else deputy, revision=each.revision + 1)
            writing.put_department(changed)
    _hand_over_absences(writing, organisation, leaver, heir, now, today)
    return add_job(
        writing, organisation, HANDOVER_JOB, f"{leaver} {heir}", now, by=by, args={"leaver": leaver, "heir": heir}
    )


def _hand_over_absences(
    writing: Writing, organisation: str, leaver: str, heir: str, now: datetime, today: date
) -> None:
    """Let the heir stand in where the leaver was to; where that cannot be, and of the leaver's own, nothing is left."""
    for each in writing.absences(organisation, today):
        if each.user == leaver:
            writing.put_absence(replace(each, ended_at=now))
    for each in writing.absences(organisation, today):
        if each.substitute != leaver:
            continue
        wanted, others = replace(each, substitute=heir), writing.absences(organisation, today)
        names = {id: user.name for id, user in writing.users(organisation, {heir, each.user}).items()}
        is_wrong = absence_fault(wanted, others, min(today, wanted.last), names, ()) is not None
        writing.put_absence(replace(each, ended_at=now) if is_wrong else wanted)


def hand_records_over(engine: Engine, job: Job, leaver: str, heir: str) -> tuple[int, bool]:
    """Hand over some of the records; return how many were, and whether there may be more.

    What a heir may not decide stays with the leaver, and is counted on the page that asked for it. Raises RuntimeError
    where whoever asked is no longer active, or no administrator: nothing is done in their name any more.
    """
    with engine.store.reading() as reading:
        actor = load_actor(reading, job.organisation, job.by)
        if actor is None or not actor.is_admin:
            raise RuntimeError(f"whoever asked for this may not hand over any more: {job.by}")
        catalog = engine.catalog.view(reading, job.organisation, engine.clock())
        found: list[str] = []
        for _, form, ended in _forms(catalog):
            if len(found) < STEP:
                found += reading.records_of_person(job.organisation, form, leaver, ended, STEP - len(found))
        owed = [] if found else [task.record for task in reading.tasks_of(job.organisation, leaver, MOST_COUNTED)]
        known = reading.records(job.organisation, [*found, *owed])
    done = 0
    for id in dict.fromkeys([*found, *owed]):
        stored = known.get(id)
        if stored is None or done >= STEP:
            continue
        command = Command(
            intent="", actor=actor, blueprint=stored.blueprint, form=stored.form, record=id,
            handover=Handover(leaver, heir),
        )  # fmt: skip
        answer = engine.apply(command)
        if isinstance(answer, Refusal) and id in found:
            raise RuntimeError(f"record {id} was not handed over: {answer.kind} {answer.problems[0].message}")
        done += not isinstance(answer, Refusal)
    return done, bool(found) or done > 0
