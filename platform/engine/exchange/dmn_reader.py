"""Reads the decision tables of a DMN file of any version and tool into sheets.

Cells become what an author of a blueprint would write. An input that is no plain name gets one made from its label,
and cells that read it by its name read the column; whatever else is not taken over as it stands is told as a remark of
the sheet, with the line of the file. A table that cannot be taken in is told beside those that can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from blankett.engine import feel
from blankett.engine.exchange.cell_notation import BOUNDED_TYPES
from blankett.engine.exchange.dmn_model import DecisionModel, HeldTable, parameters_of
from blankett.engine.exchange.dmn_names import (
    Renames,
    column_key,
    free_key,
    key_of,
    names_called,
    names_read,
    table_key,
)
from blankett.engine.exchange.dmn_types import (
    STANDARD,
    NamedType,
    NamedTypes,
    kinds_by_use,
    kinds_in_cell,
    kinds_in_result,
    type_of_kinds,
)
from blankett.engine.exchange.dmn_writer import OURS
from blankett.engine.exchange.file_tables import FileTables, RefusedTable
from blankett.engine.exchange.safe_xml import Element, UnsafeMarkupError, read_markup
from blankett.engine.exchange.table_sheet import MOST_ROWS, Origin, Sheet, SheetColumn, SheetRow
from blankett.engine.feel import tree
from blankett.engine.feel.constants import UNKNOWN, constant_of
from blankett.engine.feel.decision_table import HITS, LISTING
from blankett.engine.feel.temporal import temporal_text
from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.fields.base import Fault
from blankett.engine.fields.locale_formats import plain
from blankett.engine.language.loader.translations import title_of_key
from blankett.engine.language.model import KEY, Field, Option, Place, Words
from blankett.engine.language.table_cells import ANY, write_short

#: Functions that make a value of what is written in their brackets.
_OF_MOMENTS: Final = frozenset({"date", "time", "date and time", "duration"})


def cell_text(text: str, field: Field) -> str:
    """Return a cell of the expression language as an author writes it in a column of *field*'s type."""
    return write_short(text, field) if text and text != ANY else ANY


def value_text(text: str, field: Field) -> str:
    """Return a result of the expression language as an author writes it in a column of *field*'s type."""
    if not text or text == ANY:
        return ""
    try:
        expression = feel.parse_expression(text)
    except feel.FeelSyntaxError:
        return f"= {text}"
    # What is worked out stays a formula, also where it always gives the same.
    value = constant_of(expression) if _is_written_out(expression) else UNKNOWN
    found = field.type.cells.constant(value)
    return f"= {text}" if found is None else found


def _is_written_out(expression: tree.Expression) -> bool:
    """Tell whether an expression is a value as such: ``12``, ``-3``, ``"a"``, ``date("2026-01-31")``."""
    if isinstance(expression, tree.Negation):
        return isinstance(expression.operand, tree.Literal)
    if isinstance(expression, tree.Call):
        return isinstance(expression.function, tree.Name) and expression.function.name in _OF_MOMENTS
    return isinstance(expression, (tree.Literal, tree.AtLiteral))


def listed_values(values: str) -> list[str]:
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
    if isinstance(value, (date, time, timedelta)):
        return temporal_text(value)
    return plain(value) if isinstance(value, Decimal) else None


MOST_BYTES: Final = 2_000_000
#: The language of every blueprint, by a part of the addresses and names tools give it.
_FEEL: Final = "feel"
#: What an expression of Camunda's other language begins with.
_JUEL: Final = re.compile(r"\s*[$#]\{")
#: A name that means the same in every language.
_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*\Z")


class _WrongFile(Exception):
    """What is wrong with a file, or one of its tables, as a fault."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.fault = Fault(message, params)


def from_dmn(data: bytes) -> FileTables | Fault:
    """Return the decision tables of a DMN file, or what is wrong with it and in which line.

    Of a file with a single table that cannot be taken in, that is what is wrong with the file.
    """
    try:
        if len(data) > MOST_BYTES:
            raise _WrongFile("exchange.too_large", limit=MOST_BYTES)
        model = read_markup(data)
        if model.name != "definitions":
            raise _WrongFile("exchange.no_decision_table")
        found = _Model(model).tables()
    except (_WrongFile, UnsafeMarkupError) as wrong:
        return wrong.fault
    return found.refused[0].fault if not found.sheets and len(found.refused) == 1 else found


class _Model:
    """The decisions of a file."""

    def __init__(self, model: Element) -> None:
        self.model = model
        self.types = NamedTypes(model)
        self.decisions = list(model.all("decision"))
        self.functions = list(model.all("businessKnowledgeModel"))
        #: {name of a function: the key of its table}
        self.calls: dict[str, str] = {}
        #: {what a reference to it says: an input or a decision}
        self.by_id = {each.get("id") or "": each for each in (*model.all("inputData"), *self.decisions)}

    def tables(self) -> FileTables:
        """Return every decision table, and those that cannot be taken in."""
        pairs = [(each, grid) for each in self.decisions for grid in each.named("decisionTable")]
        pairs += [(each, grid) for each in self.functions for grid in _logic_of(each).named("decisionTable")]
        if not pairs:
            inner = next((each for each in self._others() if next(each.all("decisionTable"), None)), None)
            if inner is not None:
                raise _WrongFile("exchange.table_inside", name=inner.get("name") or "", line=inner.line)
            raise _WrongFile("exchange.no_decision_table")
        refused, held, taken = [], list[HeldTable](), set[str]()
        firsts = [table_key(_name_of(each), f"table_{number}", set()) for number, (each, _grid) in enumerate(pairs, 1)]
        keys = [free_key(first, taken) for first in firsts]
        bodies = [each for each in self.functions if _logic_of(each).named("literalExpression") and parameters_of(each)]
        self.calls = {
            _name_of(each): key for (each, _grid), key in zip(pairs, keys, strict=True) if each in self.functions
        }
        self.calls |= {_name_of(each): table_key(_name_of(each), f"function_{each.line}", taken) for each in bodies}
        for (decision, grid), first, key in zip(pairs, firsts, keys, strict=True):
            reader = _Grid(self, decision, grid, key)
            try:
                sheet = reader.sheet()
            except _WrongFile as wrong:
                refused.append(RefusedTable(key, _name_of(decision), wrong.fault))
                continue
            if key != first:
                twice = Fault("exchange.key_of_twin", {"line": decision.line, "name": _name_of(decision), "key": key})
                sheet = replace(sheet, remarks=(twice, *sheet.remarks))
            held.append(HeldTable(decision, sheet, reader.sources))
        sheets, made_of = self._put_together(held, bodies, taken)
        return FileTables(sheets, tuple(refused), tuple(self._passed_over(made_of)))

    def _put_together(
        self, held: Sequence[HeldTable], bodies: Sequence[Element], taken: set[str]
    ) -> tuple[tuple[Sheet, ...], set[int]]:
        """Return the tables with those that are made of several, and the ids of the elements all of them stand for."""
        parameters = {_name_of(each): tuple(name for name, _type in parameters_of(each)) for each in self.functions}
        parameters = {name: names for name, names in parameters.items() if name in self.calls}
        unheld = {_name_of(each) for each in self.functions}.difference(parameters)
        model = DecisionModel(self.types, held, self.calls, parameters, self.needed_by, taken, unheld)
        asked = model.put_together(self.decisions) if held else {}
        sheets = []
        for table in held:
            remarks = list(table.sheet.remarks)
            answer = asked.get(id(table.element))
            for name, needed in self.needed_by(table.element).items():
                if needed.name == "decision":
                    params = {"line": table.element.line, "table": _name_of(table.element), "name": name}
                    is_asked = answer is not None and not answer.call.startswith(f"{table.sheet.key}(")
                    if is_asked and id(needed) in asked and answer is not None:
                        remarks.append(Fault("exchange.asks_decision", {**params, "call": answer.call}))
                    else:
                        remarks.append(Fault("exchange.needs_decision", params))
            sheets.append(replace(table.sheet, remarks=tuple(remarks)))
        functions = self._bodies_called([*sheets, *model.made], bodies, model)
        found = (*sheets, *model.made, *functions.values())
        return found, {*asked, *functions, *(id(table.element) for table in held)}

    def _bodies_called(
        self, sheets: Sequence[Sheet], bodies: Sequence[Element], model: DecisionModel
    ) -> dict[int, Sheet]:
        """Return {id of a function: its table} of the functions with an expression that tables call, at any remove."""
        found: dict[int, Sheet] = {}
        waiting = list(sheets)
        while waiting:
            sheet = waiting.pop()
            texts = [text for row in sheet.rows for text in row.texts]
            for each in bodies:
                key = self.calls[_name_of(each)]
                if id(each) in found or not any(names_called(text, (key,)) for text in texts):
                    continue
                made = model.add_function(each, key)
                if made is not None:
                    found[id(each)] = made
                    waiting.append(made)
        return found

    def _others(self) -> list[Element]:
        """Return the decisions that are no tables themselves, and the functions."""
        others = [each for each in self.decisions if not each.named("decisionTable")]
        return [*others, *self.functions]

    def _passed_over(self, made_of: Collection[int]) -> Iterator[Fault]:
        """Tell of what is in no table. *made_of*: the ids of what is."""
        for each in self._others():
            if id(each) in made_of or (each.name != "decision" and _logic_of(each).named("decisionTable")):
                continue
            has_table = next(each.all("decisionTable"), None) is not None
            message = "exchange.table_inside" if has_table else "exchange.decision_passed_over"
            yield Fault(message, {"name": each.get("name") or "", "line": each.line})

    def needed_by(self, decision: Element) -> dict[str, Element]:
        """Return {name: the input or decision} that a decision says it looks at."""
        found = {}
        for needs in decision.named("informationRequirement"):
            for reference in (*needs.named("requiredInput"), *needs.named("requiredDecision")):
                each = self.by_id.get((reference.get("href") or "").rpartition("#")[2])
                if each is not None and each.get("name"):
                    found[" ".join((each.get("name") or "").split())] = each
        return found


def _name_of(element: Element) -> str:
    return " ".join((element.get("name") or element.get("id") or "table").split())


def _logic_of(function: Element) -> Element:
    """Return what holds the parameters and the body of a function."""
    return next(iter(function.named("encapsulatedLogic")), function)


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
    #: Our word for the standard's type of it.
    plain_type: str


class _Grid:
    """One decision table of a file."""

    def __init__(self, model: _Model, decision: Element, grid: Element, key: str) -> None:
        self.model = model
        self.decision = decision
        self.grid = grid
        self.key = key
        self.name = decision.get("name") or decision.get("id") or "table"
        self.language = grid.get("expressionLanguage") or model.model.get("expressionLanguage") or ""
        self.remarks: list[Fault] = []
        #: Keys of columns so far.
        self.taken: set[str] = set()
        self.clauses = grid.named("input")
        self.outputs = grid.named("output")
        self.rules = grid.named("rule")
        #: {parameter: reference to its type} of a function; empty for a decision.
        self.parameters = dict(parameters_of(decision))
        #: What each input of the sheet is in the file.
        self.sources: tuple[str, ...] = ()

    def sheet(self) -> Sheet:
        """Return the table, or raise `_Wrong`."""
        self._refuse_incomplete()
        self._refuse_languages()
        keys = [self._input_key(number, clause) for number, clause in enumerate(self.clauses, 1)]
        names = {_inner_text(clause, "inputExpression"): key for clause, key in zip(self.clauses, keys, strict=True)}
        added = self._added_inputs(names)
        names |= added
        self.renames = Renames({name: key for name, key in names.items() if name}, self.model.calls)
        inputs = [self._input(at, clause, keys[at]) for at, clause in enumerate(self.clauses)]
        tested = [column.plain_type for column in inputs]
        inputs += [self._added(path, key, tested) for path, key in added.items()]
        types = {column.sheet.key: column.plain_type for column in inputs}
        outputs = [self._output(at, clause, types) for at, clause in enumerate(self.outputs)]
        rows = tuple(self._row(rule, inputs, outputs) for rule in self.rules)
        self.sources = (*(_inner_text(clause, "inputExpression") for clause in self.clauses), *added)
        inputs, rows = self._in_order_of_parameters(inputs, rows)
        if len(self.grid.named("annotation")) > 1:
            self.remarks.append(Fault("exchange.notes_joined", {"line": self.grid.line}))
        title = self.decision.get("label") or self.name
        return Sheet(
            key=self.key,
            title=title if title not in (self.key, title_of_key(self.key)) else None,
            help=_description(self.decision) or _question(self.decision),
            hit=self._hit(),
            inputs=tuple(column.sheet for column in inputs),
            outputs=tuple(column.sheet for column in outputs),
            rows=rows,
            default=MappingProxyType(self._default(outputs)),
            origin=Origin(line=self.decision.line),
            remarks=tuple(self.remarks),
        )

    def _in_order_of_parameters(
        self, inputs: list[_Column], rows: tuple[SheetRow, ...]
    ) -> tuple[list[_Column], tuple[SheetRow, ...]]:
        """Return columns and rows in the order of a function's parameters, so that it is called as in the file."""
        wanted = list(self.parameters)
        if not wanted:
            return inputs, rows
        if sorted(self.sources) != sorted(wanted):
            self.remarks.append(Fault("exchange.function_inputs", {"line": self.decision.line, "name": self.name}))
            return inputs, rows
        order = [self.sources.index(name) for name in wanted]
        self.sources = tuple(wanted)
        results = len(self.outputs)
        return [inputs[at] for at in order], tuple(
            replace(
                row,
                cells=tuple(row.cells[at] for at in order),
                origins=(*(row.origins[at] for at in order), *row.origins[len(row.origins) - results :]),
            )
            for row in rows
        )

    # What is refused -------------------------------------------------------------------------------------------------

    def _refuse_incomplete(self) -> None:
        if not self.clauses or not self.outputs:
            raise _WrongFile("exchange.no_columns", sheet=self.name)
        if not self.rules:
            raise _WrongFile("exchange.no_rows", sheet=self.name)
        if len(self.rules) > MOST_ROWS:
            raise _WrongFile("exchange.too_many_rows", limit=MOST_ROWS, sheet=self.name)
        for number, rule in enumerate(self.rules, 1):
            cells, results = rule.named("inputEntry"), rule.named("outputEntry")
            if len(cells) != len(self.clauses) or len(results) != len(self.outputs):
                raise _WrongFile("exchange.row_length", sheet=self.name, row=number, line=rule.line)

    def _refuse_languages(self) -> None:
        """Refuse what is written in another language than FEEL, unless it means the same there."""
        for clause in self.clauses:
            for each in clause.named("inputExpression"):
                self._refuse_language(each, lambda text: _PLAIN_NAME.match(text) is not None)
        for rule in self.rules:
            for each in rule.named("inputEntry"):
                self._refuse_language(each, lambda text: text == "-")
            for each in rule.named("outputEntry"):
                self._refuse_language(each, _is_constant)

    def _refuse_language(self, element: Element, is_same: Callable[[str], bool]) -> None:
        text = _entry(element)
        language = element.get("expressionLanguage") or self.language
        if _JUEL.match(text):
            raise _WrongFile("exchange.looks_like_juel", line=element.line, found=text[:60])
        if language and _FEEL not in language.casefold() and text and not is_same(text):
            raise _WrongFile("exchange.other_language", line=element.line, language=language[-60:], found=text[:60])

    def _hit(self) -> str:
        policy = (self.grid.get("hitPolicy") or "UNIQUE").replace("_", " ")
        aggregation = self.grid.get("aggregation") if policy == "COLLECT" else None
        hit = " ".join(word for word in (policy, aggregation) if word).lower()
        hit = "collect" if hit == "collect list" else hit
        if hit not in HITS:
            raise _WrongFile("exchange.bad_hit_policy", line=self.grid.line, found=hit[:60], wanted=", ".join(HITS))
        return hit

    def _default(self, outputs: Sequence[_Column]) -> dict[str, str]:
        written = [_inner_text(each, "defaultOutputEntry") for each in self.outputs]
        pairs = zip(outputs, written, strict=True)
        return {
            column.sheet.key: value_text(self.renames.renamed(text), column.field) for column, text in pairs if text
        }

    # Columns --------------------------------------------------------------------------------------------------------

    def _input_key(self, number: int, clause: Element) -> str:
        written = _inner_text(clause, "inputExpression")
        label = clause.get("label") or ""
        if KEY.match(written):
            key = column_key([written], written, self.taken)
        else:
            key = column_key([label, written], f"input_{number}", self.taken)
        if written and key != written:
            self.remarks.append(Fault("exchange.input_named", {"line": clause.line, "found": written, "name": key}))
        return key

    def _added_inputs(self, names: Mapping[str, str]) -> dict[str, str]:
        """Return {path: column} of what cells read beside the inputs: inputs and decisions that the table needs."""
        known = {" ".join(name.split()) for name in names}
        needed = self.parameters or dict.fromkeys(self.model.needed_by(self.decision), "")
        paths = {path for name, of in needed.items() for path in self.model.types.paths(name, of)}
        entries = [each for rule in self.rules for each in (*rule.named("inputEntry"), *rule.named("outputEntry"))]
        texts = {_entry(each): each.line for each in entries}
        texts |= {_inner_text(each, "defaultOutputEntry"): each.line for each in self.outputs}
        found: dict[str, str] = {}
        for text, line in texts.items():
            for path in names_read(text, paths | known):
                if path in known or path in found:
                    continue
                found[path] = column_key([path], f"input_{len(names) + len(found) + 1}", self.taken)
                params = {"line": line, "found": path, "name": found[path]}
                if path not in self.parameters:
                    self.remarks.append(Fault("exchange.input_added", params))
        for name in self.parameters:
            if name not in known and not any(path.partition(".")[0] == name for path in (*known, *found)):
                found[name] = column_key([name], f"input_{len(names) + len(found) + 1}", self.taken)
        return found

    def _added(self, path: str, key: str, tested: Sequence[str]) -> _Column:
        """Return the column of what cells read beside the inputs; *tested*: the types of those."""
        named = self.model.types.find(self._reference(path))
        clause = Element("input", {"label": path.rpartition(".")[2]}, self.grid.line)

        def kinds() -> set[str]:
            found: set[str] = set()
            for rule in self.rules:
                for entry, type_ in zip(rule.named("inputEntry"), tested, strict=True):
                    found |= kinds_by_use(self.renames.renamed(_entry(entry)), key, type_)
                for entry in rule.named("outputEntry"):
                    found |= kinds_by_use(self.renames.renamed(_entry(entry)), key, None)
            return found

        return self._column(clause, key, named, kinds)

    def _input(self, at: int, clause: Element, key: str) -> _Column:
        expression = next(iter(clause.named("inputExpression")), None)
        written = _inner_text(clause, "inputExpression")
        reference = (expression.get("typeRef") if expression is not None else None) or ""
        values = _inner_text(clause, "inputValues")
        named = self.model.types.find(reference or self._reference(written), values)

        def kinds() -> set[str]:
            texts = [*(_entry(rule.named("inputEntry")[at]) for rule in self.rules), values]
            return {kind for text in texts for kind in kinds_in_cell(self.renames.renamed(text))}

        return self._column(clause, key, named, kinds)

    def _reference(self, path: str) -> str:
        """Return the reference to the type of an input, a decision or a parameter, or of a part of one."""
        plain = " ".join(path.split())
        name = plain.partition(".")[0].strip()
        if name in self.parameters:
            return self.model.types.paths(name, self.parameters[name]).get(plain, "")
        return self.model.types.find_path(path)

    def _output(self, at: int, clause: Element, inputs: Mapping[str, str]) -> _Column:
        name = clause.get("name") or clause.get("label") or self.name
        names = [clause.get("name") or "", clause.get("label") or "", self.name]
        key = column_key(names, f"output_{at + 1}", self.taken)
        if clause.get("name") and key != key_of(name):
            self.remarks.append(Fault("exchange.output_named", {"line": clause.line, "found": name, "name": key}))
        reference = clause.get("typeRef") or ""
        if not reference and len(self.outputs) == 1:
            reference = self.model.types.variables.get(" ".join(self.name.split()), "")
        values = _inner_text(clause, "outputValues")
        # What a table gives as a list has the type of its items, whichever of both the file names.
        named = self.model.types.find(reference, values, of_items=self._hit() in LISTING)

        def kinds() -> set[str]:
            texts = [*(_entry(rule.named("outputEntry")[at]) for rule in self.rules)]
            texts.append(_inner_text(clause, "defaultOutputEntry"))
            written = [self.renames.renamed(text) for text in texts if text not in ("", "-", "null")]
            return {kind for text in written for kind in kinds_in_result(text, inputs)}

        return self._column(clause, key, named, kinds)

    def _column(self, clause: Element, key: str, named: NamedType, kinds: Callable[[], set[str]]) -> _Column:
        plain_type = self._plain_type(clause, key, named, kinds)
        type_ = _own(clause, "type") or plain_type
        listed = listed_values(named.values)
        is_listed = bool(listed) and (_own(clause, "type") is None or _own(clause, "listed") is not None)
        field = _field(key, _own(clause, "kind"), plain_type, listed)
        is_input = clause.name == "input"
        is_bound = named.values and not listed and is_input and type_ in BOUNDED_TYPES
        if named.values and not is_bound and not listed and type_ != "yes_no":
            params = {"line": clause.line, "name": key, "found": named.values[:60]}
            self.remarks.append(Fault("exchange.values_left", params))
        label = clause.get("label") or clause.get("name") or ""
        written = _inner_text(clause, "inputExpression")
        if not label and not KEY.match(written):
            label = written
        shown = label if label and label not in (key, title_of_key(key)) and "." not in type_ else None
        decimals, currency = _own(clause, "decimals") or "", _own(clause, "currency") or ""
        column = SheetColumn(
            key=key,
            type=type_,
            title=shown,
            help=(_description(clause) or None) if "." not in type_ else None,
            listed=tuple(listed) if is_listed else (),
            values=cell_text(named.values, field) if is_bound else None,
            decimals=decimals if re.fullmatch("[0-9]", decimals) else None,
            currency=currency if re.fullmatch("[A-Z]{3}", currency) else None,
            origin=Origin(line=clause.line),
            is_typed=_own(clause, "type") is not None,
        )
        return _Column(column, field, plain_type)

    def _plain_type(self, clause: Element, key: str, named: NamedType, kinds: Callable[[], set[str]]) -> str:
        """Return our type of a column: as the file says, else as its cells have it, else text.

        *kinds* looks at the cells, which takes its time in a large table.
        """
        if named.refused is not None:
            raise _WrongFile(named.refused, line=clause.line, name=key, found=named.name[-60:])
        if named.type is not None:
            return self._meant_type(clause, key, named.type, kinds)
        found = type_of_kinds(kinds(), key, clause.line)
        if isinstance(found, Fault):
            raise _WrongFile(found.message, **found.params)
        found = found or "text"
        if _own(clause, "type") is None:
            message = "exchange.type_unknown" if named.is_unknown else "exchange.type_guessed"
            params = {"line": clause.line, "name": key, "type": STANDARD[found]}
            self.remarks.append(Fault(message, {**params, "found": named.name[-60:]} if named.is_unknown else params))
        return found

    def _meant_type(self, clause: Element, key: str, type_: str, kinds: Callable[[], set[str]]) -> str:
        """Return the type a file says, or that of the cells where they are all of another: texts are what tools put."""
        if type_ != "text" or _own(clause, "type") is not None:
            return type_
        held = kinds()
        found = next(iter(held), type_)
        if len(held) != 1 or found not in STANDARD or found == type_:
            return type_
        params = {"line": clause.line, "name": key, "type": STANDARD[found]}
        self.remarks.append(Fault("exchange.type_other", params))
        return found

    # Rows -----------------------------------------------------------------------------------------------------------

    def _row(self, rule: Element, inputs: Sequence[_Column], outputs: Sequence[_Column]) -> SheetRow:
        cells, results = rule.named("inputEntry"), rule.named("outputEntry")
        notes = [text for text in (*map(_entry, rule.named("annotationEntry")), _description(rule)) if text]
        key = _own(rule, "key") or ""
        texts = [self.renames.renamed(_entry(each)) for each in cells] + [""] * (len(inputs) - len(cells))
        places = [Origin(line=each.line) for each in cells] + [Origin(line=rule.line)] * (len(inputs) - len(cells))
        return SheetRow(
            cells=tuple(cell_text(text, column.field) for text, column in zip(texts, inputs, strict=True)),
            results=tuple(self._result(each, column) for each, column in zip(results, outputs, strict=True)),
            key=key if KEY.match(key) else None,
            note="\n".join(notes) or None,
            origin=Origin(line=rule.line),
            origins=(*places, *(Origin(line=each.line) for each in results)),
        )

    def _result(self, entry: Element, column: _Column) -> str:
        """Return a result; one that nobody filled in is null, as the standard has it."""
        return value_text(self.renames.renamed(_entry(entry)), column.field) or "= null"


def _question(decision: Element) -> str | None:
    return next((text for each in decision.named("question") if (text := each.text.strip())), None)


def _is_constant(text: str) -> bool:
    """Tell whether a text is a constant, written as in any language: ``12``, ``"a"``, ``true``."""
    try:
        return isinstance(feel.parse_expression(text), feel.tree.Literal)
    except feel.FeelSyntaxError:
        return False


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
