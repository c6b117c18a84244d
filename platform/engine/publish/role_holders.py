"""Roles are shared: a key means the same in every blueprint of a workspace, and of those above and below it.

So whoever holds `director` for one blueprint holds it for the next that has a role of that key, from the moment it is
published. This says who that is, and which keys there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from blankett.engine.access import people_in
from blankett.engine.language.model import Blueprint, Words
from blankett.engine.publish.impact import Movement
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Reading, workspaces_above

#: People named as examples.
NAMED = 5


@dataclass(frozen=True)
class KnownRole:
    """A role that people of a workspace may be given, and the blueprints that have it."""

    key: str
    title: Words
    blueprints: tuple[Words, ...]


@dataclass(frozen=True)
class RoleGift:
    """A role that comes with a publish, and the people who hold it already: they get its rights at once."""

    key: str
    title: Words
    count: int
    #: Names of the first of them.
    people: tuple[str, ...]
    #: The other blueprints that have a role of that key.
    blueprints: tuple[Words, ...]


def known_roles(reading: Reading, catalog: Catalog, workspace: str) -> dict[str, KnownRole]:
    """Return the roles that mean something to members of *workspace*, by key."""
    rooms = _reach(reading, catalog.organisation, workspace)
    found: dict[str, KnownRole] = {}
    for blueprint in _blueprints_in(reading, catalog, rooms):
        for key, role in blueprint.roles.items():
            before = found.get(key)
            titles = (*(before.blueprints if before else ()), blueprint.title)
            found[key] = KnownRole(key, before.title if before else role.title, titles)
    return found


def role_gifts(reading: Reading, catalog: Catalog, movement: Movement, workspace: str) -> tuple[RoleGift, ...]:
    """Return the roles of `movement.new` that its newest version lacks, and that people hold already."""
    new = movement.new
    old = movement.find_version(movement.newest).roles if movement.newest else {}
    fresh = {key: role for key, role in new.roles.items() if key not in old}
    rooms = _reach(reading, movement.organisation, workspace) if fresh else frozenset()
    others = [found for found in _blueprints_in(reading, catalog, rooms) if found.key != new.key]
    gifts = []
    for key, role in fresh.items():
        names = [user.name for user in people_in(reading, movement.organisation, rooms, key)]
        if names:
            known = tuple(found.title for found in others if key in found.roles)
            gifts.append(RoleGift(key, role.title, len(names), tuple(names[:NAMED]), known))
    return tuple(gifts)


def _reach(reading: Reading, organisation: str, workspace: str) -> frozenset[str]:
    """Return *workspace*, those above it, and those inside it."""
    rooms = reading.workspaces(organisation)
    above = set(workspaces_above(rooms, workspace))
    inside = {room.id for room in rooms if workspace in workspaces_above(rooms, room.id)}
    return frozenset(above | inside)


def _blueprints_in(reading: Reading, catalog: Catalog, rooms: Collection[str]) -> Iterator[Blueprint]:
    for stored in reading.blueprints(catalog.organisation):
        newest = catalog.newest_blueprint(stored.key) if stored.workspace in rooms else None
        if newest is not None:
            yield newest
