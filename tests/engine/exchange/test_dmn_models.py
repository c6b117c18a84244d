"""Decisions of a DMN file that need each other come in as tables that call each other, and give the file's answers."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.exchange import FileTables, from_dmn
from blankett.engine.exchange.table_import import Imports, import_tables
from blankett.engine.fields.base import Fault
from blankett.forms.table_tryout import read_api_inputs, try_table
from blankett.forms.value_text import Reader

BLUEPRINT = """
blueprint: shop
language: 1
title: Shop
forms:
  order:
    fields: {n: {type: number}}
    grants: [{who: everyone, may: all}]
"""


def model(*parts: str) -> bytes:
    return f"<definitions>\n{''.join(parts)}</definitions>".encode()


def column(text: str, type_: str) -> str:
    return f"<input><inputExpression typeRef='{type_}'><text>{text}</text></inputExpression></input>\n"


def output(name: str, type_: str) -> str:
    return f"<output name='{name}' typeRef='{type_}'/>\n"


def rule(*texts: str, outputs: int = 1) -> str:
    names = ["inputEntry"] * (len(texts) - outputs) + ["outputEntry"] * outputs
    cells = (f"<{name}><text>{text}</text></{name}>" for name, text in zip(names, texts, strict=True))
    return f"<rule>{''.join(cells)}</rule>\n"


SEASON = column("Month", "number") + output("Season", "string") + rule("[5..9]", '"Summer"') + rule("-", '"Winter"')
DISH = (
    column("Season", "string")
    + column("Guest Count", "number")
    + output("Dish", "string")
    + output("Price", "number")
    + rule('"Winter"', "-", '"Stew"', "9", outputs=2)
    + rule('"Summer"', "&gt; 8", '"Buffet"', "20", outputs=2)
    + rule('"Summer"', "&lt;= 8", '"Salad"', "7", outputs=2)
)
INPUTS = "<inputData id='m' name='Month'><variable name='Month' typeRef='number'/></inputData>\n"
INPUTS += "<inputData id='g' name='Guest Count'><variable name='Guest Count' typeRef='number'/></inputData>\n"


def decision(id_: str, name: str, body: str, *needs: str, type_: str = "") -> str:
    """Return a decision; *needs*: ids of inputs (one letter), functions (`f…`) and decisions."""
    needed = ""
    for each in needs:
        kind = "knowledge" if each.startswith("f") else "information"
        word = "requiredKnowledge" if kind == "knowledge" else "requiredDecision" if len(each) > 1 else "requiredInput"
        needed += f"<{kind}Requirement><{word} href='#{each}'/></{kind}Requirement>"
    return f"<decision id='{id_}' name='{name}'><variable name='{name}' typeRef='{type_}'/>{needed}{body}</decision>\n"


def table(grid: str, hit: str = "FIRST") -> str:
    return f"<decisionTable hitPolicy='{hit}'>\n{grid}</decisionTable>"


def expression(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def function(id_: str, name: str, body: str, **parameters: str) -> str:
    formal = "".join(f"<formalParameter name='{each}' typeRef='{type_}'/>" for each, type_ in parameters.items())
    logic = f"<encapsulatedLogic>{formal}{body}</encapsulatedLogic>"
    return (
        f"<businessKnowledgeModel id='{id_}' name='{name}'><variable name='{name}'/>{logic}</businessKnowledgeModel>\n"
    )


def come_in(data: bytes) -> Imports:
    found = read(data)
    return import_tables(BLUEPRINT, found.sheets, {}, lambda text: check_blueprint(text).problems)


def read(data: bytes) -> FileTables:
    found = from_dmn(data)
    assert isinstance(found, FileTables), found
    return found


def answer(made: Imports, key: str, **inputs: str) -> dict[str, str]:
    """Return {output: what a table that came out of a file gives}."""
    blueprint = check_blueprint(made.text).blueprint
    assert blueprint is not None
    table = blueprint.tables[key]
    values, faults = read_api_inputs(table, inputs)
    assert not faults
    answers = try_table(table, values, Reader.of_language("en")).answers
    return {title: value for row in answers for title, value in row}


DINNER = model(
    INPUTS,
    decision("season", "Season", table(SEASON), "m"),
    decision("dish", "Dish of the day", table(DISH), "season", "g"),
    decision("bill", "Bill", expression("Dish of the day.Price * Guest Count + 1"), "dish", "g", type_="number"),
)


def test_decisions_that_need_each_other_are_asked_for_as_one() -> None:
    made = come_in(DINNER)
    assert [done.key for done in made.done] == ["season", "dish_of_the_day", "decide_dish_of_the_day", "bill"]
    assert (made.left, made.faults, read(DINNER).remarks) == ((), (), ())
    assert answer(made, "decide_dish_of_the_day", month="7", guest_count="12") == {"Dish": "Buffet", "Price": "20"}
    assert answer(made, "decide_dish_of_the_day", month="1", guest_count="12") == {"Dish": "Stew", "Price": "9"}
    assert answer(made, "bill", month="7", guest_count="2") == {"Bill": "15"}


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        ("Dish of the day.Price * Guest Count + 1", "number"),
        ("Dish of the day.Price * 1.5", "number"),
        ('"Today: " + Dish of the day.Dish', "text"),
        ("Dish of the day.Price &gt; 10", "yes_no"),
        ("if Dish of the day.Price &gt; 10 then true else false", "yes_no"),
        ('if Dish of the day.Price &gt; 10 then date("2026-01-01") else date("2026-02-01")', "date"),
        ('if Dish of the day.Price &gt; 10 then @"2026-01-01" else null', "date"),
        ("string length(Dish of the day.Dish)", "number"),
        ("if Guest Count &gt; 3 then Dish of the day.Dish else null", "text"),
    ],
)
def test_an_expression_without_a_type_is_read_as_what_it_works_out(written: str, type_: str) -> None:
    sheets = read(
        model(
            INPUTS,
            decision("season", "Season", table(SEASON), "m"),
            decision("dish", "Dish of the day", table(DISH), "season", "g"),
            decision("bill", "Bill", expression(written), "dish", "g"),
        )
    ).sheets
    assert [each.type for sheet in sheets if sheet.key == "bill" for each in sheet.outputs] == [type_]


def test_what_was_made_of_several_is_told_with_its_call() -> None:
    told = [
        remark for sheet in read(DINNER).sheets for remark in sheet.remarks if remark.message != "exchange.input_named"
    ]
    call = "decide_dish_of_the_day(month, guest_count)"
    assert told == [
        Fault("exchange.asks_decision", {"line": 10, "table": "Dish of the day", "name": "Season", "call": call}),
        Fault("exchange.put_together", {"line": 10, "name": "Dish of the day", "call": call}),
        Fault("exchange.put_together", {"line": 19, "name": "Bill", "call": "bill(month, guest_count)"}),
    ]


RATE = column("tier", "string") + column("amount", "number") + output("rate", "number")
RATE += rule('"gold"', "&gt; 100", "0.2") + rule('"gold"', "-", "0.1") + rule("-", "-", "0")


def test_a_function_with_a_table_is_called_with_its_parameters_in_their_order() -> None:
    data = model(
        "<inputData id='t' name='Client Tier'><variable name='Client Tier' typeRef='string'/></inputData>",
        "<inputData id='s' name='Sum'><variable name='Sum' typeRef='number'/></inputData>",
        function("f1", "Rate of", table(RATE), amount="number", tier="string", day="date"),
        decision("d1", "Off", expression("Sum * Rate of(Sum, Client Tier, null)"), "t", "s", "f1", type_="number"),
        decision(
            "d2",
            "Bound",
            "<invocation><literalExpression><text>Rate of</text></literalExpression>"
            "<binding><parameter name='tier'/><literalExpression><text>Client Tier</text></literalExpression></binding>"
            "<binding><parameter name='amount'/><literalExpression><text>Sum</text></literalExpression></binding>"
            "</invocation>",
            *("t", "s", "f1"),
            type_="number",
        ),
    )
    made = come_in(data)
    assert [(done.key, [each.key for each in done.sheet.inputs]) for done in made.done] == [
        ("rate_of", ["amount", "tier", "day"]),
        ("off", ["sum", "client_tier"]),
        ("bound", ["sum", "client_tier"]),
    ]
    assert answer(made, "off", sum="200", client_tier="gold") == {"Off": "40"}
    assert answer(made, "bound", sum="50", client_tier="gold") == {"Bound": "0.1"}


def test_a_function_with_an_expression_comes_in_where_a_table_calls_it() -> None:
    grid = column("Month", "number") + output("fee", "number") + rule("-", "twice of(Month) + 1")
    data = model(
        INPUTS,
        function("f1", "twice of", expression("x + doubled(x) - x"), x="number"),
        function("f2", "doubled", expression("2 * x"), x="number"),
        function("f3", "unused", expression("x"), x="number"),
        decision("d1", "Fee", table(grid), "m", "f1"),
    )
    made = come_in(data)
    assert made.left == ()
    assert answer(made, "fee", month="4") == {"Fee": "9"}
    assert sorted(done.key for done in made.done) == ["doubled", "fee", "twice_of"]
    assert [remark.params["name"] for remark in read(data).remarks] == ["unused"]


def test_a_function_that_looks_at_more_than_its_parameters_is_told() -> None:
    grid = column("tier = 1", "boolean") + output("rate", "number") + rule("true", "1") + rule("false", "2")
    (sheet,) = read(model(function("f1", "Rate", table(grid), tier="number"))).sheets
    assert Fault("exchange.function_inputs", {"line": 2, "name": "Rate"}) in sheet.remarks


@pytest.mark.parametrize("hit", ["COLLECT", "RULE ORDER"])
def test_a_decision_that_gives_a_list_is_left_to_who_calls(hit: str) -> None:
    other = column("Season", "string") + output("Dish", "string") + rule('"Summer"', '"Salad"')
    found = read(
        model(
            INPUTS,
            decision("season", "Season", table(SEASON, hit), "m"),
            decision("dish", "Dish", table(other), "season"),
        )
    )
    assert [sheet.key for sheet in found.sheets] == ["season", "dish"]
    assert found.sheets[1].remarks[-1] == Fault(
        "exchange.needs_decision", {"line": 10, "table": "Dish", "name": "Season"}
    )


def test_decisions_that_need_themselves_are_tables_of_their_own() -> None:
    one = column("B", "string") + output("A", "string") + rule('"x"', '"y"')
    two = column("A", "string") + output("B", "string") + rule('"y"', '"x"')
    found = read(model(decision("aa", "A", table(one), "bb"), decision("bb", "B", table(two), "aa")))
    made = come_in(model(decision("aa", "A", table(one), "bb"), decision("bb", "B", table(two), "aa")))
    assert {"a", "b"} <= {done.key for done in made.done}
    assert not made.faults
    assert any(remark.message == "exchange.needs_decision" for sheet in found.sheets for remark in sheet.remarks)
