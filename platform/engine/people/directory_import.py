"""A file of departments, posts and members, as CSV or YAML, brought into an organisation: all of it or nothing.

YAML has `departments`, `posts` and `people`, each a map of keys to what belongs to them; a CSV file is of one of these,
told by its first column: `department`, `post` or `person`. What a file does not name stays as it is. People are named
by their e-mail address.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from blankett.engine.departments import Department, DirectoryFault
from blankett.engine.language.problems import Problem, Report
from blankett.engine.language.source import List, Map, Scalar, Tree
from blankett.engine.language.yaml_reader import read_source
from blankett.engine.people.department_changes import DepartmentChanges, WantedDepartment, WantedPost
from blankett.engine.store import email_key

RowKind = Literal["department", "post", "person"]
#: What a row of each kind may say, after its key.
COLUMNS: Mapping[RowKind, tuple[str, ...]] = {
    "department": ("title", "parent", "head", "deputy"),
    "post": ("title", "department", "holder", "authority"),
    "person": ("department", "also"),
}
#: The part of a YAML file that has the rows of each kind.
PARTS: Mapping[str, RowKind] = {"departments": "department", "posts": "post", "people": "person"}
#: A file has no more rows.
MOST_ROWS = 20_000


@dataclass(frozen=True)
class DirectoryRow:
    """A department, a post or a person of a file."""

    kind: RowKind
    #: Counted from 1.
    line: int
    key: str
    texts: Mapping[str, str]


@dataclass(frozen=True)
class RowFault:
    """What is wrong with a line of a file."""

    line: int
    fault: DirectoryFault


@dataclass(frozen=True)
class ImportCounts:
    """What an import did."""

    departments: int = 0
    posts: int = 0
    people: int = 0
    unchanged: int = 0


def read_directory(text: str, *, is_yaml: bool) -> list[DirectoryRow] | list[RowFault]:
    """Return the rows of a file, or all that is wrong with how it is written."""
    found: list[DirectoryRow] = []
    faults: list[RowFault] = []
    for row in _yaml_rows(text) if is_yaml else _csv_rows(text.removeprefix("\ufeff")):
        if isinstance(row, RowFault):
            faults.append(row)
        elif len(found) < MOST_ROWS:
            found.append(row)
        else:
            return [RowFault(row.line, DirectoryFault("", "directory.too_many", {"most": MOST_ROWS}))]
    if not found and not faults:
        faults.append(RowFault(1, DirectoryFault("", "directory.empty")))
    return faults or found


def _csv_rows(text: str) -> Iterator[DirectoryRow | RowFault]:
    dialect = "excel" if text.partition("\n")[0].count(",") >= text.partition("\n")[0].count(";") else None
    rows = csv.reader(io.StringIO(text, newline=""), delimiter="," if dialect else ";")
    try:
        head = [name.strip().casefold() for name in next(rows, [])]
        kind = next((each for each in COLUMNS if head[:1] == [each]), None)
        if kind is None:
            yield RowFault(1, DirectoryFault("", "directory.kind_unknown", {"kinds": tuple(COLUMNS)}))
            return
        unknown = [name for name in head[1:] if name not in COLUMNS[kind]]
        if unknown:
            yield RowFault(1, _unknown(unknown[0], COLUMNS[kind]))
            return
        for cells in rows:
            if any(cell.strip() for cell in cells):
                texts = {name: cell.strip() for name, cell in zip(head, cells, strict=False)}
                yield DirectoryRow(kind, rows.line_num, texts.pop(kind), texts)
    except csv.Error as error:
        yield RowFault(rows.line_num, DirectoryFault("", "directory.unreadable", {"reason": str(error)}))


def _yaml_rows(text: str) -> Iterator[DirectoryRow | RowFault]:
    report = Report()
    _, tree = read_source(text, "departments.yaml", report)
    if report.problems:
        yield from map(_told, report.problems)
        return
    if not isinstance(tree, Map):
        yield RowFault(1, DirectoryFault("", "directory.not_a_map", {"parts": tuple(PARTS)}))
        return
    for part, entry in tree.entries.items():
        kind = PARTS.get(part)
        if kind is None or not isinstance(entry.value, Map):
            yield RowFault(entry.key.place.line, _unknown(part, tuple(PARTS)))
            continue
        for key, item in entry.value.entries.items():
            yield from _yaml_row(kind, item.key.place.line, key, item.value)


def _yaml_row(kind: RowKind, line: int, key: str, value: Tree) -> Iterator[DirectoryRow | RowFault]:
    if not isinstance(value, Map):
        yield RowFault(line, DirectoryFault("", "directory.not_a_map", {"parts": COLUMNS[kind]}))
        return
    texts: dict[str, str] = {}
    for name, entry in value.entries.items():
        if name not in COLUMNS[kind]:
            yield RowFault(entry.key.place.line, _unknown(name, COLUMNS[kind]))
            return
        items = entry.value.items if isinstance(entry.value, List) else (entry.value,)
        texts[name] = " ".join(item.text for item in items if isinstance(item, Scalar))
    yield DirectoryRow(kind, line, key, texts)


def _unknown(name: str, known: tuple[str, ...]) -> DirectoryFault:
    return DirectoryFault("", "directory.unknown_column", {"name": name[:60], "known": known})


def _told(problem: Problem) -> RowFault:
    place = problem.place
    return RowFault(place.line, DirectoryFault("", "directory.unreadable", {"reason": problem.message}))


def take_over(changes: DepartmentChanges, rows: Iterable[DirectoryRow]) -> ImportCounts | list[RowFault]:
    """Bring rows into the organisation; after a fault the transaction must be undone."""
    taking = _Import(changes)
    every = [*rows]
    departments = {row.key: row for row in every if row.kind == "department"}
    for row in _parents_first(departments):
        taking.take(row)
    for row in every:
        if row.kind != "department":
            taking.take(row)
    return sorted(taking.faults, key=lambda fault: fault.line) or ImportCounts(**taking.counts)


def _parents_first(rows: Mapping[str, DirectoryRow]) -> list[DirectoryRow]:
    """Return departments, each behind the one it is part of; those in a circle come as they stand."""
    found: dict[str, DirectoryRow] = {}

    def add(key: str, below: frozenset[str]) -> None:
        row = rows.get(key)
        if row is not None and key not in found and key not in below:
            add(row.texts.get("parent", ""), below | {key})
            found[key] = row

    for key in rows:
        add(key, frozenset())
    return [*found.values()]


class _Import:
    """An import under way."""

    def __init__(self, changes: DepartmentChanges) -> None:
        self._changes = changes
        self.faults: list[RowFault] = []
        self.counts = {"departments": 0, "posts": 0, "people": 0, "unchanged": 0}

    def take(self, row: DirectoryRow) -> None:
        """Take one row over."""
        done = {"department": self._department, "post": self._post, "person": self._person}[row.kind](row)
        if isinstance(done, DirectoryFault):
            self.faults.append(RowFault(row.line, done))
        else:
            self.counts[done] += 1

    def _user(self, row: DirectoryRow, column: str, kept: str | None) -> str | None | DirectoryFault:
        """Return the id of the person a column names; *kept* where the file has no such column."""
        if column not in row.texts:
            return kept
        address = row.texts[column]
        if not address:
            return None
        changes = self._changes
        found = changes.writing.user_by_email(changes.organisation, email_key(address))
        return DirectoryFault(column, "directory.nobody", {"email": address[:100]}) if found is None else found.id

    def _department(self, row: DirectoryRow) -> str | DirectoryFault:
        before = self._changes.directory.find(row.key)
        head = self._user(row, "head", before.head if before else None)
        deputy = self._user(row, "deputy", before.deputy if before else None)
        if isinstance(head, DirectoryFault):
            return head
        if isinstance(deputy, DirectoryFault):
            return deputy
        wanted = WantedDepartment(
            id=row.key,
            title=row.texts.get("title") or (before.title if before else row.key),
            parent=row.texts["parent"] or None if "parent" in row.texts else before.parent if before else None,
            head=head,
            deputy=deputy,
        )
        if before is None:
            made = self._changes.create(wanted)
            return made if isinstance(made, DirectoryFault) else "departments"
        changed = self._changes.change(row.key, None, wanted)
        return changed if isinstance(changed, DirectoryFault) else self._counted(before, changed)

    @staticmethod
    def _counted(before: Department, after: Department) -> str:
        same = (before.title, before.parent, before.head, before.deputy)
        return "unchanged" if same == (after.title, after.parent, after.head, after.deputy) else "departments"

    def _post(self, row: DirectoryRow) -> str | DirectoryFault:
        before = self._changes.directory.posts.get(row.key)
        holder = self._user(row, "holder", before.holder if before else None)
        if isinstance(holder, DirectoryFault):
            return holder
        authority = before.authority if before else None
        if "authority" in row.texts:
            try:
                authority = Decimal(row.texts["authority"]) if row.texts["authority"] else None
            except InvalidOperation:
                return DirectoryFault("authority", "departments.authority_wrong")
            if authority is not None and not authority.is_finite():
                return DirectoryFault("authority", "departments.authority_wrong")
        wanted = WantedPost(
            title=row.texts.get("title") or (before.title if before else row.key),
            department=row.texts.get("department") or (before.department if before else ""),
            holder=holder,
            authority=authority,
        )
        if before is None:
            made = self._changes.create_post(wanted, row.key)
            return made if isinstance(made, DirectoryFault) else "posts"
        changed = self._changes.change_post(row.key, None, wanted)
        if isinstance(changed, DirectoryFault):
            return changed
        same = {name: getattr(before, name) for name in wanted.__dict__} == wanted.__dict__
        return "unchanged" if same else "posts"

    def _person(self, row: DirectoryRow) -> str | DirectoryFault:
        changes = self._changes
        found = changes.writing.user_by_email(changes.organisation, email_key(row.key))
        if found is None:
            return DirectoryFault("person", "directory.nobody", {"email": row.key[:100]})
        before = changes.directory.departments_of(found.id)
        main = row.texts["department"] or None if "department" in row.texts else found.department
        kept = [id for id in before if id not in (main, found.department)]
        further = row.texts["also"].split() if "also" in row.texts else kept
        fault = changes.set_memberships(found.id, main, further)
        if fault is not None:
            return fault
        return "unchanged" if changes.directory.departments_of(found.id) == before else "people"
