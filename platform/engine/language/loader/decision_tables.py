"""The rows of decision tables: cells and results, read and checked against their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from blankett.engine import feel
from blankett.engine.feel.constants import TIMELY
from blankett.engine.feel.types import or_null
from blankett.engine.fields.cells import quoted
from blankett.engine.language.cells import ANY, Spelled, spell_out, unsigned, written_value
from blankett.engine.language.grammar.tables import ROW_KEYS
from blankett.engine.language.loader.formulas import read_setting, tell_finding, tell_slips, tell_syntax
from blankett.engine.language.loader.partial_blueprint import ColumnHead, PartialBlueprint, TableHead
from blankett.engine.language.loader.suspicious_cells import slips_in, slips_in_result
from blankett.engine.language.loader.translations import read_text, read_title
from blankett.engine.language.model import (
    Field,
    Form,
    Formula,
    Place,
    Setting,
    Table,
    TableCell,
    TableInput,
    TableOutput,
    TableResult,
    TableRow,
)
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import List, Map, Scalar, Tree


def read_tables(draft: PartialBlueprint, forms: Mapping[str, Form]) -> dict[str, Table]:
    """Return the tables whose columns are sound, with their rows. *forms* have the bounds of their fields."""
    found = {key: _read_table(draft, head, forms) for key, head in draft.tables.items() if not head.is_broken}
    _tell_cycles(draft, found)
    draft.made_tables.update(found)
    return found


def _read_table(draft: PartialBlueprint, head: TableHead, forms: Mapping[str, Form]) -> Table:
    tree, item = head.tree, ("tables", head.key)
    place = draft.tree.map("tables").key_place(head.key)
    names = {name: or_null(column.type) for name, column in head.inputs.items()}
    scope = draft.scope(names)
    reader = _RowReader(
        draft,
        scope,
        {name: _input(draft, column, scope, head, forms) for name, column in head.inputs.items()},
        {name: _output(column, forms) for name, column in head.outputs.items()},
    )
    return Table(
        blueprint=draft.key,
        key=head.key,
        title=read_title(draft.translations, tree, item, place),
        help=read_text(draft.translations, tree, item, "help"),
        hit=head.hit,
        inputs=MappingProxyType(reader.inputs),
        outputs=MappingProxyType(reader.outputs),
        rows=tuple(reader.rows(tree.get("rows"))),
        default=MappingProxyType(reader.default(tree.get("default"))),
        scope=scope,
        place=place,
        was=tree.text("was"),
    )


# Columns ------------------------------------------------------------------------------------------------------------


def _finished(column: ColumnHead, forms: Mapping[str, Form]) -> Field:
    """Return a column's field with the bounds its form's field has by now."""
    if column.source is None:
        return column.field
    form, path = column.source
    lender = form.foreign.find(path) if form.foreign else forms[form.key].find(path)
    bounds = {} if lender is None else {key: lender.options[key] for key in ("min", "max") if key in lender.options}
    return replace(column.field, options=MappingProxyType({**column.field.options, **bounds}))


def _input(
    draft: PartialBlueprint, column: ColumnHead, scope: feel.Scope, head: TableHead, forms: Mapping[str, Form]
) -> TableInput:
    field = _finished(column, forms)
    body = head.tree.map("in").map(field.key)
    scalar = body.scalar("values")
    made = TableInput(field, column.written, column.type, column.place, listed=column.listed)
    values = read_cell(draft, scalar, made, scope).formula if scalar is not None else None
    if column.ranking and not field.option_titles():
        values = _listed_values(made, column, scope)
    may_be_empty = column.source is not None and column.source[0].type_at(column.source[1]).nullable
    return replace(made, values=values, may_be_empty=may_be_empty)


def _listed_values(made: TableInput, column: ColumnHead, scope: feel.Scope) -> Formula:
    text = ", ".join(map(written_value, column.ranking))
    inner = scope.child({"?": made.type})
    expression = feel.parse_unary_tests(text)
    return Formula(text, column.place, feel.check(expression, inner), expression, inner)


def _output(column: ColumnHead, forms: Mapping[str, Form]) -> TableOutput:
    field = _finished(column, forms)
    return TableOutput(field, column.written, column.type, column.place, column.ranking, listed=column.listed)


# Cells --------------------------------------------------------------------------------------------------------------


def read_cell(draft: PartialBlueprint, scalar: Scalar, column: TableInput, scope: feel.Scope) -> TableCell:
    """Return a cell of an input; it has no formula where it cannot be read. *scope*: what the table sees."""
    spelled = spell_out(scalar.text, column.field)
    try:
        expression = feel.parse_unary_tests(spelled.text)
    except feel.FeelSyntaxError as error:
        error.start, error.end = spelled.origin(error.start), spelled.origin(error.end)
        tell_syntax(draft, scalar, error, 0)
        return TableCell(column.key, scalar.text, None, scalar.place)
    inner = scope.child({"?": column.type})
    checked = feel.check(expression, inner, text=spelled.text)
    for finding in checked.findings:
        if finding.code != "feel.may_be_null":
            start, end = spelled.origin(finding.start), spelled.origin(finding.end)
            _tell_cell(draft, scalar, column.field, replace(finding, start=start, end=end), inner)
    _tell_timely(draft, scalar, checked)
    if column.field.type.cells.needs_sign:
        _tell_unsigned(draft, scalar, spelled, expression)
    if column.field.type.is_number:
        decimals = column.field.options.get("decimals")
        found = slips_in(
            expression,
            spelled.text,
            is_money=column.field.type.has_currency,
            decimals=decimals if isinstance(decimals, int) else None,
        )
        tell_slips(draft, scalar, found, spelled.origin)
    formula = Formula(spelled.text, scalar.place, checked, expression, inner)
    return TableCell(column.key, scalar.text, formula, scalar.place)


def _tell_unsigned(draft: PartialBlueprint, scalar: Scalar, spelled: Spelled, expression: feel.tree.UnaryTests) -> None:
    """Tell of numbers without a sign in a cell of percentages: versions published before have them as fractions."""
    with draft.report.sparing():
        for part in unsigned(spelled, expression):
            place = draft.source.place_in(scalar, spelled.origin(part.start), spelled.origin(part.end))
            share = f"{(part.value * 100).normalize():f}" if isinstance(part.value, Decimal) else ""
            draft.report.add("percent_without_sign", place, text=spelled.text[part.start : part.end], share=share)


def _tell_cell(draft: PartialBlueprint, scalar: Scalar, field: Field, finding: feel.Finding, scope: feel.Scope) -> None:
    """Tell of a finding in a cell; a word that is no name was meant as a value."""
    name = str(finding.params.get("name"))
    options = field.option_titles()
    if finding.code == "feel.moment_without_zone":
        text = scalar.text[finding.start : finding.end]
        if text[:1].isdigit():  # as moments are written in cells, without marks
            finding = replace(finding, params={"text": text, "instead": f"{text}Z or {text}@Europe/Oslo"})
    if finding.code != "feel.unknown_name" or not (options or isinstance(field.type.feel_type(field), feel.Text)):
        tell_finding(draft, scalar, finding, scope, 0)
        return
    place = draft.source.place_in(scalar, finding.start, finding.end)
    if options:
        message = f"{name!r} is not one of the options ({', '.join(options)})"
        draft.report.add("formula_option", place, suggestion=suggest(name, options), message=message)
    else:
        meant = None if finding.params.get("instead") else quoted(name)
        draft.report.add("unknown_name", place, suggestion=meant, message=finding.message)


def _tell_timely(draft: PartialBlueprint, scalar: Scalar, checked: feel.CheckedFormula) -> None:
    """Tell that a table asks for what changes by itself: then it would not give the same for the same inputs."""
    for name in sorted(checked.calls & TIMELY):
        draft.report.add("table_not_pure", scalar.place, name=name)


# Rows ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _RowReader:
    """Reads the rows of one table."""

    draft: PartialBlueprint
    scope: feel.Scope
    inputs: dict[str, TableInput]
    outputs: dict[str, TableOutput]
    #: {column: {text of a cell: what was read of it, without a problem}}
    known: dict[str, dict[str, Formula]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Return the names of all columns, inputs first."""
        return [*self.inputs, *self.outputs]

    def rows(self, tree: Tree | None) -> Iterator[TableRow]:
        """Yield the rows in the author's order, written as a list or by key."""
        if isinstance(tree, List):
            written = [(str(number), row, row.place) for number, row in enumerate(tree.items, 1)]
        elif isinstance(tree, Map):
            written = [(key, entry.value, entry.key.place) for key, entry in tree.entries.items()]
        else:
            return
        for number, (key, row, place) in enumerate(written, 1):
            cells = self._by_column(row, place)
            if cells is not None:
                head = TableRow(key, number, self._cells(cells, place), self._results(cells, place), place)
                yield replace(head, note=_text_of(row, "note"), was=_text_of(row, "was"))

    def _by_column(self, row: Tree, place: Place) -> dict[str, Tree] | None:
        """Return what is written in a row, by column; None where that cannot be told."""
        if isinstance(row, List):
            if len(row.items) == len(self.columns):
                return dict(zip(self.columns, row.items, strict=True))
            names = ", ".join(self.columns)
            self.draft.report.add("row_cells", place, given=len(row.items), wanted=len(self.columns), names=names)
            return None
        if not isinstance(row, Map):
            return None
        known = [*self.columns, *ROW_KEYS]
        for name, entry in row.entries.items():
            if name not in known:
                meant = suggest(name, [each for each in known if each not in row.entries])
                self.draft.report.add("unknown_table_column", entry.key.place, suggestion=meant, name=name[:60])
        for name in self.outputs:
            if name not in row.entries:
                self.draft.report.add("missing_result", place, name=name)
        return {name: entry.value for name, entry in row.entries.items() if name in self.columns}

    def _cells(self, cells: Mapping[str, Tree], place: Place) -> tuple[TableCell, ...]:
        return tuple(self._cell(cells.get(name), column, place) for name, column in self.inputs.items())

    def _cell(self, tree: Tree | None, column: TableInput, place: Place) -> TableCell:
        if tree is None:
            tree = Scalar(ANY, "plain", place)
        if not isinstance(tree, Scalar):
            return TableCell(column.key, "", None, tree.place)
        known = self.known.setdefault(column.key, {})
        if tree.text in known:
            return TableCell(column.key, tree.text, replace(known[tree.text], place=tree.place), tree.place)
        if not self.draft.takes_cell(tree.text, tree.place):
            return TableCell(column.key, tree.text, None, tree.place)
        told = self.draft.report.count
        cell = read_cell(self.draft, tree, column, self.scope)
        if cell.formula is not None and self.draft.report.count == told:
            known[tree.text] = cell.formula
        return cell

    def _results(self, cells: Mapping[str, Tree], place: Place) -> tuple[TableResult, ...]:
        return tuple(self._result(cells.get(name), column, place) for name, column in self.outputs.items())

    def _result(self, tree: Tree | None, column: TableOutput, place: Place) -> TableResult:
        if not isinstance(tree, Scalar):
            return TableResult(column.key, "", None, tree.place if tree is not None else place)
        return TableResult(column.key, tree.text, self._setting(tree, column), tree.place)

    def _setting(self, scalar: Scalar, column: TableOutput) -> Setting | None:
        if not scalar.text.strip():
            self.draft.report.add("missing_result", scalar.place, name=column.key)
            return None
        setting = read_setting(self.draft, scalar, column.field, self.scope)
        if setting is None:
            return None
        if setting.formula is None and column.field.type.is_number:
            decimals = column.field.options.get("decimals")
            slips = slips_in_result(scalar.text.strip(), decimals if isinstance(decimals, int) else None)
            tell_slips(self.draft, scalar, slips, lambda at: at)
        if setting.formula is not None:
            _tell_timely(self.draft, scalar, setting.formula.checked)
        elif column.ranking and setting.constant not in column.ranking and not column.field.option_titles():
            self.draft.report.add("bad_value", scalar.place, text=scalar.text[:60], reason="is none of the values")
        return setting

    def default(self, tree: Tree | None) -> dict[str, Setting]:
        """Return what outputs are when no row hits."""
        if isinstance(tree, Scalar) and len(self.outputs) == 1:
            return self._defaults(dict.fromkeys(self.outputs, tree))
        if isinstance(tree, Scalar):
            expected = f"a map of {', '.join(self.outputs)}"
            given = repr(tree.text[:40])
            self.draft.report.add(
                "wrong_shape", tree.place, what="'default'", expected=expected, given=given, instead=""
            )
        if not isinstance(tree, Map):
            return {}
        for name, entry in tree.entries.items():
            if name not in self.outputs:
                meant = suggest(name, self.outputs)
                self.draft.report.add("unknown_table_column", entry.key.place, suggestion=meant, name=name[:60])
        return self._defaults({name: found for name in self.outputs if (found := tree.scalar(name)) is not None})

    def _defaults(self, scalars: Mapping[str, Scalar]) -> dict[str, Setting]:
        found = {name: self._setting(scalar, self.outputs[name]) for name, scalar in scalars.items()}
        return {name: setting for name, setting in found.items() if setting is not None}


def _text_of(row: Tree, key: str) -> str | None:
    return row.text(key) if isinstance(row, Map) else None


# Tables that call tables --------------------------------------------------------------------------------------------


def _tell_cycles(draft: PartialBlueprint, tables: Mapping[str, Table]) -> None:
    """Tell of tables that need each other, once for each circle."""
    calls = {
        key: {name for formula in table.formulas() for name in formula.checked.calls if name in tables}
        for key, table in tables.items()
    }
    told: set[str] = set()
    for key in tables:
        trail = _way_back(key, calls)
        if trail and not told.intersection(trail):
            told.update(trail)
            draft.report.add("table_cycle", tables[key].place, names=" → ".join([*trail, key]))


def _way_back(start: str, calls: Mapping[str, set[str]]) -> list[str]:
    """Return the tables on the shortest way from *start* back to it; empty where there is none."""
    trails = [[start]]
    seen: set[str] = set()
    while trails:
        trail = trails.pop(0)
        for name in sorted(calls[trail[-1]]):
            if name == start:
                return trail
            if name not in seen:
                seen.add(name)
                trails.append([*trail, name])
    return []
