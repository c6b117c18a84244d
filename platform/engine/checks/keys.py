"""Checks of keys: a key given away by `was` is gone and goes to one item only; messages and roles that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blankett.engine.checks.subject import Subject
from blankett.engine.language.form_formulas import every_effect
from blankett.engine.language.model import Action, Blueprint, Fact, Field, Form, Option, Rule, State, Table, Timer

Items = (
    Mapping[str, Form]
    | Mapping[str, Field]
    | Mapping[str, State]
    | Mapping[str, Action]
    | Mapping[str, Rule]
    | Mapping[str, Fact]
    | Mapping[str, Timer]
    | Mapping[str, Option]
)


def check_renames(subject: Subject) -> None:
    """Tell of keys under `was` that still exist, or that two items claim."""
    for path, items in _named_items(subject):
        claimed: dict[str, int] = {}
        for key, item in items.items():
            if item.was is None:
                continue
            place = subject.place(*path, key, "was")
            if item.was in items:
                subject.report.add("was_still_there", place, name=item.was)
            elif item.was in claimed:
                subject.report.add("was_twice", place, name=item.was, line=claimed[item.was])
            claimed.setdefault(item.was, place.line)


def _named_items(subject: Subject) -> Iterator[tuple[tuple[str, ...], Items]]:
    """Yield everything that may have been called otherwise, with the path of the map it stands in."""
    yield ("forms",), subject.blueprint.forms
    for key, options in subject.blueprint.options.items():
        yield ("options", key), options
    for form in subject.forms():
        path = ("forms", form.key)
        yield (*path, "fields"), form.fields
        for field in form.fields.values():
            yield (*path, "fields", field.key, "fields"), field.columns
        for field in form.every_field():
            inside = tuple(part for name in field.path for part in ("fields", name))
            if field.option_list is None:
                yield (*path, *inside, "options"), field.option_titles()
        yield (*path, "states"), form.states
        yield (*path, "actions"), form.actions
        yield (*path, "rules"), form.rules
        yield (*path, "facts"), form.facts
        yield (*path, "timers"), form.timers


def check_options(subject: Subject) -> None:
    """Tell of lists of options that no field names."""
    asked = (field for form in subject.forms() for action in form.actions.values() for field in action.ask.values())
    fields = (field for form in subject.forms() for field in form.every_field())
    named = {field.option_list for field in (*fields, *asked)}
    for key in subject.blueprint.options.keys() - named:
        if subject.is_sound("forms"):
            subject.report.add("unused_options", subject.place("options", key), name=key)


def check_messages(subject: Subject) -> None:
    """Tell of messages that nothing sends."""
    if not subject.is_sound("forms"):
        return
    sent = {effect.sends for form in subject.forms() for effect in every_effect(form)}
    for key in subject.blueprint.messages:
        if key not in sent:
            subject.report.add("unused_message", subject.place("messages", key), name=key)


def check_roles(subject: Subject) -> None:
    """Tell of roles that may do nothing."""
    if not subject.is_sound("forms"):
        return
    used = set(_used_roles(subject.blueprint))
    for role in subject.blueprint.roles.values():
        if role.key not in used and not role.includes & used:
            subject.report.add("unused_role", role.place, name=role.key)


def _used_roles(blueprint: Blueprint) -> Iterator[str]:
    for form in blueprint.forms.values():
        yield from _roles_in(form)
    for table in blueprint.tables.values():
        yield from _roles_given(table)
    if any(action.by.formulas for form in blueprint.forms.values() for action in form.actions.values()):
        # A formula may give any role by name.
        yield from (role for role in blueprint.roles if _may_be_named(blueprint, role))


def _may_be_named(blueprint: Blueprint, role: str) -> bool:
    actions = (action for form in blueprint.forms.values() for action in form.actions.values())
    return any(role in formula.text for action in actions for formula in action.by.formulas)


def _roles_given(table: Table) -> Iterator[str]:
    """Yield the roles a table gives."""
    columns = [column.key for column in table.outputs.values() if column.written == "role"]
    results = (result for row in table.rows for result in row.results if result.column in columns)
    settings = [*(result.setting for result in results), *(table.default.get(key) for key in columns)]
    yield from (str(setting.constant) for setting in settings if setting is not None)


def _roles_in(form: Form) -> Iterator[str]:
    for effect in every_effect(form):
        yield from effect.named_roles
    for action in form.actions.values():
        yield from action.by.names
        for asked in action.ask.values():
            yield str(asked.options.get("role"))
    for grant in form.grants:
        yield from grant.who.names
    for field in form.every_field():
        yield from field.private or ()
        yield str(field.options.get("role"))
