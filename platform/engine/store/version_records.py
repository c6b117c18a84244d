"""What publishing needs of the records: those of one version page by page.

Functions on an open transaction, which call a form by the key that its records are kept under; which record may move,
and what it becomes, is decided by `blankett.engine.publish`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, select, tuple_, type_coerce

from blankett.engine.store import tables
from blankett.engine.store.records import COLUMNS, StoredRecord, from_row
from blankett.engine.store.timestamps import write_moment
from blankett.engine.store.transaction import Transaction

#: Records read at once.
PAGE = 200

_r = tables.record.c
_d = tables.blueprint_draft.c
_of_form = (
    _r.organisation == bindparam("in_organisation"),
    _r.form == bindparam("of_form"),
)
_page = select(*COLUMNS).where(*_of_form, _r.id > bindparam("after")).order_by(_r.id).limit(bindparam("most"))
_behind = tuple_(_r.changed_at, _r.id) > tuple_(bindparam("since"), bindparam("after"))
_page_by_change = select(*COLUMNS).where(*_of_form, _behind).order_by(_r.changed_at, _r.id).limit(bindparam("most"))
#: Through the index of what waits: one look, however many records of the form have other states and versions.
_page_of_version = _page_by_change.where(_r.version == bindparam("of_version"))
_page_in_state = _page_of_version.where(_r.state == bindparam("of_state"))
_page_in_no_state = _page_of_version.where(_r.state.is_(None))
#: The next form in the index of forms: one look for each, however many records there are.
_number = type_coerce(_r.form, Integer)
_next_form = (
    select(_r.form, _number)
    .where(_r.organisation == bindparam("in_organisation"), _number > bindparam("after_number"))
    .order_by(_number)
    .limit(1)
)
_any = select(_r.id).where(*_of_form).limit(1)
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


@dataclass(frozen=True)
class ChangeCursor:
    """A place in the order in which records were last changed: behind it come later changes, or later ids."""

    at: str = ""
    id: str = ""

    @classmethod
    def behind(cls, record: StoredRecord) -> ChangeCursor:
        """Return the place behind *record*."""
        return cls(write_moment(record.changed_at), record.id)

    @classmethod
    def since(cls, moment: datetime) -> ChangeCursor:
        """Return the place before everything that was changed at *moment* or later."""
        return cls(write_moment(moment))


def page_in_state(
    reading: Transaction,
    organisation: str,
    blueprint: str,
    form: str,
    version: int,
    state: str | None,
    after: ChangeCursor,
    most: int = PAGE,
) -> list[StoredRecord]:
    """Return at most *most* records of one version of a form that are in *state*, the longest unchanged first."""
    bound = _by_change(organisation, blueprint, form, after, most)
    if state is None:
        rows = reading.rows(_page_in_no_state, {**bound, "of_version": version})
    else:
        rows = reading.rows(_page_in_state, {**bound, "of_version": version, "of_state": state})
    return [from_row(row) for row in rows]


def records_in_state(
    reading: Transaction, organisation: str, blueprint: str, form: str, version: int, state: str | None
) -> Iterator[StoredRecord]:
    """Yield the records of one version of a form in *state*, read a page at a time: they may be written meanwhile."""
    after = ChangeCursor()
    while page := page_in_state(reading, organisation, blueprint, form, version, state, after):
        yield from page
        after = ChangeCursor.behind(page[-1])


def page_by_change(
    reading: Transaction, organisation: str, blueprint: str, form: str, after: ChangeCursor, most: int = PAGE
) -> list[StoredRecord]:
    """Return at most *most* records of a form, of any version, that were made or changed behind *after*."""
    rows = reading.rows(_page_by_change, _by_change(organisation, blueprint, form, after, most))
    return [from_row(row) for row in rows]


def _by_change(organisation: str, blueprint: str, form: str, after: ChangeCursor, most: int) -> dict[str, object]:
    bound = {"in_organisation": organisation, "of_form": f"{blueprint}.{form}", "most": most}
    return {**bound, "since": after.at, "after": after.id}


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
) -> Iterator[StoredRecord]:
    """Yield the records of a form that were made or changed at *since* or later."""
    after = ChangeCursor.since(since)
    while page := page_by_change(reading, organisation, blueprint, form, after):
        yield from page
        after = ChangeCursor.behind(page[-1])


def has_records(reading: Transaction, organisation: str, blueprint: str, form: str) -> bool:
    """Tell whether a form has records, of any version."""
    return reading.first(_any, {"in_organisation": organisation, "of_form": f"{blueprint}.{form}"}) is not None


def drop_draft(writing: Transaction, organisation: str, blueprint: str, expected_revision: int) -> bool:
    """Throw an unpublished text away; tell whether it had the expected revision. False removed nothing."""
    bound = {"in_organisation": organisation, "of_blueprint": blueprint, "expected": expected_revision}
    return writing.do("draft.delete", _drop_draft, bound) == 1
