"""Filters and searches of a list, as conditions on its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql.functions import FunctionElement

from blankett.engine.feel.sql import Condition, SqlColumn, compare_value, holds_item, in_values
from blankett.engine.feel.values import Reference
from blankett.engine.paths import Path
from blankett.engine.store import tables
from blankett.engine.store.record_columns import FormColumns
from blankett.engine.store.row_conditions import ALWAYS, NEVER, all_of, any_of, is_always, is_never
from blankett.engine.store.search import GAP, HEAD, MARKS_OF_SLOTS, fold, is_keepable
from blankett.engine.store.slots import Part, is_worded
from blankett.engine.store.sql_expressions import written

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

_r = tables.record.c


@dataclass(frozen=True)
class Filter:
    """A condition a person put on a column of a list."""

    path: Path
    operator: Operator
    #: A value of the field; for `in` a tuple of them, for `between` (low, high) with None for an open end.
    value: Any = None


def filter_condition(column: SqlColumn, asked: Filter) -> Condition:
    """Return the condition of the rows that pass."""
    values = asked.value if isinstance(asked.value, (tuple, list)) else (asked.value,)
    if any(isinstance(value, str) and not is_keepable(value) for value in values):
        return NEVER
    value = _references(asked.value) if column.kind in ("link", "user", "department") else asked.value
    return OPERATORS[asked.operator](column, value)


def _references(value: Any) -> Any:
    """Return ids as what formulas compare links and users with."""
    if isinstance(value, str):
        return Reference(value)
    return tuple(map(_references, value)) if isinstance(value, (tuple, list)) else value


def _comparing(operator: str) -> Callable[[SqlColumn, Any], Condition]:
    return lambda column, value: compare_value(column, operator, value)


def _between(column: SqlColumn, ends: tuple[Any, Any]) -> Condition:
    low, high = ends
    conditions = [compare_value(column, ">=", low)] if low is not None else []
    if high is not None:
        conditions.append(compare_value(column, "<=", high))
    return all_of(*conditions)


def _among(column: SqlColumn, values: Any) -> Condition:
    """Return whether a column is one of *values*; a list, whether it holds one of them."""
    if column.kind == "list":
        return any_of(*(holds_item(column, value) for value in values))
    return in_values(column, list(values))


def _contains(column: SqlColumn, value: object) -> Condition:
    return _like(_text_of(column), str(value), containing)


def _starts(column: SqlColumn, value: object) -> Condition:
    return _like(_text_of(column), str(value), lambda text: containing(text)[1:])


def _text_of(column: SqlColumn) -> sa.ColumnElement[Any]:
    return column.element if column.whole is None else column.whole


OPERATORS: Mapping[Operator, Callable[[SqlColumn, Any], Condition]] = {
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


def containing(text: str) -> str:
    """Return the LIKE pattern of texts that contain *text*, with ``\\`` as its escape character."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


# SQLite's LIKE takes any case by itself; folding both sides first would cost as much again.
@written(postgresql="{0} ILIKE {1} ESCAPE '\\'", sqlite="{0} LIKE {1} ESCAPE '\\'")
class Like(FunctionElement[bool]):
    """`element LIKE pattern` in any case of ASCII letters, with ``\\`` before what is no placeholder."""

    type = sa.Boolean()
    name = "like"
    inherit_cache = True


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


@dataclass(frozen=True)
class SearchedField:
    """A field that is searched."""

    slot: str
    #: Where the reader may see it.
    seen: Condition


def words_of(text: str) -> list[str]:
    """Return the words of a search, folded, the longest first: at most five."""
    words = {word[:LONGEST_WORD] for word in fold(text).split()[:MOST_WORDS]}
    return sorted(words, key=lambda word: (-len(word), word))


def searched_fields(columns: FormColumns, opens: Callable[[Path], Condition]) -> list[SearchedField]:
    """Return the fields that are searched, but for those the reader sees nowhere."""
    found = []
    for of in columns.form.fields.values():
        part: Part = "value" if of.links_to is None else "title"
        slot = columns.slots.find(of, part) if is_worded(of, part) else None
        if slot is not None and not is_never(seen := opens((of.key,))):
            found.append(SearchedField(slot, seen))
    return found


def search_condition(
    words: Sequence[str], fields: Sequence[SearchedField], *, is_keyed: bool, is_whole: bool
) -> Condition:
    """Return the condition of records in which every one of *words* is found: in number, title, or a field.

    *is_whole*: *fields* are all that have words. *is_keyed*: every row is written as rows are now.
    """
    # Where the reader sees every field, the text is looked through at once.
    sees_all = is_whole and all(is_always(field.seen) for field in fields)
    found = all_of(*(_has(word, fields, sees_all=sees_all) for word in words))
    if is_keyed:
        return found
    is_new = sa.func.substr(_r.search, 1, 1) == HEAD
    return any_of(all_of(is_new, found), all_of(sa.not_(is_new), *map(_named_before, words)))


def _has(word: str, fields: Sequence[SearchedField], *, sees_all: bool) -> Condition:
    if sees_all:
        return Contains(_r.search, sa.literal(word))
    in_fields = (
        all_of(
            field.seen,
            Contains(TextBetween(_r.search, sa.literal(MARKS_OF_SLOTS[field.slot]), sa.literal(GAP)), sa.literal(word)),
        )
        for field in fields
    )
    head = TextBetween(_r.search, sa.literal(HEAD), sa.literal(HEAD))
    return any_of(Contains(head, sa.literal(word)), *in_fields)


def _named_before(word: str) -> Condition:
    """Return whether *word* is in number or title of a row that was not written since words are kept by field."""
    pattern = containing(word)
    return any_of(Like(_r.title, sa.literal(pattern)), Like(_r.number, sa.literal(pattern)))


@written(postgresql="(strpos({0}, {1}) > 0)", sqlite="(instr({0}, {1}) > 0)")
class Contains(FunctionElement[bool]):
    """Whether a text has another in it, letter by letter."""

    type = sa.Boolean()
    name = "contains"
    inherit_cache = True


#: What stands behind the first mark, on SQLite.
_BEHIND = "substr({0}, nullif(instr({0}, {1}), 0) + 1)"


@written(
    postgresql="split_part(substr({0}, nullif(strpos({0}, {1}), 0) + 1), {2}, 1)",
    sqlite=f"substr({_BEHIND}, 1, instr({_BEHIND}, {{2}}) - 1)",
)
class TextBetween(FunctionElement[str]):
    """What of a text stands between the first of one mark and the next of another; empty without the first."""

    type = sa.Text()
    name = "between"
    inherit_cache = True


def naming_conditions(
    text: str, columns: FormColumns, opens: Callable[[Path], Condition], title_key: str | None
) -> tuple[Condition, ...]:
    """Return the ways in which *text* can name a record, the surest first: id, key, number, title.

    *title_key*: where a title like *text* is sorted; None where not every title has its place yet.
    """
    wanted = text.strip()
    key = columns.form.key_field
    column = columns.column((key,)) if key else None
    by_key = [all_of(opens((key,)), compare_value(column, "=", wanted))] if key and column is not None else []
    titled = all_of(ALWAYS if title_key is None else _r.title_key == title_key, _r.title == wanted)
    return (_r.id == wanted, *by_key, _r.number == wanted, titled)
