"""Tasks: the records on which somebody could take a forward action now, whole or with a word that there are more.

What SQL can tell of states, access and guards is asked of the database. The rest is asked of each record that may wait,
the longest waiting first, up to a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from functools import cached_property

from blankett.engine.access import Actor
from blankett.engine.calendar import ClockRun
from blankett.engine.feel import BudgetExceeded
from blankett.engine.feel.builtins.departments import ORGANISATION_FUNCTIONS
from blankett.engine.feel.sql import Condition
from blankett.engine.language.model import Action, DecisionPoint, Field, Formula, Words, rules_at
from blankett.engine.paths import ROOTS
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.linked_form import form_behind
from blankett.engine.records.read.decision_tasks import decision_count
from blankett.engine.records.read.record_view import (
    is_open,
    open_actions,
    shows_values,
    stored_amount_of,
    unopened_look,
)
from blankett.engine.records.read.results import Amount, StateView, Target
from blankett.engine.records.read.timeline import state_view
from blankett.engine.records.record_access import form_access_for, stored_permit
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.store import FormColumns, Organisation, SlotMap, StoredBlueprint, StoredRecord, Workspace
from blankett.engine.store.record_columns import NamedColumns
from blankett.engine.store.row_conditions import (
    ALWAYS,
    NEVER,
    all_of,
    any_of,
    holds,
    in_departments,
    is_never,
    is_timely,
    none_of,
)
from blankett.engine.store.tasks import Waiting, WaitingRecord

#: Functions whose answer changes with what the organisation enters.
OF_THE_ORGANISATION = frozenset({"convert"}) | ORGANISATION_FUNCTIONS
#: Of each form, so many records are asked one by one, and so many are shown.
MOST_ASKED = 2_000
#: Counting what the database tells alone stops where that of a list does.
MOST_COUNTED = 1_000
#: Of so many actions out of a state the database tells which are open: as many as a number has bits on PostgreSQL.
MOST_TOLD = 30
#: Names a guard may read that are nothing of the picked record.
_NOT_STORED = frozenset(name for name, root in ROOTS.items() if not root.is_stored)


@dataclass(frozen=True, slots=True)
class DueBy:
    """By when something should be done."""

    #: A day, or a moment.
    by: date
    #: The field that says so, and its clock where it is one.
    field: Field
    run: ClockRun | None = None

    def ends(self, zone: tzinfo) -> datetime:
        """Return the moment itself, or the end of the day in *zone*."""
        return self.by if isinstance(self.by, datetime) else datetime.combine(self.by, time.max, zone)


@dataclass(slots=True)
class InboxItem:
    """A record that waits for somebody, and what they could do with it."""

    id: str
    blueprint: str
    form: str
    form_title: str
    title: str
    number: str | None
    state: StateView | None
    #: When it came to where it is: how long it has been waiting.
    since: datetime
    #: The task's (key, title): the first in the author's order that is open to them.
    task: tuple[str, str]
    #: (key, title) of all actions open to them, in the author's order.
    actions: tuple[tuple[str, str], ...]
    #: Whether it was handed to them by name.
    is_assigned: bool
    #: What it is about, when the form says so and they may see it.
    amount: Amount | None = None
    #: By when it should be done, when its form or state says so and they may see it.
    due: DueBy | None = None
    #: Who brought it here.
    sender: Target | None = None


@dataclass(frozen=True, slots=True)
class LongQueue:
    """A form of which more may wait than was looked at: its list has them."""

    blueprint: str
    form: str
    plural: str
    #: The states in which something could wait, as the newest version calls them.
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskCount:
    """How many tasks somebody has: *number*, or more where it is not complete."""

    number: int
    is_complete: bool
    #: How many records were asked one by one to find out.
    asked: int = 0


@dataclass(frozen=True)
class Inbox:
    """A part of somebody's tasks: those due first, then the longest waiting."""

    items: tuple[InboxItem, ...]
    count: TaskCount
    #: Whether there are further tasks behind these.
    has_more: bool
    #: Forms of which not everything that may wait is among the tasks.
    long_queues: tuple[LongQueue, ...]


def inbox(unit: Unit, limit: int, skip: int = 0, queues: Iterable[Queue] | None = None) -> Inbox:
    """Return at most *limit* of the actor's tasks behind the first *skip*, and how many there are; in *queues* that
    `task_queues` gave for the same `standing`, or in those of now.
    """
    found: list[Task] = []
    long_queues: dict[tuple[str, str], LongQueue] = {}
    number, is_complete, asked = decision_count(unit), True, 0
    for queue in queues if queues is not None else _queues(unit):
        answer = queue.answer(unit, skip + limit + 1)
        number, asked = number + answer.number, asked + answer.asked
        is_complete = is_complete and answer.is_complete
        found += queue.tasks(unit, answer.records)
        if not answer.is_complete or not answer.is_whole:
            long = queue.as_long(unit, long_queues.get(queue.name))
            long_queues[queue.name] = long
    zone = unit.reader.zone or UTC
    found.sort(key=lambda task: (task.due is None, *_first_due(task, zone), task.waiting.changed_at, task.waiting.id))
    return Inbox(
        tuple(_items(unit, found[skip : skip + limit])),
        TaskCount(number, is_complete, asked),
        has_more=len(found) > skip + limit,
        long_queues=tuple(long_queues.values()),
    )


def task_count(
    unit: Unit, queues: Iterable[Queue] | None = None, most_asked: int | None = None, most: int | None = None
) -> TaskCount:
    """Return how many tasks the actor has, in *queues* that `task_queues` gave for the same `standing`, or in those of
    now; counted up to *most*. Of each queue, at most *most_asked* records are asked one by one.
    """
    most = MOST_COUNTED if most is None else most
    number, is_complete, asked = decision_count(unit), True, 0
    for queue in queues if queues is not None else _queues(unit):
        answer = queue.answer(unit, 0, most_asked, most - number)
        number, asked = number + answer.number, asked + answer.asked
        is_complete = is_complete and answer.is_complete
        if number >= most:
            return TaskCount(most, False, asked)
    return TaskCount(number, is_complete, asked)


def task_queues(unit: Unit) -> tuple[Queue, ...]:
    """Return where something may wait for the actor, to count it again and again while their `standing` is the same."""
    return tuple(_queues(unit))


@dataclass(frozen=True)
class Standing:
    """What somebody's questions for tasks depend on, and with what is written all that their tasks depend on."""

    #: The person with their roles, and what rooms, blueprints and shares there are.
    actor: Actor
    versions: Mapping[str, int]
    older_versions: tuple[Sequence[int], ...]
    workspaces: Mapping[str, Workspace]
    blueprints: Mapping[str, StoredBlueprint]
    organisation: Organisation | None
    slots: tuple[SlotMap, ...]
    #: The day in each time zone; the moment, and what was written, where a formula asks for them.
    days: tuple[tuple[str, date], ...]
    moment: datetime | None
    written: Hashable


def standing(unit: Unit) -> Standing:
    """Return what the actor's questions for tasks depend on now."""
    catalog, places = unit.catalog, unit.catalog.places
    processes = list(_processes(unit))
    older = tuple(catalog.older_versions(process) for process in processes)
    forms = [form for key, version in catalog.newest.items() for form in catalog.blueprint(key, version).forms.values()]
    calls: set[str] = set()
    for form in forms:
        calls |= catalog.process(form.blueprint, catalog.newest[form.blueprint], form.key).task_calls
    for process, versions in zip(processes, older, strict=True):
        for version in versions:
            found = catalog.find_process(process.blueprint.key, version, process.form.kept_as)
            calls |= found.task_calls if found is not None else set()
    zones = {places.zone(room).key: places.zone(room) for room in places.workspaces}
    return Standing(
        actor=unit.actor,
        versions=catalog.newest,
        older_versions=older,
        workspaces=places.workspaces,
        blueprints=places.blueprints,
        organisation=places.organisation,
        slots=tuple(map(catalog.slots, forms)),
        days=tuple(sorted((key, unit.now.astimezone(zone).date()) for key, zone in zones.items())),
        moment=unit.now if "now" in calls else None,
        written=catalog.revision if calls & OF_THE_ORGANISATION or unit.actor.limited else None,
    )


# Where tasks may be ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Task:
    """A record of a queue that waits, or may."""

    queue: Queue
    waiting: WaitingRecord
    #: By when it is due, as far as the actor may see it.
    due: DueBy | None


@dataclass(frozen=True)
class QueueAnswer:
    """What was found of one queue."""

    number: int
    is_complete: bool
    #: Whether all that the database can tell of could be listed.
    is_whole: bool
    asked: int
    records: Sequence[WaitingRecord]


@dataclass(frozen=True, eq=False)
class Queue:
    """The records of one version of a form that may wait for the actor."""

    process: Process
    current: CurrentForm
    #: Those that do, as the database can tell; and those that must be asked.
    sure: Waiting
    doubtful: Waiting
    #: States in which something can wait.
    states: tuple[str, ...]

    @property
    def name(self) -> tuple[str, str]:
        """Return the blueprint and the key of the form."""
        return self.process.form.blueprint, self.process.form.key

    def of_departments(self, departments: Collection[str]) -> Queue:
        """Return the part of the queue whose records belong to one of these departments."""
        condition = in_departments(departments)
        return replace(self, sure=self.sure.narrowed(condition), doubtful=self.doubtful.narrowed(condition))

    def answer(
        self, unit: Unit, shown: int, most_asked: int | None = None, most_counted: int | None = None
    ) -> QueueAnswer:
        """Return how much of the queue waits for the actor, with the first records, as many as are *shown* or more.

        Where the database alone tells of *most_counted*, no record is asked.
        """
        reading, most_asked = unit.linked.reading, MOST_ASKED if most_asked is None else most_asked
        most_counted = MOST_COUNTED if most_counted is None else most_counted
        # Where something is due, it is shown first: the database does not know which.
        most = MOST_ASKED if shown and self.has_days else min(shown, MOST_ASKED)
        read = reading.waiting_whole if self.shows_values else reading.waiting
        sure = read(self.sure, most) if most else []
        number = len(sure) if len(sure) < most else reading.waiting_count(self.sure, most_counted)
        if number >= most_counted and not shown:
            return QueueAnswer(number, False, False, 0, ())
        doubtful = reading.waiting_whole(self.doubtful, most_asked + 1)
        asked = doubtful[:most_asked]
        unit.linked.load_behind([each.record for each in asked if each.record is not None])
        held = [each for each in asked if each.record is not None and _has_task(unit, each.record)]
        is_complete = len(doubtful) <= most_asked and number < most_counted
        return QueueAnswer(number + len(held), is_complete, number <= MOST_ASKED, len(asked), [*sure, *held])

    def tasks(self, unit: Unit, found: Iterable[WaitingRecord]) -> list[Task]:
        """Return what was *found* of the queue as tasks."""
        if not self.has_days:
            return [Task(self, each, None) for each in found]
        return [Task(self, each, _due(unit, self, each.record)) for each in found]

    @cached_property
    def has_days(self) -> bool:
        """Tell whether a record that waits here may be due by some day."""
        return any(self.current.due_field(state) is not None for state in self.states)

    @cached_property
    def shows_values(self) -> bool:
        """Tell whether anything is shown of the values of the records, or asked of them."""
        return (
            self.has_days
            or self.current.amount_field() is not None
            or any(self.must_open(state, self.sure.open_actions.get(state)) for state in self.sure.states)
        )

    def must_open(self, state: str | None, told: Collection[str] | None) -> bool:
        """Tell whether a record in *state*, of which the actions *told* are open, must be opened: for what of it is
        open, where nothing is told, or for what of its values is shown.
        """
        return told is None or shows_values(self.current, self.process.form.actions_from(state))

    def as_long(self, unit: Unit, other: LongQueue | None) -> LongQueue:
        """Return the queue as one that was not looked at whole, together with an *other* version's."""
        form = self.current.newest or self.process.form
        states = {self.current.states.get(state, state) for state in self.states}
        states |= set(other.states) if other is not None else set()
        known = tuple(state for state in form.states if state in states)
        return LongQueue(form.blueprint, form.key, form.plural.say(unit.actor.language), known)


def _processes(unit: Unit) -> Iterator[Process]:
    for key, version in unit.catalog.newest.items():
        for form in unit.catalog.blueprint(key, version).forms.values():
            if form.actions and not form.retired:
                yield unit.catalog.process(key, version, form.key)


def _queues(unit: Unit) -> Iterator[Queue]:
    """Yield where something may wait for the actor: each form, by each version that open records of it live by."""
    for newest in _processes(unit):
        for version in (newest.version, *unit.catalog.older_versions(newest)):
            process = unit.catalog.find_process(newest.blueprint.key, version, newest.form.kept_as)
            queue = _queue(unit, newest, process) if process is not None else None
            if queue is not None:
                yield queue


def _queue(unit: Unit, newest: Process, process: Process) -> Queue | None:
    """Return the records of a process that may wait for the actor; None where none can."""
    current = unit.catalog.current(process)
    unit.locate(unit.catalog.home_of(newest))
    access = form_access_for(unit, current)
    columns = FormColumns(newest.form, unit.catalog.slots(newest.form), unit.catalog.former_states(newest.form))
    names = form_behind(unit.catalog, process, process.form.name).columns()
    sure: dict[str, list[Condition]] = {}
    possible: dict[str, list[Condition]] = {}
    #: State → action → where it is open; None where each record must be asked.
    told: dict[str, dict[str, Condition | None]] = {}
    for action in process.form.actions.values():
        reach = access.act_reach(current.action(action)[1].key, columns, unit.linked.moment)
        guard = ALWAYS if action.when is None else _guard(unit, newest, action.when, names)
        here = None if guard is None or _may_be_refused(process, action) else all_of(reach.sure, guard)
        for state in action.sources:
            told.setdefault(state, {})[action.key] = here if _same([reach.sure], [reach.possible]) else None
            if is_never(reach.possible) or not current.is_task(action, state):
                continue
            possible.setdefault(state, []).append(all_of(reach.possible, ALWAYS if guard is None else guard))
            if here is not None:
                sure.setdefault(state, []).append(here)
    certain = {state: any_of(*found) for state, found in sure.items()}
    doubtful = {
        state: NEVER
        if _same(sure.get(state, ()), found)
        else all_of(any_of(*found), none_of(certain.get(state, NEVER)))
        for state, found in possible.items()
    }
    if not possible:
        return None
    place = unit.actor.organisation, process.form, process.version
    return Queue(process, current, Waiting(*place, certain, _wholly(told)), Waiting(*place, doubtful), tuple(possible))


def _wholly(told: Mapping[str, Mapping[str, Condition | None]]) -> dict[str, dict[str, Condition]]:
    """Return where each action out of a state is open, of the states of which the database can tell that of all."""
    found = {
        state: {action: condition for action, condition in actions.items() if condition is not None}
        for state, actions in told.items()
    }
    return {
        state: actions
        for state, actions in found.items()
        if len(actions) == len(told[state]) and len(actions) <= MOST_TOLD
    }


def _same(sure: Sequence[Condition], possible: Sequence[Condition]) -> bool:
    """Tell whether the database can tell everything: both say the same of each action."""
    return len(sure) == len(possible) and all(map(_is_same_condition, sure, possible))


def _is_same_condition(one: Condition, other: Condition) -> bool:
    return one is other or one.compare(other)


def _guard(unit: Unit, newest: Process, when: Formula, names: NamedColumns | None) -> Condition | None:
    """Return where a guard holds, or None where each record must be asked."""
    if names is None or any(path[0] in _NOT_STORED for path in when.reads):
        return None
    if is_timely(when) and not _is_one_zone(unit, newest):
        return None
    try:
        return holds(when, names, {"user": unit.user}, unit.linked.moment)
    except BudgetExceeded:
        return None


def _is_one_zone(unit: Unit, process: Process) -> bool:
    """Tell whether it is the same day wherever the actor may see records of the form."""
    places = unit.catalog.places
    rooms = {unit.catalog.home_of(process), *unit.actor.roles}
    return len({places.zone(room).key for room in rooms}) == 1


def _may_be_refused(process: Process, action: Action) -> bool:
    """Tell whether a rule may refuse the action, or ask for somebody else."""
    rules = rules_at(process.form.rules, DecisionPoint("request", action.key))
    return any(outcome.may_refuse for rule in rules for outcome in rule.then)


# Asking records -------------------------------------------------------------------------------------------------------


def _has_task(unit: Unit, stored: StoredRecord) -> bool:
    process = unit.catalog.process_of(stored)
    look = unopened_look(unit, unit.linked.note(stored), live=process.guards_read_live)
    return look is not None and any(
        look.current.is_task(action, stored.state) and is_open(look, action)
        for action in process.form.actions_from(stored.state)
    )


def _first_due(task: Task, zone: tzinfo) -> tuple[datetime, ...]:
    return () if task.due is None else (task.due.ends(zone),)


def _due(unit: Unit, queue: Queue, stored: StoredRecord | None) -> DueBy | None:
    """Return by when a record is due, as far as the actor may see it."""
    field = queue.current.due_field(stored.state) if stored is not None else None
    if stored is None or field is None or field.key in stored.hidden:
        return None
    kept = stored.data.get(field.key)
    if kept is None or not stored_permit(unit, queue.process, stored).can_read(field.path):
        return None
    value = field.type.from_stored(kept, field)
    run = value if isinstance(value, ClockRun) else None
    by = run.runs_until if run is not None else value
    return DueBy(by, field, run) if isinstance(by, date) else None


def _items(unit: Unit, tasks: Sequence[Task]) -> Iterator[InboxItem]:
    handed = unit.linked.reading.handed_on(unit.actor.organisation, [task.waiting.id for task in tasks])
    actors = {each.actor for each in handed.values()}
    unit.linked.load_people(actors)
    senders = {id: Target(id, person.name if (person := unit.linked.person(id)) else id) for id in actors}
    alike: dict[Hashable, AlikeTasks] = {}
    pairs = [(task, _alike(unit, task, alike)) for task in tasks]
    unit.linked.load_behind(
        [task.waiting.record for task, shared in pairs if shared.reads_links and task.waiting.record]
    )
    for task, shared in pairs:
        waiting, asked, amount = task.waiting, shared.asked, None
        if shared.is_opened and waiting.record is not None:
            look = unopened_look(unit, unit.linked.note(waiting.record))
            if look is None:
                continue
            open_ = open_actions(look) if waiting.open_actions is None else waiting.open_actions
            asked, amount = _asked(task, open_, look.say), stored_amount_of(look, waiting.record)
        if asked is None:
            continue
        last = handed.get(waiting.id)
        yield InboxItem(
            id=waiting.id,
            blueprint=shared.blueprint,
            form=shared.form,
            form_title=shared.form_title,
            title=waiting.title,
            number=waiting.number,
            state=shared.state,
            since=last.at if last is not None else waiting.waits_since,
            task=asked.first,
            actions=asked.every,
            is_assigned=waiting.assignee == unit.actor.user,
            amount=amount,
            due=task.due,
            sender=senders[last.actor] if last is not None else None,
        )


@dataclass(slots=True)
class AlikeTasks:
    """What is the same of all tasks of a version, in a state, with the same actions open."""

    blueprint: str
    form: str
    form_title: str
    state: StateView | None
    #: Whether each record must be looked at; and whether for more than its stored amount.
    is_opened: bool
    reads_links: bool
    #: What is asked; None for nothing, or where each record is looked at.
    asked: Asked | None


def _alike(unit: Unit, task: Task, known: dict[Hashable, AlikeTasks]) -> AlikeTasks:
    """Return what a task shares with those that are *known*, and with later ones."""
    queue, state, open_ = task.queue, task.waiting.state, task.waiting.open_actions
    key = (queue, state, open_)
    found = known.get(key)
    if found is None:
        current, form, language = queue.current, queue.process.form, unit.actor.language
        reads_links = queue.must_open(state, open_)
        is_opened = reads_links or current.amount_field() is not None
        asked = None if is_opened else _asked(task, open_ or (), lambda words: words.say(language))
        shown = state_view(current, form, state, language) if state else None
        title = current.title().say(language)
        found = known[key] = AlikeTasks(
            form.blueprint, (current.newest or form).key, title, shown, is_opened, reads_links, asked
        )
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What could be done with a record: the (key, title) of what is asked first, and of all that is open."""

    first: tuple[str, str]
    every: tuple[tuple[str, str], ...]


def _asked(task: Task, open_: Container[str], say: Callable[[Words], str]) -> Asked | None:
    """Return what of the *open* actions is asked; None where none of them is a task."""
    state, current = task.waiting.state, task.queue.current
    actions = [action for action in task.queue.process.form.actions_from(state) if action.key in open_]
    titles = {action.key: say(current.action(action)[1].title) for action in actions}
    first = next((action.key for action in actions if current.is_task(action, state)), None)
    return Asked((first, titles[first]), tuple(titles.items())) if first is not None else None
