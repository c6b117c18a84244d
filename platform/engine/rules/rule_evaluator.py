"""The rules of a form at one decision point, compiled together and decided by FEEL's own closures.

Operands that only read are looked at first, then those that compute; one that no rule can ask for any more is not
looked at. An operand, and a call inside several of them, is worked out once per evaluation. What can take long shares
one budget.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import getcontext, setcontext
from typing import TYPE_CHECKING, Final
from typing import Any as Value

from blankett.engine.feel import Moment, evaluating, tree
from blankett.engine.feel.compile import COMPILERS
from blankett.engine.feel.compile.compiler import FIRST_SLOT, RUN, Closure, Compiler, Frame, needs_of
from blankett.engine.feel.operators import CONTEXT
from blankett.engine.feel.tree import parts_of
from blankett.engine.rules.conditions import Operand, Test, operand_key, ways_of
from blankett.engine.rules.operand_index import OperandTests, bits

if TYPE_CHECKING:
    from blankett.engine.language.model import Rule

#: Stands for the value of an operand that no rule could still ask for.
NOT_READ: Final = object()
#: What is worked out once even where it stands inside several operands.
_SHARED: Final = (tree.Call, tree.For, tree.Quantified, tree.FilterExpression)


class OperandReader:
    """An operand's column, and the closure that reads its value from the frame."""

    __slots__ = ("column", "read", "step")

    def __init__(self, column: OperandTests, read: Closure) -> None:
        self.column = column
        self.read = read
        #: What deciding needs, unpacked in one go.
        self.step = (
            column.asking, read, column.kind, column.same, column.segments[0], column.points, column.segments,
            column.null, column,
        )  # fmt: skip


class Predicates:
    """Rules decided by closures. *rules* come in order: the highest priority first, then the author's."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        #: The rule of each way.
        self.owners: list[int] = []
        self.ways: list[tuple[Test, ...]] = []
        for number, rule in enumerate(self.rules):
            for way in ways_of(rule):
                self.owners.append(number)
                self.ways.append(way)
        self.every = (1 << len(self.ways)) - 1
        self._size = FIRST_SLOT
        self._shared: dict[tuple[object, ...], Closure] = {}
        self.quick: list[OperandReader] = []
        self.slow: list[OperandReader] = []
        #: Whether something that is read may take long, so that it needs a budget.
        self._runs = False
        for column in self._columns():
            self._place(column)
        self._quick = [reader.step for reader in self.quick]
        self._slow = [reader.step for reader in self.slow]
        self._slow_asking = sum({1 << way for reader in self.slow for way in reader.column.tests})
        self._template: list[object] = [NOT_READ] * (self._size - FIRST_SLOT)
        self._dated = any(rule.valid_from or rule.valid_to for rule in self.rules)
        self._day: tuple[date | None, int] = (None, self.every)

    # ---- compiling ----

    def _columns(self) -> list[OperandTests]:
        """Return the columns, those that most ways ask first."""
        tests: dict[tuple[object, ...], dict[type | None, dict[int, list[Test]]]] = {}
        operands: dict[tuple[object, ...], Operand] = {}
        for number, way in enumerate(self.ways):
            for test in way:
                operand = operands.setdefault(test.operand.key, test.operand)
                kinds = tests.setdefault(operand.key, {})
                kinds.setdefault(test.kind, {}).setdefault(number, []).append(test)
        columns = [
            OperandTests(operands[key], kind, found, len(self.ways))
            for key, kinds in tests.items()
            for kind, found in _with_null(kinds).items()
        ]
        return sorted(columns, key=lambda column: -column.asking.bit_count())

    def _place(self, column: OperandTests) -> None:
        """Compile the column's operand, and put it among those that only read or those that compute."""
        operand = column.operand
        compiler = _SharingCompiler(operand, self._size, self._shared)
        reader = OperandReader(column, compiler.compiled(operand.part))
        self._size = compiler.size
        computes, runs = needs_of(operand.part)
        self._runs = self._runs or runs
        computes = computes or any(isinstance(part, tree.Arithmetic) for part in parts_of(operand.part))
        (self.slow if computes or runs else self.quick).append(reader)

    # ---- deciding ----

    def fired(self, names: Mapping[str, Value], moment: Moment) -> tuple[int, ...]:
        """Return the numbers of the rules that fire, in order. Raises BudgetExceeded."""
        ways = self.in_force(moment) if self._dated else self.every
        if not ways:
            return ()
        frame: Frame = [names, None, *self._template]
        ways = _decided(self._quick, frame, ways)
        if ways & self._slow_asking:
            ways = self._decided_slowly(frame, ways, moment)
        return self.rules_of(ways) if ways else ()

    def _decided_slowly(self, frame: Frame, ways: int, moment: Moment) -> int:
        if self._runs:
            with evaluating(moment) as run:
                frame[RUN] = run
                return _decided(self._slow, frame, ways)
        before = getcontext()
        setcontext(CONTEXT)
        try:
            return _decided(self._slow, frame, ways)
        finally:
            setcontext(before)

    def values(self, names: Mapping[str, Value], moment: Moment) -> dict[OperandTests, Value]:
        """Return the value of each column's operand; those that compute only as far as `fired` looks at them."""
        ways = self.in_force(moment) if self._dated else self.every
        frame: Frame = [names, None, *self._template]
        values: dict[OperandTests, Value] = {}
        for reader in self.quick:
            value = values[reader.column] = reader.read(frame)
            ways &= reader.column.accepting(value)
        if ways & self._slow_asking:
            with evaluating(moment) as run:
                frame[RUN] = run
                for reader in self.slow:
                    if ways & reader.column.asking:
                        value = values[reader.column] = reader.read(frame)
                        ways &= reader.column.accepting(value)
        return values

    def in_force(self, moment: Moment) -> int:
        """Return the ways of the rules that hold today."""
        today = moment.now.astimezone(moment.zone).date()
        day, ways = self._day
        if day != today:
            ways = self.in_force_on(today)
            self._day = (today, ways)
        return ways

    def in_force_on(self, day: date) -> int:
        """Return the ways of the rules that hold on *day*."""
        holds = [rule.in_force(day) for rule in self.rules]
        return sum(1 << way for way, owner in enumerate(self.owners) if holds[owner])

    def rules_of(self, ways: int) -> tuple[int, ...]:
        """Return the rules of *ways*, each once and in order."""
        return tuple(dict.fromkeys(self.owners[way] for way in bits(ways)))


def _decided(steps: Sequence[tuple[Value, ...]], frame: Frame, ways: int) -> int:
    """Return those of *ways* that every operand accepts."""
    for asking, read, kind, same, others, points, segments, null, column in steps:
        if not ways & asking:
            continue
        value = read(frame)
        if type(value) is kind:
            if same is not None:
                ways &= same.get(value, others)
            else:
                ways &= segments[bisect_left(points, value) + bisect_right(points, value)]
        elif value is None:
            ways &= null
        elif kind is None:
            ways &= others
        else:
            ways &= column.ways_for(value)
    return ways


def _with_null(kinds: dict[type | None, dict[int, list[Test]]]) -> dict[type | None, dict[int, list[Test]]]:
    """Let the tests for null alone go along with those for another kind, so that the operand is read once."""
    alone = kinds.pop(None, None)
    if alone is None or not kinds:
        return kinds if alone is None else {None: alone}
    first = next(iter(kinds.values()))
    for way, tests in alone.items():
        first.setdefault(way, []).extend(tests)
    return kinds


class _SharingCompiler(Compiler):
    """Compiles operands that are evaluated in one frame; what several of them hold is worked out once."""

    def __init__(self, operand: Operand, size: int, shared: dict[tuple[object, ...], Closure]) -> None:
        super().__init__(operand.checker.scope, operand.checker, operand.part, COMPILERS)
        self.size = size
        self._shared = shared

    def compiled(self, part: tree.Expression) -> Closure:
        """Return the closure of *part*; a call or loop that reads no variable is worked out once per evaluation."""
        if self.around or not isinstance(part, _SHARED) or self.is_constant(part):
            return super().compiled(part)
        key = operand_key(part, self.scope)
        found = self._shared.get(key)
        if found is None:
            slot = self.new_slot()
            found = self._shared[key] = _remembering(slot, super().compiled(part))
        return found


def _remembering(slot: int, closure: Closure) -> Closure:
    def read(frame: Frame) -> Value:
        value = frame[slot]
        if value is NOT_READ:
            value = frame[slot] = closure(frame)
        return value

    return read
