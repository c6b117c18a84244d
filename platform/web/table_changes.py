"""What a file changes of a decision table, as its page shows it: row by row, with problems at their cell or line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from blankett.engine.blueprint.model import Table
from blankett.engine.fields.base import Fault
from blankett.engine.problems import Problem
from blankett.engine.rules.comparing import RowChange, TextChange
from blankett.engine.rules.importing import Import, origin_of
from blankett.engine.rules.sheet import CellReading
from blankett.web.identity import current_language
from blankett.web.templating import t

#: So many changes and problems are shown.
MOST_SHOWN = 200
#: {kind of change of a row: (tone, icon)}
LOOKS = {
    "added": ("good", "plus"),
    "removed": ("bad", "minus"),
    "changed": ("ink", "pencil"),
    "moved": ("", "arrows-exchange"),
}


@dataclass(frozen=True)
class ShownCell:
    """A cell of a row of the preview: what stood there, where that is different, and what will."""

    before: str
    after: str
    is_changed: bool


@dataclass(frozen=True)
class ShownChange:
    """What becomes of a row."""

    kind: str
    words: str
    tone: str
    icon: str
    number: int
    key: str
    #: In the order of the columns, then the note.
    cells: tuple[ShownCell, ...]
    #: The key it had, where that changes.
    old_key: str


@dataclass(frozen=True)
class ShownFault:
    """A problem of the text that the file brings."""

    is_error: bool
    #: Where in the file; empty where that is not known.
    where: str
    words: str
    suggestion: str


@dataclass(frozen=True)
class ShownImport:
    """One table of a file."""

    key: str
    title: str
    is_new: bool
    is_change: bool
    #: How many rows the table has then.
    count: int
    #: Titles of the columns, inputs first, then that of the note.
    columns: tuple[str, ...]
    #: What changes above the rows: (what, before, after).
    head: tuple[TextChange, ...]
    rows: tuple[ShownChange, ...]
    #: How many changes are not shown.
    more: int
    #: ``2 rows added``, ``1 row changed``
    counts: tuple[str, ...]
    remarks: tuple[str, ...]
    #: Cells of a spreadsheet that are read otherwise than they look.
    readings: tuple[CellReading, ...]
    problems: tuple[ShownFault, ...]
    #: The key it has in the file, where it may get another one here.
    file_key: str = ""

    @property
    def errors(self) -> int:
        """Return how many of the problems are errors."""
        return sum(problem.is_error for problem in self.problems)


def shown_import(done: Import, problems: Iterable[Problem], table: Table | None) -> ShownImport:
    """Return one table of a file, in words of the page's language.

    *problems*: those of the whole text. *table*: the table as it would be, as far as it can be read.
    """
    columns = [column.key for column in done.sheet.columns]
    rows = [_change(change, columns) for change in done.rows] if not done.is_new else list(_new_rows(done))
    return ShownImport(
        key=done.key,
        title=table.title.say(current_language()) if table is not None else done.key,
        is_new=done.is_new,
        is_change=done.is_change,
        count=len(done.sheet.rows),
        columns=(*_titles(done, table), t("table.note")),
        head=done.head,
        rows=tuple(rows[:MOST_SHOWN]),
        more=max(0, len(rows) - MOST_SHOWN),
        counts=tuple(_counts(done)),
        remarks=tuple(_words(remark) for remark in done.remarks),
        readings=done.sheet.readings,
        problems=tuple(_faults(done, problems))[:MOST_SHOWN],
    )


def _titles(done: Import, table: Table | None) -> list[str]:
    """Return what people call the columns."""
    known = {**table.inputs, **table.outputs} if table is not None else {}
    keys = [column.key for column in done.sheet.columns]
    return [known[key].title.say(current_language()) if key in known else key for key in keys]


def _counts(done: Import) -> Iterator[str]:
    messages = {
        "added": "exchange_page.added",
        "removed": "exchange_page.removed",
        "changed": "exchange_page.changed",
        "moved": "exchange_page.moved",
    }
    yield from (t(message, count=count) for kind, message in messages.items() if (count := done.count(kind)))


def _new_rows(done: Import) -> Iterator[ShownChange]:
    columns = [column.key for column in done.sheet.columns]
    for number, row in enumerate(done.sheet.rows, 1):
        yield _change(RowChange("added", number, row.key, row), columns)


def _change(change: RowChange, columns: Sequence[str]) -> ShownChange:
    differs = {cell.name: cell.before for cell in change.cells}
    texts = zip((*columns, "note"), (*change.row.texts, change.row.note or ""), strict=True)
    tone, icon = LOOKS[change.kind]
    return ShownChange(
        kind=change.kind,
        words=t(f"change.{change.kind}"),
        tone=tone,
        icon=icon,
        number=change.number,
        key=change.row.key or "",
        cells=tuple(ShownCell(differs.get(name, ""), text, name in differs) for name, text in texts),
        old_key=differs.get("key", ""),
    )


def _faults(done: Import, problems: Iterable[Problem]) -> Iterator[ShownFault]:
    """Yield the errors of the text, and the warnings of the table's rows, errors first."""
    for problem in sorted(problems, key=lambda problem: not problem.is_error):
        origin = origin_of(problem.place.path, done)
        is_of_rows = origin is not None and problem.place.path[2:3] == ("rows",)
        if origin is not None and (problem.is_error or is_of_rows):
            words = problem.message[:1].upper() + problem.message[1:]
            yield ShownFault(problem.is_error, _words(origin.words), words, problem.suggestion or "")


def _words(fault: Fault) -> str:
    return t(fault.message, **fault.params)


def is_sound(problems: Iterable[Problem], table: str) -> bool:
    """Tell whether a table has no errors, so that it can decide and be taken out."""
    return not any(each.is_error and each.place.path[:2] == ("tables", table) for each in problems)
