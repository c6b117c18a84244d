"""Spreadsheets as people make them: cells as they are shown, conditions as people say them, sheets never exported."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime

import openpyxl
import pytest

from blankett.engine.exchange import FileTables, Sheet, from_xlsx, table_text
from blankett.engine.exchange.cell_notation import read_result, read_test
from blankett.engine.exchange.plain_sheet import ColumnAnswer, PlainSheet
from blankett.engine.exchange.sheet_cells import shown_value
from blankett.engine.exchange.table_sheet import CellReading
from blankett.engine.fields.base import Fault
from blankett.engine.fields.cells import Habits
from blankett.engine.language.loader import read_blueprint

BLUEPRINT = "blueprint: shop\nlanguage: 1\ntitle: Shop\nforms:\n  order:\n    fields: {n: {type: number}}\n"
BLUEPRINT += "    grants: [{who: everyone, may: all}]\n"


def workbook(lines: Sequence[Sequence[object]], change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Rates"
    for line in lines:
        book.active.append(list(line))
    if change is not None:
        change(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def read(data: bytes) -> FileTables:
    found = from_xlsx(data)
    assert isinstance(found, FileTables), found
    return found


def plain(lines: Sequence[Sequence[object]], change: Callable[[openpyxl.Workbook], None] | None = None) -> PlainSheet:
    (sheet,) = read(workbook(lines, change)).plain
    return sheet


def taken(sheet: PlainSheet) -> Sheet:
    """Return a sheet as it is guessed; it is a sound table of a blueprint."""
    found = sheet.sheet(sheet.guessed())
    assert isinstance(found, Sheet), found
    read_blueprint(f"{BLUEPRINT}tables:\n{table_text(found)}")
    return found


# ---- how cells are shown ----


@pytest.mark.parametrize(
    ("value", "written", "shown"),
    [
        (99, "0000", "0099"),
        (1.1, "0.00", "1.10"),
        (0.5, "0%", "50%"),
        (0.125, "0.0%", "12.5%"),
        (45, '"K-"000', "K-045"),
        (True, "General", "TRUE"),
        (0.1 + 0.2, "General", "0.3"),
        (1234.5, '#,##0.00 "€"', "1,234.50 €"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (-5, "0.0;[Red](0.0)", "(5.0)"),
        (0, '0;-0;"none"', "none"),
        (1234567, "#,##0,", "1,235"),
        (123456789, "000-00-0000", "123-45-6789"),
        (5, '0" kg"', "5 kg"),
        (datetime(2026, 12, 31), "dd.mm.yyyy", "31.12.2026"),  # noqa: DTZ001 - as the program has it
        (datetime(2026, 1, 2, 14, 5), "mmm d, yyyy h:mm AM/PM", "Jan 2, 2026 2:05 PM"),  # noqa: DTZ001
        (datetime(2026, 1, 31), 'yyyy"年"m"月"d"日"', "2026年1月31日"),  # noqa: DTZ001
        (1.5, "# ?/?", None),
        (1, "0" * 300, None),
    ],
)
def test_a_value_is_shown_as_its_format_says(value: object, written: str, shown: str | None) -> None:
    assert shown_value(value, written) == shown


# ---- how people say conditions ----

FORMS = {
    "number": {
        "5": "5", "<=5": "<= 5", "< 100 €": "< 100", "EUR 7": "7", "7,50": "7.5", "5 or more": ">= 5",
        "≥1000": ">= 1000",
        "１２３４": "1234", "1.000,50": "1000.5", "> 1,000.50": "> 1000.5", "1 000": "1000", "10-20": "[10..20]",
        "10 – 20": "[10..20]", "between 5 and 7": "[5..7]", "5 to 7": "[5..7]", "100+": ">= 100", "5 or 7": "5, 7",
        "any": "-", "*": "-", "": "-", "任意": "-", "not 5": "not(5)", "> 10, < 5": "> 10, < 5", "[1..5]": "[1..5]",
        "mindestens 5": ">= 5", "1000以上": ">= 1000", "5 days or more": ">= 5", "10k": None, "soon": None,
        "zwischen 5 und 7": "[5..7]", "mellem 5 og 7": "[5..7]", "介于5和7之间": "[5..7]", "5和7": None,
    },
    "percent": {"5%": "5%", "<= 5 %": "<= 5%", "5-10%": "[5%..10%]"},
    "date": {
        "31.12.2026": "2026-12-31", "2026-12-31": "2026-12-31", "before 31.12.2026": "< 2026-12-31",
        "1.1.2026 - 31.3.2026": "[2026-01-01..2026-03-31]", "12/31/2026": "2026-12-31", "2026年1月2日": "2026-01-02",
        "31.2.2026": None,
    },
    "yes_no": {"ja": "yes", "TRUE": "yes", "nein": "no", "否": "no", "x": "yes", "maybe": None},
    "text": {
        "Gold": '"Gold"', "Gold or Silver": '"Gold", "Silver"', "Gold, Silver": '"Gold", "Silver"',
        "not Gold": 'not("Gold")', "other_column": "other_column",
        '"a", "b"': '"a", "b"', 'starts with(?, "DK")': 'starts with(?, "DK")', "99": '"99"',
        "金牌、银牌": '"金牌", "银牌"', "Gold and more": '"Gold and more"',
        "more than 5,000": '"more than 5,000"', "A,B": '"A", "B"', "A1,5": '"A1,5"',
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "found"), [(kind, *pair) for kind, forms in FORMS.items() for pair in forms.items()]
)
def test_a_condition_is_read_as_people_say_it(kind: str, text: str, found: str | None) -> None:
    form = read_test(text, kind, Habits(), ["other_column"])
    assert (form.text if form else None) == found


@pytest.mark.parametrize(
    ("kind", "text", "habits", "read_as"),
    [
        ("number", "1,000", Habits("."), "1000"),
        ("number", "1,000", Habits(","), "1"),
        ("number", "1.000", Habits("."), "1"),
        ("number", "1.000", Habits(","), "1000"),
        ("date", "01/02/2026", Habits(order="dmy"), "2026-02-01"),
        ("date", "01/02/2026", Habits(order="mdy"), "2026-01-02"),
    ],
)
def test_what_could_mean_two_things_is_read_by_the_sheet_and_doubted(
    kind: str, text: str, habits: Habits, read_as: str
) -> None:
    form = read_test(text, kind, habits)
    assert form is not None
    assert (form.text, form.is_doubtful) == (read_as, True)
    assert read_result(text, kind, habits) == form


# ---- sheets that were exported, and changed ----

HEAD = (
    ("table", "t"),
    ("hit", "first"),
    ("column", "in", "in", "out"),
    ("name", "a", "b", "y"),
    ("type", "number", "text", "text"),
)


def exported(
    *rows: Sequence[object], change: Callable[[openpyxl.Workbook], None] | None = None, types: Sequence[str] = ()
) -> Sheet:
    head = [*HEAD[:4], ("type", *types)] if types else HEAD
    (sheet,) = read(workbook([*head, *((None, *row) for row in rows)], change)).sheets
    return sheet


def test_cells_are_read_as_meant_and_that_is_told() -> None:
    sheet = exported(("10-20", "Gold", 1), ("1,000", '"a", b', "x"), ("7,50", "any", "y"))
    assert [row.texts for row in sheet.rows] == [
        ("[10..20]", '"Gold"', "1"),
        ("1000", '"a", b', "x"),
        ("7,50", "-", "y"),
    ]
    assert sheet.readings == (
        CellReading("B6", "10-20", "[10..20]"),
        CellReading("B7", "1,000", "1000", True),
        CellReading("C8", "any", "-"),
    )


def test_results_of_texts_are_what_the_sheet_shows() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.active["D6"].number_format = "0000"
        book.active["C7"].number_format = "000"

    sheet = exported((1, "x", 99), (2, 7, True), change=change)
    assert [row.texts for row in sheet.rows] == [("1", '"x"', "0099"), ("2", '"007"', "TRUE")]


def test_amounts_and_days_lose_what_is_around_them_and_that_is_told() -> None:
    at = datetime(2026, 1, 31, 14, 30)  # noqa: DTZ001 - as the program has it
    sheet = exported((at, "ja", "EUR 7,50"), ("31.12.2026", True, "1.250,00 €"), types=("date", "yes_no", "money"))
    assert [row.texts for row in sheet.rows] == [("2026-01-31", "yes", "7.5"), ("2026-12-31", "yes", "1250")]
    assert [reading.cell for reading in sheet.readings] == ["B6", "C6", "D6", "B7", "D7"]


def test_merged_cells_hold_what_they_show_and_hidden_ones_are_told() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.active.merge_cells("C6:C7")
        book.active.row_dimensions[8].hidden = True
        book.active.column_dimensions["B"].hidden = True
        book.active.sheet_state = "visible"

    sheet = exported(("< 5", '"gold"', "a"), (">= 5", None, "b"), ("-", '"new"', "c"), change=change)
    assert [row.cells[1] for row in sheet.rows] == ['"gold"', '"gold"', '"new"']
    assert sheet.remarks == (
        Fault("exchange.merged", {"sheet": "Rates", "cells": "C6:C7"}),
        Fault("exchange.hidden_rows", {"sheet": "Rates", "rows": "8"}),
        Fault("exchange.hidden_columns", {"sheet": "Rates", "columns": "B"}),
    )


# ---- sheets that were not exported ----

PLAIN = (
    ("Discount policy",),
    (),
    ("No.", "Customer tier", "Order total", "From", "Express", "Discount", "Fee", "Remarks"),
    (1, "Gold or Silver", "5 or more", "31.12.2026", "ja", 0.05, "EUR 7", "big"),
    (2, "any", "< 100 €", "01/02/2026", "nein", 0.1, "EUR 7,50", None),
    (3, "not Gold", "≥1000", "*", "*", None, "", "ask"),
)


def as_percents(book: openpyxl.Workbook) -> None:
    for row in range(4, 7):
        book.active.cell(row, 6).number_format = "0%"


@pytest.mark.parametrize(
    ("text", "is_doubtful"),
    [
        *(
            (text, True)
            for text in ("< 100 €", "1k - 5k", "more than 5,000", "before 17:00", "≥ EUR 5", "9-17", "20以上")
        ),
        *((text, False) for text in ("Gold", "not 7", "99", "A-1", "B2B", "over the counter", "under review")),
    ],
)
def test_a_bound_in_a_column_of_texts_is_doubted(text: str, is_doubtful: bool) -> None:
    form = read_test(text, "text", Habits())
    assert form is not None
    assert form.is_doubtful == is_doubtful


def test_a_column_that_accepts_anything_somewhere_is_an_input() -> None:
    answers = plain([["国家", "加急", "费用"], ["中国", "是", 10], ["日本", "任意", 20]]).guessed()
    assert [(column.role, column.type) for column in answers.columns] == [
        ("in", "text"),
        ("in", "yes_no"),
        ("out", "number"),
    ]


def test_what_the_columns_of_a_plain_sheet_are_is_guessed() -> None:
    answers = plain(PLAIN, as_percents).guessed()
    assert (answers.key, answers.hit, answers.habits) == ("rates", "first", Habits(",", "dmy"))
    assert [(column.role, column.type, column.title) for column in answers.columns] == [
        ("none", "number", "No."),
        ("in", "text", "Customer tier"),
        ("in", "number", "Order total"),
        ("in", "date", "From"),
        ("in", "yes_no", "Express"),
        ("out", "percent", "Discount"),
        ("out", "money", "Fee"),
        ("note", "text", "Remarks"),
    ]


def test_a_plain_sheet_becomes_a_table_and_what_is_read_otherwise_is_told() -> None:
    sheet = taken(plain(PLAIN, as_percents))
    assert (sheet.key, sheet.title) == ("rates", "Discount policy")
    assert [(row.texts, row.note) for row in sheet.rows] == [
        (('"Gold", "Silver"', ">= 5", "2026-12-31", "yes", "5%", "7"), "big"),
        (("-", "< 100", "2026-02-01", "no", "10%", "7.5"), None),
        (('not("Gold")', ">= 1000", "-", "-", "= null", "= null"), "ask"),
    ]
    assert sheet.outputs[1].currency == "EUR"
    read_otherwise = {reading.cell: (reading.shown, reading.read, reading.is_doubtful) for reading in sheet.readings}
    assert read_otherwise["C4"] == ("5 or more", ">= 5", False)
    assert read_otherwise["D5"] == ("01/02/2026", "2026-02-01", True)
    assert read_otherwise["F6"] == ("", "= null", False)
    assert "F4" not in read_otherwise
    assert Fault("exchange.columns_left", {"sheet": "Rates", "columns": "“No.”"}) in sheet.remarks


def test_the_answers_decide() -> None:
    sheet = plain((("A", "B", "C"), ("1", "2", "3")))
    answers = sheet.guessed()
    columns = (ColumnAnswer("out", "number", "First"), ColumnAnswer("none"), ColumnAnswer("in", "text", "Third"))
    found = sheet.sheet(type(answers)("mine", "unique", columns, Habits()))
    assert isinstance(found, Sheet)
    assert (found.key, [column.key for column in found.columns], found.rows[0].texts) == (
        "mine",
        ["third", "first"],
        ('"3"', "1"),
    )


def test_headings_in_any_script_stay_as_titles() -> None:
    sheet = taken(plain((("客户等级", "折扣"), ("金牌", 5), ("银牌", 3))))
    assert [(column.key, column.title) for column in sheet.columns] == [("input_1", "客户等级"), ("output_2", "折扣")]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ((("A", "B"), ("=1+1", 2)), Fault("exchange.formula", {"sheet": "Rates", "cells": "A2"})),
        ((("A", "B"), (1, "#REF!")), Fault("exchange.cell_error", {"sheet": "Rates", "cells": "B2"})),
    ],
    ids=["a formula", "an error"],
)
def test_what_no_table_can_hold_is_told_with_its_cell(lines: Sequence[Sequence[object]], fault: Fault) -> None:
    sheet = plain(lines)
    assert sheet.sheet(sheet.guessed()) == fault


def test_a_workbook_without_anything_like_a_table_is_refused() -> None:
    assert from_xlsx(workbook([("Only a title",)])) == Fault("exchange.no_table_found")
