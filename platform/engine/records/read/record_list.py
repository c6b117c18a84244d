"""Lists of records as somebody may see them, through one query with their access.

Titles of people, links and options come for the whole page at once, never with a query for each row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as data_field
from datetime import datetime
from typing import Any

from blankett.engine.fields.base import FieldType
from blankett.engine.fields.text import any_cut, is_cut
from blankett.engine.language.model import Field, Form, ListView
from blankett.engine.paths import Path
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.command import Refusal
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.evaluation_context import situation_of
from blankett.engine.records.read.results import StateView
from blankett.engine.records.read.timeline import state_view
from blankett.engine.records.record_access import form_access_for, stored_permit
from blankett.engine.records.unit_of_work import Unit, refusal
from blankett.engine.store import BriefPage, Count, Filter, Query, QueryProblem, StoredRecord

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
    #: The field; None for a property of the record, whose title is the pages' to give.
    field: Field | None
    #: Whether it has a slot, so that it can be sorted and filtered by.
    is_sortable: bool

    @property
    def type(self) -> FieldType | None:
        """Return what its values are; None for a property of the record."""
        return self.field.type if self.field is not None else None

    @property
    def is_number(self) -> bool:
        """Tell whether its values line up on the right."""
        return self.field is not None and self.field.type.is_number

    @property
    def names_people(self) -> bool:
        """Tell whether its values are ids of people."""
        return self.path[1] in PEOPLE if self.field is None else self.field.type.points_to == "person"

    @property
    def names_department(self) -> bool:
        """Tell whether its values are ids of departments."""
        return self.path[1] == "department" if self.field is None else self.field.type.points_to == "department"

    @property
    def id_path(self) -> Path | None:
        """Return where the id of the record is that a link's column names: its title beside it may be a former one."""
        is_link = self.is_sortable and self.field is not None and self.field.type.points_to == "record"
        return (self.key, "id") if is_link and len(self.path) == 1 else None


@dataclass(slots=True)
class ListRow:
    """A record in a list, as the reader may see it."""

    id: str
    version: int
    title: str
    number: str | None
    state: StateView | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class ListPage:
    """A page of a list: ids and values, which `blankett.forms.list_text` puts into words."""

    form: Form = data_field(repr=False)
    title: str
    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    #: For each column the value of each row, None for what is empty or closed to the reader.
    values: tuple[Sequence[Any], ...]
    #: Path of an amount's currency, or of the id that a link's column names → what each row has there.
    beside: Mapping[Path, Sequence[Any]]
    #: Id → the name of a person or the title of a department, and the title that a linked record has now.
    people: Mapping[str, str]
    titles: Mapping[str, str]
    #: Version of some rows → place of a column → its field with the options of that version: what the newest one has
    #: not is called as the record's own does.
    former_fields: Mapping[int, Mapping[int, Field]]
    #: The cursor of the next page, or None.
    next: str | None
    sort: tuple[tuple[Path, bool], ...]


#: Properties that name people.
PEOPLE = frozenset({"created_by", "owner", "assignee"})
#: What is told of a record in a list, in the order of `ListRow`; and its properties that may be columns.
ROW = ("id", "version", "title", "number", "state", "created_at", "changed_at")
PROPERTIES = (*ROW, *sorted(PEOPLE), "department")


# Lists ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListQuestion:
    """A list that an actor asks for: its page and its count are one question."""

    unit: Unit
    process: Process
    view: ListView | None
    columns: tuple[ListColumn, ...]
    query: Query

    def page(self) -> ListPage | QueryProblem:
        """Return a page of the list as the actor may see it."""
        # A column without a slot is read from the record itself.
        is_brief = all(column.is_sortable for column in self.columns)
        found = self.unit.linked.reading.brief_page(self.query) if is_brief else self._whole_page()
        return found if isinstance(found, QueryProblem) else self._page_of(found)

    def _whole_page(self) -> BriefPage | QueryProblem:
        """Return the page with the values of columns that have no slot among the cells."""
        page = self.unit.linked.reading.page(self.query)
        if isinstance(page, QueryProblem):
            return page
        properties = {name: [getattr(each, name) for each in page.records] for name in PROPERTIES}
        self.unit.linked.load_behind(page.records)
        opened = [_opened(self.unit, record) for record in page.records]
        paths = [column.path for column in self.columns if not column.is_sortable]
        unslotted = {path: [values.get(path) for values in opened] for path in paths}
        return BriefPage(len(page.records), properties, {**page.cells, **unslotted}, page.next)

    def _page_of(self, found: BriefPage) -> ListPage:
        unit, form, properties, cells = self.unit, self.process.form, found.properties, found.cells
        values = tuple(
            properties[column.path[1]]
            if column.field is None
            else _whole_texts(unit, column, properties["id"], cells[column.path])
            for column in self.columns
        )
        return ListPage(
            form=form,
            title=(self.view.title if self.view else form.plural).say(unit.actor.language),
            columns=self.columns,
            rows=tuple(_rows(unit, self.process, properties)),
            values=values,
            beside=cells,
            people=_people(unit, self.columns, values),
            titles=_linked_titles(unit, self.columns, cells),
            former_fields=_former_fields(unit, self.process, self.columns, set(properties["version"])),
            next=found.next,
            sort=self.query.sort,
        )

    def count(self) -> Count | QueryProblem:
        """Return how many records the list has for the actor, capped."""
        return self.unit.linked.reading.count(self.query)


def ask(unit: Unit, request: ListRequest) -> ListQuestion | Refusal:
    """Return the question for a list, to be answered by a page and a count."""
    process = unit.catalog.find_newest(request.blueprint, request.form)
    if process is None:
        return refusal("missing", "refusal.no_form", form=f"{request.blueprint}.{request.form}"[:200])
    view = find_list(process.form, request.list)
    columns = columns_of(unit, process.form, request.columns or list_columns(process.form, view))
    return ListQuestion(unit, process, view, columns, store_query(unit, process, request, view, columns))


def query(unit: Unit, request: ListRequest) -> ListPage | QueryProblem | Refusal:
    """Return a page of a list as the actor may see it."""
    asked = ask(unit, request)
    return asked if isinstance(asked, Refusal) else asked.page()


def count(unit: Unit, request: ListRequest) -> Count | QueryProblem | Refusal:
    """Return how many records a list has for the actor, capped."""
    asked = ask(unit, request)
    return asked if isinstance(asked, Refusal) else asked.count()


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
            found.append(ListColumn(key, path, None, is_sortable=True))
        elif field is not None:
            found.append(ListColumn(key, path, field, slots.find(field) is not None))
    return tuple(found)


def store_query(
    unit: Unit, process: Process, request: ListRequest, view: ListView | None, columns: tuple[ListColumn, ...]
) -> Query:
    """Return the query of the store for a list."""
    form = process.form
    unit.locate(unit.catalog.home_of(process))
    sort = request.sort or tuple((tuple(key.split(".")), descending) for key, descending in (view.sort if view else ()))
    slots = unit.catalog.slots(form)
    named = (path for column in columns if (path := currency_path(form, column)) is not None)
    currencies = tuple(path for path in named if slots.find(form.fields[path[0]]) is not None)
    kept = [column for column in columns if column.field is not None and column.is_sortable]
    cells = [path for column in kept for path in (column.path, column.id_path) if path is not None]
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


def currency_path(form: Form, column: ListColumn) -> Path | None:
    """Return the field that holds the currency of an amount's column, when it is one of the form's with a slot."""
    named = column.field.currency if column.field is not None else None
    return named if isinstance(named, tuple) and len(named) == 1 else None


def _rows(unit: Unit, newest: Process, properties: Mapping[str, Sequence[Any]]) -> Iterator[ListRow]:
    states: dict[tuple[int, str | None], StateView | None] = {}
    for version, state in dict.fromkeys(zip(properties["version"], properties["state"], strict=True)):
        states[version, state] = _state(unit, _process(unit, newest, version), state)
    told = zip(*(properties[name] for name in ROW), strict=True)
    for id, version, title, number, state, created_at, changed_at in told:
        yield ListRow(id, version, title, number, states[version, state], created_at, changed_at)


def _process(unit: Unit, newest: Process, version: int) -> Process:
    """Return the process of the records of a version, of the form whose *newest* one this is."""
    if version == newest.version:
        return newest
    return unit.catalog.kept_process(newest.blueprint.key, version, newest.form.kept_as)


def _state(unit: Unit, process: Process, state: str | None) -> StateView | None:
    """Return the state of records of a version in words."""
    current = unit.catalog.current(process)
    return None if state is None else state_view(current, process.form, state, unit.actor.language)


def _former_fields(
    unit: Unit, newest: Process, columns: Sequence[ListColumn], versions: Iterable[int]
) -> dict[int, Mapping[int, Field]]:
    """Return {version: {place: field}} of the columns whose fields have other options in some of *versions*."""
    own = {version: _process(unit, newest, version) for version in versions if version != newest.version}
    return {version: dict(_own_fields(unit, newest.form, columns, process)) for version, process in own.items()}


def _own_fields(
    unit: Unit, newest: Form, columns: Sequence[ListColumn], process: Process
) -> Iterator[tuple[int, Field]]:
    """Yield (place, field with the options of both) of the columns whose fields have other options in *process*: what
    the newest version has not is called as the record's own version does.
    """
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
            yield place, replace(field, options=options)


def _opened(unit: Unit, record: StoredRecord) -> Mapping[Path, Any]:
    """Return the values the reader sees of a record, read from the record itself: for columns that have no slot."""
    process = unit.catalog.process_of(record)
    permit = stored_permit(unit, process, record)
    situation = situation_of(process, record, unit.linked)
    situation.refresh_live()
    seen = ((key, situation.values[key]) for key in process.form.fields if key not in situation.hidden)
    return {(key,): value for key, value in seen if permit.can_read((key,))}


def _whole_texts(unit: Unit, column: ListColumn, ids: Sequence[str], values: Sequence[Any]) -> Sequence[Any]:
    """Return *values* with each text whole of which a slot keeps the beginning."""
    if not any_cut(values):
        return values
    unit.linked.load({id for id, value in zip(ids, values, strict=True) if is_cut(value)})
    return [_whole_text(unit, column, id) if is_cut(value) else value for id, value in zip(ids, values, strict=True)]


def _whole_text(unit: Unit, column: ListColumn, id: str) -> str | None:
    stored = unit.linked.record(id)
    return unit.catalog.whole_text(stored, column.path) if stored is not None else None


def _people(unit: Unit, columns: Sequence[ListColumn], values: Sequence[Sequence[Any]]) -> dict[str, str]:
    """Return the names of everybody the page names, read in one query, and the titles of its departments."""
    named = [each for column, each in zip(columns, values, strict=True) if column.names_people]
    ids = {id for each in named for id in each if id}
    unit.linked.load_people(ids)
    names = {id: person.name for id in ids if (person := unit.linked.person(id)) is not None}
    for column, each in zip(columns, values, strict=True):
        if column.names_department:
            titles = unit.directory().departments
            names |= {id: titles[id].title for id in each if id in titles}
    return names


def _linked_titles(unit: Unit, columns: Sequence[ListColumn], cells: Mapping[Path, Sequence[Any]]) -> Mapping[str, str]:
    """Return the titles, as they are now, of the records that the page's links point to."""
    paths = [column.id_path for column in columns if column.id_path is not None]
    ids = {id for path in paths for id in cells[path] if id is not None}
    return unit.linked.reading.titles(unit.actor.organisation, sorted(ids)) if ids else {}
