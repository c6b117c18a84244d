"""Tables of Camunda, Kogito, Flowable and others come in whole, or it is told in which line what is not taken."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.exchange import FileTables, Sheet, from_dmn, table_text
from blankett.engine.exchange.table_import import Import, import_table, import_tables
from blankett.engine.fields.base import Fault
from blankett.engine.language.loader import read_blueprint

BLUEPRINT = "blueprint: shop\nlanguage: 1\ntitle: Shop\nforms:\n  order:\n    fields: {n: {type: number}}\n"
BLUEPRINT += "    grants: [{who: everyone, may: all}]\n"


def model(*parts: str, attributes: str = "") -> bytes:
    return f"<definitions {attributes}>\n{''.join(parts)}</definitions>".encode()


def decision(grid: str, name: str = "Fee", attributes: str = "", before: str = "") -> str:
    return f"<decision name='{name}'>{before}<decisionTable {attributes}>\n{grid}</decisionTable></decision>\n"


def column(text: str, type_: str = "", label: str = "") -> str:
    reference = f" typeRef='{type_}'" if type_ else ""
    return f"<input label='{label}'><inputExpression{reference}><text>{text}</text></inputExpression></input>\n"


def output(name: str, type_: str = "") -> str:
    return f"<output name='{name}'{f' typeRef={chr(39)}{type_}{chr(39)}' if type_ else ''}/>\n"


def rule(*texts: str, outputs: int = 1) -> str:
    at = len(texts) - outputs
    names = ["inputEntry" if number < at else "outputEntry" for number in range(len(texts))]
    cells = (f"<{name}><text>{text}</text></{name}>" for name, text in zip(names, texts, strict=True))
    return f"<rule>{''.join(cells)}</rule>\n"


def read(data: bytes) -> FileTables:
    found = from_dmn(data)
    assert isinstance(found, FileTables), found
    return found


def only(data: bytes) -> Sheet:
    (sheet,) = read(data).sheets
    return sheet


def sound(sheet: Sheet) -> Sheet:
    """Return a sheet that is a sound table of a blueprint."""
    read_blueprint(f"{BLUEPRINT}tables:\n{table_text(sheet)}")
    return sheet


@pytest.mark.parametrize(
    ("named", "type_"),
    [
        *((name, "number") for name in ("integer", "Integer", "int", "long", "double", "float", "feel:number")),
        *((name, "number") for name in ("java.lang.Double", "BigDecimal", "xsd:decimal", "short")),
        *((name, "yes_no") for name in ("boolean", "Boolean", "bool")),
        *((name, "text") for name in ("string", "String", "feel:string")),
        *((name, "date") for name in ("date", "Date", "feel:date")),
        *((name, "duration") for name in ("days and time duration", "dayTimeDuration")),
        *((name, "datetime") for name in ("dateTime", "date and time", "LocalDateTime")),
        *((name, "time") for name in ("time", "LocalTime", "feel:time")),
    ],
)
def test_the_types_of_other_tools_are_ours(named: str, type_: str) -> None:
    grid = column("a", named) + output("r", named) + rule("-", "null")
    sheet = only(model(decision(grid)))
    assert ([each.type for each in sheet.columns], sheet.remarks) == ([type_, type_], ())
    sound(sheet)


@pytest.mark.parametrize(
    ("cells", "results", "types"),
    [
        (["&lt; 18", "&gt;= 18"], ["false", "true"], ["number", "yes_no"]),
        (['"a", "b"', 'not("a")'], ["1", "a + 1"], ["text", "number"]),
        (["[1..5[", "10, 20"], ['"x"', ""], ["number", "text"]),
        (['&gt; date("2026-01-01")', "-"], ['date("2026-05-01")', "null"], ["date", "date"]),
        (["true", "-"], ["-", '"a"'], ["yes_no", "text"]),
    ],
    ids=["numbers", "texts", "ranges", "days", "truths"],
)
def test_a_type_that_is_not_named_is_guessed_from_the_cells_and_told(
    cells: list[str], results: list[str], types: list[str]
) -> None:
    grid = column("a") + output("r") + "".join(rule(*pair) for pair in zip(cells, results, strict=True))
    if "a + 1" in results:
        grid = grid.replace("a + 1", "2 + 1")
    sheet = only(model(decision(grid, attributes="hitPolicy='FIRST'")))
    assert [each.type for each in sheet.columns] == types
    assert [fault.message for fault in sheet.remarks] == ["exchange.type_guessed"] * 2
    sound(sheet)


def test_a_text_whose_cells_are_all_numbers_is_a_number_and_that_is_told() -> None:
    grid = column("age", "string") + output("r", "string") + rule("&lt; 18", "5")
    sheet = sound(only(model(decision(grid))))
    assert [each.type for each in sheet.columns] == ["number", "number"]
    assert sheet.remarks[0] == Fault("exchange.type_other", {"line": 3, "name": "age", "type": "number"})


def test_the_type_of_an_input_of_the_model_and_of_its_parts_is_found() -> None:
    types = (
        "<itemDefinition name='tApplicant'><itemComponent name='Age'><typeRef>integer</typeRef></itemComponent>"
        "</itemDefinition><inputData name='Applicant'><variable name='Applicant' typeRef='tApplicant'/></inputData>\n"
        "<itemDefinition name='tRates' isCollection='true'><typeRef>number</typeRef></itemDefinition>"
    )
    grid = column("Applicant.Age") + output("") + rule("-", "null")
    before = "<variable name='Rates' typeRef='tRates'/>"
    sheet = only(model(types, decision(grid, "Rates", "hitPolicy='RULE ORDER'", before)))
    assert [(each.key, each.type) for each in sheet.columns] == [("applicant_age", "number"), ("rates", "number")]
    sound(sheet)


def test_what_nobody_filled_in_is_null() -> None:
    grid = column("a", "string") + output("x", "string") + output("y", "number") + rule('"u"', '"v"', "", outputs=2)
    assert sound(only(model(decision(grid)))).rows[0].results == ("v", "= null")


def test_inputs_get_names_and_cells_read_them_by_those() -> None:
    grid = (
        column("Order Total", "number")
        + column("customer.tier", "string")
        + column("maxTotal", "number", "Most")
        + output("Discount Percent", "number")
        + rule("&lt; maxTotal", 'not("Order Total")', "-", "Order  Total * 0.01")
        + rule("[1..maxTotal]", "-", "-", 'if customer.tier = "gold" then 1 else Order Total')
    )
    sheet = sound(only(model(decision(grid, "Discount Rules", "hitPolicy='FIRST'"))))
    assert sheet.key == "discount_rules"
    assert [each.key for each in sheet.columns] == ["order_total", "customer_tier", "most", "discount_percent"]
    assert [row.texts for row in sheet.rows] == [
        ("< most", 'not("Order Total")', "-", "= order_total * 0.01"),
        ("[1..most]", "-", "-", '= if customer_tier = "gold" then 1 else order_total'),
    ]
    assert Fault("exchange.input_named", {"line": 5, "found": "maxTotal", "name": "most"}) in sheet.remarks


def test_what_cells_read_beside_the_inputs_becomes_an_input() -> None:
    needs = "<informationRequirement><requiredInput href='#i'/></informationRequirement>"
    data = "<inputData id='i' name='Base Rate'><variable name='Base Rate' typeRef='number'/></inputData>\n"
    grid = column("tier", "string") + output("rate", "number") + rule('"gold"', "Base Rate / 2") + rule('"new"', "2")
    sheet = sound(only(model(data, decision(grid, before=needs))))
    assert [(each.key, each.type) for each in sheet.inputs] == [("tier", "text"), ("base_rate", "number")]
    assert sheet.rows[0].texts == ('"gold"', "-", "= base_rate / 2")
    assert Fault("exchange.input_added", {"line": 6, "found": "Base Rate", "name": "base_rate"}) in sheet.remarks


def test_names_in_any_script_stay_as_titles() -> None:
    grid = (
        column("客户等级", "string", "客户等级")
        + column("订单金额", "number")
        + output("折扣", "number")
        + rule('"金牌"', "&gt;= 1000", "订单金额 * 0.1")
        + rule('not("金牌")', "-", "0")
    )
    found = read(model(decision(grid, "折扣规则"), decision(grid, "运费"), decision(grid, "Größe")))
    assert [(sheet.key, sheet.title) for sheet in found.sheets] == [
        ("table_1", "折扣规则"),
        ("table_2", "运费"),
        ("grosse", "Größe"),
    ]
    first = sound(found.sheets[0])
    assert [(each.key, each.title) for each in first.columns] == [
        ("input_1", "客户等级"),
        ("input_2", "订单金额"),
        ("output_1", "折扣"),
    ]
    assert Fault("exchange.output_named", {"line": 5, "found": "折扣", "name": "output_1"}) in first.remarks
    assert first.rows[0].texts == ('"金牌"', ">= 1000", "= input_2 * 0.1")


def test_names_that_mean_something_to_us_become_others() -> None:
    grid = column("record", "string") + column("note", "string") + output("count", "number") + rule("-", "-", "1")
    sheet = sound(only(model(decision(grid, "count"))))
    assert sheet.key == "count_table"
    assert [each.key for each in sheet.columns] == ["the_record", "the_note", "count"]


@pytest.mark.parametrize("element", ["allowedValues", "typeConstraint"])
def test_what_a_type_of_the_model_allows_is_taken(element: str) -> None:
    types = (
        f'<itemDefinition name=\'tTier\'><typeRef>string</typeRef><{element}><text>"gold","silver"</text></{element}>'
        f"</itemDefinition><itemDefinition name='tScore'><typeRef>number</typeRef><{element}><text>[0..100]</text>"
        f"</{element}></itemDefinition>\n"
    )
    grid = column("tier", "tTier") + column("score", "tScore") + output("out", "tScore") + rule('"gold"', "-", "1")
    sheet = sound(only(model(types, decision(grid))))
    assert (sheet.inputs[0].listed, sheet.inputs[1].values) == (("gold", "silver"), "[0..100]")
    assert sheet.remarks == (Fault("exchange.values_left", {"line": 6, "name": "out", "found": "[0..100]"}),)


def test_tables_that_can_come_in_do_beside_those_that_cannot() -> None:
    good = column("a", "number") + output("y", "string") + rule("1", '"x"')
    empty = column("q", "string") + output("z", "string")
    found = read(model(decision(good, "Fee"), decision(empty, "Draft"), decision(good, "Fee")))
    assert [sheet.key for sheet in found.sheets] == ["fee", "fee_2"]
    assert [(each.key, each.name, each.fault) for each in found.refused] == [
        ("draft", "Draft", Fault("exchange.no_rows", {"sheet": "Draft"}))
    ]
    assert found.sheets[1].remarks == (Fault("exchange.key_of_twin", {"line": 11, "name": "Fee", "key": "fee_2"}),)


def test_of_all_tables_those_with_errors_are_left_out_and_those_that_call_them() -> None:
    good = column("a", "number") + output("y", "number") + rule("-", "1")
    calls = column("a", "number") + output("y", "number") + rule("-", "bad(a)")
    found = read(
        model(
            decision(good.replace("1", "good_one(a)"), "early"),
            decision(good, "good one"),
            decision(good.replace("1", "nothing"), "bad"),
            decision(calls, "caller"),
        )
    )
    made = import_tables(BLUEPRINT, found.sheets, {}, lambda text: check_blueprint(text).problems)
    assert [done.key for done in made.done] == ["early", "good_one"]
    assert [(left.key, [each.id for each in problems]) for left, problems in made.left] == [
        ("bad", ["BL302"]),
        ("caller", ["BL304"]),
    ]
    assert list(read_blueprint(made.text).tables) == ["early", "good_one"]


PLAIN = column("a", "string") + output("y", "string")
REFUSED = {
    "JUEL by its look": (
        model(decision(column("${customer.name}", "string") + output("y") + rule('"a"', '"b"'))),
        Fault("exchange.looks_like_juel", {"line": 3, "found": "${customer.name}"}),
    ),
    "a language for the file": (
        model(decision(PLAIN + rule('"a"', '"b"')), attributes="expressionLanguage='juel'"),
        Fault("exchange.other_language", {"line": 5, "language": "juel", "found": '"a"'}),
    ),
    "a language of a result": (
        model(decision(PLAIN + rule('"a"', "b.c()").replace("<outputEntry>", "<outputEntry expressionLanguage='g'>"))),
        Fault("exchange.other_language", {"line": 5, "language": "g", "found": "b.c()"}),
    ),
    "years and months in cells": (
        model(decision(column("at") + output("y", "string") + rule('&lt; @"P1Y"', '"a"'))),
        Fault("exchange.type_not_held", {"line": 3, "name": "at", "found": "years and months duration"}),
    ),
    "a structure": (
        model(
            "<itemDefinition name='tA'><itemComponent name='b'><typeRef>string</typeRef></itemComponent>"
            "</itemDefinition>\n",
            decision(column("a", "tA") + output("y", "string") + rule("-", '"a"')),
        ),
        Fault("exchange.type_structure", {"line": 4, "name": "a", "found": "tA"}),
    ),
    "a list": (
        model(
            "<itemDefinition name='tA' isCollection='true'><typeRef>string</typeRef></itemDefinition>\n",
            decision(column("a", "tA") + output("y", "string") + rule("-", '"a"')),
        ),
        Fault("exchange.type_list", {"line": 4, "name": "a", "found": "tA"}),
    ),
    "cells of two types": (
        model(decision(column("a") + output("y", "string") + rule("1", '"a"') + rule('"b"', '"a"'))),
        Fault("exchange.types_mixed", {"line": 3, "name": "a", "found": "number, string"}),
    ),
    "a table in a function": (
        model("<businessKnowledgeModel name='Rate'><encapsulatedLogic><context><decisionTable/></context>"
              "</encapsulatedLogic></businessKnowledgeModel>"),
        Fault("exchange.table_inside", {"name": "Rate", "line": 2}),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "fault"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_is_refused_with_its_line(data: bytes, fault: Fault) -> None:
    assert from_dmn(data) == fault


def test_constants_mean_the_same_in_every_language() -> None:
    grid = column("a", "string") + output("y", "string") + rule("-", '"b"')
    sheet = only(model(decision(grid), attributes="expressionLanguage='juel'"))
    assert sound(sheet).rows[0].texts == ("-", "b")


def test_feel_is_known_by_any_of_its_names() -> None:
    grid = column("a", "string") + output("y", "string") + rule('"a"', '"b"')
    for name in (
        "feel",
        "FEEL",
        "http://www.omg.org/spec/FEEL/20140401",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    ):
        assert only(model(decision(grid), attributes=f"expressionLanguage='{name}'")).rows


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5", "utf-16"])
def test_a_file_in_an_encoding_of_chinese_is_read(encoding: str) -> None:
    grid = column("折扣", "string") + output("y", "string") + rule('"金"', '"b"')
    text = f"<?xml version='1.0' encoding='{encoding}'?><definitions>{decision(grid)}</definitions>"
    assert only(text.encode(encoding)).inputs[0].title == "折扣"


def test_what_a_decision_asks_is_its_help() -> None:
    grid = column("a", "string") + output("y", "string") + rule('"a"', '"b"')
    assert only(model(decision(grid, before="<question>What is it?</question>"))).help == "What is it?"


@pytest.mark.parametrize(
    ("cell", "result", "type_"),
    [("-", "1 - Extra", "number"), ("&gt; Extra", "1", "number"), ("-", "if Extra and true then 1 else 2", "yes_no")],
)
def test_the_type_of_what_cells_read_besides_is_guessed_from_its_use(cell: str, result: str, type_: str) -> None:
    needs = "<informationRequirement><requiredInput href='#i'/></informationRequirement>"
    data = "<inputData id='i' name='Extra'/>\n"
    grid = column("total", "number") + output("rate", "number") + rule(cell, result)
    sheet = sound(only(model(data, decision(grid, before=needs))))
    assert [(each.key, each.type) for each in sheet.inputs] == [("total", "number"), ("extra", type_)]


def test_columns_of_moments_times_and_lengths_come_in_with_their_cells() -> None:
    grid = column("at", "dateTime") + column("opens", "time") + column("takes", "days and time duration")
    first = rule('&lt; date and time("2026-01-01T00:00:00Z")', '&gt;= time("09:00:00")', '[@"PT1H"..@"P1D"]', '"a"')
    sheet = only(model(decision(grid + output("y", "string") + first)))
    assert [each.type for each in sheet.columns] == ["datetime", "time", "duration", "text"]
    assert (sheet.rows[0].cells, sheet.remarks) == (("< 2026-01-01T00:00Z", ">= 09:00", "[PT1H..P1D]"), ())


def test_moments_that_say_no_zone_come_in_as_utc_and_that_is_told() -> None:
    first = rule('&lt; date and time("2026-01-01T00:00:00")', '"a"') + rule('@"2026-02-01T09:30:00@Europe/Oslo"', '"b"')
    sheet = only(model(decision(column("at", "dateTime") + output("y", "string") + first)))
    done = import_table("blueprint: x\n", sheet, {})
    assert isinstance(done, Import)
    assert [row.cells for row in done.sheet.rows] == [("< 2026-01-01T00:00Z",), ("2026-02-01T09:30@Europe/Oslo",)]
    params = {"found": "< 2026-01-01T00:00", "instead": "< 2026-01-01T00:00Z"}
    assert done.remarks == (Fault("exchange.zone_added", params),)
