"""What durable-rules is told of a record, and the rules it is given: a strict profile in which it answers exactly.

It sees attributes named a0, a1…: whole numbers, truth values, and words that stand in the rules themselves. Numbers,
days and durations become whole numbers that lie among a rule's constants as the values do; any other text is one
stand-in. What cannot be said so is answered beforehand by the predicates, and told as true or not at all. What is null
is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from itertools import count
from typing import Any as Value
from typing import Final, TypeAlias

from blankett.engine.feel import Boolean, Date, DaysTimeDuration, Number, Text, Type, YearsMonths, YearsMonthsDuration
from blankett.engine.rules.operand_index import OperandTests
from blankett.engine.rules.rule_evaluator import Predicates

#: What may stand in a fact.
Told: TypeAlias = "int | str"
#: A condition as the library takes it.
Expression: TypeAlias = "dict[str, Value]"

MAX_NUMBER: Final = 2**53
#: Longest text of a constant, and how many a list of them may have.
MAX_TEXT: Final = 200
MAX_WORDS: Final = 20
#: Decimal places beyond which constants are not told as whole numbers.
MAX_PLACES: Final = 9
#: Per set that the library gets: alternatives of all rules together, attributes, comparisons, tests for absence.
MAX_BRANCHES: Final = 60
MAX_ATTRIBUTES: Final = 180
MAX_TESTS: Final = 400
MAX_ABSENT: Final = 100
#: Alternatives of one way; beyond, its widest test is answered beforehand.
MAX_SPREAD: Final = 8
#: Names that mean something to the library or to us.
TAKEN: Final = ("id", "sid", "kind")
#: The attribute that every fact has, and every rule asks for.
GUARD: Final[Expression] = {"kind": "rec"}


class RuleFault(Exception):
    """durable-rules did not answer, or must not be asked."""


@dataclass(frozen=True, eq=False)
class Attribute:
    """Something told of a record. *tell* gives it for the value of the column's operand; None leaves it out."""

    name: str
    column: OperandTests | None
    tell: Callable[[Value], Told | None]


@dataclass(frozen=True)
class LibraryTest:
    """A test of a way as the library is asked it."""

    expression: Expression
    attribute: Attribute
    #: In how many alternatives it holds; 0 for a test that no value passes.
    branches: int = 1
    tests: int = 1
    absent: int = 0


@dataclass
class Packet:
    """Ways that the library gets as one set, within the limits of what it can take."""

    #: Way → its condition.
    rules: dict[int, Expression] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    branches: int = 0
    tests: int = 0
    absent: int = 0

    def takes(self, asked: Sequence[LibraryTest]) -> bool:
        """Tell whether a way with these tests still fits."""
        attributes = self.attributes.keys() | {each.attribute.name for each in asked}
        return (
            self.branches + spread(asked) <= MAX_BRANCHES
            and len(attributes) <= MAX_ATTRIBUTES
            and self.tests + sum(each.tests for each in asked) <= MAX_TESTS
            and self.absent + sum(each.absent for each in asked) <= MAX_ABSENT
        )

    def add(self, way: int, asked: Sequence[LibraryTest]) -> None:
        """Add a way."""
        self.rules[way] = {"$and": [GUARD, *(each.expression for each in asked)]} if asked else GUARD
        self.attributes |= {each.attribute.name: each.attribute for each in asked}
        self.branches += spread(asked)
        self.tests += sum(each.tests for each in asked)
        self.absent += sum(each.absent for each in asked)


def spread(asked: Iterable[LibraryTest]) -> int:
    """Return in how many alternatives tests that must all hold end up."""
    product = 1
    for each in asked:
        product *= each.branches
    return product


def packets_of(predicates: Predicates) -> list[Packet]:
    """Return the ways of *predicates* for the library."""
    teller = _Teller()
    packets: list[Packet] = []
    for way, columns in enumerate(_columns_by_way(predicates)):
        asked = [teller.asked(column, way) for column in columns]
        while spread(asked) > MAX_SPREAD:
            widest = max(range(len(asked)), key=lambda place: asked[place].branches)
            asked[widest] = teller.beforehand(columns[widest], way)
        rule = predicates.rules[predicates.owners[way]]
        asked += teller.on_days(rule.valid_from, rule.valid_to)
        if not spread(asked):
            continue
        packet = next((packet for packet in packets[-1:] if packet.takes(asked)), None)
        if packet is None:
            packet = Packet()
            packets.append(packet)
        packet.add(way, asked)
    return packets


def _columns_by_way(predicates: Predicates) -> list[list[OperandTests]]:
    found: list[list[OperandTests]] = [[] for _ in predicates.ways]
    for reader in (*predicates.quick, *predicates.slow):
        for way in reader.column.tests:
            found[way].append(reader.column)
    return found


class _Teller:
    """Makes the attributes, one for each thing that is told."""

    def __init__(self) -> None:
        self._names = attribute_names()
        self._made: dict[object, Attribute] = {}
        self._scales: dict[OperandTests, _Scale | None] = {}

    def asked(self, column: OperandTests, way: int) -> LibraryTest:
        """Return what the library is asked of *column* for *way*."""
        if column not in self._scales:
            self._scales[column] = _SCALES[column.kind](column) if _is_sure(column) else None
        scale = self._scales[column]
        if scale is None:
            return self.beforehand(column, way)
        attribute = self._attribute(column, column, scale.tell)
        return _asked(attribute, scale, column, way)

    def beforehand(self, column: OperandTests, way: int) -> LibraryTest:
        """Return the question whether what the predicates answered beforehand was yes."""
        accepted = tuple(rows >> way & 1 for rows in (*column.segments, column.null))
        tests = [(id(test.answer), test.wanted) for test in column.tests[way]]
        attribute = self._attribute(
            (column, accepted, *tests), column, lambda value: True if column.accepting(value) >> way & 1 else None
        )
        return LibraryTest({attribute.name: True}, attribute)

    def on_days(self, first: date | None, last: date | None) -> list[LibraryTest]:
        """Return the question whether today lies among the days of a rule. Its attribute is of no column."""
        if first is None and last is None:
            return []
        today = self._attribute("today", None, day_number)
        bounds = (("$gte", first), ("$lte", last))
        return [LibraryTest({sign: {today.name: day_number(day)}}, today) for sign, day in bounds if day is not None]

    def _attribute(self, key: object, column: OperandTests | None, tell: Callable[[Value], Told | None]) -> Attribute:
        if key not in self._made:
            self._made[key] = Attribute(next(self._names), column, tell)
        return self._made[key]


# ---- names ----


def fnv32(name: str) -> int:
    """Return the hash by which the library tells names apart; it never compares the names themselves."""
    found = 0x811C9DC5
    for byte in name.encode():
        found = (found * 16777619 & 0xFFFFFFFF) ^ byte
    return found


def attribute_names(hashed: Callable[[str], int] = fnv32) -> Iterator[str]:
    """Yield a0, a1…, leaving out names that the library would take for another one."""
    hashes = {hashed(name) for name in TAKEN}
    for number in count():
        name = f"a{number}"
        if hashed(name) not in hashes:
            hashes.add(hashed(name))
            yield name


# ---- values as the library is told them ----


@dataclass(frozen=True, eq=False)
class _Scale:
    """How the values of a column are told. *point* gives what stands for one of its constants."""

    tell: Callable[[Value], Told | None]
    point: Callable[[Value], Told]
    #: Whether values lie between the constants, and are told so that they do there, too.
    ordered: bool


_EPOCH: Final = date(1970, 1, 1).toordinal()
_EXACT: Final = Context(prec=200)
_MICROSECOND: Final = timedelta(microseconds=1)
_PLAIN_TEXT: Final = frozenset('"\\')


def day_number(day: Value) -> int:
    """Return a date as the days since 1970-01-01."""
    return int(day.toordinal()) - _EPOCH


def _tell_other(column: OperandTests, value: Value) -> Told | None:
    """Tell nothing of a value of another kind, which does for one that every test answers as it does null."""
    if column.accepting(value) != column.null:
        raise RuleFault(f"a value is {type(value).__name__}, not {getattr(column.kind, '__name__', column.kind)}")
    return None


def _is_sure(column: OperandTests) -> bool:
    """Tell whether the operand has values of the column's kind alone, or the column asks only whether it is null."""
    return column.kind is None or isinstance(column.operand.type, _TYPES[column.kind])


_TYPES: Final[Mapping[type, type[Type]]] = {
    bool: Boolean,
    str: Text,
    Decimal: Number,
    date: Date,
    timedelta: DaysTimeDuration,
    YearsMonths: YearsMonthsDuration,
}


def _presence(column: OperandTests) -> _Scale:
    return _Scale(lambda value: None if value is None else True, lambda point: True, ordered=False)


def _truths(column: OperandTests) -> _Scale:
    def tell(value: Value) -> Told | None:
        return value if value is None or type(value) is bool else _tell_other(column, value)

    return _Scale(tell, bool, ordered=False)


def _words(column: OperandTests) -> _Scale | None:
    words = frozenset(column.points)
    if column.same is None or len(words) > MAX_WORDS or not all(_is_plain(word) for word in words):
        return None
    stand_in = next(word for word in ("~" * length for length in count(1)) if word not in words)

    def tell(value: Value) -> Told | None:
        if type(value) is not str:
            return None if value is None else _tell_other(column, value)
        return value if value in words else stand_in

    return _Scale(tell, str, ordered=False)


def _is_plain(word: str) -> bool:
    return 0 < len(word) <= MAX_TEXT and word.isprintable() and _PLAIN_TEXT.isdisjoint(word)


def _numbers(
    number: Callable[[OperandTests], Callable[[Value], int] | None],
) -> Callable[[OperandTests], _Scale | None]:
    """Return the scale on which *number* puts values as whole numbers, cut off beyond the constants."""

    def scale(column: OperandTests) -> _Scale | None:
        whole = number(column)
        if whole is None:
            return None
        lowest, highest = whole(column.points[0]), whole(column.points[-1])
        if max(-lowest, highest) >= MAX_NUMBER:
            return None
        first, last, kind = column.points[0], column.points[-1], column.kind

        def tell(value: Value) -> Told | None:
            if type(value) is not kind:
                return None if value is None else _tell_other(column, value)
            # A value beyond the constants may be too large to be told.
            if value < first:
                return lowest - 1
            return highest + 1 if value > last else whole(value)

        return _Scale(tell, whole, ordered=True)

    return scale


def _of_decimals(column: OperandTests) -> Callable[[Value], int] | None:
    """Count decimals in halves of the constants' last place: a value between two such places is told as the half."""
    exponents = [exponent for point in column.points if isinstance(exponent := point.as_tuple().exponent, int)]
    places = max(0, -min(exponents))
    if places > MAX_PLACES:
        return None

    def halves(value: Decimal) -> int:
        scaled = _EXACT.scaleb(value, places)
        whole = scaled.to_integral_value(ROUND_FLOOR, _EXACT)
        return 2 * int(whole) + (scaled != whole)

    # Written out, a huge constant would be a huge number.
    return halves if all(point.adjusted() < 17 for point in column.points) else None


_SCALES: Final[Mapping[type | None, Callable[[OperandTests], _Scale | None]]] = {
    None: _presence,
    bool: _truths,
    str: _words,
    Decimal: _numbers(_of_decimals),
    date: _numbers(lambda column: day_number),
    timedelta: _numbers(lambda column: lambda value: int(value // _MICROSECOND)),
    YearsMonths: _numbers(lambda column: lambda value: int(value.total)),
}


# ---- conditions as the library takes them ----


def _asked(attribute: Attribute, scale: _Scale, column: OperandTests, way: int) -> LibraryTest:
    """Return what of an attribute makes a column accept a value for *way*."""
    accepted = [rows >> way & 1 for rows in column.segments]
    places = [place for place in range(len(accepted)) if place not in column.empty]
    if column.kind is None:
        alternatives = [{"$ex": {attribute.name: 1}}] if accepted[0] else []
    elif all(accepted[place] for place in places):
        alternatives = [{"$ex": {attribute.name: 1}}]
    elif scale.ordered:
        alternatives = _stretches(attribute.name, scale, column, places, accepted)
    else:
        alternatives = _listed(attribute.name, scale, column, accepted)
    tests = sum(len(each.get("$and", (each,))) for each in alternatives)
    is_absent = bool(column.null >> way & 1)
    if is_absent:
        alternatives.append({"$nex": {attribute.name: 1}})
    expression = alternatives[0] if len(alternatives) == 1 else {"$or": alternatives}
    return LibraryTest(expression, attribute, len(alternatives), tests + is_absent, int(is_absent))


def _listed(name: str, scale: _Scale, column: OperandTests, accepted: Sequence[int]) -> list[Expression]:
    """Return what accepts some words, or all but some."""
    points = [(scale.point(point), accepted[2 * at + 1]) for at, point in enumerate(column.points)]
    if column.kind is str and accepted[0]:
        refused = [{"$neq": {name: word}} for word, is_accepted in points if not is_accepted]
        return [refused[0] if len(refused) == 1 else {"$and": refused}]
    return [{name: word} for word, is_accepted in points if is_accepted]


def _stretches(
    name: str, scale: _Scale, column: OperandTests, places: Sequence[int], accepted: Sequence[int]
) -> list[Expression]:
    """Return what accepts the stretches of values between constants; one constant left out is `not equal`."""
    refused = [place for place in places if not accepted[place]]
    if len(refused) == 1 and refused[0] % 2:
        return [{"$neq": {name: scale.point(column.points[refused[0] // 2])}}]
    found: list[Expression] = []
    start: int | None = None
    for at, place in enumerate(places):
        if accepted[place] and start is None:
            start = place
        if start is not None and (at + 1 == len(places) or not accepted[places[at + 1]]) and accepted[place]:
            found.append(_stretch(name, scale, column, start, place))
            start = None
    return found


def _stretch(name: str, scale: _Scale, column: OperandTests, first: int, last: int) -> Expression:
    if first == last and first % 2:
        return {name: scale.point(column.points[first // 2])}
    bounds: list[Expression] = []
    if first > 0:
        sign, point = ("$gte", column.points[first // 2]) if first % 2 else ("$gt", column.points[first // 2 - 1])
        bounds.append({sign: {name: scale.point(point)}})
    if last < 2 * len(column.points):
        sign = "$lte" if last % 2 else "$lt"
        bounds.append({sign: {name: scale.point(column.points[last // 2])}})
    return bounds[0] if len(bounds) == 1 else {"$and": bounds}
