"""Queries over the records of a form: a page, a count, a record by name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.sql.visitors import iterate

from blankett.engine.feel.budget import Moment
from blankett.engine.feel.sql import ColumnResolver, Condition, SqlColumn
from blankett.engine.feel.values import Reference
from blankett.engine.language.model import Form, Formula
from blankett.engine.paths import Path
from blankett.engine.store import tables
from blankett.engine.store.candidates import (
    Cover,
    Unindexed,
    chosen_rows,
    column_of,
    covers_of,
    looking_up,
    names_state,
    state_cover,
    states_of,
    told_rows,
    unindexed,
)
from blankett.engine.store.cursors import Cursor, SortColumn, behind, read_cursor
from blankett.engine.store.filters import (
    Filter,
    SearchedField,
    filter_condition,
    naming_conditions,
    search_condition,
    searched_fields,
    words_of,
)
from blankett.engine.store.json_text import write_json
from blankett.engine.store.record_columns import READERS, FormColumns, MaskedColumns, shown_path, under_mask
from blankett.engine.store.records import COLUMNS, StoredRecord, collation_in, from_row
from blankett.engine.store.row_conditions import ALWAYS, NEVER, all_of, holds, is_never, is_timely
from blankett.engine.store.search import HEAD_LETTER, LETTERS_OF_SLOTS, SearchReading, is_keepable
from blankett.engine.store.slots import SlotMap
from blankett.engine.store.timestamps import read_moment
from blankett.engine.store.transaction import Row

_r = tables.record.c
EVERY: sa.Select[Any] = sa.select(*COLUMNS)
#: What a list asks of a record beside the cells it shows.
BRIEF_COLUMNS = (
    _r.id, _r.version, _r.number, _r.state, _r.title, _r.owner, _r.assignee, _r.department,
    _r.created_by, _r.created_at, _r.changed_at,
)  # fmt: skip
BRIEFLY: sa.Select[Any] = sa.select(*BRIEF_COLUMNS)
#: Properties that are never empty.
ALWAYS_FILLED = frozenset({"id", "title", "created_at", "changed_at", "created_by"})
#: Plans kept; when there are more, all are forgotten.
MOST_PLANS = 512


class RowAccess(Protocol):
    """What a reader may see of a form's records, as conditions on rows."""

    def scope(self, verb: str, columns: FormColumns, moment: Moment) -> Condition:
        """Return the condition of the records for which the reader has *verb*."""
        ...

    def opens(self, path: Path, columns: FormColumns, moment: Moment) -> Condition:
        """Return the condition of the records whose field at *path* the reader may read."""
        ...


class FullAccess:
    """The engine's own view: effects of a blueprint run with the blueprint's authority."""

    def scope(self, verb: str, columns: FormColumns, moment: Moment) -> Condition:
        """Return the condition of all records."""
        return ALWAYS

    def opens(self, path: Path, columns: FormColumns, moment: Moment) -> Condition:
        """Return the condition of all records."""
        return ALWAYS


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked of the records of a form."""

    organisation: str
    #: The current form.
    form: Form
    slots: SlotMap
    #: State that records of older versions may have → its key now; empty where no state had another key.
    states: Mapping[str, str] = field(default_factory=dict)
    access: RowAccess
    moment: Moment
    #: ``view``, or ``pick`` for choosing in a link: then titles alone are searched and nothing can be filtered.
    verb: str = "view"
    filters: tuple[Filter, ...] = ()
    #: Conditions of the author's on a list: fields the reader may not see count as empty.
    where: tuple[Formula, ...] = ()
    #: A condition of the author's that sees everything: the `where` of a link or of an effect.
    link_where: Formula | None = None
    #: The columns by the names that condition knows; None: the form's own names.
    link_columns: ColumnResolver | None = None
    #: What the formulas read beside the record: ``user``, ``this``.
    names: Mapping[str, Any] = field(default_factory=dict)
    #: (path, descending); the newest first when empty.
    sort: tuple[tuple[Path, bool], ...] = ()
    search: str = ""
    #: Whether the sort keys of all records are made with the collation of now; otherwise lists sort by the texts.
    is_keyed: bool = True
    #: The cursor of the page before, from `Page.next`.
    after: str | None = None
    limit: int = 50
    #: Paths whose values `Page.cells` gives; a link gives its title.
    cells: tuple[Path, ...] = ()
    #: Whether records are read without their values.
    is_brief: bool = False


@dataclass(frozen=True)
class QueryProblem:
    """Why a query was not answered: a message id with parameters."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


class QueryRefused(Exception):
    """Carries a QueryProblem out of the building of a statement; never leaves this module."""

    def __init__(self, message: str, **params: object) -> None:
        self.problem = QueryProblem(message, params)
        super().__init__(message)


def rows_of(organisation: str, form: Form) -> Condition:
    """Return the condition of the records of a form, whatever their version."""
    return all_of(_r.organisation == organisation, _r.form == form.kept_name)


class QueryPlan:
    """A query on its way to SQL. Raises QueryRefused for what cannot be asked."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.columns = FormColumns(query.form, query.slots, query.states)
        access = partial(query.access.opens, columns=self.columns, moment=query.moment)
        #: Field path → where the reader may see it. Who may only pick sees titles.
        self.opens: Callable[[Path], Condition] = _closed if query.verb == "pick" else access
        self.masked = MaskedColumns(self.columns, self.opens)
        #: The rows of the form, whoever asks.
        self.within = rows_of(query.organisation, query.form)
        self._statements: dict[bool, Sequence[sa.Select[Any]]] = {}
        self._countings: dict[bool, sa.Select[Any]] = {}
        self._lookups: dict[Cover, sa.Select[Any]] = {}

    def column(self, path: Path) -> SqlColumn:
        """Return the reader's column at *path*, or refuse."""
        column = self.masked.column(path) if path else None
        if column is not None:
            return column
        name = ".".join(path)
        known = bool(path) and path[0] in self.query.form.fields
        raise QueryRefused("query.no_slot" if known else "query.unknown_field", field=name)

    @cached_property
    def condition(self) -> Condition:
        """Return the condition of the rows that are found."""
        if is_never(self._scope):
            return NEVER
        return all_of(self.within, self.asked)

    @cached_property
    def _scope(self) -> Condition:
        return self.query.access.scope(self.query.verb, self.columns, self.query.moment)

    @cached_property
    def asked(self) -> Condition:
        """Return what is asked of the rows of the form."""
        return all_of(self._scope, *map(self._filtered, self.query.filters), *self._wheres(), *self._searched())

    @cached_property
    def covers(self) -> Sequence[Cover]:
        """Return the questions to an index that may find everything."""
        return covers_of(self.asked)

    @cached_property
    def states(self) -> sa.Select[Any]:
        """Return what reads the states that records of the form have."""
        return states_of(self.within)

    def looking_up(self, cover: Cover) -> sa.Select[Any]:
        """Return what reads at most ``most`` ids of the rows that meet *cover*."""
        if cover not in self._lookups:
            self._lookups[cover] = looking_up(self.within, cover)
        return self._lookups[cover]

    @cached_property
    def leaves_out_states(self) -> bool:
        """Tell whether states are asked for otherwise than one by one."""
        by_state = any(len(cover) == 1 and names_state(cover[0]) for cover in self.covers)
        return not by_state and names_state(self.asked)

    def _filtered(self, asked: Filter) -> Condition:
        if self.query.verb == "pick":
            raise QueryRefused("query.no_filter")
        column = self.column(shown_path(self.query.form, asked.path) if asked.operator in TEXTUAL else asked.path)
        if asked.operator in TEXTUAL and column.kind != "text":
            raise QueryRefused("query.not_a_text", field=".".join(asked.path))
        return filter_condition(column, asked)

    def _wheres(self) -> list[Condition]:
        query = self.query
        found = [holds(formula, self.masked, query.names, query.moment) for formula in query.where]
        if query.link_where is not None:
            found.append(holds(query.link_where, query.link_columns or self.columns, query.names, query.moment))
        if any(condition is None for condition in found):
            raise QueryRefused("query.where_not_ready", form=query.form.key)
        return [condition for condition in found if condition is not None]

    @cached_property
    def words(self) -> list[str]:
        """Return the words that are searched for."""
        return words_of(self.query.search) if is_keepable(self.query.search) else []

    @cached_property
    def searched(self) -> list[SearchedField]:
        """Return the fields that are searched. Who may only pick searches number and title."""
        return [] if self.query.verb == "pick" else searched_fields(self.columns, self.opens)

    def _searched(self) -> list[Condition]:
        query = self.query
        if not query.search.strip():
            return []
        if not self.words:
            return [NEVER]
        all_fields = searched_fields(self.columns, lambda path: ALWAYS)
        is_whole = len(self.searched) == len(all_fields)
        return [search_condition(self.words, self.searched, is_keyed=query.is_keyed, is_whole=is_whole)]

    # Order and pages --------------------------------------------------------------------------------------------------

    @cached_property
    def sort(self) -> tuple[SortColumn, ...]:
        """Return the columns the list is sorted by, before the id."""
        return tuple(self._sort_column(path, descending) for path, descending in self.query.sort)

    def _sort_column(self, path: Path, descending: bool) -> SortColumn:
        if path == ("record", "created_at"):
            path = ("record", "id")  # ids are made in that order, and there is an index
        path_shown = shown_path(self.query.form, path)
        column = self.column(path_shown)
        if self.query.is_keyed and (key := self.columns.sort_key(path_shown)) is not None:
            column = key if path[0] == "record" else under_mask(key, self.opens(path[:1]))
        is_whole = column.kind in ("number", "date", "boolean")
        is_nullable = path[0] != "record" or path[1] not in ALWAYS_FILLED
        return SortColumn(column.element, descending, is_whole, is_nullable)

    @cached_property
    def by_id(self) -> SortColumn:
        """Return the last sort column, which tells every row from every other."""
        descending = self.query.sort[0][1] if self.query.sort else True
        return SortColumn(_r.id, descending, is_whole=False, is_nullable=False)

    @cached_property
    def cell_columns(self) -> Mapping[Path, SqlColumn]:
        """Return the columns of the cells."""
        return {path: self.column(shown_path(self.query.form, path)) for path in self.query.cells}

    def statements(self, *, among: bool) -> Sequence[sa.Select[Any]]:
        """Return what gives the page, to be asked in turn until it is full, with ``most`` to be told.

        *among*: of the rows whose ids are told as ``ids``. Otherwise the index of the first sort column is followed:
        filled rows and empty ones are asked for separately.
        """
        found = self._statements.get(among)
        if found is None:
            found = self._statements[among] = () if is_never(self.condition) else self._made(among)
        return found

    def _condition(self, among: bool) -> Condition:
        """Return the condition of the rows, looked for by their ids or by the sort and what shares its index."""
        if among:
            return all_of(told_rows(self.query.organisation), unindexed(self.within), unindexed(self.asked))
        followed = [self.sort[0].element] if self.sort else []
        return all_of(self.within, *self._paired, unindexed(self.asked, followed))

    @cached_property
    def _paired(self) -> Cover:
        """Return the column that is to have one value, by an index that has such rows in the order asked; nothing where
        no index has. Of several the first: the order of `PAIRS`, then that of the question.
        """
        ordered = self.sort[0].element if self.sort else _r.id
        columns = {column.name: cover for cover in reversed(self.covers) if (column := column_of(cover)) is not None}
        if ordered is _r.id:
            return next(iter(columns.values()), ())
        found = (columns[first] for first, second in tables.PAIRS if first in columns and ordered is _r[second])
        return next(found, ())

    def _order(self, sort: Sequence[SortColumn], *, among: bool) -> list[sa.UnaryExpression[Any]]:
        """Return what `ORDER BY` takes: each column once, since SQLite follows no index for one that is said twice."""
        if any(column.element is _r.id for column in sort):
            return [column.order() for column in sort]
        paired = column_of(self._paired) if sort and not among else None
        is_tied = paired is not None and "id" not in tables.pair_index(paired.name, sort[0].element.name)
        # The index of a pair may do without the id: SQLite is to take it all the same.
        last = replace(self.by_id, element=Unindexed(_r.id)) if is_tied else self.by_id
        return [column.order() for column in (*sort, last)]

    def _made(self, among: bool) -> Sequence[sa.Select[Any]]:
        found = sa.select(_r.id).where(self._condition(among)) if among else self._whole(self._condition(among))
        cursor = self._cursor()
        if not self.sort:
            return (self._ordered(found, (), cursor, among=among),)
        first, rest = self.sort[0], self.sort[1:]
        if not first.is_nullable:
            return (self._ordered(found, self.sort, cursor, among=among),)
        in_empty = cursor is not None and cursor.values[0] is None
        filled, sort = found.where(first.element.is_not(None)), (first.filled(), *rest)
        halves = [] if in_empty else [self._ordered(filled, sort, cursor, among=among)]
        if not self._never_empty(self.query.sort[0][0]):
            later = cursor.without_first() if cursor is not None and in_empty else None
            halves.append(self._ordered(found.where(first.element.is_(None)), rest, later, among=among))
        return halves

    def _whole(self, condition: Condition) -> sa.Select[Any]:
        """Return what reads rows with their cells and what they are sorted by."""
        extra = [*(column.element for column in self.cell_columns.values()), *(column.element for column in self.sort)]
        whole = BRIEFLY if self.query.is_brief else EVERY
        # Named, so that a column may be selected twice.
        return whole.add_columns(*(element.label(f"c{place}") for place, element in enumerate(extra))).where(condition)

    def _ordered(
        self, found: sa.Select[Any], sort: Sequence[SortColumn], cursor: Cursor | None, *, among: bool
    ) -> sa.Select[Any]:
        """Return the rows of *found* behind the cursor, in order. Rows looked for among some are chosen by what they
        are sorted by, and only those of the page are read whole: sorting carries all that is read of a row.
        """
        order = self._order(sort, among=among)
        chosen = _behind(found, sort, cursor, self.by_id).order_by(*order).limit(sa.bindparam("most"))
        return self._whole(chosen_rows(self.query.organisation, chosen)).order_by(*order) if among else chosen

    def _never_empty(self, path: Path) -> bool:
        """Tell whether a filter already leaves out the rows that are empty there."""
        return any(asked.path == path and asked.operator in LEAVES_OUT_EMPTY for asked in self.query.filters)

    def _cursor(self) -> Cursor | None:
        if self.query.after is None:
            return None
        cursor = read_cursor(self.query.after, len(self.sort))
        if cursor is None or not all(map(SortColumn.fits, self.sort, cursor.values)):
            raise QueryRefused("query.bad_cursor")
        return cursor

    @cached_property
    def walks_along_state(self) -> bool:
        """Tell whether an index has the rows in order: those of one state, by the form's first day, of which nothing is
        asked that it does not hold. Then as many are looked at as the page shows, however many there are.
        """
        if not self.sort or self.sort[0].element is not _r.d1:
            return False
        columns = {part.name for part in iterate(self.condition) if isinstance(part, sa.Column)}
        return columns <= set(tables.STATE_DAY_INDEX) and bool(self._paired)

    @cached_property
    def walk(self) -> sa.Select[Any] | None:
        """Return the statement that walks along that index; None where none does."""
        if not self.walks_along_state:
            return None
        cursor = self._cursor()
        is_behind_days = cursor is not None and cursor.values[0] is None
        return None if is_behind_days else self.statements(among=False)[0]

    @cached_property
    def is_counted_by_state(self) -> bool:
        """Tell whether the index of states holds all that is asked of a row: then none need be looked up."""
        columns = {part.name for part in iterate(self.condition) if isinstance(part, sa.Column)}
        return columns <= set(tables.STATE_INDEX) and any(
            len(cover) == 1 and names_state(cover[0]) for cover in self.covers
        )

    def counting(self, *, among: bool) -> sa.Select[Any]:
        """Return what counts the rows, of those with ``ids`` or of all, with ``most`` to be told."""
        if among not in self._countings:
            condition = self._condition(among) if among else self.condition
            found = sa.select(_r.id).where(condition).limit(sa.bindparam("most")).subquery()
            self._countings[among] = sa.select(sa.func.count()).select_from(found)
        return self._countings[among]

    @property
    def width(self) -> int:
        """Return how many columns of a row tell of the record itself."""
        return len(BRIEF_COLUMNS if self.query.is_brief else COLUMNS)

    @property
    def place_of_id(self) -> int:
        """Return where the id of a record stands in a row."""
        return 0 if self.query.is_brief else 1

    def cursor_of(self, row: Row) -> Cursor:
        """Return the cursor of a row of the statements."""
        return Cursor(tuple(row[self.width + len(self.cell_columns) :]), row[self.place_of_id])

    def cells_of(self, rows: Sequence[Row]) -> Mapping[Path, Sequence[Any]]:
        """Return the cells of the rows of the statements, by column."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * (self.width + len(self.cell_columns))
        return {
            path: columns[place] if read is None else list(map(read, columns[place]))
            for place, path, read in self.cell_readers
        }

    @cached_property
    def cell_readers(self) -> Sequence[tuple[int, Path, Callable[[Any], Any] | None]]:
        """Return (place in a row, path, what reads the values there) of each column of cells; None where they are kept
        as they are.
        """
        columns = enumerate(self.cell_columns.items(), self.width)
        return [(place, path, READERS.get(column.kind)) for place, (path, column) in columns]


def _behind(
    found: sa.Select[Any], columns: Sequence[SortColumn], cursor: Cursor | None, by_id: SortColumn
) -> sa.Select[Any]:
    """Return the rows of *found* behind the cursor."""
    if cursor is None:
        return found
    found = found.where(behind(columns, cursor, by_id))
    if not columns or columns[0].is_nullable:
        return found
    # Said twice, so that the index is entered where the last page ended: among rows that are equal there too, where
    # nothing else is sorted by.
    return found.where(
        by_id.behind_both(columns[0], cursor.values[0], cursor.id)
        if len(columns) == 1
        else columns[0].at_or_behind(cursor.values[0])
    )


def _closed(path: Path) -> Condition:
    """Return where a field may be seen by who sees none."""
    return NEVER


#: Operators that compare texts letter by letter.
TEXTUAL = frozenset({"contains", "starts"})
#: Operators no empty value passes.
LEAVES_OUT_EMPTY = frozenset(
    {"equals", "in", "less", "at_most", "more", "at_least", "between", "filled", "contains", "starts"}
)


# Plans once made ----------------------------------------------------------------------------------------------------

_plans: dict[Hashable, QueryPlan] = {}


class Same:
    """An object as a part of a key: equal to itself alone. It is held, so that no other is taken for it."""

    __slots__ = ("of",)

    def __init__(self, of: object) -> None:
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.of is other.of

    def __hash__(self) -> int:
        return id(self.of)


def _seen_of(value: Any) -> Hashable:
    """Return what a formula may see of a person."""
    return value.id, value.title, value.fields.get("email")


def plan_for(query: Query) -> QueryPlan:
    """Return the plan of *query*: one made before for the same question of an access with the same conditions, or a new
    one.

    A plan holds conditions and no data; everything it depends on is in its key.
    """
    key = _plan_key(query)
    if key is None:
        return QueryPlan(query)
    found = _plans.get(key)
    if found is None:
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        found = _plans[key] = QueryPlan(query)
    return found


def _plan_key(query: Query) -> Hashable | None:
    question = question_of(query)
    return (
        None if question is None else (question, query.sort, query.after, query.cells, query.is_keyed, query.is_brief)
    )


def question_of(query: Query) -> Hashable | None:
    """Return what two queries that find the same records share; None where that cannot be told."""
    formulas = [*query.where, *([query.link_where] if query.link_where is not None else [])]
    access: Hashable | None = getattr(query.access, "plan_key", None)
    if access is None or any(map(is_timely, formulas)):
        return None
    if not all(name == "user" and isinstance(value, Reference) for name, value in query.names.items()):
        return None
    key = (
        query.organisation, Same(query.form), Same(query.slots), access, query.verb, query.filters,
        tuple(map(Same, formulas)), len(query.where), tuple(map(_seen_of, query.names.values())), query.search,
    )  # fmt: skip
    try:
        hash(key)
    except TypeError:  # a filter's value is a list
        return None
    return key


__all__ = ["BriefPage", "Count", "FullAccess", "Page", "Query", "QueryProblem", "QueryReading", "RowAccess"]

#: Counting stops here: a list says "1000+".
COUNT_CAP = 1000
#: Most rows of a page.
LARGEST_PAGE = 500
#: Rows that are looked for by each of several covers before any of them is looked up as far as lists are counted.
GLANCE = 100


@dataclass(frozen=True)
class Page:
    """Some records of a list, in order."""

    records: tuple[StoredRecord, ...]
    #: Path → for each record what the reader sees there, None for empty and for hidden from them.
    cells: Mapping[Path, Sequence[Any]]
    #: The cursor of the page behind this one, or None on the last.
    next: str | None


@dataclass(frozen=True)
class BriefPage:
    """The same by column, without the values of the records: most lists show no more than the cells."""

    size: int
    #: Name of a property → for each record what it has there.
    properties: Mapping[str, Sequence[Any]]
    cells: Mapping[Path, Sequence[Any]]
    next: str | None


@dataclass(frozen=True)
class Count:
    """How many records there are; *number* or more when it is capped."""

    number: int
    capped: bool


class QueryReading(SearchReading):
    """Answers queries."""

    def page(self, query: Query) -> Page | QueryProblem:
        """Return a page of records with their cells, or why it was not asked."""
        try:
            rows, cells, following = self._page(query)
        except QueryRefused as refused:
            return refused.problem
        return Page(tuple(map(from_row, rows)), cells, following)

    def brief_page(self, query: Query) -> BriefPage | QueryProblem:
        """Return the same of records without their values."""
        try:
            rows, cells, following = self._page(replace(query, is_brief=True))
        except QueryRefused as refused:
            return refused.problem
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(BRIEF_COLUMNS)
        names = (column.name for column in BRIEF_COLUMNS)
        properties: dict[str, Sequence[Any]] = dict(zip(names, columns, strict=False))
        for name in ("created_at", "changed_at"):
            properties[name] = [read_moment(kept) for kept in properties[name]]
        return BriefPage(len(rows), properties, cells, following)

    def count(self, query: Query, cap: int = COUNT_CAP) -> Count | QueryProblem:
        """Return how many records the query finds, up to *cap*. Looks at no page."""
        try:
            plan = plan_for(query)
            row = None if is_never(plan.condition) else self._counted(plan, cap + 1)
        except QueryRefused as refused:
            return refused.problem
        number = 0 if row is None else int(row[0])
        return Count(min(number, cap), number > cap)

    def values_beside(self, query: Query, path: Path, known: frozenset[str], most: int) -> list[str]:
        """Return the values at *path* that records of the form have beside the *known* ones, at most *most*.

        Says nothing of access. Each costs a look into the index; a path without a column has none.
        """
        plan = plan_for(query)
        column = plan.columns.column(path)
        if column is None:
            return []
        found: list[str] = []
        after = sa.bindparam("after", type_=sa.Text())
        lowest = sa.select(sa.func.min(column.element)).where(plan.within, column.element > after)
        value: str | None = ""
        for _ in range(most + len(known)):
            row = self.first(lowest, {"after": value})
            value = None if row is None else row[0]
            if value is None:
                break
            if value not in known:
                found.append(value)
        return found[:most]

    def named(self, query: Query, text: str, most: int = 2) -> list[tuple[str, str]]:
        """Return (id, title) of at most *most* records whose id, else key, else number, else title is *text*."""
        plan = plan_for(query)
        try:
            nothing = not text.strip() or not is_keepable(text) or is_never(plan.condition)
        except QueryRefused:
            nothing = True
        if nothing:
            return []
        opens = _key_alone(query.form) if query.verb == "pick" else plan.opens
        title_key = collation_in(self, query.organisation).key(text.strip()) if query.is_keyed else None
        for condition in naming_conditions(text, plan.columns, opens, title_key):
            chosen = sa.select(_r.id, _r.title).where(plan.condition, condition).order_by(_r.id).limit(most)
            if rows := self.rows(chosen, {}):
                return [(row[0], row[1]) for row in rows]
        return []

    def _page(self, query: Query) -> tuple[Sequence[Row], Mapping[Path, Sequence[Any]], str | None]:
        """Return the rows of a page, their cells, and the cursor of the next page."""
        plan, limit = plan_for(query), max(1, min(query.limit, LARGEST_PAGE))
        rows: list[Row] = []
        for place, whole in enumerate(plan.statements(among=False)):
            if len(rows) <= limit:
                few = None if whole is plan.walk else self._few(plan)
                statement = whole if few is None else plan.statements(among=True)[place]
                told = {} if few is None else {"ids": few}
                rows.extend(self.rows(statement, {"most": limit + 1 - len(rows), **told}))
        shown = rows[:limit]
        more = plan.cursor_of(shown[-1]).to_text() if len(rows) > limit else None
        return shown, plan.cells_of(shown), more

    def _counted(self, plan: QueryPlan, most: int) -> Row | None:
        few = None if plan.is_counted_by_state else self._few(plan)
        told = {} if few is None else {"ids": few}
        return self.first(plan.counting(among=few is not None), {"most": most, **told})

    # What is rare --------------------------------------------------------------------------------------------------

    def _few(self, plan: QueryPlan) -> str | None:
        """Return the ids among which everything is that the plan finds, as a statement takes them; None where an index
        tells of no few. Asked once for page and count.
        """
        # Within a transaction the form and the slots that a question names by id stay.
        known: dict[Hashable, str | None] = self.__dict__.setdefault("_few_of", {})
        asked = question_of(plan.query)
        question: Hashable = plan if asked is None else asked
        if question not in known:
            ids = self._found(plan) if plan.words and plan.query.is_keyed else None
            if ids is None:
                answers = (self._covered(plan, cover, most) for cover, most in self._covers(plan))
                ids = next((found for found in answers if found is not None), None)
            known[question] = None if ids is None else write_json(ids)
        return known[question]

    def _found(self, plan: QueryPlan) -> list[str] | None:
        """Return the ids of the records that may have the words; None where there are too many."""
        letters = [HEAD_LETTER, *(LETTERS_OF_SLOTS[field.slot] for field in plan.searched)]
        return self.candidates(plan.query.organisation, plan.query.form.kept_name, letters, plan.words, COUNT_CAP)

    def _covers(self, plan: QueryPlan) -> Iterator[tuple[Cover, int]]:
        """Yield what to look up, and how many rows at most: of several covers, first a glance at each, so that what one
        of them finds soon is not looked for behind a thousand rows of another.
        """
        if len(plan.covers) > 1:
            yield from ((cover, GLANCE) for cover in plan.covers)
        yield from ((cover, COUNT_CAP) for cover in plan.covers)
        if plan.leaves_out_states:
            states = [row[0] for row in self.rows(plan.states, {})]
            cover = state_cover(plan.asked, states)
            if cover is not None:
                yield cover, COUNT_CAP

    def _covered(self, plan: QueryPlan, cover: Cover, most: int) -> list[str] | None:
        """Return the ids of the rows that meet a cover; None where there are more than *most*."""
        if not cover:
            return []
        rows = self.rows(plan.looking_up(cover), {"most": most + 1})
        return None if len(rows) > most else sorted({row[0] for row in rows})


def _key_alone(form: Form) -> Callable[[Path], Condition]:
    """Return where a record's key may be seen by who may only pick: it is a name, unless the author made it private."""
    return lambda path: NEVER if path in form.private_sources else ALWAYS
