"""Reads the decision tables of a DMN file of any version and tool into sheets.

Cells become what an author of a blueprint would write. An input that is no plain name gets one made from its label, and
whatever else is not taken over as it stands is told as a remark of the sheet, with the line of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from blankett.engine.blueprint.loading.translations import title_of_key
from blankett.engine.blueprint.model import KEY, Field, Option, Place, Words
from blankett.engine.feel.hit_policies import HITS
from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.fields.base import Fault
from blankett.engine.rules.dmn import OURS
from blankett.engine.rules.dmn_values import cell_text, key_of, listed_values, value_text
from blankett.engine.rules.markup import MOST_LEVELS, Element, UnsafeMarkupError, read_markup
from blankett.engine.rules.sheet import MOST_ROWS, Origin, Sheet, SheetColumn, SheetRow

MOST_BYTES: Final = 2_000_000
#: {the standard's type: ours}
TYPES: Final[Mapping[str, str]] = {"number": "number", "boolean": "yes_no", "date": "date", "string": "text"}


class _Wrong(Exception):
    """What is wrong with a file, as a fault."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.fault = Fault(message, params)


def from_dmn(data: bytes) -> tuple[Sheet, ...] | Fault:
    """Return the decision tables of a DMN file, or what is wrong with it and in which line."""
    try:
        if len(data) > MOST_BYTES:
            raise _Wrong("exchange.too_large", limit=MOST_BYTES)
        model = read_markup(data)
        if model.name != "definitions":
            raise _Wrong("exchange.no_decision_table")
        return _sheets(model)
    except (_Wrong, UnsafeMarkupError) as wrong:
        return wrong.fault


def _sheets(model: Element) -> tuple[Sheet, ...]:
    named = {each.get("name") or "": each for each in model.all("itemDefinition")}
    decisions = list(model.all("decision"))
    tables = [(each, grid) for each in decisions for grid in each.named("decisionTable")]
    if not tables:
        raise _Wrong("exchange.no_decision_table")
    others = [each for each in decisions if not each.named("decisionTable")]
    others += model.all("businessKnowledgeModel")
    passed_over = tuple(
        Fault("exchange.decision_passed_over", {"name": each.get("name") or "", "line": each.line}) for each in others
    )
    return tuple(_Grid(decision, grid, named).sheet(passed_over) for decision, grid in tables)


def _inner_text(element: Element, name: str) -> str:
    """Return the text that `<name><text>…</text></name>` in *element* holds; empty where there is none."""
    return next((text.text.strip() for child in element.named(name) for text in child.named("text")), "")


def _description(element: Element) -> str:
    return next((each.text.strip() for each in element.named("description")), "")


def _own(element: Element, name: str) -> str | None:
    return element.get(name, OURS)


@dataclass(frozen=True)
class _Column:
    """A column of the sheet, and a field that reads its cells."""

    sheet: SheetColumn
    field: Field


class _Grid:
    """One decision table of a file."""

    def __init__(self, decision: Element, grid: Element, named: Mapping[str, Element]) -> None:
        self.decision = decision
        self.grid = grid
        #: {name of a type of the model's own: its definition}
        self.named = named
        self.name = decision.get("name") or decision.get("id") or "table"
        self.remarks: list[Fault] = []

    def sheet(self, passed_over: Sequence[Fault]) -> Sheet:
        """Return the table, or raise `_Wrong`."""
        inputs = _apart([self._input(each) for each in self.grid.named("input")], set())
        taken = {column.sheet.key for column in inputs}
        outputs = _apart([self._output(each) for each in self.grid.named("output")], taken)
        if not inputs or not outputs:
            raise _Wrong("exchange.no_columns", sheet=self.name)
        rules = self.grid.named("rule")
        if not rules:
            raise _Wrong("exchange.no_rows", sheet=self.name)
        if len(rules) > MOST_ROWS:
            raise _Wrong("exchange.too_many_rows", limit=MOST_ROWS, sheet=self.name)
        rows = tuple(self._row(number, rule, inputs, outputs) for number, rule in enumerate(rules, 1))
        if len(self.grid.named("annotation")) > 1:
            self.remarks.append(Fault("exchange.notes_joined", {"line": self.grid.line}))
        key = key_of(self.name)
        title = self.decision.get("label") or self.name
        return Sheet(
            key=key,
            title=title if title not in (key, title_of_key(key)) else None,
            help=_description(self.decision) or None,
            hit=self._hit(),
            inputs=tuple(column.sheet for column in inputs),
            outputs=tuple(column.sheet for column in outputs),
            rows=rows,
            default=MappingProxyType(self._default(outputs)),
            origin=Origin(line=self.decision.line),
            remarks=(*self.remarks, *passed_over),
        )

    def _hit(self) -> str:
        policy = self.grid.get("hitPolicy") or "UNIQUE"
        aggregation = self.grid.get("aggregation") if policy == "COLLECT" else None
        hit = " ".join(word for word in (policy, aggregation) if word).lower()
        if hit not in HITS:
            raise _Wrong("exchange.bad_hit_policy", line=self.grid.line, found=hit[:60], wanted=", ".join(HITS))
        return hit

    def _default(self, outputs: Sequence[_Column]) -> dict[str, str]:
        written = [_inner_text(each, "defaultOutputEntry") for each in self.grid.named("output")]
        pairs = zip(outputs, written, strict=True)
        return {column.sheet.key: value_text(text, column.field) for column, text in pairs if text}

    # Columns --------------------------------------------------------------------------------------------------------

    def _input(self, clause: Element) -> _Column:
        expression = clause.named("inputExpression")
        written = _inner_text(clause, "inputExpression")
        label = clause.get("label") or ""
        key = written if KEY.match(written) else key_of(label or written)
        if written and not KEY.match(written):
            self.remarks.append(Fault("exchange.input_named", {"line": clause.line, "found": written, "name": key}))
        reference = expression[0].get("typeRef") if expression else None
        return self._column(clause, key, label, reference, _inner_text(clause, "inputValues"))

    def _output(self, clause: Element) -> _Column:
        label = clause.get("label") or ""
        key = key_of(clause.get("name") or label or self.name)
        return self._column(clause, key, label, clause.get("typeRef"), _inner_text(clause, "outputValues"))

    def _column(self, clause: Element, key: str, label: str, reference: str | None, values: str) -> _Column:
        reference, values = self._resolved(reference or "", values)
        type_ = _own(clause, "type") or TYPES.get(reference, "text")
        if _own(clause, "type") is None and reference not in (*TYPES, "", "Any"):
            self.remarks.append(Fault("exchange.type_unknown", {"line": clause.line, "found": reference, "name": key}))
        listed = listed_values(values)
        is_listed = bool(listed) and (_own(clause, "type") is None or _own(clause, "listed") is not None)
        field = _field(key, _own(clause, "kind"), TYPES.get(reference, "text"), listed)
        is_bound = values and not listed and type_ in ("number", "money", "percent", "date")
        shown = label if label and key_of(label) != key and "." not in type_ else None
        decimals, currency = _own(clause, "decimals") or "", _own(clause, "currency") or ""
        column = SheetColumn(
            key=key,
            type=type_,
            title=shown,
            help=(_description(clause) or None) if "." not in type_ else None,
            listed=tuple(listed) if is_listed else (),
            values=cell_text(values, field) if is_bound else None,
            decimals=decimals if re.fullmatch("[0-9]", decimals) else None,
            currency=currency if re.fullmatch("[A-Z]{3}", currency) else None,
            origin=Origin(line=clause.line),
            is_typed=_own(clause, "type") is not None,
        )
        return _Column(column, field)

    def _resolved(self, reference: str, values: str) -> tuple[str, str]:
        """Return the standard's type behind a type of the model's own, and the values it allows."""
        for _step in range(MOST_LEVELS):
            reference = reference.rpartition(":")[2]
            found = self.named.get(reference)
            if found is None:
                break
            values = values or _inner_text(found, "allowedValues")
            reference = next((each.text.strip() for each in found.named("typeRef")), "")
        return reference, values

    # Rows -----------------------------------------------------------------------------------------------------------

    def _row(self, number: int, rule: Element, inputs: Sequence[_Column], outputs: Sequence[_Column]) -> SheetRow:
        cells, results = rule.named("inputEntry"), rule.named("outputEntry")
        if len(cells) != len(inputs) or len(results) != len(outputs):
            raise _Wrong("exchange.row_length", sheet=self.name, row=number, line=rule.line)
        notes = [text for text in (*map(_entry, rule.named("annotationEntry")), _description(rule)) if text]
        key = _own(rule, "key") or ""
        return SheetRow(
            cells=tuple(cell_text(_entry(each), column.field) for each, column in zip(cells, inputs, strict=True)),
            results=tuple(
                value_text(_entry(each), column.field) for each, column in zip(results, outputs, strict=True)
            ),
            key=key if KEY.match(key) else None,
            note="\n".join(notes) or None,
            origin=Origin(line=rule.line),
            origins=tuple(Origin(line=each.line) for each in (*cells, *results)),
        )


def _entry(entry: Element) -> str:
    return next((text.text.strip() for text in entry.named("text")), "")


def _field(key: str, kind: str | None, plain_type: str, listed: Sequence[str]) -> Field:
    """Return a field that reads the cells of a column; *kind*: its type, where we wrote the file."""
    kind = kind or ("choice" if plain_type == "text" and listed else plain_type)
    options = {text: Option(text, Words({})) for text in listed} if kind == "choice" else {}
    return Field(
        key=key,
        type=TYPES_BY_NAME.get(kind, TYPES_BY_NAME["text"]),
        title=Words({}),
        help=None,
        place=Place(1, 1),
        options=MappingProxyType({"options": MappingProxyType(options)}),
    )


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
