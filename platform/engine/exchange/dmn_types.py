"""Which type a column of a DMN file has: by the name its tool gives it, else by what its cells hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from blankett.engine import feel
from blankett.engine.exchange.safe_xml import MOST_LEVELS, Element
from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.feel.tree import parts_of
from blankett.engine.feel.types import or_null
from blankett.engine.fields import FIELD_TYPES, FieldType
from blankett.engine.fields.base import Fault
from blankett.engine.language.model import Field, Place, Words

#: Types that columns have by their name, and that other tools have a name for.
_HELD: Final[Mapping[str, FieldType]] = {
    type_.name: type_ for type_ in FIELD_TYPES if type_.is_column and type_.cells.tool_names
}
#: {a tool's name of a type, in small letters without blanks: ours}
TYPES: Final[Mapping[str, str]] = {name: ours for ours, type_ in _HELD.items() for name in type_.cells.tool_names}
#: Types of moments and durations that no column holds, in small letters and without spaces.
_NOT_HELD: Final = frozenset(
    "datetime dateandtime date_time localdatetime zoneddatetime offsetdatetime "
    "yearsmonthsduration yearsandmonthsduration yearmonthduration period".split()
)
MOST_PATHS: Final = 500
#: Names that say nothing about what a column holds.
_SILENT: Final = frozenset(("", "any", "object", "json", "undefined", "null"))
#: {our type: the standard's}, to say it in a message.
STANDARD: Final[Mapping[str, str]] = {name: type_.cells.type_ref for name, type_ in _HELD.items()}


def _feel_type(name: str) -> feel.Type:
    """Return the static type of a column of ours, which may be empty."""
    return or_null(_HELD[name].feel_type(Field(name, _HELD[name], Words({}), None, Place(1, 1))))


@dataclass(frozen=True)
class NamedType:
    """What a reference to a type stands for."""

    #: Our type; None where the file does not say which.
    type: str | None
    #: The name at its end, as written: ``dateTime``.
    name: str
    #: The values it allows, as a cell; empty for all.
    values: str = ""
    #: Why no column holds it: the id of a message.
    refused: str | None = None

    @property
    def is_unknown(self) -> bool:
        """Tell whether the file names a type that is neither known nor defined."""
        return self.type is None and self.refused is None and self.name.casefold() not in _SILENT


class NamedTypes:
    """The types that a model defines, and those of its inputs and decisions."""

    def __init__(self, model: Element) -> None:
        self._named = {each.get("name") or "": each for each in model.named("itemDefinition")}
        #: {name of an input or a decision of the model: the reference to its type}
        self.variables: dict[str, str] = {}
        for each in (*model.all("inputData"), *model.all("decision")):
            variable = next(iter(each.named("variable")), None)
            name = (variable.get("name") if variable is not None else None) or each.get("name") or ""
            self.variables[" ".join(name.split())] = (variable.get("typeRef") if variable is not None else None) or ""

    def find(self, reference: str, values: str = "", *, of_items: bool = False) -> NamedType:
        """Return what *reference* stands for; *of_items*: what the items of a list are, where it stands for one.

        *values*: those the column itself allows, which win.
        """
        for _step in range(MOST_LEVELS):
            found = self._definition(reference)
            if found is None:
                break
            values = values or _allowed(found)
            if found.named("itemComponent"):
                return NamedType(None, reference, values, "exchange.type_structure")
            if found.get("isCollection") == "true" and not of_items:
                return NamedType(None, reference, values, "exchange.type_list")
            reference = _type_named(found)
        name = reference.rpartition(":")[2].strip()
        plain = name.rpartition(".")[2].casefold()
        if "".join(plain.split()) in _NOT_HELD.difference(TYPES):
            return NamedType(None, name, values, "exchange.type_not_held")
        return NamedType(TYPES.get("".join(plain.split())), name, values)

    def find_path(self, path: str) -> str:
        """Return the reference to the type of `Applicant.Age`, an input of the model or a part of one; else empty."""
        plain = " ".join(path.split())
        if plain in self.variables:
            return self.variables[plain]
        return self.paths(plain.partition(".")[0].strip()).get(plain, "")

    def paths(self, name: str, reference: str = "") -> dict[str, str]:
        """Return {path: reference to its type} of an input or a decision of the model, and of its parts.

        *reference*: to the type of a name that is none of these, a function's parameter.
        """
        found = {name: reference or self.variables.get(name, "")}
        waiting = [name]
        while waiting and len(found) < MOST_PATHS:
            path = waiting.pop()
            for part in self._parts(found[path]):
                inner = f"{path}.{' '.join((part.get('name') or '').split())}"
                found[inner] = _type_named(part)
                waiting.append(inner)
        return found

    def _definition(self, reference: str) -> Element | None:
        return self._named.get(reference) or self._named.get(reference.rpartition(":")[2])

    def _parts(self, reference: str) -> list[Element]:
        """Return the parts of a structure; none for what is no structure."""
        for _step in range(MOST_LEVELS):
            found = self._definition(reference)
            if found is None or found.get("isCollection") == "true":
                return []
            parts = found.named("itemComponent")
            if parts:
                return parts
            reference = _type_named(found)
        return []


def _type_named(definition: Element) -> str:
    return next((each.text.strip() for each in definition.named("typeRef")), "")


def _allowed(definition: Element) -> str:
    """Return the values that a definition of a type allows, as any version of the standard writes them."""
    for name in ("typeConstraint", "allowedValues"):
        for child in definition.named(name):
            text = next((each.text.strip() for each in child.named("text")), "")
            if text:
                return text
    return ""


# By the cells --------------------------------------------------------------------------------------------------------


def kinds_in_cell(text: str) -> set[str]:
    """Return the types that the values of a cell have; empty where it names none or cannot be read."""
    try:
        tests = feel.parse_unary_tests(text).tests
    except feel.FeelSyntaxError:
        return set()
    return {kind for test in tests for value in _values_of(test) if (kind := kind_of(value)) is not None}


def kinds_in_result(text: str, inputs: Mapping[str, str]) -> set[str]:
    """Return the type of a result. *inputs*: {column: our type}, for formulas."""
    try:
        expression = feel.parse_expression(text)
    except feel.FeelSyntaxError:
        return set()
    scope = feel.Scope({name: _feel_type(type_) for name, type_ in inputs.items()})
    found = feel.check(expression, scope).type
    for name in _HELD:
        if isinstance(found, type(_feel_type(name))):
            return {name}
    return {_UNHELD_TYPES[type(found)]} if type(found) in _UNHELD_TYPES else set()


def kinds_by_use(text: str, name: str, tested: str | None) -> set[str]:
    """Return the types that *name* must have where a cell, or a result, does this with it; empty where that is open.

    *tested*: the type of the column whose cell it is; None for a result.
    """
    try:
        whole = feel.parse_expression(text) if tested is None else feel.parse_unary_tests(text)
    except feel.FeelSyntaxError:
        return set()
    found: set[str] = set()
    for part in parts_of(whole):
        inner = [each for each in tree.children(part) if isinstance(each, tree.Name) and each.name == name]
        if inner and isinstance(part, (tree.Arithmetic, tree.Negation)):
            found.add("number")
        elif inner and isinstance(part, tree.Logic):
            found.add("yes_no")
        elif inner and isinstance(part, (tree.Comparison, tree.Between)):
            found |= {kind for each in tree.children(part) if (kind := kind_of(_constant(each))) is not None}
        elif inner and tested is not None and isinstance(part, (tree.UnaryTests, tree.UnaryTest, tree.RangeLiteral)):
            found.add(tested)
    return found


def _constant(part: tree.Part) -> object:
    return constant_of(part) if isinstance(part, tree.Expression) else UNKNOWN


_UNHELD_TYPES: Final = {
    feel.DateTime: "date and time",
    feel.YearsMonthsDuration: "years and months duration",
    feel.ListOf: "list",
    feel.Context: "context",
}


def _values_of(test: tree.Expression) -> Iterator[object]:
    """Yield the constants that a test compares with."""
    if isinstance(test, tree.UnaryTest):
        yield constant_of(test.value)
    elif isinstance(test, tree.RangeLiteral):
        yield from (constant_of(test.low), constant_of(test.high))
    elif isinstance(test, tree.Comparison) and _is_tested(test.left):
        yield constant_of(test.right)
    elif isinstance(test, tree.ListLiteral):
        yield from map(constant_of, test.items)
    else:
        yield constant_of(test)


def _is_tested(part: tree.Expression) -> bool:
    return isinstance(part, tree.Name) and part.name == "?"


def kind_of(value: object) -> str | None:
    """Return the type of a constant: one of ours, or what no column holds; None for what is none."""
    if value is UNKNOWN or value is None:
        return None
    held = next((name for name, type_ in _HELD.items() if type_.cells.holds(value)), None)
    if held is not None:
        return held
    return next((name for types, name in _UNHELD_VALUES if isinstance(value, types)), None)


_UNHELD_VALUES: Final = (
    (datetime, "date and time"),
    (feel.YearsMonths, "years and months duration"),
)


def type_of_kinds(kinds: set[str], name: str, line: int) -> str | None | Fault:
    """Return the type of a column whose cells have values of *kinds*; None where they say nothing, or why none."""
    unheld = sorted(kinds - STANDARD.keys())
    if unheld:
        return Fault("exchange.type_not_held", {"line": line, "name": name, "found": ", ".join(unheld)})
    if len(kinds) > 1:
        found = ", ".join(sorted(STANDARD[kind] for kind in kinds))
        return Fault("exchange.types_mixed", {"line": line, "name": name, "found": found})
    return next(iter(kinds), None)
