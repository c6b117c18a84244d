"""Tests of what is worked out from one value that has few: they are tests of that value.

`list contains(["DK", "NO"], country)` and `special_orders(code).charged = 0` say which countries, or which codes: each
is tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any as Value
from typing import TypeVar

from blankett.engine import feel
from blankett.engine.feel import tree
from blankett.engine.feel.constants import TIMELY, parts_of
from blankett.engine.feel.errors import FeelRuntimeError
from blankett.engine.feel.functions import BUILTINS
from blankett.engine.feel.narrowing import key_of
from blankett.engine.rules.axes import NO_MOMENT
from blankett.engine.rules.conditions import Operand, Test, operand_key
from blankett.engine.rules.cuts import few_values
from blankett.engine.rules.origins import longest

AnyPart = TypeVar("AnyPart", bound=tree.Part)

#: Parts in which a name may mean something else than outside.
_NAMING = (tree.For, tree.Quantified, tree.Filter, tree.FunctionDefinition, tree.ContextLiteral)
_TESTED = tree.Name(start=0, end=0, name="?")


def test_of_few(test: Test, *, with_tables: bool) -> Test:
    """Return a test as one of the value it is worked out from, where that has few; else as it is. *with_tables*: tables
    are sound, and can be asked.
    """
    operand = test.operand
    if key_of(operand.part) is not None or not _is_plain(operand, with_tables):
        return test
    paths = longest(feel.check(operand.part, operand.checker.scope).reads)
    read = next(_reads_of(operand.part, paths[0]), None) if len(paths) == 1 else None
    found = operand.checker.found.get(read) if read is not None else None
    if read is None or found is None or few_values(found.type) is None:
        return test
    scope = operand.checker.scope
    worked_out = feel.compile(_with_input(operand.part, paths[0]), scope.child({"?": found.type}))

    def answer(value: Value) -> object:
        try:
            return test.answer(worked_out.evaluate({"?": value}, NO_MOMENT))
        except FeelRuntimeError:
            return None

    return Test(Operand(read, operand.checker, operand_key(read, scope)), answer, test.wanted, None, frozenset())


def _is_plain(operand: Operand, with_tables: bool) -> bool:
    """Tell whether an operand is worked out the same way at any time, and its names mean what they mean outside."""
    scope = operand.checker.scope
    for part in parts_of(operand.part):
        if isinstance(part, _NAMING):
            return False
        if isinstance(part, tree.Call):
            name = part.function.name if isinstance(part.function, tree.Name) else ""
            if name in TIMELY or (name not in BUILTINS and not (with_tables and name in scope.bodies)):
                return False
    return True


def _reads_of(part: tree.Part, path: tuple[str, ...]) -> Iterator[tree.Expression]:
    """Yield the parts that are *path*."""
    return (each for each in parts_of(part) if isinstance(each, tree.Name | tree.Member) and key_of(each) == path)


def _with_input(part: AnyPart, path: tuple[str, ...]) -> AnyPart:
    """Return *part* with `?` in the place of *path*."""
    changed: dict[str, Value] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if isinstance(value, tree.Part):
            changed[each.name] = _put(value, path)
        elif isinstance(value, tuple):
            changed[each.name] = tuple(_put(item, path) if isinstance(item, tree.Part) else item for item in value)
    return replace(part, **changed)


def _put(part: tree.Part, path: tuple[str, ...]) -> tree.Part:
    is_path = isinstance(part, tree.Name | tree.Member) and key_of(part) == path
    return _TESTED if is_path else _with_input(part, path)
