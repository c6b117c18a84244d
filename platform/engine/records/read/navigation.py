"""What there is for somebody: the blueprints and forms they may look at, and where they may begin something."""

from __future__ import annotations

from dataclasses import dataclass

from blankett.engine.language.model import STANDING_WHO, Action, Form
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_access import empty_permit, form_access_for, stored_permit
from blankett.engine.records.unit_of_work import Unit

#: Whom a grant may name that can be anybody who is there.
STANDING = frozenset(STANDING_WHO)


@dataclass(frozen=True)
class FormPlace:
    """A form somebody may look at."""

    form: Form
    title: str
    plural: str
    may_create: bool


@dataclass(frozen=True)
class BlueprintPlace:
    """A blueprint with at least one such form."""

    key: str
    title: str
    forms: tuple[FormPlace, ...]


def overview_of(unit: Unit) -> tuple[BlueprintPlace, ...]:
    """Return what the actor may look at: blueprints by title, forms in the author's order."""
    language = unit.actor.language
    places = []
    for key in sorted(unit.catalog.newest):
        blueprint = unit.catalog.newest_blueprint(key)
        if blueprint is None:
            continue
        forms = tuple(
            FormPlace(form, form.title.say(language), form.plural.say(language), may_begin(unit, form))
            for form in blueprint.forms.values()
            if not form.retired and may_look(unit, form)
        )
        if forms:
            places.append(BlueprintPlace(key, blueprint.title.say(language), forms))
    return tuple(sorted(places, key=lambda place: (place.title, place.key)))


def may_look(unit: Unit, form: Form) -> bool:
    """Tell whether who the actor is opens some record of *form* to them. A hint for menus: lists ask access itself.

    Who holds no role is offered what everyone may see, and what they may begin: that something is theirs, or that a
    formula names them, they learn in the inbox.
    """
    process = unit.catalog.newest_process(form.name)
    access = form_access_for(unit, unit.catalog.current(process))
    opening = [rule for rule in access.policy.rules if "view" in rule.verbs and not rule.deny]
    rooms = [room for room in unit.actor.roles if unit.catalog.is_within(process, room)]
    rooms += [share.workspace for share in unit.catalog.shares_of(form.blueprint) if share.form == form.kept_as]
    held = [access.roles_somewhere(room) for room in rooms if room in unit.actor.roles]
    return any(
        (rule.who is not None or not rule.names.isdisjoint(STANDING | roles)) if roles else "everyone" in rule.names
        for roles in held
        for rule in opening
    ) or may_begin(unit, form)


def may_begin(unit: Unit, form: Form) -> bool:
    """Tell whether the actor may begin a record of *form* somewhere."""
    process = unit.catalog.newest_process(form.name)
    rooms = form_access_for(unit, unit.catalog.current(process)).creatable_in
    return any(unit.catalog.is_within(process, room) for room in rooms)


def first_actions(form: Form, permit: Permit, state: str | None) -> tuple[Action, ...]:
    """Return the actions that *permit* opens out of the start state; none for a record that is in another *state*."""
    if form.start is None or state != form.start.key:
        return ()
    return tuple(action for action in form.actions_from(form.start.key) if permit.may_act(action))


def newest_form(unit: Unit, blueprint: str, form: str) -> Form | None:
    """Return the newest version of a form, or None. Says nothing about access."""
    found = unit.catalog.find_newest(blueprint, form)
    return None if found is None else found.form


def may_open(unit: Unit, record: str) -> bool:
    """Tell whether the actor may see a record."""
    stored = unit.linked.record(record)
    return stored is not None and stored_permit(unit, unit.catalog.process_of(stored), stored).may("view")


def forms_of(unit: Unit, record: str) -> tuple[Form, Form] | None:
    """Return the form of a record as its version has it and as the newest has it; None when there is no such record.

    Says nothing about access: what is then done with the record does.
    """
    stored = unit.linked.record(record)
    if stored is None:
        return None
    return unit.catalog.process_of(stored).form, unit.catalog.form_now(stored)


@dataclass(frozen=True)
class TableRights:
    """The columns of a form's tables, by path, that the actor may not read, and those they may not change."""

    closed: frozenset[tuple[str, ...]]
    locked: frozenset[tuple[str, ...]]


def entry_permit(unit: Unit, form: Form, record: str | None) -> Permit:
    """Return what the actor may do to *record* as it is stored, or to a new record of *form* that is empty yet."""
    stored = unit.linked.record(record) if record else None
    if stored is not None:
        return stored_permit(unit, unit.catalog.process_of(stored), stored)
    process = unit.catalog.newest_process(form.name)
    return empty_permit(unit, process, unit.catalog.home_of(process))


def table_rights(form: Form, permit: Permit) -> TableRights:
    """Return what may be done with the columns of *form* in lines yet to be made."""
    paths = [column.path for table in form.fields.values() for column in table.columns.values()]
    closed = frozenset(path for path in paths if not permit.can_read(path))
    return TableRights(closed, frozenset(path for path in paths if not permit.can_write(path)))
