"""Verifying a store: are the promises kept that every write makes? Reads everything, changes nothing.

What stands in the acts (`blankett.engine.store.seals`) says what must be there, so that a row that is gone is
missed, and one that was made or changed by hand is seen.

One function for each promise, one list of them. A broken promise is a value that names the first place where it is
broken; nothing is repaired.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from blankett.engine.language.loader import BlueprintError, read_blueprint
from blankett.engine.language.model import Blueprint, Form
from blankett.engine.language.renames import read_first_keys, with_first_keys
from blankett.engine.store import Reading, SlotMap, Store, StoredEvent, StoredRecord, StoredVersion, edges_of, replay
from blankett.engine.store.blueprints import version_seal
from blankett.engine.store.database_faults import DATABASE_ERRORS
from blankett.engine.store.events import from_row as event_from_row
from blankett.engine.store.integrity import (
    POINTING,
    AuditedRecord,
    audited_records,
    broken_link,
    discarded_histories,
    edge_count,
    erased_histories,
    every_edge,
    number_series,
    orphans,
    records_told_of,
)
from blankett.engine.store.link_index import NO_EDGES, Edge
from blankett.engine.store.seals import (
    BEGUN,
    ERASED,
    EVENT,
    INTENTS_FORGOTTEN,
    PROTECTED,
    REMOVED,
    digest_of,
    subject_of,
)
from blankett.engine.store.search import HEAD, search_text
from blankett.engine.store.slots import FilledSlots, slot_row
from blankett.engine.store.timestamps import write_moment
from blankett.engine.store.transaction import Row
from blankett.engine.store.unique_values import unique_key, unique_values
from blankett.engine.workflow.act import LogEntry
from blankett.engine.workflow.machine import duties
from blankett.engine.workflow.machine import replay as replay_course

#: (source, finder of other blueprints' forms, edition) → the blueprint; raises BlueprintError.
Load = Callable[[str, Callable[[str], Form | None], int], Blueprint]

log = logging.getLogger("blankett.verify")

#: Properties of a record that its events tell.
PROPERTIES = ("number", "state", "title", "owner", "assignee", "department", "workspace", "version")


@dataclass(frozen=True)
class Broken:
    """A promise that is not kept."""

    #: The promise: chain, replay, history, state, seal, act, slots, edges, unique, search, numbers, version, orphan,
    #: approval.
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
                self._blueprints[place] = self._loaded(stored)
        return self._blueprints[place]

    def _loaded(self, stored: StoredVersion) -> Blueprint | None:
        try:
            loaded = self._load(stored.source, self.find_form, stored.edition)
            return with_first_keys(loaded, read_first_keys(stored.canonical))
        except BlueprintError:
            return None

    def find_form(self, name: str) -> Form | None:
        """Return the newest form of the full name ``blueprint.form``, or None."""
        key, _, form = name.partition(".")
        blueprint = self.blueprint(key, self._newest.get(key, 0))
        return None if blueprint is None else blueprint.forms.get(form)

    def find_kept(self, kept_name: str) -> Form | None:
        """Return the newest form whose records are kept under the full name ``blueprint.form``, or None."""
        key, _, kept_as = kept_name.partition(".")
        blueprint = self.blueprint(key, self._newest.get(key, 0))
        return None if blueprint is None else blueprint.kept_forms.get(kept_as)

    def form_of(self, record: StoredRecord) -> Form | None:
        """Return the form of the version a record is pinned to, or None."""
        blueprint = self.blueprint(record.blueprint, record.version)
        return None if blueprint is None else blueprint.kept_forms.get(record.form)

    def links_of(self, record: StoredRecord) -> frozenset[Edge]:
        """Return where a record points according to its data; nowhere when its version is missing."""
        form = self.form_of(record)
        try:
            return NO_EDGES if form is None else edges_of(form, record.data)
        except DATABASE_ERRORS:
            raise
        except Exception:  # what its data is by now, which `_look` tells
            return NO_EDGES

    def slots(self, blueprint: str, form: str) -> SlotMap:
        """Return the slot map of a form."""
        if blueprint not in self._slots:
            self._slots[blueprint] = self.reading.slot_maps(self.organisation, blueprint)
        return self._slots[blueprint].get(form, SlotMap())


def _read(source: str, find_form: Callable[[str], Form | None], edition: int) -> Blueprint:
    return read_blueprint(source, foreign=find_form, edition=edition)


def heads_hold(store: Store, heads: Mapping[str, str]) -> list[Broken]:
    """Return those of the heads, {organisation: ``number:hash``}, that the chain does not go through."""
    broken = []
    with store.reading() as reading:
        for organisation, head in heads.items():
            number, _, hash = head.partition(":")
            found = reading.seal_numbered(organisation, int(number)) if number.isdecimal() else None
            if found != hash or not hash:
                broken.append(Broken("seal", organisation, number, "verify.seal_not_head", {"head": head}))
    return broken


def verify(store: Store, organisation: str | None = None, *, load: Load = _read) -> list[Broken]:
    """Return the promises that are not kept, of one organisation or of all; an empty list is what should come."""
    with store.reading() as reading:
        names = [organisation] if organisation else [found.id for found in reading.organisations()]
        return [broken for name in names for broken in _verify_organisation(Ground(reading, name, load))]


def told_again(store: Store, organisation: str | None = None) -> list[tuple[str, int]]:
    """Return (record, event) of every history of which something was erased: from that event on all of it is told."""
    with store.reading() as reading:
        names = [organisation] if organisation else [found.id for found in reading.organisations()]
        return [(record, last + 1) for name in names for record, last in erased_histories(reading, name)]


def _verify_organisation(ground: Ground) -> Iterator[Broken]:
    for look in LOOKS:
        yield from look(ground)
    edges_met = 0
    for audited in audited_records(ground.reading, ground.organisation, ground.links_of):
        edges_met += len(audited.edges)
        form = ground.form_of(audited.record)
        if form is None:
            yield ground.broken("version", audited.record.id, what="missing", version=audited.record.version)
        try:
            yield from list(_look(ground, audited, form))
        except DATABASE_ERRORS:
            raise
        except Exception:  # no text that was kept can do that: what it is now is no value of any kind
            log.exception("record %s cannot be read", audited.record.id)
            yield ground.broken("replay", audited.record.id, what="unreadable")
    if edge_count(ground.reading, ground.organisation) != edges_met:
        yield from no_edge_is_made_up(ground)


def _look(ground: Ground, audited: AuditedRecord, form: Form | None) -> Iterator[Broken]:
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
    form = ground.find_kept(series.partition(" ")[0])
    return form is not None and form.number is not None and form.number.policy == "gapless"


def nothing_without_its_record(ground: Ground) -> Iterator[Broken]:
    """Events, edges, unique values, entries of the index of words, receipts, notices and messages belong to a record
    that exists.
    """
    for table in POINTING:
        for row, record in orphans(ground.reading, ground.organisation, table):
            yield ground.broken("orphan", row, what=table, record=record)


# Acts and their seals ------------------------------------------------------------------------------------------------


def seals_hold(ground: Ground) -> Iterator[Broken]:
    """Every seal covers the last one and the acts since, in their order."""
    for number, what in ground.reading.broken_seals(ground.organisation):
        yield ground.broken("seal", str(number), what=what)


def protected_rows_are_as_noted(ground: Ground) -> Iterator[Broken]:
    """People, rights, rates, versions, shares, receipts and notices are what the acts say; none is gone or new."""
    for name in PROTECTED:
        noted = {act.subject: act.digest for act in ground.reading.acts_of(ground.organisation, name)}
        for row in ground.reading.protected_rows(ground.organisation, name):
            subject = subject_of(name, row)
            digest = noted.pop(subject, REMOVED)
            if digest == REMOVED:
                yield ground.broken("act", subject, what="made", table=name)
            elif digest != digest_of(name, row):
                yield ground.broken("act", subject, what="changed", table=name)
        for subject in _gone(ground, name, noted):
            yield ground.broken("act", subject, what="gone", table=name)


def _gone(ground: Ground, name: str, noted: Mapping[str, str]) -> list[str]:
    """Return what the acts tell of and is not there; old receipts may have been forgotten."""
    gone = [subject for subject, digest in noted.items() if digest != REMOVED]
    if name != "intent" or not gone:
        return gone
    until = max((act.subject for act in ground.reading.acts_of(ground.organisation, INTENTS_FORGOTTEN)), default="")
    made = {act.subject: write_moment(act.at) for act in ground.reading.acts_of(ground.organisation, name)}
    return [subject for subject in gone if made[subject] >= until]


def records_are_there(ground: Ground) -> Iterator[Broken]:
    """No record that has a history is gone, with it or without."""
    for record in records_told_of(ground.reading, ground.organisation):
        yield ground.broken("act", record, what="gone", table="record")


def discarded_are_empty(ground: Ground) -> Iterator[Broken]:
    """Of a record that was discarded its history is left, whole as a chain, and nothing of its values."""
    for record, events in discarded_histories(ground.reading, ground.organisation):
        yield from _chain_breaks(ground, record, events)
        yield from _history_breaks(ground, record, events)
        kept = [row[2] for row in events[:-1] if row[10] is not None]
        if kept:
            yield ground.broken("history", record, what="kept", sequence=kept[0])


# One record ---------------------------------------------------------------------------------------------------------


def chain_holds(ground: Ground, audited: AuditedRecord) -> Iterator[Broken]:
    """The events of a record follow each other without a gap, and none was changed."""
    yield from _chain_breaks(ground, audited.record.id, audited.events)


def _chain_breaks(ground: Ground, record: str, events: Sequence[Row]) -> Iterator[Broken]:
    if not events:
        yield ground.broken("chain", record, what="empty")
    elif (link := broken_link(events)) is not None:
        yield ground.broken("chain", record, what=link[1], sequence=link[0])


def history_is_as_noted(ground: Ground, audited: AuditedRecord) -> Iterator[Broken]:
    """The history holds every event that was noted, with the same hash, no other, and only what was erased is empty."""
    yield from _history_breaks(ground, audited.record.id, audited.events)


def _history_breaks(ground: Ground, record: str, events: Sequence[Row]) -> Iterator[Broken]:
    acts = ground.reading.acts_about(ground.organisation, record, EVENT, ERASED, BEGUN)
    noted = dict(_event_of(act.digest) for act in acts if act.kind != ERASED)
    erased = {int(act.digest) for act in acts if act.kind == ERASED}
    before = max((_event_of(act.digest)[0] for act in acts if act.kind == BEGUN), default=0)
    hashes = {row[2]: row[12] for row in events}
    wrong = {sequence for sequence, hash in noted.items() if hashes.get(sequence) != hash}
    wrong |= {sequence for sequence in hashes if sequence > before and sequence not in noted}
    if wrong:
        what = "lost" if min(wrong) not in hashes else "changed"
        yield ground.broken("history", record, what=what, sequence=min(wrong))
    emptied = {row[2] for row in events if row[10] is None} - erased
    if emptied:
        yield ground.broken("history", record, what="emptied", sequence=min(emptied))


def _event_of(digest: str) -> tuple[int, str]:
    sequence, _, hash = digest.partition(" ")
    return int(sequence), hash


def record_agrees_with_its_history(ground: Ground, audited: AuditedRecord) -> Iterator[Broken]:
    """Who made a record and when, when it was changed last, and its revision are those of its events."""
    events, record = _stored_events(audited), audited.record
    if not events:
        return
    raising = [event for event in events if event.raises_revision]
    facts = {
        "created_at": (record.created_at, events[0].at),
        "created_by": (record.created_by, events[0].actor),
        "revision": (record.revision, len(raising)),
    }
    wrong = [name for name, (stored, told) in facts.items() if stored != told]
    if raising and record.changed_at not in _changes(raising):
        wrong.append("changed_at")
    if wrong:
        yield ground.broken("history", record.id, what="disagrees", fields=tuple(wrong))


def _changes(raising: Sequence[StoredEvent]) -> set[datetime]:
    """Return when a record may have been changed last: moving it to another version need not count as a change."""
    last = next((place for place in range(len(raising) - 1, 0, -1) if raising[place].kind != "migrate"), 0)
    return {event.at for event in raising[last:]}


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


def approvals_follow_their_history(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """What was done about each approval, laid over each other, gives the approval, and its tasks are who owes what."""
    if not form.approvals:
        return
    record, told = audited.record, _stored_events(audited)
    if any(event.erased for event in told):
        return  # what was decided in it cannot be known any more
    entries: dict[str, list[LogEntry]] = {}
    for event in told:
        log = event.payload.get("approvals")
        for raw in (raw for raw in (log if isinstance(log, list) else ()) if isinstance(raw, dict)):
            entries.setdefault(str(raw.get("action")), []).append(LogEntry.from_json(raw))
    courses = {action: replay_course(log) for action, log in entries.items()}
    kept = {each.action: each for each in ground.reading.approvals(ground.organisation, record.id)}
    owed = {
        (action, duty.user, duty.kind, duty.step, duty.part, duty.behalf)
        for action, course in courses.items()
        if course is not None
        for duty in duties(course)
    }
    tasks = {
        (task.action, task.user, task.kind, task.step, task.part, task.behalf)
        for task in ground.reading.tasks_for(ground.organisation, record.id)
    }
    for action in sorted({*courses, *kept}):
        course = courses.get(action)
        if course is None or action not in kept or course.to_json() != kept[action].course:
            yield ground.broken("approval", record.id, what="differs", action=action)
    if owed != tasks:
        yield ground.broken("approval", record.id, what="tasks")


def _stored_events(audited: AuditedRecord) -> list[StoredEvent]:
    """Return the events as they are told; of one whose payload cannot be read nothing is."""
    return [event_from_row((row[1], row[0], *row[2:9], _readable(row[10]), row[12])) for row in audited.events]


def _readable(payload: str | None) -> str | None:
    try:
        json.loads(payload or "{}")
    except ValueError:
        return None
    return payload


def state_is_legal(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """A record is in a state of its version."""
    state = audited.record.state
    if (state not in form.states) if form.states else state is not None:
        yield ground.broken("state", audited.record.id, what="unknown", state=state)


def states_are_led_to(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """Every state a record came to is one that an action of the version it had then leads to from the one before."""
    state, is_known = None, True
    for event in _stored_events(audited):
        told = event.payload.get("record")
        was, state = state, told.get("state", state) if isinstance(told, dict) else state
        # What an erased event changed cannot be known any more.
        was_known, is_known = is_known, (is_known and not event.erased) or state != was
        if state == was or not was_known or event.kind == "migrate":
            continue
        blueprint = ground.blueprint(audited.record.blueprint, event.version)
        then = blueprint.kept_forms.get(audited.record.form) if blueprint is not None else None
        if then is not None and not _leads(then, event, was, state):
            yield ground.broken("state", audited.record.id, what="not_led_to", state=state, sequence=event.sequence)
            return


def _leads(form: Form, event: StoredEvent, was: object, state: object) -> bool:
    """Tell whether what the event took leads from one state to the other; a record is made in the start state."""
    taken = [event.action, *_texts(event.payload.get("actions")), *_decided_actions(event.payload)]
    if event.kind == "create":
        was = next((key for key, found in form.states.items() if found.start), None)
    reached: set[object] = {was}
    for key in dict.fromkeys(taken):
        action = form.actions.get(key or "")
        if action is None:
            continue
        if action.approval is not None:
            ends: set[object] = {*action.targets, action.rejected, action.returned, *action.sources, action.during}
            reached = ends if not reached.isdisjoint(ends) else reached
        elif not reached.isdisjoint(action.sources):
            reached = set[object](action.targets) or reached
    return state in reached


def _decided_actions(payload: Mapping[str, object]) -> list[str]:
    """Return the actions about whose approvals an event tells."""
    log = payload.get("approvals")
    return [str(entry.get("action")) for entry in log if isinstance(entry, dict)] if isinstance(log, list) else []


def _texts(found: object) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def slots_hold_the_values(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """Lists sort and filter by what the record holds. Titles of linked records are only looked for: they may be renewed
    later.
    """
    if wrong := _wrong_slots(ground, audited, form):
        yield ground.broken("slots", audited.record.id, what="differ", slots=tuple(wrong))


def _wrong_slots(ground: Ground, audited: AuditedRecord, form: Form) -> list[str]:
    wanted, titled = _wanted_slots(ground, audited.record, form)
    return sorted(
        slot
        for slot, value in wanted.items()
        if (audited.slots[slot] != value if slot not in titled else audited.slots[slot] is not None and value is None)
    )


def _wanted_slots(ground: Ground, record: StoredRecord, form: Form) -> tuple[FilledSlots, set[str]]:
    """Return what stands in the slots of a record, and which of them hold titles, of which only "?" is known."""
    ready = SlotMap(tuple(place for place in ground.slots(record.blueprint, record.form).places if place.ready))
    values = {
        of.key: of.type.from_stored(record.data[of.key], of)
        for of in form.fields.values()
        if of.key in record.data and of.key not in record.hidden and not of.columns
    }
    titled = {place.slot for place in ready.places if place.part == "title"}
    return slot_row(ready, form, values, {str(value): "?" for value in values.values()}), titled


def found_by_its_words(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """A record is found by its number, its title and the words in its slots, and the index of words has them."""
    if _wrong_slots(ground, audited, form):
        return  # told already
    record = audited.record
    wanted, titled = _wanted_slots(ground, record, form)
    texts = {slot: str(audited.slots[slot] or "") if slot in titled else text for slot, text in wanted.texts.items()}
    places = ground.slots(record.blueprint, record.form).places
    text = search_text(record.number, record.title, texts)
    # While a slot waits for the values of older records, newer ones are found by them already.
    if audited.search != text if all(place.ready for place in places) else not audited.search.startswith(HEAD):
        yield ground.broken("search", record.id, what="differs")
    elif not ground.reading.is_indexed(ground.organisation, record.id, record.form_name, audited.search):
        yield ground.broken("search", record.id, what="not_indexed")


def edges_follow_the_links(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """Every link of a record is an edge."""
    if audited.edges != audited.links:
        yield ground.broken("edges", audited.record.id, what="differ")


def no_edge_is_made_up(ground: Ground) -> Iterator[Broken]:
    """No edge is there beside the links of records. Looked at where there are more edges than links."""
    told: set[str] = set()
    for edges in every_edge(ground.reading, ground.organisation):
        records = ground.reading.records(ground.organisation, edges)
        for record in records.values():
            is_told = record.id in told or ground.form_of(record) is None
            if not is_told and not edges[record.id] <= ground.links_of(record):
                told.add(record.id)
                yield ground.broken("edges", record.id, what="differ")


def unique_values_are_taken(ground: Ground, audited: AuditedRecord, form: Form) -> Iterator[Broken]:
    """The unique values of a record are kept as its own."""
    found = unique_values(form, audited.record.data, audited.record.hidden)
    wanted = {(form.kept_name, path): unique_key(value) for path, value in found.items()}
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
    seals_hold,
    protected_rows_are_as_noted,
    records_are_there,
    discarded_are_empty,
)
RECORD_LOOKS: tuple[Callable[[Ground, AuditedRecord], Iterator[Broken]], ...] = (
    chain_holds,
    history_is_as_noted,
    record_agrees_with_its_history,
    replay_gives_the_record,
)
FORM_LOOKS: tuple[Callable[[Ground, AuditedRecord, Form], Iterator[Broken]], ...] = (
    state_is_legal,
    states_are_led_to,
    slots_hold_the_values,
    found_by_its_words,
    edges_follow_the_links,
    unique_values_are_taken,
    approvals_follow_their_history,
)
