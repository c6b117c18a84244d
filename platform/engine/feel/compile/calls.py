"""Closures of calls and of function definitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any as Value
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.builtins.extensions import converted
from blankett.engine.feel.builtins.registry import REFUSED, Builtin, Overload, accept_all, apply
from blankett.engine.feel.builtins.working_time import CALENDAR, CALENDAR_FUNCTIONS
from blankett.engine.feel.compile.compiler import RUN, Closure, Compiler, Frame, Slots, constant, member_reader
from blankett.engine.feel.operators import is_instance
from blankett.engine.feel.scope import Body, Scope
from blankett.engine.feel.temporal import without_wide
from blankett.engine.feel.types import Number, Type
from blankett.engine.feel.values import Function

_NOTHING: Final[Callable[[Value], Value]] = lambda frame: None  # noqa: E731


def compile_call(compiler: Compiler, part: tree.Call) -> Closure:
    """Compile a call, resolving the function where it is known."""
    arguments = [compiler.compiled(argument.value) for argument in part.arguments]
    names = [argument.name for argument in part.arguments]
    if isinstance(part.function, tree.Name):
        name = part.function.name
        if _local_function(compiler, name):
            return _value_call(compiler.name(name), arguments, names)
        if name in compiler.scope.functions:
            return _scope_call(name, compiler.scope, arguments, names)
        if name == "convert":
            return _convert_call(compiler, part, arguments, names)
        if name in CALENDAR_FUNCTIONS:
            arguments, names = _with_calendar(compiler.scope, name, arguments, names)
        if name in BUILTINS:
            return _builtin_call(compiler.builtin(name), arguments, names)
    return _value_call(compiler.compiled(part.function), arguments, names)


def _local_function(compiler: Compiler, name: str) -> bool:
    """Say whether a function around the call, in a context or a parameter, has this name."""
    if compiler.slot_of(name) is None:
        return False
    return name not in BUILTINS or compiler.holds_function(name)


# ---- functions that are values ----


def _value_call(function: Closure, arguments: Sequence[Closure], names: Sequence[str | None]) -> Closure:
    def call(frame: Frame) -> Value:
        found = function(frame)
        if type(found) is not Function:
            return None
        given = [argument(frame) for argument in arguments]
        if names and names[0] is not None:
            if set(names) != set(found.parameters):
                return None
            given = [given[names.index(name)] for name in found.parameters]
        elif not found.takes(len(given)):
            return None
        return found.call(given)

    return call


def compile_function(compiler: Compiler, part: tree.FunctionDefinition) -> Closure:
    """Compile a function definition: a closure that makes the function, with the variables around it as they are."""
    if part.external:
        return _NOTHING
    slots = [compiler.new_slot() for _ in part.parameters]
    names = tuple(parameter.name for parameter in part.parameters)
    types = [parameter.type for parameter in part.parameters]
    body = compiler.inside(Slots(dict(zip(names, slots, strict=True))), part.body)

    def make(frame: Frame) -> Function:
        captured = frame[:]

        def call(given: list[Value]) -> Value:
            # What stands after the definition in the same context is seen, too, so look at the frame as it is now.
            inner = [now if then is None else then for then, now in zip(captured, frame, strict=True)]
            for slot, type, value in zip(slots, types, given, strict=True):
                inner[slot] = value if type is None else as_type(value, type)
            run = frame[RUN]
            run.enter_call()
            result = body(inner)
            run.leave_call()
            return result

        return Function(names, call)

    return make


def as_type(value: Value, type: Type) -> Value:
    """Return *value* as *type*, a list of one as its item where that fits; null where it does not."""
    if value is None or is_instance(value, type):
        return value
    if isinstance(value, list) and len(value) == 1 and is_instance(value[0], type):
        return value[0]
    return None


# ---- functions of the scope ----


def _scope_call(name: str, scope: Scope, arguments: Sequence[Closure], names: Sequence[str | None]) -> Closure:
    """Compile the call of a function of the scope."""
    parameters = list(scope.functions[name].params)
    placed: list[Closure] = list(arguments)
    if names and names[0] is not None:
        if not set(names) <= set(parameters):
            return _NOTHING
        placed = [arguments[names.index(each)] if each in names else _NOTHING for each in parameters]

    body = scope.bodies.get(name)
    return _outside_call(name, placed) if body is None else _inside_call(body, placed)


def _inside_call(body: Body, arguments: Sequence[Closure]) -> Closure:
    """Compile the call of a function whose body the scope has."""
    return lambda frame: body(frame[RUN], [without_wide(argument(frame)) for argument in arguments])


def _outside_call(name: str, placed: Sequence[Closure]) -> Closure:
    """Compile the call of a function whose implementation the moment brings along."""

    def call(frame: Frame) -> Value:
        run = frame[RUN]
        run.spend(1)
        implementation = run.moment.functions.get(name)
        return (
            None if implementation is None else implementation(*[without_wide(argument(frame)) for argument in placed])
        )

    return call


# ---- built-in functions ----


def _builtin_call(builtin: Builtin, arguments: list[Closure], names: Sequence[str | None]) -> Closure:
    if names and names[0] is not None:
        return _named_call(builtin, arguments, [name or "" for name in names])
    fitting = [overload for overload in builtin.overloads if overload.takes(len(arguments))]
    if not fitting:
        return _NOTHING
    if len(fitting) > 1 or fitting[0].with_run or (fitting[0].parameters and fitting[0].parameters[-1].variadic):
        return _any_overload(fitting, arguments)
    return _one_overload(fitting[0], arguments)


def _any_overload(overloads: list[Overload], arguments: list[Closure]) -> Closure:
    def call(frame: Frame) -> Value:
        given = [argument(frame) for argument in arguments]
        run = frame[RUN]
        run.spend(1)
        for overload in overloads:
            accepted = accept_all(overload, given)
            if accepted is not None:
                return apply(overload, run, accepted)
        return None

    return call


def _one_overload(overload: Overload, arguments: list[Closure]) -> Closure:
    """Compile the call of the one signature that can be meant; one argument, the most common, takes a short way."""
    implementation = overload.implementation
    accepts = [parameter.accept for parameter in overload.parameters[: len(arguments)]]
    if len(arguments) == 1:
        only, accept = arguments[0], accepts[0]

        def call_with_one(frame: Frame) -> Value:
            value = only(frame)
            frame[RUN].spend(1 + len(value) // 16 if type(value) is list else 1)
            value = accept(value)
            if value is REFUSED:
                return None
            try:
                return implementation(value)
            except (ArithmeticError, ValueError):
                return None

        return call_with_one

    def call(frame: Frame) -> Value:
        run = frame[RUN]
        run.spend(1)
        accepted = accept_all(overload, [argument(frame) for argument in arguments])
        return None if accepted is None else apply(overload, run, accepted)

    return call


def _named_call(builtin: Builtin, arguments: list[Closure], names: list[str]) -> Closure:
    """Compile a call by names: an optional parameter in the middle that is left out is null."""
    by_name = dict(zip(names, arguments, strict=True))
    overloads: list[tuple[Overload, list[Closure]]] = []
    for overload in builtin.overloads:
        known = [parameter.name for parameter in overload.parameters]
        needed = {parameter.name for parameter in overload.parameters if not parameter.optional}
        if needed <= by_name.keys() <= set(known) and len(by_name) == len(names):
            last = max((known.index(name) for name in names), default=-1)
            overloads.append((overload, [by_name.get(name, _NOTHING) for name in known[: last + 1]]))
    if not overloads:
        return _NOTHING

    def call(frame: Frame) -> Value:
        run = frame[RUN]
        run.spend(1)
        for overload, placed in overloads:
            accepted = accept_all(overload, [argument(frame) for argument in placed])
            if accepted is not None:
                return apply(overload, run, accepted)
        return None

    return call


def _with_calendar(
    scope: Scope, name: str, arguments: list[Closure], names: list[str | None]
) -> tuple[list[Closure], list[str | None]]:
    """Return the arguments with the calendar that is meant where a call names none."""
    is_named = bool(names) and names[0] is not None
    given = CALENDAR in names if is_named else len(arguments) == len(BUILTINS[name].overloads[0].parameters)
    if given:
        return arguments, names
    return [*arguments, constant(scope.calendar)], [*names, CALENDAR if is_named else None]


def _convert_call(
    compiler: Compiler, part: tree.Call, arguments: list[Closure], names: Sequence[str | None]
) -> Closure:
    """Compile `convert(amount, currency, date)`: the currency of the amount is read where its type says."""
    by_name = dict(zip((name or place for name, place in zip(names, _CONVERT, strict=False)), arguments, strict=False))
    if set(by_name) != set(_CONVERT) or len(arguments) != len(_CONVERT):
        return _NOTHING
    amount, currency, day = (by_name[name] for name in _CONVERT)
    amount_part = next(each.value for each, name in zip(part.arguments, by_name, strict=True) if name == "amount")
    source = _currency_reader(compiler, compiler.type_of(amount_part))
    accepts = [parameter.accept for parameter in BUILTINS["convert"].overloads[0].parameters]

    def call(frame: Frame) -> Value:
        run = frame[RUN]
        run.spend(1)
        given = [accept(closure(frame)) for accept, closure in zip(accepts, (amount, currency, day), strict=True)]
        if any(value is REFUSED for value in given):
            return None
        try:
            return converted(run, source(frame), *given)
        except ArithmeticError:
            return None

    return call


_CONVERT: Final = ("amount", "currency", "date")


def _currency_reader(compiler: Compiler, type: Type) -> Closure:
    """Return the closure that reads the currency of an amount of *type*."""
    currency = type.currency if isinstance(type, Number) else None
    if currency is None or "?" in currency or "[]" in currency:
        return _NOTHING
    if isinstance(currency, str):
        return constant(currency)
    items = [place for place, step in enumerate(currency) if step.startswith("[")]
    first = items[-1] if items else 0
    closure = compiler.name(currency[first].strip("[]"))
    for step in currency[first + 1 :]:
        closure = member_reader(closure, step)
    return closure
