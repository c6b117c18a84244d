"""What things are called in messages: the title of a field a formula reads, and the value it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blankett.engine.blueprint.model import Field, Form
from blankett.engine.explain import Seen
from blankett.engine.runtime.process import full_name
from blankett.engine.runtime.situation import Situation
from blankett.engine.runtime.texts import HIDDEN, shown, shown_field

if TYPE_CHECKING:
    from blankett.engine.runtime.catalog import Catalog


def path_title(catalog: Catalog, form: Form, path: tuple[str, ...], language: str) -> str:
    """Return the title of what *path* leads to from a form's names: ``Customer / Tier``; keys where none is."""
    titles: list[str] = []
    fields = dict(form.fields)
    here = form
    for key in path:
        if key in ("record", "parent", "old", "this", "that"):
            continue
        found = fields.get(key)
        if found is None:
            titles.append(key)
            fields = {}
            continue
        titles.append(found.title.say(language))
        fields, here = _behind(catalog, here, found)
    return " / ".join(titles)


def _behind(catalog: Catalog, form: Form, field: Field) -> tuple[dict[str, Field], Form]:
    """Return the fields behind a table or a link, and the form they belong to."""
    if field.columns:
        return dict(field.columns), form
    if field.type.name == "link":
        linked = catalog.find_form(full_name(str(field.options["to"]), form.blueprint))
        return (dict(linked.fields), linked) if linked else ({}, form)
    return {}, form


def value_words(situation: Situation, seen: Seen, language: str) -> str:
    """Return a value a condition saw, as people read it."""
    if seen.is_hidden:
        return HIDDEN
    field = situation.process.form.find(seen.path) if len(seen.path) <= 2 else None
    if field is not None and field.table is None and not field.columns and field.type.name not in ("link", "user"):
        return shown_field(field, seen.value, language, situation.currency_at(field))
    return shown(seen.value, language)
