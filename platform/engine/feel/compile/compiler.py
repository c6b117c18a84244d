"""One formula being compiled: what its parts share, the slots of its variables and the names around a part.

How each kind of part is compiled is in `operators`, `loops`, `calls` and the package itself, which hands in all of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import localcontext
from typing import Any as Value
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from blankett.engine.feel import tree
from blankett.engine.feel.budget import Moment, Run
from blankett.engine.feel.builtins import BUILTINS, OLDER
from blankett.engine.feel.builtins.registry import Builtin
from blankett.engine.feel.compile.frame_access import (
    FIRST_SLOT,
    Closure,
    Item,
    Slots,
    builtin_reader,
    constant,
    copying_reader,
    dynamic_reader,
    root_reader,
    slot_member_reader,
    slot_reader,
)
from blankett.engine.feel.extended_temporal import WIDE
from blankett.engine.feel.operators import CONTEXT
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.typecheck.checker import Checker
from blankett.engine.feel.types import Any, Context, Type

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
