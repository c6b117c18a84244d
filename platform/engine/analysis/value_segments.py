"""The values a condition or a table's column tests, cut into segments of which every test accepts all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any as Value
from typing import ClassVar, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.analysis.examples import value_words
from blankett.engine.analysis.value_origins import Origins
from blankett.engine.feel import tree
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.cell_values import (
    CLOCK_KINDS,
    PLAIN_KINDS,
    Accepted,
    Interval,
    SegmentLine,
    accepted_by,
    in_utc,
    kind_of,
    points_of,
)
from blankett.engine.feel.constants import TIMELY, UNKNOWN, constant_of
from blankett.engine.feel.errors import FeelRuntimeError
from blankett.engine.feel.tree import parts_of
from blankett.engine.feel.typecheck.null_facts import key_of
from blankett.engine.feel.values import NO_END
from blankett.engine.fields.locale_formats import decimals_of
from blankett.engine.fields.numbers import NumberType
from blankett.engine.language.model import Field, Formula, TableCell, TableColumn, TableInput
from blankett.engine.paths import Path, longest
from blankett.engine.rules.conditions import Operand, Test, compared_test, operand_key

#: So many digits after the point are tried for an example between two numbers that any number may be.
_MOST_DECIMALS = 12
#: Kinds of values that cells of a column are read for.
_KINDS = PLAIN_KINDS | CLOCK_KINDS
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Numbers:
    """Numbers with at most so many digits after the point; None for any number."""

    decimals: int | None

    kind: ClassVar[type] = Decimal
    #: What makes the best example.
    nice: ClassVar[Value] = Decimal(0)

    def has(self, value: Decimal) -> bool:
        """Tell whether a column can hold *value*."""
        return self.decimals is None or decimals_of(value) <= self.decimals

    def between(self, low: Value, high: Value) -> Decimal | None:
        """Return a number between two others, the shortest to write; None where there is none."""
        if low is NO_END:
            return Decimal(0) if high is NO_END or high > 0 else _whole_below(high)
        most = _MOST_DECIMALS if self.decimals is None else self.decimals
        for digits in range(most + 1):
            step = Decimal(1).scaleb(-digits)
            found: Decimal = (low / step).to_integral_value(ROUND_FLOOR) * step + step
            if high is NO_END or found < high:
                return found
        return Decimal((low + high) / 2) if self.decimals is None else None


def _whole_below(high: Decimal) -> Decimal:
    return high.to_integral_value(ROUND_CEILING) - 1


@dataclass(frozen=True)
class Days:
    """Days."""

    kind: ClassVar[type] = date
    nice: ClassVar[Value] = None

    def has(self, value: date) -> bool:
        """Tell that a column can hold any day."""
        return True

    def between(self, low: Value, high: Value) -> date | None:
        """Return a day between two others; None where there is none."""
        if low is NO_END and high is NO_END:
            return date(2026, 1, 1)
        try:
            found: date = high - _DAY if low is NO_END else low + _DAY
        except OverflowError:
            return None
        return found if high is NO_END or found < high else None


@dataclass(frozen=True)
class Lengths:
    """Lengths of time."""

    kind: ClassVar[type] = timedelta
    nice: ClassVar[Value] = timedelta()

    def has(self, value: timedelta) -> bool:
        """Tell that a column can hold any length."""
        return True

    def between(self, low: Value, high: Value) -> timedelta | None:
        """Return a length between two others; None where there is none."""
        if low is NO_END and high is NO_END:
            return timedelta()
        try:
            found: timedelta = high - _HOUR if low is NO_END else low + (_HOUR if high is NO_END else (high - low) / 2)
        except OverflowError:
            return None
        return found if (low is NO_END or low < found) and (high is NO_END or found < high) else None


#: Steps from which examples between two clocks are taken: the first that fits is the shortest to write.
_STEPS = (_DAY, _HOUR, timedelta(minutes=1), timedelta(seconds=1))
_MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TimesOfDay:
    """Times of day without a zone, to the second."""

    kind: ClassVar[type] = time
    nice: ClassVar[Value] = None

    def has(self, value: time) -> bool:
        """Tell whether a column can hold *value*."""
        return value.microsecond == 0

    def between(self, low: Value, high: Value) -> time | None:
        """Return a time between two others; None where there is none."""
        if low is NO_END and high is NO_END:
            return time(12)
        start = _MIDNIGHT - _STEPS[-1] if low is NO_END else datetime.combine(_MIDNIGHT, low, UTC)
        end = _MIDNIGHT + _DAY if high is NO_END else datetime.combine(_MIDNIGHT, high, UTC)
        found = _between_clocks(start, end)
        return None if found is None else found.time()


@dataclass(frozen=True)
class Instants:
    """Days with a time, in UTC and to the second."""

    kind: ClassVar[type] = datetime
    nice: ClassVar[Value] = None

    def has(self, value: datetime) -> bool:
        """Tell whether a column can hold *value*."""
        return value.microsecond == 0

    def between(self, low: Value, high: Value) -> datetime | None:
        """Return a moment between two others; None where there is none."""
        if low is NO_END and high is NO_END:
            return _MIDNIGHT
        try:
            found: datetime | None
            if low is NO_END:
                found = high - _DAY
            else:
                found = low + _DAY if high is NO_END else _between_clocks(low, high)
        except OverflowError:
            return None
        return found


def _between_clocks(low: datetime, high: datetime) -> datetime | None:
    for step in _STEPS:
        found = _MIDNIGHT + ((low - _MIDNIGHT) // step + 1) * step
        if found < high:
            return found
    return None


@dataclass(frozen=True)
class Texts:
    """Texts, in the order of their characters. A blank is the least character a text holds behind another."""

    kind: ClassVar[type] = str
    nice: ClassVar[Value] = "other"

    def has(self, value: str) -> bool:
        """Tell whether a column can hold *value*: an empty text is none."""
        return value != ""

    def between(self, low: Value, high: Value) -> str | None:
        """Return a text between two others; None where there is none."""
        start = "" if low is NO_END else low
        for found in (self.nice, f"{start}a", f"{start}A", f"{start} " if start else "!"):
            if (low is NO_END or low < found) and (high is NO_END or found < high):
                return str(found)
        return None


Scale: TypeAlias = Numbers | Days | TimesOfDay | Instants | Lengths | Texts


def scale_of(type: feel.Type, field: Field | None, *, any_digits: bool = False) -> Scale | None:
    """Return the scale of the values of a field, or of a formula; None for values without an order, such as people.

    *any_digits*: more digits after the point are allowed than the field keeps.
    """
    if isinstance(type, feel.Date):
        return Days()
    if isinstance(type, feel.DaysTimeDuration):
        return Lengths()
    if isinstance(type, (feel.Time, feel.DateTime)) and field is not None:  # a formula's may have a zone, or none
        return TimesOfDay() if isinstance(type, feel.Time) else Instants()
    if isinstance(type, feel.Text):
        return Texts()
    if not isinstance(type, feel.Number):
        return None
    if field is None or any_digits:
        return Numbers(None)
    kept = field.type
    if not isinstance(kept, NumberType):
        return None
    digits = kept.decimals_for(field, field.currency if isinstance(field.currency, str) else None)
    return Numbers(digits + 2 if kept.cells.needs_sign else digits)


def scale_of_column(column: TableColumn) -> Scale | None:
    """Return the scale of a column's values; a column that is just a `number` holds any."""
    is_open = column.written == "number" and "decimals" not in column.field.options
    is_number = isinstance(column.field.type, NumberType)
    return scale_of(column.type, column.field, any_digits=is_open and is_number)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of all values, with one of them as an example. *is_named*: a condition names just that value."""

    example: Value
    is_named: bool = True


class Cut:
    """Ordered values, cut at those that are *named* and at the ends of *bounds*; what lies outside them is left out."""

    def __init__(self, scale: Scale, named: Collection[Value], bounds: Sequence[Accepted]) -> None:
        self._line = SegmentLine(sorted({*named, *points_of(bounds)}))
        inside = [frozenset(_numbers(self._line.stretches(accepted))) for accepted in bounds]
        #: How many segments stand before each part of the line: those of a stretch follow each other.
        self._before: list[int] = []
        self.segments: list[Segment] = []
        for number in range(self._line.count):
            self._before.append(len(self.segments))
            segment = _segment(self._line, number, scale, named)
            if segment is not None and all(number in numbers for numbers in inside):
                self.segments.append(segment)
        self._before.append(len(self.segments))

    def mask(self, accepted: Accepted) -> int:
        """Return the segments in *accepted*, whose ends must have been named."""
        mask = 0
        for first, last in self._line.stretches(accepted):
            start, end = self._before[first], self._before[last + 1]
            mask |= ((1 << (end - start)) - 1) << start
        return mask


def _segment(line: SegmentLine, number: int, scale: Scale, named: Collection[Value]) -> Segment | None:
    """Return a segment of a line; None for one in which there is no value."""
    at, is_point = divmod(number, 2)
    if is_point:
        return Segment(line.points[at], line.points[at] in named) if scale.has(line.points[at]) else None
    low = line.points[at - 1] if at else NO_END
    high = line.points[at] if at < len(line.points) else NO_END
    example = scale.between(low, high)
    return None if example is None else Segment(example, is_named=False)


def few_values(type: feel.Type) -> Sequence[Value] | None:
    """Return all values of a type that has few; None for others."""
    if isinstance(type, feel.Boolean):
        return (True, False)
    return type.options if isinstance(type, feel.Text) else None


def values_between(least: object, most: object, scale: Scale) -> list[Accepted]:
    """Return what values are bound by: the least and the greatest, where they are known."""
    found = []
    if kind_of(least) is scale.kind:
        found.append(Accepted((Interval(low=in_utc(least)),), False, None, scale.kind))
    if kind_of(most) is scale.kind:
        found.append(Accepted((Interval(high=in_utc(most)),), False, None, scale.kind))
    return found


class ExampleChoice:
    """Which of some segments has the best example: not null, one that a condition names, a *nice* one, the first.

    Asked for every finding, so each of these is a mask: no segment is looked at by itself.
    """

    def __init__(self, segments: Sequence[Segment], nice: Value) -> None:
        self._segments = segments
        self._better = (
            bits(at for at, each in enumerate(segments) if each.example is not None),
            bits(at for at, each in enumerate(segments) if each.is_named),
            bits(at for at, each in enumerate(segments) if each.example == nice),
        )

    def of(self, mask: int) -> Value:
        """Return the best example of the segments in *mask*, which are some."""
        for better in self._better:
            mask = mask & better or mask
        return self._segments[(mask & -mask).bit_length() - 1].example


def bits(places: Iterable[int]) -> int:
    """Return the whole number whose bits are at *places*."""
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _numbers(stretches: Iterable[tuple[int, int]]) -> Iterator[int]:
    return (number for first, last in stretches for number in range(first, last + 1))


def compared_constants(cell: tree.UnaryTests) -> list[Value] | None:
    """Return the constants a cell compares `?` with, null aside; None where it does anything else with it.

    Between two neighbours of them the cell is answered alike for all values.
    """
    found: list[Value] = []
    return found if all(_compares(test, found) for test in cell.tests) else None


def _compares(part: tree.Expression, found: list[Value]) -> bool:
    """Tell whether *part* only compares `?` with constants, which are added to *found*."""
    if isinstance(part, tree.Logic):
        return all(_compares(operand, found) for operand in part.operands)
    if isinstance(part, tree.Call) and isinstance(part.function, tree.Name) and part.function.name == "not":
        return all(_compares(argument.value, found) for argument in part.arguments)
    if isinstance(part, tree.Comparison):
        sides = [side for side in (part.left, part.right) if not _is_tested(side)]
        return len(sides) == 1 and _constants(sides, found)
    if isinstance(part, tree.Between):
        return _is_tested(part.value) and _constants((part.low, part.high), found)
    if isinstance(part, tree.In):
        return _is_tested(part.value) and all(_is_plain_test(test, found) for test in part.tests)
    return _is_plain_test(part, found)


def _is_plain_test(test: tree.Expression, found: list[Value]) -> bool:
    if isinstance(test, tree.UnaryTest):
        return _constants((test.value,), found)
    if isinstance(test, tree.RangeLiteral):
        return _constants((test.low, test.high), found)
    if isinstance(test, tree.ListLiteral):
        return all(_is_plain_test(item, found) for item in test.items)
    return _constants((test,), found)


def _is_tested(part: tree.Expression) -> bool:
    return isinstance(part, tree.Name) and part.name == "?"


def _constants(parts: Iterable[tree.Expression], found: list[Value]) -> bool:
    values = [constant_of(part) for part in parts]
    found += [value for value in values if value is not None and value is not UNKNOWN]
    return UNKNOWN not in values


def names_null(part: tree.Part) -> bool:
    """Tell whether a cell speaks of null."""
    is_null = isinstance(part, tree.Literal) and part.value is None
    return is_null or any(names_null(child) for child in tree.children(part))


#: When conditions are tried; none that is asks for the time.
NO_MOMENT = feel.Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))


class Axis:
    """The segments of one input, and which of them each of its cells accepts."""

    def __init__(self, column: TableInput, cells: Iterable[TableCell]) -> None:
        self.column = column
        self.scale = scale_of_column(column)
        tests = {cell.formula.text: cell.formula for cell in cells if cell.formula is not None}
        listed = _listed_values(column)
        if listed is not None:
            self.segments, self._masks = _of_few(listed, tests)
        elif self.scale is not None:
            self.segments, self._masks = _of_ordered(column, self.scale, tests)
        else:
            self.segments, self._masks = _of_any(tests)
        if column.may_be_empty or any(names_null(formula.expression) for formula in tests.values()):
            self._add_null(tests)
        #: All segments.
        self.everything = (1 << len(self.segments)) - 1

    def _add_null(self, tests: Mapping[str, Formula]) -> None:
        null = 1 << len(self.segments)
        self.segments.append(Segment(None))
        for text, mask in self._masks.items():
            if mask is not None and _accepts_null(tests[text]):
                self._masks[text] = mask | null

    def mask(self, cell: TableCell) -> int | None:
        """Return the segments a cell accepts; None where that cannot be told."""
        return None if cell.formula is None else self._masks[cell.formula.text]

    def example(self, mask: int) -> Value:
        """Return a value of the segments in *mask*: one that the table names, if there is."""
        return self._choice.of(mask)

    @cached_property
    def _choice(self) -> ExampleChoice:
        return ExampleChoice(self.segments, None if self.scale is None else self.scale.nice)


#: The segments, and {text of a cell: those it accepts, None where that cannot be told}.
_Cut = tuple[list[Segment], dict[str, int | None]]


def _listed_values(column: TableInput) -> Sequence[Value] | None:
    """Return all values of a column that has few; None for others."""
    values, domain = few_values(column.type), column.values
    return None if values is None else [value for value in values if domain is None or _holds(domain, value)]


def _of_few(values: Sequence[Value], tests: Mapping[str, Formula]) -> _Cut:
    """Cut a column of few values: each is a segment, and each cell is tried with each."""
    segments = [Segment(value) for value in values]
    return segments, {text: _by_trying(formula, segments) for text, formula in tests.items()}


def _of_any(tests: Mapping[str, Formula]) -> _Cut:
    """Cut a column of values without an order: of them only all or none can be accepted."""
    masks: dict[str, int | None] = {}
    for text, formula in tests.items():
        accepted = _read_off(formula)
        is_known = accepted is not None and accepted.kind is None
        masks[text] = int(bool(accepted.intervals) != accepted.negated) if accepted and is_known else None
    return [Segment("…", is_named=False)], masks


def _of_ordered(column: TableInput, scale: Scale, tests: Mapping[str, Formula]) -> _Cut:
    """Cut a column of values with an order at every value that its cells, or its bounds, name."""
    read = {text: _accepted(formula, scale) for text, formula in tests.items()}
    tried = {text: ends for text, each in tests.items() if read[text] is None and (ends := _compared(each, scale))}
    named = {*points_of(each for each in read.values() if each is not None)}
    named.update(end for ends in tried.values() for end in ends)
    cut = Cut(scale, named, _bounds(column, scale))
    masks: dict[str, int | None] = {}
    for text, accepted in read.items():
        if accepted is not None:
            masks[text] = cut.mask(accepted)
        else:
            masks[text] = _by_trying(tests[text], cut.segments) if text in tried else None
    return cut.segments, masks


def _bounds(column: TableInput, scale: Scale) -> list[Accepted]:
    """Return what the values of a column are bound by: its `values`, and the least and greatest of its field."""
    listed = None if column.values is None else _accepted(column.values, scale)
    return [*([] if listed is None else [listed]), *values_between(*column.field.type.bounds(column.field), scale)]


# Cells --------------------------------------------------------------------------------------------------------------


def _accepted(formula: Formula, scale: Scale) -> Accepted | None:
    """Return what a cell accepts of the column's kind of values; None where that cannot be read off."""
    accepted = _read_off(formula)
    return accepted if accepted is not None and accepted.kind in (None, scale.kind) else None


def _read_off(formula: Formula) -> Accepted | None:
    return accepted_by(formula.expression, _KINDS) if isinstance(formula.expression, tree.UnaryTests) else None


def _compared(formula: Formula, scale: Scale) -> list[Value] | None:
    """Return the constants that a cell which is a condition compares its value with; None for other cells."""
    found = compared_constants(formula.expression) if isinstance(formula.expression, tree.UnaryTests) else None
    return [in_utc(each) for each in found] if found and all(kind_of(each) is scale.kind for each in found) else None


def _accepts_null(formula: Formula) -> bool:
    accepted = _read_off(formula)
    return _holds(formula, None) if accepted is None else accepted.null is True


def _by_trying(formula: Formula, segments: Sequence[Segment]) -> int | None:
    """Return the segments whose example a cell accepts; None where it looks at more than what it tests."""
    if formula.checked.reads - {("?",)} or formula.checked.calls & formula.scope.functions.keys():
        return None
    return bits(at for at, segment in enumerate(segments) if _holds(formula, segment.example))


def _holds(formula: Formula, value: Value) -> bool:
    try:
        return formula.evaluate({"?": value}, NO_MOMENT) is True
    except feel.FeelRuntimeError:
        return False


AnyPart = TypeVar("AnyPart", bound=tree.Part)

#: Parts in which a name may mean something else than outside.
_NAMING = (tree.For, tree.Quantified, tree.FilterExpression, tree.FunctionDefinition, tree.ContextLiteral)
_TESTED = tree.Name(start=0, end=0, name="?")


def plain_test(test: Test, origins: Origins) -> Test:
    """Return a test as one of a value that can be cut up, where it is one: of a clock that it compares, of the value
    with few values that it is worked out from; else as it is.
    """
    return _test_of_clock(test, origins) or _test_of_few(test, origins) or test


def _test_of_clock(test: Test, origins: Origins) -> Test | None:
    """Return the test of a time of day or a moment that is compared with constants; None for any other. Those of fields
    are without a zone, or with one; of what is worked out nobody knows.
    """
    found = compared_test(test.operand, test.wanted, CLOCK_KINDS) if test.kind is bool else None
    path = key_of(found.operand.part) if found is not None and found.kind is not None else None
    return found if path is not None and origins.field(path) is not None else None


def _test_of_few(test: Test, origins: Origins) -> Test | None:
    operand = test.operand
    if key_of(operand.part) is not None or not _is_plain(operand, with_tables=origins.has_tables):
        return None
    paths = longest(feel.check(operand.part, operand.checker.scope).reads)
    read = next(_reads_of(operand.part, paths[0]), None) if len(paths) == 1 else None
    found = operand.checker.found.get(read) if read is not None else None
    if read is None or found is None or few_values(found.type) is None:
        return None
    scope = operand.checker.scope
    worked_out = feel.compile(_with_input(operand.part, paths[0]), scope.child({"?": found.type}))

    def answer(value: Value) -> object:
        try:
            return test.answer(worked_out.evaluate({"?": value}, NO_MOMENT))
        except FeelRuntimeError:
            return None

    return Test(Operand(read, operand.checker, operand_key(read, scope)), answer, test.wanted, None, frozenset())


def _is_plain(operand: Operand, with_tables: bool) -> bool:
    """Tell whether an operand is worked out the same way at any time, and its names mean what they mean outside."""
    scope = operand.checker.scope
    for part in parts_of(operand.part):
        if isinstance(part, _NAMING):
            return False
        if isinstance(part, tree.Call):
            name = part.function.name if isinstance(part.function, tree.Name) else ""
            if name in TIMELY or (name not in BUILTINS and not (with_tables and name in scope.bodies)):
                return False
    return True


def _reads_of(part: tree.Part, path: tuple[str, ...]) -> Iterator[tree.Expression]:
    """Yield the parts that are *path*."""
    return (
        each for each in parts_of(part) if isinstance(each, tree.Name | tree.PathExpression) and key_of(each) == path
    )


def _with_input(part: AnyPart, path: tuple[str, ...]) -> AnyPart:
    """Return *part* with `?` in the place of *path*."""
    changed: dict[str, Value] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if isinstance(value, tree.Part):
            changed[each.name] = _put(value, path)
        elif isinstance(value, tuple):
            changed[each.name] = tuple(_put(item, path) if isinstance(item, tree.Part) else item for item in value)
    return replace(part, **changed)


def _put(part: tree.Part, path: tuple[str, ...]) -> tree.Part:
    is_path = isinstance(part, tree.Name | tree.PathExpression) and key_of(part) == path
    return _TESTED if is_path else _with_input(part, path)


#: The names whose values are there whenever their type says so. A field of a draft may be empty though it is required.
_SURE = frozenset({"record", "facts", "user"})
#: A condition is quoted in an example up to this length, in characters.
_LONGEST_QUOTE = 60

#: What a comparison of two things answers, by how they stand: less, equal, greater, one empty, both empty.
_ANSWERS: Mapping[str, tuple[bool | None, ...]] = {
    "=": (False, True, False, False, True),
    "!=": (True, False, True, True, False),
    "<": (True, False, False, None, None),
    "<=": (True, True, False, None, None),
    ">": (False, False, True, None, None),
    ">=": (False, True, True, None, None),
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
#: Types whose values stand to each other in one of these ways.
_COMPARABLE = (
    feel.Number,
    feel.Text,
    feel.Date,
    feel.DateTime,
    feel.DaysTimeDuration,
    feel.YearsMonthsDuration,
    feel.Boolean,
    feel.RecordType,
)

#: Tells dimensions apart.
Key: TypeAlias = tuple[object, ...]
#: Returns the segments a test accepts.
Accepts: TypeAlias = Callable[[Test], int]


@dataclass(frozen=True, eq=False)
class Dimension:
    """Something that conditions test."""

    key: Key
    #: What it is called, as the author wrote it: ``customer.tier``, ``count(lines)``.
    name: str
    #: The path it is, or None for what is worked out in the condition.
    path: Path | None
    field: Field | None
    #: What its value follows from.
    sources: frozenset[Path]
    #: What may change its value.
    influences: frozenset[Path]
    segments: Sequence[Segment]
    #: The segments that a test accepts.
    accepts: Accepts
    #: What makes the best example.
    nice: Value = None
    #: Whether every value of it can be, whatever the values are that do not depend on its sources.
    is_free: bool = False
    #: Whether it is how two things stand to each other.
    is_standing: bool = False

    @property
    def everything(self) -> int:
        """Return all segments."""
        return (1 << len(self.segments)) - 1

    def example(self, mask: int) -> Value:
        """Return a value of the segments in *mask*."""
        return self._choice.of(mask)

    @cached_property
    def _choice(self) -> ExampleChoice:
        return ExampleChoice(self.segments, self.nice)

    def words(self, mask: int) -> str:
        """Return an example of *mask*: ``total 10 000``, ``'count(lines) = 3' true``."""
        value = self.example(mask)
        if self.is_standing:
            return f"{self.name} {value}"
        if self.path is None and isinstance(value, bool):
            return f"{self.name!r} {'true' if value else 'false'}"
        return f"{self.name} {value_words(value, self.field)}"


def standing_of(test: Test) -> tuple[tree.Comparison, bool] | None:
    """Return the comparison of two things that a test asks, and whether it is turned round; None for other tests."""
    part = test.operand.part
    if test.kind is not bool or not isinstance(part, tree.Comparison):
        return None
    left, right = (test.operand.checker.found.get(side) for side in (part.left, part.right))
    if left is None or right is None or type(left.type) is not type(right.type):
        return None
    if not isinstance(left.type, _COMPARABLE):
        return None
    return part, tree.outline(part.left) > tree.outline(part.right)


def key_of_test(test: Test) -> Key:
    """Return the key of the dimension that a test looks at."""
    found = standing_of(test)
    if found is None:
        return _key(test.operand, test.operand.part) if _is_cut(test) else ("alone", id(test))
    part, is_turned = found
    sides = (part.right, part.left) if is_turned else (part.left, part.right)
    return ("standing", *(_key(test.operand, side) for side in sides))


def _key(operand: Operand, part: tree.Expression) -> Key:
    """Return what a part has in common with all that are always worth the same. Statements that are compared are about
    one record at one point, so their scopes know its names alike.
    """
    scope = operand.checker.scope
    found = operand.key if part is operand.part else operand_key(part, scope)
    return tuple("scope" if each == id(scope) else each for each in found)


def _is_cut(test: Test) -> bool:
    """Tell whether what a test compares with can be ordered by a scale, so that its operand can be cut there."""
    if test.kind is None or test.kind is bool:
        return True
    return _KINDS_OF_TYPES.get(test.operand.type.__class__) is test.kind


#: Types whose values have an order → the class of the constants they are compared with.
_KINDS_OF_TYPES: Mapping[type[feel.Type], type] = {
    feel.Number: Decimal,
    feel.Text: str,
    feel.Date: date,
    feel.Time: time,
    feel.DateTime: datetime,
    feel.DaysTimeDuration: timedelta,
}


def make_dimension(key: Key, tests: Sequence[Test], text: str, origins: Origins, points: Iterable[Value]) -> Dimension:
    """Return the dimension of *tests*, which all have its key. *text* is the formula of the first; *points* are
    further values to cut at.
    """
    first = tests[0]
    if key[0] == "standing":
        return _standing(key, first, text, origins)
    if key[0] == "alone":
        return _alone(key, first, text, origins)
    return _measured(key, tests, text, origins, points)


def _measured(key: Key, tests: Sequence[Test], text: str, origins: Origins, points: Iterable[Value]) -> Dimension:
    operand = tests[0].operand
    path = key_of(operand.part)
    of = None if path is None else origins.field(path)
    named = [*points, *(point for test in tests for point in test.points)]
    bounds = of.type.bounds(of) if of is not None and origins.is_bounded(of) else (None, None)
    if _is_count(operand, path, origins):
        segments, nice = _segments(operand, Numbers(0), (Decimal(0), None), named)
    else:
        segments, nice = _segments(operand, scale_of(operand.type, of), bounds, named)
    if not (path and path[0] in _SURE and not operand.type.nullable):
        segments.append(Segment(None))
    is_computed = path is not None and origins.is_computed(path)
    return Dimension(
        key=key,
        name=".".join(path) if path else quoted_part(text, operand.part),
        path=path,
        field=of,
        sources=origins.sources(_reads(operand)),
        influences=origins.influences(_reads(operand)),
        segments=segments,
        accepts=lambda test: bits(at for at, segment in enumerate(segments) if _passes(test, segment.example)),
        nice=nice,
        # Of a computed number every value can be, as far as anyone can tell; of a computed choice perhaps not.
        is_free=path is not None and (not is_computed or isinstance(operand.type, feel.Number)),
    )


def _is_count(operand: Operand, path: Path | None, origins: Origins) -> bool:
    """Tell whether an operand counts something, so that it is a whole number from 0 on."""
    if path is not None:
        fact = origins.fact(path)
        return fact is not None and fact.measure == "count"
    part = operand.part
    return isinstance(part, tree.Call) and isinstance(part.function, tree.Name) and part.function.name == "count"


def _segments(
    operand: Operand, scale: Scale | None, bounds: tuple[object, object], points: Iterable[Value]
) -> tuple[list[Segment], Value]:
    """Return the segments of an operand without null, and what makes the best example."""
    few = few_values(operand.type)
    if few is not None:
        return [Segment(value) for value in few], None
    if scale is None:
        return [Segment("…", is_named=False)], None
    named = {in_utc(point) for point in points if kind_of(point) is scale.kind}
    return Cut(scale, named, values_between(*bounds, scale)).segments, scale.nice


def _passes(test: Test, value: Value) -> bool:
    try:
        return test.holds(value)
    except FeelRuntimeError:
        return test.wanted.fits(None)


def _standing(key: Key, test: Test, text: str, origins: Origins) -> Dimension:
    part = test.operand.part
    assert isinstance(part, tree.Comparison)
    sides = [quoted_part(text, part.left), quoted_part(text, part.right)]
    first, second = reversed(sides) if tree.outline(part.left) > tree.outline(part.right) else sides
    said = (f"less than {second}", f"equal to {second}", f"greater than {second}", f"or {second} empty", "")
    segments = [Segment(words, is_named=at == 1) for at, words in enumerate(said[:4])]
    segments.append(Segment(f"and {second} empty", is_named=False))
    return _unmeasured(key, first, test, origins, segments, _accepted_standings, is_standing=True)


def _accepted_standings(test: Test) -> int:
    found = standing_of(test)
    assert found is not None
    part, is_turned = found
    answers = _ANSWERS[_TURNED[part.operator] if is_turned else part.operator]
    return bits(at for at, answer in enumerate(answers) if test.wanted.fits(answer))


def _alone(key: Key, test: Test, text: str, origins: Origins) -> Dimension:
    """Return the dimension of a test that can be compared with no other: it holds, or does not."""
    name = quoted_part(text, test.operand.part)
    segments = [Segment(True), Segment(False, is_named=False)]
    return _unmeasured(key, name, test, origins, segments, lambda test: 1)


def _unmeasured(
    key: Key,
    name: str,
    test: Test,
    origins: Origins,
    segments: Sequence[Segment],
    accepts: Accepts,
    *,
    is_standing: bool = False,
) -> Dimension:
    """Return a dimension that is no value of the record."""
    reads = _reads(test.operand)
    sources, influences = origins.sources(reads), origins.influences(reads)
    return Dimension(key, name, None, None, sources, influences, segments, accepts, is_standing=is_standing)


def _reads(operand: Operand) -> tuple[Path, ...]:
    """Return the paths an operand reads; what reads none stands for itself."""
    path = key_of(operand.part)
    if path is not None:
        return (path,)
    return longest(feel.check(operand.part, operand.checker.scope).reads) or ((repr(operand.key),),)


def quoted_part(text: str, part: tree.Expression) -> str:
    """Return a part of a formula as it is written, in one line and shortened."""
    found = " ".join(text[part.start : part.end].split())
    return found if len(found) <= _LONGEST_QUOTE else found[: _LONGEST_QUOTE - 1] + "…"
