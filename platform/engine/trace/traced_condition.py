"""A traced condition: what it is made of, what each part saw and said, as JSON and back, and what of it a reader may
see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from blankett.engine.feel.builtins.conversion import string
from blankett.engine.feel.values import NO_END, Range, Reference, YearsMonths
from blankett.engine.language.model import Place

# Values as JSON -------------------------------------------------------------------------------------------------------


#: Of a list, the first so many values are told.
MOST_VALUES = 5
#: A text is told up to so many characters.
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Several:
    """Stands for lines or contexts: how many there were. What is in them has paths of its own."""

    count: int


def kept(value: Any) -> Any:
    """Return *value* as a trace keeps it."""
    if isinstance(value, list):
        if value and all(isinstance(item, Mapping) for item in value):
            return Several(len(value))
        return [kept(item) for item in value[:MOST_VALUES]]
    if isinstance(value, Mapping):
        return Several(1)
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, Reference):
        return Reference(value.id, value.title)
    if isinstance(value, Range):
        return Range(kept(value.low), kept(value.high), value.low_closed, value.high_closed)
    return value


def plain(value: Any) -> Any:
    """Return what `kept` gave as JSON: null, booleans, texts and lists as they are, the rest named by its kind."""
    return whole(kept(value))


def whole(value: Any) -> Any:
    """Return *value* the same way, all of it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, list):
        return [whole(item) for item in value]
    for kind, name, write in _KINDS:
        if isinstance(value, kind):
            return {name: write(value)}
    return {"text": str(string(value) or type(value).__name__)[:LONGEST_TEXT]}


def value_from(raw: Any) -> Any:
    """Return the value that `plain` wrote; null for what cannot be read, as a later version may have written it."""
    if raw is None or isinstance(raw, (bool, str)):
        return raw
    if isinstance(raw, list):
        return [value_from(item) for item in raw]
    if isinstance(raw, Mapping) and len(raw) == 1:
        name, text = next(iter(raw.items()))
        read = _READERS.get(name)
        try:
            return read(text) if read is not None else None
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            return None
    return None


def _ends(value: Range) -> list[Any]:
    ends = [None if end is NO_END else plain(end) for end in (value.low, value.high)]
    return [*ends, value.low_closed, value.high_closed]


def _range(raw: list[Any]) -> Range:
    low, high = (NO_END if end is None else value_from(end) for end in raw[:2])
    return Range(low, high, raw[2] is True, raw[3] is True)


#: A moment is a date too: it comes first.
_KINDS: tuple[tuple[type, str, Any], ...] = (
    (Decimal, "number", str),
    (datetime, "moment", datetime.isoformat),
    (date, "date", date.isoformat),
    (time, "time", time.isoformat),
    (timedelta, "seconds", lambda value: str(Decimal(str(value.total_seconds())))),
    (YearsMonths, "months", lambda value: value.total),
    (Reference, "id", lambda value: value.id),
    (Range, "range", _ends),
    (Several, "several", lambda value: value.count),
)

_READERS: Mapping[str, Any] = {
    "number": Decimal,
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda text: timedelta(seconds=float(text)),
    "months": lambda total: YearsMonths(int(total)),
    "id": lambda id: Reference(str(id)),
    "range": _range,
    "several": lambda count: Several(int(count)),
    "text": str,
}


# The condition --------------------------------------------------------------------------------------------------------


#: Tells whether the reader may see the value at a path of names: ("customer", "credit_limit").
MayRead = Callable[[tuple[str, ...]], bool]

#: What a part without parts asks of its first operand; "" is said in the author's own words. `slow`: its budget ran
#: out.
TESTS: Final = (
    "", "=", "!=", "<", "<=", ">", ">=", "between", "not between", "in", "not in", "true", "false", "null", "not null",
    "slow",
)  # fmt: skip

#: Where a trace stands that does not say.
NOWHERE: Final = Place(1, 1)

#: How deep a stored trace is read; a formula cannot be nested deeper.
DEEPEST = 100
LONGEST_CONDITION = 400


@dataclass(frozen=True)
class SeenValue:
    """A value that a condition looked at."""

    #: From the names in scope: ("customer", "tier").
    path: tuple[str, ...]
    #: As formulas know it; None for null and for what the reader may not see.
    value: Any
    #: Whether the reader may not see it.
    is_hidden: bool = False


@dataclass(frozen=True)
class TracedOperand:
    """One side of a comparison, with its value."""

    #: As the author wrote it: ``count(lines)``.
    text: str
    value: Any
    #: The path it is, where it is no more than that: ("customer", "tier").
    path: tuple[str, ...] = ()
    #: Every path its value comes from; empty for a constant.
    reads: tuple[tuple[str, ...], ...] = ()
    #: The function it asks, of *path* where it has one: "count" of the lines, "today".
    function: str = ""


@dataclass(frozen=True)
class RowsHit:
    """The rows of a decision table that gave a value."""

    #: Full name of the table.
    table: str
    #: Numbers, from 1; none: no row hit.
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Trace:
    """A condition, or a part of one, with what it saw.

    `and` and `or` have parts; `every` and `some` have one part for each line that decided. All others are tests of
    operands. `not` is moved inwards: ``not(a and b < 1)`` is an `or` of ``not(a)`` and ``b >= 1``.
    """

    #: As the author wrote it; empty where the reader may not see all of it.
    text: str
    #: None: a value it needs is missing.
    holds: bool | None
    operator: str = ""
    parts: tuple[Trace, ...] = ()
    #: The paths it read itself, the longest of each.
    seen: tuple[SeenValue, ...] = ()
    place: Place = NOWHERE
    #: One of TESTS.
    test: str = ""
    #: What is tested, then what it is tested with.
    operands: tuple[TracedOperand, ...] = ()
    tables: tuple[RowsHit, ...] = ()
    #: Of a part of `every` or `some`: which line it is about, from 1.
    number: int | None = None
    #: Whether the reader may not see what it is about.
    is_hidden: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the trace as plain data; what is empty is left out."""
        found: dict[str, Any] = {"text": self.text[:LONGEST_CONDITION], "holds": self.holds}
        found["at"] = [self.place.line, self.place.column]
        optional: dict[str, Any] = {
            "operator": self.operator,
            "parts": [part.to_json() for part in self.parts],
            "seen": [
                {"path": list(seen.path), **({"hidden": True} if seen.is_hidden else {"value": plain(seen.value)})}
                for seen in self.seen
            ],
            "test": self.test,
            "operands": [
                {
                    "text": each.text[:LONGEST_CONDITION],
                    "value": plain(each.value),
                    "path": list(each.path),
                    "reads": [list(path) for path in each.reads],
                    **({"function": each.function} if each.function else {}),
                }
                for each in self.operands
            ],
            "tables": [{"table": each.table, "rows": list(each.rows)} for each in self.tables],
            "number": self.number,
            "hidden": self.is_hidden,
        }
        return found | {key: value for key, value in optional.items() if value}

    def leaves(self) -> Iterator[Trace]:
        """Yield the parts that have no parts, in the order they are written."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def trace_from_json(raw: Any, depth: int = 0) -> Trace:
    """Return the trace that `to_json` wrote; what is not understood is left out, as a later version may have written
    it.
    """
    raw = raw if isinstance(raw, Mapping) and depth < DEEPEST else {}
    test = raw.get("test", "")
    number = raw.get("number")
    return Trace(
        text=_text(raw.get("text")),
        holds=raw["holds"] if isinstance(raw.get("holds"), bool) else None,
        operator=_text(raw.get("operator")),
        parts=tuple(trace_from_json(part, depth + 1) for part in _items(raw.get("parts"))),
        seen=tuple(_seen(each) for each in _items(raw.get("seen"))),
        place=_place(raw.get("at")),
        test=test if test in TESTS else "",
        operands=tuple(_operand(each) for each in _items(raw.get("operands"))),
        tables=tuple(_rows_hit(each) for each in _items(raw.get("tables"))),
        number=number if isinstance(number, int) else None,
        is_hidden=raw.get("hidden") is True,
    )


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""


def _items(raw: Any) -> list[Any]:
    return [item for item in raw if isinstance(item, Mapping)] if isinstance(raw, list) else []


def _path(raw: Any) -> tuple[str, ...]:
    return tuple(map(str, raw)) if isinstance(raw, list) else ()


def _place(raw: Any) -> Place:
    if isinstance(raw, list) and len(raw) == 2 and all(isinstance(number, int) for number in raw):
        return Place(raw[0], raw[1])
    return NOWHERE


def _seen(raw: Mapping[str, Any]) -> SeenValue:
    return SeenValue(_path(raw.get("path")), value_from(raw.get("value")), raw.get("hidden") is True)


def _operand(raw: Mapping[str, Any]) -> TracedOperand:
    reads = raw.get("reads")
    paths = tuple(map(_path, reads)) if isinstance(reads, list) else ()
    return TracedOperand(
        _text(raw.get("text")), value_from(raw.get("value")), _path(raw.get("path")), paths, _text(raw.get("function"))
    )


def _rows_hit(raw: Mapping[str, Any]) -> RowsHit:
    rows = raw.get("rows")
    numbers = tuple(row for row in rows if isinstance(row, int)) if isinstance(rows, list) else ()
    return RowsHit(_text(raw.get("table")), numbers)


# Redaction ------------------------------------------------------------------------------------------------------------


def redacted(trace: Trace, may_read: MayRead) -> Trace:
    """Return *trace* as a reader may see it.

    Of a part that reads anything they may not, all that is left is that there is one: neither its text, nor what it is
    compared with, nor what it said, for those tell about the value.
    """
    if trace.parts:
        parts = tuple(redacted(part, may_read) for part in trace.parts)
        if parts == trace.parts and all(may_read(seen.path) for seen in trace.seen):
            return trace
        seen = tuple(each if may_read(each.path) else replace(each, value=None, is_hidden=True) for each in trace.seen)
        return replace(trace, text="", parts=parts, seen=seen)
    reads = {seen.path for seen in trace.seen}.union(*(each.reads for each in trace.operands))
    if all(map(may_read, reads)):
        return trace
    return Trace("", None, place=trace.place, number=trace.number, is_hidden=True)


@dataclass(frozen=True)
class Need:
    """Something that must become true: what *trace* tests, or one of *ways*."""

    trace: Trace
    ways: tuple[tuple[Need, ...], ...] = ()


def needs_of(trace: Trace) -> tuple[Need, ...]:
    """Return what must become true for *trace* to hold, in the order it is written; empty when it holds."""
    if trace.holds is True:
        return ()
    if trace.operator == "and":
        return tuple(need for part in trace.parts for need in needs_of(part))
    if trace.operator == "or":
        return (Need(trace, tuple(_ways(trace))),)
    return (Need(trace),)


def _ways(trace: Trace) -> Iterator[tuple[Need, ...]]:
    for part in trace.parts:
        found = needs_of(part)
        if len(found) == 1 and found[0].ways:
            yield from found[0].ways  # a choice within a choice: more ways
        else:
            yield found


def readable(need: Need, may_read: MayRead) -> Need:
    """Return *need* as a reader may see it."""
    ways = tuple(tuple(readable(each, may_read) for each in way) for way in need.ways)
    return replace(need, trace=redacted(need.trace, may_read), ways=ways)
