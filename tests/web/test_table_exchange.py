"""Decision tables as files: taken out, brought in after a preview, and nothing of a file reaches the text unseen."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from blankett.engine.exchange import export_dmn, export_xlsx, from_dmn, from_xlsx, sheet_of
from blankett.engine.fields.base import Fault
from blankett.engine.language.loader import read_blueprint
from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import Visitor, publish
from .pages import form_pairs, words
from .test_tables import MATRIX, draft_of

TABLES = read_blueprint(MATRIX).tables
BRING_IN = "/blueprints/matrix/bring-in"


@pytest.fixture
def matrix(services: Services, clock: Any) -> None:
    publish(services.store, MATRIX, clock())


@pytest.fixture
def admin(signed_in: Callable[[str], Visitor], matrix: None) -> Visitor:
    return signed_in("admin")


def workbook(*tables: str, **cells: object) -> bytes:
    """Return a spreadsheet with *tables*, and with *cells*, {address: value}, in its first sheet."""
    book = openpyxl.load_workbook(io.BytesIO(export_xlsx([TABLES[key] for key in tables])))
    for address, value in cells.items():
        book.active[address] = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def send(visitor: Visitor, data: bytes, name: str = "table.xlsx", table: str = "approvers") -> Any:
    values = {"table": table, "file": (io.BytesIO(data), name), "csrf_token": visitor.token()}
    return visitor.client.post(BRING_IN, data=values, content_type="multipart/form-data")


def keep(visitor: Visitor, page: str) -> Any:
    return visitor.post(f"{BRING_IN}/save", form_pairs(page, "keep"))


@pytest.mark.parametrize(
    ("address", "name", "type_"),
    [
        ("tables/approvers/export.xlsx", "matrix_approvers.xlsx", "application/vnd.openxmlformats"),
        ("tables/approvers/export.dmn", "matrix_approvers.dmn", "application/xml"),
        ("tables.xlsx", "matrix_tables.xlsx", "application/vnd.openxmlformats"),
        ("tables.dmn", "matrix_tables.dmn", "application/xml"),
    ],
)
def test_tables_are_taken_out_as_files(admin: Visitor, address: str, name: str, type_: str) -> None:
    answer = admin.get(f"/blueprints/matrix/{address}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype.startswith(type_)
    sheets = from_xlsx(answer.data) if name.endswith("xlsx") else from_dmn(answer.data)
    assert not isinstance(sheets, Fault)
    expected = (
        [sheet_of(TABLES["approvers"])] if "approvers" in address else [sheet_of(each) for each in TABLES.values()]
    )
    assert list(sheets.sheets) == expected


def test_there_are_no_other_kinds_of_files(admin: Visitor) -> None:
    assert admin.get("/blueprints/matrix/tables/approvers/export.exe").status_code == 404
    assert admin.get("/blueprints/matrix/tables.html").status_code == 404
    assert admin.get("/blueprints/matrix/tables/nothing/export.xlsx").status_code == 404


def test_a_file_is_shown_row_by_row_before_anything_changes(admin: Visitor, services: Services) -> None:
    data = workbook("approvers", B12="< 9000", F12=3, B13="[9000..10000)", E13="manager", F13=1, G13="Between.")
    answer = send(admin, data)
    assert answer.status_code == 200
    said = words(answer.text)
    assert "Approval matrix 1 row added 1 row changed" in said
    assert "4 Changed < 10000 < 9000 - - sales 2 3 A colleague is enough." in said
    assert "5 Added [9000..10000) - - manager 1 Between." in said
    assert draft_of(services) == MATRIX


def test_what_was_seen_goes_into_the_draft_and_nothing_else(admin: Visitor, services: Services) -> None:
    page = send(admin, workbook("approvers", B12="< 9000", B13="[9000..10000)", E13="manager", F13=1)).text
    answer = keep(admin, page)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/blueprints/matrix/tables/approvers")
    assert draft_of(services) == MATRIX.replace(
        '{total: "< 10000", role: sales, days: 2, note: A colleague is enough.}\n',
        '{total: "< 9000", role: sales, days: 2, note: A colleague is enough.}\n'
        '      - ["[9000..10000)",      "-",       "-",   manager,  1]\n',
    )


def test_a_file_that_changes_nothing_says_so(admin: Visitor) -> None:
    for data, name in ((workbook("approvers"), "a.xlsx"), (export_dmn([TABLES["approvers"]], "M"), "a.dmn")):
        answer = send(admin, data, name)
        assert "The file changes nothing." in words(answer.text)
        assert 'id="keep"' not in answer.text


def test_a_problem_is_shown_with_the_cell_of_the_file(admin: Visitor) -> None:
    said = words(send(admin, workbook("approvers", C9="nwe")).text)
    assert "'nwe' is not one of the options (new, silver, gold). Did you mean “new”?" in said.replace("'new'", "“new”")
    assert "Sheet “approvers”, cell C9" in said
    assert "With errors it can be kept as a draft, but not published." in said


def test_all_tables_of_a_file_come_in_at_once(admin: Visitor, services: Services) -> None:
    data = export_dmn(list(TABLES.values()), "M").replace(b'name="freight"', b'name="parcels"')
    page = send(admin, data, "all.dmn", table="").text
    assert "New table" in words(page)
    answer = keep(admin, page)
    assert answer.headers["Location"] == "/blueprints/matrix/tables"
    assert list(read_blueprint(draft_of(services)).tables) == ["approvers", "freight", "parcels"]


def test_a_table_that_cannot_come_in_is_told_beside_those_that_do(admin: Visitor) -> None:
    model = export_dmn([TABLES["freight"]], "M").replace(
        b"</definitions>",
        b"<decision name='Later'><decisionTable><input/><output/></decisionTable></decision></definitions>",
    )
    said = words(send(admin, model, "all.dmn", table="").text)
    assert "Not everything in the file comes in:" in said
    assert "“Later” is not taken in: The table “Later” has no rows. Write at least one." in said
    assert "The file changes nothing." in said


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "a.xlsx", "This is no workbook that can be read. Save it as .xlsx."),
        (b"a;b", "a.csv", "“a.csv” is neither a spreadsheet (.xlsx) nor DMN (.dmn, .xml). Save it as one of them."),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a.dmn", "The file defines a document type, which is not read"),
        (b"<a", "a.dmn", "Line 1: this is no XML: unclosed token."),
        (export_dmn(list(TABLES.values()), "M"), "<script>.pdf", "“<script>.pdf” is neither"),
        (
            export_dmn([TABLES["freight"]] * 2, "M"),
            "a.dmn",
            "The file has no table “approvers”; it has freight, freight_2.",
        ),
    ],
    ids=["empty", "another kind", "a document type", "no XML", "a hostile name", "other tables"],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_control(
    admin: Visitor, services: Services, data: bytes, name: str, told: str
) -> None:
    answer = send(admin, data, name)
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert "<script>.pdf" not in answer.text
    assert 'aria-describedby="e-file h-file"' in answer.text
    assert draft_of(services) == MATRIX


def test_no_file_at_all_is_told(admin: Visitor) -> None:
    answer = admin.post(BRING_IN, {"table": "approvers"})
    assert (answer.status_code, "Choose a file." in words(answer.text)) == (422, True)


def test_somebody_faster_is_not_overwritten(admin: Visitor, services: Services) -> None:
    page = send(admin, workbook("approvers", B12="< 9000")).text
    theirs = MATRIX.replace("note: A colleague is enough.", "note: Two are better.")
    admin.post("/blueprints/matrix", {"source": theirs, "revision": "0", "_do": "save"})
    answer = keep(admin, page)
    assert answer.status_code == 409
    assert "< 9000" in html.unescape(answer.text)
    assert draft_of(services) == theirs


def test_a_table_with_errors_is_not_taken_out(admin: Visitor) -> None:
    admin.post("/blueprints/matrix", {"source": MATRIX.replace("< 10000", "<< 10000"), "revision": "0", "_do": "save"})
    for address, back in (("tables/approvers/export.xlsx", "tables/approvers"), ("tables.dmn", "tables")):
        answer = admin.get(f"/blueprints/matrix/{address}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/blueprints/matrix/{back}")
    assert "There are errors in the table." in words(admin.get("/blueprints/matrix/tables").text)


def test_the_menus_lead_there(admin: Visitor) -> None:
    page = admin.get("/blueprints/matrix/tables/approvers").text
    links = re.findall(r'href="(/blueprints/matrix/[^"]*(?:export|bring-in)[^"]*)"', page)
    assert links == [
        "/blueprints/matrix/tables/approvers/export.xlsx",
        "/blueprints/matrix/tables/approvers/export.dmn",
        "/blueprints/matrix/bring-in?table=approvers",
    ]
    listed = admin.get("/blueprints/matrix/tables").text
    assert 'href="/blueprints/matrix/bring-in"' in listed
    assert "Spreadsheet or DMN file" in words(admin.get(links[2]).text)


def test_only_administrators_of_the_blueprint_exchange(
    matrix: None, services: Services, anna: Visitor, visitor: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", administers=True))
    addresses = ("tables.xlsx", "tables/approvers/export.dmn", "bring-in", "tables/approvers/try")
    for address in addresses:
        assert anna.get(f"/blueprints/matrix/{address}").status_code == 403
        assert visitor.get(f"/blueprints/matrix/{address}").status_code == 303
        assert signed_in("olga").get(f"/blueprints/matrix/{address}").status_code == 200
    assert send(anna, workbook("approvers")).status_code == 403
    assert anna.post(f"{BRING_IN}/save", {"source": MATRIX, "revision": "0"}).status_code == 403


# Sheets that were not exported --------------------------------------------------------------------------------------


def plain_workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Freight 2026"
    for line in (["Country", "Weight", "Fee"], ["Denmark or Norway", "5 or more", "EUR 7,50"], ["any", "< 5 kg", 3]):
        book.active.append(line)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_a_plain_sheet_is_shown_and_asked_about(admin: Visitor, services: Services) -> None:
    answer = send(admin, plain_workbook(), "rates.xlsx", table="")
    assert answer.status_code == 200
    said = words(answer.text)
    assert "What the columns are" in said
    assert "Denmark or Norway" in said
    sent = dict(form_pairs(answer.text, "columns"))
    assert (sent["s0.key"], sent["s0.hit"], sent["s0.decimal"]) == ("freight_2026", "first", ",")
    assert [sent[f"s0.c{at}.role"] for at in range(3)] == ["in", "in", "out"]
    assert [sent[f"s0.c{at}.type"] for at in range(3)] == ["text", "number", "number"]
    assert draft_of(services) == MATRIX


def test_what_is_answered_makes_the_table(admin: Visitor, services: Services) -> None:
    pairs = form_pairs(send(admin, plain_workbook(), "rates.xlsx", table="").text, "columns")
    answers = {**dict(pairs), "s0.key": "rates", "s0.c2.type": "money", "s0.c0.title": "To where"}
    page = admin.post("/blueprints/matrix/bring-in", answers).text
    said = words(page)
    assert "5 cells are read otherwise than they look:" in said
    assert "C2 EUR 7,50 7.5" in said
    again = dict(form_pairs(page, "again"))
    assert again["s0.c0.title"] == "To where"
    asked = admin.post("/blueprints/matrix/bring-in", {**again, "_do": "ask"}).text
    assert dict(form_pairs(asked, "columns"))["s0.c2.type"] == "money"
    assert keep(admin, page).status_code == 303
    table = read_blueprint(draft_of(services)).tables["rates"]
    assert [(column.key, column.written) for column in (*table.inputs.values(), *table.outputs.values())] == [
        ("to_where", "text"),
        ("weight", "number"),
        ("fee", "money"),
    ]


def test_answers_that_make_no_table_are_told_and_stay(admin: Visitor) -> None:
    pairs = dict(form_pairs(send(admin, plain_workbook(), "rates.xlsx", table="").text, "columns"))
    answer = admin.post("/blueprints/matrix/bring-in", {**pairs, "s0.c2.role": "none", "s0.hit": "any"})
    assert answer.status_code == 422
    assert "needs at least one input and one output" in words(answer.text)
    assert dict(form_pairs(answer.text, "columns"))["s0.hit"] == "any"


def test_new_tables_of_a_file_get_keys_of_ones_own(admin: Visitor, services: Services) -> None:
    model = export_dmn([TABLES["freight"]], "M").replace(b'name="freight"', b'name="parcels"')
    page = send(admin, model, "all.dmn", table="").text
    again = dict(form_pairs(page, "again"))
    wrong = admin.post("/blueprints/matrix/bring-in", {**again, "key.parcels": "Small parcels"})
    assert wrong.status_code == 422
    assert "“Small parcels” can be no name in formulas." in words(wrong.text)
    assert dict(form_pairs(wrong.text, "again"))["key.parcels"] == "Small parcels"
    page = admin.post("/blueprints/matrix/bring-in", {**again, "key.parcels": "small_parcels"}).text
    assert keep(admin, page).status_code == 303
    assert list(read_blueprint(draft_of(services)).tables) == ["approvers", "freight", "small_parcels"]


def test_of_several_sheets_only_those_ticked_come_in(admin: Visitor) -> None:
    book = openpyxl.load_workbook(io.BytesIO(plain_workbook()))
    lists = book.create_sheet("Lists")
    for line in (["Code", "Name"], ["a", "b"]):
        lists.append(line)
    lists.sheet_state = "hidden"
    saved = io.BytesIO()
    book.save(saved)
    asked = send(admin, saved.getvalue(), "rates.xlsx", table="").text
    assert "The sheet “Lists” is hidden in the workbook." in words(asked)
    pairs = dict(form_pairs(asked, "columns"))
    assert ("s0.take" in pairs, "s1.take" in pairs) == (True, False)
    said = words(admin.post("/blueprints/matrix/bring-in", pairs).text)
    assert "Freight 2026 New table" in said
    assert "The sheet “Lists” is left out." in said
    assert "Lists New table" not in said
    del pairs["s0.take"]
    answer = admin.post("/blueprints/matrix/bring-in", pairs)
    assert (answer.status_code, "No sheet is ticked." in words(answer.text)) == (422, True)
