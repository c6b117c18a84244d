"""Checks of what nothing uses: messages and roles."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.blueprint.model import Blueprint, Form, Table
from blankett.engine.blueprint.walk import every_effect
from blankett.engine.checks.subject import Subject


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
    if any(action.by.formula is not None for form in blueprint.forms.values() for action in form.actions.values()):
        # A formula may give any role by name.
        yield from (role for role in blueprint.roles if _may_be_named(blueprint, role))


def _may_be_named(blueprint: Blueprint, role: str) -> bool:
    formulas = (action.by.formula for form in blueprint.forms.values() for action in form.actions.values())
    return any(role in formula.text for formula in formulas if formula is not None)


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
