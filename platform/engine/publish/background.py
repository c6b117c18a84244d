"""What a publish leaves to be done in pieces: open records that move, slots and titles of records that stay.

Each piece is a transaction of its own, so that people go on working, and an interruption leaves every record sound: on
the version it had, or on the new one. Both can be done again at any time and go on where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from blankett.engine.access import Actor
from blankett.engine.publish.convert import Fit, Fitted
from blankett.engine.publish.impact import Group, Movement, is_finished
from blankett.engine.publish.migrate import Mover, refill_slots
from blankett.engine.records import Engine
from blankett.engine.records.evaluation_context import Situation, decode, frozen_in, record_names
from blankett.engine.records.explain.text import title_of
from blankett.engine.records.unit import Unit
from blankett.engine.store import NewEvent, Organisation, Reading, StoredRecord, Writing
from blankett.engine.store.collation import collation_of
from blankett.engine.store.version_records import forms_with_records, page_in_state, page_of, records_changed_since

#: Records written in one transaction.
PIECE = 100
#: A request under way when the version was published may still write as before it: so long, at most.
LONGEST_REQUEST = timedelta(minutes=5)


@dataclass(frozen=True)
class Job:
    """One blueprint's newest version, and who published it."""

    engine: Engine
    actor: Actor
    blueprint: str
    number: int

    def movement(self, unit: Unit) -> Movement:
        """Return where records of older versions go, as *unit*'s transaction sees it."""
        catalog = unit.catalog
        return Movement(
            self.actor.organisation,
            self.number - 1,
            catalog.line(self.blueprint, self.number - 1),
            catalog.blueprint(self.blueprint, self.number),
        )

    def is_newest(self, reading: Reading) -> bool:
        """Tell whether no newer version was published meanwhile."""
        return reading.newest_versions(self.actor.organisation).get(self.blueprint) == self.number


def move_open(job: Job) -> int:
    """Move every open record that can follow; return how many did. Stops when a newer version comes."""
    moved = 0
    for group in _open_groups(job):
        after: str | None = ""
        while after is not None:
            after, count = _move_piece(job, group, after)
            moved += count
    return moved


def _open_groups(job: Job) -> list[Group]:
    with job.engine.store.reading() as reading:
        movement = job.movement(job.engine.unit(reading, job.actor, is_bounded=False))
        groups = movement.groups(reading)
        return [group for group in groups if not (group.is_finished or group.is_same or group.follows)]


def _move_piece(job: Job, group: Group, after: str) -> tuple[str | None, int]:
    """Move some records of *group* behind the id *after*; return the last id looked at (None: the end) and how many."""
    with job.engine.store.writing(by=job.actor.user) as writing:
        if not job.is_newest(writing):
            return None, 0
        unit = _unit(job, writing)
        key = (job.actor.organisation, job.blueprint, group.form.key, group.version, group.state)
        page = page_in_state(writing, *key, after, PIECE)
        mover = Mover(writing, unit, group.fit, job.number)
        # Somebody may have moved, ended or changed a record since the group was counted.
        fresh = (stored for stored in _locked(writing, job, page) if stored.version == group.version)
        moved = sum(not mover.move(stored) for stored in fresh if not is_finished(group.form, stored.state))
        return (page[-1].id, moved) if page else (None, 0)


def _unit(job: Job, writing: Writing) -> Unit:
    unit = job.engine.unit(writing, job.actor, is_bounded=False)
    unit.bind(writing)
    return unit


def _locked(writing: Writing, job: Job, page: list[StoredRecord]) -> Iterator[StoredRecord]:
    """Yield the records of a page as they are now that nobody else can change them."""
    ids = [stored.id for stored in page]
    writing.lock_records(job.actor.organisation, ids)
    fresh = writing.records(job.actor.organisation, ids)
    yield from (fresh[id] for id in ids if id in fresh)


# Slots and titles -----------------------------------------------------------------------------------------------------


def fill_slots(job: Job, retitled: frozenset[str] = frozenset()) -> int:
    """Write the slots of every record whose form was given further ones, and the titles of forms in *retitled*.

    Returns how many records were written.
    """
    with job.engine.store.reading() as reading:
        maps = reading.slot_maps(job.actor.organisation, job.blueprint)
    waiting = {form for form, slots in maps.items() if not all(place.ready for place in slots.places)}
    return sum(_fill_form(job, form, form in waiting, form in retitled) for form in sorted(waiting | retitled))


def _fill_form(job: Job, form: str, is_waiting: bool, is_retitled: bool) -> int:
    written, after = 0, ""
    while page := _fill_piece(job, form, after, is_retitled):
        written, after = written + len(page), page[-1].id
    if is_waiting:
        _note_ready(job, form)
    return written


def _fill_piece(job: Job, form: str, after: str, is_retitled: bool) -> list[StoredRecord]:
    """Fill some records of the form behind the id *after*, and return them."""
    with job.engine.store.writing(by=job.actor.user) as writing:
        unit = _unit(job, writing)
        page = page_of(writing, job.actor.organisation, job.blueprint, form, after, PIECE)
        renew = _renewer(job, writing, unit, is_retitled)
        for stored in _locked(writing, job, page):
            renew(stored)
        return page


def _note_ready(job: Job, form: str) -> None:
    """Let lists ask the new slots, once what was written meanwhile by requests of before is filled too."""
    with job.engine.store.writing(by=job.actor.user) as writing:
        unit = _unit(job, writing)
        since = job.engine.clock() - LONGEST_REQUEST
        for stored in records_changed_since(writing, job.actor.organisation, job.blueprint, form, since):
            refill_slots(writing, unit, stored)
        writing.mark_slots_ready(job.actor.organisation, job.blueprint, form)


def _renewer(job: Job, writing: Writing, unit: Unit, is_retitled: bool) -> Callable[[StoredRecord], None]:
    movement = job.movement(unit)
    fits: dict[tuple[int, str], Fit] = {}

    def renew(stored: StoredRecord) -> None:
        key = (stored.version, stored.form)
        if is_retitled and key not in fits and stored.version < job.number:
            fits[key] = Fit(movement.routes_from(stored.version)[stored.form])
        title = current_title(unit, stored, fits[key], job.number) if key in fits else stored.title
        if title != stored.title:
            _tell_title(job, writing, stored, title)
        refill_slots(writing, unit, replace(stored, title=title))
        if title != stored.title:
            _refill_pointing(job, writing, unit, stored.id)

    return renew


def current_title(unit: Unit, stored: StoredRecord, fit: Fit, number: int) -> str:
    """Return the title that the newest version's `show` gives a record of an older one; its own when it cannot."""
    fitted = fit.fitted(stored.state, stored.data, stored.filled)
    if fit.route.new is None or not isinstance(fitted, Fitted):
        return stored.title
    unit.locate(stored.workspace)
    process = unit.catalog.process(stored.blueprint, number, fit.route.new.key)
    values = decode(process, fitted.data)
    unit.linked.load_paths(process, values)
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
    return title_of(situation, process.form.show, stored.number, form_title)


def _tell_title(job: Job, writing: Writing, stored: StoredRecord, title: str) -> None:
    writing.append_event(
        NewEvent(
            organisation=stored.organisation,
            record=stored.id,
            at=job.engine.clock(),
            actor=job.actor.user,
            kind="backfill",
            version=stored.version,
            payload={"record": {"title": title}},
        )
    )


def _refill_pointing(job: Job, writing: Writing, unit: Unit, target: str) -> None:
    """Let the records that link to *target* show its new title in lists."""
    unit.linked.records.pop(target, None)
    for id in writing.pointing_at(job.actor.organisation, target, limit=100_000):
        pointing = writing.record(job.actor.organisation, id)
        if pointing is not None:
            refill_slots(writing, unit, pointing)


Place = tuple[str, str]


def is_stale(organisation: Organisation) -> bool:
    """Tell whether records are sorted by other keys than the organisation's collation makes now."""
    return organisation.collated != collation_of(organisation.collation).version


def choose_collation(engine: Engine, organisation: str, language: str, *, by: str = "") -> None:
    """Let the organisation's lists be sorted as *language* sorts, once `rekey` has been through."""
    with engine.store.writing(by=by) as writing:
        found = writing.organisation(organisation)
        if found is not None:
            writing.put_organisation(replace(found, collation=language))


def rekey(engine: Engine, organisation: str) -> int:
    """Make the keys of every record that needs it; return how many were written."""
    with engine.store.reading() as reading:
        found = reading.organisation(organisation)
        places = forms_with_records(reading, organisation) if found is not None and is_stale(found) else []
    if found is None or not is_stale(found):
        return 0
    written = 0
    for place in places:
        after = ""
        while page := _write_piece(engine, organisation, place, after):
            written, after = written + len(page), page[-1].id
    _note_done(engine, organisation, found.collation, places)
    return written


def _write_piece(engine: Engine, organisation: str, place: Place, after: str) -> list[StoredRecord]:
    """Write some records of a form behind the id *after*, and return them."""
    with engine.store.writing() as writing:
        unit = _rekeying_unit(engine, writing, organisation)
        page = page_of(writing, organisation, *place, after, PIECE)
        ids = [stored.id for stored in page]
        writing.lock_records(organisation, ids)
        for stored in writing.records(organisation, ids).values():
            refill_slots(writing, unit, stored)
        return page


def _note_done(engine: Engine, organisation: str, language: str, places: list[Place]) -> None:
    """Let lists go by the keys, once what requests under way wrote meanwhile is done too."""
    with engine.store.writing() as writing:
        found = writing.organisation(organisation)
        if found is None or found.collation != language:
            return  # another was chosen meanwhile: its own `rekey` follows
        unit = _rekeying_unit(engine, writing, organisation)
        since = engine.clock() - LONGEST_REQUEST
        for place in places:
            for stored in records_changed_since(writing, organisation, *place, since):
                refill_slots(writing, unit, stored)
        writing.put_organisation(replace(found, collated=collation_of(language).version))


def _rekeying_unit(engine: Engine, writing: Writing, organisation: str) -> Unit:
    nobody = Actor(organisation=organisation, user="", name="", email="", roles={})
    unit = engine.unit(writing, nobody, is_bounded=False)
    unit.bind(writing)
    return unit
