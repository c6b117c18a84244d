"""The decision tables of a checked blueprint. Like all of the model frozen, made by the loader, and only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from blankett.engine import feel
from blankett.engine.blueprint.cells import constant_part
from blankett.engine.blueprint.texts import Formula, Place, Setting, Words
from blankett.engine.feel.decisions import Column, DecisionTable, Output, Row

if TYPE_CHECKING:
    from blankett.engine.blueprint.model import Field
    from blankett.engine.fields.base import Value


@dataclass(frozen=True)
class TableColumn:
    """What inputs and outputs share."""

    #: What it holds, as a field that belongs to no form: key, type, options, title.
    field: Field
    #: Its type as written: ``number``, ``customer.tier``.
    written: str
    #: The static type of its values.
    type: feel.Type
    place: Place
    _: KW_ONLY
    #: The values its author lists, as written.
    listed: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return its name in formulas."""
        return self.field.key

    @property
    def title(self) -> Words:
        """Return what people call it."""
        return self.field.title


@dataclass(frozen=True)
class TableInput(TableColumn):
    """A column that is tested."""

    #: The values it can have, as a cell; None for every value of its type.
    values: Formula | None = None
    #: Whether it is the value of a field that may be empty.
    may_be_empty: bool = False


@dataclass(frozen=True)
class TableOutput(TableColumn):
    """A column that is given."""

    #: Its values from the most to the least important; empty where the author says nothing.
    ranking: tuple[Value, ...] = ()


@dataclass(frozen=True)
class TableCell:
    """A test of an input. `formula` holds it in the expression language, where `?` is what it tests."""

    column: str
    text: str
    formula: Formula | None
    place: Place


@dataclass(frozen=True)
class TableResult:
    """The value of an output, or the formula that gives it."""

    column: str
    text: str
    setting: Setting | None
    place: Place


@dataclass(frozen=True)
class TableRow:
    """A row: a cell for each input, a result for each output."""

    #: Its key, or its number where the author gives none.
    key: str
    #: Counts from 1.
    number: int
    cells: tuple[TableCell, ...]
    results: tuple[TableResult, ...]
    place: Place
    note: str | None = None
    was: str | None = None

    @property
    def has_key(self) -> bool:
        """Tell whether the author named it."""
        return not self.key.isdigit()


@dataclass(frozen=True)
class Table:
    """A decision table; in formulas a function of its inputs."""

    blueprint: str
    key: str
    title: Words
    help: Words | None
    hit: feel.Hit
    inputs: Mapping[str, TableInput]
    outputs: Mapping[str, TableOutput]
    rows: tuple[TableRow, ...]
    #: What outputs are when no row hits; those that are not named are null then.
    default: Mapping[str, Setting]
    #: What its cells and results see: the inputs, and the other tables.
    scope: feel.Scope
    place: Place
    was: str | None = None

    @property
    def name(self) -> str:
        """Return the full name: ``order_management.approvers``."""
        return f"{self.blueprint}.{self.key}"

    @cached_property
    def decision(self) -> DecisionTable:
        """Return the table compiled; it must be sound. Made when it is first wanted."""
        return DecisionTable(
            self.name,
            self.hit,
            [Column(column.key, column.type) for column in self.inputs.values()],
            [
                Output(column.key, column.ranking, _part_of(self.default.get(column.key)))
                for column in self.outputs.values()
            ],
            [
                Row(
                    tuple(_tests_of(cell) for cell in row.cells),
                    tuple(_part_of(result.setting) or constant_part(None) for result in row.results),
                )
                for row in self.rows
            ],
            self.scope,
        )

    def formulas(self) -> Iterator[Formula]:
        """Yield the formulas of all cells, results and defaults."""
        for row in self.rows:
            yield from (cell.formula for cell in row.cells if cell.formula is not None)
            yield from (found for each in row.results if each.setting and (found := each.setting.formula))
        yield from (found for setting in self.default.values() if (found := setting.formula))


def _tests_of(cell: TableCell) -> feel.tree.UnaryTests:
    if cell.formula is None or not isinstance(cell.formula.expression, feel.tree.UnaryTests):
        raise ValueError(f"the cell {cell.text!r} cannot be read")
    return cell.formula.expression


def _part_of(setting: Setting | None) -> feel.Expression | None:
    if setting is None:
        return None
    return constant_part(setting.constant) if setting.formula is None else setting.formula.expression
