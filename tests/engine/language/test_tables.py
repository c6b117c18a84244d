"""Decision tables of a blueprint: how they are written, what they become, and how formulas call them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from blankett.engine import feel
from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.language.diff import diff
from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.language.model import Blueprint, Field, Option, Place, Table, Words
from blankett.engine.language.table_cells import spell_out
from blankett.words import say

MOMENT = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))

SHOP = """\
blueprint: shop
language: 1
languages: [en, zh]
title: Shop
roles:
  sales: {title: Sales}
  manager: {title: Manager}
  director: {title: Director}
forms:
  customer:
    title: Customer
    life: reference
    key: code
    fields:
      code: {type: text, unique: yes, required: yes}
      tier: {type: choice, options: {new: New, silver: Silver, gold: Gold}}
    grants:
      - {who: everyone, may: all}
  order:
    title: Order
    currency: EUR
    fields:
      customer: {type: link, to: customer, required: yes}
      urgent: {type: yes_no, default: no}
      total: {type: money, min: 0, required: yes}
      days: {type: number, compute: "approvers(total, customer.tier, urgent).days"}
      fee: {type: money, compute: "fee(total)"}
    states:
      draft: {start: yes}
      released: {final: yes}
    actions:
      release: {from: draft, to: released, by: "= approvers(total, customer.tier, urgent).role"}
    grants:
      - {who: everyone, may: all}
tables:
  approvers:
    title: Approvers
    hit: first
    in: {total: number, tier: customer.tier, urgent: yes_no}
    out: {role: role, days: number}
    rows:
      - [">= 100000", "-", "-", director, 1]
      - [">= 10000", new, "-", manager, 1]
      - ["-", "-", "-", sales, "= if urgent then 1 else 2"]
  fee:
    in: {total: order.total}
    out: {fee: order.fee}
    default: 20
    rows:
      small: ["< 10", 5]
      large: {total: ">= 100", fee: "= total / 100", note: One percent of it.}
translations:
  zh:
    tables:
      approvers:
        title: 审批人
        in: {total: 总额}
"""


def loaded(text: str = SHOP) -> Blueprint:
    return read_blueprint(text)


def decided(table: Table, **names: object) -> object:
    with feel.evaluating(MOMENT) as run:
        return table.decision.decide(run, names)


def lines(text: str) -> list[str]:
    return [problem.line("shop.yaml") for problem in load_blueprint(text).problems if problem.is_error]


# ---- what a table becomes ----


def test_a_table_knows_its_columns_and_rows() -> None:
    table = loaded().tables["approvers"]
    assert (table.name, table.hit, table.title.say("zh")) == ("shop.approvers", "first", "审批人")
    assert {key: (column.written, column.type) for key, column in table.inputs.items()} == {
        "total": ("number", feel.Number()),
        "tier": ("customer.tier", feel.Text(("new", "silver", "gold"))),
        "urgent": ("yes_no", feel.Boolean()),
    }
    assert table.outputs["role"].type == feel.Text(("sales", "manager", "director"))
    assert [(row.key, [cell.text for cell in row.cells]) for row in table.rows] == [
        ("1", [">= 100000", "-", "-"]),
        ("2", [">= 10000", "new", "-"]),
        ("3", ["-", "-", "-"]),
    ]
    assert [(cell.place.line, cell.place.column) for cell in table.rows[1].cells] == [(43, 10), (43, 22), (43, 27)]


def test_columns_take_their_titles_from_the_field_they_are_of() -> None:
    table = loaded().tables["approvers"]
    assert [column.title.say("en") for column in table.inputs.values()] == ["Total", "Tier", "Urgent"]
    assert table.inputs["total"].title.say("zh") == "总额"


def test_rows_by_key_may_leave_out_what_says_nothing() -> None:
    table = loaded().tables["fee"]
    assert [(row.key, row.number, row.has_key, row.note) for row in table.rows] == [
        ("small", 1, True, None),
        ("large", 2, True, "One percent of it."),
    ]
    assert table.inputs["total"].field.options["min"] == 0


@pytest.mark.parametrize(
    ("total", "tier", "answer"),
    [
        (100_000, "gold", {"role": "director", "days": Decimal(1)}),
        (10_000, "new", {"role": "manager", "days": Decimal(1)}),
        (10_000, "gold", {"role": "sales", "days": Decimal(2)}),
        (None, None, {"role": "sales", "days": Decimal(2)}),
    ],
)
def test_a_table_decides(total: int | None, tier: str | None, answer: object) -> None:
    value = None if total is None else Decimal(total)
    assert decided(loaded().tables["approvers"], total=value, tier=tier, urgent=False) == answer


def test_the_only_output_is_the_value_itself_and_the_default_where_no_row_hits() -> None:
    table = loaded().tables["fee"]
    assert [decided(table, total=Decimal(total)) for total in (9, 50, 500)] == [5, 20, 5]


# ---- formulas that call tables ----


def test_a_formula_calls_a_table_like_a_function() -> None:
    order = loaded().forms["order"]
    days, by = order.fields["days"].compute, order.actions["release"].by.formulas[0]
    assert days is not None
    assert by is not None
    assert days.checked.type == feel.Number(nullable=True)
    assert by.checked.type == feel.Text(("sales", "manager", "director"), nullable=True)
    names = {"total": Decimal(20_000), "customer": feel.Reference("c1", fields={"tier": "new"}), "urgent": True}
    assert (days.evaluate(names, MOMENT), by.evaluate(names, MOMENT)) == (Decimal(1), "manager")


def test_a_compute_through_a_table_is_stored_when_what_it_hands_in_is() -> None:
    fields = loaded().forms["order"].fields
    assert (fields["fee"].live, fields["days"].live) == (False, True)


def test_a_default_makes_the_answer_sure() -> None:
    fee = loaded(SHOP.replace('"= total / 100"', "7")).forms["order"].fields["fee"].compute
    assert fee is not None
    assert fee.checked.type == feel.Number("EUR")


def test_a_form_knows_the_tables_of_its_process() -> None:
    blueprint = loaded(
        SHOP.replace('      days: {type: number, compute: "approvers(total, customer.tier, urgent).days"}\n', "")
    )
    assert list(blueprint.forms["order"].tables) == ["fee"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("fee()", "27:36 BL309 fee(…) needs 1 argument, this gives 0."),
        ("fee(urgent)", "27:40 BL309 'total' of fee(…) must be an amount, this is true or false."),
        ("fee(totl: total)", "27:40 BL309 fee(…) has no parameter 'totl'. Did you mean 'total'?"),
        ("fees(total)", "27:36 BL304 there is no function 'fees'. Did you mean 'fee'?"),
        ("fee(total).fee", "27:36 BL305 fee(…) gives a single value; leave .fee out."),
        ('days + approvers(total, \\"gld\\", urgent).days', None),
        ("approvers(total, customer.tier, urgent)", None),
    ],
)
def test_calls_are_checked(call: str, message: str | None) -> None:
    found = lines(SHOP.replace('compute: "fee(total)"', f'compute: "{call}"'))
    assert len(found) == 1
    if message:
        assert found == [f"shop.yaml:{message}"]


def test_a_word_that_is_no_option_of_the_parameter_is_found() -> None:
    text = SHOP.replace('"approvers(total, customer.tier, urgent).days"', "'approvers(total, \"gild\", urgent).days'")
    assert lines(text) == [
        "shop.yaml:26:55 BL307 'gild' is not one of the options (new, silver, gold). Did you mean 'gold'?"
    ]


# ---- cells ----


def make_field(type_: str, options: tuple[str, ...] = ()) -> Field:
    made = {key: Option(key, Words({})) for key in options}
    return Field("x", TYPES_BY_NAME[type_], Words({}), None, Place(1, 1), options={"options": made})


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("new", '"new"'),
        ("new, silver", '"new", "silver"'),
        ("not(new)", 'not("new")'),
        ("not( new ,A-1 )", 'not( "new" ,"A-1" )'),
        ("!= new", '!= "new"'),
        ('"new"', '"new"'),
        ("30 days", '"30 days"'),
        ("A-1", '"A-1"'),
        ("? = new or ? = silver", '? = "new" or ? = "silver"'),
        ("other.new, new()", "other.new, new()"),
        ("-", "-"),
        ("null, new", 'null, "new"'),
    ],
)
def test_a_bare_word_that_is_an_option_is_that_option(written: str, spelled: str) -> None:
    field = make_field("choice", ("new", "silver", "A-1", "30 days"))
    assert spell_out(written, field).text == spelled


@pytest.mark.parametrize(
    ("type_", "written", "spelled"),
    [
        ("date", ">= 2026-01-01", '>= @"2026-01-01"'),
        ("date", "[2026-01-01..2026-12-31]", '[@"2026-01-01"..@"2026-12-31"]'),
        ("date", 'date("2026-01-01")', 'date("2026-01-01")'),
        ("date", "2026-13-01", "2026-13-01"),
        ("yes_no", "yes", "true"),
        ("yes_no", "not(no)", "not(false)"),
        ("number", "2026-01-01", "2026-01-01"),
        ("text", "new", "new"),
    ],
)
def test_days_and_yes_need_no_marks(type_: str, written: str, spelled: str) -> None:
    assert spell_out(written, make_field(type_)).text == spelled


def test_places_in_a_cell_are_those_of_what_is_written() -> None:
    spelled = spell_out("new, gild", make_field("choice", ("new", "silver")))
    assert [spelled.origin(spelled.text.index("gild")), spelled.origin(len(spelled.text))] == [5, 9]


def test_days_of_a_table_are_days() -> None:
    text = SHOP.replace("in: {total: order.total}", "in: {total: date}").replace('"< 10"', "< 2026-01-01")
    text = text.replace('">= 100"', '"[2026-02-01..2026-03-01)"').replace('"= total / 100"', "7")
    table = loaded(text.replace('compute: "fee(total)"', "editable: no")).tables["fee"]
    assert [decided(table, total=date(2026, month, 1)) for month in (1, 2, 3)] == [20, 7, 20]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("new, ", "gild, ", "43:22 BL307 'gild' is not one of the options (new, silver, gold). Did you mean 'gold'?"),
        (
            '">= 10000"',
            "10 000",
            "43:10 BL301 this formula cannot be read: '10 000' means nothing here; write '10000'.",
        ),
        ('">= 10000"', "gold", "43:10 BL302 there is no 'gold' here."),
        ('">= 10000"', '"> urgent"', "43:11 BL306 a number cannot be compared with true or false."),
        ('">= 10000"', '""', "43:10 BL301 this formula cannot be read: the formula is empty."),
        (
            '">= 10000"',
            "[1..5]",
            "43:10 BL004 YAML takes this formula under 'rows' apart. "
            "Put it in quotes, or on a line of its own after '|'.",
        ),
        ("manager, 1", "mangler, 1", "43:32 BL315 'mangler' is none of the options."),
        ("manager, 1", "manager, soon", "43:41 BL315 'soon' is not a number."),
        (
            "manager, 1",
            "manager, total / 2",
            "43:41 BL316 'total / 2' looks like a formula; "
            "a formula in the place of a value begins with '=': write '= total / 2'.",
        ),
        ("manager, 1", '"= urgent", 1', "43:35 BL311 this must be a text, it is true or false; write string(urgent)."),
    ],
)
def test_what_is_wrong_in_a_cell_is_told_at_its_place(old: str, new: str, message: str) -> None:
    before, row, after = SHOP.partition('      - [">= 10000", new, "-", manager, 1]')
    assert lines(before + row.replace(old, new) + after) == [f"shop.yaml:{message}"]


# ---- differences ----


def told(old: str, new: str) -> list[str]:
    def words(value: object) -> str:
        return value.say("en") if isinstance(value, Words) else str(value)

    return [
        f"{change.kind} {say('en', change.subject, **{key: words(each) for key, each in change.params.items()})}"
        f"{f': {change.aspect} {change.old} → {change.new}' if change.aspect else ''}"
        for change in diff(read_blueprint(old), read_blueprint(new))
    ]


def test_a_row_that_was_put_in_is_one_difference() -> None:
    row = '      - [">= 10000", new, "-", manager, 1]\n'
    assert told(SHOP, SHOP.replace(row, '      - [">= 50000", "-", "-", manager, 3]\n' + row)) == [
        "added Row 2 of table Approvers"
    ]
    assert told(SHOP.replace(row, ""), SHOP) == ["added Row 2 of table Approvers"]
    assert told(SHOP, SHOP.replace(row, "")) == ["removed Row 2 of table Approvers"]


def test_a_changed_cell_is_told_by_its_column() -> None:
    new = (
        SHOP.replace(">= 100000", ">= 90000").replace("One percent", "A percent").replace("default: 20", "default: 21")
    )
    assert told(SHOP, new) == [
        "changed Table Fee: default fee: 20 → fee: 21",
        "changed Row 1 of table Approvers: total >= 100000 → >= 90000",
        "changed Row large of table Fee: note One percent of it. → A percent of it.",
    ]
