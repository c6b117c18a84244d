"""Decisions of a DMN file that need each other, as tables that call each other.

A table looks at nothing but its arguments. So for a decision that builds on others there is one more table, of one row,
which takes what the whole needs and calls them: ``decide_dish(month, guests)`` gives ``dish(season(month), guests)``.
Decisions that are an expression or the call of a function, and functions with a body, become tables of one row too.
What such a table cannot hold (lists, structures, what is worked out step by step) is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from blankett.engine.exchange.dmn_names import (
    LONGEST_KEY,
    Renames,
    column_key,
    free_key,
    names_called,
    names_read,
    table_key,
)
from blankett.engine.exchange.dmn_types import STANDARD, NamedTypes, kind_of, kinds_in_result
from blankett.engine.exchange.safe_xml import Element
from blankett.engine.exchange.table_sheet import Origin, Sheet, SheetColumn, SheetRow
from blankett.engine.feel import FeelSyntaxError, parse_expression, tree
from blankett.engine.feel.decision_table import LISTING
from blankett.engine.fields.base import Fault
from blankett.engine.language.table_cells import ANY

_CONDITIONS: Final = (tree.Comparison, tree.Logic, tree.In, tree.Between, tree.Quantified)
#: A table that calls more is not made: nobody reads it.
MOST_INPUTS: Final = 40


@dataclass(frozen=True)
class HeldTable:
    """A decision or a function of the file that is a table here."""

    element: Element
    sheet: Sheet
    #: What each input of the sheet is in the file: a name or an expression.
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """How a decision is asked for: a call, with what the table that is called gives."""

    call: str
    #: Keys of what it must be given, in their order.
    needs: tuple[str, ...]
    #: {name in the file: the column}
    outputs: Mapping[str, SheetColumn]
    #: Whether it gives several rows, which no column holds.
    is_list: bool = False


@dataclass
class DecisionModel:
    """The decisions and functions of one file, put together."""

    types: NamedTypes
    tables: Iterable[HeldTable]
    #: {name of a function: its key}
    functions: Mapping[str, str]
    #: {name of a function: the names of its parameters}
    parameters: Mapping[str, tuple[str, ...]]
    #: {name: the input or decision} that a decision says it looks at
    needed_by: Callable[[Element], Mapping[str, Element]]
    taken: set[str]
    #: Names of functions that are no tables.
    unheld: Collection[str] = ()
    made: list[Sheet] = field(default_factory=list)
    #: {id of an element: how it is asked for; None where it is not held}
    _answers: dict[int, Answer | None] = field(default_factory=dict)
    #: {what is given from outside, as the file writes it: its column}
    _given: dict[str, SheetColumn] = field(default_factory=dict)
    _keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._tables = {id(table.element): table for table in self.tables}

    def put_together(self, decisions: Iterable[Element]) -> Mapping[int, Answer]:
        """Return {id of an element: how it is asked for} of *decisions*; what is made for them is in `made`."""
        for decision in decisions:
            self._answer(decision)
        return {id_: answer for id_, answer in self._answers.items() if answer is not None}

    def add_function(self, function: Element, key: str) -> Sheet | None:
        """Return a function with an expression as its body as a table of one row, or None."""
        logic = next(iter(function.named("encapsulatedLogic")), None)
        body = next((text for each in logic.named("literalExpression") if (text := text_of(each))), "") if logic else ""
        parameters = parameters_of(function)
        if not body or not parameters:
            return None
        taken = set[str]()
        columns = []
        for name, reference in parameters:
            found = self.types.find(reference)
            columns.append(SheetColumn(column_key([name], "input", taken), found.type or "text", is_typed=False))
        renames = Renames(
            {name: column.key for (name, _type), column in zip(parameters, columns, strict=True)}, self.functions
        )
        output = column_key([key], "result", taken)
        text = renames.renamed(body)
        return self._sheet(key, function, columns, {output: (self._type_of(function, text, columns), f"= {text}")})

    # Answers --------------------------------------------------------------------------------------------------------

    def _answer(self, decision: Element) -> Answer | None:
        if id(decision) not in self._answers:
            self._answers[id(decision)] = None  # one that needs itself is not held
            table = self._tables.get(id(decision))
            self._answers[id(decision)] = self._of_table(table) if table else self._of_expression(decision)
        return self._answers[id(decision)]

    def _needed(self, decision: Element) -> dict[str, Answer]:
        """Return {name: how it is asked for} of the decisions that *decision* needs and that are held."""
        needed = self.needed_by(decision).items()
        asked = {name: self._answer(each) for name, each in needed if each.name == "decision"}
        return {name: answer for name, answer in asked.items() if answer is not None and not answer.is_list}

    def _of_table(self, table: HeldTable) -> Answer:
        sheet, needed = table.sheet, self._needed(table.element)
        values = self._values(needed)
        given: list[str] = []
        arguments = []
        for column, source in zip(sheet.inputs, table.sources, strict=True):
            if names_read(source, values):
                arguments.append(self._filled(source, table.element, needed, given))
            else:
                key = self._from_outside(source or column.key, column)
                given += [key] * (key not in given)
                arguments.append(key)
        outputs = {
            name: column
            for column in sheet.outputs
            for name in {column.key, column.title or column.key, *self._output_names(table.element, sheet, column)}
        }
        call = f"{sheet.key}({', '.join(arguments)})"
        answer = Answer(call, tuple(given), outputs, is_list=sheet.hit in LISTING)
        is_made = bool(values) and arguments != list(given) and not answer.is_list and len(given) <= MOST_INPUTS
        if not is_made or not given:
            return answer
        key = free_key(f"decide_{sheet.key}"[: LONGEST_KEY - 3].strip("_"), self.taken)
        taken = set(given)
        results = {
            column_key([column.key], "result", taken): (
                column.type,
                f"= {call}" if len(sheet.outputs) == 1 else f"= {call}.{column.key}",
            )
            for column in sheet.outputs
        }
        self._make(key, table.element, given, results)
        return replace(answer, call=f"{key}({', '.join(given)})")

    def _output_names(self, element: Element, sheet: Sheet, column: SheetColumn) -> Iterator[str]:
        at = sheet.outputs.index(column)
        clauses = [each for grid in element.all("decisionTable") for each in grid.named("output")]
        if at < len(clauses) and clauses[at].get("name"):
            yield clauses[at].get("name") or ""

    def _of_expression(self, decision: Element) -> Answer | None:
        """Return how a decision is asked for that is an expression, or the call of a function."""
        text = _expression_of(decision, self.parameters)
        needed = self._needed(decision)
        is_related = bool(names_read(text, self._values(needed)) or names_called(text, self.functions))
        if not is_related or names_called(text, self.unheld):
            return None
        given: list[str] = []
        result = self._filled(text, decision, needed, given)
        if not given or len(given) > MOST_INPUTS:
            return None
        key = table_key(decision.get("name") or "", f"decision_{decision.line}", self.taken)
        output = column_key([key], "result", set(given))
        columns = [column for column in self._given.values() if column.key in given]
        type_ = self._type_of(decision, result, columns)
        sheet = self._make(key, decision, given, {output: (type_, f"= {result}")})
        return Answer(f"{key}({', '.join(given)})", tuple(given), {output: sheet.outputs[0]})

    # Expressions ----------------------------------------------------------------------------------------------------

    def _values(self, needed: Mapping[str, Answer]) -> dict[str, str]:
        """Return {name, or part of one: how it is asked for} of the decisions that are needed."""
        values = {}
        for name, answer in needed.items():
            values[name] = answer.call
            if len({column.key for column in answer.outputs.values()}) > 1:
                values |= {f"{name}.{part}": f"{answer.call}.{of.key}" for part, of in answer.outputs.items()}
        return values

    def _filled(self, text: str, decision: Element, needed: Mapping[str, Answer], given: list[str]) -> str:
        """Return an expression of the file with calls and columns in the place of names; these go to *given*."""
        values = self._values(needed)
        paths = {
            path: reference
            for name, each in self.needed_by(decision).items()
            if each.name == "inputData" or name not in needed
            for path, reference in self.types.paths(name).items()
        }
        read = names_read(text, {*paths, *values})
        columns = {}
        for path in read:
            if path in values:
                name = next(each for each in sorted(needed, key=len, reverse=True) if path.startswith(each))
                given += [key for key in needed[name].needs if key not in given]
            else:
                found = self.types.find(paths[path])
                columns[path] = self._from_outside(path, SheetColumn(path, found.type or "text", is_typed=False))
                given += [columns[path]] * (columns[path] not in given)
        return Renames({**columns, **values}, self.functions).renamed(text)

    def _from_outside(self, source: str, column: SheetColumn) -> str:
        """Return the key of what is given from outside, a column of each table that takes it."""
        name = " ".join(source.split())
        if name not in self._given:
            key = column_key([column.key, name], "input", self._keys)
            self._given[name] = SheetColumn(key, column.type, title=column.title, is_typed=False)
        return self._given[name].key

    def _type_of(self, element: Element, text: str, columns: Iterable[SheetColumn]) -> str:
        """Return the type of what a decision or a function gives: as its variable says, else as it is worked out."""
        logic = element.named("encapsulatedLogic")
        said = [*element.named("variable"), *logic, *element.named("literalExpression")]
        said += [each for part in logic for each in part.named("literalExpression")]
        found = (self.types.find(each.get("typeRef") or "").type for each in said)
        known = next((type_ for type_ in found if type_ is not None), None)
        if known is not None:
            return known
        given = {each.key: each.type for each in columns}
        checked = kinds_in_result(text, given) & STANDARD.keys()
        if checked:
            return next(iter(checked))
        try:
            return self._type_by_form(parse_expression(text), given) or "text"
        except FeelSyntaxError:
            return "text"

    def _type_by_form(self, part: tree.Expression, columns: Mapping[str, str]) -> str | None:
        """Return the type of what calls tables, or works with what the file gives no type, by how it is written."""
        owner = part.owner if isinstance(part, tree.PathExpression) else part
        if isinstance(owner, tree.Call) and isinstance(owner.function, tree.Name):
            outputs = self._outputs_of(owner.function.name)
            wanted = part.name if isinstance(part, tree.PathExpression) else next(iter(outputs), "")
            return outputs.get(wanted)
        if isinstance(part, tree.Name):
            return columns.get(part.name)
        if isinstance(part, tree.If):
            return self._type_by_form(part.then, columns) or self._type_by_form(part.otherwise, columns)
        if isinstance(part, tree.Arithmetic):
            sides = {self._type_by_form(each, columns) for each in (part.left, part.right)}
            return "text" if part.operator == "+" and "text" in sides else "number"
        if isinstance(part, tree.Negation):
            return "number"
        if isinstance(part, (tree.Literal, tree.AtLiteral)):
            found = kind_of(part.value)
            return found if found in STANDARD else None
        return "yes_no" if isinstance(part, _CONDITIONS) else None

    def _outputs_of(self, key: str) -> dict[str, str]:
        """Return {output: its type} of a table."""
        sheets = (*(table.sheet for table in self._tables.values()), *self.made)
        return next(({each.key: each.type for each in sheet.outputs} for sheet in sheets if sheet.key == key), {})

    # Tables of one row ----------------------------------------------------------------------------------------------

    def _make(self, key: str, element: Element, given: Iterable[str], results: Mapping[str, tuple[str, str]]) -> Sheet:
        columns = {column.key: column for column in self._given.values()}
        sheet = self._sheet(key, element, [columns[name] for name in given], results)
        self.made.append(sheet)
        return sheet

    def _sheet(
        self, key: str, element: Element, columns: Iterable[SheetColumn], results: Mapping[str, tuple[str, str]]
    ) -> Sheet:
        origin = Origin(line=element.line)
        inputs = tuple(replace(column, origin=origin) for column in columns)
        outputs = tuple(
            SheetColumn(name, type_, origin=origin, is_typed=False) for name, (type_, _text) in results.items()
        )
        row = SheetRow(
            cells=(ANY,) * len(inputs),
            results=tuple(text for _type, text in results.values()),
            origin=origin,
            origins=(origin,) * (len(inputs) + len(outputs)),
        )
        name = element.get("name") or element.get("id") or key
        call = f"{key}({', '.join(column.key for column in inputs)})"
        remark = Fault("exchange.put_together", {"line": element.line, "name": name, "call": call})
        return Sheet(key, "unique", inputs, outputs, (row,), origin=origin, remarks=(remark,))


def text_of(expression: Element) -> str:
    """Return what `<text>` in an expression holds."""
    return next((each.text.strip() for each in expression.named("text")), "")


def parameters_of(function: Element) -> list[tuple[str, str]]:
    """Return (name, reference to its type) of the parameters of a function."""
    return [
        (" ".join((each.get("name") or "").split()), each.get("typeRef") or "")
        for logic in function.named("encapsulatedLogic")
        for each in logic.named("formalParameter")
    ]


def _expression_of(decision: Element, functions: Mapping[str, tuple[str, ...]]) -> str:
    """Return the expression that a decision is, a call written out; empty where it is none."""
    for each in decision.named("literalExpression"):
        return text_of(each)
    for call in decision.named("invocation"):
        name = next((text_of(each) for each in call.named("literalExpression")), "")
        bound = {
            " ".join((parameter.get("name") or "").split()): text_of(each)
            for binding in call.named("binding")
            for parameter in binding.named("parameter")
            for each in binding.named("literalExpression")
        }
        if name in functions and bound.keys() <= set(functions[name]) and len(bound) == len(call.named("binding")):
            return f"{name}({', '.join(bound.get(each) or 'null' for each in functions[name])})"
    return ""
