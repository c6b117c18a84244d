"""What conditions test, cut into segments of which every test accepts all or nothing: a dimension of their space.

`total > 100` and `total <= 500` test one dimension, `total`, and so do `not(total > 100)` and `total in [1..5]`.
`total > customer.limit` and `total <= customer.limit` test another: how the two stand to each other. What is no
comparison is a dimension of its own, that is true, false or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any as Value
from typing import TypeAlias

from blankett.engine import feel
from blankett.engine.blueprint.model import Field
from blankett.engine.feel import tree
from blankett.engine.feel.errors import FeelRuntimeError
from blankett.engine.feel.narrowing import key_of
from blankett.engine.rules.conditions import Operand, Test, operand_key
from blankett.engine.rules.cuts import Cut, Segment, bits, chosen, few_values, option_bounds
from blankett.engine.rules.origins import Origins, Path, longest
from blankett.engine.rules.scales import Numbers, Scale, scale_of
from blankett.engine.rules.wording import value_words

#: The names whose values are there whenever their type says so. A field of a draft may be empty though it is required.
_SURE = frozenset({"record", "facts", "user"})
#: A condition is quoted in an example up to this length, in characters.
_LONGEST_QUOTE = 60

#: How two things stand to each other, with words for it.
_STANDINGS = ("less", "equal", "greater", "one empty", "both empty")
#: What a comparison of two things answers, by how they stand.
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
        return chosen(self.segments, mask, self.nice).example

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
    return test.kind in (Decimal, str, date) and _kind_of(test.operand.type) is test.kind


def _kind_of(type: feel.Type) -> object:
    kinds = {feel.Number: Decimal, feel.Text: str, feel.Date: date}
    return kinds.get(type.__class__)


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
    bounds = of.options if of is not None and origins.is_bounded(of) else {}
    if _is_count(operand, path, origins):
        segments, nice = _segments(operand, Numbers(0), {"min": Decimal(0)}, named)
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
    operand: Operand, scale: Scale | None, bounds: Mapping[str, object], points: Iterable[Value]
) -> tuple[list[Segment], Value]:
    """Return the segments of an operand without null, and what makes the best example."""
    few = few_values(operand.type)
    if few is not None:
        return [Segment(value) for value in few], None
    if scale is None:
        return [Segment("…", is_named=False)], None
    named = {point for point in points if type(point) is scale.kind}
    return Cut(scale, named, option_bounds(bounds, scale)).segments, scale.nice


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


def _reads(operand: Operand) -> list[Path]:
    """Return the paths an operand reads; what reads none stands for itself."""
    path = key_of(operand.part)
    if path is not None:
        return [path]
    return longest(feel.check(operand.part, operand.checker.scope).reads) or [(repr(operand.key),)]


def quoted_part(text: str, part: tree.Expression) -> str:
    """Return a part of a formula as it is written, in one line and shortened."""
    found = " ".join(text[part.start : part.end].split())
    return found if len(found) <= _LONGEST_QUOTE else found[: _LONGEST_QUOTE - 1] + "…"
