"""Roles are shared: a key means the same in every blueprint of a workspace, and of those above and below it.

So whoever holds `director` for one blueprint holds it for the next that has a role of that key, from the moment it is
published; and what a new version lets a role do is at once what its holders may. This says who that is, and which keys
there are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from blankett.engine.access import people_in
from blankett.engine.language.model import Blueprint, Form, Grant, Words
from blankett.engine.language.renames import Route
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
    """A role that comes with a publish, or may do more after it, and the people who hold it: they get that at once."""

    key: str
    title: Words
    count: int
    #: Names of the first of them.
    people: tuple[str, ...]
    #: The other blueprints that have a role of that key.
    blueprints: tuple[Words, ...] = ()
    #: Of a role the newest version has already: the forms in which it may do more.
    forms: tuple[Words, ...] = ()


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
    """Return the roles of `movement.new` that people hold already and that its newest version lacks, or lets do less:
    by a grant, the `by` of an action, a private field, a form of its own, or what they include.
    """
    new = movement.new
    old = movement.find_version(movement.newest) if movement.newest else None
    fresh = {key for key in new.roles if old is None or key not in old.roles}
    wider = {} if old is None else {key: _widened(movement, old, key) for key in new.roles if key not in fresh}
    gaining = [role for key, role in new.roles.items() if key in fresh or wider[key]]
    rooms = _reach(reading, movement.organisation, workspace) if gaining else frozenset()
    others = [found for found in _blueprints_in(reading, catalog, rooms) if found.key != new.key] if fresh else []
    gifts = []
    for role in gaining:
        names = [user.name for user in people_in(reading, movement.organisation, rooms, role.key)]
        if names:
            known = tuple(found.title for found in others if role.key in fresh and role.key in found.roles)
            forms = wider.get(role.key, ())
            gifts.append(RoleGift(role.key, role.title, len(names), tuple(names[:NAMED]), known, forms))
    return tuple(gifts)


# What a role may do -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Right:
    """Something a role may do with records of a form, as one grant says."""

    verb: str
    #: None: in every state.
    state: str | None
    where: str = ""
    #: Fields it opens to read and to write; None: all that are not private.
    read: frozenset[str] | None = None
    write: frozenset[str] | None = None
    hide: frozenset[str] = frozenset()

    def covers(self, other: _Right) -> bool:
        """Tell whether *other* lets nobody do more than this."""
        return (
            self.verb == other.verb
            and self.state in (None, other.state)
            and self.where in ("", other.where)
            and _holds(self.read, other.read)
            and _holds(self.write, other.write)
            and self.hide <= other.hide
        )


def _holds(fields: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    return fields is None or (others is not None and others <= fields)


def _widened(movement: Movement, old: Blueprint, key: str) -> tuple[Words, ...]:
    """Return the titles of the forms in which a role may do more than in the version *old*."""
    routes = {route.new.key: route for route in movement.routes_from(movement.newest).values() if route.new is not None}
    before, now = _names(old, key), _names(movement.new, key)
    return tuple(
        form.title for form in movement.new.forms.values() if _is_wider(form, now, routes.get(form.key), before)
    )


def _is_wider(form: Form, names: Collection[str], route: Route | None, before: Collection[str]) -> bool:
    """Tell whether *names* may do more with *form* than *before* might with what it was; *route*: None, it is new."""
    if route is None:
        return any(True for _ in _rights(form, names))
    known = [_today(right, route) for right in _rights(route.old, before)]
    shown = {f"read {'.'.join(path)}" for path in route.fields.values()}
    # What a role may do in a state, or read in a field, that was not there before is nothing it lacked.
    states = {None, *route.states.values()}
    gained = (
        right
        for right in _rights(form, names)
        if right.state in states and (right.verb in shown or not right.verb.startswith("read "))
    )
    if any(not any(each.covers(right) for each in known) for right in gained):
        return True
    return not {_today(right, route) for right in _denied(route.old, before)} <= set(_denied(form, names))


def _names(blueprint: Blueprint, key: str) -> frozenset[str]:
    return frozenset({key}) | blueprint.roles[key].includes


def _rights(form: Form, names: Collection[str]) -> Iterator[_Right]:
    for grant in form.grants:
        if not grant.deny and not grant.who.names.isdisjoint(names):
            yield from _of_grant(grant)
    for action in form.actions.values():
        if not action.by.names.isdisjoint(names):
            yield from (_Right(f"action {action.key}", state) for state in action.sources)
    for field in form.every_field():
        if field.private is not None and not field.private.isdisjoint(names):
            yield _Right(f"read {'.'.join(field.path)}", None)


def _denied(form: Form, names: Collection[str]) -> Iterator[_Right]:
    for grant in form.grants:
        if grant.deny and not grant.who.names.isdisjoint(names):
            yield from _of_grant(grant)


def _of_grant(grant: Grant) -> Iterator[_Right]:
    where = grant.where.text if grant.where is not None else ""
    for verb in sorted(grant.may):
        for state in (None,) if grant.states is None else sorted(grant.states):
            yield _Right(verb, state, where, grant.read, grant.write, grant.hide)


def _today(right: _Right, route: Route) -> _Right:
    """Return a right of a former version by the keys its form has now."""

    def named(fields: frozenset[str] | None) -> frozenset[str] | None:
        if fields is None:
            return None
        return frozenset(".".join(route.fields.get(tuple(each.split(".")), (each,))) for each in fields)

    state = route.states.get(right.state, right.state) if right.state is not None else None
    kind, _, name = right.verb.partition(" ")
    if kind == "read" and name:
        verb = f"read {'.'.join(route.fields.get(tuple(name.split('.')), (name,)))}"
    else:
        now = next((key for key, each in (route.new.actions if route.new else {}).items() if each.was == name), name)
        verb = f"action {now}" if name else right.verb
    hide = named(right.hide) or frozenset()
    where = right.where
    for was, field in route.fields.items():
        where = where if was == field else re.sub(rf"\b{was[-1]}\b", field[-1], where)
    return _Right(verb, state, where, named(right.read), named(right.write), hide)


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
