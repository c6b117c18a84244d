"""Walk the names of formulas: where a path begins, which of its steps are fields, and what is behind tables and links.

A path holds the names of a formula from left to right: ``("lines", "product", "price")``. It begins at a record, in a
line of one of its tables, or at something that is no field of it, such as `user`. What the steps are worth is
`feel.members`'s, what type they have the type checker's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeAlias, TypeVar

from blankett.engine.feel.members import read_member
from blankett.engine.fields.base import Field

if TYPE_CHECKING:
    from blankett.engine.language.model import Form

#: From the names in scope: ``("customer", "tier")``.
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Root:
    """A name that a path may begin with and that is no field: what is true of what it leads to."""

    #: It is a record like the one whose formula it is, so that a field of that one follows.
    is_record: bool
    #: It may be something else later in a command in which no value is written. Of `record` some properties are.
    moves: bool
    #: The database knows it of each record, or it is the same for all.
    is_stored: bool


#: Every name of the language that formulas know beside fields, columns and functions.
ROOTS: Mapping[str, Root] = {
    "record": Root(is_record=False, moves=False, is_stored=True),
    "user": Root(is_record=False, moves=False, is_stored=True),
    "parent": Root(is_record=True, moves=False, is_stored=True),
    "old": Root(is_record=True, moves=False, is_stored=False),
    "this": Root(is_record=True, moves=False, is_stored=False),
    "that": Root(is_record=True, moves=False, is_stored=False),
    "inputs": Root(is_record=False, moves=True, is_stored=False),
    "facts": Root(is_record=False, moves=True, is_stored=False),
}
#: Names that begin a path at no field of the record as it is.
OTHER_ROOTS = ROOTS.keys() - {"parent"}
#: Names that lead from a record to itself: seen from a line, from the record that is picked, or as it was.
SAME_RECORD = frozenset(name for name, root in ROOTS.items() if root.is_record)


# Where a path begins --------------------------------------------------------------------------------------------------


def own_path(read: Path, fields: Mapping[str, Field], table: str | None = None) -> Path | None:
    """Return the path from the record to what is read in a scope; None for what is none of its *fields*, as it is now.

    In the scope of a line, bare names are columns of *table* and the record's fields follow `parent`.
    """
    if table is not None:
        whole = read[1:] if read[0] == "parent" else from_record(read, fields, table)
        if whole is read:
            return None
        read = whole
    return read if read and read[0] in fields else None


def from_record(read: Path, fields: Mapping[str, Field], table: str) -> Path:
    """Return the path from the record where *read* begins at a column of a line of *table*; any other as it is."""
    return (table, *read) if read and table in fields and read[0] in fields[table].columns else read


def own_or_old_path(read: Path, fields: Mapping[str, Field], table: str | None = None) -> Path | None:
    """Return the same, also for what is read of the record as it was: ``old.customer`` is ``("customer",)``."""
    return own_path(read[1:], fields) if read[0] == "old" and read[1:] else own_path(read, fields, table)


def record_path(read: Path) -> Path:
    """Return *read* without the names that lead from a record to itself: ``parent.total`` is ``("total",)``."""
    return read if SAME_RECORD.isdisjoint(read) else tuple(name for name in read if name not in SAME_RECORD)


# Inside one record ----------------------------------------------------------------------------------------------------


def find_field(path: Path, fields: Mapping[str, Field]) -> Field | None:
    """Return the field at ``("total",)`` or the column at ``("lines", "amount")``; None where there is none."""
    found = fields.get(path[0])
    return found if found is None or len(path) == 1 else found.columns.get(path[1])


def field_at(path: Path, fields: Mapping[str, Field]) -> Field:
    """Return the field or column at a path that exists."""
    found = fields[path[0]]
    return found if len(path) == 1 else found.columns[path[1]]


def field_part(path: Path, fields: Mapping[str, Field]) -> Path:
    """Return what of an own path names a field or column: ``("lines", "product")`` of its product's price."""
    return path[:2] if len(path) > 1 and path[1] in fields[path[0]].columns else path[:1]


def field_path(place: Path) -> Path:
    """Return the path of the field whose value stands at *place*: ``("lines", "price")`` for
    ``("lines", "<line id>", "price")``, the table for a line.
    """
    return (place[0], place[2]) if len(place) == 3 else place[:1]


def every_path(fields: Mapping[str, Field]) -> list[Path]:
    """Return the path of every field and, after each table, of its columns."""
    return [path for key, found in fields.items() for path in [(key,), *((key, name) for name in found.columns)]]


# Through tables and links ---------------------------------------------------------------------------------------------


class FieldOwner(Protocol):
    """A form as the names of some formula know it, and what is behind its links."""

    def find(self, path: Path, /) -> Field | None:
        """Return the field or column at *path*, or None."""

    def follow(self, link: Field, /) -> Self | None:
        """Return the form that a link of it points to; None where it cannot be known."""


Owner = TypeVar("Owner", bound=FieldOwner)


@dataclass(frozen=True, slots=True)
class Step(Generic[Owner]):
    """A field on the way along a path."""

    #: The names up to this one, and it.
    path: Path
    field: Field
    #: The form that has the field, and where it has it: ``("lines", "product")``.
    owner: Owner
    place: Path
    #: How many links were followed before it.
    links: int


@dataclass(frozen=True, slots=True)
class ResolvedPath(Generic[Owner]):
    """What a path leads through."""

    steps: tuple[Step[Owner], ...]
    #: The names after the last field: ``("record", "state")``, ``("year",)``, those that nobody knows.
    rest: Path
    #: The form that was asked for the first of these; None where none could be.
    asked: Owner | None

    @property
    def field(self) -> Field | None:
        """Return the field that the path is; None where it goes on from one, or is none."""
        return self.steps[-1].field if self.steps and not self.rest else None

    @property
    def tables(self) -> int:
        """Return how many tables it goes through: beyond that of a line, there are many values at its end."""
        return sum(1 for step in self.steps[:-1] if step.field.columns)


def resolve(path: Path, owner: Owner) -> ResolvedPath[Owner]:
    """Return what *path*, names of *owner*, leads through: fields, columns of tables, and those behind links."""
    steps: list[Step[Owner]] = []
    asked: Owner | None = owner
    table: Path = ()
    links = 0
    for end, name in enumerate(path, 1):
        place = (*table, name)
        field = asked.find(place) if asked is not None else None
        if asked is None or field is None:
            return ResolvedPath(tuple(steps), path[end - 1 :], asked)
        steps.append(Step(path[:end], field, asked, place, links))
        if field.columns:
            table = place
        elif end < len(path):
            asked, table, links = asked.follow(field) if field.links_to is not None else None, (), links + 1
    return ResolvedPath(tuple(steps), (), None)


@dataclass(frozen=True, slots=True)
class LooseFields:
    """The fields of a form that is not made yet; *linked* finds those of others by full name."""

    fields: Mapping[str, Field]
    linked: LinkedFields

    def find(self, path: Path) -> Field | None:
        """Return the field or column at *path*, or None."""
        return find_field(path, self.fields)

    def follow(self, link: Field) -> LooseFields | None:
        """Return the fields behind a link; None where they cannot be known."""
        found = self.linked(link.links_to) if link.links_to is not None else None
        return LooseFields(found, self.linked) if found is not None else None


#: Finds the fields of a linked form: its full name → {key: field}, or None where it cannot be known.
LinkedFields: TypeAlias = "Callable[[str], Mapping[str, Field] | None]"


@dataclass(frozen=True, slots=True)
class LinkedForm:
    """A form, and what finds the others by full name."""

    form: Form
    find_form: Callable[[str], Form | None]

    def find(self, path: Path) -> Field | None:
        """Return the field or column at *path*, or None."""
        return self.form.find(path)

    def follow(self, link: Field) -> LinkedForm | None:
        """Return the form behind a link; None where it cannot be known."""
        found = self.find_form(link.links_to) if link.links_to is not None else None
        return LinkedForm(found, self.find_form) if found is not None else None


# Over values ----------------------------------------------------------------------------------------------------------


def value_at(names: Mapping[str, Any], path: Path) -> Any:
    """Return what *path* leads to from *names*, as formulas read it: of each line where it goes through a table."""
    value = names.get(path[0])
    for key in path[1:]:
        value = read_member(value, key)
    return value


def has_empty(value: Any) -> bool:
    """Tell whether *value* is empty, or one of the many that a path through tables leads to."""
    return any(map(has_empty, value)) if isinstance(value, list) else value is None or value == ""


def first_links(path: Path, fields: Mapping[str, Field], values: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Yield (linked record's id, rest of *path*) for the first link that *path* leads to from stored *values*; in each
    line of a table where it goes through one.
    """
    field = fields.get(path[0])
    if field is None:
        return
    value = values.get(path[0])
    if field.columns and len(path) > 1:
        for line in value or ():
            yield from first_links(path[1:], field.columns, line)
    elif field.type.points_to == "record" and isinstance(value, str):
        yield value, path[1:]


# Sets of paths --------------------------------------------------------------------------------------------------------


def begins(path: Path, start: Path) -> bool:
    """Tell whether *path* is *start*, or goes on from there."""
    return path[: len(start)] == start


def longest(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return *paths* sorted, without those that others go on from: of `customer` and `customer.tier` the tier is
    read.
    """
    known = sorted(set(paths))
    # What begins with a path comes right after it.
    return tuple(path for path, after in pairwise([*known, ()]) if not begins(after, path))


def depend(one: Iterable[Path], other: Iterable[Path]) -> bool:
    """Tell whether one of the paths begins with one of the others, or the other way round."""
    others = list(other)
    return any(begins(left, right) or begins(right, left) for left in one for right in others)
