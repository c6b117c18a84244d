"""Reads the decision tables of a DMN file of any version and tool into sheets.

Only XML without a document type is read, bounded in size and depth. Cells become what an author of a blueprint would
write; an input that is no plain name gets one made from its label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element
from xml.parsers import expat

from blankett.engine import feel
from blankett.engine.blueprint.cells import ANY, write_short
from blankett.engine.blueprint.model import KEY, Field, Option, Place, Words
from blankett.engine.feel import tree
from blankett.engine.feel.constants import constant_of
from blankett.engine.feel.hit_policies import HITS
from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.fields.base import Fault
from blankett.engine.fields.locales import plain
from blankett.engine.rules.dmn import OURS
from blankett.engine.rules.sheet import Sheet, SheetColumn, SheetRow

MOST_BYTES: Final = 2_000_000
MOST_LEVELS: Final = 50
MOST_ELEMENTS: Final = 200_000
#: {the standard's type: ours}
TYPES: Final[Mapping[str, str]] = {"number": "number", "boolean": "yes_no", "date": "date", "string": "text"}


class _Wrong(Exception):
    """What is wrong with a file, as a fault."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.fault = Fault(message, params)


def from_dmn(data: bytes) -> tuple[Sheet, ...] | Fault:
    """Return the decision tables of a DMN file, or what is wrong with it."""
    try:
        model = _read_xml(data)
        named = {each.get("name", ""): each for each in _all(model, "itemDefinition")}
        sheets = tuple(
            _sheet(decision, grid, named)
            for decision in _all(model, "decision")
            for grid in _children(decision, "decisionTable")
        )
    except _Wrong as wrong:
        return wrong.fault
    return sheets or Fault("exchange.no_decision_table")


# XML ----------------------------------------------------------------------------------------------------------------


def _read_xml(data: bytes) -> Element:
    if len(data) > MOST_BYTES:
        raise _Wrong("exchange.too_large", limit=MOST_BYTES)
    _refuse_unsafe(data)
    model = ET.fromstring(data)
    if _name(model) != "definitions":
        raise _Wrong("exchange.no_decision_table")
    return model


def _refuse_unsafe(data: bytes) -> None:
    """Refuse what is no XML, defines entities, or is nested or large beyond measure: before anything is made of it."""
    parser = expat.ParserCreate()
    levels = elements = 0

    def refuse(*_parts: object) -> None:
        raise _Wrong("exchange.has_doctype")

    def open_(*_parts: object) -> None:
        nonlocal levels, elements
        levels, elements = levels + 1, elements + 1
        if levels > MOST_LEVELS or elements > MOST_ELEMENTS:
            raise _Wrong("exchange.too_large", limit=MOST_ELEMENTS)

    def close(*_parts: object) -> None:
        nonlocal levels
        levels -= 1

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = open_
    parser.EndElementHandler = close
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as err:
        raise _Wrong("exchange.not_xml", problem=str(err)) from err


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: Element, name: str) -> Iterator[Element]:
    return (each for each in element.iter() if _name(each) == name)


def _children(element: Element, name: str) -> list[Element]:
    return [each for each in element if _name(each) == name]


def _text(element: Element, name: str) -> str:
    """Return the text that `<name><text>…</text></name>` in *element* holds; empty where there is none."""
    for child in _children(element, name):
        for text in _children(child, "text"):
            return (text.text or "").strip()
    return ""


def _own(element: Element, name: str) -> str | None:
    return element.get(f"{{{OURS}}}{name}")


# Tables -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    """A column of the sheet, and a field that reads its cells."""

    sheet: SheetColumn
    field: Field


def _sheet(decision: Element, grid: Element, named: Mapping[str, Element]) -> Sheet:
    name = decision.get("name") or decision.get("id") or "table"
    inputs = _apart([_input(each, named) for each in _children(grid, "input")], set())
    taken = {column.sheet.key for column in inputs}
    outputs = _apart([_output(each, name, named) for each in _children(grid, "output")], taken)
    if not inputs or not outputs:
        raise _Wrong("exchange.no_columns", sheet=name)
    defaults = [_text(each, "defaultOutputEntry") for each in _children(grid, "output")]
    label = decision.get("label")
    return Sheet(
        key=key_of(name),
        title=(label if label else name) if key_of(label or name) != key_of(name) or label else None,
        hit=_hit(grid),
        inputs=tuple(column.sheet for column in inputs),
        outputs=tuple(column.sheet for column in outputs),
        rows=tuple(_row(name, number, rule, inputs, outputs) for number, rule in enumerate(_children(grid, "rule"), 1)),
        default=MappingProxyType(
            {
                column.sheet.key: value_text(text, column.field)
                for column, text in zip(outputs, defaults, strict=True)
                if text
            }
        ),
    )


def _hit(grid: Element) -> str:
    words = (grid.get("hitPolicy") or "UNIQUE", grid.get("aggregation") if grid.get("hitPolicy") == "COLLECT" else None)
    hit = " ".join(word for word in words if word).lower()
    return hit if hit in HITS else "unique"


def _input(clause: Element, named: Mapping[str, Element]) -> _Column:
    expression = _children(clause, "inputExpression")
    written = _text(clause, "inputExpression")
    label = clause.get("label") or ""
    key = written if KEY.match(written) else key_of(label or written)
    reference = expression[0].get("typeRef") if expression else None
    return _column(clause, key, label, reference, _text(clause, "inputValues"), named)


def _output(clause: Element, decision: str, named: Mapping[str, Element]) -> _Column:
    label = clause.get("label") or ""
    name = clause.get("name") or label or decision
    return _column(clause, key_of(name), label, clause.get("typeRef"), _text(clause, "outputValues"), named)


def _column(
    clause: Element, key: str, label: str, reference: str | None, values: str, named: Mapping[str, Element]
) -> _Column:
    reference, values = _resolved(reference or "", values, named)
    plain_type = TYPES.get(reference, "text")
    type_ = _own(clause, "type") or plain_type
    listed = _listed(values)
    kind = _own(clause, "kind") or ("choice" if plain_type == "text" and listed else plain_type)
    options = {text: Option(text, Words({})) for text in listed} if kind == "choice" else {}
    is_listed = bool(listed) and (_own(clause, "type") is None or _own(clause, "listed") is not None)
    field = Field(
        key=key,
        type=TYPES_BY_NAME.get(kind, TYPES_BY_NAME["text"]),
        title=Words({}),
        help=None,
        place=Place(1, 1),
        options=MappingProxyType({"options": MappingProxyType(options)}),
    )
    bound = values if values and not listed and type_ in ("number", "money", "percent", "date") else None
    shown = label if label and key_of(label) != key and "." not in type_ else None
    return _Column(
        SheetColumn(
            key=key,
            type=type_,
            title=shown,
            listed=tuple(listed) if is_listed else (),
            values=write_short(bound, field) if bound else None,
            decimals=_own(clause, "decimals"),
            currency=_own(clause, "currency"),
        ),
        field,
    )


def _resolved(reference: str, values: str, named: Mapping[str, Element]) -> tuple[str, str]:
    """Return the standard's type behind a type of the model's own, and the values it allows."""
    for _step in range(MOST_LEVELS):
        reference = reference.rpartition(":")[2]
        found = named.get(reference)
        if found is None:
            break
        values = values or _text(found, "allowedValues")
        reference = next((each.text or "" for each in _children(found, "typeRef")), "")
    return reference, values


def _listed(values: str) -> list[str]:
    """Return the constants that a list of values names, as an author writes them; none where it is no such list."""
    try:
        tests = feel.parse_unary_tests(values).tests if values else ()
    except feel.FeelSyntaxError:
        return []
    found = [_plain_text(test.value) for test in tests if isinstance(test, (tree.Literal, tree.AtLiteral))]
    return [text for text in found if text is not None] if len(found) == len(tests) and None not in found else []


def _plain_text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return None
    return plain(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else None


def _row(name: str, number: int, rule: Element, inputs: list[_Column], outputs: list[_Column]) -> SheetRow:
    cells, results = _entries(rule, "inputEntry"), _entries(rule, "outputEntry")
    if len(cells) != len(inputs) or len(results) != len(outputs):
        raise _Wrong("exchange.row_length", sheet=name, row=number)
    notes = [text for text in (*_entries(rule, "annotationEntry"), _description(rule)) if text]
    return SheetRow(
        cells=tuple(_cell(text, column.field) for text, column in zip(cells, inputs, strict=True)),
        results=tuple(value_text(text, column.field) for text, column in zip(results, outputs, strict=True)),
        key=_own(rule, "key"),
        note="\n".join(notes) or None,
    )


def _entries(rule: Element, name: str) -> list[str]:
    return [
        next(((text.text or "").strip() for text in _children(entry, "text")), "") for entry in _children(rule, name)
    ]


def _description(rule: Element) -> str:
    return next(((each.text or "").strip() for each in _children(rule, "description")), "")


def _cell(text: str, field: Field) -> str:
    return write_short(text, field) if text and text != ANY else ANY


def value_text(text: str, field: Field) -> str:
    """Return a result of the expression language as an author writes it in a column of *field*'s type."""
    if not text or text == ANY:
        return ""
    try:
        value = constant_of(feel.parse_expression(text))
    except feel.FeelSyntaxError:
        return f"= {text}"
    if value is None:
        return "= null"
    write = _VALUES.get(field.type.name, _VALUES["text"])
    found = write(value)
    return f"= {text}" if found is None else found


def _number(value: object) -> str | None:
    return plain(value) if isinstance(value, Decimal) else None


def _percent(value: object) -> str | None:
    return plain(value * 100) if isinstance(value, Decimal) else None


def _yes_no(value: object) -> str | None:
    return ("yes" if value else "no") if isinstance(value, bool) else None


def _day(value: object) -> str | None:
    return value.isoformat() if type(value) is date else None


def _any_text(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    return f"={value}" if value.startswith("=") else value


_VALUES: Final = {
    "number": _number,
    "money": _number,
    "percent": _percent,
    "yes_no": _yes_no,
    "date": _day,
    "text": _any_text,
}


# Names --------------------------------------------------------------------------------------------------------------


def key_of(name: str) -> str:
    """Return a key made from any name: ``credit_limit`` for ``Credit limit!``."""
    key = re.sub(r"[^a-z0-9_]+", "_", name.casefold()).strip("_")
    return key if KEY.match(key) else f"c_{key}".rstrip("_")


def _apart(columns: list[_Column], taken: set[str]) -> list[_Column]:
    """Return columns whose keys differ from each other and from those *taken*."""
    found: list[_Column] = []
    keys = set(taken)
    for column in columns:
        key, number = column.sheet.key, 2
        while key in keys:
            key, number = f"{column.sheet.key}_{number}", number + 1
        keys.add(key)
        found.append(replace(column, sheet=replace(column.sheet, key=key)))
    return found
