"""What a part of a formula is worth before anything is known: literals, and what is made of them alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any as Value
from typing import Final
from zoneinfo import ZoneInfo

from blankett.engine.feel import tree
from blankett.engine.feel.budget import Moment
from blankett.engine.feel.builtins import BUILTINS, OLDER
from blankett.engine.feel.builtins.conversion import is_same
from blankett.engine.feel.builtins.departments import ORGANISATION_FUNCTIONS
from blankett.engine.feel.compile import compile
from blankett.engine.feel.errors import FeelRuntimeError
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.tree import parts_of

#: Stands for the value of what reads something from outside.
UNKNOWN: Final = object()
#: Functions whose answer depends on when they are asked, or on the rates of that day, calendars, departments.
TIMELY: Final = frozenset({"convert", "now", "today"}) | ORGANISATION_FUNCTIONS

#: What is written out is small: who checks a text of many formulas waits for each of them.
_STEPS: Final = 200
_NOWHEN: Final = Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), steps=_STEPS)
_NOTHING: Final = Scope({})
_BEFORE: Final = Scope({}, edition=0)


def constant_of(part: tree.Expression) -> Value:
    """Return the value of a part that reads nothing, `date("2026-01-31")` or `10 * 12`; UNKNOWN for any other, and
    for one that takes long to work out.
    """
    if isinstance(part, (tree.Literal, tree.AtLiteral)):
        return part.value
    if not reads_nothing(part):
        return UNKNOWN
    try:
        value = compile(part, _NOTHING).evaluate_wide({}, _NOWHEN)
        if _may_differ(part) and not is_same(value, compile(part, _BEFORE).evaluate_wide({}, _NOWHEN)):
            return UNKNOWN  # it depends on the edition of the language
    except FeelRuntimeError:
        return UNKNOWN
    return value


def _may_differ(part: tree.Part) -> bool:
    """Tell whether a part may mean something else in another edition of the language."""
    return any(
        isinstance(inner, (tree.For, tree.Quantified, tree.FilterExpression, tree.UnaryTest))
        or (isinstance(inner, tree.Call) and isinstance(inner.function, tree.Name) and inner.function.name in OLDER)
        for inner in parts_of(part)
    )


def reads_nothing(part: tree.Part) -> bool:
    """Tell whether a part is made of literals and the standard's functions alone, and is the same at any time."""
    functions = set()
    for inner in parts_of(part):
        if isinstance(inner, tree.Call) and isinstance(inner.function, tree.Name):
            if inner.function.name not in BUILTINS or inner.function.name in TIMELY:
                return False
            functions.add(inner.function)
        elif isinstance(inner, (tree.Name, tree.PathExpression)) and inner not in functions:
            return False
    return True
