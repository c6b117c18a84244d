"""The shapes a checked blueprint takes in memory: forms, states, actions, rules, tables, grants, scenarios.

Frozen, made by the loader, and only read. What fields and effects are made of too stands under them, in
`blankett.engine.formula` and `blankett.engine.fields.base`, and is handed on here.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, time
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self, TypeVar

from blankett.engine import feel
from blankett.engine.calendar import Hours, Length, OwnDay
from blankett.engine.effects import Effect
from blankett.engine.effects.base import Moment
from blankett.engine.feel.decision_table import DecisionRow, DecisionTable, InputColumn, Output
from blankett.engine.feel.types import Type
from blankett.engine.fields.base import Field as Field
from blankett.engine.fields.base import FieldCheck as FieldCheck
from blankett.engine.fields.base import Option as Option
from blankett.engine.fields.base import Setting as Setting
from blankett.engine.fields.base import Value
from blankett.engine.formula import ELIDED as ELIDED
from blankett.engine.formula import Formula as Formula
from blankett.engine.formula import Place as Place
from blankett.engine.formula import Template as Template
from blankett.engine.formula import Who as Who
from blankett.engine.formula import Words as Words
from blankett.engine.language.table_cells import constant_part

#: What a fact counts over other records.
Measure = Literal["count", "sum", "min", "max", "latest"]


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """Where in a record's life rules are looked at, written ``save``, ``submit`` or ``submit:completed``."""

    moment: Moment
    #: The key of the action; empty for `save`.
    action: str = ""

    def __str__(self) -> str:
        return {"save": "save", "request": self.action, "completed": f"{self.action}:completed"}[self.moment]


SAVE = DecisionPoint("save")


@dataclass(frozen=True)
class Fact:
    """A value counted over the records of a form, in one query; formulas of rules know it as ``facts.<key>``."""

    key: str
    title: Words
    measure: Measure
    #: The full name of the form it looks at.
    form: str
    #: The field that is summed or compared; None for `count`.
    field: str | None
    #: Which records: bare names and `record` are the other record's, `this` is the rule's.
    where: Formula | None
    #: The static type of its value; never null for `count` and `sum`.
    type: Type
    place: Place
    was: str | None = None

    @cached_property
    def counted_reads(self) -> frozenset[tuple[str, ...]]:
        """Return what it reads of the records it counts, from their own names."""
        reads = self.where.reads if self.where is not None else frozenset()
        return frozenset(path for path in reads if path[0] not in ("this", "user")) | (
            {self.path} if self.path else set()
        )

    @cached_property
    def own_reads(self) -> frozenset[tuple[str, ...]]:
        """Return what it reads of the record whose rules ask for it: ``this.customer`` is ``("customer",)``."""
        reads = self.where.reads if self.where is not None else frozenset()
        return frozenset(path[1:] for path in reads if path[0] == "this" and len(path) > 1)

    @property
    def path(self) -> tuple[str, ...]:
        """Return the path of its field from the other record's names: ``("total",)``, ``("record", "created_at")``."""
        return tuple(self.field.split(".")) if self.field else ()


@dataclass(frozen=True)
class Rule:
    """When something is true of a record at a decision point, then outcomes."""

    key: str
    title: Words
    help: Words | None
    at: tuple[DecisionPoint, ...]
    #: None: always.
    when: Formula | None
    #: Where this is true the rule does not fire; null is not true.
    unless: Formula | None
    #: The higher comes first, and wins where two set one field; 0 unless told.
    priority: int
    #: The first and the last day it is in force; None is open.
    valid_from: date | None
    valid_to: date | None
    then: tuple[Effect, ...]
    place: Place
    was: str | None = None

    @cached_property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return every path its conditions read, facts as ``("facts", key)``."""
        return frozenset(path for formula in (self.when, self.unless) if formula for path in formula.reads)

    def in_force(self, day: date) -> bool:
        """Tell whether the rule holds on *day*."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def rules_at(rules: Mapping[str, Rule], point: DecisionPoint) -> tuple[Rule, ...]:
    """Return the rules looked at at *point*: the highest priority first, then in the author's order."""
    return tuple(sorted((rule for rule in rules.values() if point in rule.at), key=lambda rule: -rule.priority))


@dataclass(frozen=True)
class TimerLength:
    """How long something lasts, as it is written: a length, or a formula that gives one."""

    text: str
    length: Length | None
    #: Gives a duration, or a text such as "2 working days".
    formula: Formula | None = None

    @property
    def in_working_time(self) -> bool | None:
        """Tell whether a calendar counts it; None where only the formula's value says so."""
        if self.length is None:
            return None
        return self.length.is_working


@dataclass(frozen=True)
class TimerRepeat:
    """That a timer goes on after it was due."""

    every: TimerLength
    #: How many more times, at most.
    most: int
    place: Place


@dataclass(frozen=True)
class Timer:
    """What happens by itself when its time has come."""

    key: str
    title: Words
    help: Words | None
    #: It runs while a record is in one of these; None: in every state that is not final.
    states: tuple[str, ...] | None
    #: A field of days or moments that it runs from.
    field: str | None
    #: A formula that gives the day or moment it runs from.
    at: Formula | None
    after: TimerLength | None
    before: TimerLength | None
    #: The key of the calendar it counts in, or None where it counts in none.
    calendar: str | None
    #: The time of the day on which it is due.
    time: time | None
    unless: Formula | None
    then: tuple[Effect, ...]
    repeat: TimerRepeat | None
    place: Place
    was: str | None = None

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Return what happens, as of an action."""
        return self.then

    def effect_way(self, number: int) -> str:
        """Return where its effect *number*, from 1, stands: ``timers/remind/then/2``."""
        return f"timers/{self.key}/then/{number}"

    @property
    def is_started(self) -> bool:
        """Tell whether only the effect `start` lets it run."""
        return self.states is None and self.runs_by_state

    @property
    def runs_by_state(self) -> bool:
        """Tell whether it runs from the moment a record came into a state, or was started, and not from a value."""
        return self.field is None and self.at is None

    def lives_in(self, state: State | None) -> bool:
        """Tell whether it may run while a record is in *state*; None: its form has none."""
        if self.states is not None:
            return state is not None and state.key in self.states
        return state is None or not state.final or self.is_started

    def formulas(self) -> Iterator[Formula]:
        """Yield the formulas that read its own record, but for those in its effects."""
        yield from (found for found in (self.at, self.unless) if found is not None)
        yield from (found.formula for found in (self.after, self.before) if found is not None and found.formula)


@dataclass(frozen=True)
class TableColumn:
    """What inputs and outputs share."""

    #: What it holds, as a field that belongs to no form: key, type, options, title.
    field: Field
    #: Its type as written: ``number``, ``customer.tier``.
    written: str
    #: The static type of its values.
    type: feel.Type
    place: Place
    _: KW_ONLY
    #: The values its author lists, as written.
    listed: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return its name in formulas."""
        return self.field.key

    @property
    def title(self) -> Words:
        """Return what people call it."""
        return self.field.title


@dataclass(frozen=True)
class TableInput(TableColumn):
    """A column that is tested."""

    #: The values it can have, as a cell; None for every value of its type.
    values: Formula | None = None
    #: Whether it is the value of a field that may be empty.
    may_be_empty: bool = False


@dataclass(frozen=True)
class TableOutput(TableColumn):
    """A column that is given."""

    #: Its values from the most to the least important; empty where the author says nothing.
    ranking: tuple[Value, ...] = ()


@dataclass(frozen=True)
class TableCell:
    """A test of an input. `formula` holds it in the expression language, where `?` is what it tests."""

    column: str
    text: str
    formula: Formula | None
    place: Place


@dataclass(frozen=True)
class TableResult:
    """The value of an output, or the formula that gives it."""

    column: str
    text: str
    setting: Setting | None
    place: Place


@dataclass(frozen=True)
class TableRow:
    """A row: a cell for each input, a result for each output."""

    #: Its key, or its number where the author gives none.
    key: str
    #: Counts from 1.
    number: int
    cells: tuple[TableCell, ...]
    results: tuple[TableResult, ...]
    place: Place
    note: str | None = None
    was: str | None = None

    @property
    def has_key(self) -> bool:
        """Tell whether the author named it."""
        return not self.key.isdigit()


@dataclass(frozen=True)
class Table:
    """A decision table; in formulas a function of its inputs."""

    blueprint: str
    key: str
    title: Words
    help: Words | None
    hit: feel.Hit
    inputs: Mapping[str, TableInput]
    outputs: Mapping[str, TableOutput]
    rows: tuple[TableRow, ...]
    #: What outputs are when no row hits; those that are not named are null then.
    default: Mapping[str, Setting]
    #: What its cells and results see: the inputs, and the other tables.
    scope: feel.Scope
    place: Place
    was: str | None = None

    @property
    def name(self) -> str:
        """Return the full name: ``order_management.approvers``."""
        return f"{self.blueprint}.{self.key}"

    @cached_property
    def decision(self) -> DecisionTable:
        """Return the table compiled; it must be sound. Made when it is first wanted."""
        return DecisionTable(
            self.name,
            self.hit,
            [InputColumn(column.key, column.type) for column in self.inputs.values()],
            [
                Output(column.key, column.ranking, _part_of(self.default.get(column.key)))
                for column in self.outputs.values()
            ],
            [
                DecisionRow(
                    tuple(_tests_of(cell) for cell in row.cells),
                    tuple(_part_of(result.setting) or constant_part(None) for result in row.results),
                )
                for row in self.rows
            ],
            self.scope,
        )

    def formulas(self) -> Iterator[Formula]:
        """Yield the formulas of all cells, results and defaults."""
        for row in self.rows:
            yield from (cell.formula for cell in row.cells if cell.formula is not None)
            yield from (found for each in row.results if each.setting and (found := each.setting.formula))
        yield from (found for setting in self.default.values() if (found := setting.formula))


def _tests_of(cell: TableCell) -> feel.tree.UnaryTests:
    if cell.formula is None or not isinstance(cell.formula.expression, feel.tree.UnaryTests):
        raise ValueError(f"the cell {cell.text!r} cannot be read")
    return cell.formula.expression


def _part_of(setting: Setting | None) -> feel.Expression | None:
    if setting is None:
        return None
    return constant_part(setting.constant) if setting.formula is None else setting.formula.expression


#: What a grant may allow, besides the actions of the form.
VERBS = ("view", "pick", "create", "edit", "comment", "export", "delete", "administer")

#: Who a grant may name, besides the roles of the blueprint.
STANDING_WHO = ("everyone", "owner", "assignee")

Life = Literal["process", "reference"]
NumberPolicy = Literal["gapless", "fast"]

T = TypeVar("T")


class Compiled:
    """Something of a version on which hangs what is worked out of it alone: once, and no longer than it is there."""

    @cached_property
    def _worked_out(self) -> dict[Callable[..., object], object]:
        return {}

    def once(self, work_out: Callable[[Self], T]) -> T:
        """Return what *work_out*, a function of a module, makes of it; made when it is first asked for."""
        known = self._worked_out
        found = known.get(work_out)
        if found is None:
            found = known.setdefault(work_out, work_out(self))
        return found  # type: ignore[return-value]


@dataclass(frozen=True)
class WorkCalendar:
    """When people work, as an organisation starts with it that has no calendar of the key."""

    key: str
    title: Words
    zone: str
    #: Of each weekday, Monday first.
    hours: tuple[Hours, ...]
    #: Whose public holidays it has: ``DK``, ``DE-MV``; empty for none.
    holidays: str
    days: Mapping[date, OwnDay]
    place: Place


@dataclass(frozen=True)
class Role:
    """A role of the blueprint; *includes* is closed over, so it holds the roles of the included ones too."""

    key: str
    title: Words
    includes: frozenset[str]
    place: Place


@dataclass(frozen=True)
class Section:
    """A titled group of fields on the page of a record."""

    key: str
    title: Words
    fields: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Check:
    """A condition on the whole record."""

    key: str
    that: Formula
    message: Template
    #: The field the message stands at, or None for the page.
    field: str | None
    when: Formula | None
    place: Place
    #: ``written`` or ``always``, as of a field's check.
    binds: str = "written"


@dataclass(frozen=True)
class State:
    """Where a record is in its life."""

    key: str
    title: Words
    help: Words | None
    start: bool
    final: bool
    #: A final state that is no success: cancelled, refused.
    stopped: bool
    #: A state in which the record is held up: clarification, credit hold.
    held: bool
    #: start | work | half | near | done | held | stop; from the graph, never from the name.
    kind: str
    place: Place
    #: A date field of the form: the day by which a record should leave the state, or None.
    due: str | None = None
    was: str | None = None
    retired: bool = False


@dataclass(frozen=True)
class Destination:
    """A state an action leads to while a condition holds; without one, always."""

    to: str
    when: Formula | None
    place: Place


#: How an effect whose condition was looked at ended.
DONE, LEFT_OUT = "done", "left_out"


@dataclass(frozen=True)
class Action(Compiled):
    """A button: moves a record from state to state when its guard holds and the actor may."""

    key: str
    title: Words
    help: Words | None
    #: States it may be taken in.
    sources: tuple[str, ...]
    #: Where it leads: the first whose condition holds; none keeps the state.
    destinations: tuple[Destination, ...]
    by: Who
    when: Formula | None
    #: What the dialog asks, in order; read as ``inputs.<key>``.
    ask: Mapping[str, Field]
    effects: tuple[Effect, ...]
    place: Place
    #: Asked again before it is taken: a sentence, or None.
    confirm: Words | None = None
    #: Said in place of the condition when `when` does not hold, or None.
    message: Template | None = None
    #: What somebody has done who took it, after their name: "sent back"; None where the author does not say.
    done: Words | None = None
    #: Whether a record waits for somebody to take it, as the author says; None: see `Form.is_task`.
    task: bool | None = None
    was: str | None = None
    #: The approval that must be given first, and the states while it runs and where it ends otherwise.
    approval: str | None = None
    during: str | None = None
    rejected: str | None = None
    #: None: the state the action was taken in.
    returned: str | None = None
    #: The fields that are agreed to; None: what the approval reads.
    approves: tuple[str, ...] | None = None
    approves_until: str | None = None

    @property
    def ways(self) -> Iterator[str]:
        """Yield the ways its conditions may take: ``send/to/1``, ``send/effects/2/done``, ``…/left_out``."""
        if self.depends:
            yield from (self.destination_way(number) for number in range(1, len(self.destinations) + 1))
        for number, effect in enumerate(self.effects, 1):
            if effect.when is not None:
                yield from (f"{self.effect_way(number)}/{end}" for end in (DONE, LEFT_OUT))

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the states it may lead to when it is done, each once."""
        return tuple(dict.fromkeys(destination.to for destination in self.destinations))

    def steps_between(self) -> Iterator[tuple[str, str]]:
        """Yield the steps from state to state that it may make: to the state of its approval, and out of it again."""
        if self.during is None:
            yield from ((source, to) for source in self.sources for to in self.targets)
            return
        yield from ((source, self.during) for source in self.sources)
        returned = (self.returned,) if self.returned is not None else self.sources
        yield from ((self.during, to) for to in dict.fromkeys((*self.targets, self.rejected, *returned)) if to)

    @property
    def depends(self) -> bool:
        """Tell whether conditions decide where it leads."""
        return any(destination.when is not None for destination in self.destinations)

    def destination_way(self, number: int) -> str:
        """Return where its destination *number*, from 1, stands: ``send/to/2``."""
        return f"{self.key}/to/{number}"

    def effect_way(self, number: int) -> str:
        """Return where its effect *number*, from 1, stands: ``notice/effects/2``."""
        return f"{self.key}/effects/{number}"


@dataclass(frozen=True)
class Approver:
    """People who decide a step, each with what their word counts."""

    who: Who
    weight: int
    place: Place


@dataclass(frozen=True)
class NeededVotes:
    """How many of a step's approvers must agree: ``any``, ``all``, ``2``, ``60%``, ``weight 3``."""

    written: str = "any"

    @property
    def kind(self) -> Literal["any", "all", "count", "percent", "weight"]:
        """Return what is counted."""
        if self.written in ("any", "all"):
            return "any" if self.written == "any" else "all"
        if self.written.startswith("weight "):
            return "weight"
        return "percent" if self.written.endswith("%") else "count"

    @property
    def amount(self) -> int:
        """Return how much of it; 1 for any, 0 for all."""
        digits = self.written.removeprefix("weight ").removesuffix("%")
        return int(digits) if digits.isdigit() else int(self.written == "any")


@dataclass(frozen=True)
class ApprovalStep:
    """One who must agree, or several side by side."""

    key: str
    title: Words
    help: Words | None
    #: None: always asked.
    when: Formula | None
    #: Empty where it is several steps together.
    approvers: tuple[Approver, ...]
    need: NeededVotes
    #: ``decline``, ``never`` or ``always``; None: as the approval says.
    comment: str | None
    #: How long they have, as it is written: ``8 working hours``.
    due: str | None
    calendar: str | None
    #: ``remind``, ``escalate``, ``approve``, ``reject`` or ``return``, where nobody decided by then.
    overdue: str | None
    together: Mapping[str, ApprovalStep]
    place: Place
    was: str | None = None


@dataclass(frozen=True)
class Approval(Compiled):
    """Who must agree before an action is done."""

    key: str
    title: Words
    help: Words | None
    steps: Mapping[str, ApprovalStep]
    #: Whether whoever asks may decide.
    own: bool
    #: ``ask`` or ``skip``.
    repeats: str
    comment: str
    #: How long a decision may be taken back, as it is written.
    recall: str | None
    decide_on: tuple[str, ...]
    place: Place
    was: str | None = None

    def asked_steps(self) -> Iterator[tuple[ApprovalStep, ApprovalStep | None]]:
        """Yield the steps that people decide, in order, each with the step of several in which it stands, if any."""
        for step in self.steps.values():
            if step.together:
                yield from ((inner, step) for inner in step.together.values())
            else:
                yield step, None


@dataclass(frozen=True)
class Grant:
    """Who may do what, in which states, on which records, with which fields."""

    who: Who
    may: frozenset[str]
    #: None means every state.
    states: frozenset[str] | None
    where: Formula | None
    #: Fields it opens to read and to write; None means all that are not private.
    read: frozenset[str] | None
    write: frozenset[str] | None
    hide: frozenset[str]
    deny: bool
    place: Place


@dataclass(frozen=True)
class Numbering:
    """How numbers are drawn: ``SO-{year}-{counter:5}``."""

    pattern: str
    policy: NumberPolicy
    #: ``create`` or the key of an action.
    at: str
    place: Place


@dataclass(frozen=True)
class ListView:
    """A list of a form as the author defined it; the first one is shown first."""

    key: str
    title: Words
    #: Field keys and record properties (``record.number``).
    columns: tuple[str, ...]
    where: Formula | None
    #: (column, descending)
    sort: tuple[tuple[str, bool], ...]
    place: Place


@dataclass(frozen=True)
class Form(Compiled):
    """A kind of record."""

    blueprint: str
    key: str
    title: Words
    plural: Words
    help: Words | None
    icon: str
    life: Life
    #: The field people know a record by (`customer.code`), or None.
    key_field: str | None
    show: Template | None
    number: Numbering | None
    #: A field of this form that holds a currency code, or a code, or None.
    currency: str | None
    fields: Mapping[str, Field]
    sections: tuple[Section, ...]
    checks: Mapping[str, Check]
    states: Mapping[str, State]
    actions: Mapping[str, Action]
    grants: tuple[Grant, ...]
    lists: Mapping[str, ListView]
    place: Place
    #: Field paths in the order `default`, `fill`, `compute` and `visible` are worked out.
    order: tuple[tuple[str, ...], ...] = ()
    #: Link and user paths any formula of the form reads through or shows, to load in one batch:
    #: ``{("customer",), ("lines", "product"), ("inputs", "carrier"), ("record", "owner")}``.
    link_paths: frozenset[tuple[str, ...]] = frozenset()
    #: Field path → the private fields its value is derived from (itself included when it is private).
    private_sources: Mapping[tuple[str, ...], frozenset[tuple[str, ...]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    #: The tables that its formulas call, also through others, but for those that say who may do something.
    tables: Mapping[str, Table] = field(default_factory=lambda: MappingProxyType({}))
    #: Conditions that move by themselves (`loader.volatile_conditions`) → what they read of the record.
    conditions: Mapping[tuple[str, ...], frozenset[tuple[str, ...]]] = field(default_factory=dict)
    #: The messages that its actions and rules send.
    messages: Mapping[str, BlueprintMessage] = field(default_factory=lambda: MappingProxyType({}))
    #: Business rules, and what they count over other records.
    rules: Mapping[str, Rule] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    #: Who must agree before actions are done.
    approvals: Mapping[str, Approval] = field(default_factory=lambda: MappingProxyType({}))
    #: What happens by itself when its time has come.
    timers: Mapping[str, Timer] = field(default_factory=lambda: MappingProxyType({}))
    #: Private source → the roles that may read it, for every path in `private_sources`, through links too.
    private_roles: Mapping[tuple[str, ...], frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    #: Key → the fields whose values together no two records have.
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    #: The field that `amount` names, or None where the author names none.
    amount: str | None = None
    #: A date field: the day by which what is to be done with a record should be done, where its state says no other.
    due: str | None = None
    was: str | None = None
    #: The key that its records are kept under, where that is not its own: one that was renamed goes on with its first.
    first_key: str = ""
    retired: bool = False
    #: States that are none any more → the state their records are then in.
    ended: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def start(self) -> State | None:
        """Return the state a new record is in, or None for a form without states."""
        return next((state for state in self.states.values() if state.start), None)

    @cached_property
    def amount_field(self) -> Field | None:
        """Return the field that holds what a record is about: the one `amount` names, else the only field of money.

        Where there are several and none is named, nothing is guessed; nor of a customer or another reference record.
        """
        if self.amount is not None or self.life == "reference":
            return self.fields.get(self.amount or "")
        money = [found for found in self.fields.values() if found.type.has_currency and not found.retired]
        return money[0] if len(money) == 1 else None

    @property
    def name(self) -> str:
        """Return the full name: ``order_management.order``."""
        return f"{self.blueprint}.{self.key}"

    @property
    def kept_as(self) -> str:
        """Return the key that its records are kept under, whatever it is called by now."""
        return self.first_key or self.key

    @property
    def kept_name(self) -> str:
        """Return the full name that its records are kept under."""
        return f"{self.blueprint}.{self.kept_as}"

    def is_internal(self, field: Field) -> bool:
        """Tell whether *field* is for the house alone: it says so, or is private or made of what is private."""
        if field.internal is not None:
            return field.internal
        return field.private is not None or field.path in self.private_sources

    def find(self, path: tuple[str, ...]) -> Field | None:
        """Return the field at ``("total",)`` or the column at ``("lines", "amount")``."""
        found = self.fields.get(path[0])
        return found if found is None or len(path) == 1 else found.columns.get(path[1])

    def every_field(self) -> Iterator[Field]:
        """Yield fields and, after each table, its columns, in the author's order."""
        for found in self.fields.values():
            yield found
            yield from found.columns.values()

    def actions_from(self, state: str | None) -> tuple[Action, ...]:
        """Return the actions whose `from` names *state*, in the author's order. Looks at nothing else."""
        return tuple(action for action in self.actions.values() if state in action.sources)

    def leads_nearer(self, action: Action, state: str | None) -> bool:
        """Tell whether *action* may bring a record in *state* nearer to a final state that is no stop, counted in steps
        from state to state.
        """
        far = len(self.states)
        here = self._steps_left.get(state or "", far)
        return any(self._steps_left.get(to, far) < here for source, to in action.steps_between() if source == state)

    @cached_property
    def _steps_left(self) -> Mapping[str, int]:
        """Return {state: fewest actions from it to a final state that is no stop}; states that lead to none are not
        there.
        """
        found = {key: 0 for key, state in self.states.items() if state.final and not state.stopped}
        steps = [step for action in self.actions.values() for step in action.steps_between()]
        waiting = deque(found)
        while waiting:
            there = waiting.popleft()
            nearer = dict.fromkeys(source for source, to in steps if to == there and source not in found)
            found.update(dict.fromkeys(nearer, found[there] + 1))
            waiting.extend(nearer)
        return found

    def due_field(self, state: str | None) -> str | None:
        """Return the date field that says when a record in *state* is due, or None."""
        held = self.states.get(state or "")
        return held.due if held is not None and held.due is not None else self.due


@dataclass(frozen=True)
class ScenarioPerson:
    """Somebody a scenario acts as: ``anna (sales)``."""

    key: str
    roles: frozenset[str]


@dataclass(frozen=True)
class ScenarioStep:
    """One step of a scenario, as written: ``{"do": "submit", "with": {...}}``."""

    kind: Literal["as", "create", "on", "change", "do", "decide", "comment", "wait", "at", "expect", "timer"]
    #: The word after the kind's key: a form, an action, a person, a text, a time; empty for `change` and `expect`. A
    #: `timer` is none that is written: what a timer did that was due while time passed is told as a step of that kind.
    subject: str
    values: Mapping[str, object]
    place: Place


@dataclass(frozen=True)
class Scenario:
    """A test written in the blueprint."""

    name: str
    as_: ScenarioPerson
    steps: tuple[ScenarioStep, ...]
    place: Place


@dataclass(frozen=True)
class Sample:
    """A record that scenarios and the demo start with; links are named by the other record's key."""

    form: str
    values: Mapping[str, object]
    place: Place


@dataclass(frozen=True)
class BlueprintMessage:
    """What people are told: a line in the application, and where it has a body, a letter by e-mail as well."""

    #: The line; of a letter, its subject.
    text: Template
    #: In Markdown.
    body: Template | None
    place: Place

    @property
    def templates(self) -> tuple[Template, ...]:
        """Return its texts."""
        return (self.text,) if self.body is None else (self.text, self.body)

    @cached_property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return every path that any of its texts reads."""
        return frozenset[tuple[str, ...]]().union(*(each.reads for each in self.templates))


@dataclass(frozen=True)
class Blueprint:
    """One application, checked and compiled."""

    key: str
    language: int
    languages: tuple[str, ...]
    title: Words
    help: Words | None
    roles: Mapping[str, Role]
    forms: Mapping[str, Form]
    tables: Mapping[str, Table]
    messages: Mapping[str, BlueprintMessage]
    #: Lists of options that fields share.
    options: Mapping[str, Mapping[str, Option]]
    calendars: Mapping[str, WorkCalendar]
    samples: tuple[Sample, ...]
    scenarios: tuple[Scenario, ...]
    #: The text as written, and its hash (hex SHA-256 of the UTF-8 bytes).
    source: str
    digest: str
    #: Where each item stands: path → place.
    places: Mapping[tuple[str, ...], Place] = field(default_factory=lambda: MappingProxyType({}))
    #: Lets go of what it was loaded from: no formula can be checked any more that reads forms it has not asked for.
    settle: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)

    @cached_property
    def kept_forms(self) -> Mapping[str, Form]:
        """Return the forms by the keys that their records are kept under."""
        return {form.kept_as: form for form in self.forms.values()}

    @cached_property
    def form_names(self) -> Mapping[str, str]:
        """Return what its texts call its forms → the names that their records are kept under."""
        return {name: form.kept_name for form in self.forms.values() for name in (form.key, form.name)}

    @cached_property
    def facts_about(self) -> Mapping[str, Sequence[Fact]]:
        """Return the facts of all forms by the full name of the form whose records they look at."""
        found: dict[str, list[Fact]] = {}
        for fact in (fact for form in self.forms.values() for fact in form.facts.values()):
            found.setdefault(fact.form, []).append(fact)
        return found

    @cached_property
    def picking(self) -> Mapping[str, Sequence[Formula]]:
        """Return the `where`s of links and effects by the form whose records they pick, as it is written there."""
        found: dict[str, list[Formula]] = {}
        for form in self.forms.values():
            for of in (*form.every_field(), *(of for action in form.actions.values() for of in action.ask.values())):
                where = of.options.get("where")
                if isinstance(where, Formula):
                    found.setdefault(str(of.options.get("to")), []).append(where)
            effects = (effect for action in form.actions.values() for effect in action.effects)
            outcomes = (outcome for rule in form.rules.values() for outcome in rule.then)
            by_itself = (effect for timer in form.timers.values() for effect in timer.then)
            for effect in (*effects, *outcomes, *by_itself):
                if effect.target is not None and effect.target.form is not None and effect.picking is not None:
                    found.setdefault(effect.target.form, []).append(effect.picking)
        return found

    def closed_roles(self, held: frozenset[str]) -> frozenset[str]:
        """Return *held* and every role they include."""
        included = (self.roles[key].includes for key in held if key in self.roles)
        return held.union(*included)


KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
