"""Filters and searches of a list, as conditions on its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from blankett.engine.feel.sql import Column, Condition, compare_value, holds_item, in_values
from blankett.engine.feel.values import Reference
from blankett.engine.store import tables
from blankett.engine.store.columns import FormColumns, Path
from blankett.engine.store.conditions import NEVER, all_of, any_of, is_always, is_never
from blankett.engine.store.search_text import CUT, GAP, containing, fold, fold_as_before, is_keepable
from blankett.engine.store.slots import Part, is_worded

Operator = Literal[
    "equals",
    "not_equals",
    "in",
    "less",
    "at_most",
    "more",
    "at_least",
    "between",
    "empty",
    "filled",
    "contains",
    "starts",
]

#: Words of a search that are looked at; and the longest of them, in characters.
MOST_WORDS = 5
LONGEST_WORD = 100
ESCAPE = "\\"

_r = tables.record.c


@dataclass(frozen=True)
class Filter:
    """A condition a person put on a column of a list."""

    path: Path
    operator: Operator
    #: A value of the field; for `in` a tuple of them, for `between` (low, high) with None for an open end.
    value: Any = None


def filter_condition(column: Column, asked: Filter) -> Condition:
    """Return the condition of the rows that pass."""
    values = asked.value if isinstance(asked.value, (tuple, list)) else (asked.value,)
    if any(isinstance(value, str) and not is_keepable(value) for value in values):
        return NEVER
    value = _references(asked.value) if column.kind in ("link", "user") else asked.value
    return OPERATORS[asked.operator](column, value)


def _references(value: Any) -> Any:
    """Return ids as what formulas compare links and users with."""
    if isinstance(value, str):
        return Reference(value)
    return tuple(map(_references, value)) if isinstance(value, (tuple, list)) else value


def _comparing(operator: str) -> Callable[[Column, Any], Condition]:
    return lambda column, value: compare_value(column, operator, value)


def _between(column: Column, ends: tuple[Any, Any]) -> Condition:
    low, high = ends
    conditions = [compare_value(column, ">=", low)] if low is not None else []
    if high is not None:
        conditions.append(compare_value(column, "<=", high))
    return all_of(*conditions)


def _among(column: Column, values: Any) -> Condition:
    """Return whether a column is one of *values*; a list, whether it holds one of them."""
    if column.kind == "list":
        return any_of(*(holds_item(column, value) for value in values))
    return in_values(column, list(values))


def _contains(column: Column, value: object) -> Condition:
    return _like(_text_of(column), str(value), containing)


def _starts(column: Column, value: object) -> Condition:
    return _like(_text_of(column), str(value), lambda text: containing(text)[1:])


def _text_of(column: Column) -> sa.ColumnElement[Any]:
    return column.element if column.whole is None else column.whole


OPERATORS: Mapping[Operator, Callable[[Column, Any], Condition]] = {
    "equals": _comparing("="),
    "not_equals": _comparing("!="),
    "less": _comparing("<"),
    "at_most": _comparing("<="),
    "more": _comparing(">"),
    "at_least": _comparing(">="),
    "in": _among,
    "between": _between,
    "empty": lambda column, _: column.element.is_(None),
    "filled": lambda column, _: column.element.is_not(None),
    "contains": _contains,
    "starts": _starts,
}


class Like(FunctionElement[bool]):
    """`element LIKE pattern` in any case of ASCII letters, with ``\\`` before what is no placeholder."""

    type = sa.Boolean()
    name = "like"
    inherit_cache = True


@compiles(Like)
def _write_like(like: Like, compiler: SQLCompiler, **how: Any) -> str:
    element, pattern = like.clauses
    return f"{compiler.process(element, **how)} ILIKE {compiler.process(pattern, **how)} ESCAPE '\\'"


@compiles(Like, "sqlite")
def _write_like_of_sqlite(like: Like, compiler: SQLCompiler, **how: Any) -> str:
    # SQLite's LIKE takes any case by itself; folding both sides first would cost as much again.
    element, pattern = like.clauses
    return f"{compiler.process(element, **how)} LIKE {compiler.process(pattern, **how)} ESCAPE '\\'"


def _like(element: sa.ColumnElement[Any], text: str, pattern: Callable[[str], str]) -> Condition:
    """Return whether *element* is like the pattern of *text* in any case.

    The databases fold ASCII alone, so other letters are tried in lower case, upper case and with a capital.
    """
    typed = {text, *(text.translate(marks) for marks in MARKS)}
    forms = {form for each in typed for form in (each, *(() if each.isascii() else _cases(each)))}
    return any_of(*[Like(element, sa.literal(pattern(form))) for form in sorted(forms)])


#: Quotation marks and dashes that keyboards, phones and word processors make of each other.
MARKS = (
    str.maketrans({"\u2019": "'", "\u2018": "'", "\u2013": "-", "\u2011": "-", "\u2010": "-", "\u2212": "-"}),
    str.maketrans({"'": "\u2019", "-": "\u2013"}),
    str.maketrans({"'": "\u2019", "-": "\u2011"}),
)


def _cases(text: str) -> tuple[str, ...]:
    return text.lower(), text.upper(), text.title()


# Searching ------------------------------------------------------------------------------------------------------------


def search_condition(
    text: str,
    columns: FormColumns,
    within: Condition,
    opens: Callable[[Path], Condition],
    *,
    titles_only: bool,
    is_keyed: bool,
) -> Condition:
    """Return the condition of records in which every word of *text* is found: number, title, text fields with a slot.

    *within*: the rows of the form. The longest word walks the indexes by itself, so that rows are read only where it
    was found; the others are looked for in those rows. *is_keyed*: every row is written as rows are now.
    """
    fields = () if titles_only else tuple(_searched(columns, opens))
    # Where the reader sees every field that is searched, one text has them all.
    whole = all_of(*(seen for _, seen in fields)) if is_keyed and not titles_only else NEVER
    words = sorted({word[:LONGEST_WORD] for word in text.split()[:MOST_WORDS]}, key=lambda word: (-len(word), word))
    ways = {word: _ways(word, fields, whole, is_keyed=is_keyed) for word in words}
    longest = sa.union_all(*(_ids(within, way) for way in ways[words[0]]))
    return all_of(_r.id.in_(longest), *(any_of(*ways[word]) for word in words[1:]))


def _searched(columns: FormColumns, opens: Callable[[Path], Condition]) -> Iterator[tuple[Column, Condition]]:
    """Yield the columns that are searched, each with where the reader may see it."""
    for of in columns.form.fields.values():
        part: Part = "value" if of.links_to is None else "title"
        column = columns.column((of.key, "title") if part == "title" else (of.key,)) if is_worded(of, part) else None
        if column is not None:
            yield column, opens((of.key,))


def _ways(
    word: str, fields: tuple[tuple[Column, Condition], ...], whole: Condition, *, is_keyed: bool
) -> list[Condition]:
    """Return the ways in which *word* can be found in a record. *whole*: where the reader sees all of *fields*."""
    in_fields = [
        all_of(column.element.is_not(None), _contains(column, word), seen)
        for column, seen in fields
        if not is_never(seen)
    ]
    found: Condition = _r.search.like(containing(fold(word)), escape=ESCAPE)
    if not is_always(whole):
        in_parts = [_named(word, is_keyed=is_keyed), *in_fields]
        return in_parts if is_never(whole) else [all_of(found, whole), *in_parts]
    return [found, *([all_of(_r.search.like(f"%{CUT}"), any_of(*in_fields))] if in_fields else [])]


def _named(word: str, *, is_keyed: bool) -> Condition:
    """Return whether *word* is found in the number or the title: before the last gap."""
    found: Condition = _r.search.like(f"{containing(fold(word))}{GAP}%", escape=ESCAPE)
    if is_keyed:
        return found
    # Rows that were not written since have no gap behind the title.
    before = _r.search.like(containing(fold_as_before(word)), escape=ESCAPE)
    return any_of(found, all_of(_r.search.not_like(f"%{GAP}%{GAP}%"), before))


def _ids(within: Condition, condition: Condition) -> sa.Select[tuple[str]]:
    return sa.select(_r.id).where(within, condition).correlate(None)


def naming_conditions(
    text: str, columns: FormColumns, within: Condition, opens: Callable[[Path], Condition]
) -> tuple[Condition, ...]:
    """Return the ways in which *text* can name a record, the surest first: id, key, number, title."""
    wanted = text.strip()
    key = columns.form.key_field
    column = columns.column((key,)) if key else None
    by_key = [all_of(opens((key,)), compare_value(column, "=", wanted))] if key and column is not None else []
    found = (_r.search.like(containing(way(wanted)), escape=ESCAPE) for way in (fold, fold_as_before))
    titled = all_of(any_of(*found), _r.title == wanted)
    return (_r.id == wanted, *by_key, _r.number == wanted, _r.id.in_(_ids(within, titled)))
