"""What things are called in messages: the title of what a formula reads, and the value it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blankett.engine.blueprint.model import Field, Form
from blankett.engine.runtime.process import full_name
from blankett.words import has_message, say

if TYPE_CHECKING:
    from blankett.engine.runtime.catalog import Catalog

#: Between the steps of a path: ``Customer → Tier``.
STEP = " → "
#: Names that say where a path begins, and have no title.
BEGINNINGS = frozenset({"parent", "this", "that"})


def path_title(catalog: Catalog, form: Form, path: tuple[str, ...], language: str) -> str:
    """Return the title of what *path* leads to from a form's names: ``Customer → Tier``; keys where none is."""
    steps = [key for key in path if key not in BEGINNINGS]
    if steps[:1] == ["old"]:
        return say(language, "name.before", title=path_title(catalog, form, tuple(steps[1:]), language))
    if steps[:1] and steps[0] in _ROOTS and steps[0] not in form.fields:
        return _ROOTS[steps[0]](form, tuple(steps), language)
    titles: list[str] = []
    fields, here = dict(form.fields), form
    for place, key in enumerate(steps):
        found = fields.get(key)
        if found is None:
            titles.extend(_unknown(here, tuple(steps[place:]), language))
            break
        titles.append(found.title.say(language))
        fields, here = _behind(catalog, here, found)
    return STEP.join(titles)


def field_at(catalog: Catalog, form: Form, path: tuple[str, ...]) -> Field | None:
    """Return the field that *path* leads to from a form's names, through tables and links; None for what is none."""
    fields, here = dict(form.fields), form
    found: Field | None = None
    for key in path:
        if key in BEGINNINGS or (key == "old" and key not in fields):
            continue
        found = fields.get(key)
        if found is None:
            return None
        fields, here = _behind(catalog, here, found)
    return found


def form_at(catalog: Catalog, form: Form, path: tuple[str, ...]) -> Form | None:
    """Return the form of the record that *path* leads to; None where it leads to no record."""
    if not [key for key in path if key not in BEGINNINGS and key != "old"]:
        return form
    found = field_at(catalog, form, path)
    return catalog.form_behind(found) if found is not None else None


def _behind(catalog: Catalog, form: Form, field: Field) -> tuple[dict[str, Field], Form]:
    """Return the fields behind a table or a link, and the form they belong to."""
    if field.columns:
        return dict(field.columns), form
    if field.links_to is not None:
        linked = catalog.find_form(full_name(field.links_to, form.blueprint))
        return (dict(linked.fields), linked) if linked else ({}, form)
    return {}, form


def _unknown(form: Form, steps: tuple[str, ...], language: str) -> list[str]:
    """Return titles for steps that are no fields: a property of the record, or keys."""
    if steps[0] == "record" and len(steps) > 1:
        return [_property(form, steps, language)]
    return list(steps)


def _property(form: Form, steps: tuple[str, ...], language: str) -> str:
    """Return what ``record.state`` and the like are called."""
    key = steps[1] if len(steps) > 1 else "title"
    message = f"list.{key}"
    return say(language, message) if has_message(message) else key


def _person(form: Form, steps: tuple[str, ...], language: str) -> str:
    return say(language, "name.you")


def _input(form: Form, steps: tuple[str, ...], language: str) -> str:
    """Return the title of what an action asked."""
    asked = (action.ask.get(steps[-1]) for action in form.actions.values())
    found = next((field for field in asked if field is not None), None)
    return found.title.say(language) if found is not None and len(steps) > 1 else steps[-1]


def _fact(form: Form, steps: tuple[str, ...], language: str) -> str:
    """Return the title of what is counted over other records."""
    found: Any = form.facts.get(steps[-1])
    return str(found.title.say(language)) if found is not None else steps[-1]


_ROOTS = {"record": _property, "user": _person, "inputs": _input, "facts": _fact}
