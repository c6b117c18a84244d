"""Keys that would mean another form from now on: of a form that was renamed and ends, or that others still name."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.language.model import Field, Form
from blankett.engine.language.renames import outline_of
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
        reader = next(_readers(reading, catalog, movement, form), None)
        if reader is not None:
            of, field, version = reader
            told = {"key": form.key, "now": now.key, "reader": of.title, "field": field.title, "version": version}
            yield Obstacle("publish.key_is_named", told)


def _late_renaming(reading: Reading, movement: Movement, form: Form) -> Iterator[Obstacle]:
    """Yield that `was` names a form which has ended, where *form* has been one of its own since: it says nothing."""
    was, newest = outline_of(movement.new).forms[form.key].was, movement.line.outline(movement.newest)
    here = newest.forms.get(form.key)
    if was is None or here is None:
        return
    ended = next((had for _, each in reversed(movement.line.versions) if (had := each.forms.get(was))), None)
    if ended is None or newest.kept(ended.kept_as) is not None:
        return
    if has_records(reading, movement.organisation, movement.new.key, ended.kept_as):
        yield Obstacle("publish.was_is_late", {"form": form.title, "key": form.key, "was": was})


def _readers(reading: Reading, catalog: Catalog, movement: Movement, form: Form) -> Iterator[tuple[Form, Field, int]]:
    """Yield the links of other blueprints to the key of *form*: in their newest versions, and in those of records."""
    for stored in reading.blueprints(movement.organisation):
        newest = catalog.newest.get(stored.key)
        if stored.key == movement.new.key or newest is None:
            continue
        used = {version for _, version, _, _ in reading.pinned_counts(movement.organisation, stored.key)}
        for version in sorted({newest, *used}, reverse=True):
            for of in catalog.blueprint(stored.key, version).forms.values():
                for field in of.every_field():
                    if field.links_to == form.name:
                        yield of, field, version
