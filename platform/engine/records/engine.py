"""The engine's door: one method for each thing a page, an API, an import or a scenario may ask.

Everything it needs comes in as arguments: the store, a clock, a maker of ids. It knows no request and no template;
texts come out in the actor's language or as message ids with parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from blankett.engine import feel
from blankett.engine.access import Actor
from blankett.engine.fields.base import Lookup, Value
from blankett.engine.language.model import Form
from blankett.engine.records.blueprint_cache import BlueprintCatalog
from blankett.engine.records.command import Command, FormPreview, Receipt, Refusal
from blankett.engine.records.evaluation_context import UTC, live_names
from blankett.engine.records.explain import why
from blankett.engine.records.explain.view_as import Askable, SeenBy, askable, seen_by
from blankett.engine.records.explain.what_if import Tryable, WhatIf, tryable, what_if
from blankett.engine.records.explain.why import ActionExplained, EventExplained
from blankett.engine.records.link_loader import Linked
from blankett.engine.records.read import form_preview, link_choices, record_list, record_view
from blankett.engine.records.read import inbox as waiting
from blankett.engine.records.read.inbox import Inbox
from blankett.engine.records.read.link_choices import ActorLookup, Choice
from blankett.engine.records.read.notices import Notice, notices
from blankett.engine.records.read.record_list import ListPage, ListRequest
from blankett.engine.records.read.results import RecordView
from blankett.engine.records.unit import Unit, refusal
from blankett.engine.records.write import command_handler
from blankett.engine.records.write.command_handler import Begun
from blankett.engine.records.write.discard import Discarded, discarded
from blankett.engine.store import Count, QueryProblem, Reading, Store, new_id


class Engine:
    """Runs published blueprints over one store. Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        make_id: Callable[[datetime], str] = new_id,
        catalog: BlueprintCatalog | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.make_id = make_id
        self.catalog = catalog or BlueprintCatalog()

    # Writing ----------------------------------------------------------------------------------------------------------

    def apply(self, command: Command, begun: Begun | None = None) -> Receipt | Refusal:
        """Carry *command* out, durably and whole, or say why not. A repeated intent gets the first one's receipt.

        What is read first is read in the transaction that was *begun*, else in one of its own.
        """
        now = begun.unit.now if begun is not None else self.clock()
        return command_handler.apply(self.store, command, lambda reading: self.unit(reading, command.actor, now), begun)

    # Reading ----------------------------------------------------------------------------------------------------------

    def open(self, actor: Actor, record: str) -> RecordView | None:
        """Return the record with the id as *actor* may see it; None when there is none, or none for them."""
        with self.store.reading() as reading:
            return record_view.open_record(self.unit(reading, actor), record)

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

    def explain_access(self, actor: Actor, record: str, user: str) -> SeenBy | None:
        """Return a record as *user* would see it, and why each thing is not there; None unless *actor* administers the
        record's workspace and *user* belongs to it. Shows no value that *actor* may not read.
        """
        with self.store.reading() as reading:
            return seen_by(self.unit(reading, actor), record, user, lambda other: self.unit(reading, other))

    def askable(self, actor: Actor, record: str) -> Askable | None:
        """Return whom `explain_access` takes for the record, and its form; None where *actor* may not ask."""
        with self.store.reading() as reading:
            return askable(self.unit(reading, actor), record)

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
        """Return the newest notices of *actor*, as they may read them now."""
        with self.store.reading() as reading:
            return notices(self.unit(reading, actor), limit)

    def former_values(self, actor: Actor, of: Form, path: tuple[str, ...]) -> dict[str, str]:
        """Return {key: title} of options of a field, or of states, that only records of older versions have."""
        with self.store.reading() as reading:
            unit = self.unit(reading, actor)
            return record_list.former_values(unit, unit.catalog.newest_process(of.name), path)

    def choices(self, command: Command, path: tuple[str, ...], text: str = "") -> tuple[Choice, ...]:
        """Return at most 20 records or people that the field at *path* of the form as typed may point to."""
        with self.store.reading() as reading:
            return link_choices.choices(self.unit(reading, command.actor), command, path, text)

    def lookup(self, actor: Actor, blueprint: str) -> Lookup:
        """Return what finds the records and people *actor* names when they type into a form of *blueprint*."""
        return ActorLookup(lambda: self._reading_unit(actor), blueprint)

    # ------------------------------------------------------------------------------------------------------------------

    def unit(self, reading: Reading, actor: Actor, now: datetime | None = None) -> Unit:
        """Return a unit of work for *actor* that reads through *reading*.

        What its formulas do is bounded together, with what other units of the same view of the catalog do: work over
        many records renews that for each.
        """
        at = now or self.clock()
        catalog = self.catalog.view(reading, actor.organisation, at)
        linked = Linked(
            reading,
            catalog,
            actor.organisation,
            feel.Moment(at, UTC, purse=catalog.purse),
            live_names,
        )
        return Unit(actor, at, catalog, linked, lambda: self.make_id(at))

    @contextmanager
    def _reading_unit(self, actor: Actor) -> Iterator[Unit]:
        with self.store.reading() as reading:
            yield self.unit(reading, actor)


def within_budget(work: Callable[[], FormPreview | Refusal]) -> FormPreview | Refusal:
    """Return what *work* gives; a refusal when a formula of the blueprint takes too long."""
    try:
        return work()
    except feel.BudgetExceeded as exceeded:
        return refusal("invalid", "formula.budget", reason=str(exceeded))
