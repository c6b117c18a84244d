"""Finds the type of each part of a formula, and everything wrong with it, before it runs.

One mistake gives one finding: what cannot be typed is `Any`, which fits everywhere. How each kind of part is checked is
in `values`, `operators`, `control` and `calls`; what a condition tells of null in `null_facts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.typecheck.calls import check_call
from blankett.engine.feel.typecheck.checker import CheckedFormula, Checker, Found
from blankett.engine.feel.typecheck.control import (
    check_filter,
    check_for,
    check_function,
    check_if,
    check_instance_of,
    check_logic,
    check_quantified,
)
from blankett.engine.feel.typecheck.null_facts import Facts, Key, facts
from blankett.engine.feel.typecheck.operators import (
    check_arithmetic,
    check_between,
    check_comparison,
    check_in,
    check_negation,
    check_options,
    check_scale,
    check_unary_tests,
    converted,
    same_currency,
)
from blankett.engine.feel.typecheck.values import (
    check_at_literal,
    check_context,
    check_list,
    check_literal,
    check_member,
    check_name,
    check_range,
    check_unary_test,
)
from blankett.engine.feel.types import Number, Text, Type, fits, in_words


def check(
    expression: tree.Expression,
    scope: Scope,
    expect: Type | None = None,
    *,
    text: str = "",
    given: Iterable[tree.Expression] = (),
    there: Iterable[Key] = (),
) -> CheckedFormula:
    """Return the type, findings, reads and calls of *expression* in *scope*; *expect* is what its value must be, *text*
    the formula as written, which findings quote. *given* are conditions that hold whenever it is worked out, *there*
    what is not null then.

    Findings come in the order of their places. A value that may be null is no error even where *expect* is not
    nullable.
    """
    known: Facts = frozenset(there).union(*(facts(condition)[0] for condition in given))
    return examine(expression, scope, expect, text, known)[0]


def examine(
    expression: tree.Expression,
    scope: Scope,
    expect: Type | None = None,
    text: str = "",
    known: Facts = frozenset(),
) -> tuple[CheckedFormula, Checker]:
    """Return the result of `check` and the checker, which knows the type of each part."""
    checker = Checker(scope, _CHECKS, text)
    checker.known = known
    found = checker.check(expression)
    if expect is not None:
        expect_type(checker, expression, found.type, expect)
    findings = tuple(sorted(checker.findings, key=lambda finding: (finding.start, finding.end)))
    return CheckedFormula(found.type, findings, frozenset(checker.reads), frozenset(checker.calls)), checker


def expect_type(checker: Checker, expression: tree.Expression, given: Type, expect: Type) -> None:
    """Report where a value of type *given* does not do for *expect*."""
    if any(finding.code in ("feel.unknown_member", "feel.not_boolean") for finding in checker.findings):
        return  # what it gives is not known
    if not fits(given, expect):
        instead = converted(checker, expression, given, expect)
        checker.report(
            "feel.wrong_result", expression, expected=in_words(expect), given=in_words(given), instead=instead
        )
    elif isinstance(expect, Text):
        check_options(checker, expect, expression)
    elif isinstance(expect, Number) and isinstance(given, Number):
        same_currency(checker, expression, expect.currency, given.currency)
        check_scale(checker, expect, expression)


_CHECKS: Final[dict[type[tree.Expression], Callable[..., Found]]] = {
    tree.Literal: check_literal,
    tree.AtLiteral: check_at_literal,
    tree.Name: check_name,
    tree.PathExpression: check_member,
    tree.Negation: check_negation,
    tree.Arithmetic: check_arithmetic,
    tree.Comparison: check_comparison,
    tree.Logic: check_logic,
    tree.If: check_if,
    tree.For: check_for,
    tree.Quantified: check_quantified,
    tree.Between: check_between,
    tree.UnaryTest: check_unary_test,
    tree.UnaryTests: check_unary_tests,
    tree.In: check_in,
    tree.InstanceOf: check_instance_of,
    tree.ListLiteral: check_list,
    tree.ContextLiteral: check_context,
    tree.RangeLiteral: check_range,
    tree.FilterExpression: check_filter,
    tree.Call: check_call,
    tree.FunctionDefinition: check_function,
}
