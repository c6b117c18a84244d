"""What an action does: its effects, checked against the forms they touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from blankett.engine import feel
from blankett.engine.blueprint.loading.access import gives_people
from blankett.engine.blueprint.loading.draft import Draft, FormDraft
from blankett.engine.blueprint.loading.formulas import is_formula, read_condition, read_formula, read_setting
from blankett.engine.blueprint.loading.scopes import where_scope
from blankett.engine.blueprint.model import (
    ActEffect,
    AssignEffect,
    CreateEffect,
    Effect,
    Field,
    Formula,
    NotifyEffect,
    SetEffect,
    Setting,
    UpdateEffect,
)
from blankett.engine.blueprint.source import Map, Scalar
from blankett.engine.feel.types import in_words
from blankett.engine.problems import suggest


def read_effects(draft: Draft, form: FormDraft, action: Map, scope: feel.Scope) -> tuple[Effect, ...]:
    """Return the effects of an action, in order."""
    effects: list[Effect] = []
    for tree in action.list("effects"):
        if not isinstance(tree, Map):
            continue
        for key, read in READERS.items():
            if tree.get(key) is not None:
                effect = read(draft, form, tree, scope)
                if effect is not None:
                    effects.append(effect)
                break
    return tuple(effects)


def _read_set(draft: Draft, form: FormDraft, tree: Map, scope: feel.Scope) -> Effect:
    return SetEffect(read_values(draft, form, tree.map("set"), scope, own=True), tree.place)


def read_values(
    draft: Draft, target: FormDraft | None, tree: Map, scope: feel.Scope, *, own: bool = False
) -> Mapping[str, Setting]:
    """Return what fields of *target* are given; *own* says that it is the form whose action this is."""
    values: dict[str, Setting] = {}
    for key, entry in tree.entries.items():
        scalar = entry.value
        if not isinstance(scalar, Scalar):
            continue
        if target is None:
            formula = read_formula(draft, scalar, scope, start=1) if is_formula(scalar) else None
            values[key] = Setting(None if formula else scalar.text, formula)
            continue
        field = _settable(draft, target, entry.key)
        if field is None:
            continue
        setting = read_setting(draft, scalar, field, scope, own=own)
        if setting is not None:
            values[key] = setting
    return values


def _settable(draft: Draft, target: FormDraft, key: Scalar) -> Field | None:
    """Return the field an effect gives a value; one that does not exist or is computed is a problem."""
    field = target.fields.get(key.text)
    if field is None:
        if (key.text,) not in target.broken:
            draft.unknown("unknown_field", key, target.fields, form=target.key)
        return None
    if is_computed(target, field):
        draft.report.add("sets_computed", key.place, field=key.text)
        return None
    return None if (key.text,) in target.broken else field


def is_computed(target: FormDraft, field: Field) -> bool:
    """Tell whether a field of a form is computed, before its formulas are read."""
    if target.foreign is not None:
        return field.compute is not None
    return target.tree.map("fields").map(field.key).get("compute") is not None


def _read_create(draft: Draft, form: FormDraft, tree: Map, scope: feel.Scope) -> Effect | None:
    create = tree.map("create")
    name = create.scalar("form")
    if name is None:
        return None
    target = draft.check_form(name)
    link = create.scalar("link")
    if link is not None:
        field = find_link(draft, form, link)
        if field and target and field.options.get("to") != target.name:
            draft.report.add("wrong_link", link.place, link=link.text, to=field.options.get("to"), form=target.name)
    values = read_values(draft, target, create.map("with"), scope)
    return CreateEffect(
        target.name if target else draft.full_name(name.text), values, link.text if link else None, tree.place
    )


def find_link(draft: Draft, form: FormDraft, scalar: Scalar) -> Field | None:
    """Return the link field a scalar names; another field, or none, is a problem."""
    field = form.fields.get(scalar.text)
    if field is not None and field.type.name == "link":
        return field
    links = [key for key, found in form.fields.items() if found.type.name == "link"]
    if field is None and (scalar.text,) not in form.broken:
        draft.unknown("unknown_field", scalar, links, form=form.key)
    elif field is not None and (scalar.text,) not in form.broken:
        meant = suggest(scalar.text, links)
        draft.report.add("wrong_field", scalar.place, suggestion=meant, name=scalar.text, wanted="a link field")
    return None


def _read_target(draft: Draft, form: FormDraft, tree: Map) -> tuple[FormDraft | None, str | None, str | None]:
    """Return the form whose records an effect touches, the link field that names one, and the form's name."""
    link, name = tree.scalar("link"), tree.scalar("form")
    if link is not None:
        field = find_link(draft, form, link)
        return (draft.find_form(str(field.options.get("to"))) if field else None), link.text, None
    if name is None:
        return None, None, None
    target = draft.check_form(name)
    return target, None, target.name if target else draft.full_name(name.text)


def _read_where(
    draft: Draft, form: FormDraft, target: FormDraft | None, tree: Map, scope: feel.Scope
) -> Formula | None:
    inputs = scope.find("inputs")
    picking = where_scope(draft, target, form).child({"inputs": inputs} if inputs else {})
    return read_condition(draft, tree.scalar("where"), picking, warns=False)


def _read_update(draft: Draft, form: FormDraft, tree: Map, scope: feel.Scope) -> Effect | None:
    update = tree.map("update")
    target, link, name = _read_target(draft, form, update)
    that: feel.Type = feel.RecordType(target.name) if target else feel.Any()
    values = read_values(draft, target, update.map("set"), scope.child({"that": that}))
    where = _read_where(draft, form, target, update, scope)
    return UpdateEffect(link, name, where, values, tree.place)


def _read_act(draft: Draft, form: FormDraft, tree: Map, scope: feel.Scope) -> Effect | None:
    act = tree.map("act")
    target, link, name = _read_target(draft, form, act)
    action = act.scalar("action")
    if action is None:
        return None
    if target is not None and action.text not in target.actions:
        draft.unknown("unknown_action", action, target.actions, form=target.key)
        return None
    inputs = _read_inputs(draft, target, action.text, act.map("with"), scope)
    if target is not None:
        _missing_inputs(draft, target, action, inputs)
    where = _read_where(draft, form, target, act, scope)
    return ActEffect(link, name, where, action.text, inputs, tree.place)


def _read_inputs(
    draft: Draft, target: FormDraft | None, action: str, tree: Map, scope: feel.Scope
) -> Mapping[str, Setting]:
    asked = target.asks.get(action, {}) if target else {}
    inputs: dict[str, Setting] = {}
    for key, entry in tree.entries.items():
        if not isinstance(entry.value, Scalar):
            continue
        field = asked.get(key)
        if field is not None:
            setting = read_setting(draft, entry.value, field, scope, own=False)
            if setting is not None:
                inputs[key] = setting
        elif target is not None:
            draft.unknown("unknown_input", entry.key, asked, action=action)
    return inputs


def _missing_inputs(draft: Draft, target: FormDraft, action: Scalar, inputs: Mapping[str, Setting]) -> None:
    asked = target.asks.get(action.text, {})
    trees = target.tree.map("actions").map(action.text).map("ask")
    for key, field in asked.items():
        has_default = field.default is not None or trees.map(key).get("default") is not None
        if field.required is True and key not in inputs and not has_default:
            draft.report.add("missing_input", action.place, action=action.text, name=key)


def _read_assign(draft: Draft, form: FormDraft, tree: Map, scope: feel.Scope) -> Effect | None:
    scalar = tree.scalar("assign")
    formula = read_people(draft, scalar, scope, several=False) if scalar else None
    return AssignEffect(Setting(None, formula), tree.place) if formula else None


def read_people(draft: Draft, scalar: Scalar, scope: feel.Scope, *, several: bool) -> Formula | None:
    """Return a formula that gives a person, or with *several* people."""
    if not is_formula(scalar):
        draft.report.add("value_needs_formula", scalar.place, what="a person", text=scalar.text[:60])
        return None
    formula = read_formula(draft, scalar, scope, start=1)
    if formula is None or formula.checked.errors:
        return formula
    given = formula.checked.type
    if not gives_people(given, roles=False) or (isinstance(given, feel.ListOf) and not several):
        wanted = "a user or a list of users" if several else "a user"
        message = f"this must be {wanted}, it is {in_words(given)}"
        draft.report.add("wrong_result", draft.source.place_in(scalar, 1, len(scalar.text)), message=message)
    return formula


def _read_notify(draft: Draft, form: FormDraft, tree: Map, scope: feel.Scope) -> Effect | None:
    notify = tree.map("notify")
    role, user, send = notify.scalar("role"), notify.scalar("user"), notify.scalar("send")
    if send is None:
        return None
    messages = draft.tree.map("messages").entries
    if send.text in messages:
        draft.message_scopes.setdefault(send.text, []).append(scope)
    else:
        draft.unknown("unknown_message", send, messages)
    return NotifyEffect(
        draft.check_role(role) if role else None,
        read_people(draft, user, scope, several=True) if user else None,
        send.text,
        tree.place,
    )


Reader = Callable[[Draft, FormDraft, Map, feel.Scope], Effect | None]

#: {key of the effect: how it is read}
READERS: Mapping[str, Reader] = {
    "set": _read_set,
    "create": _read_create,
    "update": _read_update,
    "assign": _read_assign,
    "notify": _read_notify,
    "act": _read_act,
}
