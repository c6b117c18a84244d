"""Tables go to spreadsheets and DMN and come back; files of other programs are read; hostile ones are refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.analysis.made_tables import HEAD, make_table, meaning

from blankett.engine.exchange import (
    FileTables,
    Origin,
    Sheet,
    SheetColumn,
    SheetRow,
    export_dmn,
    export_xlsx,
    from_dmn,
    from_xlsx,
    sheet_of,
    table_text,
    to_xlsx,
)
from blankett.engine.exchange.dmn_writer import result_text
from blankett.engine.feel.decision_table import HITS
from blankett.engine.feel.types import not_null
from blankett.engine.fields.base import Fault
from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.language.model import Table

TABLES = {
    "approvals": make_table(
        "first",
        {"total": "order.total", "tier": "order.tier", "urgent": "yes_no", "day": "date"},
        {
            "large": [">= 100000", "-", "-", ">= 2026-01-01", "director", "1"],
            "fresh": ["[10..20), 30", "new, silver", "yes", "-", "sales", "= if urgent then 1 else 2"],
            "rest": ["-", "not(gold)", "no", "null, < 2026-01-01", "= null", "0.5"],
        },
        {"role": "role", "days": "{type: number, values: [0.5, 1, 2]}"},
        default="{role: sales, days: 2}",
    ),
    "listed": make_table(
        "output order",
        {"amount": "{type: money, currency: EUR, title: Amount of the order, values: '>= 0'}"},
        [["< 10", "a b"], ["-", "== odd"], ["> 5", '"quoted", and more']],
        {"answer": "{type: text, values: ['a b', '= odd', '\"quoted\", and more']}"},
    ),
    "percents": make_table(
        "collect sum",
        {"pieces": "{type: number, decimals: 0, values: [1, 2, 3]}", "country": "text"},
        [["1", '"DK", "NO"', "30"], ["2", 'not("DK")', "= 0.25"], ["? > 1 and ? < 3", "-", "-7.5"]],
        {"rebate": "percent"},
        default="0",
    ),
}


def decides(table: Table) -> object:
    """Return all that decides, with cells and results in the expression language."""
    rows = [
        (
            row.key,
            row.note,
            [cell.formula.text if cell.formula else None for cell in row.cells],
            [result_text(result.setting) for result in row.results],
        )
        for row in table.rows
    ]
    columns = [
        (column.field.title.say("en"), column.written, not_null(column.type))
        for column in (*table.inputs.values(), *table.outputs.values())
    ]
    bounds = [column.values.text if column.values else None for column in table.inputs.values()]
    default = {key: result_text(setting) for key, setting in table.default.items()}
    return table.key, table.hit, columns, bounds, [column.ranking for column in table.outputs.values()], rows, default


def back(found: FileTables | Fault) -> Table:
    """Return the table of the only sheet, written into a blueprint."""
    assert not isinstance(found, Fault), found
    (sheet,) = found.sheets
    return read_blueprint(HEAD.removesuffix("  t:\n") + table_text(sheet)).tables[sheet.key]


WAYS: dict[str, Callable[[Table], FileTables | Fault]] = {
    "a spreadsheet": lambda table: from_xlsx(export_xlsx([table])),
    "DMN": lambda table: from_dmn(export_dmn([table], "Shop")),
    "the text of a blueprint": lambda table: FileTables((sheet_of(table),)),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_comes_back_as_it_went(table: Table, way: Callable[[Table], FileTables | Fault]) -> None:
    assert decides(back(way(table))) == decides(table)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_cells_come_back_as_they_were_written(way: Callable[[Table], FileTables | Fault]) -> None:
    table = TABLES["approvals"]
    assert meaning(back(way(table))) == meaning(table)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=20).map(str.strip)


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS.filter(bool), min_size=1, max_size=4, unique=True), WORDS)
def test_any_words_come_back(words: list[str], note: str) -> None:
    quoted = ["'" + word.replace("'", "''") + "'" for word in words]
    note_text = "'" + note.replace("'", "''") + "'" if note else "none"
    results = [word.replace("'=", "'==", 1) if word.startswith("'=") else word for word in quoted]
    rows = "".join(f"      - {{a: '-', out: {word}, note: {note_text}}}\n" for word in results)
    text = f"{HEAD}    hit: collect\n    in: {{a: text}}\n"
    text += f"    out: {{out: {{type: text, values: [{', '.join(quoted)}]}}}}\n"
    table = next(iter(read_blueprint(text + "    rows:\n" + rows).tables.values()), None)
    assert table is not None
    for way in WAYS.values():
        assert decides(back(way(table))) == decides(table)


# ---- what people do to spreadsheets ----


def edited(change: Callable[[openpyxl.Workbook], None]) -> FileTables | Fault:
    """Return what is read of the workbook of a table after somebody changed it."""
    workbook = openpyxl.load_workbook(io.BytesIO(export_xlsx([TABLES["approvals"]])))
    change(workbook)
    saved = io.BytesIO()
    workbook.save(saved)
    return from_xlsx(saved.getvalue())


def test_numbers_days_and_empty_cells_are_read_as_meant() -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook.active.append(
            [
                None,
                10,
                None,
                True,
                datetime(2026, 1, 31),  # noqa: DTZ001 - as the program has it
                "sales",
                2.0,
                "by hand",
            ]
        )

    sheets = edited(change)
    assert not isinstance(sheets, Fault)
    row = sheets.sheets[0].rows[-1]
    assert (row.cells, row.results, row.key, row.note) == (
        ("10", "-", "yes", "2026-01-31"),
        ("sales", "2"),
        None,
        "by hand",
    )


def test_kinds_of_columns_are_read_as_they_look() -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        for at, kind in enumerate(("In", "ｉｎ", "іn", "in\u00a0", "оut", "OUT"), 2):
            workbook.active.cell(3, at, kind)

    sheets = edited(change)
    assert not isinstance(sheets, Fault)
    assert [[column.key for column in columns] for columns in (sheets.sheets[0].inputs, sheets.sheets[0].outputs)] == [
        ["total", "tier", "urgent", "day"],
        ["role", "days"],
    ]


def test_columns_may_be_moved() -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        page = workbook.active
        page.move_range(f"B3:B{page.max_row}", cols=8)
        page.delete_cols(2)
        page["B1"], page["B2"] = "t", "first"

    sheets = edited(change)
    assert not isinstance(sheets, Fault)
    assert [column.key for column in sheets.sheets[0].columns] == ["tier", "urgent", "day", "total", "role", "days"]
    assert sheets.sheets[0].rows[0].cells == ("-", "-", ">= 2026-01-01", ">= 100000")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda book: book.active.delete_rows(4),
            Fault("exchange.missing_heading", {"sheet": "t", "cell": "A7", "names": "name"}),
        ),
        (
            lambda book: book.active.cell(3, 2, "inn"),
            Fault("exchange.bad_heading", {"sheet": "t", "cell": "B3", "found": "inn", "wanted": "in, out, note"}),
        ),
        (
            lambda book: book.active.cell(2, 2, "the first"),
            Fault("exchange.bad_hit", {"sheet": "t", "cell": "B2", "found": "the first", "wanted": ", ".join(HITS)}),
        ),
        (
            lambda book: book.active.cell(4, 3, "Tier of it"),
            Fault("exchange.bad_name", {"sheet": "t", "cell": "C4", "found": "Tier of it", "meant": "tier_of_it"}),
        ),
        (
            lambda book: book.active.cell(4, 3, "total"),
            Fault("exchange.name_twice", {"sheet": "t", "cell": "C4", "found": "total", "other": "B4"}),
        ),
        (
            lambda book: book.active.cell(4, 3).__setattr__("value", None),
            Fault("exchange.no_name", {"sheet": "t", "cell": "C4"}),
        ),
        (
            lambda book: book.active.cell(9, 1, "large"),
            Fault("exchange.name_twice", {"sheet": "t", "cell": "A9", "found": "large", "other": "A8"}),
        ),
        (
            lambda book: [book.active.cell(9, at, "=1+1") for at in (2, 6)],
            Fault("exchange.formula", {"sheet": "t", "cells": "B9, F9"}),
        ),
        (
            lambda book: book.active.cell(9, 2).__setattr__("value", "#REF!"),
            Fault("exchange.cell_error", {"sheet": "t", "cells": "B9"}),
        ),
        (lambda book: book.active.delete_rows(8, 9), Fault("exchange.no_rows", {"sheet": "t"})),
        (
            lambda book: book.active.cell(3, 120, "in"),
            Fault("exchange.too_many_columns", {"limit": 100, "sheet": "t"}),
        ),
        (
            lambda book: book.active.cell(30_000, 2, "-"),
            Fault("exchange.too_many_rows", {"limit": 5_000, "sheet": "t"}),
        ),
        (
            lambda book: [book.active.cell(3, at, "note") for at in range(2, 6)],
            Fault("exchange.no_columns", {"sheet": "t"}),
        ),
        (lambda book: book.active.delete_rows(1, 99), Fault("exchange.no_table", {})),
    ],
    ids=[
        "no names",
        "a bad heading",
        "a bad hit policy",
        "a bad name",
        "a column twice",
        "no name",
        "a row twice",
        "formulas",
        "an error",
        "no rows",
        "too wide",
        "too long",
        "no input",
        "empty",
    ],
)
def test_what_is_wrong_with_a_spreadsheet_is_told(change: Callable[[openpyxl.Workbook], None], fault: Fault) -> None:
    assert edited(change) == fault


def test_percentages_are_read_as_they_are_shown() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_xlsx([TABLES["percents"]])))
    line = book.active.max_row + 1
    book.active.cell(line, 2, 3)
    book.active.cell(line, 4, 0.125).number_format = "0.0%"
    book.active.cell(line, 5, 0.1 + 0.2)
    saved = io.BytesIO()
    book.save(saved)
    sheets = from_xlsx(saved.getvalue())
    assert not isinstance(sheets, Fault)
    row = sheets.sheets[0].rows[-1]
    assert (row.cells, row.results, row.note) == (("3", "-"), ("12.5%",), "0.3")
    assert row.origins == (Origin("t", f"B{line}"), Origin("t", f"C{line}"), Origin("t", f"D{line}"))


def test_other_sheets_are_passed_over_and_that_is_told() -> None:
    sheets = edited(lambda book: book.create_sheet("Thoughts", 0).append(["Ask the board", "=NOW()"]))
    assert not isinstance(sheets, Fault)
    assert [sheet.key for sheet in sheets.sheets] == ["t"]
    assert sheets.remarks == (Fault("exchange.sheet_passed_over", {"sheet": "Thoughts"}),)


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://a.example")', "+1", "-1", "@SUM(A1)", "= total", "https://a.example"]
)
def test_a_cell_that_looks_like_a_formula_stays_a_text_in_the_spreadsheet(text: str) -> None:
    row = SheetRow(("-",), ("a",), note=text)
    sheet = Sheet("t", "first", (SheetColumn("in", "text"),), (SheetColumn("out", "text"),), (row,))
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([sheet])))
    cell = book.active.cell(book.active.max_row, 4)
    assert (cell.value, cell.data_type, cell.quotePrefix, cell.number_format, cell.hyperlink) == (
        text,
        "s",
        True,
        "@",
        None,
    )
    assert from_xlsx(to_xlsx([sheet])) == FileTables((sheet,))


def test_nothing_in_a_workbook_is_a_formula_of_the_spreadsheet() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_xlsx(list(TABLES.values())[:1])))
    assert {cell.data_type for line in book.active.iter_rows() for cell in line if cell.value is not None} == {"s"}


def packed(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


MANY_ELEMENTS = b"".join(b"<b c='%d'/>" % number for number in range(510_000))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "exchange.not_a_workbook"),
        (b"PK\x03\x04 no archive", "exchange.not_a_workbook"),
        (packed({"a.xml": b"<a/>"}), "exchange.not_a_workbook"),
        (packed({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "exchange.has_doctype"),
        (
            packed({"xl/media/a.png": b"<!--" + b" " * 9000 + b'--><!DOCTYPE a [<!ENTITY b "c">]><a/>'}),
            "exchange.has_doctype",
        ),
        (packed({"xl/workbook.xml": b"<a>%s</a>" % MANY_ELEMENTS}), "exchange.too_large"),
        (packed({"xl/workbook.xml": b"<a>" + b"<b/>" * 1_100_000 + b"</a>"}), "exchange.packed_tightly"),
        (packed({"xl/workbook.xml": b"\0" * 45_000_000}), "exchange.too_large"),
        (b"x" * 6_000_000, "exchange.too_large"),
        (packed({f"{number}.xml": b"" for number in range(600)}), "exchange.too_large"),
    ],
    ids=[
        "empty",
        "no archive",
        "no workbook",
        "entities",
        "entities far down",
        "many cells",
        "packed tightly",
        "a bomb",
        "large",
        "many parts",
    ],
)
def test_a_hostile_workbook_is_refused(data: bytes, message: str) -> None:
    found = from_xlsx(data)
    assert isinstance(found, Fault)
    assert found.message == message


@pytest.mark.parametrize("cut", [10, 100, 1000, 3000])
def test_half_a_workbook_is_refused(cut: int) -> None:
    assert isinstance(from_xlsx(to_xlsx([sheet_of(TABLES["approvals"])])[:cut]), Fault)


# ---- DMN of other tools ----

DISH = Path(__file__).with_name("dish.dmn")


def test_a_model_of_another_tool_becomes_a_table() -> None:
    sheets = from_dmn(DISH.read_bytes())
    assert not isinstance(sheets, Fault)
    assert table_text(sheets.sheets[0]) == (
        "  dish:\n"
        "    hit: unique\n"
        "    in:\n"
        "      season: {type: text, values: [Winter, Spring, Summer]}\n"
        '      guest_count: {type: number, title: How many guests, values: ">= 1"}\n'
        "      vegetarian: yes_no\n"
        "      from_day: date\n"
        "    out: {dish: text, served_on: date}\n"
        "    default: {dish: Soup}\n"
        "    rows:\n"
        '      - ["not(Winter, Spring)", "<= 8", yes, ">= 2026-05-01", Salad, 2026-06-01]\n'
        '      - {season: "Winter, Spring", dish: "= if guest_count > 1 then \\"a\\" else \\"b\\"", '
        'served_on: "= null", note: "Warm.\\nAsk first."}\n'
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "exchange.not_xml"),
        (b"<definitions>", "exchange.not_xml"),
        (b"<html/>", "exchange.no_decision_table"),
        (b"<definitions/>", "exchange.no_decision_table"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><definitions>&b;</definitions>', "exchange.has_doctype"),
        (b'<!DOCTYPE a SYSTEM "other.dtd"><definitions/>', "exchange.has_doctype"),
        (b"<a>" * 60 + b"</a>" * 60, "exchange.too_large"),
        (b"<a>" + b"<b/>" * 300_000 + b"</a>", "exchange.too_large"),
        (b" " * 3_000_000, "exchange.too_large"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "exchange.bad_encoding"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "exchange.bad_encoding"),
        (b'<?xml version="1.0" encoding="gbk"?><a>\xff\xff</a>', "exchange.bad_encoding"),
        (
            b"<definitions><decision name='a'><decisionTable><input/><output/><rule><inputEntry/></rule>"
            b"</decisionTable></decision></definitions>",
            "exchange.row_length",
        ),
        (b"<definitions><decision><decisionTable/></decision></definitions>", "exchange.no_columns"),
        (
            b"<definitions><decision><decisionTable><input/><output/></decisionTable></decision></definitions>",
            "exchange.no_rows",
        ),
        (
            b"<definitions><decision><decisionTable><input/><output/>"
            + b"<rule/>" * 6000
            + b"</decisionTable></decision></definitions>",
            "exchange.too_many_rows",
        ),
        (
            b"<definitions><decision><decisionTable hitPolicy='SOME'><input/><output/><rule><inputEntry/><outputEntry/>"
            b"</rule></decisionTable></decision></definitions>",
            "exchange.bad_hit_policy",
        ),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_model_is_refused(data: bytes, message: str) -> None:
    found = from_dmn(data)
    assert isinstance(found, Fault)
    assert found.message == message


def test_what_is_not_taken_over_as_it_stands_is_told_with_its_line() -> None:
    model = b"""<definitions>
<decision name="How much"><literalExpression><text>1</text></literalExpression></decision>
<decision name="fee"><decisionTable hitPolicy="COLLECT" aggregation="SUM">
<input label="Total of all"><inputExpression typeRef="number"><text>sum(lines.amount)</text></inputExpression></input>
<input><inputExpression typeRef="tColour"><text>colour</text></inputExpression></input>
<output name="fee" typeRef="number"/>
<annotation name="why"/><annotation name="who"/>
<rule><inputEntry><text>&gt; 5</text></inputEntry><inputEntry/><outputEntry><text>2.50</text></outputEntry>
<annotationEntry><text>because</text></annotationEntry><annotationEntry><text>Ada</text></annotationEntry></rule>
</decisionTable></decision></definitions>"""
    sheets = from_dmn(model)
    assert not isinstance(sheets, Fault)
    (sheet,) = sheets.sheets
    assert sheet.remarks == (
        Fault("exchange.input_named", {"line": 4, "found": "sum(lines.amount)", "name": "total_of_all"}),
        Fault("exchange.type_unknown", {"line": 5, "name": "colour", "type": "string", "found": "tColour"}),
        Fault("exchange.notes_joined", {"line": 3}),
    )
    assert sheets.remarks == (Fault("exchange.decision_passed_over", {"name": "How much", "line": 2}),)
    assert (sheet.hit, sheet.rows[0].results, sheet.rows[0].note) == ("collect sum", ("2.5",), "because\nAda")
    assert sheet.rows[0].origins[0] == Origin(line=8)


# ---- any table ----

OPTIONS = st.sampled_from(["-", "new", "silver, gold", "not(gold)", '"new", null', "null"])
NUMBERS = st.sampled_from(["-", "7", ">= 2", "[3..4)", "< -1.5", "not(7)", "null", "? > 1 and ? < 9", "1, [5..6]"])
DAYS = st.sampled_from(["-", "2026-01-31", ">= 2026-01-31", "[2026-01-01..2026-02-01]"])
TRUTHS = st.sampled_from(["-", "yes", "no", "not(yes)"])
CELLS: dict[str, st.SearchStrategy[str]] = {
    "order.tier": OPTIONS,
    "number": NUMBERS,
    "{type: number, decimals: 2, title: How many}": NUMBERS,
    "{type: number, values: '[-5..99]'}": NUMBERS,
    "order.total": NUMBERS,
    "date": DAYS,
    "yes_no": TRUTHS,
    "text": st.sampled_from(["-", '"a, b"', 'not("x")', 'starts with(?, "DK")', '"中文", "é"']),
}
RESULTS: dict[str, tuple[str, st.SearchStrategy[str]]] = {
    "number": ("number", st.sampled_from(["1", "-2.5", "1.25", "= 1 + 1", "= null", "0"])),
    "ranked": ("{type: number, values: [3, 2, 1]}", st.sampled_from(["1", "2", "3"])),
    "percent": ("percent", st.sampled_from(["30", "12.5", "= 0.25", "-7"])),
    "money": ("{type: money, currency: DKK}", st.sampled_from(["10", "0.5", "= null"])),
    "date": ("date", st.sampled_from(["2026-01-31", '= date("2026-01-31") + duration("P1D")'])),
    "yes_no": ("yes_no", st.sampled_from(["yes", "no", "= not(true)"])),
    "role": ("role", st.sampled_from(["sales", "director", "= null"])),
    "text": ("text", st.sampled_from(["plain", "== odd", "a: b # c", '"quoted"', "- dash", "+1", "@you", " = x "])),
    "option": ("order.tier", st.sampled_from(["new", "gold", '= if true then "new" else "gold"'])),
}


@st.composite
def tables(draw: st.DrawFn) -> Table | None:
    """Draw a table of any columns, hit policy, rows, keys, notes and defaults; None where the checker refuses it."""
    inputs = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3))
    outputs = draw(st.lists(st.sampled_from(sorted(RESULTS)), min_size=1, max_size=2))
    hit = draw(st.sampled_from(HITS))
    quoted = st.sampled_from(["", "A note: # of it", "two\nlines"])
    count = draw(st.integers(1, 4))
    has_keys = draw(st.booleans())
    lines = []
    for number in range(count):
        cells = {f"i{at}": draw(CELLS[type_]) for at, type_ in enumerate(inputs)}
        cells |= {f"o{at}": draw(RESULTS[name][1]) for at, name in enumerate(outputs)}
        note = draw(quoted)
        cells |= {"note": note} if note else {}
        pairs = ", ".join(f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in cells.items())
        lines.append(f"      {f'k{number}:' if has_keys else '-'} {{{pairs}}}\n")
    default = ""
    if draw(st.booleans()):
        default = ", ".join(f"o{at}: {json.dumps(draw(RESULTS[name][1]))}" for at, name in enumerate(outputs))
    text = (
        f"{HEAD}    hit: {hit}\n    in: {{{', '.join(f'i{at}: {type_}' for at, type_ in enumerate(inputs))}}}\n"
        f"    out: {{{', '.join(f'o{at}: {RESULTS[name][0]}' for at, name in enumerate(outputs))}}}\n"
        + (f"    default: {{{default}}}\n" if default else "")
        + "    rows:\n"
        + "".join(lines)
    )
    loaded = load_blueprint(text)
    return loaded.blueprint.tables["t"] if loaded.blueprint is not None else None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(tables().filter(lambda table: table is not None))
def test_any_table_comes_back_with_its_meaning(table: Table) -> None:
    for name, way in WAYS.items():
        found = back(way(table))
        assert decides(found) == decides(table), name
        if name != "DMN":
            assert meaning(found) == meaning(table), name
