"""The checks of calls: which function, how many arguments, of which types, and what comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from blankett.engine.feel import foreign_idioms, tree
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.builtins.dates import TEMPORAL_READERS
from blankett.engine.feel.builtins.registry import Builtin, Overload, SignatureParameter, Variable
from blankett.engine.feel.builtins.working_time import CALENDAR, CALENDAR_FUNCTIONS, length_fault
from blankett.engine.feel.typecheck.answers import check_answers
from blankett.engine.feel.typecheck.checker import Checker, Found, nearest
from blankett.engine.feel.typecheck.control import check_function
from blankett.engine.feel.typecheck.operators import ORDERED_TYPES, check_options, check_scale, same_currency
from blankett.engine.feel.types import (
    Any,
    Boolean,
    Context,
    DateTime,
    FunctionType,
    ListOf,
    Null,
    Number,
    RangeOf,
    RecordType,
    Text,
    Time,
    Type,
    common,
    currency_in_words,
    fits,
    in_words,
    is_mixed,
    not_null,
    or_null,
    temporal_type,
)

#: What has an order: one of it, and {0}, a list or range, of it.
ORDERED_WORDS: Final = ("a number, text, date, time or duration", "{} of numbers, texts, dates, times or durations")


@dataclass(frozen=True)
class CallArgument:
    """An argument with what is known of it."""

    argument: tree.Argument
    found: Found

    @property
    def type(self) -> Type:
        """The argument's type."""
        return self.found.type


@dataclass
class Match:
    """How well a call fits one signature."""

    overload: Overload
    #: (argument, its parameter), for the arguments whose type does not fit.
    misfits: list[tuple[CallArgument, SignatureParameter]] = field(default_factory=list)
    #: {name of a type variable: the type it stands for}
    bound: dict[str, Type] = field(default_factory=dict)
    nullable: bool = False


def check_call(checker: Checker, part: tree.Call) -> Found:
    """Check `name(arguments)`, or the call of any expression that gives a function."""
    if isinstance(part.function, tree.PathExpression) and _is_foreign_method(checker, part, part.function):
        return Found(Any())
    given = _checked_arguments(checker, part)
    if not isinstance(part.function, tree.Name):
        return _value_call(checker, part, checker.check(part.function).type, given)
    name = part.function.name
    local = _local_function(checker, name)
    if local is not None:
        return _value_call(checker, part, local, given)
    if name in checker.scope.functions:
        checker.calls.add(name)
        return _declared_call(checker, part, name, checker.scope.functions[name], given)
    if name in BUILTINS:
        checker.calls.add(name)
        return _builtin_call(checker, part, BUILTINS[name], given)
    found = checker.find(name)
    if found is not None and isinstance(found.type, (Any, FunctionType)):
        return _value_call(checker, part, checker.type_of(part.function), given)
    if found is not None:
        checker.report("feel.not_a_function", part.function, name=name)
        return Found(Any())
    if not checker.looks_at_anything():
        suggestion, instead = _meant(checker, name, given)
        checker.report("feel.unknown_function", part.function, suggestion, name=name, instead=instead)
    return Found(Any())


def _is_foreign_method(checker: Checker, part: tree.Call, function: tree.PathExpression) -> bool:
    """Report a function of elsewhere that belongs to something, `Math.ceil(n)` or `day.year()`; say whether it is one.

    What stands in its brackets is not looked at: it may be written otherwise, too.
    """
    arguments = [checker.written(each.value) for each in part.arguments]
    instead = foreign_idioms.called_of(checker.written(function), arguments)
    if instead is not None:
        checker.report("feel.unknown_function", function, name=checker.written(function), instead=instead)
        return True
    before = len(checker.findings)
    owner = checker.type_of(function.owner)
    if len(checker.findings) > before or isinstance(owner, (Any, Context)):
        return len(checker.findings) > before
    is_part = isinstance(owner, RecordType) or (isinstance(owner, ListOf) and isinstance(owner.item, (Context, Any)))
    known = checker.scope.fields_of(owner.item if isinstance(owner, ListOf) else owner) or {} if is_part else {}
    of_text = isinstance(owner, Text)
    instead = foreign_idioms.member(function.name, checker.written(function.owner, binds=True), of_text=of_text)
    if function.name in known or instead is None:
        return False
    if not of_text and instead.startswith("sum(") and len(arguments) == 1:
        instead = f"sum({checker.written(function.owner)}.{arguments[0].rpartition('.')[2]})"
    if len(arguments) == 1 and instead.count("…") == 1 and not instead.startswith("substring"):
        instead = instead.replace("…", arguments[0])
    checker.report("feel.unknown_function", function, name=checker.written(function), instead=instead)
    return True


def _meant(checker: Checker, name: str, given: Sequence[CallArgument]) -> tuple[str | None, str | None]:
    """Return the function that was probably meant by one that is none, or what to write instead."""
    arguments = [checker.written(each.argument.value) for each in given]
    known = {*checker.scope.functions, *BUILTINS}
    own = next((each for each in known if each.lower() == name.lower()), None)
    if own is not None:
        return None, f"{own}({', '.join(arguments)})"
    if name.lower() in ("len", "length", "size") and given and isinstance(given[0].type, ListOf):
        return None, f"count({arguments[0]})"
    instead = foreign_idioms.called(name, arguments)
    return (None if instead else nearest(name, known)), instead


def _checked_arguments(checker: Checker, part: tree.Call) -> list[CallArgument]:
    """Return the arguments with what is known of each; a function written out for `sort` is given items of the list."""
    given: list[CallArgument] = []
    sorts = isinstance(part.function, tree.Name) and part.function.name == "sort"
    for argument in part.arguments:
        if sorts and given and isinstance(argument.value, tree.FunctionDefinition):
            found = _checked_comparison(checker, argument.value, given[0].found)
        else:
            found = checker.check(argument.value)
        given.append(CallArgument(argument, found))
    return given


def _checked_comparison(checker: Checker, part: tree.FunctionDefinition, items: Found) -> Found:
    """Check a function that compares two items of a list; an item that lacks what is compared stays where it is."""
    before = len(checker.findings)
    found = check_function(checker, part, items if isinstance(items.type, ListOf) else None)
    checker.findings[before:] = [each for each in checker.findings[before:] if each.code != "feel.may_be_null"]
    checker.found[part] = found
    return found


def _local_function(checker: Checker, name: str) -> Type | None:
    """Return the type of a function that a context or parameter around the call holds under *name*."""
    for frame in reversed(checker.frames):
        found = frame.names.get(name)
        if found is not None and isinstance(found.type, FunctionType):
            return found.type
    return None


def _value_call(checker: Checker, part: tree.Call, type: Type, given: list[CallArgument]) -> Found:
    """Check the call of a function that is a value."""
    if isinstance(type, FunctionType):
        return _declared_call(checker, part, _call_name(part), type, given) if type.params else Found(type.result)
    if not isinstance(type, Any):
        checker.report("feel.not_a_function", part.function, name=in_words(type))
    return Found(Any())


def _call_name(part: tree.Call) -> str:
    return part.function.name if isinstance(part.function, tree.Name) else "this function"


# ---- functions with one signature: the scope's and those in values ----


def _declared_call(
    checker: Checker, part: tree.Call, name: str, type: FunctionType, given: list[CallArgument]
) -> Found:
    names = list(type.params)
    if not names and isinstance(type.result, Any):
        return Found(Any())  # nothing is known of it, because what defines it is wrong
    required = len(names)
    while required and type.params[names[required - 1]].nullable and name in checker.scope.functions:
        required -= 1
    placed = _placed(checker, part, name, names, required, given)
    for place, argument in placed.items():
        wanted = type.params[names[place]]
        if not fits(argument.type, wanted):
            _wrong_argument(checker, argument, name, repr(names[place]), in_words(wanted))
        elif isinstance(wanted, Number) and isinstance(argument.type, Number):
            same_currency(checker, argument.argument, wanted.currency, argument.type.currency)
            check_scale(checker, wanted, argument.argument.value)
        else:
            check_options(checker, wanted, argument.argument.value)
    is_open = type.needs_values and any(argument.type.nullable for argument in given)
    return Found(or_null(type.result) if is_open else type.result)


def _placed(
    checker: Checker, part: tree.Call, name: str, names: Sequence[str], required: int, given: list[CallArgument]
) -> dict[int, CallArgument]:
    """Return {place: argument}, reporting names that are not there and a wrong number of arguments."""
    if given and given[0].argument.name is not None:
        placed = _placed_by_name(checker, name, names, given)
        for missing in [names[place] for place in range(required) if place not in placed][: len(placed) == len(given)]:
            checker.report("feel.missing_argument", part, function=name, parameter=missing)
        return placed
    if not required <= len(given) <= len(names):
        _wrong_count(checker, part, name, required, len(names), len(given))
    return dict(enumerate(given[: len(names)]))


def _placed_by_name(
    checker: Checker, name: str, names: Sequence[str], given: list[CallArgument]
) -> dict[int, CallArgument]:
    placed: dict[int, CallArgument] = {}
    for each in given:
        argument_name = each.argument.name or ""
        if argument_name in names:
            placed[list(names).index(argument_name)] = each
        else:
            suggestion = nearest(argument_name, names)
            checker.report(
                "feel.unknown_parameter", each.argument, suggestion=suggestion, function=name, name=each.argument.name
            )
    return placed


def _wrong_count(checker: Checker, part: tree.Call, name: str, least: int, most: int | None, given: int) -> None:
    code = "feel.too_few_arguments" if given < least else "feel.too_many_arguments"
    instead = foreign_idioms.misused(name, [checker.written(argument.value) for argument in part.arguments])
    checker.report(code, part, function=name, expected=_counted(least, most), given=given, instead=instead)


def _counted(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} argument{'s' if least != 1 else ''}"
    if least == most:
        return "no arguments" if most == 0 else f"{most} argument{'s' if most != 1 else ''}"
    return f"{least} to {most} arguments"


def _wrong_argument(checker: Checker, given: CallArgument, function: str, parameter: str, expected: str) -> None:
    value = given.argument.value
    written, instead = checker.written(value), None
    if function == "date" and foreign_idioms.is_day(written):
        instead = f"{foreign_idioms.day(written)} in place of the call"
    elif function == "duration" and isinstance(value, tree.Literal) and isinstance(value.value, Decimal):
        instead = f'duration("P{written}D")'
    elif isinstance(given.type, ListOf) and isinstance(given.type.item, Context | RecordType):
        fields = checker.scope.fields_of(given.type.item) or {}
        part = next((name for name, of in fields.items() if isinstance(of, Number)), None)
        instead = f"{function}({written}.{part})" if part and "number" in expected else None
    checker.report(
        "feel.wrong_argument",
        given.argument,
        function=function,
        parameter=parameter,
        expected=expected,
        given=in_words(given.type),
        instead=instead,
    )


# ---- built-in functions ----


def _builtin_call(checker: Checker, part: tree.Call, builtin: Builtin, given: list[CallArgument]) -> Found:
    matches = [match for overload in builtin.overloads if (match := _match(overload, given)) is not None]
    if not matches:
        _report_shape(checker, part, builtin, given)
        return Found(Any())
    best = min(matches, key=lambda match: (len(match.misfits), sum(map(_is_of_another_kind, match.misfits))))
    if builtin.name == "not" and best.misfits:
        type = in_words(best.misfits[0][0].type)
        checker.report("feel.not_boolean", best.misfits[0][0].argument, where="what 'not' turns around", type=type)
        return Found(Boolean())
    for argument, parameter in best.misfits[:1] if builtin.name in _OF_NUMBERS else best.misfits:
        expected = _expected(parameter, best.bound)
        name = "each argument" if parameter.variadic else repr(parameter.name)
        _wrong_argument(checker, argument, builtin.name, name, expected)
    if best.misfits:
        return Found(_known_result(best.overload))
    if builtin.name in TEMPORAL_READERS and isinstance(best.overload.parameters[0].types[0], Text):
        return _temporal_call(checker, builtin.name, given[0], best.overload)
    if builtin.name == "convert":
        return _convert_call(checker, part, given)
    if builtin.name in CALENDAR_FUNCTIONS:
        _check_calendar(checker, part, best.overload, given)
    check_answers(checker, part, builtin.name, [(each.argument, each.type) for each in given])
    result = _result(checker, part, best, given)
    if isinstance(result.type, DateTime) and _is_local_time(given):
        return replace(result, type=replace(result.type, is_local=True))
    return result


def _check_calendar(checker: Checker, part: tree.Call, overload: Overload, given: list[CallArgument]) -> None:
    """Check which calendar a call counts in, and what is written out in it."""
    names = [parameter.name for parameter in overload.parameters]
    by_name = {each.argument.name or names[place]: each for place, each in enumerate(given)}
    known = checker.scope.calendars
    shown = ", ".join(f'"{key}"' for key in known or ())
    written = _written_text(by_name.get(CALENDAR))
    if known is not None and CALENDAR not in by_name and len(known) != 1:
        code = "feel.which_calendar" if known else "feel.no_calendar"
        checker.report(code, part, function=overload.name, calendars=shown)
    elif known is not None and written is not None and written not in known:
        place, suggestion = by_name[CALENDAR].argument.value, nearest(written, known)
        code = "feel.unknown_calendar" if known else "feel.no_calendar"
        checker.report(code, place, suggestion, value=repr(written), calendars=shown, function=overload.name)
    _check_lengths(checker, by_name)


def _check_lengths(checker: Checker, by_name: Mapping[str, CallArgument]) -> None:
    """Check the lengths and the counts of days that are written out, in the branches of conditions too."""
    for part in _branches(by_name.get("lasts")):
        text = part.value if isinstance(part, tree.Literal) else None
        fault = length_fault(text) if isinstance(text, str) else None
        if fault is not None:
            checker.report("feel.bad_length", part, value=fault[0], instead=fault[1])
    for part in _branches(by_name.get("days")):
        days = part.operand if isinstance(part, tree.Negation) else part
        count = days.value if isinstance(days, tree.Literal) else None
        if isinstance(count, Decimal) and count != count.to_integral_value():
            reason = f"{checker.written(part)} is no whole number of days"
            checker.report("feel.never_answers", part, severity="warning", reason=reason)


def _branches(given: CallArgument | None) -> Iterator[tree.Part]:
    return iter(()) if given is None else tree.branches(given.argument.value)


def _written_text(given: CallArgument | None) -> str | None:
    """Return the text that is written out as an argument, if it is one."""
    written = None if given is None else given.argument.value
    return written.value if isinstance(written, tree.Literal) and isinstance(written.value, str) else None


def _is_local_time(given: Sequence[CallArgument]) -> bool:
    """Tell whether a moment made of a day and a time says no zone: the time is a field's, or written without one."""
    if len(given) != 2 or not isinstance(given[1].type, Time):
        return False
    time = given[1].argument.value
    value = time.value if isinstance(time, tree.AtLiteral) else None
    if isinstance(time, tree.Call) and len(time.arguments) == 1:
        text = time.arguments[0].value
        written = text.value if isinstance(text, tree.Literal) else None
        value = TEMPORAL_READERS["time"](written) if isinstance(written, str) else None
    return bool(given[1].found.paths) or (isinstance(value, dt.time) and value.tzinfo is None)


#: Functions of numbers, one after another or in a list: that the first is none says it of all.
_OF_NUMBERS: Final = frozenset(("sum", "min", "max", "mean", "total", "median", "product"))


def _temporal_call(checker: Checker, name: str, given: CallArgument, overload: Overload) -> Found:
    """Check `date("2026-01-31")` and its kin: a text that is written out is read now."""
    written = given.argument.value
    if not isinstance(written, tree.Literal) or not isinstance(written.value, str):
        return Found(or_null(overload.result))
    value = TEMPORAL_READERS[name](written.value)
    if value is None:
        length = foreign_idioms.duration(written.value) if name == "duration" else None
        day = foreign_idioms.day(written.value)[1:] if foreign_idioms.is_day(written.value) else None
        instead = f'"{length}"' if length else day if day != _EXAMPLES[name] else None
        moment = foreign_idioms.moment(written.value)
        instead = instead or (moment[1:] if moment and name != "date" else None)
        if instead is None and foreign_idioms.named(written.value) in ("today()", "now()"):
            instead = f"{foreign_idioms.named(written.value)} in place of the call"
        checker.report("feel.bad_literal", written, value=repr(written.value), example=_EXAMPLES[name], instead=instead)
        return Found(or_null(overload.result))
    return Found(temporal_type(value))


_EXAMPLES: Final = {
    "date": '"2026-01-31"',
    "time": '"13:30:00"',
    "date and time": '"2026-01-31T13:30:00"',
    "duration": '"P30D" or "P1Y6M"',
}


def _is_of_another_kind(misfit: tuple[CallArgument, SignatureParameter]) -> bool:
    given, parameter = misfit
    return not any(isinstance(given.type, type.__class__) for type in parameter.types)


def _expected(parameter: SignatureParameter, bound: Mapping[str, Type]) -> str:
    """Return in words what *parameter* takes; other arguments may say what kind of thing must be compared."""
    ordered = bound.get("O", Any())
    words = []
    for type in parameter.types:
        inner = type.item if isinstance(type, (ListOf, RangeOf)) else type
        if inner != Variable(name="O"):
            words.append(in_words(_shown(type)))
        elif isinstance(ordered, (Any, Null)):
            words.append(ORDERED_WORDS[inner is not type].format(in_words(_shown(type))))
        else:
            words.append(in_words(replace(type, item=ordered) if isinstance(type, (ListOf, RangeOf)) else ordered))
    return " or ".join(words)


def _shown(found: Type) -> Type:
    """Return a type as messages name it, without type variables."""
    if isinstance(found, Variable):
        return Number() if found.name == "N" else Any()
    return replace(found, item=_shown(found.item)) if isinstance(found, (ListOf, RangeOf)) else found


def _known_result(overload: Overload) -> Type:
    """Return the type of the result where the arguments are wrong."""
    return Any() if isinstance(overload.result, (Variable, ListOf)) else or_null(overload.result)


def _match(overload: Overload, given: list[CallArgument]) -> Match | None:
    """Return how *given* fits the signature, or None where it does not by number or names."""
    pairs: list[tuple[CallArgument, SignatureParameter]] = []
    if given and given[0].argument.name is not None:
        by_name = {parameter.name: parameter for parameter in overload.parameters}
        names = {each.argument.name for each in given}
        needed = {parameter.name for parameter in overload.parameters if not parameter.optional}
        if not needed <= names <= by_name.keys() or len(names) != len(given):
            return None
        pairs = [(each, by_name[each.argument.name or ""]) for each in given]
    else:
        if not overload.takes(len(given)):
            return None
        last = len(overload.parameters) - 1
        pairs = [(each, overload.parameters[min(place, last)]) for place, each in enumerate(given)]
    match = Match(overload)
    for each, parameter in pairs:
        if not any(_bind(type, each.type, match.bound, parameter.takes_null) for type in parameter.types):
            match.misfits.append((each, parameter))
        match.nullable = match.nullable or (each.type.nullable and not parameter.takes_null)
    return match


def _bind(wanted: Type, given: Type, bound: dict[str, Type], takes_null: bool) -> bool:
    """Say whether *given* fits *wanted*, and note what its type variables stand for."""
    if isinstance(wanted, Variable):
        if not _may_stand_for(wanted.name, given, bound):
            return False
        given = not_null(given) if takes_null or wanted.nullable else given
        bound[wanted.name] = common(bound[wanted.name], given) if wanted.name in bound else given
        return True
    if isinstance(wanted, ListOf):
        # A single value counts as the list of it.
        return _bind(wanted.item, given.item if isinstance(given, ListOf) else given, bound, takes_null)
    if isinstance(wanted, RangeOf):
        return fits(given, RangeOf(Any())) and _bind(
            wanted.item, given.item if isinstance(given, RangeOf) else Any(), bound, takes_null
        )
    return fits(given, wanted)


def _may_stand_for(variable: str, given: Type, bound: Mapping[str, Type]) -> bool:
    """Say whether a type variable takes *given*: numbers only, or what has an order, all of one kind."""
    if variable == "N":
        return fits(given, Number())
    if variable == "O":
        other = bound.get("O", Any())
        return isinstance(given, (Any, Null, *ORDERED_TYPES)) and (fits(given, other) or fits(other, given))
    return True


def _report_shape(checker: Checker, part: tree.Call, builtin: Builtin, given: list[CallArgument]) -> None:
    """Report a number of arguments, or names, that no signature of the function has."""
    if given and given[0].argument.name is not None:
        names = [parameter.name for overload in builtin.overloads for parameter in overload.parameters]
        if len(_placed_by_name(checker, builtin.name, names, given)) < len(given):
            return
        given_names = {each.argument.name for each in given}
        missing = [p.name for p in builtin.overloads[0].parameters if not p.optional and p.name not in given_names]
        for name in missing[:1] or names[:1]:
            checker.report("feel.missing_argument", part, function=builtin.name, parameter=name)
        return
    least = min(overload.required for overload in builtin.overloads)
    variadic = any(parameter.variadic for overload in builtin.overloads for parameter in overload.parameters)
    most = None if variadic else max(len(overload.parameters) for overload in builtin.overloads)
    _wrong_count(checker, part, builtin.name, least, most, len(given))


def _result(checker: Checker, part: tree.Call, match: Match, given: list[CallArgument]) -> Found:
    result = match.overload.result
    type = _substituted(result, match.bound)
    if isinstance(result, Variable) and isinstance(type, Number) and is_mixed(type.currency):
        checker.report("feel.mixed_list", part, currency=currency_in_words(type.currency))
        return Found(Any())
    if isinstance(type, Number) and type.currency == ("?",):
        left, right = _two_currencies(given)
        checker.report("feel.mixed_currencies", part, left=left, right=right)
        return Found(Any())
    sources = [each.found for each in given if _has_parts(each.type)] if _has_parts(type) else []
    paths = frozenset(path for source in sources for path in source.paths)
    places = {source.place for source in sources}
    found = Found(or_null(type, match.nullable))
    return replace(
        found,
        paths=paths,
        place=places.pop() if len(places) == 1 else None,
        steps=max((s.steps for s in sources), default=0),
    )


def _two_currencies(given: list[CallArgument]) -> tuple[str, str]:
    """Return two different currencies of the arguments, in words."""
    found = [each.type.currency for each in given if isinstance(each.type, Number) and each.type.currency is not None]
    first = found[0] if found else None
    other = next((currency for currency in found if currency != first), None)
    return currency_in_words(first), currency_in_words(other)


def _has_parts(type: Type) -> bool:
    inner = type.item if isinstance(type, ListOf) else type
    return isinstance(inner, (Context, RecordType, Any))


def _substituted(type: Type, bound: Mapping[str, Type]) -> Type:
    if isinstance(type, Variable):
        found = bound.get(type.name, Any())
        return or_null(found, type.nullable)
    if isinstance(type, ListOf):
        return replace(type, item=_substituted(type.item, bound))
    return type


def _convert_call(checker: Checker, part: tree.Call, given: list[CallArgument]) -> Found:
    """Check `convert(amount, currency, date)`: its result is in the currency that the second argument names."""
    by_name = {
        each.argument.name or place: each for place, each in zip(("amount", "currency", "date"), given, strict=True)
    }
    amount, target = by_name["amount"], by_name["currency"]
    if isinstance(amount.type, Number):
        if amount.type.currency is None:
            checker.report("feel.not_money", amount.argument, type=in_words(amount.type))
        elif isinstance(amount.type.currency, tuple) and (
            "[]" in amount.type.currency or "?" in amount.type.currency[:1]
        ):
            checker.report("feel.currency_unknown", amount.argument)
        elif isinstance(amount.type.currency, tuple):
            checker.reads |= read_paths(amount.type.currency)
    nullable = any(each.type.nullable for each in given)
    return Found(Number(_target_currency(checker, target), nullable=nullable))


def read_paths(currency: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return the path of a currency, and the paths on the way there, as reads."""
    path = tuple(step for step in currency if not step.startswith("["))
    return {path[:length] for length in range(1, len(path) + 1)}


def _target_currency(checker: Checker, target: CallArgument) -> str | tuple[str, ...] | None:
    value = target.argument.value
    if isinstance(value, tree.Literal) and isinstance(value.value, str):
        if len(value.value) != 3 or not value.value.isupper():
            checker.report("feel.unknown_currency", value, value=repr(value.value))
        return value.value
    return target.found.place
