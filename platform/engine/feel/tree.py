"""The parts an expression is made of, for the whole of DMN 1.5, each with its place in the text.

Data only: what a part means is in the checker and the compiler. Parts are compared by identity, so that a place in a
formula can be a key; `outline` gives a text to compare by shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final

from blankett.engine.feel.types import Type


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Part:
    """A piece of a formula. `start` and `end` are offsets into the text, from 0, end exclusive."""

    start: int
    end: int


class Expression(Part):
    """A part that has a value."""

    __slots__ = ()


@dataclass(frozen=True, eq=False, slots=True)
class Literal(Expression):
    """`null`, `true`, `12.50` or `"text"`."""

    value: None | bool | Decimal | str
    #: A number as written, where its digits are not 0 to 9.
    foreign: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class AtLiteral(Expression):
    """`@"2026-01-31"`: a date, time, date and time or duration; *value* is None where the text is none of them."""

    text: str
    value: object


@dataclass(frozen=True, eq=False, slots=True)
class Name(Expression):
    """`total`, or a function's name in call position."""

    name: str


@dataclass(frozen=True, eq=False, slots=True)
class PathExpression(Expression):
    """`customer.tier`; on a list it projects. *name_start* is where the name after the dot begins."""

    owner: Expression
    name: str
    name_start: int


@dataclass(frozen=True, eq=False, slots=True)
class Negation(Expression):
    """`-amount`."""

    operand: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Arithmetic(Expression):
    """*operator* is one of + - * / **."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Comparison(Expression):
    """*operator* is one of = != < <= > >=."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Logic(Expression):
    """`a and b and c`: *operator* is and / or, with two operands or more."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, eq=False, slots=True)
class If(Expression):
    """`if condition then a else b`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Loop(Part):
    """`name in source`, in a for or a quantified expression."""

    name: str
    source: Expression


@dataclass(frozen=True, eq=False, slots=True)
class For(Expression):
    """`for a in list, b in other return body`."""

    loops: tuple[Loop, ...]
    body: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Quantified(Expression):
    """`some` or `every` (*quantifier*) `line in lines satisfies condition`."""

    quantifier: str
    loops: tuple[Loop, ...]
    condition: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Between(Expression):
    """`value between low and high`, both ends included."""

    value: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, eq=False, slots=True)
class UnaryTest(Expression):
    """`< 10`, `= "new"`: a comparison whose left side is what is tested; alone, a range without one end."""

    operator: str
    value: Expression


@dataclass(frozen=True, eq=False, slots=True)
class In(Expression):
    """`value in (test, test)`: true when any test holds."""

    value: Expression
    tests: tuple[Expression, ...]


@dataclass(frozen=True, eq=False, slots=True)
class InstanceOf(Expression):
    """`value instance of type`; *type* is None where the name is not known, *type_text* is as written."""

    value: Expression
    type: Type | None
    type_text: str


@dataclass(frozen=True, eq=False, slots=True)
class ListLiteral(Expression):
    """`[1, 2, 3]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, eq=False, slots=True)
class ContextEntry(Part):
    """`name: value` in a context."""

    name: str
    value: Expression


@dataclass(frozen=True, eq=False, slots=True)
class ContextLiteral(Expression):
    """`{name: value, other: value}`; later entries see the earlier ones."""

    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, eq=False, slots=True)
class RangeLiteral(Expression):
    """`[1..10)`; in a loop also `1..10`, which may run downwards."""

    low: Expression
    high: Expression
    low_closed: bool
    high_closed: bool
    #: Without brackets, in a loop.
    is_bare: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class FilterExpression(Expression):
    """`lines[quantity > 5]` or `lines[1]`."""

    source: Expression
    condition: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Argument(Part):
    """A value handed to a function; *name* is None where it goes by position."""

    name: str | None
    value: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Call(Expression):
    """`total(lines.amount)`; *function* is a Name, or any expression that gives a function."""

    function: Expression
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Parameter(Part):
    """A parameter of a function definition; *type* is None where none is written."""

    name: str
    type: Type | None


@dataclass(frozen=True, eq=False, slots=True)
class FunctionDefinition(Expression):
    """`function(a, b: number) a + b`; an *external* one has no meaning here and is null."""

    parameters: tuple[Parameter, ...]
    body: Expression
    external: bool


@dataclass(frozen=True, eq=False, slots=True)
class UnaryTests(Expression):
    """A cell of a decision table: `-` (no tests), `< 10, 20`, `not("new")`."""

    tests: tuple[Expression, ...]
    negated: bool


#: What is no part.
_PLAIN = frozenset({"None", "bool", "Decimal", "int", "str"})


class _Inside(dict[type[Part], tuple[str, ...]]):
    """What of each kind of parts may hold parts: asked for each part of each formula."""

    def __missing__(self, kind: type[Part]) -> tuple[str, ...]:
        names = (field.name for field in fields(kind) if not _PLAIN.issuperset(str(field.type).split(" | ")))
        return self.setdefault(kind, tuple(names))


_INSIDE = _Inside()


def children(part: Part) -> Iterator[Part]:
    """Yield the parts directly inside *part*, in the order they are written."""
    for name in _INSIDE[type(part)]:
        value = getattr(part, name)
        if isinstance(value, Part):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Part))


def parts_of(part: Part) -> Iterator[Part]:
    """Yield *part* and everything in it, each before what it holds."""
    yield part
    for child in children(part):
        yield from parts_of(child)


def branches(part: Part) -> Iterator[Part]:
    """Yield what *part* may come to: itself, or the branches of its conditions."""
    if isinstance(part, If):
        yield from branches(part.then)
        yield from branches(part.otherwise)
    else:
        yield part


def mentions_input(part: Part) -> bool:
    """Say whether *part* reads `?`, the value a cell tests."""
    return (isinstance(part, Name) and part.name == "?") or any(mentions_input(child) for child in children(part))


#: What parts know of their place in the text.
_PLACES: Final = frozenset(["start", "end", "name_start"])
#: What else parts know that does not show in their shape.
_UNSHOWN: Final = _PLACES | {"is_bare", "foreign"}


def outline(part: Part, *, is_exact: bool = False) -> str:
    """Return the shape of *part* in one line, without places: `Arithmetic(+, Name(a), Literal(1))`.

    With *is_exact* two parts have the same one only where they are always worth the same: `1` and `"1"` are told apart.
    """
    if is_exact and isinstance(part, Literal):
        return f"Literal({part.value!r})"
    shown = []
    for field in fields(part):
        value = getattr(part, field.name)
        if field.name in (_PLACES if is_exact else _UNSHOWN):
            continue
        if isinstance(value, Part):
            shown.append(outline(value, is_exact=is_exact))
        elif isinstance(value, tuple):
            shown.append("[" + ", ".join(outline(item, is_exact=is_exact) for item in value) + "]")
        else:
            shown.append(repr(value) if is_exact else str(value))
    return f"{type(part).__name__}({', '.join(shown)})"
