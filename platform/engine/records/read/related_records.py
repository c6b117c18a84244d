"""The records that link to a record, as far as the reader may see them."""

from __future__ import annotations

from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Field, Form
from blankett.engine.records.read.results import Related, RelatedRecord
from blankett.engine.records.read.timeline import History
from blankett.engine.records.record_access import stored_permit
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.sentences import Told
from blankett.engine.store import StoredRecord

#: Of the records that link here, the newest so many are shown.
MOST_RELATED = 100

#: (full name of the form, path of its link)
Group = tuple[str, str]


def related_of(unit: Unit, stored: StoredRecord, reader: Reader) -> tuple[Related, ...]:
    """Return the records that link to a record, by form and link; those the reader may not open are left out."""
    groups: dict[Group, dict[str, RelatedRecord]] = {}
    for neighbour in unit.linked.reading.edges_to(stored.organisation, stored.id, MOST_RELATED):
        unit.linked.note(neighbour.record)
        form = unit.catalog.form_now(neighbour.record)
        members = groups.setdefault((form.name, neighbour.path), {})
        if neighbour.record.id not in members:
            found = _related_record(unit, neighbour.record, neighbour.path, reader)
            if found is not None:
                members[found.id] = found
    return tuple(_related(unit, group, tuple(records.values()), reader) for group, records in groups.items() if records)


def _related_record(unit: Unit, stored: StoredRecord, link: str, reader: Reader) -> RelatedRecord | None:
    """Return a record that links by *link*, as the reader may see it; None where they may not see the link."""
    process = unit.catalog.process_of(stored)
    permit = stored_permit(unit, process, stored)
    if not permit.may("view") or not permit.can_read(tuple(link.split("."))):
        return None
    history = History(process, unit.catalog.current(process), permit, unit.linked, reader)
    return RelatedRecord(
        stored.id,
        stored.blueprint,
        unit.catalog.form_now(stored).key,
        stored.title,
        stored.number,
        history.state(stored.state) if stored.state else None,
        stored.created_at,
        _cells(history, stored, link),
    )


def _cells(history: History, stored: StoredRecord, link: str) -> dict[str, Told]:
    """Return what tells a record apart from others that are linked by *link*, as far as the reader may see it."""
    cells = {}
    for field in telling_fields(history.form):
        if field.key != link and history.permit.can_read((field.key,)):
            cells[field.key] = history.words(history.current.field(field), stored.data.get(field.key), stored.data)
    return {key: words for key, words in cells.items() if words}


def telling_fields(form: Form) -> tuple[Field, ...]:
    """Return the fields that tell records of *form* apart: those of its first list, its amount and its due day."""
    first = next(iter(form.lists.values()), None)
    keys = [*(first.columns if first else ()), form.due or "", form.amount_field.key if form.amount_field else ""]
    found = (form.fields.get(key) for key in dict.fromkeys(keys))
    return tuple(field for field in found if field is not None and field.type.tells_apart)


def _goes_on(record: RelatedRecord) -> bool:
    return record.state is not None and record.state.kind not in ("done", "stop")


def _related(unit: Unit, group: Group, records: tuple[RelatedRecord, ...], reader: Reader) -> Related:
    name, path = group
    form = unit.catalog.newest_process(name).form
    parts = tuple(path.split("."))
    titled = [form.find(parts[: place + 1]) for place in range(len(parts))]
    through = " / ".join(field.title.say(reader.language) for field in titled if field is not None) or path
    told = {key for record in records for key in record.cells}
    columns = tuple(each for each in telling_fields(form) if each.key in told)
    ordered = (*filter(_goes_on, records), *(record for record in records if not _goes_on(record)))
    return Related(form, form.plural.say(reader.language), through, ordered, columns)
