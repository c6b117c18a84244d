"""What holds a publish up because of the records that exist, as messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from blankett.engine.blueprint.model import Blueprint, Words
from blankett.engine.publish.answers import Move, Obstacle
from blankett.engine.publish.impact import Class, Impact, Movement
from blankett.engine.publish.takeaways import Takeaway, Under, lost_fields, takeaways, unfinished
from blankett.engine.runtime.catalog import Catalog
from blankett.engine.store import Reading


def record_obstacles(
    reading: Reading, catalog: Catalog, movement: Movement, impact: Impact, move: Move
) -> tuple[Obstacle, ...]:
    """Return why the records that exist do not let `movement.new` be published."""
    return (*_blocked(impact), *map(_told, _taken_away(reading, catalog, movement, impact, move)))


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
            if count and form.form in movement.find_version(version).forms:
                yield Under(movement.new.key, form.form, version, count)


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
