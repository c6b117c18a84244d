"""Keys that would mean another form from now on: of a form that was renamed and ends, or that others still name."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.language.form_formulas import named_forms
from blankett.engine.language.model import Blueprint, Form, Words
from blankett.engine.publish.impact import Movement
from blankett.engine.publish.results import Obstacle
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import Reading
from blankett.engine.store.version_records import has_records


def key_obstacles(reading: Reading, catalog: Catalog, movement: Movement) -> Iterator[Obstacle]:
    """Yield why forms of `movement.new` may not have the keys that they have.

    A key finds the form that had it before. Where that ends, and a form comes under its former key, as in the text of a
    version from before it was renamed, its records would be nobody's; where it goes on, other blueprints that name it
    by the key would mean another form without a word.
    """
    new = movement.new
    for form in new.forms.values() if movement.newest else ():
        yield from _late_renaming(reading, movement, form)
        before = catalog.find_form(form.name)
        if before is None or before.kept_as == form.kept_as:
            continue
        now = new.kept_forms.get(before.kept_as)
        if now is None:
            if has_records(reading, movement.organisation, new.key, before.kept_as):
                told = {"form": form.title, "key": form.key, "was": before.key}
                yield Obstacle("publish.form_is_back", told)
            continue
        naming = next(_naming(reading, catalog, movement, form), None)
        if naming is not None:
            version, holder, part = naming
            told = {"key": form.key, "now": now.key, "holder": holder, "part": part, "version": version}
            yield Obstacle("publish.key_is_named", told)


def _late_renaming(reading: Reading, movement: Movement, form: Form) -> Iterator[Obstacle]:
    """Yield that `was` names a form which has ended, where *form* has been one of its own since: it says nothing."""
    was, newest = form.was, movement.line.outline(movement.newest)
    if was is None or form.key not in newest.forms:
        return
    ended = next((had for _, each in reversed(movement.line.versions) if (had := each.forms.get(was))), None)
    if ended is None or newest.kept(ended.kept_as) is not None:
        return
    if has_records(reading, movement.organisation, movement.new.key, ended.kept_as):
        yield Obstacle("publish.was_is_late", {"form": form.title, "key": form.key, "was": was})


def _naming(reading: Reading, catalog: Catalog, movement: Movement, form: Form) -> Iterator[tuple[int, Words, Words]]:
    """Yield what names *form* by its key in other blueprints, in their newest versions and in those of records: the
    version, the title of its form or table, and that of the part.
    """
    for stored in reading.blueprints(movement.organisation):
        newest = catalog.newest.get(stored.key)
        if stored.key == movement.new.key or newest is None:
            continue
        used = {version for _, version, _, _ in reading.pinned_counts(movement.organisation, stored.key)}
        for version in sorted({newest, *used}, reverse=True):
            for name, holder, part in _named_forms(catalog.blueprint(stored.key, version)):
                if name == form.name:
                    yield version, holder, part


def _named_forms(blueprint: Blueprint) -> Iterator[tuple[str, Words, Words]]:
    """Yield the full name of each form that a part of *blueprint* names, with the titles of what has it and of it."""
    for form in blueprint.forms.values():
        yield from ((name, form.title, part) for name, part in named_forms(form))
    for table in blueprint.tables.values():
        for column in (*table.inputs.values(), *table.outputs.values()):
            yield ".".join(column.written.split(".")[:2]), table.title, column.title
