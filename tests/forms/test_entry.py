"""A form as a page draws it: what stands in controls, what is filled, hidden, locked and wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from blankett.engine.fields.base import Fault, TextReading, Value
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Form
from blankett.forms.controls import Control, EntryForm, FootSpans
from blankett.forms.draft import read_form
from blankett.forms.entry_form import EntrySource, build_entry
from blankett.forms.errors import Mistake, all_mistakes
from blankett.forms.schemas import schema_of
from blankett.forms.submission import read_submission
from blankett.forms.totals import totals_of

from .conftest import Reads, make_field, make_form, words


@dataclass
class WorkedOut:
    values: Mapping[str, Value]
    hidden: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    currencies: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    helps: Mapping[str, str] = field(default_factory=dict)


LINE: dict[str, Value] = {
    "id": "L1", "product": "id-bolt", "quantity": Decimal(2), "price": Decimal("1.5"), "amount": Decimal(3),
}  # fmt: skip
VALUES: dict[str, Value] = {
    "customer": "id-acme", "channel": "phone", "urgent": True, "promised": date(2026, 12, 24),
    "discount": Decimal("0.1"), "note": "hello", "total": Decimal("1234.5"), "lines": [LINE],
}  # fmt: skip
TITLES = {"id-acme": "ACME Ltd", "id-bolt": "Bolt"}
CURRENCIES = {"total": "EUR", "lines/L1/price": "EUR", "lines/L1/amount": "EUR"}


def entry_of(
    form: Form,
    worked: WorkedOut,
    pairs: Sequence[tuple[str, str]] | None = None,
    mistakes: Sequence[Mistake] = (),
    language: str = "en",
) -> EntryForm:
    draft = None
    if pairs is not None:
        draft = read_form(form.fields, schema_of(form.fields), read_submission(form, pairs), TextReading("en_GB"))
    reader = Reader.of_language(language)
    return build_entry(EntrySource(form, form, worked, reader, draft, mistakes, {"lines": "+blank"}))


def control(entry: EntryForm, name: str) -> Control:
    return next(found for found in entry.controls() if found.name == name)


def worked(**changes: object) -> WorkedOut:
    return WorkedOut(**{"values": VALUES, "currencies": CURRENCIES, "titles": TITLES, **changes})  # type: ignore[arg-type]


def test_values_stand_in_controls_as_they_are_typed(order_form: Form) -> None:
    entry = entry_of(order_form, worked())
    assert {found.name: found.text for found in entry.controls() if not found.name.startswith("lines.+")} == {
        "customer": "ACME Ltd", "channel": "phone", "urgent": "yes", "promised": "24/12/2026", "discount": "10",
        "note": "hello", "total": "1234.50",
        "lines.L1.product": "Bolt", "lines.L1.quantity": "2", "lines.L1.price": "1.50", "lines.L1.amount": "3.00",
    }  # fmt: skip


def test_numbers_worked_out_of_lines_stand_in_their_foot(order_form: Form) -> None:
    entry = entry_of(order_form, worked())
    grid = entry.blocks[0].grids[0]
    assert [(found.name, found.shown, found.is_locked) for found in grid.foot] == [("total", "€1,234.50", True)]
    assert grid.spans == FootSpans(before=2, label=2, after=0)
    assert "total" not in [found.name for found in entry.blocks[0].controls]


def test_a_sum_that_the_foot_says_already_is_said_once(order_form: Form) -> None:
    entry = entry_of(order_form, worked(values={**VALUES, "total": Decimal(3)}))
    assert [column.total for column in entry.blocks[0].grids[0].columns] == ["", "", "", ""]


def test_an_amount_of_the_foot_that_cannot_be_read_stops_nothing(order_form: Form) -> None:
    entry = entry_of(order_form, worked(values={**VALUES, "total": Fault("value.not_a_number", {"text": "x"})}))
    assert [column.total for column in entry.blocks[0].grids[0].columns] == ["", "", "", "3.00"]


def test_typed_amounts_that_go_into_a_total_are_said_again_in_the_foot() -> None:
    columns = {"amount": make_field("amount", "money", table="lines")}
    form = make_form(
        [
            make_field("lines", "table", columns=columns),
            make_field("goods", "money", compute=Reads("lines")),
            make_field("freight", "money"),
            make_field("rate", "percent"),
            make_field("total", "money", compute=Reads("goods", "freight", "rate")),
            make_field("weight", "number", compute=Reads("lines")),
            make_field("limit", "money"),
        ]
    )
    assert totals_of(form) == {"lines": ("goods", "freight", "total", "weight")}


def test_computed_columns_of_amounts_have_a_sum(order_form: Form) -> None:
    two: dict[str, Value] = {**LINE, "id": "L2", "amount": Decimal(1000)}
    currencies = {**CURRENCIES, "lines/L2/amount": "EUR", "lines/L2/price": "EUR"}
    entry = entry_of(order_form, worked(values={**VALUES, "lines": [LINE, two]}, currencies=currencies))
    grid = entry.blocks[0].grids[0]
    assert [(column.label, column.total, column.currency) for column in grid.columns] == [
        ("Product", "", ""), ("Quantity", "", ""), ("Price", "", "EUR"), ("Amount", "1,003.00", "EUR"),
    ]  # fmt: skip
    assert grid.count == 2


def test_amounts_in_two_currencies_have_no_sum(order_form: Form) -> None:
    two: dict[str, Value] = {**LINE, "id": "L2"}
    currencies = {"lines/L1/amount": "EUR", "lines/L2/amount": "DKK"}
    entry = entry_of(order_form, worked(values={**VALUES, "lines": [LINE, two]}, currencies=currencies))
    grid = entry.blocks[0].grids[0]
    assert grid.columns[-1].total == ""


def test_a_blank_line_stands_at_the_end(order_form: Form) -> None:
    rows = entry_of(order_form, worked()).blocks[0].grids[0].rows
    assert [(row.id, row.number, row.is_blank) for row in rows] == [("L1", 1, False), ("+blank", 2, True)]


def test_a_locked_table_has_no_blank_line(order_form: Form) -> None:
    grid = entry_of(order_form, worked(locked=frozenset({"lines"}))).blocks[0].grids[0]
    assert [row.id for row in grid.rows] == ["L1"]


def test_what_was_typed_stays_also_when_it_is_no_value(order_form: Form) -> None:
    pairs = [("promised", "soon"), ("customer", "ACM"), ("lines.+n.price", "x,x")]
    values: dict[str, Value] = {**VALUES, "lines": [{"id": "+n", "price": None}]}
    entry = entry_of(order_form, worked(values=values), pairs)
    assert [control(entry, name).text for name in ("promised", "customer", "lines.+n.price")] == ["soon", "ACM", "x,x"]


def test_a_filled_field_says_so_and_follows_what_it_is_filled_with(order_form: Form) -> None:
    pairs = [("channel", "email"), ("_filled", "channel=email")]
    entry = entry_of(order_form, worked(filled=frozenset({"channel"})), pairs)
    assert (control(entry, "channel").text, control(entry, "channel").is_filled) == ("phone", True)


def test_an_undone_field_takes_what_it_is_filled_with(order_form: Form) -> None:
    entry = entry_of(order_form, worked(), [("note", "mine"), ("_undo", "note")])
    assert control(entry, "note").text == "hello"


def test_hidden_required_and_locked_come_from_what_was_worked_out(order_form: Form) -> None:
    sets = {"hidden": frozenset({"note"}), "required": frozenset({"customer"}), "locked": frozenset({"channel"})}
    entry = entry_of(order_form, worked(**sets))
    found = {name: control(entry, name) for name in ("note", "customer", "channel")}
    assert [found["note"].is_hidden, found["customer"].is_required, found["channel"].is_locked] == [True, True, True]


def test_a_field_the_reader_may_not_see_is_not_drawn(order_form: Form) -> None:
    entry = entry_of(order_form, worked(values={key: value for key, value in VALUES.items() if key != "note"}))
    assert control(entry, "note").is_hidden


def test_mistakes_stand_at_controls_and_in_the_summary_in_the_pages_order(order_form: Form) -> None:
    mistakes = [
        Mistake("lines.L1.price", "is too low"),
        Mistake("customer", "is missing"),
        Mistake("", "The whole is wrong.", True),
        Mistake("lines", "There are too few lines.", True),
        Mistake("lines.L1", "This line is odd.", True),
        Mistake("elsewhere", "is not here"),
    ]
    entry = entry_of(order_form, worked(), mistakes=mistakes)
    assert entry.mistakes == [
        ("", "The whole is wrong."),
        ("", "is not here"),
        ("customer", "Customer: is missing"),
        ("lines", "There are too few lines."),
        ("lines.L1", "Line 1: This line is odd."),
        ("lines.L1.price", "Line 1 Price: is too low"),
    ]
    row = entry.blocks[0].grids[0].rows[0]
    assert row.errors == [("This line is odd.", ""), ("Price: is too low", "lines.L1.price")]
    assert control(entry, "customer").error == "is missing"


def test_the_page_speaks_the_readers_language(order_form: Form) -> None:
    entry = entry_of(order_form, worked(), language="zh")
    assert [entry.blocks[0].title, control(entry, "lines.L1.price").label_cell] == ["中Details", "第 1 行，中Price"]


def test_a_unit_stands_behind_its_label_in_the_readers_language() -> None:
    form = make_form([make_field("weight", "number", unit=words("kg"))])
    assert control(entry_of(form, WorkedOut(values={"weight": None}), language="zh"), "weight").unit == "中kg"


@dataclass
class Problem:
    path: tuple[str, ...]
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


def test_at_a_control_whose_text_is_no_value_only_that_is_said() -> None:
    problems = [Problem(("total",), "said", {"text": "Too much."}), Problem(("note",), "said", {"text": "Say why."})]
    found = all_mistakes({"note": Fault("field.computed")}, ["x"], problems, "en")
    assert found == [
        Mistake("note", "This is worked out and cannot be typed."),
        Mistake("", "The form has no field x that could be filled in. Load the page again."),
        Mistake("total", "Too much.", True),
    ]


@pytest.mark.parametrize("widget", ["radio", "select"])
def test_a_choice_is_drawn_as_the_author_says(order_form: Form, widget: str) -> None:
    channel = order_form.fields["channel"]
    object.__setattr__(channel, "options", {**channel.options, "widget": widget})
    assert control(entry_of(order_form, worked()), "channel").widget == {"radio": "radio", "select": "choice"}[widget]
