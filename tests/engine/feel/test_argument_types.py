"""Every built-in function, each of its arguments: one of a wrong type is a finding at its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blankett.engine import feel
from blankett.engine.feel.builtins.registry import Overload, SignatureParameter, Variable

#: Names of the scope by what they are.
SCOPE = feel.Scope(
    {
        "a_number": feel.Number(),
        "a_text": feel.Text(),
        "a_truth": feel.Boolean(),
        "a_date": feel.Date(),
        "a_time": feel.Time(),
        "a_moment": feel.DateTime(),
        "some_days": feel.DaysTimeDuration(),
        "some_months": feel.YearsMonthsDuration(),
        "a_context": feel.Context({"a": feel.Number()}),
        "a_record": feel.RecordType("customer"),
        "a_user": feel.RecordType("user"),
        "a_department": feel.RecordType("department"),
        "numbers": feel.ListOf(feel.Number()),
        "texts": feel.ListOf(feel.Text()),
        "contexts": feel.ListOf(feel.Context({"a": feel.Number()})),
        "a_range": feel.RangeOf(feel.Number()),
        "a_test": feel.FunctionType({"one": feel.Any(), "other": feel.Any()}, feel.Boolean()),
    }
)
NAMES = SCOPE.names


def takes(parameter: SignatureParameter, type: feel.Type) -> bool:
    """Say whether a value of *type* is right for *parameter*, seen alone; one value counts as the list of it."""
    return any(_takes(wanted, type) for wanted in parameter.types)


def _takes(wanted: feel.Type, given: feel.Type) -> bool:
    if isinstance(wanted, Variable):
        ordered = (feel.Text, feel.Date, feel.Time, feel.DateTime, feel.DaysTimeDuration, feel.YearsMonthsDuration)
        kinds = {"N": (feel.Number,), "O": (feel.Number, *ordered), "T": (feel.Type,)}
        return isinstance(given, kinds[wanted.name])
    if isinstance(wanted, feel.Any):
        return True
    if isinstance(wanted, feel.ListOf):
        return _takes(wanted.item, given.item if isinstance(given, feel.ListOf) else given)
    if isinstance(wanted, feel.RecordType) and isinstance(given, feel.RecordType):
        return wanted.form == given.form
    return type(wanted) is type(given)


def right_for(parameter: SignatureParameter) -> str:
    """Return a name whose value is right for *parameter*; numbers where any kind is, so that kinds go together."""
    return next(name for name, type in NAMES.items() if takes(parameter, type))


def wrong_calls() -> Iterator[tuple[str, int, str]]:
    """Yield (function, place of the wrong argument, the call) for every place no signature of the function takes."""
    for name, builtin in feel.BUILTINS.items():
        for overload in builtin.overloads:
            for place in range(len(overload.parameters)):
                for wrong in NAMES:
                    if not _taken_by_any(builtin.overloads, overload, place, NAMES[wrong]):
                        arguments = [right_for(parameter) for parameter in overload.parameters]
                        arguments[place] = wrong
                        yield name, place, f"{name}({', '.join(arguments)})"


def _taken_by_any(overloads: tuple[Overload, ...], written: Overload, place: int, type: feel.Type) -> bool:
    count = len(written.parameters)
    fitting = [each for each in overloads if each.takes(count)]
    return any(takes(each.parameters[min(place, len(each.parameters) - 1)], type) for each in fitting)


CALLS = sorted({call: (name, place) for name, place, call in wrong_calls()}.items())


def test_wrong_argument_of_any_function_is_found_at_its_place() -> None:
    missed = []
    for call, (_, place) in CALLS:
        expression = feel.parse_expression(call)
        found = {(finding.start, finding.end) for finding in feel.check(expression, SCOPE).errors}
        argument = expression.arguments[place]  # type: ignore[attr-defined]
        if (argument.start, argument.end) not in found:
            missed.append(call)
    assert missed == []


#: Functions that take anything, wherever it stands.
TAKES_ANYTHING = {"is", "string", "now", "today", "random number", "count", "reverse", "union", "distinct values",
                  "flatten", "append", "concatenate", "list contains", "index of", "context", "all", "any"}  # fmt: skip


def test_every_function_has_a_wrong_argument() -> None:
    assert len(CALLS) > 600
    assert set(feel.BUILTINS) - {name for name, _ in dict(CALLS).values()} == TAKES_ANYTHING


def test_right_arguments_of_any_function_are_no_finding() -> None:
    found = {}
    for name, builtin in feel.BUILTINS.items():
        for overload in builtin.overloads:
            if overload.name == "convert":
                continue
            call = f"{name}({', '.join(map(right_for, overload.parameters))})"
            for finding in feel.check(feel.parse_expression(call), SCOPE).findings:
                found[call] = finding.code
    assert found == {}


TOGETHER = [
    ("max(a_number, a_text)", "a_text"),
    ("before(a_date, a_moment)", "a_moment"),
    ("before(a_date, a_range)", "a_range"),
    ("includes(a_range, a_text)", "a_text"),
    ("coincides(a_range, a_text)", "a_range"),
    ("sort(contexts, function(x) x.a)", "function(x) x.a"),
    ("list replace(contexts, function(x) x.a, a_context)", "function(x) x.a"),
    ("abs(n: a_text)", "n: a_text"),
    ("substring(string: a_number, start position: a_number)", "string: a_number"),
    ("string join(numbers, a_text)", "numbers"),
    ("sum(texts)", "texts"),
    ("partition(numbers, a_number)[1][1] + a_text", "partition(numbers, a_number)[1][1] + a_text"),
    ("sort(contexts, function(x, y) x.b < y.a)", "b"),
    ("mean([a_number, a_text])", None),
]


@pytest.mark.parametrize(("formula", "place"), TOGETHER, ids=[case[0] for case in TOGETHER])
def test_arguments_that_do_not_go_together_are_found(formula: str, place: str | None) -> None:
    findings = feel.check(feel.parse_expression(formula), SCOPE).errors
    assert [formula[finding.start : finding.end] for finding in findings] == ([] if place is None else [place])
