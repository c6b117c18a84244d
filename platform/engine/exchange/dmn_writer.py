"""Decision tables as DMN 1.3, the standard's own files, written for any tool.

What the standard cannot say (a column's own type, a row's key) stands in attributes of a namespace of our own, which
other tools keep or pass over. Cells are written out: `"new"` for the option `new`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from blankett.engine.exchange.table_sheet import plain_words
from blankett.engine.fields.cells import quoted
from blankett.engine.language.model import Setting, Table, TableColumn, TableInput, TableOutput, TableRow, Words
from blankett.engine.language.table_cells import written_value

DMN: Final = "https://www.omg.org/spec/DMN/20191111/MODEL/"
OURS: Final = "urn:blankett:dmn:1"
#: The hit policy of a table that names none.
USUAL: Final = "UNIQUE"
#: The prefix of our own attributes.
PREFIX: Final = "blankett"


def to_dmn(tables: Sequence[Table], name: str) -> bytes:
    """Return a model called *name* with a decision for each of *tables*, which must be sound, as UTF-8."""
    model = Element(
        "definitions",
        {
            "xmlns": DMN,
            f"xmlns:{PREFIX}": OURS,
            "id": "model.tables",
            "name": name,
            "namespace": f"urn:blankett:{tables[0].blueprint if tables else 'tables'}",
            "exporter": "Blankett",
        },
    )
    for table in tables:
        _add_inputs(model, table)
    for table in tables:
        _add_decision(model, table, {other.key for other in tables})
    ET.indent(model)
    text: str = ET.tostring(model, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _add_inputs(model: Element, table: Table) -> None:
    for column in table.inputs.values():
        data = SubElement(model, "inputData", {"id": f"{table.key}.data.{column.key}", "name": column.key})
        SubElement(data, "variable", {"id": f"{table.key}.variable.{column.key}", **_variable(column)})


def _variable(column: TableColumn) -> dict[str, str]:
    return {"name": column.key, "typeRef": type_ref(column)}


def type_ref(column: TableColumn) -> str:
    """Return the standard's name of a column's type."""
    return column.field.type.cells.type_ref


def _add_decision(model: Element, table: Table, others: set[str]) -> None:
    title = plain_words(next(iter(table.title.by_language.values()), table.key))
    decision = SubElement(model, "decision", {"id": table.key, "name": table.key, "label": title})
    _add_help(decision, table.help)
    variable = {"id": f"{table.key}.variable", "name": table.key}
    if len(table.outputs) == 1:
        variable["typeRef"] = type_ref(next(iter(table.outputs.values())))
    SubElement(decision, "variable", variable)
    for column in table.inputs.values():
        needed = SubElement(decision, "informationRequirement", {"id": f"{table.key}.needs.{column.key}"})
        SubElement(needed, "requiredInput", {"href": f"#{table.key}.data.{column.key}"})
    called = {name for formula in table.formulas() for name in formula.checked.calls} & others
    for name in sorted(called):
        needed = SubElement(decision, "informationRequirement", {"id": f"{table.key}.asks.{name}"})
        SubElement(needed, "requiredDecision", {"href": f"#{name}"})
    policy, _, aggregation = table.hit.partition(" ") if table.hit.startswith("collect") else (table.hit, "", "")
    said = {"hitPolicy": policy.upper(), "aggregation": aggregation.upper()}
    # What is meant unless told is left out: other tools write it so too, and the file stays the same.
    attributes = {"id": f"{table.key}.table"} | {name: word for name, word in said.items() if word not in ("", USUAL)}
    grid = SubElement(decision, "decisionTable", attributes)
    for column in table.inputs.values():
        _add_input(grid, table, column)
    for output in table.outputs.values():
        _add_output(grid, table, output)
    SubElement(grid, "annotation", {"name": "note"})
    for row in table.rows:
        _add_rule(grid, table, row)


def _own(column: TableColumn) -> dict[str, str]:
    """Return the attributes of our own: the type as written, and that its values are listed there."""
    own = {"type": column.written, "kind": column.field.type.name, "listed": "yes" if column.listed else ""}
    decimals = None if "." in column.written else column.field.options.get("decimals")
    own["decimals"] = "" if decimals is None else str(decimals)
    own["currency"] = str(column.field.currency or "") if column.written == "money" else ""
    return {f"{PREFIX}:{name}": text for name, text in own.items() if text}


def _label(column: TableColumn) -> str:
    return plain_words(next(iter(column.title.by_language.values()), column.key))


def _add_input(grid: Element, table: Table, column: TableInput) -> None:
    id_ = f"{table.key}.in.{column.key}"
    clause = SubElement(grid, "input", {"id": id_, "label": _label(column), **_own(column)})
    _add_help(clause, column.field.help if "." not in column.written else None)
    expression = SubElement(clause, "inputExpression", {"id": f"{id_}.expression", "typeRef": type_ref(column)})
    _add_text(expression, column.key)
    values = _options(column) or (column.values.text if column.values is not None else "")
    if values:
        _add_text(SubElement(clause, "inputValues", {"id": f"{id_}.values"}), values)


def _add_output(grid: Element, table: Table, column: TableOutput) -> None:
    id_ = f"{table.key}.out.{column.key}"
    attributes = {"id": id_, "label": _label(column), "name": column.key, "typeRef": type_ref(column)}
    clause = SubElement(grid, "output", {**attributes, **_own(column)})
    _add_help(clause, column.field.help if "." not in column.written else None)
    values = _options(column) or ", ".join(map(written_value, column.ranking))
    if values:
        _add_text(SubElement(clause, "outputValues", {"id": f"{id_}.values"}), values)
    if column.key in table.default:
        default = SubElement(clause, "defaultOutputEntry", {"id": f"{id_}.default"})
        _add_text(default, result_text(table.default[column.key]))


def _options(column: TableColumn) -> str:
    return ", ".join(map(quoted, column.field.option_titles()))


def result_text(setting: Setting | None) -> str:
    """Return a result in the expression language."""
    if setting is None:
        return "null"
    return setting.formula.text if setting.formula is not None else written_value(setting.constant)


def _add_rule(grid: Element, table: Table, row: TableRow) -> None:
    id_ = f"{table.key}.row.{row.key}"
    rule = SubElement(grid, "rule", {"id": id_, **({f"{PREFIX}:key": row.key} if row.has_key else {})})
    for cell in row.cells:
        text = cell.formula.text if cell.formula is not None else cell.text
        _add_text(SubElement(rule, "inputEntry", {"id": f"{id_}.{cell.column}"}), text)
    for result in row.results:
        entry = SubElement(rule, "outputEntry", {"id": f"{id_}.{result.column}"})
        _add_text(entry, result_text(result.setting))
    _add_text(SubElement(rule, "annotationEntry"), row.note or "")


def _add_help(parent: Element, words: Words | None) -> None:
    text = plain_words(next(iter(words.by_language.values()), "")) if words is not None else ""
    if text:
        SubElement(parent, "description").text = text


def _add_text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text
