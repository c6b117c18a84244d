"""What a published version still does to the records, in bounded steps: records that move to it, slots and titles of
records that stay, titles in the lists of those that link to them.

The plan stands in a row that was committed with the version (`store.rollouts`). Each step is a transaction of its own
that looks at `PIECE` records at most, and notes in the same commit how far it is. So people go on working, a process
that is killed leaves every record on the version it had or on the new one, and whoever takes the next step goes on
where the last one ended: nothing is done twice, nothing is left. One process at a time takes the steps of a rollout; it
holds the row for `LEASE` from step to step, and another takes over when it does not come back.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from blankett.engine.access import Actor, load_actor
from blankett.engine.feel import BudgetExceeded
from blankett.engine.language.model import Words
from blankett.engine.publish.convert import Fit, Fitted, MoveReason
from blankett.engine.publish.impact import Class, Example, Group, Move, Movement, is_finished, note_staying
from blankett.engine.publish.migrate import (
    LONGEST_REQUEST,
    Mover,
    locked_records,
    refill_records,
    refill_slots,
    set_aside,
)
from blankett.engine.records import Engine
from blankett.engine.records.evaluation_context import Situation, decode, frozen_in, record_names
from blankett.engine.records.explain.filled_text import stored_title
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.store import NewEvent, Reading, StoredRecord, Writing
from blankett.engine.store.jobs import Job, add_job, held_up_job, settle_jobs
from blankett.engine.store.rollouts import (
    StoredRollout,
    find_row,
    lock_rollout,
    newest_rollout,
    put_rollout,
    unfinished_rollouts,
)
from blankett.engine.store.version_records import ChangeCursor, page_by_change, page_in_state, page_of

#: Records that one step looks at.
PIECE = 100
#: So long after a step nobody else takes the next one.
LEASE = timedelta(seconds=10)
#: Seconds between two steps, in which whoever waits to write gets through.
PAUSE = 0.1
#: Seconds between two looks at a rollout that somebody else is at.
WAIT = 1.0

#: The kind of job that takes the steps which nobody else has taken.
ROLLOUT_JOB = "rollout"

#: Why a record is told among those that stay: its columns of lists were to be written, and could not be.
NOT_FILLED = "stay.not_filled"

_PROCESS = secrets.token_hex(6)


def this_process() -> str:
    """Return what this process calls itself as a holder; a forked one another name than its parent."""
    return f"{_PROCESS}-{os.getpid()}"


@dataclass(frozen=True)
class RecordGroup:
    """The records of one version of a form that are in one state and go to the new version."""

    #: The key that they are kept under.
    form: str
    version: int
    state: str | None


@dataclass(frozen=True)
class Plan:
    """What is to be done, as it was decided when the version was published."""

    move: Move = "stay"
    groups: tuple[RecordGroup, ...] = ()
    #: Forms, by the keys that their records are kept under, whose records are called otherwise now.
    retitled: frozenset[str] = frozenset()
    #: Records that were to move then.
    total: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the plan as it is kept."""
        return {
            "move": self.move,
            "groups": [[group.form, group.version, group.state] for group in self.groups],
            "retitled": sorted(self.retitled),
            "total": self.total,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Plan:
        """Return the plan that was kept."""
        groups = tuple(RecordGroup(*group) for group in kept["groups"])
        return cls(kept["move"], groups, frozenset(kept["retitled"]), kept["total"])


def groups_to_go(groups: Iterable[Group], move: Move) -> tuple[RecordGroup, ...]:
    """Return the records that go to the new version: those that follow first, since others link to them."""
    going = [group for group in groups if group.goes(moves=move == "move")]
    going.sort(key=lambda group: not group.follows)
    return tuple(RecordGroup(group.outline.kept_as, group.version, group.state) for group in going)


@dataclass
class Progress:
    """How far the steps are, and what they found."""

    #: move → catch_up → fill → late → done
    phase: str = "move"
    #: Which group or form is next, and behind which of its records.
    at: int = 0
    after: tuple[str, str] = ("", "")
    #: Forms to be filled, by the keys that their records are kept under, and those of them whose slots wait.
    forms: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    #: Records with another title, whose linking records still have the old one in their lists; behind which of these.
    retitled: tuple[str, ...] = ()
    linking: str = ""
    #: Records that follow in any case and those that were chosen to; those that were looked at and stay; those whose
    #: slots or title were written.
    followed: int = 0
    moved: int = 0
    stayed: int = 0
    filled: int = 0
    #: Key of a form in the new version → why records of it stay.
    staying: dict[str, dict[MoveReason, Class]] = field(default_factory=dict)
    #: The version that was published before this one was through; 0 for none.
    overtaken_by: int = 0

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left."""
        return self.phase == "done"

    def to_json(self) -> dict[str, Any]:
        """Return the progress as it is kept."""
        kept = {name: value for name, value in self.__dict__.items() if name != "staying"}
        staying = {form: [_class_json(each) for each in found.values()] for form, found in self.staying.items()}
        return {**kept, "staying": staying}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Progress:
        """Return the progress that was kept."""
        tuples = {name: tuple(kept[name]) for name in ("after", "forms", "waiting", "retitled")}
        staying = {
            form: {each.reason: each for each in map(_class_of, found)} for form, found in kept["staying"].items()
        }
        return cls(**{**kept, **tuples, "staying": staying})


@dataclass(frozen=True)
class Rollout:
    """What a version does to the records, and how far it is."""

    row: StoredRollout
    plan: Plan
    progress: Progress

    @classmethod
    def of(cls, row: StoredRollout) -> Rollout:
        """Return what a row says."""
        return cls(row, Plan.of(row.plan), Progress.of(row.progress))

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to be done."""
        return self.row.ended_at is not None

    @property
    def looked_at(self) -> int:
        """Return how many records have moved, or stay."""
        return self.progress.followed + self.progress.moved + self.progress.stayed

    @property
    def not_filled(self) -> frozenset[str]:
        """Return the forms of which a record was set aside when its columns of lists were written."""
        staying = self.progress.staying.items()
        return frozenset(form for form, found in staying if any(each.message == NOT_FILLED for each in found))

    @property
    def total(self) -> int:
        """Return how many records are to move, as far as is known."""
        return max(self.plan.total, self.looked_at)


def find_rollout(reading: Reading, organisation: str, blueprint: str) -> Rollout | None:
    """Return the rollout of the newest version that has one."""
    row = newest_rollout(reading, organisation, blueprint)
    return None if row is None else Rollout.of(row)


@dataclass
class Leftover:
    """What rollouts that ended before they were through leave to the next one."""

    #: Forms, by the keys that their records are kept under, and records, whose titles are not everywhere what they are.
    forms: set[str] = field(default_factory=set)
    records: tuple[str, ...] = ()


def overtake_rollouts(writing: Writing, movement: Movement, now: datetime) -> Leftover:
    """End the rollouts of versions before the one that is published in this transaction; a step under way is awaited.

    Records that they did not move keep their version, unless the new one moves them.
    """
    found = Leftover()
    for row in unfinished_rollouts(writing, movement.organisation):
        locked = lock_rollout(writing, *row.key, waits=True) if row.blueprint == movement.new.key else None
        if locked is None or locked.ended_at is not None:
            continue
        left = Rollout.of(locked)
        found.forms.update(left.plan.retitled & movement.new.kept_forms.keys())
        found.records += left.progress.retitled
        left.progress.overtaken_by = movement.newest + 1
        put_rollout(writing, replace(locked, progress=left.progress.to_json(), holder="", changed_at=now, ended_at=now))
        settle_jobs(writing, locked.organisation, ROLLOUT_JOB, _job_key(locked), now)
    return found


def begin_rollout(
    writing: Writing, movement: Movement, by: str, now: datetime, plan: Plan, left: Leftover, holder: str
) -> StoredRollout:
    """Write what the version that is published in this transaction does to the records; *holder* takes the steps."""
    plan = replace(plan, retitled=plan.retitled | left.forms)
    made = StoredRollout(
        organisation=movement.organisation, blueprint=movement.new.key, number=movement.newest + 1, at=now, by=by,
        plan=plan.to_json(), progress=Progress(retitled=left.records).to_json(), holder=holder,
        held_until=now + LEASE, changed_at=now,
    )  # fmt: skip
    add_job(
        writing, made.organisation, ROLLOUT_JOB, _job_key(made), now, by=by,
        args={"blueprint": made.blueprint, "number": made.number},
    )  # fmt: skip
    put_rollout(writing, made)
    return made


def rollout_of_job(job: Job) -> tuple[str, str, int]:
    """Return the key of the rollout that a job is about."""
    return job.organisation, job.args["blueprint"], job.args["number"]


def is_held_up(reading: Reading, row: StoredRollout) -> bool:
    """Tell whether no worker goes on with a rollout, since its job has failed or was stopped."""
    return held_up_job(reading, row.organisation, ROLLOUT_JOB, _job_key(row), row.at) is not None


def _job_key(row: StoredRollout) -> str:
    return f"{row.blueprint} {row.number}"


# Taking steps ---------------------------------------------------------------------------------------------------------

#: Told of a rollout after each of its steps.
OnStep = Callable[[Rollout], None]


def ignore_step(_: Rollout) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Pace:
    """How somebody goes through the steps of rollouts."""

    #: After so many steps they leave the others to whoever resumes the rollout; None: they take all.
    most: int | None = None
    #: Seconds between two steps, in which whoever waits to write gets through.
    pause: float = 0.0
    on_step: OnStep = ignore_step


#: All steps, one right behind the other.
AT_ONCE = Pace()


def take_step(engine: Engine, rollout: StoredRollout, holder: str) -> Rollout | None:
    """Take the next step of a rollout, unless it has ended; return how far it is. None when somebody else is at it."""
    with engine.store.writing(by=rollout.by) as writing:
        row = lock_rollout(writing, *rollout.key)
        now = engine.clock()
        if row is None or (row.ended_at is None and row.holder not in ("", holder) and now < row.held_until):
            return None
        found = Rollout.of(row)
        if found.is_done:
            return found
        _Step(engine, writing, now, found).take()
        ended = now if found.progress.is_done else None
        row = replace(
            row, progress=found.progress.to_json(), holder="" if ended else holder, held_until=now + LEASE,
            changed_at=now, ended_at=ended,
        )  # fmt: skip
        put_rollout(writing, row)
        if ended:
            settle_jobs(writing, row.organisation, ROLLOUT_JOB, _job_key(row), now)
        return replace(found, row=row)


def release_rollout(engine: Engine, rollout: StoredRollout, holder: str) -> None:
    """Let another take the next step at once, if *holder* has taken the last one."""
    with engine.store.writing(by=rollout.by) as writing:
        row = lock_rollout(writing, *rollout.key)
        if row is not None and row.holder == holder:
            put_rollout(writing, replace(row, holder=""))


def take_steps(engine: Engine, rollout: StoredRollout, holder: str, pace: Pace = AT_ONCE) -> Rollout | None:
    """Take steps of a rollout until it has ended, or until there were as many as *pace* says; return how far it is.

    None when somebody else is at it.
    """
    taken, found = 0, None
    while pace.most is None or taken < pace.most:
        found = take_step(engine, rollout, holder)
        if found is None:
            return None
        pace.on_step(found)
        taken += 1
        if found.is_done:
            break
        time.sleep(pace.pause)
    return found


def take_first_steps(engine: Engine, rollout: StoredRollout, pace: Pace) -> Rollout | None:
    """Take the first steps of a rollout that this process has begun, and leave the others to its job."""
    holder = this_process()
    found = take_steps(engine, rollout, holder, pace)
    if found is None or not found.is_done:
        release_rollout(engine, rollout, holder)
    return found


def finish_rollout(engine: Engine, rollout: StoredRollout, holder: str, pace: Pace = AT_ONCE) -> Rollout:
    """Take steps of a rollout until it has ended, in turns with whoever else is at it; return what was done."""
    while True:
        found = take_steps(engine, rollout, holder, pace)
        if found is not None:
            return found
        time.sleep(WAIT)
        with engine.store.reading() as reading:
            row = find_row(reading, *rollout.key)
        if row is None:
            raise LookupError(f"there is no rollout of version {rollout.number} of {rollout.blueprint!r}")
        pace.on_step(Rollout.of(row))
        if row.ended_at is not None:
            return Rollout.of(row)


def resume_rollouts(engine: Engine, organisation: str, holder: str, pace: Pace = AT_ONCE) -> list[StoredRollout]:
    """Go on with every rollout that has not ended; return those that somebody else is at."""
    with engine.store.reading() as reading:
        unfinished = unfinished_rollouts(reading, organisation)
    return [row for row in unfinished if take_steps(engine, row, holder, pace) is None]


class _Step:
    """One step, within its transaction."""

    def __init__(self, engine: Engine, writing: Writing, now: datetime, rollout: Rollout) -> None:
        self.engine = engine
        self.writing = writing
        self.now = now
        self.plan, self.progress = rollout.plan, rollout.progress
        row = rollout.row
        self.organisation, self.blueprint, self.number, self.begun = row.organisation, row.blueprint, row.number, row.at
        self.unit = self._unit(row)
        self.movement = Movement(
            row.organisation,
            row.number - 1,
            self.unit.catalog.line(row.blueprint, row.number - 1),
            self.unit.catalog.blueprint(row.blueprint, row.number),
            self.unit.catalog.find_form,
        )

    def _unit(self, row: StoredRollout) -> Unit:
        actor = load_actor(self.writing, row.organisation, row.by)
        # Who published may have left since; it is still their publish.
        actor = actor or Actor(organisation=row.organisation, user=row.by, name="", email="", roles={})
        unit = self.engine.unit(self.writing, actor, self.now)
        unit.bind(self.writing)
        return unit

    def take(self) -> None:
        """Do the next thing that is to be done, and note how far it is."""
        if self.progress.retitled:
            self._refill_linking()
            return
        phases = {"move": self._move, "catch_up": self._catch_up, "fill": self._fill, "late": self._fill_late}
        # One that has nothing to do costs no step of its own.
        while not self.progress.is_done and not phases[self.progress.phase]():
            pass

    def _go_to(self, phase: str, at: int = 0, after: tuple[str, str] = ("", "")) -> None:
        self.progress.phase, self.progress.at, self.progress.after = phase, at, after

    # Moving -----------------------------------------------------------------------------------------------------------

    def _move(self) -> bool:
        """Move some records of the next group that has any; tell whether there was one."""
        progress = self.progress
        for at in range(progress.at, len(self.plan.groups)):
            group = self.plan.groups[at]
            after = ChangeCursor(*progress.after) if at == progress.at else ChangeCursor()
            place = (self.organisation, self.blueprint, group.form, group.version, group.state)
            page = page_in_state(self.writing, *place, after, PIECE)
            if page:
                last = ChangeCursor.behind(page[-1])
                self._move_page(page, is_counted=True)
                self._go_to("move", at, (last.at, last.id))
                return True
        since = ChangeCursor.since(self.begun - LONGEST_REQUEST)
        self._go_to("catch_up", 0, (since.at, since.id))
        return False

    def _catch_up(self) -> bool:
        """Move some records that were changed since the version came: they may have gone from a group that was not yet
        through to one that was.
        """
        forms = [*self.movement.new.kept_forms]
        while self.progress.at < len(forms):
            place = (self.organisation, self.blueprint, forms[self.progress.at])
            page = page_by_change(self.writing, *place, ChangeCursor(*self.progress.after), PIECE)
            if page:
                last = ChangeCursor.behind(page[-1])
                self._move_page(page, is_counted=False)
                self._go_to("catch_up", self.progress.at, (last.at, last.id))
                return True
            since = ChangeCursor.since(self.begun - LONGEST_REQUEST)
            self._go_to("catch_up", self.progress.at + 1, (since.at, since.id))
        self._go_to("fill")
        maps = self.writing.slot_maps(self.organisation, self.blueprint)
        waiting = {form for form, slots in maps.items() if not all(place.ready for place in slots.places)}
        self.progress.waiting = tuple(sorted(waiting))
        self.progress.forms = tuple(sorted(waiting | self.plan.retitled))
        return False

    def _move_page(self, page: list[StoredRecord], *, is_counted: bool) -> None:
        """Move the records of a page that still have to; *is_counted*: those that stay were not looked at before."""
        movers: dict[tuple[int, str], Mover] = {}
        for stored in locked_records(self.writing, self.unit, self._older(page)):
            with set_aside(self.writing, self.unit, stored) as failed:
                self._move_one(stored, movers, is_counted=is_counted)
            if failed and is_counted:
                self._note_stay(self._form_key(stored.form), stored, self._failure("stay.failed", stored, failed[0]))

    def _move_one(self, stored: StoredRecord, movers: dict[tuple[int, str], Mover], *, is_counted: bool) -> None:
        progress = self.progress
        fit = self._fit(stored) if stored.version < self.number else None
        if fit is None or fit.route.new is None or not self._goes(stored, fit):
            return
        follows = self._follows(fit)
        key = (stored.version, fit.route.old.key)
        mover = movers.setdefault(key, Mover(self.writing, self.unit, fit, self.number))
        title = stored.title
        reasons = mover.move(stored)
        if not reasons:
            self._note_title(stored.id, title)
            progress.followed += follows
            progress.moved += not follows
        elif is_counted:
            self._note_stay(mover.form.key, stored, *reasons)

    def _note_stay(self, form: str, stored: StoredRecord, *reasons: MoveReason) -> None:
        self.progress.stayed += 1
        for reason in reasons:
            note_staying(self.progress.staying.setdefault(form, {}), reason, stored)

    def _failure(self, message: str, stored: StoredRecord, err: Exception) -> MoveReason:
        form = self.movement.new.kept_forms.get(stored.form)
        title = form.title if form is not None else stored.form
        return MoveReason(message, ("forms", self._form_key(stored.form)), title, type(err).__name__)

    def _form_key(self, kept_as: str) -> str:
        """Return the key that a form has in the new version; the one its records are kept under where it has ended."""
        form = self.movement.new.kept_forms.get(kept_as)
        return form.key if form is not None else kept_as

    def _fit(self, stored: StoredRecord) -> Fit | None:
        form = self.movement.find_version(stored.version).kept_forms.get(stored.form)
        return self.movement.fit(stored.version, form.key) if form is not None else None

    def _follows(self, fit: Fit) -> bool:
        """Tell whether records move in any case."""
        assert fit.route.new is not None
        return "reference" in (fit.route.old.life, fit.route.new.life)

    def _goes(self, stored: StoredRecord, fit: Fit) -> bool:
        if self.movement.is_same(stored.version, fit.route.old.key):
            return False
        return self._follows(fit) or (self.plan.move == "move" and not is_finished(fit.route.old, stored.state))

    def _note_title(self, id: str, before: str) -> None:
        """Remember a record that is called otherwise now: lists show its title beside those that link to it."""
        moved = self.unit.linked.record(id)
        if moved is not None and moved.title != before:
            self.progress.retitled += (id,)

    def _older(self, page: list[StoredRecord]) -> list[str]:
        return [stored.id for stored in page if stored.version < self.number]

    # Slots and titles -------------------------------------------------------------------------------------------------

    def _fill(self) -> bool:
        """Write the slots and titles of some records that keep their version; tell whether there were any."""
        progress = self.progress
        while progress.at < len(progress.forms):
            form = progress.forms[progress.at]
            page = page_of(self.writing, self.organisation, self.blueprint, form, progress.after[1], PIECE)
            if page:
                for stored in locked_records(self.writing, self.unit, self._older(page)):
                    with set_aside(self.writing, self.unit, stored) as failed:
                        self._renew(stored, is_retitled=form in self.plan.retitled)
                    if failed:
                        reason = self._failure(NOT_FILLED, stored, failed[0])
                        note_staying(progress.staying.setdefault(self._form_key(form), {}), reason, stored)
                self._go_to("fill", progress.at, ("", page[-1].id))
                return True
            self._go_to("fill", progress.at + 1)
        since = ChangeCursor.since(self.now - LONGEST_REQUEST)
        self._go_to("late", 0, (since.at, since.id))
        return False

    def _fill_late(self) -> bool:
        """Write the slots of what requests of before have written meanwhile; then let lists ask the slots."""
        progress = self.progress
        if progress.at == len(progress.waiting):
            self._go_to("done")
            return True
        place = (self.organisation, self.blueprint, progress.waiting[progress.at])
        page = page_by_change(self.writing, *place, ChangeCursor(*progress.after), PIECE)
        refill_records(self.writing, self.unit, [stored.id for stored in page])
        progress.filled += len(page)
        if len(page) == PIECE:
            last = ChangeCursor.behind(page[-1])
            self._go_to("late", progress.at, (last.at, last.id))
            return True
        self.writing.mark_slots_ready(*place)
        since = ChangeCursor.since(self.now - LONGEST_REQUEST)
        self._go_to("late", progress.at + 1, (since.at, since.id))
        return bool(page)

    def _renew(self, stored: StoredRecord, *, is_retitled: bool) -> None:
        fit = self._fit(stored) if is_retitled else None
        title = current_title(self.unit, stored, fit, self.number) if fit is not None else stored.title
        if title != stored.title:
            _tell_title(self.writing, self.unit, stored, title)
            self.progress.retitled += (stored.id,)
        refill_slots(self.writing, self.unit, replace(stored, title=title))
        self.progress.filled += 1

    def _refill_linking(self) -> None:
        """Let some of the records that link to one with another title show that in lists."""
        left = PIECE
        while self.progress.retitled and left:
            target, *others = self.progress.retitled
            ids = self.writing.pointing_at(self.organisation, target, left, self.progress.linking)
            refill_records(self.writing, self.unit, ids)
            if len(ids) == left:
                self.progress.linking = ids[-1]
                return
            left -= len(ids) or 1
            self.progress.retitled, self.progress.linking = tuple(others), ""


def current_title(unit: Unit, stored: StoredRecord, fit: Fit, number: int) -> str:
    """Return the title that the newest version's `show` gives a record of an older one; its own when it cannot."""
    fitted = fit.fitted(stored.state, stored.data, stored.filled)
    if fit.route.new is None or not isinstance(fitted, Fitted):
        return stored.title
    unit.locate(stored.workspace)
    process = unit.catalog.process(stored.blueprint, number, fit.route.new.key)
    values = decode(process, fitted.data)
    unit.linked.load_paths(process.head_paths, process, values)
    situation = Situation(
        process,
        unit.linked,
        values,
        {"record": record_names(stored, unit.linked), "user": unit.user, "old": None, "inputs": {}},
        fit.paths(stored.hidden),
        fitted.filled,
        frozen_in(process, fitted.data),
    )
    form_title = process.form.title.say(process.blueprint.languages[0])
    try:
        return stored_title(situation, process.form.show, stored.number, form_title)
    except BudgetExceeded:
        return stored.title


def _tell_title(writing: Writing, unit: Unit, stored: StoredRecord, title: str) -> None:
    writing.append_event(
        NewEvent(
            organisation=stored.organisation,
            record=stored.id,
            at=unit.now,
            actor=unit.actor.user,
            kind="backfill",
            version=stored.version,
            payload={"record": {"title": title}},
        )
    )


# As it is kept --------------------------------------------------------------------------------------------------------


def _class_json(found: Class) -> dict[str, Any]:
    reason = found.reason
    title = reason.title
    words = {each: title.say(each) for each in title.languages()} if isinstance(title, Words) else title
    examples = [[each.id, each.number, each.title, each.owner, each.version] for each in found.examples]
    return {
        "message": reason.message, "path": list(reason.path), "title": words, "value": reason.value,
        "count": found.count, "examples": examples,
    }  # fmt: skip


def _class_of(kept: Mapping[str, Any]) -> Class:
    title = Words(kept["title"]) if isinstance(kept["title"], dict) else kept["title"]
    reason = MoveReason(kept["message"], tuple(kept["path"]), title, kept["value"])
    return Class(reason, kept["count"], [Example(*each) for each in kept["examples"]])
