"""Turns a formula into Python closures, once, so that evaluating it costs little.

A closure takes the *frame* of one evaluation, a list: the names, the Run, then a slot for each variable of a loop,
filter, function or context. Names are resolved to slots here. No `eval`, and no attribute of a value is ever looked
up by its name. Each closure-making function handles one kind of part; operators are in `operators`, loops and
filters in `loops`, calls in `calls`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, getcontext, setcontext
from typing import Any as Value
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.budget import CURRENT, MAX_CALLS, MAX_NESTING, Moment, Run, charge
from blankett.engine.feel.compile.calls import compile_call, compile_function
from blankett.engine.feel.compile.compiler import (
    FIRST_SLOT,
    Closure,
    Compiler,
    Frame,
    Slots,
    constant,
    member_reader,
    root_member_reader,
    slot_member_reader,
)
from blankett.engine.feel.compile.loops import compile_filter, compile_for, compile_quantified
from blankett.engine.feel.compile.operators import (
    compile_arithmetic,
    compile_between,
    compile_comparison,
    compile_in,
    compile_logic,
    compile_negation,
    compile_tests,
)
from blankett.engine.feel.errors import BudgetExceeded
from blankett.engine.feel.operators import CONTEXT, is_instance
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.temporal import without_wide
from blankett.engine.feel.typecheck import examine
from blankett.engine.feel.typecheck.checker import Checker
from blankett.engine.feel.values import NO_END, Range

# ---- parts ----


def _literal(compiler: Compiler, part: tree.Literal | tree.AtLiteral) -> Closure:
    return constant(part.value)


def _name(compiler: Compiler, part: tree.Name) -> Closure:
    return compiler.name(part.name)


def _member(compiler: Compiler, part: tree.PathExpression) -> Closure:
    place = compiler.place_of(part.owner.name) if isinstance(part.owner, tree.Name) else None
    if isinstance(part.owner, tree.Name) and place is not None:
        kind, slot = place
        return slot_member_reader(slot, part.name) if kind == "slot" else root_member_reader(part.owner.name, part.name)
    return member_reader(compiler.compiled(part.owner), part.name)


def _if(compiler: Compiler, part: tree.If) -> Closure:
    condition, then, otherwise = map(compiler.compiled, (part.condition, part.then, part.otherwise))
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


def _list(compiler: Compiler, part: tree.ListLiteral) -> Closure:
    items = [compiler.compiled(item) for item in part.items]
    return lambda frame: [item(frame) for item in items]


def _range(compiler: Compiler, part: tree.RangeLiteral) -> Closure:
    low, high = compiler.compiled(part.low), compiler.compiled(part.high)
    descends = part.is_bare or compiler.scope.edition < 1
    return lambda frame: Range(low(frame), high(frame), part.low_closed, part.high_closed, descends=descends)


def _unary_test(compiler: Compiler, part: tree.UnaryTest) -> Closure:
    """Compile a test that stands as a value: `< 10` is the range without a lower end."""
    value = compiler.compiled(part.value)
    ends: dict[str, Callable[[Value], Value]] = {
        "<": lambda end: Range(NO_END, end, False, False),
        "<=": lambda end: Range(NO_END, end, False, True),
        ">": lambda end: Range(end, NO_END, False, False),
        ">=": lambda end: Range(end, NO_END, True, False),
        "=": lambda end: Range(end, end, is_test=compiler.scope.edition >= 1),
    }
    made = ends.get(part.operator)
    return constant(None) if made is None else lambda frame: made(value(frame))


def _instance_of(compiler: Compiler, part: tree.InstanceOf) -> Closure:
    value, wanted = compiler.compiled(part.value), part.type
    return constant(None) if wanted is None else lambda frame: is_instance(value(frame), wanted)


def _context(compiler: Compiler, part: tree.ContextLiteral) -> Closure:
    slots = Slots()
    entries: list[tuple[str, int, Closure]] = []
    for entry in part.entries:
        slot = compiler.new_slot()
        if isinstance(entry.value, tree.FunctionDefinition):
            slots.names[entry.name] = slot  # a function may call itself
            slots.functions.add(entry.name)
        entries.append((entry.name, slot, compiler.inside(slots, entry.value)))
        slots.names[entry.name] = slot

    def make(frame: Frame) -> dict[str, Value]:
        made: dict[str, Value] = {}
        for name, slot, value in entries:
            made[name] = frame[slot] = value(frame)
        return made

    return make


# ---- the whole ----

#: Classes of values that hold nothing wide.
_PLAIN: Final = frozenset([type(None), bool, Decimal, str])
_HOLDING: Final = frozenset([list, dict])


class CompiledFormula:
    """A compiled formula. `expression` is what it was made of, `type` what its value is known to be."""

    __slots__ = ("_closure", "_computes", "_runs", "_slots", "expression", "scope", "type")

    def __init__(self, expression: tree.Expression, compiler: Compiler, closure: Closure) -> None:
        self.expression = expression
        self.scope = compiler.scope
        self.type = compiler.type_of(expression)
        self._closure = closure
        self._slots = [None] * (compiler.size - FIRST_SLOT)
        self._computes = compiler.computes
        self._runs = compiler.runs

    def evaluate(self, names: Mapping[str, Value], moment: Moment) -> Value:
        """Return the value with *names* at *moment*: null where there is none. Raises BudgetExceeded only."""
        if self._runs:
            value = self.evaluate_wide(names, moment)
            return value if type(value) in _PLAIN else without_wide(value)
        frame = [names, None, *self._slots]
        before = getcontext() if self._computes else None
        if before is not None:
            setcontext(CONTEXT)
        try:
            return self._closure(frame)
        except RecursionError:  # it was given lists that lie too deep in each other
            raise BudgetExceeded("feel.budget_nesting", {"limit": MAX_NESTING}) from None
        finally:
            if before is not None:
                setcontext(before)

    def value_in(self, run: Run, names: Mapping[str, Value]) -> Value:
        """Return the value with *names* as a part of an evaluation that is under way: of what a function does."""
        return self._closure([names, run, *self._slots])

    def evaluate_wide(self, names: Mapping[str, Value], moment: Moment) -> Value:
        """Return the value as `evaluate` does, also one beyond Python's dates and times (`temporal`)."""
        # What `evaluating` does, written out: this runs for every formula with a loop or a call.
        outer, before = CURRENT.run, getcontext()
        CURRENT.run = run = Run(moment)
        setcontext(CONTEXT)
        try:
            value = self._closure([names, run, *self._slots])
            if type(value) in _HOLDING:
                refuse_heavy(value)
            return value
        except RecursionError:
            raise too_deep() from None
        finally:
            run.settle()
            CURRENT.run = outer
            setcontext(before)


class evaluating:
    """An evaluation under way: exact decimals, and a budget that ends it. Raises BudgetExceeded, from inside."""

    __slots__ = ("_before", "_outer", "_run")

    def __init__(self, moment: Moment) -> None:
        self._run = Run(moment)

    def __enter__(self) -> Run:
        self._before, self._outer = getcontext(), CURRENT.run
        setcontext(CONTEXT)
        CURRENT.run = self._run
        return self._run

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._run.settle()
        CURRENT.run = self._outer
        setcontext(self._before)
        if kind is RecursionError:
            raise too_deep() from None


def too_deep() -> BudgetExceeded:
    """Return what is raised where functions call each other, or lists lie in each other, too deeply for Python."""
    return BudgetExceeded("feel.budget_depth", {"limit": MAX_CALLS})


def refuse_heavy(value: Value) -> None:
    """Raise BudgetExceeded where *value*, a list or context, holds too many values, or too deep in each other.

    A value is counted each time it is held.
    """
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise BudgetExceeded("feel.budget_nesting", {"limit": MAX_NESTING})
        below: list[Value] = []
        for inner in level:
            items = inner.values() if type(inner) is dict else inner
            charge(len(items))
            below.extend(item for item in items if type(item) in _HOLDING)
        level = below


def formula_of(part: tree.Expression, scope: Scope, checker: Checker) -> CompiledFormula:
    """Return *part*, which *checker* has examined in *scope*, compiled."""
    compiler = Compiler(scope, checker, part, COMPILERS)
    return CompiledFormula(part, compiler, compiler.compiled(part))


def compile(expression: tree.Expression, scope: Scope) -> CompiledFormula:
    """Return *expression* compiled for *scope*. A part that is wrong (see `check`) is null when it runs."""
    return formula_of(expression, scope, examine(expression, scope)[1])


COMPILERS: Final[dict[type[tree.Expression], Callable[..., Closure]]] = {
    tree.Literal: _literal,
    tree.AtLiteral: _literal,
    tree.Name: _name,
    tree.PathExpression: _member,
    tree.Negation: compile_negation,
    tree.Arithmetic: compile_arithmetic,
    tree.Comparison: compile_comparison,
    tree.Logic: compile_logic,
    tree.If: _if,
    tree.For: compile_for,
    tree.Quantified: compile_quantified,
    tree.Between: compile_between,
    tree.UnaryTest: _unary_test,
    tree.UnaryTests: compile_tests,
    tree.In: compile_in,
    tree.InstanceOf: _instance_of,
    tree.ListLiteral: _list,
    tree.ContextLiteral: _context,
    tree.RangeLiteral: _range,
    tree.FilterExpression: compile_filter,
    tree.Call: compile_call,
    tree.FunctionDefinition: compile_function,
}
