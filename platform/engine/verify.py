"""Verifying a store: are the promises kept that every write makes? Reads everything, changes nothing.

One function for each promise, one list of them. A broken promise is a value that names the first place where it is
broken; nothing is repaired.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from blankett.engine.blueprint.loader import BlueprintError, read_blueprint
from blankett.engine.blueprint.model import Blueprint, Form
from blankett.engine.store import Reading, SlotMap, Store, StoredEvent, edges_of, replay
from blankett.engine.store.audit import (
    POINTING,
    AuditedRecord,
    audited_records,
    broken_link,
    number_series,
    orphans,
)
from blankett.engine.store.blueprints import version_seal
from blankett.engine.store.events import from_row as event_from_row
from blankett.engine.store.search_text import search_head
from blankett.engine.store.slots import slot_row
from blankett.engine.store.unique import unique_key, unique_values

#: (source, finder of other blueprints' forms, edition) → the blueprint; raises BlueprintError.
Load = Callable[[str, Callable[[str], Form | None], int], Blueprint]

#: Properties of a record that its events tell.
PROPERTIES = ("number", "state", "title", "owner", "assignee", "department", "workspace", "version")


@dataclass(frozen=True)
class Broken:
    """A promise that is not kept."""

    #: The promise: chain, replay, state, slots, edges, unique, search, numbers, version, orphan.
    promise: str
    organisation: str
    #: Where: a record's id, ``blueprint version 3``, a series.
    place: str
    #: A message id with parameters.
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Ground:
    """One organisation under verification, with its blueprints loaded once."""

    def __init__(self, reading: Reading, organisation: str, load: Load) -> None:
        self.reading = reading
        self.organisation = organisation
        self._load = load
        self._newest = reading.newest_versions(organisation)
        self._blueprints: dict[tuple[str, int], Blueprint | None] = {}
        self._slots: dict[str, dict[str, SlotMap]] = {}

    def broken(self, promise: str, place: str, **params: object) -> Broken:
        """Return a broken promise of this organisation."""
        what = params.pop("what", "broken")
        return Broken(promise, self.organisation, place, f"verify.{promise}_{what}", params)

    def blueprint(self, key: str, version: int) -> Blueprint | None:
        """Return a version, or None when there is none that can be loaded."""
        place = (key, version)
        if place not in self._blueprints:
            self._blueprints[place] = None  # so that blueprints may link to each other in a circle
            stored = self.reading.version(self.organisation, key, version)
            if stored is not None:
                self._blueprints[place] = self._loaded(stored.source, stored.edition)
        return self._blueprints[place]

    def _loaded(self, source: str, edition: int) -> Blueprint | None:
        try:
            return self._load(source, self.find_form, edition)
        except BlueprintError:
            return None

    def find_form(self, name: str) -> Form | None:
        """Return the newest form of the full name ``blueprint.form``, or None."""
        key, _, form = name.partition(".")
        blueprint = self.blueprint(key, self._newest.get(key, 0))
        return None if blueprint is None else blueprint.forms.get(form)

    def form_of(self, audited: AuditedRecord) -> Form | None:
        """Return the form of the version a record is pinned to, or None."""
        record = audited.record
        blueprint = self.blueprint(record.blueprint, record.version)
        return None if blueprint is None else blueprint.forms.get(record.form)

    def slots(self, blueprint: str, form: str) -> SlotMap:
        """Return the slot map of a form."""
        if blueprint not in self._slots:
            self._slots[blueprint] = self.reading.slot_maps(self.organisation, blueprint)
        return self._slots[blueprint].get(form, SlotMap())


def _read(source: str, find_form: Callable[[str], Form | None], edition: int) -> Blueprint:
    return read_blueprint(source, foreign=find_form, edition=edition)


def verify(store: Store, organisation: str | None = None, *, load: Load = _read) -> list[Broken]:
    """Return the promises that are not kept, of one organisation or of all; an empty list is what should come."""
    with store.reading() as reading:
        names = [organisation] if organisation else [found.id for found in reading.organisations()]
        return [broken for name in names for broken in _verify_organisation(Ground(reading, name, load))]


def _verify_organisation(ground: Ground) -> Iterator[Broken]:
    for look in LOOKS:
        yield from look(ground)
    for audited in audited_records(ground.reading, ground.organisation):
        form = ground.form_of(audited)
        if form is None:
            yield ground.broken("version", audited.record.id, what="missing", version=audited.record.version)
        for look_at in RECORD_LOOKS:
            yield from look_at(ground, audited)
        if form is not None:
            for look_with in FORM_LOOKS:
                yield from look_with(ground, audited, form)


# Versions, numbers, rows without a record ---------------------------------------------------------------------------


def versions_unchanged(ground: Ground) -> Iterator[Broken]:
    """A published version is what was published, and none is missing in between."""
    for blueprint in ground.reading.blueprints(ground.organisation):
        previous = ""
        heads = reversed(ground.reading.version_heads(ground.organisation, blueprint.key))
        for number, head in enumerate(heads, 1):
            place = f"{blueprint.key} version {number}"
            stored = ground.reading.version(ground.organisation, blueprint.key, number)
            if stored is None:
                yield ground.broken("version", place, what="gap")
                return
            digest = hashlib.sha256(stored.source.encode()).hexdigest()
            if digest != stored.digest or version_seal(stored, previous) != stored.seal:
                yield ground.broken("version", place, what="changed")
            previous = head.seal


def numbers_without_gaps(ground: Ground) -> Iterator[Broken]:
    """Numbers of a gapless series run from 1 to the counter; no series has a number its counter has not drawn."""
    for series in number_series(ground.reading, ground.organisation):
        if series.most > series.drawn:
            yield ground.broken("numbers", series.name, what="undrawn", number=series.most, drawn=series.drawn)
        elif _is_gapless(ground, series.name) and series.count != series.drawn:
            yield ground.broken("numbers", series.name, what="gap", missing=series.drawn - series.count)


def _is_gapless(ground: Ground, series: str) -> bool:
    """Tell whether a series, named ``blueprint.form pattern``, is one of a form whose numbers have no gaps."""
    form = ground.find_form(series.partition(" ")[0])
    return form is not None and form.number is not None and form.number.policy == "gapless"


def nothing_without_its_record(ground: Ground) -> Iterator[Broken]:
    """Events, edges, unique values, receipts, notices and messages belong to a record that exists."""
    for table in POINTING:
        for row, record in orphans(ground.reading, ground.organisation, table):
            yield ground.broken("orphan", row, what=table, record=record)


# One record ---------------------------------------------------------------------------------------------------------


def chain_holds(ground: Ground, audited: AuditedRecord) -> Iterator[Broken]:
    """The events of a record follow each other without a gap, and none was changed."""
    if not audited.events:
        yield ground.broken("chain", audited.record.id, what="empty")
    elif (link := broken_link(audited.events)) is not None:
        yield ground.broken("chain", audited.record.id, what=link[1], sequence=link[0])


def replay_gives_the_record(ground: Ground, audited: AuditedRecord) -> Iterator[Broken]:
    """Laying the events over each other gives the record. After an erasure only what is still told is compared."""
    record, found = audited.record, replay(_stored_events(audited))
    data = {key: value for key, value in found.data.items() if value is not None}
    kept = {key: value for key, value in record.data.items() if value is not None}
    if not found.is_whole:
        kept = {key: value for key, value in kept.items() if key in data}
    wrong = sorted(key for key in {*data, *kept} if data.get(key) != kept.get(key))
    wrong += [name for name in PROPERTIES if name in found.record and found.record[name] != getattr(record, name)]
    if found.is_whole:
        wrong += [name for name in ("hidden", "filled") if getattr(found, name) != getattr(record, name)]
    if wrong:
        yield ground.broken("replay", record.id, what="differs", fields=tuple(wrong))


def _stored_events(audited: AuditedRecord) -> list[StoredEvent]:
    return [event_from_row((row[1], row[0], *row[2:9], row[10], row[12])) for row in audited.events]


def found_by_number_and_title(ground: Ground, audited: AuditedRecord) -> Iterator[Broken]:
    """The search text of a record is that of its number and title."""
    record = audited.record
    if not audited.search.startswith(search_head(record.number, record.title)):
        yield ground.broken("search", record.id, what="differs")


def state_is_legal(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """A record is in a state of its version."""
    state = audited.record.state
    if (state not in form.states) if form.states else state is not None:
        yield ground.broken("state", audited.record.id, what="unknown", state=state)


def slots_hold_the_values(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """Lists sort and filter by what the record holds. Titles of linked records are only looked for: they may be renewed
    later.
    """
    record = audited.record
    slots = ground.slots(record.blueprint, record.form)
    ready = SlotMap(tuple(place for place in slots.places if place.ready))
    values = {
        of.key: of.type.from_stored(record.data[of.key], of)
        for of in form.fields.values()
        if of.key in record.data and of.key not in record.hidden and not of.columns
    }
    titled = {place.slot for place in ready.places if place.part == "title"}
    wanted = slot_row(ready, form, values, {str(value): "?" for value in values.values()})
    wrong = sorted(
        slot
        for slot, value in wanted.items()
        if (audited.slots[slot] != value if slot not in titled else audited.slots[slot] is not None and value is None)
    )
    if wrong:
        yield ground.broken("slots", record.id, what="differ", slots=tuple(wrong))


def edges_follow_the_links(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """The edges of a record are its links."""
    if audited.edges != edges_of(form, audited.record.data):
        yield ground.broken("edges", audited.record.id, what="differ")


def unique_values_are_taken(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """The unique values of a record are kept as its own."""
    found = unique_values(form, audited.record.data, audited.record.hidden)
    wanted = {(form.name, path): unique_key(value) for path, value in found.items()}
    # Two that are the same only since characters that nobody sees do not count: the first keeps the place.
    shared = {
        (name, path)
        for (name, path) in wanted.keys() - audited.unique.keys()
        if ground.reading.unique_taken(ground.organisation, name, path, found[path], but=audited.record.id)
    }
    if audited.unique != {place: value for place, value in wanted.items() if place not in shared}:
        yield ground.broken("unique", audited.record.id, what="differ")


#: What is looked at once for an organisation, for each record, and for each record with the form of its version.
LOOKS: tuple[Callable[[Ground], Iterator[Broken]], ...] = (
    versions_unchanged,
    numbers_without_gaps,
    nothing_without_its_record,
)
RECORD_LOOKS: tuple[Callable[[Ground, AuditedRecord], Iterator[Broken]], ...] = (
    chain_holds,
    replay_gives_the_record,
    found_by_number_and_title,
)
FORM_LOOKS: tuple[Callable[[Ground, AuditedRecord, Form], Iterator[Broken]], ...] = (
    state_is_legal,
    slots_hold_the_values,
    edges_follow_the_links,
    unique_values_are_taken,
)
