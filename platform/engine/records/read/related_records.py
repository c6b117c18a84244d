"""The records around a record: what it links to and what links to it, as far as the reader may see them."""

from __future__ import annotations

from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Field, Form
from blankett.engine.records.read.results import Related, RelatedRecord
from blankett.engine.records.read.timeline import History
from blankett.engine.records.record_permissions import Permit, stored_permit
from blankett.engine.records.unit import Unit, Work
from blankett.engine.store import StoredRecord

#: Of the records that link here, the newest so many are shown.
MOST_RELATED = 100

#: (form's full name, path of the link, whether this record holds it)
Group = tuple[str, str, bool]


def related_of(unit: Unit, work: Work, permit: Permit, history: History) -> tuple[Related, ...]:
    """Return the records linked from and to a record, by form and link; those the reader may not even pick are left
    out.
    """
    groups: dict[Group, dict[str, RelatedRecord]] = {}
    for path, stored in _outgoing(unit, work):
        if permit.can_read(tuple(path.split("."))):
            _add(unit, groups, (stored.form_name, path, True), stored, history.reader)
    for neighbour in unit.linked.reading.edges_to(work.record.organisation, work.id, MOST_RELATED):
        unit.linked.note(neighbour.record)
        _add(unit, groups, (neighbour.record.form_name, neighbour.path, False), neighbour.record, history.reader)
    found = (
        _related(unit, work.process.form, group, tuple(records.values()), history.reader)
        for group, records in groups.items()
    )
    return tuple(related for related in found if related.records)


def _outgoing(unit: Unit, work: Work) -> list[tuple[str, StoredRecord]]:
    """Return (path, record) of what the record's visible links point to."""
    situation, found = work.situation, []
    for key, _ in work.process.shape.links:
        id = situation.values.get(key)
        if id and key not in situation.hidden:
            found.append((key, id))
    for table, shape in work.process.shape.tables:
        if table not in situation.hidden:
            found += [
                (f"{table}.{key}", line.values[key])
                for key, _ in shape.links
                for line in situation.lines[table]
                if line.values.get(key)
            ]
    records = ((path, unit.linked.record(id)) for path, id in found)
    return [(path, stored) for path, stored in records if stored is not None]


def _add(
    unit: Unit, groups: dict[Group, dict[str, RelatedRecord]], group: Group, stored: StoredRecord, reader: Reader
) -> None:
    members = groups.setdefault(group, {})
    if stored.id in members:
        return
    process = unit.catalog.process_of(stored)
    permit = stored_permit(unit, process, stored)
    is_open = permit.may("view")
    if not is_open and not (group[2] and permit.may("pick")):
        return
    if not group[2] and not permit.can_read(tuple(group[1].split("."))):
        return
    current, state, cells = unit.catalog.current(process), None, {}
    if is_open:
        history = History(process.form, current, permit, unit.linked, reader)
        state = history.state(stored.state) if stored.state else None
        cells = _cells(history, stored, group[1])
    members[stored.id] = RelatedRecord(
        stored.id,
        stored.blueprint,
        stored.form,
        stored.title,
        stored.number if is_open else None,
        state,
        is_open,
        stored.created_at if is_open else None,
        cells,
    )


def _cells(history: History, stored: StoredRecord, link: str) -> dict[str, str]:
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


def _related(unit: Unit, form: Form, group: Group, records: tuple[RelatedRecord, ...], reader: Reader) -> Related:
    name, path, is_outgoing = group
    other = unit.catalog.newest_process(name).form
    holder = form if is_outgoing else other
    field = holder.find(tuple(path.split(".")))
    through = field.title.say(reader.language) if field else path
    title = (other.title if is_outgoing else other.plural).say(reader.language)
    told = {key for record in records for key in record.cells}
    columns = tuple(each for each in telling_fields(other) if each.key in told)
    ordered = (*filter(_goes_on, records), *(record for record in records if not _goes_on(record)))
    return Related(other, title, through, is_outgoing, ordered, columns)
