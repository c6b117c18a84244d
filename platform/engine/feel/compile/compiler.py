"""One formula being compiled: what its parts share, the slots of its variables, the names around a part and the
closures that read them.

A closure takes the *frame* of one evaluation, a list: the names, the Run, then a slot for each variable. How each kind
of part is compiled is in `operators`, `loops`, `calls` and the package itself, which hands in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import localcontext
from typing import Any as Value
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from blankett.engine.feel import tree
from blankett.engine.feel.budget import Moment, Run
from blankett.engine.feel.builtins import BUILTINS, OLDER
from blankett.engine.feel.builtins.registry import Builtin
from blankett.engine.feel.members import read_member
from blankett.engine.feel.operators import CONTEXT
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.temporal import WIDE
from blankett.engine.feel.typecheck.checker import Checker
from blankett.engine.feel.types import Any, Context, Type
from blankett.engine.feel.values import Function, Reference

# Reading names and variables ------------------------------------------------------------------------------------------


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


# The compiler ---------------------------------------------------------------------------------------------------------


#: Kind of part → what makes its closure.
Compilers: TypeAlias = Mapping[type[tree.Expression], Callable[..., Closure]]

#: {operator: the operation on two decimals that brings the context along}
DIRECT: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
}
_NOWHEN: Final = Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
_FEW: Final = 3
_RUNNING: Final = (
    tree.For,
    tree.Quantified,
    tree.FilterExpression,
    tree.Call,
    tree.FunctionDefinition,
    tree.ContextLiteral,
)
_FOLDABLE: Final = (
    tree.Negation,
    tree.Arithmetic,
    tree.Comparison,
    tree.Between,
    tree.RangeLiteral,
    tree.UnaryTest,
    tree.InstanceOf,
)


class Compiler:
    """One formula being compiled. *checker* has examined it and knows the type of each part; *compilers* has the
    function that makes the closure of each kind of part.
    """

    def __init__(self, scope: Scope, checker: Checker, whole: tree.Expression, compilers: Compilers) -> None:
        self.scope = scope
        self.checker = checker
        self._compilers = compilers
        self.size = FIRST_SLOT
        #: Whether the formula needs the decimal context around it, and whether it can take long.
        self.computes, self.runs = needs_of(whole)
        self.around: list[Slots | Item] = []

    def compiled(self, part: tree.Expression) -> Closure:
        """Return the closure of *part*; a part that is the same every time is computed now."""
        closure = self._compilers[type(part)](self, part)
        if self.is_constant(part) and not isinstance(part, (tree.Literal, tree.AtLiteral)):
            return folded(closure)
        return closure

    def is_constant(self, part: tree.Part) -> bool:
        """Say whether *part* reads nothing from outside and is small: literals, operators on them, ranges of them."""
        if isinstance(part, (tree.Literal, tree.AtLiteral)):
            return True
        return isinstance(part, _FOLDABLE) and all(self.is_constant(child) for child in tree.children(part))

    def type_of(self, part: tree.Part) -> Type:
        """Return the static type of *part*."""
        found = self.checker.found.get(part)
        return Any() if found is None else found.type

    def new_slot(self) -> int:
        """Return a slot of the frame for a variable."""
        self.size += 1
        return self.size - 1

    def inside(self, around: Slots | Item, part: tree.Expression) -> Closure:
        """Return the closure of *part* among the further names of *around*."""
        self.around.append(around)
        closure = self.compiled(part)
        self.around.pop()
        return closure

    def slot_of(self, name: str) -> int | None:
        """Return the slot of the variable *name*, or None where it is a name of the scope."""
        for around in reversed(self.around):
            if isinstance(around, Slots) and name in around.names:
                return around.names[name]
        return None

    def holds_function(self, name: str) -> bool:
        """Say whether *name* is a function that a context around defines."""
        return any(isinstance(around, Slots) and name in around.functions for around in self.around)

    def item_around(self, slot: int, type: Type) -> Item:
        """Return what a filter over items of *type* sees."""
        if isinstance(type, Any) or type == Context(nullable=type.nullable):
            return Item(slot, None)
        return Item(slot, frozenset(self.scope.fields_of(type) or ()))

    def slot_member(self, part: tree.Expression) -> tuple[int, str] | None:
        """Return (slot, name) of a part that reads a member of a variable, as `l.price` in a loop over lines."""
        if not isinstance(part, tree.PathExpression) or not isinstance(part.owner, tree.Name):
            return None
        place = self.place_of(part.owner.name)
        return (place[1], part.name) if place is not None and place[0] == "slot" else None

    def place_of(self, name: str) -> tuple[str, int] | None:
        """Return ("slot", its number) or ("root", 0) for a name that stands for one thing.

        None where a filter may hold it.
        """
        for around in reversed(self.around):
            if isinstance(around, Slots):
                if name in around.names:
                    return None if around.copied else ("slot", around.names[name])
            elif around.fields is None or name in around.fields:
                return None
        return "root", 0

    def builtin(self, name: str) -> Builtin:
        """Return a built-in function as the edition of the scope has it."""
        return (OLDER.get(name) if self.scope.edition < 1 else None) or BUILTINS[name]

    def name(self, name: str, depth: int | None = None) -> Closure:
        """Return the closure that reads *name*, looking outward from *depth* surroundings."""
        start = len(self.around) if depth is None else depth
        for place in range(start - 1, -1, -1):
            around = self.around[place]
            if isinstance(around, Slots):
                if name in around.names:
                    slot = around.names[name]
                    return copying_reader(slot) if around.copied else slot_reader(slot)
            elif around.fields is None:
                return dynamic_reader(around.slot, name, self.name(name, place))
            elif name in around.fields:
                return slot_member_reader(around.slot, name)
        if name in BUILTINS and self.scope.find(name) is None:
            return builtin_reader(self.builtin(name))
        return root_reader(name)


def folded(closure: Closure) -> Closure:
    """Return a closure that gives what *closure* gives now."""
    with localcontext(CONTEXT):
        value = closure([{}, Run(_NOWHEN)])
    return constant(value)


def needs_of(whole: tree.Expression) -> tuple[bool, bool]:
    """Return whether *whole* needs the decimal context around it, and whether it can take long.

    Setting the context costs as much as three operations that bring it along, so a short formula does without.
    """
    parts: list[tree.Part] = [whole]
    for part in parts:  # grows on the way
        parts.extend(tree.children(part))
    runs = any(
        isinstance(part, _RUNNING) or (isinstance(part, tree.AtLiteral) and type(part.value) in WIDE) for part in parts
    )
    operators = [part.operator for part in parts if isinstance(part, tree.Arithmetic)]
    return runs or len(operators) > _FEW or not DIRECT.keys() >= set(operators), runs
