"""Records: reading one or many, inserting, updating with a check of the revision.

Knows nothing of fields; the slots of a row come from `slots`, what points where from `link_index`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, delete, insert, select, update

from blankett.engine.fields.base import Json
from blankett.engine.store import tables
from blankett.engine.store.collation import Collation, collation_of
from blankett.engine.store.json_text import NO_NAMES, LazyJson, data_text, read_names, write_names
from blankett.engine.store.search import SearchWriting, search_text
from blankett.engine.store.slots import FilledSlots
from blankett.engine.store.timestamps import read_moment, write_moment
from blankett.engine.store.transaction import Row, Transaction, pieces

#: Slot → value, as `slots.slot_row` gives it: ``{"t1": "ACME", "n1": 12_500_000}``.
SlotRow = Mapping[str, str | int | None]
NO_SLOTS: SlotRow = {}


@dataclass(frozen=True, kw_only=True)
class StoredRecord:
    """A record as it is kept."""

    organisation: str
    id: str
    workspace: str
    blueprint: str
    #: The number of the version its process is pinned to.
    version: int
    #: The key that the records of its form are kept under: the one it had first, also when it has another one now.
    form: str
    number: str | None = None
    #: None for a form without states.
    state: str | None = None
    title: str = ""
    revision: int = 1
    #: User ids.
    owner: str | None = None
    assignee: str | None = None
    department: str | None = None
    #: UTC, aware.
    created_at: datetime
    created_by: str
    changed_at: datetime

    #: "field" or "table/line id/column": what is not visible, and what still holds what was filled.
    hidden: frozenset[str] = NO_NAMES
    filled: frozenset[str] = NO_NAMES
    #: Field → stored value; a table is a list of lines, each with its "id".
    data: Mapping[str, Json] = field(default_factory=dict)
    #: Where the number was drawn: the counter's name and its value.
    series: str | None = None
    serial: int | None = None

    @property
    def form_name(self) -> str:
        """Return the full name that the records of its form are kept under: ``order_management.order``."""
        return f"{self.blueprint}.{self.form}"


_r = tables.record.c
#: The columns of a StoredRecord, in the order `from_row` reads them.
COLUMNS = (
    _r.organisation, _r.id, _r.workspace, _r.form, _r.version, _r.number, _r.state, _r.title, _r.revision,
    _r.owner, _r.assignee, _r.department, _r.created_at, _r.created_by, _r.changed_at,
    _r.hidden, _r.filled, _r.data, _r.series, _r.serial,
)  # fmt: skip
WIDTH = len(COLUMNS)

_here = _r.organisation == bindparam("organisation")
_one = select(*COLUMNS).where(_here, _r.id == bindparam("id"))
_many = select(*COLUMNS).where(_here, _r.id.in_(bindparam("ids", expanding=True)))
_revisions = select(_r.id, _r.revision).where(_here, _r.id.in_(bindparam("ids", expanding=True)))
#: In the order of the ids, so that two writers never wait for each other in a circle. Who only points there goes on.
_locked = _revisions.order_by(_r.id).with_for_update(key_share=True)
_kept = select(_r.id).where(_here, _r.id.in_(bindparam("ids", expanding=True))).order_by(_r.id)
_kept = _kept.with_for_update(read=True, key_share=True)
_titles = select(_r.id, _r.title).where(_here, _r.id.in_(bindparam("ids", expanding=True)))
_collation = select(tables.organisation.c.sort_language).where(
    tables.organisation.c.organisation == bindparam("organisation")
)
_insert = insert(tables.record)
# A bind of a column's own name would be taken for a value to set.
_this = (_r.organisation == bindparam("in_organisation"), _r.id == bindparam("this"))
_update = update(tables.record).where(*_this, _r.revision == bindparam("expected"))
_renew = update(tables.record).where(*_this)
_delete = delete(tables.record).where(*_this)


def from_row(row: Row) -> StoredRecord:
    """Return the record of a row that begins with COLUMNS."""
    # A frozen dataclass sets each field by itself, which costs more than all that is read here.
    record = object.__new__(StoredRecord)
    values = record.__dict__
    (
        values["organisation"], values["id"], values["workspace"], form, values["version"], values["number"],
        values["state"], values["title"], values["revision"], values["owner"], values["assignee"],
        values["department"], created_at, values["created_by"], changed_at,
        hidden, filled, data, values["series"], values["serial"],
    ) = row[:WIDTH]  # fmt: skip
    values["blueprint"], _, values["form"] = form.partition(".")
    values["created_at"], values["changed_at"] = read_moment(created_at), read_moment(changed_at)
    values["hidden"], values["filled"], values["data"] = read_names(hidden), read_names(filled), LazyJson(data)
    return record


def to_row(record: StoredRecord, slots: SlotRow, collation: Collation) -> dict[str, object]:
    """Return the column values of *record* with its *slots*, sorted by *collation*."""
    return {
        "organisation": record.organisation,
        "id": record.id,
        "workspace": record.workspace,
        "form": record.form_name,
        "version": record.version,
        "number": record.number,
        "series": record.series,
        "serial": record.serial,
        "state": record.state,
        "title": record.title,
        "revision": record.revision,
        "owner": record.owner,
        "assignee": record.assignee,
        "department": record.department,
        "created_at": write_moment(record.created_at),
        "created_by": record.created_by,
        "changed_at": write_moment(record.changed_at),
        "hidden": write_names(record.hidden),
        "filled": write_names(record.filled),
        "data": data_text(record.data),
        **_found_and_sorted(record, slots, collation),
    }


def _found_and_sorted(record: StoredRecord, slots: SlotRow, collation: Collation) -> dict[str, object]:
    """Return what a record is sorted, filtered and found by."""
    row: dict[str, object] = dict(slots)
    texts = slots.texts if isinstance(slots, FilledSlots) else {}
    for slot in slots:
        if slot in tables.KEY_OF_SLOT:
            row[tables.KEY_OF_SLOT[slot]] = collation.key(texts[slot]) if slot in texts else None
    row["number_key"] = None if record.number is None else collation.key(record.number)
    row["title_key"] = collation.key(record.title)
    spellings = slots.spellings if isinstance(slots, FilledSlots) else {}
    found_by = {slot: f"{text} {spellings[slot]}" if slot in spellings else text for slot, text in texts.items()}
    row["search"] = search_text(record.number, record.title, found_by)
    return row


#: Columns of what may become of a record whose values stay.
MOVED = ("workspace", "state", "revision", "owner", "assignee", "department")

#: Columns that an update leaves alone: they are the record's identity.
FIXED = ("organisation", "id", "form", "created_at", "created_by")


@lru_cache(maxsize=256)
def _moving(slots: Sequence[str]) -> Update:
    """Return the update of a record whose *slots* hold the titles that it is told."""
    return _update.where(*(_r[slot].is_not_distinct_from(bindparam(_copied(slot))) for slot in slots))


def _copied(slot: str) -> str:
    return f"copied_{slot}"


class RecordReading(Transaction):
    """Reads records by id. Asks nobody whether the reader may: that is the engine's."""

    def record(self, organisation: str, id: str) -> StoredRecord | None:
        """Return the record, or None when there is none with that id."""
        row = self.first(_one, {"organisation": organisation, "id": id})
        return None if row is None else from_row(row)

    def records(self, organisation: str, ids: Iterable[str]) -> dict[str, StoredRecord]:
        """Return the records of *ids* by id; those that do not exist are left out. One statement for 500."""
        rows = self._by_ids(_many, organisation, ids)
        return {row[1]: from_row(row) for row in rows}

    def revisions(self, organisation: str, ids: Iterable[str]) -> dict[str, int]:
        """Return the revisions of the records that exist, by id."""
        return {row[0]: row[1] for row in self._by_ids(_revisions, organisation, ids)}

    def titles(self, organisation: str, ids: Iterable[str]) -> dict[str, str]:
        """Return the titles of the records that exist, by id."""
        return {row[0]: row[1] for row in self._by_ids(_titles, organisation, ids)}

    def _by_ids(self, statement: Any, organisation: str, ids: Iterable[str]) -> list[Row]:
        wanted = sorted(set(ids))
        return [
            row
            for piece in pieces(wanted)
            for row in self.rows(statement, {"organisation": organisation, "ids": piece})
        ]


def collation_in(reading: Transaction, organisation: str) -> Collation:
    """Return how an organisation sorts, asked once in a transaction."""
    known = reading.collations
    if organisation not in known:
        row = reading.first(_collation, {"organisation": organisation})
        known[organisation] = collation_of(row[0] if row else "")
    return known[organisation]


class RecordWriting(RecordReading, SearchWriting):
    """Writes record rows."""

    def lock_records(self, organisation: str, ids: Iterable[str]) -> dict[str, int]:
        """Return the revisions by id, and let no other writer at these records until this transaction ends."""
        return {row[0]: row[1] for row in self._by_ids(_locked, organisation, ids)}

    def keep_records(self, organisation: str, ids: Iterable[str]) -> bool:
        """Let nobody take these records away until this transaction ends; False where one of them is gone.

        SQLite has one writer at a time, who has looked for them under the lock.
        """
        wanted = set(ids)
        return self.dialect == "sqlite" or len(self._by_ids(_kept, organisation, wanted)) == len(wanted)

    def collation(self, organisation: str) -> Collation:
        """Return how the organisation sorts, asked once in a transaction."""
        return collation_in(self, organisation)

    def insert_record(self, record: StoredRecord, slots: SlotRow = NO_SLOTS) -> None:
        """Insert a new record."""
        self.insert_records([(record, slots)])

    def insert_records(self, records: Sequence[tuple[StoredRecord, SlotRow]]) -> None:
        """Insert many new records of one form at once; their slot rows must name the same slots."""
        if records:
            rows = [to_row(record, slots, self.collation(record.organisation)) for record, slots in records]
            self.do("record.insert", _insert, rows)
            first = records[0][0]
            self.put_entries(first.organisation, first.form_name, {str(row["id"]): str(row["search"]) for row in rows})

    def update_record(self, record: StoredRecord, slots: SlotRow, expected_revision: int) -> bool:
        """Write *record* over the one with its id; tell whether that one had the expected revision. False wrote
        nothing.
        """
        values = to_row(record, slots, self.collation(record.organisation))
        for name in FIXED:
            del values[name]
        values.update(in_organisation=record.organisation, this=record.id, expected=expected_revision)
        before = self.index_entry(record.organisation, record.id)
        if self.do("record.update", _update, values) != 1:
            return False
        self.put_entry(record.organisation, record.id, record.form_name, str(values["search"]), before)
        return True

    def move_record(self, record: StoredRecord, titles: Mapping[str, str | None], expected_revision: int) -> bool:
        """Write what does not follow from a record's values over the one with its id, as `update_record` does: its
        values, title and number, and all that these are found and sorted by, are as they were.

        *titles*: slot → title of a linked record. False as well where the row holds others: they are to be copied.
        """
        values = {name: getattr(record, name) for name in MOVED}
        values.update(
            changed_at=write_moment(record.changed_at), in_organisation=record.organisation, this=record.id,
            expected=expected_revision, **{_copied(slot): title for slot, title in titles.items()},
        )  # fmt: skip
        return self.do("record.update", _moving(tuple(titles)), values) == 1

    def renew_slots(self, record: StoredRecord, slots: SlotRow) -> None:
        """Write the title, search text and slots of *record* anew without raising its revision; data is left alone."""
        values = {**_found_and_sorted(record, slots, self.collation(record.organisation)), "title": record.title}
        values.update(in_organisation=record.organisation, this=record.id)
        before = self.index_entry(record.organisation, record.id)
        self.do("record.renew", _renew, values)
        self.put_entry(record.organisation, record.id, record.form_name, str(values["search"]), before)

    def delete_record(self, organisation: str, id: str) -> bool:
        """Take a record's row away; False: there is none. Its edges, unique values and history are the caller's."""
        self.drop_entry(organisation, id)
        return self.do("record.delete", _delete, {"in_organisation": organisation, "this": id}) == 1
