"""The checks of arithmetic, comparisons and membership: kinds, currencies, options, null."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from blankett.engine.feel import foreign_idioms, tree
from blankett.engine.feel.operators import number_from
from blankett.engine.feel.temporal import read_temporal
from blankett.engine.feel.tree import parts_of
from blankett.engine.feel.typecheck.answers import check_division, check_equal_text, check_percent_sum
from blankett.engine.feel.typecheck.checker import Checker, Found, nearest
from blankett.engine.feel.typecheck.null_facts import is_null
from blankett.engine.feel.types import (
    TEMPORAL_TYPES,
    Any,
    Boolean,
    Currency,
    Date,
    DateTime,
    DaysTimeDuration,
    EitherDuration,
    ListOf,
    Null,
    Number,
    RangeOf,
    RecordType,
    Text,
    Time,
    Type,
    YearsMonthsDuration,
    currency_in_words,
    fits,
    in_words,
)

_Table = dict[tuple[type[Type], type[Type]], type[Type]]
_DURATIONS: Final = (DaysTimeDuration, YearsMonthsDuration)
#: How a duration is counted.
_COUNTED: Final[dict[type[Type], str]] = {DaysTimeDuration: ".days", YearsMonthsDuration: ".months"}
_MOVED: Final[_Table] = {
    (Date, DaysTimeDuration): Date,
    (Date, YearsMonthsDuration): Date,
    (DateTime, DaysTimeDuration): DateTime,
    (DateTime, YearsMonthsDuration): DateTime,
    (Time, DaysTimeDuration): Time,
    (Date, EitherDuration): Date,
    (DateTime, EitherDuration): DateTime,
}
_SAME: Final[_Table] = {(kind, kind): kind for kind in (Number, *_DURATIONS)}
#: {operator: {(left, right): result}}
RESULTS: Final[dict[str, _Table]] = {
    "+": {**_SAME, (Text, Text): Text, **_MOVED, **{(b, a): result for (a, b), result in _MOVED.items()}},
    "-": {
        **_SAME,
        **_MOVED,
        **{(a, b): DaysTimeDuration for a in (Date, DateTime) for b in (Date, DateTime)},
        (Time, Time): DaysTimeDuration,
    },
    "*": {
        (Number, Number): Number,
        **{(Number, length): length for length in (*_DURATIONS, EitherDuration)},
        **{(length, Number): length for length in (*_DURATIONS, EitherDuration)},
    },
    "/": {
        (Number, Number): Number,
        **{(length, Number): length for length in _DURATIONS},
        **{(length, length): Number for length in _DURATIONS},
    },
    "**": {(Number, Number): Number},
}
ORDERED_TYPES: Final = (Number, Text, Date, Time, DateTime, *_DURATIONS)


# ---- arithmetic ----


def check_negation(checker: Checker, part: tree.Negation) -> Found:
    """Check `-amount`."""
    type = checker.type_of(part.operand)
    if isinstance(type, (Any, Number, *_DURATIONS, EitherDuration)):
        checker.warn_null(part.operand)
        return Found(type)
    checker.report("feel.wrong_operand", part, operator="'-'", type=in_words(type))
    return Found(Any())


def check_arithmetic(checker: Checker, part: tree.Arithmetic) -> Found:
    """Check `left + right` and its kin."""
    left, right = checker.type_of(part.left), checker.type_of(part.right)
    if isinstance(left, Any) or isinstance(right, Any):
        return Found(Any())
    result = RESULTS[part.operator].get((type(left), type(right)))
    if result is None:
        _report_operands(checker, part, left, right)
        return Found(Any())
    currency: Currency | None = None
    if isinstance(left, Number) and isinstance(right, Number):
        if not _currencies_fit(checker, part, left.currency, right.currency):
            return Found(Number(nullable=True))
        currency = _currency_of_result(part.operator, left.currency, right.currency)
    checker.warn_null(part.left)
    checker.warn_null(part.right)
    check_division(checker, part)
    check_percent_sum(checker, part, left, right)
    nullable = left.nullable or right.nullable or _may_be_undefined(part)
    if result is DateTime:
        is_local = any(isinstance(each, DateTime) and each.is_local for each in (left, right))
        return Found(DateTime(is_local=is_local, nullable=nullable))
    same_clock(checker, part, left, right)
    if result is not Number:
        return Found(result(nullable=nullable))
    percents = isinstance(left, Number) and isinstance(right, Number) and left.is_percent and right.is_percent
    return Found(Number(currency, nullable=nullable, is_percent=percents and part.operator in ("+", "-")))


def _may_be_undefined(part: tree.Arithmetic) -> bool:
    """Say whether the operation has no answer for some numbers: dividing by what is not written out."""
    return part.operator == "/" and not (isinstance(part.right, tree.Literal) and bool(part.right.value))


def _report_operands(checker: Checker, part: tree.Arithmetic, left: Type, right: Type) -> None:
    texts = isinstance(left, Text) + isinstance(right, Text)
    instead = _moved(checker, part, left, right)
    code = "feel.text_and_number" if part.operator == "+" and texts == 1 and not instead else "feel.wrong_operands"
    operator, one, other = f"'{part.operator}'", in_words(left), in_words(right)
    checker.report(code, part, operator=operator, left=one, right=other, instead=instead)


def _moved(checker: Checker, part: tree.Arithmetic, left: Type, right: Type) -> str | None:
    """Return how a day is moved by so many days, and a duration counted; None where neither is meant."""
    if part.operator not in ("+", "-"):
        return None
    kinds = (type(left), type(right))
    value = part.right.value if isinstance(part.right, tree.Literal) else None
    one, other = checker.written(part.left, binds=True), checker.written(part.right, binds=True)
    if kinds in ((Date, Number), (DateTime, Number)):
        whole = isinstance(value, Decimal) and value == value.to_integral_value() and value >= 0
        length = f'duration("P{value:f}D")' if whole else f'{other} * duration("P1D")'
        return f"{checker.written(part.left)} {part.operator} {length}"
    if kinds in ((Date, Text), (DateTime, Text)) and isinstance(value, str):
        if value.lstrip("-").startswith("P"):
            return f"{checker.written(part.left)} {part.operator} duration({other})"
        return f"{checker.written(part.left)} {part.operator} date({other})" if part.operator == "-" else None
    if kinds in ((DaysTimeDuration, Number), (YearsMonthsDuration, Number)):
        return f"{one}{_COUNTED[kinds[0]]} {part.operator} {other}"
    if kinds in ((Number, DaysTimeDuration), (Number, YearsMonthsDuration)):
        return f"{one} {part.operator} {other}{_COUNTED[kinds[1]]}"
    return None


def _currencies_fit(checker: Checker, part: tree.Arithmetic, left: Currency | None, right: Currency | None) -> bool:
    """Say whether amounts may meet in the operation, reporting where they may not."""
    return part.operator not in ("+", "-", "/") or same_currency(checker, part, left, right)


def _currency_of_result(operator: str, left: Currency | None, right: Currency | None) -> Currency | None:
    if operator == "/":
        return left if right is None else None
    if operator == "**":
        return None
    return left if left is not None else right


def same_currency(checker: Checker, part: tree.Part, left: Currency | None, right: Currency | None) -> bool:
    """Report where amounts of two different currencies meet at *part*; return whether they are the same."""
    if left is None or right is None or left == right:
        return True
    one, other = currency_in_words(left), currency_in_words(right)
    checker.report("feel.mixed_currencies", part, left=one, right=other)
    return False


# ---- comparisons ----


def check_comparison(checker: Checker, part: tree.Comparison) -> Found:
    """Check `left < right` and its kin."""
    left, right = checker.type_of(part.left), checker.type_of(part.right)
    if part.operator in ("=", "!="):
        _check_equality(checker, part, left, right)
        return Found(Boolean())
    nullable = left.nullable or right.nullable
    for type, operand in ((left, part.left), (right, part.right)):
        if not isinstance(type, (Any, *ORDERED_TYPES)):
            instead = _of_some_line(checker, part, operand, type)
            checker.report(
                "feel.cannot_order", operand, operator=f"'{part.operator}'", type=in_words(type), instead=instead
            )
            return Found(Boolean(nullable=True))
    if comparable(checker, part, left, right):
        checker.warn_null(part.left)
        checker.warn_null(part.right)
        check_scale(checker, left, part.right)
        check_scale(checker, right, part.left)
    return Found(Boolean(nullable=nullable))


def _of_some_line(checker: Checker, part: tree.Comparison, operand: tree.Expression, type: Type) -> str | None:
    """Return how a column of lines is compared, for `lines.quantity > 5`; None where that is not meant."""
    if not isinstance(type, ListOf) or not isinstance(operand, tree.PathExpression):
        return None
    if not isinstance(checker.type_at(operand.owner), ListOf):
        return None
    lines, column = checker.written(operand.owner), operand.name
    some, filtered = (_sides(checker, part, operand, put) for put in (f"each.{column}", column))
    return f"some each in {lines} satisfies {some}, or {lines}[{filtered}] for those lines"


def _check_equality(checker: Checker, part: tree.Comparison, left: Type, right: Type) -> None:
    if is_null(part.left) or is_null(part.right):
        return
    if comparable(checker, part, left, right):
        for type, operand in ((left, part.right), (right, part.left)):
            check_options(checker, type, operand)
            check_scale(checker, type, operand)
        check_equal_text(checker, part, part.left, part.right)
        check_equal_text(checker, part, part.right, part.left)


def comparable(checker: Checker, part: tree.Part, left: Type, right: Type) -> bool:
    """Report where values of the two types have no common ground; return whether they have."""
    if not (fits(left, right) or fits(right, left)):
        dates = {type(left), type(right)} == {Date, DateTime}
        code = "feel.date_and_datetime" if dates else "feel.cannot_compare"
        instead = _compared(checker, part, left, right) if isinstance(part, tree.Comparison) and not dates else None
        checker.report(code, part, left=in_words(left), right=in_words(right), instead=instead)
        return False
    if isinstance(left, Number) and isinstance(right, Number):
        return same_currency(checker, part, left.currency, right.currency)
    return same_clock(checker, part, left, right)


def same_clock(checker: Checker, part: tree.Part, left: Type, right: Type) -> bool:
    """Report the moments in *part* that say no zone where one of the two types does; return whether both are alike."""
    if not (isinstance(left, DateTime) and isinstance(right, DateTime)) or left.is_local == right.is_local:
        return True
    for inner in parts_of(part):
        if not isinstance(inner, (tree.AtLiteral, tree.Call)):
            continue
        type_ = checker.type_at(inner)
        if isinstance(type_, DateTime) and type_.is_local:
            text = checker.written(inner)
            before, quote, after = text.rpartition('"')
            is_written = isinstance(inner, tree.AtLiteral) or len(inner.arguments) == 1
            instead = f"{before}Z{quote}{after} or {before}@Europe/Oslo{quote}{after}" if is_written else None
            checker.report("feel.moment_without_zone", inner, text=text, instead=instead)
    return False


def _compared(checker: Checker, part: tree.Comparison, left: Type, right: Type) -> str | None:
    """Return how two values of different kinds are compared; None where that cannot be told."""
    for given, wanted, of in ((part.right, left, part.left), (part.left, right, part.right)):
        put = _as(checker, given, checker.type_at(given), wanted)
        if put is not None and put != "null":
            return _sides(checker, part, given, put)
        if put == "null":
            return f"{checker.written(of)} {'!=' if part.operator == '!=' else '='} null"
    for given, wanted in ((part.left, right), (part.right, left)):
        type_ = checker.type_at(given)
        if isinstance(wanted, (Date, DateTime)) and foreign_idioms.is_day(checker.written(given)):
            return _sides(checker, part, given, foreign_idioms.day(checker.written(given)))
        counted = _COUNTED.get(type(type_))
        if counted and isinstance(wanted, Number):
            return _sides(checker, part, given, checker.written(given, binds=True) + counted)
        other = part.left if given is part.right else part.right
        if isinstance(type_, RecordType) and isinstance(other, tree.PathExpression) and isinstance(wanted, Text):
            owner = checker.type_at(other.owner)
            if isinstance(owner, RecordType) and owner.form == type_.form:
                return _sides(checker, part, other, checker.written(other.owner))
        if isinstance(given, tree.Name) and given.name == "old" and isinstance(other, tree.Name):
            return _sides(checker, part, given, f"old.{other.name}")
        is_field = isinstance(other, (tree.Name, tree.PathExpression))
        if is_field and isinstance(wanted, Boolean) and checker.written(given) in _BITS:
            return _sides(checker, part, given, _BITS[checker.written(given)])
        if isinstance(type_, RecordType) and isinstance(wanted, Text):
            fields = checker.scope.fields_of(type_) or {}
            text = next((name for name, of in fields.items() if isinstance(of, Text) and name != "id"), None)
            return _sides(checker, part, given, f"{checker.written(given)}.{text}") if text else None
    return None


def _as(checker: Checker, given: tree.Expression, type_: Type, wanted: Type) -> str | None:
    """Return a text as a value of another kind is written; None where it is none of that kind."""
    if not isinstance(type_, Text):
        return None
    value = given.value if isinstance(given, tree.Literal) and isinstance(given.value, str) else None
    if value == "":
        return "null"
    if isinstance(wanted, (Date, DateTime, Time)):
        kinds = {Date: "date", DateTime: "date and time", Time: "time"}
        if value is None:
            return f"{kinds[type(wanted)]}({checker.written(given)})"
        if isinstance(wanted, Date) and foreign_idioms.is_day(value):
            return foreign_idioms.day(value)
        named = foreign_idioms.named(value)
        if named in ("today()", "now()"):
            return named
        return f'@"{value}"' if TEMPORAL_TYPES.get(type(read_temporal(value))) == wanted else None
    if isinstance(wanted, Boolean) and value is not None:
        return foreign_idioms.named(value) if foreign_idioms.named(value) in ("true", "false") else None
    if isinstance(wanted, Number):
        if value is None:
            return f"number({checker.written(given)})"
        return value if number_from(value) is not None else None
    if isinstance(wanted, _DURATIONS) and value is not None:
        return f'duration("{value}")'
    return None


#: How true and false are written where they are numbers.
_BITS: Final = {"0": "false", "1": "true"}


def _sides(checker: Checker, part: tree.Comparison, given: tree.Expression, put: str) -> str:
    """Return a comparison as written, with one of its sides put otherwise."""
    left = put if given is part.left else checker.written(part.left)
    right = put if given is part.right else checker.written(part.right)
    return f"{left} {part.operator} {right}"


def converted(checker: Checker, expression: tree.Expression, given: Type, wanted: Type) -> str | None:
    """Return how a value of type *given* becomes one of type *wanted*; None where it cannot."""
    text, bound = checker.written(expression), checker.written(expression, binds=True)
    if isinstance(wanted, Number) and type(given) in _COUNTED:
        return bound + _COUNTED[type(given)]
    if isinstance(wanted, Text) and isinstance(given, (Number, Date, DateTime, Time, Boolean, *_DURATIONS)):
        return f"string({text})"
    if isinstance(wanted, Date) and isinstance(given, DateTime):
        return f"date({text})"
    if isinstance(wanted, (Date, DateTime)) and foreign_idioms.is_day(text.strip('"')):
        return foreign_idioms.day(text.strip('"'))
    if isinstance(wanted, Boolean) and isinstance(given, (Text, Date, DateTime, Time, RecordType)):
        return f"{bound} != null"
    if isinstance(wanted, Boolean) and isinstance(given, ListOf):
        return f"count({text}) > 0"
    if isinstance(wanted, Boolean) and text in ("0", "1"):
        return _BITS[text]
    if isinstance(wanted, Text) and isinstance(given, ListOf) and isinstance(given.item, Text):
        function = expression.function if isinstance(expression, tree.Call) else None
        if isinstance(function, tree.Name) and function.name == "concatenate" and isinstance(expression, tree.Call):
            return foreign_idioms.called("concat", [checker.written(each.value) for each in expression.arguments])
        return f"string join({text}, …)"
    if isinstance(wanted, (Date, Number)) and isinstance(given, Text):
        return _as(checker, expression, given, wanted)
    if isinstance(wanted, Number) and isinstance(given, ListOf):
        return f"sum({text})" if isinstance(given.item, Number) else f"count({text})"
    return None


def check_options(checker: Checker, type: Type, part: tree.Expression) -> None:
    """Report each text written in *part* that is not an option of *type*."""
    if not isinstance(type, Text):
        return
    if isinstance(part, tree.Name):
        _quote(checker, type, part)
        return
    if type.options is None:
        return
    if isinstance(part, tree.If):
        check_options(checker, type, part.then)
        check_options(checker, type, part.otherwise)
    elif isinstance(part, tree.ListLiteral):
        for item in part.items:
            check_options(checker, type, item)
    elif isinstance(part, tree.UnaryTest) and part.operator in ("=", "!="):
        check_options(checker, type, part.value)
    elif isinstance(part, tree.Literal) and isinstance(part.value, str) and part.value not in type.options:
        checker.report(
            "feel.not_an_option",
            part,
            suggestion=nearest(part.value, type.options),
            value=repr(part.value),
            options=", ".join(type.options),
        )


def check_scale(checker: Checker, type: Type, part: tree.Expression) -> None:
    """Report each number written in *part* that was hardly meant as a share of one, where *type* is a percentage."""
    if not isinstance(type, Number) or not type.is_percent:
        return
    inside: tuple[tree.Expression, ...] = ()
    if isinstance(part, tree.If):
        inside = (part.then, part.otherwise)
    elif isinstance(part, tree.ListLiteral):
        inside = part.items
    elif isinstance(part, tree.UnaryTest):
        inside = (part.value,)
    elif isinstance(part, tree.RangeLiteral):
        inside = (part.low, part.high)
    elif isinstance(part, tree.Literal) and isinstance(part.value, Decimal) and abs(part.value) > 1:
        value, share, fraction = (f"{each.normalize():f}" for each in (part.value, part.value * 100, part.value / 100))
        checker.report("feel.percent_scale", part, value=value, share=share, fraction=fraction)
    for each in inside:
        check_scale(checker, type, each)


def _quote(checker: Checker, type: Text, part: tree.Name) -> None:
    """Say of a name that means nothing how the option is written that it is called as."""
    for place, finding in enumerate(checker.findings):
        if finding.code == "feel.unknown_name" and (finding.start, finding.end) == (part.start, part.end):
            is_open = type.options is None and not (finding.suggestion or finding.params.get("instead"))
            found = part.name in (type.options or ()) or is_open
            meant = part.name if found else nearest(part.name, type.options or ())
            if meant is not None:
                params = {**finding.params, "instead": f'"{meant}"'}
                checker.findings[place] = replace(finding, params=params, suggestion=None)


def check_between(checker: Checker, part: tree.Between) -> Found:
    """Check `value between low and high`."""
    types = [checker.type_of(operand) for operand in (part.value, part.low, part.high)]
    for operand, type in zip((part.value, part.low, part.high), types, strict=True):
        checker.warn_null(operand)
        if not isinstance(type, (Any, *ORDERED_TYPES)):
            checker.report("feel.cannot_order", operand, operator="'between'", type=in_words(type))
            return Found(Boolean(nullable=True))
    if comparable(checker, part.low, types[0], types[1]) and comparable(checker, part.high, types[0], types[2]):
        check_scale(checker, types[0], part.low)
        check_scale(checker, types[0], part.high)
    return Found(Boolean(nullable=any(type.nullable for type in types)))


# ---- membership ----


def check_in(checker: Checker, part: tree.In) -> Found:
    """Check `value in (test, …)`."""
    value = checker.type_of(part.value)
    nullable = False
    for test in part.tests:
        type = checker.type_of(test)
        _check_text_in(checker, part, value, test, type)
        if isinstance(type, RangeOf):
            checker.warn_null(part.value)
            nullable = nullable or value.nullable
        tested = _tested_type(value, type)
        if not isinstance(value, Null) and comparable(checker, test, value, tested):
            check_options(checker, value, test)
            check_scale(checker, value, test)
    return Found(Boolean(nullable=nullable))


def _check_text_in(checker: Checker, part: tree.In, value: Type, test: tree.Expression, type: Type) -> None:
    """Warn of `"A" in note`, which elsewhere asks for a part of a text."""
    if (
        not isinstance(type, Text)
        or not isinstance(value, Text)
        or "(" in checker.text[part.value.end : test.start + 1]
    ):
        return
    one, other = checker.written(part.value), checker.written(test)
    instead = f"contains({other}, {one}) for a part of it, or {one} = {other}"
    checker.report("feel.in_text", part, severity="warning", instead=instead)


def check_unary_tests(checker: Checker, part: tree.UnaryTests) -> Found:
    """Check a cell of a decision table; `?` in the scope is what it tests."""
    tested = checker.find("?")
    for test in part.tests:
        type = checker.type_of(test)
        if tree.mentions_input(test):
            if not fits(type, Boolean()):
                checker.report("feel.not_boolean", test, where="a test with '?'", type=in_words(type))
        elif tested is not None and not isinstance(tested.type, Any):
            _check_cell_test(checker, test, tested.type, type)
    return Found(Boolean(nullable=True))


def _check_cell_test(checker: Checker, test: tree.Expression, tested: Type, type: Type) -> None:
    operator = test.operator if isinstance(test, tree.UnaryTest) else ".."
    if isinstance(type, RangeOf) and operator not in ("=", "!=") and not isinstance(tested, (*ORDERED_TYPES, RangeOf)):
        checker.report("feel.cannot_order", test, operator=f"'{operator}'", type=in_words(tested))
    elif comparable(checker, test, tested, _tested_type(tested, type)):
        check_options(checker, tested, test)


def _tested_type(value: Type, test: Type) -> Type:
    """Return what a value is compared with by a test of type *test*: the items of a list, the ends of a range."""
    if isinstance(test, RangeOf) and not isinstance(value, RangeOf):
        return test.item
    if isinstance(test, ListOf) and not (isinstance(value, ListOf) and fits(value, test)):
        return _tested_type(value, test.item)
    return test
