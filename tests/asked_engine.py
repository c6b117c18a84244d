"""The engine with a method for each question, asked in a transaction of its own: for tests, which ask one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from blankett.engine.access import Actor
from blankett.engine.fields.base import Lookup, Value
from blankett.engine.records.command import Command, FormPreview, Refusal
from blankett.engine.records.engine import Engine
from blankett.engine.records.explain import why
from blankett.engine.records.explain.what_if import Tryable, WhatIf, tryable, what_if
from blankett.engine.records.explain.why import ActionExplained, EventExplained
from blankett.engine.records.read import form_preview, link_choices, record_list
from blankett.engine.records.read import inbox as waiting
from blankett.engine.records.read.form_preview import within_budget
from blankett.engine.records.read.inbox import Inbox
from blankett.engine.records.read.link_choices import ActorLookup, Choice
from blankett.engine.records.read.notices import Notice, notices
from blankett.engine.records.read.record_list import ListPage, ListRequest
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.discard import Discarded, discarded
from blankett.engine.store import Count, QueryProblem
from blankett.words import put_value


class AskedEngine(Engine):
    """An engine that is asked without a unit."""

    @classmethod
    def over(cls, engine: Engine) -> AskedEngine:
        """Return one with the store, the clock and the memory of *engine*."""
        return cls(engine.store, engine.clock, engine.make_id, engine.catalog)

    def discarded(self, actor: Actor, record: str) -> Discarded | None:
        """Return who discarded the record with the id; None where nobody did, or *actor* could not see it."""
        with self.store.reading() as reading:
            return discarded(self.unit(reading, actor), record)

    def explain_event(self, actor: Actor, record: str, sequence: int) -> EventExplained | None:
        """Return what decided what the event of a record tells, as *actor* may see it; None when there is none."""
        with self.store.reading() as reading:
            return why.explain_event(self.unit(reading, actor), record, sequence)

    def explain_action(self, actor: Actor, record: str, action: str) -> ActionExplained | None:
        """Return what decides about an action of a record now, as *actor* may see it; None when there is none."""
        with self.store.reading() as reading:
            return why.explain_action(self.unit(reading, actor), record, action)

    def tryable(self, actor: Actor, record: str) -> Tryable | None:
        """Return what *actor* may try of a record with `what_if`; None when they may not see it."""
        with self.store.reading() as reading:
            return tryable(self.unit(reading, actor), record)

    def what_if(self, actor: Actor, record: str, values: Mapping[str, Value]) -> WhatIf | Refusal | None:
        """Return what would answer differently if fields of a record had *values*; None when *actor* may not see it.

        Writes nothing.
        """
        with self.store.reading() as reading:
            unit = self.unit(reading, actor)
            return what_if(unit, record, values, lambda: self.unit(reading, actor, unit.now))

    def preview(self, command: Command) -> FormPreview | Refusal:
        """Return the form of *command* as it would be stored, with everything that is wrong. Writes nothing."""
        with self.store.reading() as reading:
            return within_budget(lambda: form_preview.preview(self.unit(reading, command.actor), command))

    def new(
        self, actor: Actor, blueprint: str, form: str, *, workspace: str = "", copy: str | None = None
    ) -> FormPreview | Refusal:
        """Return an empty form with its defaults, or one filled with what was typed into the record *copy*."""
        with self.store.reading() as reading:
            return within_budget(
                lambda: form_preview.new_form(self.unit(reading, actor), blueprint, form, workspace, copy)
            )

    def query(self, actor: Actor, request: ListRequest) -> ListPage | QueryProblem | Refusal:
        """Return a page of a list as *actor* may see it."""
        with self.store.reading() as reading:
            return record_list.query(self.unit(reading, actor), request)

    def count(self, actor: Actor, request: ListRequest) -> Count | QueryProblem | Refusal:
        """Return how many records a list has for *actor*, capped."""
        with self.store.reading() as reading:
            return record_list.count(self.unit(reading, actor), request)

    def inbox(self, actor: Actor, limit: int = 50, skip: int = 0) -> Inbox:
        """Return at most *limit* records behind the first *skip* on which *actor* could take a forward action now:
        those due first, then the longest waiting; and how many there are.
        """
        with self.store.reading() as reading:
            return waiting.inbox(self.unit(reading, actor), limit, skip)

    def notices(self, actor: Actor, limit: int) -> tuple[Notice, ...]:
        """Return the newest notices of *actor*, as they may read them now, in their words."""
        with self.store.reading() as reading:
            unit = self.unit(reading, actor)
            return tuple(
                replace(notice, text=put_value(unit.reader, notice.text) if notice.text is not None else None)
                for notice in notices(unit, limit)
            )

    def choices(self, command: Command, path: tuple[str, ...], text: str = "") -> tuple[Choice, ...]:
        """Return at most 20 records or people that the field at *path* of the form as typed may point to."""
        with self.store.reading() as reading:
            return link_choices.choices(self.unit(reading, command.actor), command, path, text)

    def lookup(self, actor: Actor, blueprint: str) -> Lookup:
        """Return what finds the records and people *actor* names when they type into a form of *blueprint*."""
        return ActorLookup(lambda: self._reading_unit(actor), blueprint)

    @contextmanager
    def _reading_unit(self, actor: Actor) -> Iterator[Unit]:
        with self.store.reading() as reading:
            yield self.unit(reading, actor)
