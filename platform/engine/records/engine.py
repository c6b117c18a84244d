"""The engine's door: what is written goes through `apply`, and what is read is asked of a `unit`.

Everything it needs comes in as arguments: the store, a clock, a maker of ids. It knows no request and no template;
texts come out in the actor's language or as message ids with parameters. Questions are functions that take a unit: see
`records.read` and `records.explain`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from blankett.engine import feel
from blankett.engine.access import Actor
from blankett.engine.records.blueprint_cache import BlueprintCatalog
from blankett.engine.records.command import Command, Receipt, Refusal
from blankett.engine.records.evaluation_context import UTC, live_names
from blankett.engine.records.link_loader import Linked
from blankett.engine.records.read import record_view
from blankett.engine.records.read.results import RecordView
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write import command_handler
from blankett.engine.records.write.command_handler import Begun
from blankett.engine.store import Reading, Store, new_id


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
