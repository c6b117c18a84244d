"""Percentages: with their sign in cells of tables, fractions in formulas; what may be read both ways is told."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from blankett.engine import feel
from blankett.engine.checks import check_blueprint
from blankett.engine.language.loader import load_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.language.table_cells import spell_out, write_short

SHOP = """
blueprint: shop
language: 1
title: Shop
tables:
  band:
    hit: first
    in: {{share: percent}}
    out: {{fee: percent}}
    rows:
      - [{cell}, {result}]
      - ["-", 0%]
forms:
  order:
    fields:
      share: {{type: percent, required: yes}}
      fee: {{type: percent, compute: band(share)}}
      {field}
    grants: [{{who: everyone, may: all}}]
"""
MOMENT = feel.Moment(datetime(2026, 11, 20, tzinfo=UTC), ZoneInfo("UTC"))


def shop(cell: str = '"> 10%"', result: str = "15%", field: str = "note: {type: text}") -> str:
    return SHOP.format(cell=cell, result=result, field=field)


def told(source: str) -> list[str]:
    return [f"{problem.id} {problem.message}" for problem in check_blueprint(source).problems]


def given(blueprint: Blueprint | None, share: str) -> object:
    assert blueprint is not None
    fee = blueprint.forms["order"].fields["fee"].compute
    assert fee is not None
    return fee.evaluate({"share": Decimal(share)}, MOMENT)


def test_a_percentage_in_a_cell_has_its_sign() -> None:
    source = shop()
    assert told(source) == []
    found = load_blueprint(source).blueprint
    assert (given(found, "0.11"), given(found, "0.10")) == (Decimal("0.15"), Decimal(0))


@pytest.mark.parametrize(
    ("cell", "share", "fee"),
    [
        ("[5%..10%]", "0.05", "0.15"),
        ("(5%..10%]", "0.05", "0"),
        ("5 %, 7.5%", "0.075", "0.15"),
        ("not(5%)", "0.05", "0"),
        ("-5%", "-0.05", "0.15"),
        ("0", "0", "0.15"),
        ("null, < 1%", "0.001", "0.15"),
    ],
)
def test_ranges_lists_and_negations_hold_percentages(cell: str, share: str, fee: str) -> None:
    source = shop(f'"{cell}"')
    assert told(source) == []
    assert given(load_blueprint(source).blueprint, share) == Decimal(fee)


BOTH = "BL320 {0!r} may be read as {0} % and as {1} %, which it meant so far; write '{0}%' or '{1}%'."


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("> 10", [("10", "1000")]),
        ("[5..0.1]", [("5", "500"), ("0.1", "10")]),
        ("5%, 7", [("7", "700")]),
        ("1", [("1", "100")]),
    ],
)
def test_a_number_without_a_sign_is_told_with_both_readings(cell: str, numbers: list[tuple[str, str]]) -> None:
    said = told(shop(f'"{cell}"'))
    assert [each for each in said if each.startswith("BL320")] == [BOTH.format(*each) for each in numbers]


def test_a_published_table_without_signs_decides_as_it_did() -> None:
    found = load_blueprint(shop('"> 0.1"', "15")).blueprint
    assert (given(found, "0.11"), given(found, "0.09")) == (Decimal("0.15"), Decimal(0))


def test_a_result_without_a_sign_is_a_percentage_as_it_was() -> None:
    assert told(shop(result="15")) == []


SCALE = (
    "BL321 a percentage is a fraction in a formula, so {0} is {1} % here; write {2} for {0} %, or {1} / 100 for {1} %."
)


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        ("x: {type: yes_no, compute: share > 10}", ["10"]),
        ("x: {type: yes_no, compute: 10 = share}", ["10"]),
        ("x: {type: yes_no, compute: 'share between 5 and 10'}", ["5", "10"]),
        ("x: {type: yes_no, compute: 'share in [5..10]'}", ["5", "10"]),
        ("x: {type: yes_no, compute: 'share in (20, 30)'}", ["20", "30"]),
        ("x: {type: percent, compute: 'if share > 0.1 then 15 else 0.1'}", ["15"]),
        ("x: {type: percent, default: = 25}", ["25"]),
        ("x: {type: percent, compute: band(12)}", ["12"]),
        ("x: {type: yes_no, compute: share > 0.1 and share <= 1}", []),
        ("x: {type: yes_no, compute: share * 100 > 10}", []),
        ("x: {type: yes_no, compute: share > 1000 / 100}", []),
        ("x: {type: percent, default: 25, min: 5%, max: 50}", []),
    ],
)
def test_a_number_that_is_hardly_a_fraction_is_told_in_a_formula(field: str, numbers: list[str]) -> None:
    def said(number: str) -> str:
        return SCALE.format(number, f"{Decimal(number) * 100:f}", f"{(Decimal(number) / 100).normalize():f}")

    assert told(shop(field=field)) == [said(number) for number in numbers]
    assert load_blueprint(shop(field=field)).blueprint is not None


@pytest.mark.parametrize("cell", ["> 10%", "[5%..10%]", "not(2.5%)", "5%, 7%", "< -3%", "-"])
def test_a_cell_goes_to_fractions_and_back(cell: str) -> None:
    blueprint = load_blueprint(shop()).blueprint
    assert blueprint is not None
    field = blueprint.forms["order"].fields["share"]
    assert write_short(spell_out(cell, field).text, field) == cell
