"""The parts of an entry form as a page draws it: controls, grids, sections. Plain data; `entry_form` makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from blankett.engine.fields.base import Wording
from blankett.engine.language.model import Field


@dataclass(slots=True)
class Control:
    """A field, or a cell of a grid, as the page draws it."""

    name: str
    of: Field
    widget: str
    label: str
    help: str
    #: What stands in the control, and what a reader sees where it is locked or computed.
    text: str
    shown: str
    #: The id behind a link's or person's title.
    picked: str = ""
    error: str = ""
    width: int = 2
    currency: str = ""
    #: What a number counts: "kg"; empty for none.
    unit: str = ""
    #: What it was filled from, in words; empty when it is not filled.
    source: str = ""
    is_required: bool = False
    is_locked: bool = False
    is_hidden: bool = False
    is_filled: bool = False
    #: It could be filled, and a person typed something else.
    is_typed_over: bool = False
    #: Was a person's doing, also when it is empty now.
    is_typed: bool = False
    #: What a person typed over a fill or a default, emptied ones too: told to the server, so that neither comes back.
    is_kept_typed: bool = False
    #: Holds what a default gave.
    is_given: bool = False
    #: What a person typed; sent along while the control is hidden or locked, so that it is there when it comes back.
    typed: str = ""
    #: How the text was read, where that is not what was typed: "Fri, 27 Nov 2026" for "fri"; and the day it stands for.
    read: str = ""
    read_day: str = ""
    #: What may be meant by a text that is no value, to be chosen, and the words before the choice.
    readings: tuple[Wording, ...] = ()
    lead: str = ""
    options: tuple[tuple[str, str], ...] = ()
    label_cell: str = ""

    @property
    def is_number(self) -> bool:
        """Tell whether the value lines up on the right."""
        return self.of.type.is_number

    @property
    def measure(self) -> str:
        """Return what the number is of, beside its label: a currency, %, a unit; empty where the label says it."""
        of = self.currency or self.of.type.measure(self.of) or self.unit
        return "" if says(self.label, of) else of

    @property
    def option_keys(self) -> frozenset[str]:
        """Return the keys that may be chosen."""
        return frozenset(key for key, _ in self.options)

    @property
    def pick_key(self) -> str:
        """Return what a picker asks for: ``customer``, ``lines/product``; empty for other widgets."""
        return "/".join(self.of.path) if self.of.type.points_to else ""

    @property
    def described_by(self) -> str:
        """Return the ids of what stands under the control and says something of it."""
        parts = (
            ("e", self.error),
            ("w", self.is_filled or self.is_typed_over),
            ("d", self.read),
            ("h", self.help),
        )
        return " ".join(f"{letter}-{self.name}" for letter, stands in parts if stands)

    @property
    def row_name(self) -> str:
        """Return the name of the line a cell stands in: ``lines.<id>``."""
        return self.name.rpartition(".")[0]

    @property
    def is_computed(self) -> bool:
        """Tell whether nobody may type it."""
        return not self.of.is_typed


@dataclass(slots=True)
class GridRow:
    """One line of a grid. The blank one at the end has no number."""

    id: str
    number: int
    cells: list[Control]
    errors: list[tuple[str, str]] = field(default_factory=list)
    is_blank: bool = False


@dataclass(slots=True)
class GridColumn:
    """The head of a grid's column, and its sum where there is one."""

    key: str
    label: str
    is_number: bool
    total: str = ""
    currency: str = ""
    #: computed | amount | number; empty for anything else.
    kind: str = ""

    @property
    def measure(self) -> str:
        """Return the currency beside its label; empty where the label says it."""
        return "" if says(self.label, self.currency) else self.currency


@dataclass(frozen=True, slots=True)
class FootSpans:
    """How many columns, the one of the line's number among them, the parts of a foot take beside the amount."""

    before: int
    label: int
    after: int


def foot_spans(kinds: Sequence[str]) -> FootSpans:
    """Return the spans of a foot whose amounts stand under the last amount that is worked out, else the last number."""
    for kind in ("computed", "amount", "number"):
        if kind in kinds:
            at = len(kinds) - 1 - list(reversed(kinds)).index(kind)
            break
    else:
        at = len(kinds) - 1
    label = min(2, at) or 1
    return FootSpans(at + 1 - label, label, len(kinds) - 1 - at)


def column_kind(of: Field) -> str:
    """Return what a column is to a foot."""
    if of.type.has_currency:
        return "computed" if of.compute is not None else "amount"
    return "number" if of.type.is_number else ""


@dataclass(slots=True)
class LinesGrid:
    """A table being typed."""

    name: str
    of: Field
    label: str
    columns: list[GridColumn]
    rows: list[GridRow]
    #: What a new row looks like; its id is ``+new``. None where no rows are made.
    pattern: GridRow | None
    error: str = ""
    is_hidden: bool = False
    is_locked: bool = False
    has_totals: bool = False
    #: Amounts under the lines, and other numbers that are worked out of them.
    foot: list[Control] = field(default_factory=list)
    notes: list[Control] = field(default_factory=list)

    @property
    def shown_foot(self) -> list[Control]:
        """Return the amounts under the lines that are shown now."""
        return [control for control in self.foot if not control.is_hidden]

    @property
    def shown_notes(self) -> list[Control]:
        """Return the other numbers that are shown now."""
        return [control for control in self.notes if not control.is_hidden]

    @property
    def has_foot(self) -> bool:
        """Tell whether anything stands under the lines."""
        return bool(self.has_totals or self.shown_foot or self.shown_notes)

    @property
    def spans(self) -> FootSpans:
        """Return how the columns are shared in the foot."""
        return foot_spans([column.kind for column in self.columns])

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing of it can be changed: then nothing of it is sent."""
        return self.is_locked and all(cell.is_locked or cell.is_hidden for row in self.rows for cell in row.cells)

    @property
    def count(self) -> int:
        """Return how many lines hold something."""
        return sum(not row.is_blank for row in self.rows)


@dataclass(slots=True)
class FormSection:
    """A section of the page."""

    key: str
    title: str
    controls: list[Control]
    grids: list[LinesGrid]

    @property
    def controls_are_hidden(self) -> bool:
        """Tell whether only lines of it are shown."""
        return all(control.is_hidden for control in self.controls)

    @property
    def is_hidden(self) -> bool:
        """Tell whether nothing of it is shown."""
        return self.controls_are_hidden and all(grid.is_hidden for grid in self.grids)


@dataclass(slots=True)
class EntryForm:
    """The whole form."""

    blocks: list[FormSection]
    #: Numbers in the feet of its tables: computed ones, and typed amounts that go into them.
    totals: list[Control]
    #: (name of the control or "", text): first the page's own, then in the page's order.
    mistakes: list[tuple[str, str]]
    #: What the record is about, by name: a total, or an amount that is typed.
    main: str = ""

    #: Fields that are not shown now and may be shown without asking the server, as they look then.
    latent: list[Control] = field(default_factory=list)
    #: When conditional fields are shown, as the page reads it: JSON.
    conditions: str = "[]"

    @property
    def has_amount(self) -> bool:
        """Tell whether the bar has a place for what the record is about."""
        return self._main is not None

    @property
    def amount(self) -> str:
        """Return what the record is about, as people read it; empty while there is none."""
        found = self._main
        return found.shown if found is not None and not found.is_hidden else ""

    @property
    def _main(self) -> Control | None:
        fields = (control for block in self.blocks for control in block.controls)
        return next((control for control in (*self.totals, *fields) if control.name == self.main), None)

    def controls(self) -> Iterator[Control]:
        """Yield every control and cell that is drawn, in order."""
        for block in self.blocks:
            yield from block.controls
            for grid in block.grids:
                for row in grid.rows:
                    yield from row.cells
        yield from self.totals


def says(label: str, measure: str) -> bool:
    """Tell whether *label* has *measure* as a word of its own: "Total in EUR" says EUR."""
    return bool(measure) and re.search(rf"(?<![A-Za-z]){re.escape(measure)}(?![A-Za-z])", label) is not None
