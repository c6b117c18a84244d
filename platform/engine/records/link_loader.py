"""What a formula finds behind a link: other records and people, loaded in batches and read by stable key.

The caller loads what it knows will be read, one query a level (`load_paths`); what was not foreseen, say a link that a
fill has just copied, costs a query of its own, never a wrong answer. Values are decoded when a formula reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakValueDictionary

from blankett.engine import feel
from blankett.engine.departments import Directory
from blankett.engine.feel.builtins.departments import department_reference
from blankett.engine.feel.values import Reference
from blankett.engine.fields.base import Pointed
from blankett.engine.language.model import Field
from blankett.engine.paths import Path, first_links
from blankett.engine.store.search import is_keepable

if TYPE_CHECKING:
    from blankett.engine.records.blueprint_cache import Catalog
    from blankett.engine.records.compiled_form import Process
    from blankett.engine.records.current_version import CurrentForm
    from blankett.engine.store import Reading, StoredRecord, StoredUser

#: Works out the live fields of a stored record as names.
WorkOut: TypeAlias = "Callable[[Process, StoredRecord, Linked], Mapping[str, Any]]"

#: A live field of a linked record may read its own links; a chain of live fields ends here, with null.
DEEPEST = 3

#: No id is longer.
LONGEST_ID = 200

#: The most steps of a link path.
STEPS = 3


class Linked:
    """The records and people that formulas reach, as they are in one snapshot of the store."""

    def __init__(
        self, reading: Reading, catalog: Catalog, organisation: str, moment: feel.Moment, work_out: WorkOut
    ) -> None:
        self.reading = reading
        self.catalog = catalog
        self.organisation = organisation
        self.moment = moment
        self._work_out = work_out
        self.records: dict[str, StoredRecord | None] = {}
        #: The same as the store had them, whatever this unit of work has made of them.
        self.as_read: dict[str, StoredRecord | None] = {}
        self.people: dict[str, StoredUser | None] = {}
        #: Those that some link holds: each of them holds this.
        self._fields: WeakValueDictionary[str, LinkedFields] = WeakValueDictionary()
        self._depth = 0

    def again(self, moment: feel.Moment) -> Linked:
        """Return the same records and people as they were read, without what this unit of work has made of them."""
        made = Linked(self.reading, self.catalog, self.organisation, moment, self._work_out)
        made.records, made.as_read, made.people = dict(self.as_read), self.as_read, self.people
        return made

    # Loading ----------------------------------------------------------------------------------------------------------

    def load(self, ids: Iterable[str]) -> None:
        """Load the records with *ids* that are not here yet, in one query."""
        wanted = {id for id in ids if id not in self.records}
        if wanted:
            found = self.reading.records(self.organisation, filter(could_be_id, wanted))
            read = {id: found.get(id) for id in wanted}
            self.as_read.update(read)
            self.records.update(read)

    def load_people(self, ids: Iterable[str]) -> None:
        """Load the people with *ids* that are not here yet, in one query."""
        wanted = {id for id in ids if id not in self.people}
        if wanted:
            found = self.reading.users(self.organisation, filter(could_be_id, wanted))
            self.people.update({id: found.get(id) for id in wanted})

    def load_named(
        self,
        process: Process,
        datas: Iterable[Mapping[str, Any]],
        records: Iterable[str] = (),
        people: Iterable[str] = (),
    ) -> None:
        """Load what stored *datas* of one form name, in their lines too, with other *records* and *people*: one query
        for the records, one for the people.
        """
        named = {"record": set(records), "person": set(people), "department": set[str]()}
        for data in datas:
            for field in process.pointers:
                holders = (data,) if field.table is None else data.get(field.table) or ()
                ids = [holder.get(field.key) for holder in holders]
                named[field.type.points_to or ""].update(id for id in ids if isinstance(id, str))
        self.load(named["record"])
        self.load_people(named["person"])

    def load_paths(self, paths: Collection[Path], process: Process, *records: Mapping[str, Any]) -> None:
        """Load what *records* (values) of one form link to along *paths*: one query a level."""
        fields = process.form.fields
        frontier = [start for values in records for path in paths for start in first_links(path, fields, values)]
        for _ in range(STEPS):
            if not frontier:
                return
            self.load([id for id, _ in frontier])
            frontier = [following for id, rest in frontier if rest for following in self._follow(id, rest)]

    def _follow(self, id: str, rest: Path) -> Iterator[tuple[str, Path]]:
        stored = self.records.get(id)
        if stored is not None:
            fields = self.catalog.process_of(stored).form.fields
            yield from first_links(rest, fields, stored.data)
            table, lines = fields.get(rest[0]), stored.data.get(rest[0])
            if table is not None and isinstance(lines, list):
                yield from ((target, ()) for target in links_of_lines(table, lines))

    def load_behind(self, records: Iterable[StoredRecord]) -> None:
        """Load what the formulas of all *records* read through their links, together."""
        by_process: dict[Process, list[StoredRecord]] = {}
        for stored in records:
            by_process.setdefault(self.catalog.process_of(stored), []).append(stored)
        for process, members in by_process.items():
            self.load_paths(process.all_paths, process, *(stored.data for stored in members))

    # Asking -----------------------------------------------------------------------------------------------------------

    def record(self, id: str) -> StoredRecord | None:
        """Return the record, loading it if need be; None when there is none."""
        if id not in self.records:
            self.load([id])
        return self.records[id]

    def person(self, id: str) -> StoredUser | None:
        """Return the person, loading them if need be; None when there is none."""
        if id not in self.people:
            self.load_people([id])
        return self.people[id]

    def reference(self, id: str) -> Reference | None:
        """Return a link to the record as a formula sees it; None when the record is gone."""
        fields = self._fields.get(id)
        stored = self.record(id) if fields is None else fields.stored
        if stored is None:
            return None
        if fields is None:
            fields = self._fields[id] = LinkedFields(stored, self)
        return Reference(id, stored.title, fields)

    def user(self, id: str) -> Reference:
        """Return a user as a formula sees them; name and e-mail are looked up when a formula asks for them."""
        known = self.people.get(id)
        return Reference(id, known.name if known else "", PersonFields(id, self))

    def pointed(self, to: Pointed, id: str) -> Reference | None:
        """Return what a value points to as a formula sees it."""
        if to == "department":
            return self.department(id)
        return self.reference(id) if to == "record" else self.user(id)

    def title_of(self, to: Pointed, id: str) -> str | None:
        """Return what people call what a value points to; None where it is gone."""
        if to == "department":
            found = self.moment.directory().find(id)
            return found.title if found else None
        if to == "person":
            person = self.person(id)
            return person.name if person else None
        stored = self.record(id)
        return stored.title if stored else None

    def department(self, id: str | None) -> Reference | None:
        """Return a department as a formula sees it; None where there is none."""
        return department_reference(self.moment, id)

    def directory(self) -> Directory:
        """Return the departments, as the transaction under way has them."""
        return self.reading.directory(self.organisation)

    def note(self, stored: StoredRecord) -> StoredRecord:
        """Remember a record that was just read; return it as this unit of work has it."""
        if stored.id not in self.records:
            self.records[stored.id] = self.as_read[stored.id] = stored
        return self.records[stored.id] or stored

    def replace(self, stored: StoredRecord) -> None:
        """Let formulas see a record as this unit of work has made it."""
        self.records[stored.id] = stored
        fields = self._fields.get(stored.id)
        if fields is not None:
            fields.renew(stored)

    def close(self, id: str) -> None:
        """Let nothing of this unit of work see the record any more: it is as one that does not exist."""
        self.records[id] = None
        self._fields.pop(id, None)

    def live_values(self, stored: StoredRecord) -> Mapping[str, Any]:
        """Return the live fields of a linked record as names, worked out now; empty beyond the deepest chain."""
        if self._depth >= DEEPEST:
            return {}
        self._depth += 1
        try:
            return self._work_out(self.catalog.process_of(stored), stored, self)
        finally:
            self._depth -= 1


def could_be_id(text: str) -> bool:
    """Tell whether a database can be asked for *text*; what it would not even keep is nobody's id."""
    return len(text) <= LONGEST_ID and is_keepable(text)


class PersonFields(Mapping[str, Any]):
    """What formulas may read of a person, looked up when it is read."""

    __slots__ = ("_id", "_linked")

    def __init__(self, id: str, linked: Linked) -> None:
        self._id = id
        self._linked = linked

    def __getitem__(self, key: str) -> Any:
        if key == "id":
            return self._id
        person = self._linked.person(self._id)
        if key == "department":
            return self._linked.department(person.department) if person else None
        return {"name": person.name, "email": person.email}[key] if person else None

    def __iter__(self) -> Iterator[str]:
        return iter(("id", "name", "email", "department"))

    def __len__(self) -> int:
        return 4


class LinkedFields(Mapping[str, Any]):
    """The values of a linked record, each decoded when it is read: hidden and unknown ones are null."""

    __slots__ = ("__weakref__", "_known", "_linked", "_process", "stored")

    def __init__(self, stored: StoredRecord, linked: Linked) -> None:
        self.stored = stored
        self._linked = linked
        self._process = linked.catalog.process_of(stored)
        self._known: dict[str, Any] = {}

    def renew(self, stored: StoredRecord) -> None:
        """Read from *stored* from now on."""
        self.stored = stored
        self._known.clear()

    def __getitem__(self, key: str) -> Any:
        if key not in self._known:
            self._known[key] = self._read(key)
        return self._known[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value; there is one for every key, so *default* is never used."""
        known = self._known
        return known[key] if key in known else self[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._process.form.fields)

    def __len__(self) -> int:
        return len(self._process.form.fields)

    @property
    def _current(self) -> CurrentForm:
        return self._linked.catalog.current(self._process)

    def _read(self, key: str) -> Any:
        if key == "record":
            return record_properties(self.stored, self._linked)
        fields = self._process.form.fields
        if key not in fields:  # a formula of a newer version may read it, which calls the field otherwise
            key = self._current.former.get(key, key)
        field = fields.get(key)
        if field is None or key in self.stored.hidden:
            return None
        stored = self.stored.data.get(key)
        if field.columns:
            lines = stored if isinstance(stored, list) else []
            self._linked.load(links_of_lines(field, lines))
            return [self._read_line(field, line) for line in lines if isinstance(line, dict)]
        if stored is None:
            return (
                self._linked.live_values(self.stored).get(key) if field.live and key not in self.stored.data else None
            )
        return self._named(field, stored)

    def _read_line(self, table: Field, line: Mapping[str, Any]) -> dict[str, Any]:
        hidden = self.stored.hidden
        current = self._current
        cells: dict[str, Any] = {
            key: None if f"{table.key}/{line.get('id')}/{key}" in hidden else self._named(column, line.get(key))
            for key, column in table.columns.items()
        }
        if current.newest is not current.form:
            for key in table.columns:
                cells.setdefault(current.path((table.key, key))[-1], cells[key])
        cells["id"] = line.get("id")
        return cells

    def _named(self, field: Field, stored: Any) -> Any:
        if stored is None:
            return None
        if field.type.points_to is not None:
            return self._linked.pointed(field.type.points_to, stored)
        value = field.type.from_stored(stored, field)
        return field.type.in_formulas(value, self._linked.moment.zone) if field.type.changes_in_formulas else value


def links_of_lines(table: Field, lines: Iterable[Any]) -> Iterator[str]:
    """Yield the ids of the records that stored *lines* of a *table* link to; of a field without columns none."""
    links = [key for key, column in table.columns.items() if column.links_to is not None]
    for line in lines if links else ():
        yield from (line[key] for key in links if isinstance(line, dict) and line.get(key))


def record_properties(stored: StoredRecord, linked: Linked) -> dict[str, Any]:
    """Return what formulas read as `record.number`, `record.owner` and so on."""
    return {
        "id": stored.id,
        "number": stored.number,
        "state": stored.state,
        "title": stored.title,
        "created_at": _clock_time(stored.created_at, linked),
        "created_by": linked.user(stored.created_by),
        "changed_at": _clock_time(stored.changed_at, linked),
        "owner": linked.user(stored.owner) if stored.owner else None,
        "assignee": linked.user(stored.assignee) if stored.assignee else None,
        "department": linked.department(stored.department) if stored.department else None,
    }


def _clock_time(at: datetime, linked: Linked) -> datetime:
    """Return a moment as `now()` gives it: in the workspace's zone, to the second."""
    return at.astimezone(linked.moment.zone).replace(microsecond=0)
