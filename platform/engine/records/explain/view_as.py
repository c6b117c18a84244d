"""A record as somebody else would see it, with why each thing is not there: for administrators who are asked.

What the other person may do comes from the one function that decides it, asked for them. Of the values only those are
shown that the asker may read too: nobody sees more through somebody else's eyes than through their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from blankett.engine.access import (
    AccessQuestion,
    AccessSubject,
    Actor,
    DenialReason,
    field_obstacles,
    load_actor,
    people_in,
    record_obstacles,
)
from blankett.engine.fields.reader import FieldValue
from blankett.engine.language.model import STANDING_WHO, Action, Blueprint, Field
from blankett.engine.records.explain.condition_sentences import Teller
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.read.record_view import Look, look_at, reasons_of
from blankett.engine.records.record_access import form_access_for
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.sentences import sentence
from blankett.engine.store import StoredRecord
from blankett.engine.trace import needs_of, readable, trace

MayRead = Callable[[tuple[str, ...]], bool]


@dataclass(frozen=True)
class FieldSeenBy:
    """A field or column, and whether somebody sees it."""

    title: str
    is_shown: bool
    #: The value; None where the asker may not read it themselves, or the other one does not see it.
    value: object
    may_change: bool
    #: Why it is not there.
    reasons: tuple[Reason, ...] = ()
    #: Whether it is a column of the table before it.
    is_column: bool = False


@dataclass(frozen=True)
class SectionSeenBy:
    """A section with all its fields, those that are not there too."""

    title: str
    fields: tuple[FieldSeenBy, ...]

    @property
    def is_shown(self) -> bool:
        """Tell whether anything of it is there."""
        return any(field.is_shown for field in self.fields)


@dataclass(frozen=True)
class ActionSeenBy:
    """An action out of any state, and whether somebody could take it now."""

    title: str
    is_open: bool
    #: Whether it can be taken from the state the record is in.
    is_here: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class SeenBy:
    """A record as somebody would see it."""

    id: str
    #: The record's title; its form's where the asker may not see the record.
    title: str
    form: str
    blueprint: str
    #: The newest version, which says who may see what.
    version: int
    #: Who.
    user: str
    name: str
    roles: tuple[str, ...]
    may_view: bool
    #: Why they may not view the record at all.
    reasons: tuple[Reason, ...]
    sections: tuple[SectionSeenBy, ...]
    actions: tuple[ActionSeenBy, ...]


@dataclass(frozen=True)
class Askable:
    """What may be asked of a record: by whose eyes, and of which form it is."""

    #: Its full name, as in ``order_management.order``.
    form: str
    form_title: str
    #: (id, name), by name.
    people: tuple[tuple[str, str], ...]


def askable(unit: Unit, id: str) -> Askable | None:
    """Return through whose eyes the actor may look at a record; None where they may not ask."""
    stored = unit.linked.record(id)
    if stored is None or not may_ask(unit, stored):
        return None
    form = unit.catalog.form_now(stored)
    return Askable(form.name, form.title.say(unit.actor.language), tuple(people_of(unit, stored)))


def may_ask(unit: Unit, stored: StoredRecord) -> bool:
    """Tell whether the actor may look at *stored* with somebody else's eyes: they administer its workspace."""
    return unit.actor.may_administer(stored.workspace)


def people_of(unit: Unit, stored: StoredRecord) -> list[tuple[str, str]]:
    """Return the active people of the record's workspace and those above it, (id, name), by name."""
    rooms = unit.catalog.places.above(stored.workspace)
    people = people_in(unit.linked.reading, unit.actor.organisation, rooms)
    return [(user.id, user.name) for user in people]


def seen_by(unit: Unit, id: str, user: str, unit_of: Callable[[Actor], Unit]) -> SeenBy | None:
    """Return the record as *user* would see it; None when the actor may not ask, or there is no such record or person.

    *unit_of* gives another actor's unit in the same snapshot.
    """
    stored = unit.linked.record(id)
    if stored is None or not may_ask(unit, stored):
        return None
    if user not in {person for person, _ in people_of(unit, stored)}:
        return None
    person = load_actor(unit.linked.reading, unit.actor.organisation, user)
    if person is None:
        return None
    own = look_at(unit, stored, authority=True)
    theirs = look_at(unit_of(_read_by(person, unit.actor)), stored, authority=True)
    if own is None or theirs is None:
        return None
    return _Looker(own, theirs, stored).seen()


def _read_by(person: Actor, reader: Actor) -> Actor:
    """Return *person*, of whom *reader* is told in their own language, ways and zone."""
    return replace(person, language=reader.language, numbers=reader.numbers, days=reader.days, zone=reader.zone)


class _Looker:
    """Looks at one record for somebody else, on behalf of an asker."""

    def __init__(self, own: Look, theirs: Look, stored: StoredRecord) -> None:
        self.own = own
        self.theirs = theirs
        self.stored = stored
        self.reader = own.reader
        self.policy = theirs.current.policy
        self.blueprint: Blueprint = self.policy.blueprint
        self.teller = Teller(theirs.unit.catalog, theirs.unit.linked, theirs.process, theirs.situation)
        self.asked = self._ask()

    def _ask(self) -> AccessQuestion:
        look, stored = self.theirs, self.stored
        subject = AccessSubject(
            workspace=stored.workspace,
            state=stored.state,
            owner=stored.owner,
            assignee=stored.assignee,
            department=stored.department,
        )
        form_access = form_access_for(look.unit, look.current, stored.workspace)
        names = {**look.current.renamed(look.situation.names), "user": look.unit.user}
        return AccessQuestion(form_access, look.permit.access, subject, names, look.situation.moment)

    @property
    def may_read(self) -> MayRead:
        """Return what of the record the asker may read themselves."""
        if not self.own.permit.may("view"):
            return lambda path: False
        return self.own.permit.can_read_name

    def _both_read(self, path: tuple[str, ...]) -> bool:
        return self.may_read(path) and self.theirs.permit.can_read_name(path)

    def seen(self) -> SeenBy:
        """Return the whole record."""
        look, stored = self.theirs, self.stored
        form_title = look.current.title().say(self.reader.language)
        version = look.unit.catalog.newest.get(self.blueprint.key, look.process.version)
        roles = (self.blueprint.roles[key].title.say(self.reader.language) for key in self._held())
        may_view = look.permit.may("view")
        return SeenBy(
            id=stored.id,
            title=stored.title if self.own.permit.may("view") else form_title,
            form=look.process.form.name,
            blueprint=self.blueprint.key,
            version=version,
            user=look.unit.actor.user,
            name=look.unit.actor.name,
            roles=tuple(roles),
            may_view=may_view,
            reasons=() if may_view else tuple(map(self._obstacle, record_obstacles(self.asked))),
            sections=tuple(self._sections()) if may_view else (),
            actions=tuple(self._actions()) if may_view else (),
        )

    def _held(self) -> Iterator[str]:
        roles = self.theirs.permit.roles
        return (key for key in self.blueprint.roles if key in roles)

    # Fields -----------------------------------------------------------------------------------------------------------

    def _sections(self) -> Iterator[SectionSeenBy]:
        form = self.theirs.process.form
        for section in self.theirs.current.sections():
            fields = (form.fields[key] for key in section.fields if key in form.fields)
            found = tuple(seen for field in fields for seen in self._with_columns(field))
            yield SectionSeenBy(section.title.say(self.reader.language), found)

    def _with_columns(self, field: Field) -> Iterator[FieldSeenBy]:
        seen = self._field(field)
        yield seen
        if seen.is_shown:
            for column in field.columns.values():
                yield replace(self._field(column), is_column=True)

    def _field(self, field: Field) -> FieldSeenBy:
        look = self.theirs
        title = look.current.field(field).title.say(self.reader.language)
        reasons = tuple(self._why_not(field))
        if reasons:
            return FieldSeenBy(title, False, None, False, reasons)
        may_change = look.permit.may("edit") and look.permit.can_write(field.path) and field.is_typed
        return FieldSeenBy(title, True, self._value(field), may_change)

    def _why_not(self, field: Field) -> Iterator[Reason]:
        """Yield why they do not see the field: access, or its own condition."""
        yield from map(self._obstacle, field_obstacles(self.asked, self.theirs.current.path(field.path)))
        if field.table is None and field.key in self.theirs.situation.hidden:
            yield self._hidden(field)

    def _hidden(self, field: Field) -> Reason:
        """Return which of the conditions of `visible` fail."""
        look = self.theirs
        if field.visible is None:
            return Reason("access.hidden", {}, field.place)
        needs = needs_of(trace(field.visible, look.situation.names, look.situation.moment))
        parts = tuple(self.teller.need(readable(need, self.may_read)) for need in needs)
        return Reason("access.hidden", {}, field.visible.place, parts)

    def _value(self, field: Field) -> object:
        """Return the value where the asker may read it too."""
        if not self.may_read(field.path) or field.table is not None:
            return None
        situation = self.theirs.situation
        value = situation.values.get(field.key)
        if field.columns:
            return sentence("value.several", count=len(value or ()))
        name = situation.names.get(field.key)
        if field.type.points_to:
            return name.title if name is not None else ""
        return FieldValue(field, value, situation.currency_at(field), "")

    # Reasons ----------------------------------------------------------------------------------------------------------

    def _obstacle(self, obstacle: DenialReason) -> Reason:
        """Return what access says in words, with the line of the grant."""
        rule = obstacle.rule
        if obstacle.kind == "private":
            return Reason("access.private", {"roles": self._roles(obstacle.roles)})
        if rule is None:
            return Reason(f"access.{obstacle.kind}", {})
        params: dict[str, object] = {"line": str(rule.place.line) if rule.place else ""}
        parts: tuple[Reason, ...] = ()
        if obstacle.kind == "who":
            params["who"] = self._who(rule.names) or (sentence("access.formula"),)
        elif obstacle.kind == "states":
            params["states"] = self._states(rule.states or frozenset())
        elif obstacle.kind == "where" and rule.where is not None:
            needs = needs_of(trace(rule.where, self.asked.names, self.asked.moment))
            parts = tuple(self.teller.need(readable(need, self.may_read)) for need in needs)
        return Reason(f"access.{obstacle.kind}", params, rule.place, parts)

    def _roles(self, roles: frozenset[str]) -> tuple[object, ...]:
        return tuple(role.title for key, role in self.blueprint.roles.items() if key in roles)

    def _who(self, names: frozenset[str]) -> tuple[object, ...]:
        standing = (sentence(f"who.{name}") for name in STANDING_WHO if name in names)
        return (*self._roles(names), *standing)

    def _states(self, keys: frozenset[str]) -> tuple[object, ...]:
        states = self.policy.form.states
        return tuple(state.title for key, state in states.items() if key in keys)

    # Actions ----------------------------------------------------------------------------------------------------------

    def _actions(self) -> Iterator[ActionSeenBy]:
        look = self.theirs
        here = {action.key for action in look.process.form.actions_from(self.stored.state)}
        for action in look.process.form.actions.values():
            if look.permit.has_takers(action):
                yield self._action(action, action.key in here)

    def _action(self, action: Action, is_here: bool) -> ActionSeenBy:
        look = self.theirs
        title = look.current.action(action)[1].title.say(self.reader.language)
        if not is_here:
            return ActionSeenBy(title, False, False, (self._elsewhere(action),))
        reasons = tuple(reasons_of(look, action, self._both_read))
        return ActionSeenBy(title, not reasons, True, reasons)

    def _elsewhere(self, action: Action) -> Reason:
        states = self.theirs.process.form.states
        titles = tuple(
            self.theirs.current.state_title(states[key]).say(self.reader.language)
            for key in states
            if key in action.sources
        )
        return Reason("access.from_states", {"states": titles}, action.place)
