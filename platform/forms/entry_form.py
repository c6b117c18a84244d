"""An entry form as a page draws it: sections of controls, grids of lines, what is worked out, what is wrong.

Made from the form, from what the engine worked out of it (`Worked`), and from what was posted. Draws nothing itself."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Protocol

from marshmallow import Schema

from blankett.engine.fields.base import Fault, Line, Value
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Action, Field, Form, Formula, Section
from blankett.engine.records.command import FieldVisibility
from blankett.forms.controls import Control, EntryForm, FormSection, GridColumn, GridRow, LinesGrid, column_kind
from blankett.forms.draft import Draft
from blankett.forms.errors import Mistake
from blankett.forms.schemas import schema_of
from blankett.forms.submission import Submission, is_new_line, path_of
from blankett.forms.totals import totals_of
from blankett.forms.value_text import show_value, typed_text
from blankett.words import say

#: A label of one column has room for so many letters (a Chinese one counts twice), an option of a list for fewer.
LABEL_ROOM = 16
OPTION_ROOM = 13


class Worked(Protocol):
    """What the engine worked out of a form as typed; `records.command.FormPreview` is one."""

    @property
    def values(self) -> Mapping[str, Value]:
        """Field → value, lines with ids."""
        ...

    @property
    def hidden(self) -> frozenset[str]:
        """Paths that are not shown."""
        ...

    @property
    def filled(self) -> frozenset[str]:
        """Paths that hold what the blueprint fills."""
        ...

    @property
    def required(self) -> frozenset[str]:
        """Paths that must not stay empty."""
        ...

    @property
    def locked(self) -> frozenset[str]:
        """Paths the actor may not write."""
        ...

    @property
    def currencies(self) -> Mapping[str, str]:
        """Path → currency of each amount."""
        ...

    @property
    def titles(self) -> Mapping[str, str]:
        """Id → title of links and people."""
        ...

    @property
    def helps(self) -> Mapping[str, str]:
        """Field → its help, of those whose help says something of the record."""
        ...


@dataclass(frozen=True)
class EntrySource:
    """What an entry form is made from."""

    #: The form whose fields the record has: its version's.
    form: Form
    #: The newest version's form: its sections and words.
    current: Form
    worked: Worked
    reader: Reader
    draft: Draft | None = None
    #: What is wrong, to be shown at the controls.
    mistakes: Sequence[Mistake] = ()
    #: Ids for blank lines at the end of tables, one for each table.
    new_ids: Mapping[str, str] = field(default_factory=dict)
    #: Whether lines yet to be made are drawn too; the answer to typing leaves them as they are.
    with_blanks: bool = True
    #: Columns, by path, that the reader may not see; None takes those that no line has.
    closed: frozenset[tuple[str, ...]] | None = None
    #: Columns that the reader may not change in a new line.
    locked: frozenset[tuple[str, ...]] = frozenset()
    #: Whether the record is yet to be made.
    is_new: bool = False
    #: When conditional fields are shown.
    visibility: Sequence[FieldVisibility] = ()

    @cached_property
    def submission(self) -> Submission | None:
        """Return what was posted, if anything was."""
        return self.draft.submission if self.draft else None

    @cached_property
    def fill_sources(self) -> dict[tuple[str, ...], str]:
        """Return what fields were asked to be filled from, by path: the same in every line of a table."""
        return {}

    @cached_property
    def renewed(self) -> set[str]:
        """Return the controls whose text is not the typed one any more: undone, or now the title of what was typed."""
        return self.draft.submission.undo | self.draft.renamed if self.draft else set()

    @cached_property
    def look(self) -> FormLook:
        """Return how the form looks to the reader, whatever it holds."""
        return form_look(self.form, self.current, self.reader)

    @cached_property
    def asked_looks(self) -> dict[tuple[str, ...], ControlLook]:
        """Return how fields look that are not the form's own: what an action asks, what is tried out."""
        return {}

    def look_of(self, of: Field) -> ControlLook:
        """Return how a field looks, whatever it holds."""
        known = self.look.controls if self.form.find(of.path) is of else self.asked_looks
        found = known.get(of.path)
        if found is None:
            found = known[of.path] = control_look(of, self.described(of), self.reader)
        return found

    def described(self, of: Field) -> Field:
        """Return the field as the newest version describes it; what an action asks describes itself."""
        if self.form is self.current:
            return of
        is_of_form = self.form.find(of.path) is of
        return (self.current.find(of.path) or of) if is_of_form else of


@dataclass(frozen=True, slots=True)
class ControlLook:
    """How a field looks to a reader, whatever it holds."""

    newest: Field
    widget: str
    label: str
    help: str
    unit: str
    options: tuple[tuple[str, str], ...]
    #: (currency, whether it may stay empty) → how many of six columns it takes.
    widths: dict[tuple[str, bool], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormLook:
    """How a form of one version looks to a reader beside the newest one, whatever a record holds."""

    current: Form
    sections: Sequence[Section]
    #: By the path of the field, the same in every line of a table.
    controls: dict[tuple[str, ...], ControlLook] = field(default_factory=dict)


#: Looks kept of one form: of readers who write otherwise, and of newer versions.
MOST_LOOKS = 32


def form_look(form: Form, current: Form, reader: Reader) -> FormLook:
    """Return how *form* looks to *reader* where *current* is the newest version: made once, and kept with the form."""
    known = form.once(_looks)
    found = known.get((id(current), reader))
    if found is None:
        if len(known) >= MOST_LOOKS:
            known.clear()
        found = known[id(current), reader] = FormLook(current, sections_of(form, current))
    return found


def _looks(form: Form) -> dict[tuple[int, Reader], FormLook]:
    """Return where the looks of *form* are kept, by the id of the newest version, which each of them holds."""
    return {}


def control_look(of: Field, newest: Field, reader: Reader) -> ControlLook:
    """Return how a field looks that the *newest* version describes so."""
    language = reader.language
    return ControlLook(
        newest=newest,
        widget=newest.type.widget_of(newest) if newest.type.is_like(of.type) else of.type.widget,
        label=newest.title.say(language),
        help=newest.help.say(language) if newest.help else "",
        unit=newest.unit.say(language) if newest.unit else "",
        options=_options(of, newest, reader),
    )


#: Control → the first thing that is wrong there.
Said = Mapping[str, Mistake]


def first_mistakes(mistakes: Sequence[Mistake]) -> Said:
    """Return the first mistake at each control."""
    return {mistake.name: mistake for mistake in reversed(mistakes)}


def build_entry(source: EntrySource) -> EntryForm:
    """Return the form as the page draws it."""
    said = first_mistakes(source.mistakes)
    blocks: list[FormSection] = []
    totals: list[Control] = []
    feet = {table: names for table, names in totals_of(source.form).items() if table in source.worked.values}
    summed = frozenset().union(*feet.values())
    for section in source.look.sections:
        block = _block(source, section, said, totals, summed)
        if block.controls or block.grids:
            blocks.append(block)
    entry = EntryForm(blocks, totals, [], main_amount(source.form, source.current))
    entry.mistakes = _summary(source, entry)
    for grid in (grid for block in blocks for grid in block.grids):
        _give_foot(source, grid, [control for control in totals if control.name in feet.get(grid.name, ())])
    entry.conditions = conditions_text(source.visibility)
    if source.with_blanks:
        entry.latent = list(_latent(source))
    return entry


def conditions_text(visibility: Iterable[FieldVisibility]) -> str:
    """Return when conditional fields are shown, in JSON: names of controls, and cases as texts joined by commas."""
    return json.dumps(
        [
            {
                "at": ".".join(one.path),
                "by": [".".join(path) for path in one.choices],
                "shown": sorted(",".join(case) for case in one.shown),
                "watch": sorted(one.watched),
            }
            for one in visibility
        ],
        separators=(",", ":"),
    )


def _latent(source: EntrySource) -> Iterator[Control]:
    """Yield the fields that a choice on the page would show, as they look when they are."""
    for one in source.visibility:
        of = source.form.find(one.path)
        if of is None or of.table is not None or of.columns or not one.choices or of.key not in source.worked.hidden:
            continue
        control = make_control(source, of, of.key, None, {})
        if not control.is_locked:
            yield replace(control, is_hidden=False, text=control.typed or control.text)


def _give_foot(source: EntrySource, grid: LinesGrid, totals: Sequence[Control]) -> None:
    """Put *totals* into the foot of a grid; a sum of a column that one of them says already is left out."""
    grid.foot = [control for control in totals if control.of.type.has_currency]
    grid.notes = [control for control in totals if not control.of.type.has_currency]
    values = ((type(control.of.type), source.worked.values.get(control.name)) for control in totals)
    said = {(kind, value) for kind, value in values if isinstance(value, Decimal)}
    for column in grid.columns:
        of = grid.of.columns[column.key]
        if column.total and (type(of.type), _sum(source, of)) in said:
            column.total = ""
    grid.has_totals = any(column.total for column in grid.columns)


def sections_of(form: Form, current: Form) -> list[Section]:
    """Return the newest sections with the fields the record's version has; fields they lack come at the end."""
    placed = {key for section in current.sections for key in section.fields}
    rest = tuple(key for key in form.fields if key not in placed)
    sections = [
        Section(section.key, section.title, tuple(key for key in section.fields if key in form.fields), section.place)
        for section in current.sections
    ]
    if rest and form.sections:
        last = form.sections[-1]
        sections.append(Section("more", last.title, rest, last.place))
    return sections


def _block(
    source: EntrySource, section: Section, said: Said, totals: list[Control], summed: frozenset[str]
) -> FormSection:
    block = FormSection(section.key, section.title.say(source.reader.language), [], [])
    for key in section.fields:
        of = source.form.fields[key]
        if of.columns and key not in source.worked.values:
            continue  # the reader may not see it; one that is only hidden has its lines
        if of.columns:
            block.grids.append(_grid(source, of, said))
            continue
        control = make_control(source, of, key, source.worked.values.get(key), said)
        if key in summed:
            totals.append(control)
        if key not in summed or not control.is_computed:
            block.controls.append(control)
    return block


def label_of(source: EntrySource, of: Field) -> str:
    """Return the newest title of a field."""
    newest = source.described(of)
    return newest.title.say(source.reader.language)


def make_control(
    source: EntrySource, of: Field, name: str, value: Value | Fault, said: Said, line_id: str = ""
) -> Control:
    """Return one field or cell as the page draws it."""
    worked, reader, submission = source.worked, source.reader, source.submission
    path = path_of(name)
    look = source.look_of(of)
    currency = worked.currencies.get(path)
    value = None if isinstance(value, Fault) else value
    posted = submission.text(name) if submission else None
    is_typed = submission is not None and posted is not None and submission.was_typed(name)
    if submission is not None and posted is None and name in submission.kept:
        posted, is_typed = submission.kept[name], True
    is_filled = path in worked.filled
    is_locked = path in worked.locked or not of.is_typed
    mistake = said.get(name)
    # A cell that can be typed shows its control alone.
    is_put_out = is_locked or not line_id
    shown = show_value(of, value, reader, worked.titles, None if line_id else currency) if is_put_out else ""
    is_absent = not line_id and (name not in worked.values or (is_locked and not shown))
    keeps_typed = posted is not None and not is_filled and of.is_typed and name not in source.renewed
    is_fresh = source.is_new if not line_id else is_new_line(line_id)
    if is_fresh and of.default is not None and value is not None and not is_typed:
        keeps_typed = False  # what the default gives, perhaps since a moment ago
    text = posted if keeps_typed and posted is not None else typed_text(of, value, reader, worked.titles, currency)
    is_shown = is_typed and text == posted and not is_locked
    read = of.type.echo(text, value, of, reader.locale, currency) if is_shown else ""
    control = Control(
        name=name,
        of=of,
        widget=look.widget,
        label=look.label,
        help=worked.helps.get(path) or look.help,
        text=text,
        shown=shown,
        picked=str(value) if value is not None and of.type.points_to else "",
        error=mistake.text if mistake else "",
        readings=mistake.readings if mistake else (),
        lead=mistake.lead if mistake else "",
        read=read,
        read_day=str(of.type.to_api(value, of)) if read and of.type.is_read_from_today else "",
        currency=currency or "",
        unit=look.unit,
        source=_fill_source(source, of) if is_filled and text else "",
        is_required=path in worked.required,
        is_locked=is_locked,
        is_hidden=path in worked.hidden or is_absent,
        is_filled=is_filled and bool(text),
        is_typed_over=of.fill is not None and not is_filled and is_typed,
        is_kept_typed=is_typed and not is_filled and (of.fill is not None or (is_fresh and of.default is not None)),
        is_typed=is_typed,
        is_given=is_fresh and of.default is not None and not is_filled and not is_typed and bool(text),
        typed=posted if is_typed and posted else "",
        options=look.options,
    )
    if not line_id:
        control.width = _width(control, look, reader)
    return control


def _width(control: Control, look: ControlLook, reader: Reader) -> int:
    """Return how many of six columns a field takes: what its control needs, more for long labels and options."""
    is_optional = not (control.is_required or control.is_locked)
    known = look.widths.get((control.currency, is_optional))
    if known is None:
        optional = say(reader, "form.optional") if is_optional else ""
        known = look.widths[control.currency, is_optional] = _measured(control, look.newest, optional)
    return known


def _measured(control: Control, newest: Field, optional: str) -> int:
    width = control.of.type.width_of(newest)
    if width > 1:
        return width
    label = " ".join(filter(None, (control.label, control.measure, optional)))
    is_long = _room(label) > LABEL_ROOM or any(_room(title) > OPTION_ROOM for _, title in control.options)
    return 2 if is_long else 1


@lru_cache(maxsize=4096)
def _room(text: str) -> int:
    """Return how wide *text* is, in Latin letters."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _options(of: Field, newest: Field, reader: Reader) -> tuple[tuple[str, str], ...]:
    """Return (text of the control, what it is called) of the values that a field lists."""
    if not of.option_titles():
        return tuple((text, show_value(of, value, reader, {})) for text, value in of.type.cases(of))
    titles, language = newest.option_titles(), reader.language
    return tuple(
        (key, (titles.get(key) or option).title.say(language))
        for key, option in of.option_titles().items()
        if not option.retired
    )


def _fill_source(source: EntrySource, of: Field) -> str:
    """Return the title of the first field the fill reads that holds something: "Customer"."""
    if of.fill is None:
        return ""
    known = source.fill_sources.get(of.path)
    if known is None:
        known = source.fill_sources[of.path] = _first_read(source, of, of.fill)
    return known


def _first_read(source: EntrySource, of: Field, fill: Formula) -> str:
    for path in sorted(fill.reads):
        root = source.form.find((of.table, path[0])) if of.table else None
        root = root or source.form.find(path[:1])
        if root is not None and not _is_empty(source, root):
            return label_of(source, root)
    return ""


def _is_empty(source: EntrySource, of: Field) -> bool:
    return of.table is None and of.key in source.worked.values and source.worked.values[of.key] is None


def _grid(source: EntrySource, of: Field, said: Said) -> LinesGrid:
    lines = source.worked.values.get(of.key)
    columns = _open_columns(source, of, lines)
    rows = [_row(source, of, columns, line, number, said) for number, line in enumerate(_lines(lines), start=1)]
    is_locked = of.key in source.worked.locked
    if not is_locked and source.with_blanks:
        rows.append(_blank_row(source, of, columns, source.new_ids.get(of.key, "+1"), len(rows) + 1))
    grid = LinesGrid(
        name=of.key,
        of=of,
        label=label_of(source, of),
        columns=[_column(source, column, rows) for column in columns],
        rows=rows,
        pattern=_blank_row(source, of, columns, "+new", 0) if source.with_blanks else None,
        error=said[of.key].text if of.key in said else "",
        is_hidden=of.key in source.worked.hidden,
        is_locked=is_locked,
    )
    return grid


def _open_columns(source: EntrySource, of: Field, value: Value) -> list[Field]:
    """Return the columns that are drawn: those the reader may see and that are not retired."""
    columns = [column for column in of.columns.values() if not column.retired]
    if source.closed is not None:
        return [column for column in columns if column.path not in source.closed]
    lines = list(_lines(value))
    return [column for column in columns if not lines or any(column.key in line for line in lines)]


def _lines(value: Value) -> Iterable[Line]:
    return value if isinstance(value, list) else ()


def _row(source: EntrySource, of: Field, columns: Iterable[Field], line: Line, number: int, said: Said) -> GridRow:
    line_id = str(line.get("id"))
    cells = []
    for column in columns:
        cell = make_control(source, column, f"{of.key}.{line_id}.{column.key}", line.get(column.key), said, line_id)
        cell.label_cell = say(source.reader, "form.line_cell", number=number, field=cell.label)
        cells.append(cell)
    errors = [
        (cell.error if said[cell.name].is_said else f"{cell.label}: {cell.lead or cell.error}", cell.name)
        for cell in cells
        if cell.error
    ]
    own = said.get(f"{of.key}.{line_id}")
    return GridRow(line_id, number, cells, [*([(own.text, "")] if own else []), *errors])


def _blank_row(source: EntrySource, of: Field, columns: Iterable[Field], line_id: str, number: int) -> GridRow:
    cells = []
    for column in columns:
        name = f"{of.key}.{line_id}.{column.key}"
        look = source.look_of(column)
        cells.append(
            Control(
                name=name,
                of=column,
                widget=look.widget,
                label=look.label,
                help="",
                text=column.type.blank(column),
                shown="",
                is_locked=not column.is_typed or column.editable is False or column.path in source.locked,
                options=look.options,
                label_cell=say(source.reader, "form.line_cell", number=number or "#", field=look.label),
            )
        )
    return GridRow(line_id, number, cells, is_blank=True)


def _column(source: EntrySource, column: Field, rows: Sequence[GridRow]) -> GridColumn:
    codes = {cell.currency for row in rows for cell in row.cells if cell.of is column and not row.is_blank}
    total = _total(source, column) if column.compute is not None and len(codes) == 1 else ""
    currency = next(iter(codes)) if len(codes) == 1 else ""
    label, is_number = label_of(source, column), column.type.is_number
    return GridColumn(column.key, label, is_number, total, currency, column_kind(column))


def _total(source: EntrySource, column: Field) -> str:
    """Return the sum of a computed column of amounts or numbers in one currency; empty where a sum says nothing."""
    found = _sum(source, column)
    return column.type.show(found, column, source.reader.locale) if found is not None else ""


def _sum(source: EntrySource, column: Field) -> Decimal | None:
    """Return the sum of a column of amounts or numbers; None where it has none."""
    if not column.type.adds_up or column.table is None:
        return None
    amounts = [line.get(column.key) for line in _lines(source.worked.values.get(column.table))]
    numbers = [amount for amount in amounts if isinstance(amount, Decimal)]
    return sum(numbers, Decimal()) if numbers else None


def _summary(source: EntrySource, entry: EntryForm) -> list[tuple[str, str]]:
    """Return what is wrong, in the page's order, each with the control it leads to."""
    if not source.mistakes:
        return []
    labels = dict(_labels(entry))
    order = {name: place for place, name in enumerate(labels)}
    listed = []
    for mistake in source.mistakes:
        label = labels.get(mistake.name)
        prefix = _line_label(source, entry, mistake.name) if mistake.is_said else label
        text = f"{prefix}: {mistake.text}" if prefix else mistake.text
        name = mistake.name if label is not None else ""
        listed.append((order.get(mistake.name, -1), name, text))
    listed.sort(key=lambda item: item[0])
    return list(dict.fromkeys((name, text) for _, name, text in listed))


def _line_label(source: EntrySource, entry: EntryForm, name: str) -> str:
    """Return "Line 2" for what stands in a line; empty for a field."""
    if "." not in name:
        return ""
    rows = (
        row for block in entry.blocks for grid in block.grids for row in grid.rows if f"{grid.name}.{row.id}" in name
    )
    found = next(rows, None)
    return say(source.reader, "record.line", number=found.number) if found else ""


def _labels(entry: EntryForm) -> Iterator[tuple[str, str]]:
    for block in entry.blocks:
        for control in block.controls:
            if not control.is_hidden:
                yield control.name, control.label
        for grid in block.grids:
            yield grid.name, grid.label
            for row in grid.rows:
                yield f"{grid.name}.{row.id}", ""
                for cell in row.cells:
                    yield cell.name, cell.label_cell


def main_amount(form: Form, current: Form) -> str:
    """Return the name of the field a record is about, as the newest version says; empty where it says none."""
    found = current.amount_field or form.amount_field
    return found.key if found is not None and found.key in form.fields else ""


def changing_fields(form: Form) -> frozenset[tuple[str, ...]]:
    """Return the fields whose look depends on others without a change of value: required or locked by a formula, or
    with a help that says something of the record.
    """
    return frozenset(
        of.path
        for of in form.every_field()
        if isinstance(of.required, Formula)
        or isinstance(of.editable, Formula)
        or of.visible is not None
        or (of.help is not None and of.help.pieces)
    )


# What is worked out of a form once: its schema, and which of its fields change their look -----------------------------


@dataclass(frozen=True)
class FormPlan:
    """What follows from a form of one version alone."""

    schema: Schema
    #: Paths of fields that are required, locked or shown by a formula.
    changing: frozenset[tuple[str, ...]]


def plan_of(form: Form) -> FormPlan:
    """Return the plan of *form*, made at the first call."""
    return form.once(_plan)


def inputs_plan(action: Action) -> Schema:
    """Return the schema of what *action* asks, made at the first call."""
    return action.once(_inputs)


def _plan(form: Form) -> FormPlan:
    return FormPlan(schema_of(form.fields), changing_fields(form))


def _inputs(action: Action) -> Schema:
    return schema_of(action.ask)
