"""From the paths a formula reads to the fields they mean: what depends on what, and which links are walked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from blankett.engine.language.model import Field, Formula

Path = tuple[str, ...]
#: Finds the fields of a linked form: its full name → {key: field}, or None where it cannot be known.
LinkedFields = Callable[[str], Mapping[str, Field] | None]

#: Roots that are not fields: what follows `record`, `old` and the others is no dependency inside the record.
OTHER_ROOTS = frozenset({"record", "old", "user", "inputs", "this", "that", "facts"})


def own_path(read: Path, table: str | None, fields: Mapping[str, Field]) -> Path | None:
    """Return the path from the form's root of what is read in a scope; None for what is none of its fields.

    In the scope of a column, bare names are columns of *table* and the form's fields follow `parent`.
    """
    if table is not None:
        columns = fields[table].columns if table in fields else {}
        if read[0] == "parent":
            read = read[1:]
        elif read[0] in columns:
            read = (table, *read)
        else:
            return None
    return read if read and read[0] in fields else None


def field_path(path: Path, fields: Mapping[str, Field]) -> Path:
    """Return the part of an own path that names a field or column: ``("lines", "product")`` of its product's price."""
    found = fields[path[0]]
    return path[:2] if len(path) > 1 and path[1] in found.columns else path[:1]


def field_reads(formula: Formula, table: str | None, fields: Mapping[str, Field]) -> frozenset[Path]:
    """Return the fields and columns of the record that a formula reads."""
    own = (own_path(read, table, fields) for read in formula.reads)
    return frozenset(field_path(path, fields) for path in own if path is not None)


def walks_links(formula: Formula, table: str | None, fields: Mapping[str, Field]) -> bool:
    """Tell whether a formula reads something of another record or of a person."""
    return any(_walked(read, table, fields) for read in formula.reads)


def _walked(read: Path, table: str | None, fields: Mapping[str, Field]) -> bool:
    own = own_path(read, table, fields)
    if own is None:
        return read[0] in ("record", "old") and len(read) > 2
    path = field_path(own, fields)
    return len(own) > len(path) and field_at(path, fields).type.points_to is not None


def field_at(path: Path, fields: Mapping[str, Field]) -> Field:
    """Return the field or column at a path that exists."""
    found = fields[path[0]]
    return found if len(path) == 1 else found.columns[path[1]]


def link_paths(
    formula: Formula, table: str | None, fields: Mapping[str, Field], linked: LinkedFields
) -> Iterator[Path]:
    """Yield the paths of links and people a formula reads through, or gives as they are."""
    for read in formula.reads:
        root = "inputs" if read[0] == "inputs" else "record" if read[0] == "record" else None
        if root is not None:
            if len(read) > 2:
                yield read[:2]
            continue
        own = own_path(read[1:] if read[0] == "old" else read, table, fields)
        if own is not None:
            yield from _links_along(own, fields, linked)


def _links_along(own: Path, fields: Mapping[str, Field], linked: LinkedFields) -> Iterator[Path]:
    path = field_path(own, fields)
    found: Field | None = field_at(path, fields)
    while found is not None and found.type.points_to is not None:
        yield path
        if len(path) == len(own) or found.links_to is None:
            return
        others = linked(found.links_to)
        path = own[: len(path) + 1]
        found = others.get(path[-1]) if others else None


def deriving(field: Field) -> Iterable[Formula]:
    """Yield the formulas a field's value is made of."""
    for formula in (field.compute, field.fill, field.default.formula if field.default else None):
        if formula is not None:
            yield formula
