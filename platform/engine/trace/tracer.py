"""Trace a condition: take it apart once, and evaluate each part by itself.

A `Plan` is what a formula is taken apart into, kept with the formula. `not` is moved inwards on the way, which three
truth values allow: ``not(a and b)`` is ``not(a) or not(b)``, ``not(a < b)`` is ``a >= b``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from blankett.engine import feel
from blankett.engine.feel import tree
from blankett.engine.language.model import Formula, Place
from blankett.engine.paths import Path, longest, value_at
from blankett.engine.trace.traced_condition import RowsHit, SeenValue, Trace, TracedOperand, kept

#: Formulas that are kept taken apart.
KEPT = 4_096
#: Of the lines that decide an `every` or a `some`, the first so many are told.
MOST_LINES = 5

#: Functions of one list that have words of their own.
SIMPLE: Final = frozenset({"count", "sum", "total", "min", "max", "mean"})

OPPOSITE: Final = {
    "=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "between": "not between", "in": "not in",
    "true": "false", "null": "not null", "not null": "null", "and": "or", "or": "and", "every": "some",
    "some": "every",
}  # fmt: skip


@dataclass(frozen=True)
class OperandPlan:
    """A side of a comparison, ready to be evaluated."""

    text: str
    compiled: feel.CompiledFormula
    path: Path
    reads: tuple[Path, ...]
    function: str


@dataclass(frozen=True)
class TracePlan:
    """A part of a condition, ready to be traced."""

    text: str
    #: The part as it is written; what it gives is turned round where `is_negated`.
    compiled: feel.CompiledFormula
    is_negated: bool
    operator: str = ""
    parts: tuple[TracePlan, ...] = ()
    test: str = ""
    operands: tuple[OperandPlan, ...] = ()
    reads: tuple[Path, ...] = ()
    #: Of `every` and `some`: the name of the item, and the list.
    variable: str = ""
    source: feel.CompiledFormula | None = None


def trace(formula: Formula, names: Mapping[str, Any], moment: feel.Moment) -> Trace:
    """Return *formula*, a condition, as a tree with what each part saw for *names*. Never raises for data."""
    plan = plan_of(formula.text, formula.compiled)
    try:
        return _traced(plan, names, moment, names, formula.place)
    except feel.BudgetExceeded:
        return Trace(plan.text, None, seen=_seen(plan.reads, names), place=formula.place, test="slow")


@lru_cache(maxsize=KEPT)
def plan_of(text: str, compiled: feel.CompiledFormula) -> TracePlan:
    """Return the condition *text* taken apart."""
    return _Planner(text, {}).plan(compiled.expression, compiled.scope, is_negated=False)


# Taking apart ---------------------------------------------------------------------------------------------------------


class _Planner:
    """Takes one formula apart. *variables*: the paths behind the loop variables around."""

    def __init__(self, text: str, variables: Mapping[str, tuple[Path, ...]]) -> None:
        self.text = text
        self.variables = variables

    def plan(self, part: tree.Expression, scope: feel.Scope, *, is_negated: bool) -> TracePlan:
        inner = _inside_not(part)
        if inner is not None:
            return self.plan(inner, scope, is_negated=not is_negated)
        if isinstance(part, tree.Logic):
            parts = tuple(self.plan(operand, scope, is_negated=is_negated) for operand in part.operands)
            operator = OPPOSITE[part.operator] if is_negated else part.operator
            return TracePlan(self._words(part, is_negated), feel.compile(part, scope), is_negated, operator, parts)
        if isinstance(part, tree.Quantified) and part.loops:
            return self._quantified(part, scope, is_negated)
        return self._test(part, scope, is_negated)

    def _words(self, part: tree.Expression, is_negated: bool = False) -> str:
        text = without_brackets(self.text[part.start : part.end])
        return f"not({text})" if is_negated else text

    def _quantified(self, part: tree.Quantified, scope: feel.Scope, is_negated: bool) -> TracePlan:
        loop, *rest = part.loops
        body = part.condition
        if rest:
            body = tree.Quantified(part.quantifier, tuple(rest), body, start=rest[0].start, end=part.end)
        checked = feel.check(loop.source, scope)
        item = checked.type.item if isinstance(checked.type, (feel.ListOf, feel.RangeOf)) else feel.Any()
        sources = self._behind(checked.reads)
        inside = _Planner(self.text, {**self.variables, loop.name: sources})
        return TracePlan(
            self._words(part, is_negated),
            feel.compile(part, scope),
            is_negated,
            OPPOSITE[part.quantifier] if is_negated else part.quantifier,
            (inside.plan(body, scope.child({loop.name: item}), is_negated=is_negated),),
            reads=longest(sources),
            variable=loop.name,
            source=feel.compile(loop.source, scope),
        )

    def _test(self, part: tree.Expression, scope: feel.Scope, is_negated: bool) -> TracePlan:
        test, operands = test_of(part)
        return TracePlan(
            self._words(part, is_negated),
            feel.compile(part, scope),
            is_negated,
            test=OPPOSITE.get(test, "true" if test == "false" else test) if is_negated else test,
            operands=tuple(self._operand(operand, scope) for operand in operands),
            reads=longest(self._behind(feel.check(part, scope).reads)),
        )

    def _operand(self, part: tree.Expression, scope: feel.Scope) -> OperandPlan:
        reads = self._behind(feel.check(part, scope).reads)
        function, path = asked_of(part)
        if path and path[0] in self.variables:
            sources = self.variables[path[0]]
            path = (*sources[0], *path[1:]) if len(sources) == 1 else ()
        return OperandPlan(self._words(part), feel.compile(part, scope), path, longest(reads), function)

    def _behind(self, reads: Iterable[Path]) -> tuple[Path, ...]:
        """Return *reads* with the names of loops replaced by the paths they run over: all that a value can come
        from.
        """
        found: set[Path] = set()
        for path in reads:
            found.update((*source, *path[1:]) for source in self.variables.get(path[0], (path[:1],)))
        return tuple(sorted(found))


def _inside_not(part: tree.Expression) -> tree.Expression | None:
    if isinstance(part, tree.Call) and isinstance(part.function, tree.Name) and part.function.name == "not":
        return part.arguments[0].value if len(part.arguments) == 1 else None
    return None


def test_of(part: tree.Expression) -> tuple[str, tuple[tree.Expression, ...]]:
    """Return what *part* asks, one of `traces.TESTS`, and of what."""
    if isinstance(part, tree.Comparison):
        return _comparison(part)
    if isinstance(part, tree.Between):
        return "between", (part.value, part.low, part.high)
    if isinstance(part, tree.In) and not any(map(tree.mentions_input, part.tests)):
        return "in", (part.value, *_listed(part.tests))
    return "true", (part,)


def _comparison(part: tree.Comparison) -> tuple[str, tuple[tree.Expression, ...]]:
    left, right, operator = part.left, part.right, part.operator
    if isinstance(left, (tree.Literal, tree.AtLiteral)) and not isinstance(right, (tree.Literal, tree.AtLiteral)):
        left, right, operator = right, left, _MIRRORED[operator]
    if isinstance(right, tree.Literal) and operator in ("=", "!="):
        if right.value is None:
            return ("null" if operator == "=" else "not null"), (left,)
        if isinstance(right.value, bool) and operator == "=":
            return ("true" if right.value else "false"), (left,)
    return operator, (left, right)


_MIRRORED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _listed(tests: Iterable[tree.Expression]) -> Iterator[tree.Expression]:
    for test in tests:
        if isinstance(test, tree.ListLiteral):
            yield from test.items
        else:
            yield test


def asked_of(part: tree.Expression) -> tuple[str, Path]:
    """Return the function that *part* asks, and the path it asks it of.

    ("count", ("lines",)) for ``count(lines)``, ("approvers.role", ()) for ``approvers(total, tier).role``.
    """
    called, member = (part.owner, f".{part.name}") if isinstance(part, tree.PathExpression) else (part, "")
    if not isinstance(called, tree.Call) or not isinstance(called.function, tree.Name):
        return "", path_of(part)
    name = called.function.name
    if len(called.arguments) == 1 and name in SIMPLE and not member:
        path = path_of(called.arguments[0].value)
        return (name, path) if path else ("", ())
    return name + member, ()


def path_of(part: tree.Expression) -> Path:
    """Return the path *part* is, ("customer", "tier"); empty for all else."""
    if isinstance(part, tree.Name):
        return (part.name,)
    if isinstance(part, tree.PathExpression):
        owner = path_of(part.owner)
        return (*owner, part.name) if owner else ()
    return ()


def without_brackets(text: str) -> str:
    """Return *text* without blanks and brackets around the whole of it: ``(total > 1)`` is ``total > 1``."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    return text


def _closes_at_end(text: str) -> bool:
    """Tell whether the bracket that opens *text* is closed by its last character."""
    depth, in_text = 0, False
    for place, letter in enumerate(text):
        in_text ^= letter == '"'
        depth += 0 if in_text else (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


# Evaluating -----------------------------------------------------------------------------------------------------------


def _traced(
    plan: TracePlan, names: Mapping[str, Any], moment: feel.Moment, roots: Mapping[str, Any], place: Place
) -> Trace:
    """Return *plan* traced. *roots* are the names outside all loops, which the paths it reads begin at."""
    if plan.source is not None:
        return _quantified(plan, plan.source, names, moment, roots, place)
    if plan.parts:
        parts = tuple(_traced(part, names, moment, roots, place) for part in plan.parts)
        return Trace(plan.text, joined(plan.operator, [part.holds for part in parts]), plan.operator, parts, (), place)
    with feel.watching_tables() as hits:
        holds = _answer(plan, names, moment)
        operands = tuple(
            TracedOperand(each.text, kept(each.compiled.evaluate(names, moment)), each.path, each.reads, each.function)
            for each in plan.operands
        )
    return Trace(
        plan.text,
        holds,
        seen=_seen(plan.reads, roots),
        place=place,
        test=plan.test,
        operands=operands,
        tables=rows_hit(hits),
    )


def rows_hit(hits: Iterable[tuple[str, tuple[int, ...]]]) -> tuple[RowsHit, ...]:
    """Return what `feel.watching_tables` took down, each decision once."""
    return tuple(dict.fromkeys(RowsHit(table, tuple(row + 1 for row in rows)) for table, rows in hits))


def _answer(plan: TracePlan, names: Mapping[str, Any], moment: feel.Moment) -> bool | None:
    found = plan.compiled.evaluate(names, moment)
    if not isinstance(found, bool):
        return None
    return found is not plan.is_negated


def joined(operator: str, answers: Iterable[bool | None]) -> bool | None:
    """Return what `and` or `or` makes of *answers*: null is neither true nor false."""
    known = set(answers)
    decisive = operator == "or"
    if decisive in known:
        return decisive
    return None if None in known else not decisive


def _quantified(
    plan: TracePlan,
    source: feel.CompiledFormula,
    names: Mapping[str, Any],
    moment: feel.Moment,
    roots: Mapping[str, Any],
    place: Place,
) -> Trace:
    """Return an `every` or `some` with the lines that decided: those that fail, or for `some` that holds, those that
    do.
    """
    holds = _answer(plan, names, moment)
    items = source.evaluate(names, moment)
    wanted = holds is True and plan.operator == "some"
    parts: list[Trace] = []
    for number, item in enumerate(items if isinstance(items, list) else (), 1):
        inner = {**names, plan.variable: item}
        if (_answer(plan.parts[0], inner, moment) is True) is wanted:
            parts.append(replace(_traced(plan.parts[0], inner, moment, roots, place), number=number))
        if len(parts) == MOST_LINES:
            break
    return Trace(plan.text, holds, plan.operator, tuple(parts), _seen(plan.reads, roots), place)


def _seen(paths: Iterable[Path], names: Mapping[str, Any]) -> tuple[SeenValue, ...]:
    return tuple(SeenValue(path, kept(value_at(names, path))) for path in paths)
