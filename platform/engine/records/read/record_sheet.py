"""What somebody sees of the records of a form, whatever these hold: sections and fields as the newest version has them.

It follows from the form, from what is current for it, from what is readable and from who reads. It is worked out once
for these and kept with what is current; pages hang on it how they draw it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Compiled, Field
from blankett.engine.paths import Path
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.permit import Permit

#: Sheets kept of one form: of people who may read other fields, or read otherwise.
MOST_SHEETS = 32


class SheetField(Compiled):
    """A field wherever it stands, or a column in every line."""

    def __init__(self, of: Field, permit: Permit, reader: Reader) -> None:
        #: As the record's version has it, and as the newest version describes it, with the options of the record's own.
        self.own = of
        self.field = permit.current.with_own_options(of)
        self.reader = reader
        self.title = self.field.title.say(reader.language)
        #: Where a link leads: the full name of a form, empty for anything else.
        self.to = of.links_to or ""
        self.currency = permit.process.currencies.get(of.path)
        #: For the house alone: not printed.
        self.is_internal = permit.process.form.is_internal(self.field)
        #: Of a table: the columns that are readable.
        self.columns = tuple(
            SheetField(column, permit, reader) for column in of.columns.values() if permit.can_read(column.path)
        )


@dataclass(frozen=True)
class SheetSection:
    """A titled group of fields."""

    key: str
    title: str
    fields: tuple[SheetField, ...]


@dataclass(frozen=True)
class RecordSheet:
    """The fields that somebody sees of the records of a form."""

    #: Those in sections, section by section; one of them may be empty.
    sections: tuple[SheetSection, ...]
    #: All, by key.
    fields: Mapping[str, SheetField]


def sheet_of(permit: Permit, reader: Reader) -> RecordSheet:
    """Return the sheet of the records that *permit* is about."""
    known = permit.current.once(_sheets)
    key = (permit.access.readable, reader)
    found = known.get(key)
    if found is None:
        if len(known) >= MOST_SHEETS:
            known.clear()
        found = known[key] = _make_sheet(permit, reader)
    return found


def _sheets(current: CurrentForm) -> dict[tuple[frozenset[Path], Reader], RecordSheet]:
    """Return where the sheets of a form are kept."""
    return {}


def _make_sheet(permit: Permit, reader: Reader) -> RecordSheet:
    own = permit.process.form.fields
    fields = {key: SheetField(of, permit, reader) for key, of in own.items() if permit.can_read(of.path)}
    sections = tuple(
        SheetSection(
            section.key,
            section.title.say(reader.language),
            tuple(fields[key] for key in section.fields if key in fields),
        )
        for section in permit.current.sections()
    )
    return RecordSheet(sections, fields)
