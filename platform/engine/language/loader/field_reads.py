"""From the paths a formula reads to the fields they mean: what depends on what, and which links are walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from blankett.engine.language.model import Field, Formula
from blankett.engine.paths import (
    LinkedFields,
    LooseFields,
    Path,
    field_at,
    field_part,
    own_or_old_path,
    own_path,
    resolve,
)


def field_reads(formula: Formula, table: str | None, fields: Mapping[str, Field]) -> frozenset[Path]:
    """Return the fields and columns of the record that a formula reads."""
    own = (own_path(read, fields, table) for read in formula.reads)
    return frozenset(field_part(path, fields) for path in own if path is not None)


def walks_links(formula: Formula, table: str | None, fields: Mapping[str, Field]) -> bool:
    """Tell whether a formula reads something of another record or of a person."""
    return any(_is_walked(read, table, fields) for read in formula.reads)


def _is_walked(read: Path, table: str | None, fields: Mapping[str, Field]) -> bool:
    own = own_path(read, fields, table)
    if own is None:
        return read[0] in ("record", "old") and len(read) > 2
    path = field_part(own, fields)
    return len(own) > len(path) and field_at(path, fields).type.points_to is not None


def link_paths(
    formula: Formula, table: str | None, fields: Mapping[str, Field], linked: LinkedFields
) -> Iterator[Path]:
    """Yield the paths of links and people a formula reads through, or gives as they are."""
    for read in formula.reads:
        if read[0] in ("inputs", "record"):
            if len(read) > 2:
                yield read[:2]
            continue
        own = own_or_old_path(read, fields, table)
        if own is not None:
            steps = resolve(own, LooseFields(fields, linked)).steps
            yield from (step.path for step in steps if step.field.type.points_to is not None)


def deriving(field: Field) -> Iterable[Formula]:
    """Yield the formulas a field's value is made of."""
    for formula in (field.compute, field.fill, field.default.formula if field.default else None):
        if formula is not None:
            yield formula
