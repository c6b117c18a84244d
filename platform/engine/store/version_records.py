"""What publishing needs of the records: those of one version page by page, and a form's new key.

Functions on an open transaction; which record may move, and what it becomes, is decided by `blankett.engine.publish`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, func, select, type_coerce, update

from blankett.engine.store import tables
from blankett.engine.store.records import COLUMNS, StoredRecord, from_row
from blankett.engine.store.timestamps import write_moment
from blankett.engine.store.transaction import Transaction

#: Records read at once.
PAGE = 200

_r = tables.record.c
_s = tables.slot.c
_u = tables.unique_value.c
_d = tables.blueprint_draft.c
_of_form = (
    _r.organisation == bindparam("in_organisation"),
    _r.form == bindparam("of_form"),
)
_page = select(*COLUMNS).where(*_of_form, _r.id > bindparam("after")).order_by(_r.id).limit(bindparam("most"))
_page_of_state = _page.where(
    _r.version == bindparam("of_version"), _r.state.is_not_distinct_from(bindparam("of_state"))
)
_changed = select(*COLUMNS).where(*_of_form, _r.changed_at >= bindparam("since")).order_by(_r.changed_at, _r.id)
#: The next form in the index of forms: one look for each, however many records there are.
_number = type_coerce(_r.form, Integer)
_next_form = (
    select(_r.form, _number)
    .where(_r.organisation == bindparam("in_organisation"), _number > bindparam("after_number"))
    .order_by(_number)
    .limit(1)
)
_count = select(func.count()).where(*_of_form)
_rename_records = update(tables.record).where(*_of_form)
_rename_slots = update(tables.slot).where(
    _s.organisation == bindparam("in_organisation"),
    _s.form == bindparam("of_form"),
)
_rename_unique = update(tables.unique_value).where(
    _u.organisation == bindparam("in_organisation"), _u.form == bindparam("of_form")
)
_drop_draft = delete(tables.blueprint_draft).where(
    _d.organisation == bindparam("in_organisation"),
    _d.blueprint == bindparam("of_blueprint"),
    _d.revision == bindparam("expected"),
)


def page_of(
    reading: Transaction, organisation: str, blueprint: str, form: str, after: str = "", most: int = PAGE
) -> list[StoredRecord]:
    """Return at most *most* records of a form, of any version, behind the id *after*, by id."""
    bound = {"in_organisation": organisation, "of_form": f"{blueprint}.{form}", "after": after, "most": most}
    return [from_row(row) for row in reading.rows(_page, bound)]


def page_in_state(
    reading: Transaction,
    organisation: str,
    blueprint: str,
    form: str,
    version: int,
    state: str | None,
    after: str = "",
    most: int = PAGE,
) -> list[StoredRecord]:
    """Return at most *most* records of one version of a form that are in *state*, behind the id *after*, by id."""
    bound = {"in_organisation": organisation, "of_form": f"{blueprint}.{form}", "after": after, "most": most}
    rows = reading.rows(_page_of_state, {**bound, "of_version": version, "of_state": state})
    return [from_row(row) for row in rows]


def records_in_state(
    reading: Transaction, organisation: str, blueprint: str, form: str, version: int, state: str | None
) -> Iterator[StoredRecord]:
    """Yield the records of one version of a form in *state*, read a page at a time: they may be written meanwhile."""
    after = ""
    while page := page_in_state(reading, organisation, blueprint, form, version, state, after):
        yield from page
        after = page[-1].id


def forms_with_records(reading: Transaction, organisation: str) -> list[tuple[str, str]]:
    """Return the (blueprint, form) that records of the organisation are of."""
    found: list[tuple[str, str]] = []
    after = 0
    while (row := reading.first(_next_form, {"in_organisation": organisation, "after_number": after})) is not None:
        blueprint, _, form = row[0].partition(".")
        found.append((blueprint, form))
        after = row[1]
    return sorted(found)


def records_changed_since(
    reading: Transaction, organisation: str, blueprint: str, form: str, since: datetime
) -> list[StoredRecord]:
    """Return the records of a form that were made or changed at *since* or later."""
    bound = {"in_organisation": organisation, "of_form": f"{blueprint}.{form}", "since": write_moment(since)}
    return [from_row(row) for row in reading.rows(_changed, bound)]


def record_count(reading: Transaction, organisation: str, blueprint: str, form: str) -> int:
    """Return how many records a form has, of all versions."""
    row = reading.first(_count, {"in_organisation": organisation, "of_form": f"{blueprint}.{form}"})
    return int(row[0]) if row else 0


def rename_form(writing: Transaction, organisation: str, blueprint: str, old: str, new: str) -> None:
    """Give the records, slots and unique values of the form *old* the key *new*. The caller moves every record too."""
    bound = {"in_organisation": organisation, "of_form": f"{blueprint}.{old}", "form": f"{blueprint}.{new}"}
    for renaming in (_rename_records, _rename_slots, _rename_unique):
        writing.do("form.rename", renaming, bound)


def drop_draft(writing: Transaction, organisation: str, blueprint: str, expected_revision: int) -> bool:
    """Throw an unpublished text away; tell whether it had the expected revision. False removed nothing."""
    bound = {"in_organisation": organisation, "of_blueprint": blueprint, "expected": expected_revision}
    return writing.do("draft.delete", _drop_draft, bound) == 1
