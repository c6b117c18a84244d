"""Turns a condition into SQL, for picking records: `where` in grants, lists and counts.

The subset: comparisons of a field with a value or another field, `and`, `or`, `not()`, `in` with lists and ranges,
`between`, null tests, and fields that are true or false; in place of a field also sums and differences of numbers, and
the time from one day to another. What reads no field of the picked record (`this.customer`,
`user`, `today() - duration("P30D")`) is evaluated first and bound as a parameter. The answer is the same as the
evaluator's, null included: a property test holds the two together.

How values stand in columns: numbers as integers scaled by a power of ten, dates as days since 1970-01-01, dates with
times as UTC text of fixed width, booleans as 0 and 1, links and users as their id, lists of texts as
``, a, b, ``. Texts must compare by code point
(SQLite's BINARY, PostgreSQL's "C").
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any as Value
from typing import Final, Literal, Protocol, TypeGuard
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from blankett.engine.feel import tree, types
from blankett.engine.feel.budget import Moment
from blankett.engine.feel.builtins.departments import BELONGS_TO
from blankett.engine.feel.compile import formula_of
from blankett.engine.feel.operators import COMPARISONS
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.temporal import WideDuration
from blankett.engine.feel.typecheck import examine
from blankett.engine.feel.typecheck.checker import Checker, Finding
from blankett.engine.feel.values import NO_END, Range, Reference

Condition = sa.ColumnElement[bool]
Kind = Literal[
    "number", "text", "date", "datetime", "boolean", "link", "user", "department", "list", "time", "duration", "days"
]

#: Names that are not the picked record's.
OUTSIDE: Final = frozenset(["this", "user", "inputs", "old"])
#: What an integer column holds.
_LARGEST: Final = 2**63 - 1
_SMALLEST: Final = -(2**63)
_EPOCH: Final = date(1970, 1, 1)
#: Of conditions that are only looked at.
_NOWHEN: Final = Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
#: Sums are made of numbers without a largest one; SQLite takes it as its integers.
_NUMBER: Final = sa.Numeric(38, 0)
_NOTHING: Final = sa.cast(sa.null(), sa.BigInteger())
_EXACT: Final = decimal.Context(prec=20_000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[decimal.Inexact])
_FLIPPED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class SqlColumn:
    """A column that holds a field of the picked record."""

    kind: Kind
    element: sa.ColumnElement[Value]
    #: For numbers: how many decimals the stored integer carries.
    scale: int = 6
    #: For texts: what the column holds of a text, where it does not hold every text whole; equal for equal texts alone.
    kept: Callable[[str], str] | None = None
    #: For texts: the whole text, where the column does not hold every text whole.
    whole: sa.ColumnElement[Value] | None = None
    #: For what is computed: what is to be added to what `element` says.
    offset: Decimal = Decimal(0)
    #: Whether it may be larger than an integer column holds.
    is_wide: bool = False


class ColumnResolver(Protocol):
    """Knows where the fields of the picked record are stored."""

    def column(self, path: tuple[str, ...]) -> SqlColumn | None:
        """Return the column of the field at *path*, as `("record", "state")`, or None where it has none."""


def to_sql(
    expression: tree.Expression, scope: Scope, columns: ColumnResolver, names: Mapping[str, Value], moment: Moment
) -> Condition:
    """Return *expression* as SQL: true, false or NULL for each record as the evaluator says.

    *names* are the values from outside the picked record. Raises ValueError for what `sql_findings` reports.
    """
    checker = examine(expression, scope)[1]

    def value_of(part: tree.Expression) -> Value:
        return formula_of(part, scope, checker).evaluate(names, moment)

    translation = Translation(checker, columns, OUTSIDE | names.keys(), value_of, moment)
    condition = translation.condition(expression)
    if translation.findings:
        raise ValueError(translation.findings[0].message)
    return condition


def sql_findings(expression: tree.Expression, scope: Scope, columns: ColumnResolver) -> list[Finding]:
    """Return what of *expression* is outside the subset, or reads a field without a column."""
    checker = examine(expression, scope)[1]
    translation = Translation(checker, columns, OUTSIDE, lambda part: None, _NOWHEN)
    translation.condition(expression)
    return translation.findings


# ---- values of columns ----

#: A value that the column's kind cannot be compared with.
_FOREIGN: Final = object()


def _stored(column: SqlColumn, value: Value) -> Value:
    """Return *value* as the column stores it (a scaled Decimal for numbers), or _FOREIGN."""
    stored = _STORED[column.kind](value)
    if column.kept is not None and isinstance(stored, str):
        return column.kept(stored)
    if not isinstance(stored, Decimal):
        return stored
    return _EXACT.scaleb(_EXACT.subtract(stored, column.offset) if column.offset else stored, column.scale)


def _stored_datetime(value: Value) -> Value:
    if type(value) is not datetime or value.tzinfo is None:
        return _FOREIGN
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


_STORED: Final[dict[str, Callable[[Value], Value]]] = {
    "number": lambda value: value if type(value) is Decimal else _FOREIGN,
    "text": lambda value: value if type(value) is str else _FOREIGN,
    "date": lambda value: (value - _EPOCH).days if type(value) is date else _FOREIGN,
    "datetime": _stored_datetime,
    "boolean": lambda value: int(value) if type(value) is bool else _FOREIGN,
    "link": lambda value: value.id if type(value) is Reference else _FOREIGN,
    "user": lambda value: value.id if type(value) is Reference else _FOREIGN,
    "department": lambda value: value.id if type(value) is Reference else _FOREIGN,
    "list": lambda value: _FOREIGN,
    "duration": lambda value: value // _MICROSECOND if type(value) is timedelta else _FOREIGN,
    "days": lambda value: _stored_days(value),
    "time": lambda value: value.isoformat("seconds") if _is_clock(value) else _FOREIGN,
}
_WITHOUT_ORDER: Final = frozenset(["boolean", "link", "user", "department", "list"])


def _stored_days(value: Value) -> Value:
    """Return a duration in days; one that is not whole lies between two that are."""
    if isinstance(value, timedelta):
        return value.days + (Decimal("0.5") if value % _DAY else Decimal(0))
    if isinstance(value, WideDuration):
        days, rest = divmod(value.nanoseconds, 86_400 * 10**9)
        return days + (Decimal("0.5") if rest else Decimal(0))
    return _FOREIGN


def _is_clock(value: Value) -> bool:
    """Tell whether a value is a time without a zone, to the second, as columns hold it."""
    return type(value) is time and value.tzinfo is None and not value.microsecond


TRUE: Final[Condition] = sa.true()
FALSE: Final[Condition] = sa.false()


def unknown() -> Condition:
    """Return the condition that is NULL."""
    return sa.cast(sa.null(), sa.Boolean())


def as_condition(answer: Value) -> Condition:
    """Return a truth value as a condition; NULL for anything else."""
    if type(answer) is not bool:
        return unknown()
    return TRUE if answer else FALSE


def compare_value(column: SqlColumn, operator: str, value: Value) -> Condition:
    """Return `column operator value` as the language answers it."""
    element = column.element
    if operator in ("=", "!="):
        return _equal_value(column, value) if operator == "=" else _unequal_value(column, value)
    stored = _FOREIGN if value is None or column.kind in _WITHOUT_ORDER else _stored(column, value)
    if stored is _FOREIGN:
        return unknown()
    if isinstance(stored, Decimal):
        return _order_number(element, operator, stored, is_wide=column.is_wide)
    return _ORDER[operator](element, stored)


_ORDER: Final[dict[str, Callable[[sa.ColumnElement[Value], Value], Condition]]] = {
    "<": lambda element, value: element < value,
    "<=": lambda element, value: element <= value,
    ">": lambda element, value: element > value,
    ">=": lambda element, value: element >= value,
    "=": lambda element, value: element == value,
    "!=": lambda element, value: element != value,
}


def _equal_value(column: SqlColumn, value: Value) -> Condition:
    element = column.element
    if value is None:
        return element.is_(None)
    stored = _stored(column, value)
    if stored is _FOREIGN:
        # Null is not equal to something; of two kinds it cannot be told.
        return FALSE if _is_local_time(column, value) else sa.and_(element.is_not(None), unknown())
    if isinstance(stored, Decimal):
        whole = _whole(stored, is_wide=column.is_wide)
        return FALSE if whole is None else sa.and_(element.is_not(None), element == whole)
    return sa.and_(element.is_not(None), element == stored)


def _unequal_value(column: SqlColumn, value: Value) -> Condition:
    element = column.element
    if value is None:
        return element.is_not(None)
    stored = _stored(column, value)
    if stored is _FOREIGN:
        return TRUE if _is_local_time(column, value) else sa.or_(element.is_(None), unknown())
    if isinstance(stored, Decimal):
        whole = _whole(stored, is_wide=column.is_wide)
        return TRUE if whole is None else sa.or_(element.is_(None), element != whole)
    return sa.or_(element.is_(None), element != stored)


def _is_local_time(column: SqlColumn, value: Value) -> bool:
    """Say whether *value* is a time without a zone: never the same as one with a zone, but of one kind with it."""
    return column.kind == "datetime" and type(value) is datetime


def _whole(scaled: Decimal, *, is_wide: bool = False) -> int | sa.ColumnElement[Value] | None:
    """Return *scaled* as an integer that a column can hold, or None where no stored number equals it."""
    if scaled != scaled.to_integral_value():
        return None
    if _SMALLEST <= scaled <= _LARGEST:
        return int(scaled)
    return _written(scaled) if is_wide else None


def _written(scaled: Decimal) -> sa.ColumnElement[Value]:
    """Return a number that no integer column holds."""
    return sa.type_coerce(sa.cast(sa.literal(f"{scaled:f}"), _NUMBER), sa.BigInteger())


def _order_number(
    element: sa.ColumnElement[Value], operator: str, scaled: Decimal, *, is_wide: bool = False
) -> Condition:
    """Return the comparison with *scaled*, which may lie between two stored numbers, or beyond them all."""
    if is_wide and not _SMALLEST < scaled < _LARGEST:
        return _ORDER[operator](element, _written(scaled))
    if scaled > _LARGEST or scaled < _SMALLEST:
        above = scaled > _LARGEST
        always = above == (operator in ("<", "<="))
        edge = _LARGEST if above else _SMALLEST
        if above:
            return element <= edge if always else element > edge
        return element >= edge if always else element < edge
    low = int(scaled.to_integral_value(decimal.ROUND_FLOOR))
    if scaled == low:
        return _ORDER[operator](element, low)
    return element <= low if operator in ("<", "<=") else element > low


def compare_columns(left: SqlColumn, operator: str, right: SqlColumn) -> Condition:
    """Return `left operator right` of two columns of one kind."""
    one, other = left.element, right.element
    if _is_computed(left) or _is_computed(right) or left.scale != right.scale:
        return _compare_computed(left, operator, right)
    if operator == "=":
        both_null = sa.and_(one.is_(None), other.is_(None))
        return sa.or_(both_null, sa.and_(one.is_not(None), other.is_not(None), one == other))
    if operator == "!=":
        one_null = sa.or_(
            sa.and_(one.is_(None), other.is_not(None)),
            sa.and_(one.is_not(None), other.is_(None)),
        )
        return sa.or_(one_null, sa.and_(one.is_not(None), other.is_not(None), one != other))
    return unknown() if left.kind in _WITHOUT_ORDER else _ORDER[operator](one, other)


def _is_computed(column: SqlColumn) -> bool:
    return bool(column.offset) or column.is_wide or column.kind == "days"


def _compare_computed(left: SqlColumn, operator: str, right: SqlColumn) -> Condition:
    """Return the comparison of two numbers, or durations, one of which is computed: by their difference."""
    difference = replace(combined(left, right, -1), kind="number")
    found = compare_value(difference, operator, Decimal(0))
    if operator not in ("=", "!="):
        return found
    one, other = left.element, right.element
    if operator == "=":
        return sa.or_(sa.and_(one.is_(None), other.is_(None)), found)
    # Null is not equal to something.
    return sa.or_(
        sa.and_(one.is_(None), other.is_not(None)),
        sa.and_(one.is_not(None), other.is_(None)),
        sa.and_(one.is_not(None), other.is_not(None), found),
    )


def combined(left: SqlColumn, right: SqlColumn, sign: int) -> SqlColumn:
    """Return the sum of two columns of numbers, or of days, or with *sign* −1 their difference."""
    scale = max(left.scale, right.scale)
    one, other = (
        sa.type_coerce(sa.cast(of.element, _NUMBER), sa.BigInteger()) * 10 ** (scale - of.scale)
        if scale > of.scale
        else sa.type_coerce(sa.cast(of.element, _NUMBER), sa.BigInteger())
        for of in (left, right)
    )
    element = one + other if sign > 0 else one - other
    return SqlColumn(left.kind, element, scale, offset=left.offset + sign * right.offset, is_wide=True)


def in_values(column: SqlColumn, test: Value) -> Condition:
    """Return whether the column is in *test*: a range, a list of values and ranges, or one value."""
    if isinstance(test, Range):
        return _in_range(column, test)
    if isinstance(test, list):
        return _in_list(column, test)
    return compare_value(column, "=", test)


def _in_range(column: SqlColumn, test: Range) -> Condition:
    ends = []
    if test.low is not NO_END:
        ends.append(compare_value(column, ">=" if test.low_closed else ">", test.low))
    if test.high is not NO_END:
        ends.append(compare_value(column, "<=" if test.high_closed else "<", test.high))
    return sa.and_(TRUE, *ends)


def _in_list(column: SqlColumn, tests: list[Value]) -> Condition:
    element = column.element
    found: list[Condition] = []
    values: list[Value] = []
    for test in tests:
        if isinstance(test, (Range, list)):
            found.append(in_values(column, test))
        elif test is None:
            found.append(element.is_(None))
        else:
            stored = _stored(column, test)
            whole = _whole(stored, is_wide=column.is_wide) if isinstance(stored, Decimal) else stored
            if whole is not None and whole is not _FOREIGN:
                values.append(whole)
    if values:
        found.append(sa.and_(element.is_not(None), element.in_(values)))
    return sa.or_(FALSE, *found)


def holds_item(column: SqlColumn, value: Value) -> Condition:
    """Return whether a list of texts holds *value*; unknown where there is no list."""
    if type(value) is not str:
        return sa.and_(column.element.is_not(None), unknown() if value is not None else FALSE)
    # Nothing but this tells small letters from capitals on every database.
    return sa.func.replace(column.element, f", {value}, ", "") != column.element


def _calls(part: tree.Expression, name: str) -> TypeGuard[tree.Call]:
    return isinstance(part, tree.Call) and isinstance(part.function, tree.Name) and part.function.name == name


# ---- the condition ----


class Translation:
    """One condition on its way to SQL. *value_of* evaluates a part that reads no field of the picked record."""

    def __init__(
        self,
        checker: Checker,
        columns: ColumnResolver,
        outside: frozenset[str],
        value_of: Callable[[tree.Expression], Value],
        moment: Moment,
    ) -> None:
        self.checker = checker
        self.columns = columns
        self.outside = outside
        self.value_of = value_of
        self.moment = moment
        self.findings: list[Finding] = []

    def refuse(self, part: tree.Part, code: str = "feel.sql_unsupported", **params: object) -> Condition:
        """Add a finding; the condition goes on as unknown."""
        words = params or {"part": _IN_WORDS.get(type(part), "this")}
        self.findings.append(Finding(code, words, part.start, part.end))
        return unknown()

    def reads_record(self, part: tree.Part) -> bool:
        """Say whether *part* reads a field of the picked record."""
        found = self.checker.found.get(part) if isinstance(part, tree.Name) else None
        if found is not None and any(path[0] not in self.outside for path in found.paths):
            return True
        return any(self.reads_record(child) for child in tree.children(part))

    def column(self, part: tree.Expression, *, is_list: bool = False) -> SqlColumn | None:
        """Return the column that *part* is, or None with a finding; one of a list only where *is_list* asks for it."""
        if isinstance(part, (tree.Arithmetic, tree.Negation)):
            return self.computed(part)
        if isinstance(part, tree.PathExpression) and isinstance(part.owner, tree.Arithmetic) and part.name == "days":
            found = self.computed(part.owner)
            if found is None or found.kind == "days":
                return found if found is None else replace(found, kind="number")
            self.refuse(part)
            return None
        if not isinstance(part, (tree.Name, tree.PathExpression)):
            self.refuse(part)
            return None
        paths = self.checker.found[part].paths
        column = self.columns.column(next(iter(paths))) if len(paths) == 1 else None
        if column is None:
            self.refuse(part, "feel.sql_no_column", name=".".join(next(iter(paths), ("this",))))
        elif column.kind == "list" and not is_list:
            self.refuse(part, "feel.sql_list", name=".".join(next(iter(paths))))
            return None
        return column

    def computed(self, part: tree.Arithmetic | tree.Negation) -> SqlColumn | None:
        """Return a sum or a difference of numbers, or the time between two days, as one column; None with a finding."""
        if isinstance(part, tree.Negation):
            column = self.column(part.operand)
            if column is not None and column.kind == "number":
                return replace(column, element=-column.element, offset=-column.offset)
            if column is not None:
                self.refuse(part, "feel.sql_two_columns")
            return None
        if part.operator not in ("+", "-"):
            self.refuse(part, "feel.sql_two_columns")
            return None
        sign = 1 if part.operator == "+" else -1
        if not self.reads_record(part.right):
            left = self.column(part.left)
            return None if left is None else self._moved(part, left, part.right, sign)
        right = self.column(part.right)
        if right is None:
            return None
        if not self.reads_record(part.left):
            if right.kind not in ("number", "date") or (right.kind == "date" and sign > 0):
                self.refuse(part, "feel.sql_two_columns")
                return None
            turned = right if sign > 0 else replace(right, element=-right.element, offset=-right.offset)
            return self._moved(part, turned, part.left, 1)
        left = self.column(part.left)
        if left is None:
            return None
        if left.kind == right.kind == "number":
            return combined(left, right, sign)
        if left.kind == right.kind == "date" and sign < 0:
            return SqlColumn("days", left.element - right.element, 0)
        self.refuse(part, "feel.sql_two_columns")
        return None

    def _moved(self, part: tree.Arithmetic, column: SqlColumn, by: tree.Expression, sign: int) -> SqlColumn | None:
        """Return a column of numbers with a value from outside added, or the days to the day of a column."""
        value, is_day = self.value_of(by), isinstance(self.checker.found[by].type, types.Date)
        if column.kind == "number":
            if type(value) is not Decimal:
                return replace(column, element=_NOTHING)
            return replace(column, offset=column.offset + sign * value, is_wide=column.is_wide)
        if column.kind == "date" and is_day:
            if type(value) is not date:
                return SqlColumn("days", _NOTHING, 0)
            return SqlColumn("days", column.element, 0, offset=Decimal(sign * (value - _EPOCH).days))
        self.refuse(part, "feel.sql_two_columns")
        return None

    def condition(self, part: tree.Expression) -> Condition:
        """Return *part* as a condition of three-valued logic."""
        if not self.reads_record(part):
            return as_condition(self.value_of(part))
        if isinstance(part, tree.Logic):
            parts = [self.condition(operand) for operand in part.operands]
            return sa.and_(*parts) if part.operator == "and" else sa.or_(*parts)
        if isinstance(part, tree.Comparison):
            return self.comparison(part, part.left, part.operator, part.right)
        if isinstance(part, tree.Between):
            low = self.comparison(part, part.value, ">=", part.low)
            return sa.and_(low, self.comparison(part, part.value, "<=", part.high))
        if isinstance(part, tree.In):
            return sa.or_(*[self.membership(part.value, test) for test in part.tests])
        if _calls(part, "not"):
            return sa.not_(self.condition(part.arguments[0].value)) if len(part.arguments) == 1 else self.refuse(part)
        if _calls(part, "list contains"):
            return self.list_contains(part)
        if _calls(part, BELONGS_TO):
            return self.belongs_to(part)
        if isinstance(part, (tree.Name, tree.PathExpression)):
            return self.boolean(part)
        return self.refuse(part)

    def list_contains(self, part: tree.Call) -> Condition:
        """Return whether a list of texts holds a text that reads no column."""
        listed, sought = ([each.value for each in part.arguments] + [None, None])[:2]
        if len(part.arguments) != 2 or listed is None or sought is None or self.reads_record(sought):
            return self.refuse(part)
        column, value = self.column(listed, is_list=True), self.value_of(sought)
        if column is None or column.kind != "list":
            return self.refuse(part) if column is not None else unknown()
        return holds_item(column, value)

    def belongs_to(self, part: tree.Call) -> Condition:
        """Return whether a person or a department of the record is in a department that reads no column."""
        names = [each.name for each in part.arguments]
        inner, outer = ([each.value for each in part.arguments] + [None, None])[:2]
        if len(part.arguments) != 2 or any(names) or inner is None or outer is None or self.reads_record(outer):
            return self.refuse(part)
        column = self.column(inner)
        if column is None or column.kind not in ("user", "department"):
            return self.refuse(part) if column is not None else unknown()
        value = self.value_of(outer)
        id = value.id if isinstance(value, Reference) else value
        directory = self.moment.directory()
        if not isinstance(id, str) or directory.find(id) is None:
            return unknown()
        inside = directory.people_in(id) if column.kind == "user" else directory.within(id)
        return sa.case((column.element.is_(None), sa.null()), else_=column.element.in_(sorted(inside)))

    def boolean(self, part: tree.Expression) -> Condition:
        """Return a field that is true or false as a condition."""
        column = self.column(part)
        if column is None or column.kind != "boolean":
            return unknown()
        return column.element == 1

    def comparison(self, part: tree.Part, left: tree.Expression, operator: str, right: tree.Expression) -> Condition:
        """Return `left operator right`; at least one side is a column."""
        if not self.reads_record(left):
            left, operator, right = right, _FLIPPED[operator], left
        if not self.reads_record(left):
            return self._constant_comparison(left, operator, right)
        column = self.column(left)
        if not self.reads_record(right):
            value = self.value_of(right)
            return unknown() if column is None else compare_value(column, operator, value)
        other = self.column(right)
        if column is None or other is None:
            return unknown()
        if column.kind != other.kind and {column.kind, other.kind} != {"link", "user"}:
            return self.refuse(part)
        return compare_columns(column, operator, other)

    def _constant_comparison(self, left: tree.Expression, operator: str, right: tree.Expression) -> Condition:
        """Return the answer of a comparison that reads no column: the sides came flipped."""
        answer = COMPARISONS[operator](self.value_of(left), self.value_of(right))
        return as_condition(answer)

    def membership(self, value: tree.Expression, test: tree.Expression) -> Condition:
        """Return whether *value* passes *test*."""
        if isinstance(test, tree.UnaryTest):
            return self.comparison(test, value, test.operator, test.value)
        if isinstance(test, tree.RangeLiteral) and self.reads_record(test):
            low = self.comparison(test, value, ">=" if test.low_closed else ">", test.low)
            return sa.and_(low, self.comparison(test, value, "<=" if test.high_closed else "<", test.high))
        if isinstance(test, tree.ListLiteral) and self.reads_record(test):
            return self.refuse(test)
        if self.reads_record(test):
            return self.comparison(test, value, "=", test)
        column = self.column(value)
        tested = self.value_of(test)
        return unknown() if column is None else in_values(column, tested)


_IN_WORDS: Final[dict[type[tree.Part], str]] = {
    tree.If: "'if'",
    tree.For: "'for'",
    tree.Quantified: "'some' or 'every'",
    tree.Call: "a function of its fields",
    tree.Arithmetic: "a computation",
    tree.FilterExpression: "a filter",
    tree.InstanceOf: "'instance of'",
    tree.ListLiteral: "a list with fields",
}
