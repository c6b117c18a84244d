"""A table out of a file goes into the text of a blueprint, and leaves alone what the file does not change."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.analysis.made_tables import HEAD, meaning

from blankett.engine.checks import check_blueprint
from blankett.engine.exchange import FileTables, Sheet, SheetRow, export_dmn, export_xlsx, from_dmn, from_xlsx, sheet_of
from blankett.engine.exchange.table_diff import TextChange
from blankett.engine.exchange.table_import import Import, choose_sheet, import_table, origin_of, read_file
from blankett.engine.fields.base import Fault
from blankett.engine.language.loader import load_blueprint, read_blueprint

TEXT = f"""{HEAD}    title: Who approves      # asked by the board
    help: Who must agree.
    hit: first
    in:
      total: order.total
      tier: order.tier   # the customer's
    out: {{role: role, days: {{type: number, values: [2, 1, 0.5]}}}}
    rows:
      # the big ones
      large: [">= 100000", "-",            director, 1]    # since 2024
      # the new ones
      fresh: ["-",         '"new", silver', sales,    "= 1 / 2"]

      rest:
        role: sales
        days: 1.0            # a day
        note: All others.
    default: {{role: sales, days: 2}}
scenarios: {{}}
# the end
"""

TABLE = read_blueprint(TEXT.replace("scenarios: {}\n", "")).tables["t"]
SOURCE = TEXT.replace("scenarios: {}\n", "")
WAYS: dict[str, Callable[[], FileTables | Fault]] = {
    "xlsx": lambda: from_xlsx(export_xlsx([TABLE])),
    "dmn": lambda: from_dmn(export_dmn([TABLE], "Shop")),
}


def brought(sheet: Sheet, source: str = SOURCE) -> Import:
    done = import_table(source, sheet, check_blueprint(source).partial.tables)  # type: ignore[union-attr]
    assert isinstance(done, Import), done
    return done


def the_sheet(way: str = "xlsx") -> Sheet:
    sheets = WAYS[way]()
    assert not isinstance(sheets, Fault), sheets
    return sheets.sheets[0]


@pytest.mark.parametrize("way", WAYS)
def test_a_table_brought_back_changes_not_a_letter(way: str) -> None:
    done = brought(the_sheet(way))
    assert (done.is_change, done.head, done.rows, done.text) == (False, (), (), SOURCE)


@pytest.mark.parametrize("way", WAYS)
def test_rows_keep_their_identity_and_their_comments(way: str) -> None:
    sheet = the_sheet(way)
    large, fresh, rest = sheet.rows
    rows = (
        replace(fresh, cells=("< 10", fresh.cells[1])),
        replace(large, results=("director", "2")),
        SheetRow(("[1..5]", "gold"), ("sales", "1"), key="small", note="Quick."),
        rest,
    )
    done = brought(replace(sheet, rows=rows))
    assert [(change.kind, change.key, change.number, change.cells) for change in done.rows] == [
        ("changed", "fresh", 1, (TextChange("total", "-", "< 10"),)),
        ("changed", "large", 2, (TextChange("days", "1", "2"),)),
        ("added", "small", 3, ()),
    ]
    assert done.text[done.text.index("    rows:") :] == (
        "    rows:\n"
        "      # the big ones\n"
        "      # the new ones\n"
        '      fresh: ["< 10",      \'"new", silver\', sales,    "= 1 / 2"]\n'
        '      large: [">= 100000", "-",            director, 2]    # since 2024\n'
        '      small: {total: "[1..5]", tier: gold, role: sales, days: 1, note: Quick.}\n'
        "\n"
        "      rest:\n"
        "        role: sales\n"
        "        days: 1.0            # a day\n"
        "        note: All others.\n"
        "    default: {role: sales, days: 2}\n"
        "# the end\n"
    )
    assert read_blueprint(done.text).tables["t"].rows[2].key == "small"


def test_what_stands_above_the_rows_changes_in_place() -> None:
    sheet = the_sheet()
    tier = replace(sheet.inputs[1], type="text", listed=("new", "gold"), title="Tier of it")
    done = brought(replace(sheet, hit="collect", title="Approval", inputs=(sheet.inputs[0], tier), default={}))
    assert done.head == (
        TextChange("hit", "first", "collect"),
        TextChange("title", "Who approves", "Approval"),
        TextChange("tier.type", "order.tier", "text"),
        TextChange("tier.title", "", "Tier of it"),
        TextChange("tier.listed", "", "new, gold"),
        TextChange("default.role", "sales", ""),
        TextChange("default.days", "2", ""),
    )
    assert "    title: Approval      # asked by the board\n    help: Who must agree.\n    hit: collect\n" in done.text
    assert (
        '      tier: {type: text, title: "Tier of it", values: [new, gold]}   # the customer\'s\n'
        in done.text.replace("title: Tier of it", 'title: "Tier of it"')
    )
    assert "    default:" not in done.text
    assert "# the big ones" in done.text


def test_columns_come_and_go() -> None:
    sheet = the_sheet()
    total, _tier = sheet.inputs
    urgent = replace(total, key="urgent", type="yes_no")
    rows = tuple(replace(row, cells=("no", row.cells[0])) for row in sheet.rows)
    done = brought(replace(sheet, inputs=(urgent, total), rows=rows))
    assert done.head == (TextChange("in", "total, tier", "urgent, total"),)
    table = read_blueprint(done.text).tables["t"]
    assert [(row.key, tuple(cell.text for cell in row.cells), row.note) for row in table.rows] == [
        ("large", ("no", ">= 100000"), None),
        ("fresh", ("no", "-"), None),
        ("rest", ("no", "-"), "All others."),
    ]
    assert "      # the big ones\n      large: [" in done.text


LISTED = f"""{HEAD}    in: {{a: number}}
    out: {{b: text}}
    rows:
      # one
      - ["1", one]
      - ["2", two]
      # three
      - {{a: "3", b: three, note: odd}}
"""


def test_rows_without_keys_are_found_by_what_they_say() -> None:
    sheet = sheet_of(read_blueprint(LISTED).tables["t"])
    one, two, three = sheet.rows
    done = brought(
        replace(sheet, rows=(three, one, replace(two, results=("zwei",)), SheetRow(("4",), ("four",)))), LISTED
    )
    assert [(change.kind, change.number, change.cells) for change in done.rows] == [
        ("moved", 1, ()),
        ("changed", 3, (TextChange("b", "two", "zwei"),)),
        ("added", 4, ()),
    ]
    assert done.text.partition("rows:\n")[2] == (
        "      # one\n"
        "      # three\n"
        '      - {a: "3", b: three, note: odd}\n'
        '      - ["1", one]\n'
        '      - ["2", zwei]\n'
        "      - [4,   four]\n"
    )


def test_rows_may_get_keys() -> None:
    sheet = sheet_of(read_blueprint(LISTED).tables["t"])
    rows = (replace(sheet.rows[0], key="first"), *sheet.rows[1:])
    done = brought(replace(sheet, rows=rows), LISTED)
    assert done.remarks == (Fault("exchange.comments_lost", {"name": "t"}),)
    assert [row.key for row in read_blueprint(done.text).tables["t"].rows] == ["first", "row_2", "row_3"]


def test_a_new_table_stands_behind_the_others() -> None:
    sheet = replace(the_sheet(), key="other")
    done = brought(sheet)
    assert done.is_new
    tables = read_blueprint(done.text).tables
    assert list(tables) == ["t", "other"]
    assert meaning(tables["other"]) == meaning(tables["t"])
    assert done.text.endswith("# the end\n")


def test_a_blueprint_without_tables_gets_them() -> None:
    source = SOURCE[: SOURCE.index("tables:")]
    done = brought(the_sheet(), source)
    assert done.text.startswith(source)
    assert meaning(read_blueprint(done.text).tables["t"]) == meaning(TABLE)


def test_another_tool_that_keeps_no_types_changes_none() -> None:
    foreign = export_dmn([TABLE], "Shop").decode()
    for name in ("type", "kind", "listed", "decimals", "currency", "key"):
        foreign = re.sub(rf' blankett:{name}="[^"]*"', "", foreign)
    sheets = from_dmn(foreign.encode())
    assert not isinstance(sheets, Fault)
    done = brought(sheets.sheets[0])
    assert (done.head, done.rows, done.text) == ((), (), SOURCE)


def test_problems_are_placed_in_the_file() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_xlsx([TABLE])))
    book.active["C9"] = "platinum"
    saved = io.BytesIO()
    book.save(saved)
    sheets = read_file(saved.getvalue(), "table.XLSX")
    assert not isinstance(sheets, Fault)
    assert "platinum" in {row.cells[1] for row in sheets.sheets[0].rows}
    done = brought(sheets.sheets[0])
    (problem,) = [each for each in check_blueprint(done.text).problems if each.is_error]
    origin = origin_of(problem.place.path, done)
    assert origin is not None
    assert origin.cell == "C9"


def test_the_table_meant_is_chosen() -> None:
    sheet = the_sheet()
    other = replace(sheet, key="other")
    assert choose_sheet(FileTables((sheet, other)), "other") == other
    assert choose_sheet(FileTables((other,)), "t") == sheet
    assert choose_sheet(FileTables((sheet, other)), "othr") == Fault(
        "exchange.no_such_table", {"name": "othr", "names": "t, other", "meant": "other"}
    )
    named = replace(other, title="Second one")
    assert choose_sheet(FileTables((sheet, named)), "mine", "second one") == replace(named, key="mine")
    assert choose_sheet(FileTables((sheet, sheet)), "t") == Fault("exchange.table_twice", {"name": "t", "count": 2})


def test_a_file_of_another_kind_is_refused() -> None:
    assert read_file(b"a;b", "table.csv") == Fault("exchange.unknown_format", {"name": "table.csv"})


def test_a_table_that_cannot_be_read_stays_as_it_is() -> None:
    assert import_table("tables: {t: 3}\n", the_sheet(), {}) == Fault("exchange.table_unreadable", {"name": "t"})
    assert import_table("tables: [", the_sheet(), {}) == Fault("exchange.table_unreadable", {"name": "t"})


CELLS = st.sampled_from(["-", "1", ">= 2", "[3..4)", '"a, b"', "not(7)", "null"])
RESULTS = st.sampled_from(
    ["x", "= a + 1", "= a + 2", "= 1 + 1", "= [1]", "'quoted'", "a: b # c", "= null", "-", "==y", "1.50", "中文"]
)
ROWS = st.lists(st.tuples(CELLS, RESULTS, st.sampled_from([None, "note", "a\nb"])), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS)
def test_any_rows_can_take_the_place_of_any_others(old: list[tuple], new: list[tuple]) -> None:
    sheet = sheet_of(read_blueprint(LISTED).tables["t"])
    first = replace(sheet, rows=tuple(SheetRow((cell,), (result,), note=note) for cell, result, note in old))
    second = replace(sheet, rows=tuple(SheetRow((cell,), (result,), note=note) for cell, result, note in new))
    source = brought(first, LISTED).text
    done = brought(second, source)
    loaded = load_blueprint(done.text)
    assert loaded.partial is not None
    written = sheet_of(loaded.partial.tables["t"])
    assert [(row.cells, row.results, row.note) for row in written.rows] == [
        (row.cells, row.results, row.note) for row in done.sheet.rows
    ]
    assert not brought(second, done.text).is_change


@pytest.mark.parametrize("way", ["xlsx", "dmn"])
def test_every_table_that_ships_comes_back_to_the_letter(way: str) -> None:
    text = files("blankett.blueprints").joinpath("order_management.yaml").read_text(encoding="utf-8")
    tables = read_blueprint(text).tables
    chosen = list(tables.values())
    sheets = from_xlsx(export_xlsx(chosen)) if way == "xlsx" else from_dmn(export_dmn(chosen, "Orders"))
    assert not isinstance(sheets, Fault), sheets
    assert [sheet.key for sheet in sheets.sheets] == list(tables)
    for sheet in sheets.sheets:
        done = import_table(text, sheet, tables)
        assert isinstance(done, Import)
        assert (done.head, done.rows) == ((), ())
        assert done.text == text


def test_another_formula_is_a_change() -> None:
    sheet = sheet_of(read_blueprint(LISTED.replace("two]", '"= string(a)"]')).tables["t"])
    source = brought(sheet, LISTED).text
    one, two, three = sheet.rows
    done = brought(replace(sheet, rows=(one, replace(two, results=("= string(a + 1)",)), three)), source)
    assert [change.cells for change in done.rows] == [(TextChange("b", "= string(a)", "= string(a + 1)"),)]


TEXTS = re.compile(rb"<text>([^<]*)<|(?:type|kind|listed|key|name|typeRef|hitPolicy|decimals|label)=\"([^\"]*)\"")
STRANGE = st.sampled_from(
    "|-|= 1/0|9e999|NaN|null|_xD800_|1e400|percent|role|x.y.z|[1|{|a: b # c|*|&amp;lt;|\u202e|&#10;|COLLECT|"
    "collect sum|%|'|&quot;|k1|fresh|😀".split("|")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), STRANGE), min_size=1, max_size=4))
def test_a_model_that_somebody_broke_is_read_or_refused(changes: list[tuple[int, str]]) -> None:
    model = export_dmn([TABLE], "Shop")
    for number, text in changes:
        spots = list(TEXTS.finditer(model))
        spot = spots[number % len(spots)]
        start, end = spot.span(1) if spot[1] is not None else spot.span(2)
        model = model[:start] + text.encode() + model[end:]
    sheets = read_file(model, "a.dmn")
    for sheet in sheets.sheets if isinstance(sheets, FileTables) else ():
        done = import_table(SOURCE, sheet, {"t": TABLE})
        assert isinstance(done, Fault) or load_blueprint(done.text) is not None


BRACES = f"""{HEAD}    title: "A {{{{x}}}} b"
    help: "{{{{ help }}}}"
    in: {{a: {{type: number, title: "In {{{{y}}}}"}}}}
    out: {{b: number}}
    rows: [["1", 2]]
"""


@pytest.mark.parametrize("way", ["xlsx", "dmn"])
def test_braces_of_titles_come_back_and_those_of_other_programs_are_texts(way: str) -> None:
    table = read_blueprint(BRACES).tables["t"]
    found = from_xlsx(export_xlsx([table])) if way == "xlsx" else from_dmn(export_dmn([table], "Shop"))
    assert isinstance(found, FileTables)
    (sheet,) = found.sheets
    assert (sheet.title, sheet.help, sheet.inputs[0].title) == ("A {x} b", "{ help }", "In {y}")
    assert not brought(sheet, BRACES).is_change
    other = read_blueprint(brought(replace(sheet, key="u"), BRACES).text).tables["u"]
    assert (other.title.say("en"), other.inputs["a"].title.say("en")) == ("A {x} b", "In {y}")
    changed = read_blueprint(brought(replace(sheet, title="Now {z}"), BRACES).text).tables["t"]
    assert changed.title.say("en") == "Now {z}"
