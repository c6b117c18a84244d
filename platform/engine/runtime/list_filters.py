"""What the filters of a list may name: records behind links, and options and states that only older versions have."""

from __future__ import annotations

from dataclasses import replace

from blankett.engine.blueprint.model import Field, Form
from blankett.engine.runtime.behind import form_behind
from blankett.engine.runtime.catalog import Catalog
from blankett.engine.runtime.choosing import named_query
from blankett.engine.runtime.permits import form_access_for
from blankett.engine.runtime.process import Process, full_name
from blankett.engine.runtime.work import Unit
from blankett.engine.store import Filter, Query, QueryProblem, StoredRecord

Path = tuple[str, ...]
#: Records offered when a text could mean several.
MOST_OFFERED = 20
#: Values that only older versions know, looked for in a field.
MOST_FORMER = 50


def linked_records(unit: Unit, process: Process, field: Field, text: str) -> tuple[tuple[str, str], ...]:
    """Return (id, title) of the records behind a link field that *text* means: the one whose id, key, number or title
    it is; otherwise those it finds, at most 20. Only those the actor may choose or see.
    """
    form = form_behind(unit.catalog, process, full_name(str(field.options["to"]), process.blueprint.key)).form
    if form is None or unit.catalog.find_newest(form.blueprint, form.key) is None:
        return ()
    asked = named_query(unit, form)
    exact = unit.linked.reading.named(asked, text)
    if exact:
        return tuple(exact)
    page = unit.linked.reading.page(
        replace(asked, search=text, sort=((("record", "title"), False),), limit=MOST_OFFERED)
    )
    return () if isinstance(page, QueryProblem) else tuple((found.id, found.title) for found in page.records)


def people_named(unit: Unit, text: str) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the people whose id, e-mail or name is *text*, at most 2."""
    return tuple((user.id, user.name) for user in unit.linked.reading.users_named(unit.actor.organisation, text))


def former_values(unit: Unit, process: Process, path: Path) -> dict[str, str]:
    """Return {key: title} of the options of a choice field, or of the states, that some record the actor sees has and
    the newest version has not; each as the version of such a record calls it.
    """
    known = _known(unit, process.form, path)
    if known is None:
        return {}
    unit.locate(unit.catalog.home_of(process))
    query = Query(
        organisation=unit.actor.organisation,
        form=process.form,
        slots=unit.catalog.slots(process.form),
        access=form_access_for(unit, unit.catalog.current(process)),
        moment=unit.linked.moment,
        limit=1,
    )
    found: dict[str, str] = {}
    for value in unit.linked.reading.values_beside(query, path, known, MOST_FORMER):
        page = unit.linked.reading.page(replace(query, filters=(Filter(path, "equals", value),)))
        if not isinstance(page, QueryProblem) and page.records:
            found[value] = former_title(unit.catalog, page.records[0], path, value, unit.actor.language)
    return found


def _known(unit: Unit, form: Form, path: Path) -> frozenset[str] | None:
    """Return the options or states that the newest version knows; None for a field that has none."""
    if path == ("record", "state"):
        return frozenset(form.states) | frozenset(unit.catalog.former_states(form))
    field = form.fields.get(path[0])
    return frozenset(field.option_titles()) or None if field is not None else None


def former_title(catalog: Catalog, stored: StoredRecord, path: Path, value: str, language: str) -> str:
    """Return what a record's own version calls an option of a field, or a state; the key where it does not say."""
    process = catalog.process_of(stored)
    if path == ("record", "state"):
        state = process.form.states.get(value)
        return state.title.say(language) if state is not None else value
    current = catalog.current(process)
    for field in process.form.fields.values():
        if current.path(field.path) == path and value in field.option_titles():
            return field.option_titles()[value].title.say(language)
    return value
