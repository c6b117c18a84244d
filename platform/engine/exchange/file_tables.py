"""What a file of another program holds: tables, those that cannot be taken in, and sheets that one must ask about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from blankett.engine.exchange.plain_sheet import ColumnAnswer, PlainSheet, SheetAnswers
from blankett.engine.exchange.table_sheet import Sheet
from blankett.engine.fields.base import Fault


@dataclass(frozen=True)
class RefusedTable:
    """A table of a file that is not taken in."""

    #: The key it would have.
    key: str
    #: As the file calls it.
    name: str
    #: Why.
    fault: Fault


@dataclass(frozen=True)
class FileTables:
    """What a file of another program holds."""

    sheets: tuple[Sheet, ...] = ()
    refused: tuple[RefusedTable, ...] = ()
    #: What else stands in the file and is passed over.
    remarks: tuple[Fault, ...] = ()
    #: Sheets of a workbook that were not made for us: what their columns are must be said first.
    plain: tuple[PlainSheet, ...] = ()

    def only(self, names: Collection[str]) -> FileTables:
        """Return the file without those of its plain sheets that are not named, which are passed over."""
        left = [Fault("exchange.sheet_left", {"sheet": each.name}) for each in self.plain if each.name not in names]
        plain = tuple(each for each in self.plain if each.name in names)
        return replace(self, plain=plain, remarks=(*self.remarks, *left))

    def answered(self, answers: Mapping[str, SheetAnswers]) -> FileTables:
        """Return the file with its plain sheets as tables. *answers*: {sheet: what it is}; others as guessed."""
        found = list(self.sheets)
        refused = list(self.refused)
        for plain in self.plain:
            said = answers.get(plain.name) or plain.guessed()
            sheet = plain.sheet(said)
            if isinstance(sheet, Fault):
                refused.append(RefusedTable(said.key, plain.name, sheet))
            else:
                found.append(sheet)
        return replace(self, sheets=tuple(found), refused=tuple(refused), plain=())

    def guessed(self, said: Mapping[str, ColumnAnswer], hit: str = "") -> dict[str, SheetAnswers]:
        """Return what the plain sheets are: as guessed, but for the columns of *said*, {heading: what it is}."""
        wanted = {heading.casefold(): answer for heading, answer in said.items()}
        found = {}
        for plain in self.plain:
            answers = plain.guessed()
            columns = []
            for at, guess in zip(plain.places, answers.columns, strict=True):
                mine = wanted.get(plain.heading(at).casefold())
                columns.append(guess if mine is None else replace(guess, role=mine.role, type=mine.type or guess.type))
            found[plain.name] = replace(answers, columns=tuple(columns), hit=hit or answers.hit)
        return found
