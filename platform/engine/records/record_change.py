"""One record under change: as it is stored, as it will be, and what is done to it. Nothing here writes to the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from blankett.engine.language.model import Formula
from blankett.engine.records.clocks import renew_clocks, run_clocks
from blankett.engine.records.command import FieldProblem, Handover
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.decisions import Decision
from blankett.engine.records.evaluation_context import Situation
from blankett.engine.records.explain.filled_text import stored_title
from blankett.engine.records.link_loader import record_properties
from blankett.engine.records.permit import Permit
from blankett.engine.records.write.compute import Changes, derive, encode, settled
from blankett.engine.records.write.input import Merged
from blankett.engine.store import StoredEvent, StoredRecord
from blankett.engine.trace import trace
from blankett.engine.workflow.course import Course

#: What of a work changes when something is written to it: writes of values, what counts as typed, the number.
Content = tuple[int, int, str | None]


@dataclass(frozen=True)
class FiredTimer:
    """A timer whose time has come: what is done for it is the record's event."""

    key: str
    #: When it was due, the first time it was and this time.
    due_at: datetime
    look_at: datetime
    #: Times it was due before, since it began to run.
    round: int
    #: How many timers let it begin, one after another.
    depth: int


@dataclass(frozen=True)
class ApprovalState:
    """An approval of the record, as this unit of work has made it."""

    course: Course
    #: What the action asked, as it is stored, and the state that it was taken in.
    inputs: Mapping[str, Any]
    origin: str
    #: Whether the store has it.
    is_kept: bool = False
    #: Whether it differs from what the store has.
    is_changed: bool = False


@dataclass
class Work:
    """One record under change: as it was, as it will be, and what is done to it."""

    process: Process
    #: As it is stored, or None for a new record.
    before: StoredRecord | None
    #: As it will be stored; `settle` brings it up to date.
    record: StoredRecord
    situation: Situation
    changes: Changes
    #: create, change, act, comment: what to tell in the record's history; the actions taken, in order.
    kinds: set[str] = field(default_factory=set)
    actions: list[str] = field(default_factory=list)
    comment: str | None = None
    #: What the action asked, as it is stored.
    stored_inputs: Mapping[str, Any] = field(default_factory=dict)
    #: The command's values laid over the record's; None for a record that only effects touch.
    merged: Merged | None = None
    #: What the actor may do to the record as it was.
    permit_before: Permit | None = None
    #: What decided what is done to it: rules, tables, guards.
    decisions: list[Decision] = field(default_factory=list)
    #: The values that the `save` rules have seen last; None before they are first asked.
    decided_data: Mapping[str, Any] | None = None
    #: (point, rule) whose outcomes have been done by this command.
    ruled: set[tuple[str, str]] = field(default_factory=set)
    #: As what its values were encoded last, into `record.data`: writes of values, and what is frozen.
    encoded: tuple[int, frozenset[str]] | None = None
    #: As what it was worked out, and in which state what it holds was found right.
    worked_out: Content | None = None
    found_right: tuple[Content, str | None] | None = None
    #: The states it was led into, in order; timers that effects started and stopped.
    visited: list[str] = field(default_factory=list)
    started: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    #: The timer by which it happens, once that is due.
    fired: FiredTimer | None = None
    #: Its approvals by action, as they were kept and as they will be; None before they are first asked for.
    approvals: dict[str, ApprovalState] | None = None
    #: What was done to them, in order, as its event keeps it.
    approval_log: list[dict[str, Any]] = field(default_factory=list)
    #: Who handed it over to whom.
    handed: Handover | None = None
    #: The event that tells of it, once it is written.
    event: StoredEvent | None = None

    def input_problems(self) -> list[FieldProblem]:
        """Return what was not taken of the command's values, once they are worked out. What is hidden is not asked for:
        nothing is said of it, and it keeps the value it had.
        """
        if self.merged is None:
            return []
        aside = self.merged.set_aside(self.situation.hidden)
        for path, of, line in self.situation.cells(aside):
            self.situation.put(of, self.merged.unread["/".join(path)], line)
        return self.merged.problems

    def note_tables(self, formula: Formula, outcome: str, point: str = "") -> None:
        """Note which tables' rows gave the value of *formula*, of the record's own names."""
        tables = self.process.blueprint.tables
        if formula.checked.calls.isdisjoint(tables):
            return
        traced = trace(formula, self.situation.names_for(formula), self.situation.moment)
        plain, version = traced.to_json(), self.process.version
        for key, table in tables.items():
            rows = [number for hit in traced.tables if hit.table == table.name for number in hit.rows]
            lines = [row.place.line for row in table.rows if row.number in rows]
            if lines:
                self.decisions.append(Decision("table", key, point, (outcome,), version, lines[0], plain))

    def note_worked_out(self, changed: Iterable[str]) -> None:
        """Note which tables gave the fields that were worked out or filled and have *changed*."""
        if not self.process.blueprint.tables:
            return
        for key in changed:
            field = self.process.form.fields.get(key)
            formula = field.compute or (field.fill if key in self.situation.filled else None) if field else None
            if formula is not None:
                self.note_tables(formula, f"set {key}")

    @property
    def id(self) -> str:
        """Return the record's id."""
        return self.record.id

    def update(self, **properties: Any) -> None:
        """Change properties of the record (state, number, owner…), for formulas too."""
        self.record = replace(self.record, **properties)
        self.situation.ambient["record"].fields.update(record_properties(self.record, self.situation.linked))

    def derive(self) -> list[FieldProblem]:
        """Work out the record's formulas and bring its title up to date."""
        run_clocks(self.situation, self.changes, self.record.state)
        problems = derive(self.situation, self.changes)
        if renew_clocks(self.situation, self.changes):
            problems = derive(self.situation, self.changes)
        self.settle()
        self.worked_out = self.content if not problems else None
        return problems

    @property
    def content(self) -> Content:
        """Return what is the same as long as nothing is written to the record but properties that it does not read."""
        return self.situation.writes, len(self.changes.typed), self.record.number

    def settle(self) -> None:
        """Bring `record` up to date with the situation, and let formulas of other records see it."""
        title = stored_title(
            self.situation,
            self.process.form.show,
            self.record.number,
            self.process.form.title.say(self.process.blueprint.languages[0]),
        )
        now = self.situation.writes, frozenset(self.situation.frozen)
        data = self.record.data if self.encoded == now else encode(self.situation)
        self.encoded = now
        self.record = replace(
            self.record,
            title=title,
            data=data,
            hidden=settled(self.situation.hidden),
            filled=settled(self.situation.filled),
        )
        self.situation.ambient["record"].fields["title"] = title
        self.situation.linked.replace(self.record)
