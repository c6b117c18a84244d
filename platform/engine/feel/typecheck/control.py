"""The checks of what chooses and repeats: `if`, `and`, `or`, `for`, `some`, `every`, filters, functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.typecheck.answers import check_position
from blankett.engine.feel.typecheck.checker import UNKNOWN, Checker, Found, Frame
from blankett.engine.feel.typecheck.null_facts import Facts, facts
from blankett.engine.feel.typecheck.operators import converted
from blankett.engine.feel.types import (
    Any,
    Boolean,
    DaysTimeDuration,
    EitherDuration,
    FunctionType,
    ListOf,
    Null,
    Number,
    RangeOf,
    Type,
    YearsMonthsDuration,
    common,
    fits,
    in_words,
    or_null,
)

#: A duration of one kind and one of the other are a duration all the same: it moves days.
DURATIONS: Final = frozenset({DaysTimeDuration, YearsMonthsDuration, EitherDuration})


def _must_be(checker: Checker, part: tree.Expression, where: str, instead: str | None = None) -> Type:
    """Check *part* as a condition; *where* says in a message what must be true or false."""
    type = checker.type_of(part)
    if not fits(type, Boolean()):
        instead = instead or converted(checker, part, type, Boolean())
        checker.report("feel.not_boolean", part, where=where, type=in_words(type), instead=instead)
    return type


def check_if(checker: Checker, part: tree.If) -> Found:
    """Check `if … then … else …`."""
    _must_be(checker, part.condition, "the condition after 'if'")
    when_true, when_false = facts(part.condition)
    with checker.knowing(when_true):
        then = checker.check(part.then)
    with checker.knowing(when_false):
        otherwise = checker.check(part.otherwise)
    answer = common(then.type, otherwise.type)
    kinds = {type(then.type), type(otherwise.type)}
    if answer == Any() and kinds <= DURATIONS:
        answer = or_null(EitherDuration(), then.type.nullable or otherwise.type.nullable)
    elif answer == Any() and not kinds & {Any, Null}:
        left, right = in_words(then.type), in_words(otherwise.type)
        checker.report("feel.different_answers", part, left=left, right=right)
    place = then.place if then.place == otherwise.place else None
    steps = max(then.steps, otherwise.steps)
    return Found(answer, then.paths | otherwise.paths, place, steps)


def check_logic(checker: Checker, part: tree.Logic) -> Found:
    """Check `and` and `or`: what one side says of null holds for the next."""
    nullable = False
    learned: Facts = frozenset()
    for operand in part.operands:
        with checker.knowing(learned):
            instead = _one_of(checker, part, operand) or _chosen(checker, part)
            before = len(checker.findings)
            nullable |= _must_be(checker, operand, f"each side of '{part.operator}'", instead).nullable
            if instead is not None and any(each.code == "feel.not_boolean" for each in checker.findings[before:]):
                return Found(Any())  # what it was meant to be is told; one mistake, one message
        learned |= facts(operand)[part.operator == "or"]
    return Found(Boolean(nullable=nullable))


def _one_of(checker: Checker, part: tree.Logic, operand: tree.Expression) -> str | None:
    """Return how a field is compared with several values, for `kind = "a" or "b"`; None where that is not meant."""
    first = part.operands[0]
    if operand is first or not isinstance(first, tree.Comparison) or isinstance(operand, (tree.Comparison, tree.Logic)):
        return None
    values = [first.right, *(each for each in part.operands[1:] if isinstance(each, (tree.Literal, tree.Name)))]
    listed = ", ".join(checker.written(value) for value in values)
    inside = f"{checker.written(first.left)} in ({listed})"
    pairs = {("=", "or"): inside, ("!=", "and"): f"not({inside})", ("!=", "or"): f"not({inside})"}
    return pairs.get((first.operator, part.operator))


def _chosen(checker: Checker, part: tree.Logic) -> str | None:
    """Return how one of two values is chosen, for `n or 0` and `urgent and 1 or 2`; None where that is not meant."""
    first, last = part.operands[0], part.operands[-1]
    if not isinstance(last, tree.Literal) or isinstance(last.value, bool) or len(part.operands) != 2:
        return None
    otherwise = checker.written(last)
    if part.operator == "and":
        return f"if {checker.written(first)} then {otherwise} else …"
    if isinstance(first, (tree.Name, tree.PathExpression)):
        given = checker.written(first)
        return f"if {given} != null then {given} else {otherwise}"
    if isinstance(first, tree.Logic) and first.operator == "and" and len(first.operands) == 2:
        return f"if {checker.written(first.operands[0])} then {checker.written(first.operands[1])} else {otherwise}"
    return None


def _each(checker: Checker, loops: tuple[tree.Loop, ...], check_body: Callable[[], Found]) -> Found:
    """Return what *check_body* finds with the names of *loops*."""
    if not loops:
        return check_body()
    loop = loops[0]
    source = checker.check(loop.source)
    item = _loop_item(checker, loop, source)
    with checker.inside(Frame({loop.name: item, "partial": Found(ListOf(Any()))})):
        body = _each(checker, loops[1:], check_body)
    return replace(body, type=leaving(body.type, loop.name))


def _tell_backwards(checker: Checker, loop: tree.Loop) -> None:
    """Tell of a range in brackets that ends before it begins: only one without them runs downwards."""
    part = loop.source
    if not isinstance(part, tree.RangeLiteral) or part.is_bare or checker.scope.edition < 1:
        return
    low, high = _literal_number(part.low), _literal_number(part.high)
    if low is not None and high is not None and low > high:
        instead = f"{low:f}..{high:f}"
        checker.report("feel.range_backwards", part, suggestion=instead, found=repr(checker.written(part)))


def _literal_number(part: tree.Expression) -> Decimal | None:
    is_minus = isinstance(part, tree.Negation)
    inner = part.operand if isinstance(part, tree.Negation) else part
    if not isinstance(inner, tree.Literal) or not isinstance(inner.value, Decimal):
        return None
    return -inner.value if is_minus else inner.value


def _loop_item(checker: Checker, loop: tree.Loop, source: Found) -> Found:
    if not isinstance(source.type, (ListOf, RangeOf, Any)):
        checker.report("feel.not_a_list", loop.source, where="a loop", type=in_words(source.type))
    _tell_backwards(checker, loop)
    return _item_of(source, loop.name)


def _item_of(source: Found, variable: str) -> Found:
    """Return what is known of *variable*, which stands for each item of *source*."""
    place = (*(source.place or ("?",)), f"[{variable}]")
    if isinstance(source.type, (ListOf, RangeOf)):
        return replace(source, type=source.type.item, place=place, entries=None)
    return replace(source, type=Any(), place=place)


def leaving(type: Type, variable: str) -> Type:
    """Return *type* outside the loop over *variable*: what depends on the item may then differ from item to item."""
    if isinstance(type, (ListOf, RangeOf)):
        return replace(type, item=leaving(type.item, variable))
    if isinstance(type, Number) and isinstance(type.currency, tuple):
        return replace(type, currency=tuple("[]" if step == f"[{variable}]" else step for step in type.currency))
    return type


def check_for(checker: Checker, part: tree.For) -> Found:
    """Check `for … in … return …`."""
    body = _each(checker, part.loops, lambda: checker.check(part.body))
    return Found(ListOf(body.type), body.paths, body.place, body.steps)


def check_quantified(checker: Checker, part: tree.Quantified) -> Found:
    """Check `some` and `every`."""

    def condition() -> Found:
        return Found(_must_be(checker, part.condition, "the condition after 'satisfies'"))

    body = _each(checker, part.loops, condition)
    return Found(Boolean(nullable=body.type.nullable))


def check_filter(checker: Checker, part: tree.FilterExpression) -> Found:
    """Check `source[condition]`."""
    source = checker.check(part.source)
    item_type = source.type.item if isinstance(source.type, ListOf) else source.type
    place = (*(source.place or ("?",)), "[item]")
    item = replace(source, type=item_type, place=place, entries=None)
    frame = Frame({"item": item}, item)
    with checker.inside(frame):
        condition = checker.type_of(part.condition)
    if isinstance(condition, Number):
        check_position(checker, part, part.condition)
        return replace(
            source, type=or_null(leaving(item_type, "item")), place=(*(source.place or ("?",)), "[]"), entries=None
        )
    if not isinstance(condition, (Boolean, Any, Null)):
        checker.report("feel.wrong_filter", part.condition, type=in_words(condition))
    if isinstance(condition, Any) and not isinstance(source.type, ListOf):
        return UNKNOWN
    return replace(source, type=ListOf(item_type), entries=None)


def check_instance_of(checker: Checker, part: tree.InstanceOf) -> Found:
    """Check `value instance of type`."""
    checker.check(part.value)
    if part.type is None:
        checker.report("feel.type_name", part, found=repr(part.type_text))
    return Found(Boolean())


def check_function(checker: Checker, part: tree.FunctionDefinition, items: Found | None = None) -> Found:
    """Check a function definition; where it is given the items of a list, *items* is that list."""
    names = {
        parameter.name: Found(parameter.type or Any())
        if parameter.type or items is None
        else _item_of(items, parameter.name)
        for parameter in part.parameters
    }
    with checker.inside(Frame(names)):
        result = checker.type_of(part.body)
    params = {name: found.type for name, found in names.items()}
    return Found(FunctionType(params, Any() if part.external else result))
