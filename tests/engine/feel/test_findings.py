"""What the checker says of formulas: types, findings, reads and calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from blankett.engine import feel
from blankett.engine.feel.types import in_words

WRONG = Path(__file__).parent / "golden" / "wrong_formulas.txt"


def test_findings_for_wrong_formulas(order_scope: feel.Scope, golden: Callable[[str, str], None]) -> None:
    formulas = [line[4:] for line in WRONG.read_text(encoding="utf-8").splitlines() if line.startswith(">>> ")]
    assert len(formulas) > 80
    golden("wrong_formulas.txt", "".join(_what_is_said(formula, order_scope) for formula in formulas))


def _what_is_said(formula: str, scope: feel.Scope) -> str:
    checked = feel.check(feel.parse_expression(formula), scope, text=formula)
    lines = [f">>> {formula}", f"    = {in_words(checked.type)}{' or null' if checked.type.nullable else ''}"]
    for finding in checked.findings:
        suggestion = f" -> {finding.suggestion}" if finding.suggestion else ""
        lines.append(" " * (4 + finding.start) + "^" * (finding.end - finding.start))
        lines.append(f"{finding.severity} {finding.code}: {finding.message}{suggestion}")
    return "\n".join(lines) + "\n\n"


def test_findings_where_there_is_no_calendar(golden: Callable[[str, str], None]) -> None:
    scope = feel.Scope({"start": feel.Date()}, calendars=())
    formulas = ("next working day(start)", 'is working day(start, "office")')
    golden("without_calendar.txt", "".join(_what_is_said(formula, scope) for formula in formulas))


def test_every_message_is_shown_by_a_formula() -> None:
    """Each code of the checker and the parser has a formula in the golden files."""
    golden = "".join(path.read_text(encoding="utf-8") for path in WRONG.parent.iterdir())
    elsewhere = (
        "feel.sql_",
        "feel.budget_",
        "feel.unclosed_brace",
        "feel.stray_brace",
        "feel.empty",
        "feel.too_",
        "feel.wrong_result",
    )
    missing = [code for code in feel.MESSAGES if not code.startswith(elsewhere) and f"{code}:" not in golden]
    assert missing == []


READS = [
    ("total", ["total"]),
    ("every l in lines satisfies l.product.floor_price > 1", ["lines", "lines.product", "lines.product.floor_price"]),
    ("lines[quantity > 5].price", ["lines", "lines.price", "lines.quantity"]),
    ("sum(lines.product.price)", ["lines", "lines.product", "lines.product.price"]),
    ("sort(lines, function(a, b) a.quantity < b.quantity).product.name",
     ["lines", "lines.product", "lines.product.name", "lines.quantity"]),
    ("(if urgent then customer else customer.parent_company).name",
     ["customer", "customer.name", "customer.parent_company", "customer.parent_company.name", "urgent"]),
    ("{c: customer}.c.tier", ["customer", "customer.tier"]),
    ("lines[1].product.name", ["lines", "lines.product", "lines.product.name"]),
    ("for l in concatenate(lines, lines) return l.amount", ["lines", "lines.amount"]),
    ('convert(customer.balance, "EUR", today())', ["customer", "customer.balance", "customer.currency"]),
    ("for l in lines return convert(l.product.price, currency, due)",
     ["currency", "due", "lines", "lines.product", "lines.product.currency", "lines.product.price"]),
    ("user.name", ["user", "user.name"]),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "reads"), READS, ids=[case[0] for case in READS])
def test_reads_are_paths_from_the_roots(formula: str, reads: list[str], order_scope: feel.Scope) -> None:
    checked = feel.check(feel.parse_expression(formula), order_scope)
    assert sorted(".".join(path) for path in checked.reads) == reads


def test_calls_are_named() -> None:
    scope = feel.Scope({"lines": feel.ListOf(feel.Number()), "total": feel.Number()}, {"limit": feel.FunctionType()})
    checked = feel.check(feel.parse_expression("total(lines) + total > limit() and now() > now()"), scope)
    assert (checked.calls, checked.findings) == (frozenset({"total", "limit", "now"}), ())


EXPECTED = [
    ("total > 1", feel.Boolean(), []),
    ("total", feel.Boolean(), ["feel.wrong_result"]),
    ("customr", feel.Boolean(), ["feel.unknown_name"]),
    ("null", feel.Number(), []),
    ('"gold"', feel.Text(("gold", "new")), []),
    ('if urgent then "gold" else "nw"', feel.Text(("gold", "new")), ["feel.not_an_option"]),
    ("customer.balance", feel.Number(("currency",)), ["feel.mixed_currencies"]),
    ("total", feel.Number(("currency",)), []),
    ("3", feel.Number(("currency",)), []),
    ("[user]", feel.ListOf(feel.RecordType("user")), []),
    ("customer", feel.RecordType("user"), ["feel.wrong_result"]),
]


@pytest.mark.parametrize(
    ("formula", "expect", "codes"), EXPECTED, ids=[f"{case[0]} as {in_words(case[1])}" for case in EXPECTED]
)
def test_value_must_be_what_is_expected(
    formula: str, expect: feel.Type, codes: list[str], order_scope: feel.Scope
) -> None:
    checked = feel.check(feel.parse_expression(formula), order_scope, expect)
    assert [finding.code for finding in checked.findings] == codes


#: Formulas that say what is meant when something is empty.
CAREFUL = [
    "due != null and due > today()",
    "due = null or due > today()",
    "not(due = null) and due > start",
    "if due = null then 0 else (due - today()).days",
    "if due != null and discount != null then discount > 1 else false",
    "discount > 1 and discount < 5 or discount = null",
    "customer.balance = null or customer.balance > 5",
    "every l in lines satisfies l.price = null or l.price > 1",
    "urgent = true",
    "urgent or nights > 1",
    "total(lines.amount) > 0",
    "due = start",
    "discount > 1 and total * discount > 1",
]


@pytest.mark.parametrize("formula", CAREFUL)
def test_careful_formula_has_no_finding_but_of_the_first_look(formula: str, order_scope: feel.Scope) -> None:
    findings = feel.check(feel.parse_expression(formula), order_scope, feel.Boolean()).findings
    unguarded = {"discount > 1 and discount < 5 or discount = null", "discount > 1 and total * discount > 1"}
    expected = ["feel.may_be_null"] if formula in unguarded else []
    wrong = ["feel.wrong_result"] if formula.startswith("if due = null") else []
    assert [finding.code for finding in findings] == wrong + expected


def test_money_inside_a_line_is_in_the_currency_of_its_record(line_scope: feel.Scope) -> None:
    formulas = {
        "quantity * price > parent.total": [],
        "price > product.price": ["feel.mixed_currencies"],
        "convert(product.price, parent.currency, today()) > price": [],
        "price > currency": ["feel.unknown_name"],
    }
    found = {
        formula: [f.code for f in feel.check(feel.parse_expression(formula), line_scope).errors] for formula in formulas
    }
    assert found == formulas


def test_unknown_name_that_is_a_part_is_suggested_with_its_owner(line_scope: feel.Scope) -> None:
    (finding,) = feel.check(feel.parse_expression("urgent"), line_scope).findings
    assert (finding.code, finding.suggestion) == ("feel.unknown_name", "parent.urgent")


def test_what_is_asked_has_its_currency_in_the_scope(order_scope: feel.Scope) -> None:
    asked = feel.Context(
        {
            "refund": feel.Number(("currency",), nullable=True),
            "paid": feel.Number(("inputs", "currency")),
            "currency": feel.Text(),
        }
    )
    scope = order_scope.child({"inputs": asked})
    formulas = {
        "total - inputs.paid": ["feel.mixed_currencies"],
        "if inputs.refund = null then 0 else total - inputs.refund": [],
        "convert(inputs.paid, currency, today()) < total": ["feel.may_be_null"],
        "convert(total, inputs.currency, today()) < inputs.paid": [],
    }
    found = {
        formula: [f.code for f in feel.check(feel.parse_expression(formula), scope).findings] for formula in formulas
    }
    assert found == formulas


def test_the_record_behind_a_link_is_no_further_step() -> None:
    forms = {
        "order": feel.Context({"parent_order": feel.RecordType("order"), "record": feel.RecordType("order.record")}),
        "order.record": feel.Context({"state": feel.Text()}),
    }
    scope = feel.Scope({"order": feel.RecordType("order"), "parent": feel.RecordType("order")}, forms=forms.get)
    formulas = {
        "order.parent_order.parent_order.record.state": [],
        "order.parent_order.parent_order.parent_order.record.state": ["feel.too_many_steps"],
        "parent.parent_order.parent_order.parent_order.record": [],
    }
    found = {
        formula: [f.code for f in feel.check(feel.parse_expression(formula), scope).findings] for formula in formulas
    }
    assert found == formulas
