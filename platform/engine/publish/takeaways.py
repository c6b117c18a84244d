"""Fields that a publish takes away from records under way: their version's formulas read them through a link.

A linked record is read by the keys of its own version. When its form moves on and a field is gone, has another type or
another key there, a formula of an older version would read nothing. That is a problem; `retired: true` keeps the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from blankett.engine.blueprint.lineage import Line, Route
from blankett.engine.blueprint.model import Blueprint, Form, Words
from blankett.engine.publish.process import FindForm, link_reads
from blankett.engine.store import Reading

Path = tuple[str, ...]
#: (blueprint, version) → the blueprint.
FindVersion = Callable[[str, int], Blueprint]


@dataclass(frozen=True)
class Takeaway:
    """A field that is taken away from records under way."""

    #: Titles of the form and of its field.
    form: Words
    field: Words
    path: Path
    #: The form whose version reads it, that version, and how many records under way have it.
    reader: Words
    version: int
    count: int


@dataclass(frozen=True)
class Under:
    """Records under way of one version of a form."""

    blueprint: str
    form: str
    version: int
    count: int


def lost_fields(routes: Mapping[str, Route]) -> dict[tuple[str, Path], tuple[Form, Path]]:
    """Return the fields that are gone, have another type or another key in the new version, by (full name, path)."""
    lost: dict[tuple[str, Path], tuple[Form, Path]] = {}
    for route in routes.values():
        for of in route.old.every_field():
            there = route.fields.get(of.path)
            new = route.new.find(there) if route.new is not None and there is not None else None
            if new is None or not new.type.is_like(of.type) or new.path != of.path:
                lost[route.old.name, of.path] = (route.old, of.path)
    return lost


def takeaways(
    lost: Mapping[tuple[str, Path], tuple[Form, Path]],
    under_way: Iterator[Under],
    find_version: FindVersion,
    find_form: FindForm,
) -> tuple[Takeaway, ...]:
    """Return which of the *lost* fields the records *under_way* read through their links, in the order of these."""
    found: list[Takeaway] = []
    for group in under_way if lost else ():
        reader = find_version(group.blueprint, group.version).forms[group.form]
        for read in sorted(link_reads(reader, find_form) & lost.keys()):
            form, path = lost[read]
            of = form.find(path)
            assert of is not None
            found.append(Takeaway(form.title, of.title, path, reader.title, group.version, group.count))
    return tuple(found)


def unfinished(reading: Reading, organisation: str, blueprint: str, line: Line) -> Iterator[Under]:
    """Yield the records under way of every version of every form of a blueprint."""
    counts: dict[tuple[str, int], int] = {}
    for form, version, state, count in reading.pinned_counts(organisation, blueprint):
        if not line.outline(version).forms[form].is_finished(state):
            counts[form, version] = counts.get((form, version), 0) + count
    for (form, version), count in counts.items():
        yield Under(blueprint, form, version, count)
