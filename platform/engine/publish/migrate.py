"""Moves records to a newer version: values converted, formulas worked out anew, slots filled, one event each.

Works inside a transaction that the caller opened. Nobody is notified, no action is taken, and the moment the record was
last changed stays, since nobody changed it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from blankett.engine.feel import BudgetExceeded
from blankett.engine.fields.base import Fault
from blankett.engine.language.model import Action, Field, Form
from blankett.engine.publish.convert import Fit, Fitted, MoveReason, not_unique
from blankett.engine.records.evaluation_context import LineScope, default_of, path_of
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.approvals import move_approvals, put_approvals
from blankett.engine.records.write.compute import Changes
from blankett.engine.records.write.persist import append_event, event_payload, linked_titles, put_record, stored_values
from blankett.engine.records.write.timers import put_timers
from blankett.engine.store import StoredRecord, Writing, slot_row
from blankett.engine.store.database_faults import fault_of
from blankett.engine.store.unique_values import unique_fields, unique_values

log = logging.getLogger("blankett.publish")

#: A request under way when something was changed may still write as before it: so long, at most.
LONGEST_REQUEST = timedelta(minutes=5)


@dataclass(frozen=True)
class Mover:
    """Moves records of one version of a form to the newest version."""

    writing: Writing
    unit: Unit
    fit: Fit
    #: The number of the newer version.
    number: int

    @property
    def form(self) -> Form:
        """Return the form as the newer version has it."""
        assert self.fit.route.new is not None
        return self.fit.route.new

    def move(self, stored: StoredRecord) -> tuple[MoveReason, ...]:
        """Move one record; return why it must stay, and then nothing was written."""
        fitted = self.fit.fitted(stored.state, stored.data, stored.filled)
        if not isinstance(fitted, Fitted):
            return fitted
        try:
            work = self._worked_out(stored, fitted)
        except BudgetExceeded:
            self.unit.linked.replace(stored)
            return (MoveReason("stay.too_long", ("forms", self.fit.route.old.key), self.fit.route.old.title),)
        taken = self._taken(stored, work)
        if taken:
            return taken
        if self.fit.route.old.approvals and not move_approvals(self.unit, work, self._action):
            self.unit.linked.replace(stored)
            return (MoveReason("stay.approval", ("forms", self.fit.route.old.key), self.fit.route.old.title),)
        self._write(stored, work)
        return ()

    def _action(self, key: str) -> Action | None:
        """Return the action of the newer version that was called *key*."""
        found = self.form.actions.get(key)
        return found or next((each for each in self.form.actions.values() if each.was == key), None)

    def _worked_out(self, stored: StoredRecord, fitted: Fitted) -> Work:
        """Return the record as the newer version has it, its formulas worked out."""
        self.unit.works.clear()
        moved = replace(
            stored,
            version=self.number,
            state=fitted.state,
            data=fitted.data,
            hidden=self.fit.paths(stored.hidden),
            filled=fitted.filled,
        )
        work = self.unit.open(moved)
        work.before = stored
        fresh = self._fresh(work)
        work.changes = Changes(refill=frozenset(path for of, _, path in fresh if of.fill), changed=set())
        work.derive()
        for of, line, path in fresh:
            if of.default is not None and path not in work.situation.filled:
                self._give_default(work, of, line)
        work.changes = Changes(changed={path for _, _, path in fresh})
        work.derive()
        return work

    def _fresh(self, work: Work) -> list[tuple[Field, LineScope | None, str]]:
        """Return the fields and cells that the older version did not have, and that nothing was typed into."""
        known = set(self.fit.route.fields.values())
        found: list[tuple[Field, LineScope | None, str]] = []
        for of in self.form.every_field():
            if of.path in known or of.compute is not None or of.columns:
                continue
            lines = work.situation.lines[of.table] if of.table else (None,)
            found += [(of, line, path_of(of, line)) for line in lines]
        return found

    def _give_default(self, work: Work, of: Field, line: LineScope | None) -> None:
        situation = work.situation
        value = default_of(of, situation.scope_of(line), situation.moment, situation.currency_at(of, line))
        if not isinstance(value, Fault):
            situation.put(of, value, line)

    def _taken(self, stored: StoredRecord, work: Work) -> tuple[MoveReason, ...]:
        """Return a reason for each value that must be unique in the newer version and is another record's."""
        before = unique_values(self.fit.route.old, stored.data, stored.hidden)
        reasons = []
        for path, value in unique_values(self.form, work.record.data, work.record.hidden).items():
            fields = unique_fields(self.form, path)
            if before.get(path) == value and all(self.fit.route.fields.get((key,)) == (key,) for key in fields):
                continue
            holder = self.writing.unique_taken(stored.organisation, self.form.kept_name, path, value, but=stored.id)
            if holder is not None:
                reasons.append(not_unique(self.form, path))
        return tuple(reasons)

    def _write(self, stored: StoredRecord, work: Work) -> None:
        work.record = replace(work.record, revision=stored.revision + 1)
        put_record(self.writing, self.unit, work, self.fit.route.old)
        payload = {**event_payload(work), "from_version": stored.version}
        if work.approval_log:
            put_approvals(self.writing, self.unit, work)
        append_event(self.writing, self.unit, work, "migrate", payload)
        put_timers(self.writing, self.unit, work, others=bool(self.fit.route.old.timers), moved=True)


# Many records, one by one ---------------------------------------------------------------------------------------------


def locked_records(writing: Writing, unit: Unit, ids: Sequence[str]) -> Iterator[StoredRecord]:
    """Yield records as they are now that nobody else can change them, each with a budget of its own."""
    writing.lock_records(unit.actor.organisation, ids)
    fresh = writing.records(unit.actor.organisation, ids)
    for id in ids:
        if id in fresh:
            unit.renew_purse()
            yield fresh[id]


@contextmanager
def set_aside(writing: Writing, unit: Unit, stored: StoredRecord) -> Iterator[list[Exception]]:
    """Set a record aside that something unforeseen happens to, and give what it was: what was written of it is undone,
    and the others go on. What the database cannot do now is no fault of the record.
    """
    failed: list[Exception] = []
    try:
        with writing.savepoint():
            yield failed
    except Exception as err:
        if fault_of(err) is not None:
            raise
        log.exception("record %s is set aside", stored.id)
        unit.works.clear()
        unit.linked.replace(stored)
        failed.append(err)


def refill_records(writing: Writing, unit: Unit, ids: Sequence[str]) -> None:
    """Write the slots of records anew; one that something unforeseen happens to keeps those it has."""
    for stored in locked_records(writing, unit, ids):
        with set_aside(writing, unit, stored):
            refill_slots(writing, unit, stored)


def refill_slots(writing: Writing, unit: Unit, stored: StoredRecord) -> None:
    """Write the slots of a record anew, because its form was given further ones; its version and revision stay.

    A record that cannot even be opened within what one command may use keeps those it has.
    """
    unit.works.clear()
    try:
        work = unit.open(stored)
    except BudgetExceeded:
        return
    form = work.process.form
    newest = unit.catalog.slots(form)
    writing.renew_slots(stored, slot_row(newest, form, stored_values(work), linked_titles(work)))
