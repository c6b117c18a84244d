"""Values of `unique` fields, under a real unique index.

A value belongs to the record that came first. What counts as equal is the caller's: it passes texts.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

from sqlalchemy import bindparam, delete, select
from sqlalchemy.sql.base import Executable

from blankett.engine.fields.base import Json
from blankett.engine.language.model import Form
from blankett.engine.store import tables
from blankett.engine.store.transaction import Transaction, insert_into

#: Before the key of fields that are unique together; no field begins so.
SET = "="
#: Texts longer than this are kept by their hash: an index has a longest key.
LONGEST = 400

_u = tables.unique_value.c
_place = (
    _u.organisation == bindparam("organisation"),
    _u.form == bindparam("form"),
    _u.path == bindparam("path"),
    _u.value == bindparam("value"),
)
_holder = select(_u.record).where(*_place)
_remove = delete(tables.unique_value).where(*_place, _u.record == bindparam("record"))


@cache
def _insert(dialect: str) -> Executable:
    return insert_into(dialect, tables.unique_value).on_conflict_do_nothing()


@dataclass(frozen=True)
class UniqueConflict:
    """A value that another record already has."""

    path: str
    value: str
    #: The id of the other record.
    record: str


class UniqueReading(Transaction):
    """Looks up who has a unique value."""

    def unique_taken(self, organisation: str, form: str, path: str, value: str, but: str | None = None) -> str | None:
        """Return the id of the record of *form* ("blueprint.form") that has *value*, unless it is *but*."""
        row = self.first(_holder, _bound(organisation, form, path, value))
        return None if row is None or row[0] == but else str(row[0])


class UniqueWriting(UniqueReading):
    """Takes and gives back unique values."""

    def put_unique(
        self, organisation: str, form: str, record: str, now: Mapping[str, str], before: Mapping[str, str] | None = None
    ) -> tuple[UniqueConflict, ...]:
        """Take the values *now* (path → value) for *record* of *form* ("blueprint.form") and give back those of
        *before*.

        A value another record has is not taken but returned as a conflict; the caller then gives the transaction up.
        """
        old = before or {}
        for path in [path for path in old if now.get(path) != old[path]]:
            bound = _bound(organisation, form, path, old[path])
            self.do("unique.delete", _remove, {**bound, "record": record})
        wanted = [(path, value) for path, value in now.items() if old.get(path) != value]
        return tuple(
            conflict
            for path, value in wanted
            if (conflict := self._take(organisation, form, record, path, value)) is not None
        )

    def _take(self, organisation: str, form: str, record: str, path: str, value: str) -> UniqueConflict | None:
        bound = _bound(organisation, form, path, value)
        if self.do("unique.insert", _insert(self.dialect), {**bound, "record": record}) == 1:
            return None
        holder = self.unique_taken(organisation, form, path, value, but=record)
        return None if holder is None else UniqueConflict(path, value, holder)


def unique_values(form: Form, data: Mapping[str, Json], hidden: Collection[str] = frozenset()) -> dict[str, str]:
    """Return path → what must be unique of *data*: of fields, and of those that are so together (`set_path`). Texts are
    as `unique_text` has them, others as they are stored.

    What is *hidden* holds no place: nobody could find the record that keeps others from it. Nor do several fields of
    which one is empty.
    """
    held = {
        key: unique_text(value) if isinstance(value, str) else str(value)
        for key in {*(of.key for of in form.fields.values() if of.unique), *chain(*form.unique.values())}
        if key not in hidden and (value := data.get(key)) is not None
    }
    found = {of.key: held[of.key] for of in form.fields.values() if of.unique and of.key in held}
    for key, fields in form.unique.items():
        if all(field in held for field in fields):
            found[set_path(key)] = json.dumps([held[field] for field in fields], ensure_ascii=False)
    return found


def set_path(key: str) -> str:
    """Return the path of what is unique together under *key*; no field has it."""
    return f"{SET}{key}"


def unique_paths(form: Form) -> tuple[str, ...]:
    """Return the paths of all that is unique in a form."""
    return (*(of.key for of in form.fields.values() if of.unique), *map(set_path, form.unique))


def unique_fields(form: Form, path: str) -> tuple[str, ...]:
    """Return the fields whose values are kept under a path: the field itself, or those of a set."""
    return form.unique.get(path.removeprefix(SET), ()) if path.startswith(SET) else (path,)


def unique_text(text: str) -> str:
    """Return what is the same for texts that nobody can tell apart: without case, width, and characters that are not
    seen, with single spaces. Accents tell apart.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    seen = plain if plain.isascii() else "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return " ".join(seen.split())


def unique_key(value: str) -> str:
    """Return the text under which a unique value is kept."""
    if len(value) <= LONGEST:
        return value
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def _bound(organisation: str, form: str, path: str, value: str) -> dict[str, object]:
    return {"organisation": organisation, "form": form, "path": path, "value": unique_key(value)}
