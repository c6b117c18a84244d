"""What holds a publish up because of the records that exist, as messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from blankett.engine.language.model import Blueprint, Form, Words
from blankett.engine.language.renames import Route, VersionLine
from blankett.engine.paths import Path
from blankett.engine.publish.impact import Class, FindForm, Impact, Move, Movement, link_reads
from blankett.engine.publish.results import Obstacle
from blankett.engine.publish.taken_keys import key_obstacles
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Reading

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


def unfinished(reading: Reading, organisation: str, blueprint: str, line: VersionLine) -> Iterator[Under]:
    """Yield the records under way of every version of every form of a blueprint."""
    counts: dict[tuple[str, int], int] = {}
    for kept_as, version, state, count in reading.pinned_counts(organisation, blueprint):
        form = line.outline(version).kept(kept_as)
        if form is not None and not form.is_finished(state):
            counts[form.key, version] = counts.get((form.key, version), 0) + count
    for (key, version), count in counts.items():
        yield Under(blueprint, key, version, count)


def record_obstacles(
    reading: Reading, catalog: Catalog, movement: Movement, impact: Impact, move: Move
) -> tuple[Obstacle, ...]:
    """Return why the records that exist do not let `movement.new` be published."""
    taken_away = map(_told, _taken_away(reading, catalog, movement, impact, move))
    return (*key_obstacles(reading, catalog, movement), *_blocked(impact), *taken_away)


def _blocked(impact: Impact) -> Iterator[Obstacle]:
    """Yield the records that must follow and cannot, one obstacle for each reason."""
    for form in impact.forms:
        for found in form.staying.values() if form.is_blocked else ():
            yield blocked(form.title, found)


def _taken_away(
    reading: Reading, catalog: Catalog, movement: Movement, impact: Impact, move: Move
) -> tuple[Takeaway, ...]:
    if not movement.newest:
        return ()
    lost = lost_fields(movement.routes_from(movement.newest))

    def find_version(blueprint: str, version: int) -> Blueprint:
        return catalog.blueprint(blueprint, version)

    under_way = (*_own(movement, impact, move), *_others(reading, movement, catalog)) if lost else ()
    return takeaways(lost, iter(under_way), find_version, catalog.find_form)


def _own(movement: Movement, impact: Impact, move: Move) -> Iterator[Under]:
    """Yield the blueprint's own records that will still have an older version."""
    for form in impact.forms:
        left = form.left_after_move if move == "move" else form.left_after_stay
        for version, count in sorted(left.items()):
            had = movement.find_version(version).kept_forms.get(form.kept_as) if count else None
            if had is not None:
                yield Under(movement.new.key, had.key, version, count)


def _others(reading: Reading, movement: Movement, catalog: Catalog) -> Iterator[Under]:
    for stored in reading.blueprints(movement.organisation):
        if stored.key != movement.new.key:
            line = catalog.line(stored.key, catalog.newest.get(stored.key, 0))
            yield from unfinished(reading, movement.organisation, stored.key, line)


def _told(found: Takeaway) -> Obstacle:
    return Obstacle(
        "publish.field_is_read",
        {
            "form": found.form,
            "field": found.field,
            "reader": found.reader,
            "version": found.version,
            "count": found.count,
        },
    )


def blocked(form: Words, found: Class) -> Obstacle:
    """Return that records of *form* must follow the publish and cannot, for one reason."""
    params = {"count": found.count, "form": form, "reason": found.reason}
    return Obstacle("publish.reference_stays", params, tuple(found.examples))


def slot_obstacles(left_over: Iterable[tuple[str, str]]) -> tuple[Obstacle, ...]:
    """Return that lists ask for more fields than fit: (title of the form, key of the field)."""
    return tuple(Obstacle("publish.no_slots", {"form": form, "field": field}) for form, field in left_over)
