"""The keys by which an organisation's records are sorted: chosen with a language, made anew piece by piece.

Each piece is a transaction of its own, so that people go on working; it can be done again at any time and goes on where
it was.
"""

from __future__ import annotations

from dataclasses import replace

from blankett.engine.access import Actor
from blankett.engine.publish.migrate import LONGEST_REQUEST, refill_records
from blankett.engine.records import Engine
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.store import Organisation, StoredRecord, Writing
from blankett.engine.store.collation import collation_of
from blankett.engine.store.version_records import forms_with_records, page_of, records_changed_since

#: Records written in one transaction.
PIECE = 100
#: (blueprint, form)
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
        refill_records(writing, unit, [stored.id for stored in page])
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
            changed = [stored.id for stored in records_changed_since(writing, organisation, *place, since)]
            refill_records(writing, unit, changed)
        writing.put_organisation(replace(found, collated=collation_of(language).version))


def _rekeying_unit(engine: Engine, writing: Writing, organisation: str) -> Unit:
    nobody = Actor(organisation=organisation, user="", name="", email="", roles={})
    unit = engine.unit(writing, nobody)
    unit.bind(writing)
    return unit
