"""What can never have an answer, or hardly one, as its constants stand, although nothing in it is of a wrong kind."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.builtins.patterns import compiled_pattern
from blankett.engine.feel.typecheck.checker import Checker, nearest
from blankett.engine.feel.typecheck.null_facts import facts, key_of
from blankett.engine.feel.types import ListOf, Number, Text, Type

#: Functions of a pattern → which argument it is.
_PATTERNS: Final = {"matches": 1, "replace": 1, "split": 1, "extract": 1}
#: Functions of positions, which count from 1 → which argument one is.
_POSITIONS: Final = {"substring": 1, "sublist": 1, "insert before": 1, "remove": 1, "list replace": 1}
#: Functions that have no answer when an item is null → how it is asked for without those.
_OF_ALL: Final = {
    "sum": "total({0})",
    **dict.fromkeys(("max", "mean", "median", "min", "product", "stddev"), "{1}({0}[item != null])"),
}
_DAYS: Final = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
_MONTHS: Final = frozenset(
    "January February March April May June July August September October November December".split()
)
#: Functions whose texts are of a kind → what the texts are, for messages.
_TEXTS: Final = {
    "day of week": "'Monday', 'Tuesday', … 'Sunday'",
    "month of year": "'January', 'February', … 'December'",
    "lower case": "in small letters",
    "upper case": "in capitals",
}


def check_division(checker: Checker, part: tree.Arithmetic) -> None:
    """Report a division by a zero that is written out."""
    if part.operator == "/" and isinstance(part.right, tree.Literal) and part.right.value == Decimal(0):
        checker.report("feel.never_answers", part, severity="warning", reason="nothing can be divided by 0")


def check_percent_sum(checker: Checker, part: tree.Arithmetic, left: Type, right: Type) -> None:
    """Report an amount that a percentage is added to: the fraction itself is added then."""
    if part.operator not in ("+", "-") or not isinstance(left, Number) or not isinstance(right, Number):
        return
    if left.currency is not None and right.is_percent:
        one, other = checker.written(part.left, binds=True), checker.written(part.right, binds=True)
        instead = f"{one} * (1 {part.operator} {other})"
        checker.report("feel.percent_added", part, severity="warning", instead=instead)


def check_position(checker: Checker, part: tree.Expression, position: tree.Expression) -> None:
    """Report a position 0: positions count from 1, or from the end with -1."""
    if isinstance(position, tree.Literal) and isinstance(position.value, Decimal) and position.value == 0:
        checker.report(
            "feel.never_answers", part, severity="warning", reason="the first is 1 and the last -1, none is 0"
        )


def check_answers(checker: Checker, part: tree.Call, name: str, given: Sequence[tuple[tree.Argument, Type]]) -> None:
    """Report a call of a standard function that never has an answer, or none where something is empty."""
    positional = [argument for argument, _ in given if argument.name is None]
    at = _PATTERNS.get(name)
    if at is not None and len(positional) > at:
        pattern = positional[at].value
        written = pattern.value if isinstance(pattern, tree.Literal) else None
        if isinstance(written, str) and compiled_pattern(written, "") is None:
            reason = f"the pattern {written!r} cannot be read"
            checker.report("feel.never_answers", positional[at], severity="warning", reason=reason)
    at = _POSITIONS.get(name)
    if at is not None and len(positional) > at:
        check_position(checker, part, positional[at].value)
    if name == "modulo" and len(positional) == 2:
        value = positional[1].value
        if isinstance(value, tree.Literal) and value.value == Decimal(0):
            checker.report("feel.never_answers", part, severity="warning", reason="nothing can be divided by 0")
    if name in ("index of", "list contains") and len(positional) == 2:
        _check_item(checker, part, positional[1].value, given[0])
    if name in _OF_ALL and len(given) == 1:
        _check_items(checker, part, name, *given[0])


def _check_item(checker: Checker, part: tree.Call, item: tree.Expression, given: tuple[tree.Argument, Type]) -> None:
    """Report a text that is looked for in a list of options and is none."""
    options = given[1].item.options if isinstance(given[1], ListOf) and isinstance(given[1].item, Text) else None
    text = item.value if isinstance(item, tree.Literal) else None
    if options is not None and isinstance(text, str) and text not in options:
        reason = f"{checker.written(given[0])} holds {', '.join(map(repr, options))}"
        suggestion = nearest(text, options)
        checker.report("feel.never_equal", part, suggestion, "warning", value=repr(text), never="true", reason=reason)


def _check_items(checker: Checker, part: tree.Call, name: str, argument: tree.Argument, type: Type) -> None:
    """Report a list whose items may be empty where one empty item leaves no answer."""
    if not isinstance(type, ListOf) or not type.item.nullable or not isinstance(type.item, (Number, Text)):
        return
    if _leaves_out_null(argument.value):
        return
    binds = name != "sum"
    instead = _OF_ALL[name].format(checker.written(argument.value, binds=binds), name)
    called = checker.written(argument.value) if key_of(argument.value) else "an item of the list"
    checker.report("feel.item_may_be_null", argument, None, "warning", name=called, function=name, instead=instead)


def _leaves_out_null(part: tree.Expression) -> bool:
    """Say whether a filter in *part* asks for items, or parts of them, that are not null."""
    while isinstance(part, tree.PathExpression):
        part = part.owner
    return isinstance(part, tree.FilterExpression) and any(isinstance(each, tuple) for each in facts(part.condition)[0])


def check_equal_text(checker: Checker, part: tree.Comparison, one: tree.Expression, other: tree.Expression) -> None:
    """Report a text that what a function gives never equals: capitals of `lower case`, another language's days."""
    name = one.function.name if isinstance(one, tree.Call) and isinstance(one.function, tree.Name) else ""
    text = other.value if isinstance(other, tree.Literal) else None
    if name not in _TEXTS or not isinstance(text, str):
        return
    fits = {
        "day of week": text in _DAYS,
        "month of year": text in _MONTHS,
        "lower case": text == text.lower(),
        "upper case": text == text.upper(),
    }
    if not fits[name]:
        never = "true" if part.operator == "=" else "false"
        reason = (
            f"{name}(…) gives texts such as {_TEXTS[name]}"
            if name in ("day of week", "month of year")
            else (f"{name}(…) gives texts {_TEXTS[name]}")
        )
        checker.report("feel.never_equal", part, severity="warning", value=repr(text), never=never, reason=reason)
