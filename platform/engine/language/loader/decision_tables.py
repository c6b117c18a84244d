"""Decision tables: first their inputs and outputs, so that formulas can call tables; then their rows, checked against
these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from blankett.engine import feel
from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.feel.constants import TIMELY
from blankett.engine.feel.decision_table import HITS, LISTING, RANKING
from blankett.engine.feel.types import not_null, or_null
from blankett.engine.fields import FIELD_TYPES, TYPES_BY_NAME, suggested_type
from blankett.engine.fields.base import Fault, TextReading, Value
from blankett.engine.fields.cells import quoted
from blankett.engine.fields.locale_formats import currencies
from blankett.engine.language.grammar.decision_logic import ROW_KEYS
from blankett.engine.language.loader.formulas import read_setting, tell_fault, tell_finding, tell_slips, tell_syntax
from blankett.engine.language.loader.partial_blueprint import ColumnHead, FormDraft, Item, PartialBlueprint, TableHead
from blankett.engine.language.loader.suspicious_cells import slips_in, slips_in_result
from blankett.engine.language.loader.translations import read_text, read_title, title_of_key
from blankett.engine.language.model import (
    Field,
    Form,
    Formula,
    Option,
    Place,
    Setting,
    Table,
    TableCell,
    TableInput,
    TableOutput,
    TableResult,
    TableRow,
    Words,
)
from blankett.engine.language.problems import in_words, suggest
from blankett.engine.language.source import List, Map, RefusedTree, Scalar, Tree
from blankett.engine.language.table_cells import ANY, Spelled, spell_out, unsigned, written_value

# Inputs and outputs, known before any formula is read -----------------------------------------------------------------


#: The types a column names by one word, beside those of fields.
COLUMN_TYPES = (*(type_.name for type_ in FIELD_TYPES if type_.is_column), "role")
#: Stands for a type that is not known, so that the column still has a name.
ANY_TYPE = TYPES_BY_NAME["text"]
CHOICE = TYPES_BY_NAME["choice"]


def declare_tables(draft: PartialBlueprint) -> None:
    """Make every table known with its inputs and outputs as a function."""
    tables = draft.tree.map("tables")
    for key, entry in tables.entries.items():
        if key in BUILTINS:
            draft.report.add("reserved_key", entry.key.place, key=key)
            continue
        if not isinstance(entry.value, Map):
            draft.functions[key] = feel.FunctionType()
            continue
        head = _read_head(draft, key, entry.value)
        draft.tables[key] = head
        draft.functions[key] = feel.FunctionType() if head.is_broken else function_type(head)


def function_type(head: TableHead) -> feel.FunctionType:
    """Return a table as a function: any input may be null, but none may be left out.

    What no row matches is told of the table; so it counts as having an answer for every input that is there.
    """
    params = {name: not_null(column.type) for name, column in head.inputs.items()}
    return feel.FunctionType(params, _result_type(head), needs_values=not _has_default(head))


def _result_type(head: TableHead) -> feel.Type:
    if head.hit == "collect count":
        return feel.Number()
    types = {name: column.type for name, column in head.outputs.items()}
    item = next(iter(types.values())) if len(types) == 1 else feel.Context(types)
    if head.hit in LISTING:
        return feel.ListOf(item)
    return item


def _has_default(head: TableHead) -> bool:
    """Tell whether a table gives every output something where no row hits, or a list or a count in any case."""
    default = head.tree.get("default")
    is_whole = isinstance(default, Map) and default.entries.keys() >= head.outputs.keys()
    return isinstance(default, Scalar) or is_whole or head.hit == "collect count" or head.hit in LISTING


def _read_head(draft: PartialBlueprint, key: str, tree: Map) -> TableHead:
    word = tree.text("hit")
    head = TableHead(key, tree, next((hit for hit in HITS if hit == word), "unique"))
    for part, columns in (("in", head.inputs), ("out", head.outputs)):
        entries = tree.map(part).entries
        for name, entry in entries.items():
            column = _read_column(draft, ("tables", key, part, name), entry.key, entry.value)
            if column is None:
                head.is_broken = True
            elif name in head.inputs or name in ROW_KEYS:
                draft.report.add("column_twice", entry.key.place, name=name)
                head.is_broken = True
            else:
                columns[name] = column
        head.is_broken = head.is_broken or not entries
    for name, column in head.outputs.items():
        head.outputs[name] = replace(column, type=or_null(column.type, _may_be_null(head, name)))
    if not head.is_broken:
        _check_hit(draft, head)
    return head


def _may_be_null(head: TableHead, output: str) -> bool:
    """Tell whether an output may be null: where a row, or the default, gives a formula for it."""
    at = len(head.inputs) + list(head.outputs).index(output)
    default = head.tree.get("default")
    given = default.scalar(output) if isinstance(default, Map) else default
    written = [_result_in(row, at, output) for row in row_trees(head.tree.get("rows"))]
    return any(isinstance(each, Scalar) and each.text.startswith("=") for each in (*written, given))


def _result_in(row: Tree, at: int, output: str) -> Tree | None:
    if isinstance(row, List):
        return row.items[at] if at < len(row.items) else None
    return row.get(output) if isinstance(row, Map) else None


def row_trees(rows: Tree | None) -> Iterable[Tree]:
    """Return the rows as they are written, without their keys."""
    if isinstance(rows, List):
        return rows.items
    return [entry.value for entry in rows.entries.values()] if isinstance(rows, Map) else ()


def _check_hit(draft: PartialBlueprint, head: TableHead) -> None:
    """Tell where the outputs do not suit what is done with several hits."""
    place = head.tree.key_place("hit")
    if head.hit in RANKING and not any(column.ranking for column in head.outputs.values()):
        wanted = "an output with 'values' in the order of importance"
        draft.report.add("hit_needs", place, hit=head.hit, wanted=wanted)
    wanted_types = {"collect sum": (feel.Number,), "collect min": _ORDERED, "collect max": _ORDERED}.get(head.hit)
    if wanted_types and not all(isinstance(column.type, wanted_types) for column in head.outputs.values()):
        draft.report.add("hit_needs", place, hit=head.hit, wanted=f"an output that is {_WANTED[head.hit]}")
    elif wanted_types and len(head.outputs) > 1:
        draft.report.add("hit_needs", place, hit=head.hit, wanted="a single output")


_ORDERED = (feel.Number, feel.Date, feel.Time, feel.DateTime, feel.DaysTimeDuration, feel.Any)
_WANTED = {"collect sum": "a number", "collect min": "a number or a date", "collect max": "a number or a date"}


# Columns ------------------------------------------------------------------------------------------------------------


def _read_column(draft: PartialBlueprint, item: Item, key: Scalar, tree: Tree) -> ColumnHead | None:
    """Return a column, written as its type alone or as a map; None where it cannot be told."""
    body = tree if isinstance(tree, Map) else Map({}, key.place)
    scalar = tree if isinstance(tree, Scalar) else body.scalar("type")
    if scalar is None or isinstance(tree, RefusedTree):
        return None
    source = None
    if "." in scalar.text:
        source = _find_field(draft, scalar)
        found = _lent_field(draft, scalar, source) if source is not None else None
    else:
        found = _plain_field(draft, scalar, body, key)
    if found is None:
        return None
    title = None if "." in scalar.text and body.get("title") is None else _title(draft, body, item, key.place)
    named = replace(found, key=item[-1], title=title or found.title, place=key.place)
    if body.get("help") is not None:
        named = replace(named, help=read_text(draft.translations, body, item, "help"))
    named, ranking = _with_values(draft, named, body, item)
    is_any = source is not None and source[1] in source[0].broken
    type_ = feel.Any() if is_any else column_type(named)
    return ColumnHead(named, scalar.text, type_, key.place, ranking, _listed_texts(body), source)


def _listed_texts(body: Map) -> tuple[str, ...]:
    values = body.get("values")
    if isinstance(values, Map):
        return tuple(values.entries)
    return tuple(scalar.text for scalar in body.scalars("values")) if isinstance(values, List) else ()


def _title(draft: PartialBlueprint, body: Map, item: Item, place: Place) -> Words:
    if body.get("title") is not None:
        return read_title(draft.translations, body, item, place)
    return draft.translations.words(title_of_key(item[-1]), item, "title", place=place)


def column_type(of: Field) -> feel.Type:
    """Return the static type of a column's values. An amount whose currency is a field's is a number here."""
    found = of.type.feel_type(of)
    return feel.Number(of.currency) if of.type.has_currency and isinstance(of.currency, str) else found


def _plain_field(draft: PartialBlueprint, scalar: Scalar, body: Map, key: Scalar) -> Field | None:
    """Return a field of a type that is a word."""
    if scalar.text not in COLUMN_TYPES:
        known = {f"{form.key}.{name}": name for form in draft.forms.values() for name in form.fields}
        same = next((full for full, name in known.items() if name == scalar.text), None)
        foreign = suggested_type(scalar.text)
        meant = same or (foreign if foreign in COLUMN_TYPES else suggest(scalar.text, [*COLUMN_TYPES, *known]))
        types = in_words(COLUMN_TYPES)
        draft.report.add("column_type", scalar.place, suggestion=meant, name=scalar.text[:60], types=types)
        return None
    options: dict[str, object] = {}
    if scalar.text == "role":
        options["options"] = MappingProxyType({name: Option(name, role.title) for name, role in draft.roles.items()})
    decimals = body.scalar("decimals")
    if decimals is not None:
        options["decimals"] = int(decimals.text)
    return Field(
        key=key.text,
        type=TYPES_BY_NAME.get(scalar.text, CHOICE),
        title=Words({}),
        help=None,
        place=key.place,
        options=MappingProxyType(options),
        currency=_read_currency(draft, body),
    )


def _read_currency(draft: PartialBlueprint, body: Map) -> str | None:
    scalar = body.scalar("currency")
    if scalar is None or scalar.text in currencies():
        return scalar.text if scalar else None
    draft.unknown("unknown_currency", scalar, ())
    return None


def _find_field(draft: PartialBlueprint, scalar: Scalar) -> tuple[FormDraft, Item] | None:
    """Return the form and the path that `form.field`, `form.table.column` or `blueprint.form.field` names."""
    steps = tuple(scalar.text.split("."))
    own = draft.forms.get(steps[0])
    is_ours = len(steps) == 2 or own is not None
    if own is not None and len(steps) > 2 and own.find(steps[1:3]) is None:
        # A blueprint may be called like a form of this one: then the field tells which is meant.
        is_ours = draft.find_form(".".join(steps[:2])) is None
    name = steps[0] if is_ours else ".".join(steps[:2])
    path = steps[1:] if is_ours else steps[2:]
    form = draft.find_form(name)
    if form is None:
        if is_ours or draft.foreign is not None:
            meant = suggest(name, draft.forms)
            draft.report.add("unknown_form", scalar.place, suggestion=meant, name=name[:60])
        return None
    if path not in form.broken and (not 1 <= len(path) <= 2 or form.find(path) is None):
        known = [*form.fields, *(f"{key}.{column}" for key, each in form.fields.items() for column in each.columns)]
        draft.report.add(
            "unknown_field", scalar.place, suggestion=suggest(".".join(path), known), name=".".join(path), form=name
        )
        return None
    return form, path


def _lent_field(draft: PartialBlueprint, scalar: Scalar, source: tuple[FormDraft, Item]) -> Field | None:
    """Return the field of a form as a column has it: what it holds, without what it does there."""
    form, path = source
    found = form.find(path)
    if found is None:
        return Field(path[-1], ANY_TYPE, Words({}), None, scalar.place)
    if not found.type.is_cell:
        draft.report.add(
            "wrong_field", scalar.place, name=scalar.text, wanted=f"a field with one value, not {found.type.name}"
        )
        return None
    return Field(
        key=found.key,
        type=found.type,
        title=found.title,
        help=found.help,
        place=found.place,
        options=found.options,
        currency=found.currency if isinstance(found.currency, str) else None,
        unit=found.unit,
        pattern_message=found.pattern_message,
    )


# Values -------------------------------------------------------------------------------------------------------------


def _with_values(draft: PartialBlueprint, of: Field, body: Map, item: Item) -> tuple[Field, tuple[Value, ...]]:
    """Return a column's field with the values listed for it, and those in the order of importance."""
    tree = body.get("values")
    is_choice = bool(of.option_titles())
    if tree is None or isinstance(tree, RefusedTree):
        # A choice lists its values itself; the roles of a blueprint are in no order.
        return of, tuple(of.option_titles()) if is_choice and body.text("type") != "role" else ()
    if isinstance(tree, Scalar):
        if item[-2] == "out":
            expected, given = "a list or a map", "a cell"
            draft.report.add("wrong_shape", tree.place, what="'values'", expected=expected, given=given, instead="")
        return of, ()
    if not is_choice and isinstance(of.type.feel_type(of), feel.Text):
        options = {option.key: option for option in _new_options(draft, tree, (*item, "values"))}
        return _with_options(of, options), tuple(options)
    if isinstance(tree, Map):
        draft.report.add("wrong_shape", tree.place, what="'values'", expected="a list", given="a map", instead="")
        return of, ()
    values = tuple(value for scalar in body.scalars("values") for value in _read_value(draft, of, scalar))
    if not is_choice:
        return of, values
    return _with_options(of, {str(value): of.option_titles()[str(value)] for value in values}), values


def _with_options(of: Field, options: Mapping[str, Option]) -> Field:
    return replace(of, type=CHOICE, options=MappingProxyType({"options": MappingProxyType(dict(options))}))


def _new_options(draft: PartialBlueprint, tree: List | Map, item: Item) -> Iterator[Option]:
    """Yield the values of a text: keys with titles, or words that are their own."""
    scalars = [entry.key for entry in tree.entries.values()] if isinstance(tree, Map) else list(tree.items)
    seen: set[str] = set()
    for scalar in scalars:
        if not isinstance(scalar, Scalar):
            continue
        if scalar.text in seen or not scalar.text:
            draft.report.add("duplicate_option", scalar.place, key=scalar.text)
            continue
        seen.add(scalar.text)
        title = tree.scalar(scalar.text) if isinstance(tree, Map) else None
        text = title.text if title else title_of_key(scalar.text)
        place = title.place if title else scalar.place if scalar.text.islower() else None
        yield Option(scalar.text, draft.translations.words(text, (*item, scalar.text), place=place))


def _read_value(draft: PartialBlueprint, of: Field, scalar: Scalar) -> Iterator[Value]:
    value = of.type.read_api(
        scalar.text, of, TextReading(currency=of.currency if isinstance(of.currency, str) else None)
    )
    if isinstance(value, Fault):
        tell_fault(draft, scalar, of, value)
    elif of.type.points_to:
        draft.report.add("value_needs_formula", scalar.place, what=f"a {of.type.name}", text=scalar.text[:60])
    else:
        yield value


# Rows: cells and results ----------------------------------------------------------------------------------------------


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


# Columns with their bounds ------------------------------------------------------------------------------------------


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
