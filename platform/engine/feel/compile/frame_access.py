"""The closures that read names and variables, and what a compiler knows of the names around a part.

A closure takes the *frame* of one evaluation, a list: the names, the Run, then a slot for each variable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any as Value
from typing import Final, TypeAlias

from blankett.engine.feel.builtins.registry import Builtin
from blankett.engine.feel.members import read_member
from blankett.engine.feel.values import Function, Reference

Frame: TypeAlias = list[Value]
Closure: TypeAlias = Callable[[Frame], Value]

NAMES: Final = 0
RUN: Final = 1
FIRST_SLOT: Final = 2


@dataclass(frozen=True)
class Slots:
    """Variables that a loop, function or context holds, {name: slot}."""

    names: dict[str, int] = field(default_factory=dict)
    #: Those of the names that are functions.
    functions: set[str] = field(default_factory=set)
    #: Whether the value still grows, so that a reader gets a copy of it.
    copied: bool = False


@dataclass(frozen=True)
class Item:
    """What a filter looks at, in *slot*: its *fields* are names; None where they are known only at run time."""

    slot: int
    fields: frozenset[str] | None


# ---- reading ----


def constant(value: Value) -> Closure:
    """Return the closure that gives *value*."""
    return lambda frame: value


def slot_reader(slot: int) -> Closure:
    """Return the closure that reads a variable."""
    return lambda frame: frame[slot]


def copying_reader(slot: int) -> Closure:
    """Return the closure that reads a copy of a variable that holds a list, or null."""

    def read(frame: Frame) -> Value:
        value = frame[slot]
        if value is None:
            return None
        frame[RUN].spend(len(value))
        return value[:]

    return read


def root_reader(name: str) -> Closure:
    """Return the closure that reads a name of the scope; null where it was not given."""

    def read(frame: Frame) -> Value:
        try:
            return frame[NAMES][name]
        except KeyError:
            return None

    return read


def dynamic_reader(slot: int, name: str, outer: Closure) -> Closure:
    """Return the closure that reads *name* from the item in *slot* where that has it, else from outside."""

    def read(frame: Frame) -> Value:
        item = frame[slot]
        if type(item) is dict and name in item:
            return item[name]
        if type(item) is Reference and name in item.fields:
            return item.fields[name]
        return outer(frame)

    return read


def root_member_reader(name: str, member: str) -> Closure:
    """Return the closure that reads `name.member`, a part of a name of the scope, in one step."""

    def read(frame: Frame) -> Value:
        try:
            value = frame[NAMES][name]
        except KeyError:
            return None
        if type(value) is dict:
            return value.get(member)
        if type(value) is Reference:
            return value.fields.get(member)
        return read_member(value, member)

    return read


def slot_member_reader(slot: int, member: str) -> Closure:
    """Return the closure that reads a part of a variable in one step."""

    def read(frame: Frame) -> Value:
        value = frame[slot]
        if type(value) is dict:
            return value.get(member)
        if type(value) is Reference:
            return value.fields.get(member)
        return read_member(value, member)

    return read


def member_reader(owner: Closure, name: str) -> Closure:
    """Return the closure that reads the part *name* of what *owner* gives."""

    def read(frame: Frame) -> Value:
        value = owner(frame)
        if type(value) is dict:
            return value.get(name)
        if type(value) is Reference:
            return value.fields.get(name)
        return read_member(value, name)

    return read


def builtin_reader(builtin: Builtin) -> Closure:
    """Return the closure that gives a built-in function as a value, to be called by another function."""
    longest = max(builtin.overloads, key=lambda overload: len(overload.parameters))
    names = tuple(parameter.name for parameter in longest.parameters)
    required = min(overload.required for overload in builtin.overloads)

    def read(frame: Frame) -> Function:
        run = frame[RUN]

        def call(given: list[Value]) -> Value:
            run.spend(1)
            return builtin.invoke(run, given)

        return Function(names, call, required)

    return read
