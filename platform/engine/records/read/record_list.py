"""Lists of records as somebody may see them, through one query with their access.

Titles of people, links and options come for the whole page at once, never with a query for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as data_field
from datetime import datetime
from typing import Any

from blankett.engine.fields.base import FieldType
from blankett.engine.fields.reader import shown, shown_field
from blankett.engine.fields.text import is_cut
from blankett.engine.language.model import Form, ListView
from blankett.engine.paths import Path
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.command import Refusal
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.evaluation_context import situation_of
from blankett.engine.records.read.results import StateView
from blankett.engine.records.read.timeline import state_view
from blankett.engine.records.record_permissions import form_access_for, stored_permit
from blankett.engine.records.unit import Unit, refusal
from blankett.engine.store import Count, Filter, Query, QueryProblem, RecordBrief, StoredRecord

#: Values that only older versions know, looked for in a field.
MOST_FORMER = 50


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
    field = process.form.fields.get(path[0])
    kept = unit.linked.reading.values_beside(query, path, known, MOST_FORMER)
    values = kept if field is None else [key for each in kept for key in field.type.options_in(each)]
    found: dict[str, str] = {}
    for value in dict.fromkeys(values):
        if value in known:
            continue
        page = unit.linked.reading.page(replace(query, filters=(Filter(path, "in", (value,)),)))
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


@dataclass(frozen=True, kw_only=True)
class ListRequest:
    """What somebody asks of the records of a form."""

    blueprint: str
    form: str
    #: Key of one of the form's lists: its columns, condition and sort. None: the first, or columns of the form's own.
    list: str | None = None
    #: Whether all records that one may see are asked, whatever the list leaves out.
    everything: bool = False
    filters: tuple[Filter, ...] = ()
    #: (path, descending); empty: as the list says.
    sort: tuple[tuple[Path, bool], ...] = ()
    search: str = ""
    #: The cursor of the page before, from `ListPage.next`.
    after: str | None = None
    limit: int = 50
    #: Columns instead of the list's: field keys and ``record.number``.
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of a list."""

    #: ``total``, or ``record.number``.
    key: str
    path: Path
    #: The field's title; None for a property of the record, whose title is the pages' to give.
    title: str | None
    #: What its values are; None for a property of the record.
    type: FieldType | None
    #: Whether it has a slot, so that it can be sorted and filtered by.
    is_sortable: bool

    @property
    def is_number(self) -> bool:
        """Tell whether its values line up on the right."""
        return self.type is not None and self.type.is_number


@dataclass(frozen=True, slots=True)
class ListRow:
    """A record in a list, as the reader may see it."""

    id: str
    title: str
    number: str | None
    state: StateView | None
    created_at: datetime
    changed_at: datetime
    #: For each column, in order: the value, and as people read it. None and "" for what is empty or closed to the
    #: reader.
    values: tuple[Any, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True)
class ListPage:
    """A page of a list."""

    form: Form = data_field(repr=False)
    title: str
    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    #: The cursor of the next page, or None.
    next: str | None
    sort: tuple[tuple[Path, bool], ...]


#: Properties that name people.
PEOPLE = frozenset({"created_by", "owner", "assignee"})


# Lists ----------------------------------------------------------------------------------------------------------------


def query(unit: Unit, request: ListRequest) -> ListPage | QueryProblem | Refusal:
    """Return a page of a list as the actor may see it."""
    process = unit.catalog.find_newest(request.blueprint, request.form)
    if process is None:
        return refusal("missing", "refusal.no_form", form=f"{request.blueprint}.{request.form}"[:200])
    view = find_list(process.form, request.list)
    columns = columns_of(unit, process.form, request.columns or list_columns(process.form, view))
    asked = store_query(unit, process, request, view, columns)
    # A column without a slot is read from the record itself.
    is_brief = all(column.is_sortable for column in columns)
    page = unit.linked.reading.brief_page(asked) if is_brief else unit.linked.reading.page(asked)
    if isinstance(page, QueryProblem):
        return page
    title = (view.title if view else process.form.plural).say(unit.actor.language)
    rows = tuple(_rows(unit, process, columns, page.records, page.cells))
    return ListPage(process.form, title, columns, rows, page.next, asked.sort)


def count(unit: Unit, request: ListRequest) -> Count | QueryProblem | Refusal:
    """Return how many records a list has for the actor, capped."""
    process = unit.catalog.find_newest(request.blueprint, request.form)
    if process is None:
        return refusal("missing", "refusal.no_form", form=f"{request.blueprint}.{request.form}"[:200])
    return unit.linked.reading.count(store_query(unit, process, request, find_list(process.form, request.list), ()))


def find_list(form: Form, key: str | None) -> ListView | None:
    """Return the form's list with *key*, or its first one; None for a form without any."""
    return form.lists.get(key) if key else next(iter(form.lists.values()), None)


def list_columns(form: Form, view: ListView | None) -> tuple[str, ...]:
    """Return the columns of a list; of a form without lists, its number, title and state as far as there are."""
    if view is not None and view.columns:
        return view.columns
    number = ("record.number",) if form.number else ()
    return (*number, "record.title", *(("record.state",) if form.states else ()), "record.changed_at")


def columns_of(unit: Unit, form: Form, keys: tuple[str, ...]) -> tuple[ListColumn, ...]:
    """Return the columns that *keys* name; those that are no field of the form are left out."""
    slots, found = unit.catalog.slots(form), []
    for key in keys:
        path = tuple(key.split("."))
        field = form.fields.get(path[0])
        if path[0] == "record":
            found.append(ListColumn(key, path, None, None, is_sortable=True))
        elif field is not None:
            title = field.title.say(unit.actor.language)
            found.append(ListColumn(key, path, title, field.type, slots.find(field) is not None))
    return tuple(found)


def store_query(
    unit: Unit, process: Process, request: ListRequest, view: ListView | None, columns: tuple[ListColumn, ...]
) -> Query:
    """Return the query of the store for a list."""
    form = process.form
    unit.locate(unit.catalog.home_of(process))
    sort = request.sort or tuple((tuple(key.split(".")), descending) for key, descending in (view.sort if view else ()))
    slots = unit.catalog.slots(form)
    named = (path for column in columns if (path := _currency_path(form, column)) is not None)
    currencies = tuple(path for path in named if slots.find(form.fields[path[0]]) is not None)
    kept = [column for column in columns if column.path[0] != "record" and column.is_sortable]
    cells = [path for column in kept for path in (column.path, *_id_paths(column))]
    return Query(
        organisation=unit.actor.organisation,
        form=form,
        slots=slots,
        states=unit.catalog.former_states(form),
        access=form_access_for(unit, unit.catalog.current(process)),
        moment=unit.linked.moment,
        filters=request.filters,
        where=(view.where,) if view and view.where and not request.everything else (),
        names={"user": unit.user},
        sort=sort,
        search=request.search,
        is_keyed=unit.catalog.is_keyed,
        after=request.after,
        limit=request.limit,
        cells=tuple(dict.fromkeys((*cells, *currencies))),
    )


def _id_paths(column: ListColumn) -> Iterator[Path]:
    """Yield where the id of the record is that a link's column names: its title beside it may be a former one."""
    if column.type is not None and column.type.points_to == "record" and len(column.path) == 1:
        yield (column.key, "id")


def _currency_path(form: Form, column: ListColumn) -> Path | None:
    """Return the field that holds the currency of an amount's column, when it is one of the form's with a slot."""
    field = form.fields.get(column.path[0])
    named = field.currency if field is not None else None
    return named if isinstance(named, tuple) and len(named) == 1 else None


def _rows(
    unit: Unit,
    process: Process,
    columns: tuple[ListColumn, ...],
    records: Sequence[RecordBrief],
    cells: tuple[Mapping[Path, Any], ...],
) -> list[ListRow]:
    _load_people(unit, process, columns, records, cells)
    linked = _linked_titles(unit, columns, cells)
    cut = {record.id for record, cell in zip(records, cells, strict=True) if any(map(is_cut, cell.values()))}
    unit.linked.load(cut)
    shows = tuple(_shower(unit, process.form, column, linked) for column in columns)
    states: dict[tuple[int, str], StateView] = {}
    own: dict[int, Mapping[int, Show]] = {}
    rows = []
    for record, cell in zip(records, cells, strict=True):
        state = _state(unit, record, states)
        opened = _opened(unit, record) if isinstance(record, StoredRecord) else {}
        values = tuple([_value(record, cell, column, opened) for column in columns])
        if record.id in cut and (stored := unit.linked.record(record.id)) is not None:
            values = tuple(
                unit.catalog.whole_text(stored, column.path) if is_cut(value) else value
                for column, value in zip(columns, values, strict=True)
            )
        texts = tuple(
            ["" if value is None else show(value, cell, state) for show, value in zip(shows, values, strict=True)]
        )
        if record.version != process.version:
            if record.version not in own:
                own[record.version] = dict(_own_shows(unit, process.form, columns, record))
            texts = tuple(
                [
                    own[record.version][place](value, cell, state)
                    if value is not None and place in own[record.version]
                    else text
                    for place, (value, text) in enumerate(zip(values, texts, strict=True))
                ]
            )
        rows.append(
            ListRow(record.id, record.title, record.number, state, record.created_at, record.changed_at, values, texts)
        )
    return rows


def _own_shows(
    unit: Unit, newest: Form, columns: tuple[ListColumn, ...], record: RecordBrief
) -> Iterator[tuple[int, Show]]:
    """Yield (place, what shows its values) of the columns whose fields have other options in the version of *record*:
    what the newest version has not is called as the record's own version does.
    """
    process = unit.catalog.process_of(record)
    current = unit.catalog.current(process)
    own = {current.path(field.path): field for field in process.form.fields.values()}
    for place, column in enumerate(columns):
        field, former = newest.fields.get(column.path[0]), own.get(column.path)
        if field is None or former is None or former.links_to is not None or not former.type.is_like(field.type):
            continue
        if former.options != field.options:
            options = {**former.options}
            if former.option_titles():
                options["options"] = {**former.option_titles(), **field.option_titles()}
            form = replace(newest, fields={**newest.fields, field.key: replace(field, options=options)})
            yield place, _shower(unit, form, column, {})


def _state(unit: Unit, record: RecordBrief, known: dict[tuple[int, str], StateView]) -> StateView | None:
    """Return the record's state in words, made once for all rows of a version."""
    if record.state is None:
        return None
    key = (record.version, record.state)
    if key not in known:
        process = unit.catalog.process_of(record)
        current = unit.catalog.current(process)
        known[key] = state_view(current, process.form, record.state, unit.actor.language)
    return known[key]


def _opened(unit: Unit, record: StoredRecord) -> Mapping[Path, Any]:
    """Return the values the reader sees of a record, read from the record itself: for columns that have no slot."""
    process = unit.catalog.process_of(record)
    permit = stored_permit(unit, process, record)
    situation = situation_of(process, record, unit.linked)
    situation.refresh_live()
    seen = ((key, situation.values[key]) for key in process.form.fields if key not in situation.hidden)
    return {(key,): value for key, value in seen if permit.can_read((key,))}


def _value(
    record: RecordBrief, cell: Mapping[Path, Any], column: ListColumn, opened: Mapping[Path, Any] | None = None
) -> Any:
    if column.path[0] == "record":
        return getattr(record, column.path[1])
    return cell.get(column.path) if column.is_sortable else (opened or {}).get(column.path)


def _load_people(
    unit: Unit,
    process: Process,
    columns: tuple[ListColumn, ...],
    records: Sequence[RecordBrief],
    cells: tuple[Mapping[Path, Any], ...],
) -> None:
    """Load everybody the page names in one query."""
    users = {column for column in columns if _names_people(process.form, column)}
    if users:
        named = (_value(record, cell, column) for record, cell in zip(records, cells, strict=True) for column in users)
        unit.linked.load_people(id for id in named if id)


def _linked_titles(
    unit: Unit, columns: tuple[ListColumn, ...], cells: tuple[Mapping[Path, Any], ...]
) -> Mapping[str, str]:
    """Return the titles, as they are now, of the records that the page's links point to."""
    paths = [path for column in columns if column.is_sortable for path in _id_paths(column)]
    ids = {id for path in paths for cell in cells if (id := cell.get(path)) is not None}
    return unit.linked.reading.titles(unit.actor.organisation, sorted(ids)) if ids else {}


def _names_people(form: Form, column: ListColumn) -> bool:
    if column.path[0] == "record":
        return column.path[1] in PEOPLE
    return form.fields[column.path[0]].type.points_to == "person"


#: Puts a value of a column into words, given the row's cells and state.
Show = Callable[[Any, Mapping[Path, Any], "StateView | None"], str]


def _shower(unit: Unit, form: Form, column: ListColumn, linked: Mapping[str, str]) -> Show:
    """Return what puts the values of *column* into words, chosen once for all rows."""
    reader = unit.reader
    if column.key == "record.state":
        return lambda value, cell, state: state.title if state else ""
    if _names_people(form, column):
        return lambda value, cell, state: _person(unit, value)
    field = form.fields.get(column.path[0])
    if field is None:
        return _remembering(lambda value: shown(value, reader))
    for path in _id_paths(column):
        return lambda value, cell, state: linked.get(cell.get(path) or "", str(value))
    if field.type.is_worded:
        return lambda value, cell, state: str(value)
    show, named, locale = field.type.show, field.currency, reader.locale
    if isinstance(named, tuple):
        return lambda value, cell, state: show(value, field, locale, cell.get(named))
    if named is not None:
        return lambda value, cell, state: show(value, field, locale, named)
    return _remembering(lambda value: shown_field(field, value, reader, None, ""))


def _remembering(show: Callable[[Any], str]) -> Show:
    """Return what puts values into words, each one once for a page: choices and days stand there again and again."""
    known: dict[Any, str] = {}

    def remembered(value: Any, cell: Mapping[Path, Any], state: StateView | None) -> str:
        try:
            found = known.get(value)
        except TypeError:  # a list
            return show(value)
        if found is None:
            found = known[value] = show(value)
        return found

    return remembered


def _person(unit: Unit, id: str) -> str:
    person = unit.linked.person(id)
    return person.name if person else id
