"""The built-in functions on ranges and points: `range`, and Allen's relations (`before`, `during`, `overlaps`…)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as Value
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.builtins.dates import FUNCTIONS as DATE_FUNCTIONS
from blankett.engine.feel.builtins.registry import Builtin, Overload, collected, overload
from blankett.engine.feel.errors import FeelSyntaxError
from blankett.engine.feel.lexer import SpacedNames
from blankett.engine.feel.operators import COMPARISONS, ORDERED, equal
from blankett.engine.feel.parser import Parser
from blankett.engine.feel.values import NO_END, Range

_MAKERS: Final = collected(
    [each for each in DATE_FUNCTIONS if each.name in ("date", "time", "date and time", "duration")]
)
_MAKER_NAMES: Final = SpacedNames(_MAKERS)


def range_from_text(text: str) -> Range | None:
    """Return the range written in *text*.

    Two ends of one kind, in order, each a literal or made from one (`date("…")`).
    """
    try:
        written = Parser(text, _MAKER_NAMES).whole_expression()
    except FeelSyntaxError:
        return None
    if not isinstance(written, tree.RangeLiteral):
        return None
    low, high = _end(written.low), _end(written.high)
    if type(low) not in ORDERED or COMPARISONS["<="](low, high) is not True:
        return None
    return Range(low, high, written.low_closed, written.high_closed)


def _end(part: tree.Expression) -> Value:
    """Return the value of an end of a range; null where it is not written out."""
    if isinstance(part, (tree.Literal, tree.AtLiteral)):
        return part.value
    if isinstance(part, tree.Call) and isinstance(part.function, tree.Name):
        maker: Builtin | None = _MAKERS.get(part.function.name)
        values = [argument.value for argument in part.arguments]
        if maker is not None and all(isinstance(value, tree.Literal) for value in values):
            return maker.invoke(None, [value.value for value in values if isinstance(value, tree.Literal)])
    return None


# ---- relations ----
# Each is said of two ranges; a point is the range from itself to itself. An end that is missing lies beyond everything.

Relation = Callable[[Range, Range], "bool | None"]


def _as_range(value: Value) -> Range:
    return value if type(value) is Range else Range(value, value)


def _said_of(relation: Relation) -> Callable[[Value, Value], bool | None]:
    """Return *relation* for points, too."""
    return lambda one, other: relation(_as_range(one), _as_range(other))


def _before(one: Range, other: Range) -> bool | None:
    if one.high is NO_END or other.low is NO_END:
        return False
    less = COMPARISONS["<"](one.high, other.low)
    if less is None or less:
        return less
    touching = equal(one.high, other.low)
    return touching and not (one.high_closed and other.low_closed)


def _meets(one: Range, other: Range) -> bool | None:
    return one.high_closed and other.low_closed and equal(one.high, other.low)


def _low_order(one: Range, other: Range) -> int | None:
    """Return -1, 0 or 1 as *one* starts before, with or after *other*."""
    return _order(one.low, other.low, one.low_closed, other.low_closed, -1)


def _high_order(one: Range, other: Range) -> int | None:
    """Return -1, 0 or 1 as *one* ends before, with or after *other*."""
    return _order(one.high, other.high, one.high_closed, other.high_closed, 1)


def _order(one: Value, other: Value, one_closed: bool, other_closed: bool, outward: int) -> int | None:
    if one is NO_END or other is NO_END:
        return 0 if one is other else outward if one is NO_END else -outward
    less = COMPARISONS["<"](one, other)
    if less is None:
        return None
    if less:
        return -1
    if equal(one, other) is not True:
        return 1
    if one_closed == other_closed:
        return 0
    return outward if one_closed else -outward


def _includes(one: Range, other: Range) -> bool | None:
    low, high = _low_order(one, other), _high_order(one, other)
    return None if low is None or high is None else low <= 0 <= high


def _starts(one: Range, other: Range) -> bool | None:
    low, high = _low_order(one, other), _high_order(one, other)
    return None if low is None or high is None else low == 0 and high <= 0


def _finishes(one: Range, other: Range) -> bool | None:
    low, high = _low_order(one, other), _high_order(one, other)
    return None if low is None or high is None else high == 0 and low >= 0


def _coincides(one: Range, other: Range) -> bool | None:
    low, high = _low_order(one, other), _high_order(one, other)
    return None if low is None or high is None else low == 0 and high == 0


def _overlaps(one: Range, other: Range) -> bool | None:
    before, after = _before(one, other), _before(other, one)
    return None if before is None or after is None else not (before or after)


def _overlaps_before(one: Range, other: Range) -> bool | None:
    low, high, apart = _low_order(one, other), _high_order(one, other), _before(one, other)
    if low is None or high is None or apart is None:
        return None
    return low < 0 and high <= 0 and not apart


def _flipped(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


#: {name: (relation, the kinds of operands it takes: p a point, r a range; the names of its parameters by kind)}
_RELATIONS: Final[dict[str, tuple[Relation, tuple[str, ...]]]] = {
    "before": (_before, ("pp", "pr", "rp", "rr")),
    "after": (_flipped(_before), ("pp", "pr", "rp", "rr")),
    "meets": (_meets, ("rr",)),
    "met by": (_flipped(_meets), ("rr",)),
    "overlaps": (_overlaps, ("rr",)),
    "overlaps before": (_overlaps_before, ("rr",)),
    "overlaps after": (_flipped(_overlaps_before), ("rr",)),
    "finishes": (_finishes, ("pr", "rr")),
    "finished by": (_flipped(_finishes), ("rp", "rr")),
    "includes": (_includes, ("rp", "rr")),
    "during": (_flipped(_includes), ("pr", "rr")),
    "starts": (_starts, ("pr", "rr")),
    "started by": (_flipped(_starts), ("rp", "rr")),
    "coincides": (_coincides, ("pp", "rr")),
}
_PARAMETERS: Final = {
    "pp": ("point1", "point2"),
    "pr": ("point", "range"),
    "rp": ("range", "point"),
    "rr": ("range1", "range2"),
}


def _relation_overloads() -> list[Overload]:
    made = []
    for name, (relation, shapes) in _RELATIONS.items():
        for shape in shapes:
            first, second = _PARAMETERS[shape]
            types = ["range<O>" if letter == "r" else "O" for letter in shape]
            signature = f"{name}({first}: {types[0]}, {second}: {types[1]}) -> boolean or null"
            made.append(overload(signature, _said_of(relation)))
    return made


FUNCTIONS: Final = (
    overload("range(from: string) -> range", range_from_text),
    *_relation_overloads(),
)
