"""Decision tables in a browser: rows by keyboard, problems as cells are left, and a row of the matrix that decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.stores import copy_store, empty_store

from blankett.engine.access import load_actor
from blankett.engine.publish.publisher import Publisher
from blankett.engine.publish.readiness import Publication
from blankett.engine.store import Member, Store
from blankett.web import create_app
from blankett.web.services import Services

from .axe import violations
from .conftest import PATIENCE, SIZES, Demo, MakeContext
from .desk import Enter, expect_soon
from .quiet import settle
from .served_app import serve, served_app
from .sign_in import sign_in
from .test_story import enter_order

MATRIX = Path(__file__).parents[1] / "web" / "matrix.yaml"
PASSWORD = "a long enough password"
PAGE = "/blueprints/matrix/tables/approvers"
#: Person → roles.
PEOPLE = {"anna": {"sales"}, "mette": {"manager"}, "dora": {"director"}}

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def company() -> Iterator[Store]:
    """A small company with the matrix published, and its people; Ada is the business admin; only copied."""
    store = empty_store()
    found_company(serve(store))
    yield store
    store.close()


@pytest.fixture
def services(company: Store, tmp_path: Path) -> Iterator[Services]:
    """The company as a test begins with it."""
    made = serve(copy_store(company, f"sqlite:///{tmp_path / 'matrix.sqlite'}"))
    yield made
    made.store.close()


def found_company(made: Services) -> None:
    admin = made.accounts.set_up(
        title="Acme", zone="UTC", name="Ada Min", email="ada@acme.example", password=PASSWORD, language="en"
    )
    assert admin is not None
    with made.store.writing() as writing:
        top = writing.workspaces(admin.organisation)[0]
        for name, roles in PEOPLE.items():
            email = f"{name}@acme.example"
            user = made.accounts.make_user(
                admin.organisation, name=name.title(), email=email, password=PASSWORD, language="en"
            )
            writing.insert_user(user)
            writing.put_member(
                Member(organisation=admin.organisation, workspace=top.id, user=user.id, roles=frozenset(roles))
            )
    with made.store.reading() as reading:
        actor = load_actor(reading, admin.organisation, admin.id)
    assert actor is not None
    text = MATRIX.read_text(encoding="utf-8")
    Publisher(made.engine).publish(actor, Publication(source=text, workspace=top.id, base=0, skip_scenarios=True))


@pytest.fixture
def matrix(services: Services) -> Iterator[str]:
    """The address of the application with the matrix, served by a thread."""
    with served_app(create_app(services.settings, services)) as address:
        yield address


@pytest.fixture
def visit(matrix: str, make_context: MakeContext) -> Visit:
    """Sign somebody in, in a browser of their own."""

    def come(who: str, size: str = "desk", *, scripts: bool = True) -> Page:
        page = make_context(base_url=matrix, viewport=SIZES[size], java_script_enabled=scripts).new_page()
        sign_in(page, matrix, f"{who}@acme.example", PASSWORD)
        page.goto("/inbox")
        return page

    return come


def cell(page: Page, row: int, name: str) -> Locator:
    return page.locator(f"#r{row} [name={name}]")


def expect_results(page: Page, *texts: str) -> None:
    """Wait until the rows give *texts* first, in their order."""
    read = "cells => cells.map(cell => cell.value)"
    expect_soon(lambda: page.locator("#rows [name=c3]").evaluate_all(read), list(texts))


def expect_focus(page: Page, name: str) -> None:
    """Wait until the control called *name* has the focus: ``Total, row 2``."""
    expect(page.locator(":focus")).to_have_attribute("aria-label", name)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def fill_in(page: Page, *texts: str) -> None:
    """Type into cell after cell, from the focused one on, leaving each by Enter."""
    for text in texts:
        if text:
            page.keyboard.type(text)
        page.keyboard.press("Enter")


def under(page: Page, row: int) -> Locator:
    """Return what stands under a row."""
    return page.locator(f"#rows .b-explain[data-for='{row}']")


# By keyboard -------------------------------------------------------------------------------------------------------


def test_keys_move_between_cells(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 1, "c0").focus()
    for key, name in (
        ("Enter", "Tier, row 1"),
        ("ArrowDown", "Tier, row 2"),
        ("Tab", "Urgent, row 2"),
        ("ArrowRight", "Released by, row 2"),
        ("ArrowUp", "Released by, row 1"),
        ("Shift+Enter", "Urgent, row 1"),
        ("ArrowLeft", "Tier, row 1"),
        ("End", "Tier, row 1"),
        ("ArrowRight", "Urgent, row 1"),
    ):
        press(page, key)
        expect_focus(page, name)
    press(page, *["Enter"] * 30)
    expect_focus(page, "Note, row 4")


def test_rows_are_added_moved_duplicated_and_deleted_by_keys(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 2, "c3").focus()
    press(page, "Alt+ArrowUp")
    expect_results(page, "director", "director", "manager", "sales")
    expect_focus(page, "Released by, row 1")
    press(page, "Alt+ArrowDown", "Alt+ArrowDown", "Alt+ArrowDown", "Alt+ArrowDown")
    expect_results(page, "director", "manager", "sales", "director")
    expect_focus(page, "Released by, row 4")
    press(page, "ArrowUp", "Alt+Shift+ArrowDown")
    expect_results(page, "director", "manager", "sales", "sales", "director")
    expect_focus(page, "Total, row 4")
    press(page, "Alt+Enter")
    expect_results(page, "director", "manager", "sales", "sales", "", "director")
    expect_focus(page, "Total, row 5")
    press(page, "Alt+Delete", "ArrowUp", "ArrowUp", "Alt+Shift+Enter")
    expect_results(page, "director", "manager", "", "sales", "sales", "director")
    expect_focus(page, "Total, row 3")
    press(page, "Alt+Delete")
    expect_results(page, "director", "manager", "sales", "sales", "director")
    page.get_by_role("button", name="Undo delete").click()
    expect_results(page, "director", "manager", "", "sales", "sales", "director")


def test_escape_gives_a_cell_back(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 1, "c0").focus()
    expect(page.locator("[data-mark]").first).to_be_visible()
    page.keyboard.type("n")
    expect(page.locator("[data-mark]").first).to_be_hidden()  # at the first key, before anything is asked
    page.keyboard.type("onsense")
    press(page, "Escape")
    expect(cell(page, 1, "c0")).to_have_value(">= 100000")


def test_tab_leaves_the_rows_after_escape(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 2, "c0").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Row at the end")).to_be_focused()
    cell(page, 2, "c0").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#rows :focus")).to_have_count(0)
    cell(page, 1, "c0").focus()
    page.keyboard.press("Tab")
    expect(cell(page, 1, "c1")).to_be_focused()


def test_a_problem_is_told_as_the_cell_is_left_and_mended_by_keys(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 2, "c1").focus()
    page.keyboard.press("ControlOrMeta+a")
    fill_in(page, "sliver")
    expect(under(page, 2)).to_contain_text("Did you mean “silver”?")
    expect(page.locator("#r2 td.is-cause")).to_have_attribute("data-column", "tier")
    expect_focus(page, "Urgent, row 2")
    page.keyboard.press("F8")
    expect_focus(page, "Tier, row 2")
    page.get_by_role("button", name="Write “silver”").click()
    expect(under(page, 2)).to_contain_text("Overlaps row 3: total 10 000 with tier silver matches both.")
    expect(page.locator("#told")).to_contain_text("Nothing matches total 10 000 with tier new")
    expect(cell(page, 2, "c1")).to_have_value("silver")


def test_a_gap_is_filled_by_a_row_for_its_example(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 4, "c0").fill("< 9000")
    press(page, "Tab")
    page.get_by_role("button", name="Add a row for this").click()
    expect_focus(page, "Total, row 5")
    for at, text in enumerate(("9000", "-", "-", "", "")):
        expect(cell(page, 5, f"c{at}")).to_have_value(text)
    page.keyboard.press("ControlOrMeta+a")
    fill_in(page, "[9000..10000)", "", "", "manager", "3")
    expect(page.locator("#found")).to_contain_text("No problem")
    page.keyboard.press("ControlOrMeta+s")
    expect(page.locator(".b-note[role=status]")).to_contain_text("The draft is saved")
    expect(cell(page, 5, "c0")).to_have_value("[9000..10000)")


def test_a_new_row_is_told_of_when_it_is_filled_in_or_left(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 3, "c0").focus()
    press(page, "Alt+Enter")
    fill_in(page, "5")
    settle(page)
    expect(page.locator(".b-explain")).to_have_count(0)
    press(page, "ArrowUp")
    expect(under(page, 4).first).to_contain_text("Nothing is given for Released by.")


def test_scenarios_mark_the_rows_they_hit(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    page.get_by_role("button", name="Run the scenarios").click()
    expect(page.locator("#covered")).to_contain_text("Scenarios hit 2 of 4 rows.")
    expect(page.locator("#r1 .b-hits")).to_contain_text("hit by 1 scenario")
    expect(page.locator("#r2 .b-hits")).to_have_text(re.compile("none"))


def test_leaving_with_unsaved_rows_asks(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    cell(page, 1, "c4").fill("3")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Decision tables").click()
    assert asked == ["beforeunload"]
    expect(cell(page, 1, "c4")).to_have_value("3")


def test_a_session_that_ended_takes_nothing_away(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    page.context.clear_cookies()
    cell(page, 1, "c4").fill("3")
    press(page, "Tab")
    expect(page.locator("main").get_by_role("alert").first).to_contain_text("You were signed out.")
    expect(cell(page, 1, "c4")).to_have_value("3")


def test_the_table_leads_to_its_line_of_the_text(visit: Visit) -> None:
    page = visit("ada")
    page.goto(PAGE)
    page.get_by_role("link", name="In the text", exact=True).click()
    page.wait_for_url("**/blueprints/matrix#line-*")
    read = "(t => t.value?.slice(t.selectionStart, t.selectionEnd))(document.activeElement)"
    expect_soon(lambda: page.evaluate(read), "  approvers:")


def test_without_scripts_rows_are_changed_by_buttons(visit: Visit) -> None:
    page = visit("ada", scripts=False)
    page.goto(PAGE)
    page.locator("#r2 [name=_row]").check()
    page.get_by_role("button", name="Duplicate").click()
    expect_results(page, "director", "director", "director", "manager", "sales")
    expect(page.locator("#r3 + .b-explain")).to_contain_text("Overlaps row 2")
    page.get_by_role("button", name="Delete").click()
    expect_results(page, "director", "director", "manager", "sales")
    cell(page, 1, "c4").fill("3")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".b-note[role=status]")).to_contain_text("The draft is saved")
    expect(cell(page, 1, "c4")).to_have_value("3")


# The story ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_row_added_to_the_matrix_decides_the_next_order(visit: Visit, size: str) -> None:
    """Told which row the new one overlaps, with an example; mended; published; and the next order follows it."""
    ada = visit("ada", size)
    ada.goto("/blueprints/matrix/tables")
    ada.get_by_role("link", name="Approval matrix").click()
    ada.wait_for_url("**/tables/approvers")
    cell(ada, 4, "c0").focus()
    press(ada, "Alt+Shift+Enter")
    fill_in(ada, "[5000..10000]", "silver, gold", "", "manager", "1")
    expect(under(ada, 4)).to_contain_text(
        [
            "Overlaps row 3: total 10 000 with tier silver matches both. Only one row may match.",
            "Overlaps row 5: total 5000 with tier silver matches both. Only one row may match.",
        ]
    )
    ada.get_by_role("link", name="Row 4:").first.click()
    expect_focus(ada, "Total, row 4")
    fill_in(ada, "[5000..10000)")
    expect(under(ada, 4)).to_have_count(1)
    cell(ada, 5, "c0").fill("< 5000")
    press(ada, "Enter")
    expect(ada.locator("#told")).to_contain_text("Nothing matches total 5000 with tier new")
    ada.get_by_role("button", name="Add a row for this").click()
    fill_in(ada, "[5000..10000)", "new", "", "sales", "2")
    expect(ada.locator("#found")).to_contain_text("No problem")

    ada.get_by_role("button", name="Publish…").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Publish version 2")
    expect(ada.locator("main")).to_contain_text("Approval matrix")
    ada.get_by_role("button", name="Publish version 2").click()
    expect(ada.locator(".b-note[role=status]")).to_contain_text("Version 2 is published.")

    anna = visit("anna", size)
    make(anna, "customer", code="ACME", name="Acme", tier="silver")
    anna.goto("/forms/matrix/order/new")
    anna.get_by_label("Customer").fill("Acme")
    anna.get_by_role("option", name=re.compile("Acme")).first.click()
    anna.get_by_label("Total").fill("7000")
    anna.get_by_role("button", name="Submit").first.click()
    anna.wait_for_url("**/records/*")
    place = anna.url
    expect(anna.get_by_role("group", name="Actions")).to_contain_text("1 action for others")  # before, she released it
    expect(anna.locator("main")).to_contain_text("manager")

    mette = visit("mette", size)
    mette.goto(place)
    expect(mette.locator("main")).to_contain_text("Version 2")
    mette.get_by_role("group", name="Actions").get_by_role("button", name="Release").click()
    mette.locator("dialog[open] button[type=submit]").click()
    expect(mette.locator(".b-state--pill").first).to_have_text("Released")


@pytest.fixture
def address(own_demo: Demo) -> str:
    return own_demo.address


@pytest.mark.parametrize("enter", ["desk"], indirect=True)
def test_a_row_added_to_the_approval_matrix_of_the_flagship_decides(enter: Enter) -> None:
    """The business admin lets the sales manager approve larger orders of silver customers."""
    astrid = enter("Astrid Vik")
    astrid.go("/blueprints/order_management/tables/approvers")
    page = astrid.page
    page.set_default_timeout(PATIENCE * 2000)  # publishing runs every scenario of a large blueprint, twice
    page.locator("#rows tr", has=page.locator("[name=key][value=largest]")).locator("[name=c0]").focus()
    astrid.press("Alt+Shift+Enter")
    row = int(str(page.locator("#chosen-row").inner_text()))
    fill_in(page, "[20000..50000]", "silver", "no", "sales_manager", "2")
    overlap = f"Overlaps row {row + 1} (largest): total in EUR 20 000 with tier silver and urgent no matches both."
    expect(under(page, row)).to_contain_text(overlap)
    cell(page, row + 1, "c0").fill("> 50000")
    cell(page, row + 1, "c0").press("Tab")
    expect(page.locator("#told")).to_contain_text("Nothing matches total in EUR 20 000 with tier gold and urgent no")
    page.get_by_role("button", name="Add a row for this").first.click()
    page.keyboard.press("ControlOrMeta+a")
    fill_in(page, "[20000..50000]", "not(silver)", "", "director", "3")
    expect(page.locator("#found")).to_contain_text("No problem")
    astrid.fits()
    page.get_by_role("button", name="Publish…").click()
    page.locator("[name=move][value=stay]").check()
    page.get_by_role("button", name=re.compile("Publish version")).click()
    page.wait_for_url("**/versions")
    expect(page.locator(".b-note[role=status]")).to_contain_text("is published.")

    anna, mette = enter("Anna Lindqvist"), enter("Mette Holm")
    enter_order(anna)
    mette.go(anna.page.url.removeprefix(anna.address))
    mette.act("Approve")  # before, the director's
    mette.expect_state("Approved")


def make(page: Page, form: str, **values: str) -> None:
    """Make a record of a form by typing, and save it."""
    page.goto(f"/forms/matrix/{form}/new")
    for name, text in values.items():
        control = page.locator(f"[name='{name}']").first
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(text)
        else:
            control.fill(text)
    page.locator("#entry .b-bar button").first.click()
    page.wait_for_url("**/records/*")


# Looks -------------------------------------------------------------------------------------------------------------

LOOKS = {"English, light": ("en", "light", "desk"), "Chinese, dark": ("zh", "dark", "phone")}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(visit: Visit, look: str) -> None:
    language, theme, size = LOOKS[look]
    page = visit("ada", size)
    page.goto("/settings")
    page.locator("#i-language").select_option(language)
    page.locator("#i-theme").select_option(theme)
    page.locator("form[action='/settings'] button").click()
    expect(page.locator(".b-note[role=status]")).to_be_visible()
    found = {}
    for path in ("/blueprints/matrix/tables", PAGE, "/blueprints/matrix/tables/freight"):
        page.goto(path)
        if path == PAGE:
            cell(page, 3, "c0").fill("[5000..100000)")
            press(page, "Tab")
            expect(under(page, 3)).to_be_visible()
        found[path] = violations(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0, f"{path} is {wider} pixels too wide"
    assert found == {path: {} for path in found}


def plain_workbook(file: Path) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Discounts 2026"
    page.append(["Discount policy of the year"])
    page.append([])
    page.append(["No.", "Customer tier", "Order total", "From", "Express", "Discount", "Fee", "Remarks"])
    page.append([1, "Gold or Silver", "5 or more", "31.12.2026", "ja", 0.05, "EUR 7", "The board wants it."])
    page.append([2, "any", "< 100 €", "01/02/2026", "nein", 0.1, "EUR 7,50", None])
    page.append([3, "not Gold", "≥1000", "*", "*", None, "1.250,00 €", "Ask first."])
    for row in (4, 5):
        page.cell(row, 6).number_format = "0%"
    page.merge_cells("B5:B6")
    book.save(file)
    return file


@pytest.mark.parametrize("look", LOOKS)
def test_a_plain_sheet_is_asked_about_and_becomes_a_table(visit: Visit, look: str, tmp_path: Path) -> None:
    language, theme, size = LOOKS[look]
    page = visit("ada", size)
    page.goto("/settings")
    page.locator("#i-language").select_option(language)
    page.locator("#i-theme").select_option(theme)
    page.locator("form[action='/settings'] button").click()
    expect(page.locator(".b-note[role=status]")).to_be_visible()
    page.goto("/blueprints/matrix/bring-in")
    page.locator("#i-file").set_input_files(plain_workbook(tmp_path / "rates.xlsx"))
    page.locator("#bring-in .btn").first.click()
    expect(page.locator("#columns")).to_be_visible()
    found = {"asked": faults_of(page)}
    page.locator("[name='s0.key']").fill("discounts")
    page.locator("[name='s0.c6.type']").select_option("money")
    page.locator("#columns .btn-primary").click()
    expect(page.locator("#t-discounts")).to_be_visible()
    expect(page.locator(".b-readings div")).not_to_have_count(0)
    found["shown"] = faults_of(page)
    page.locator("#keep .btn-primary").click()
    expect(page.get_by_text("discounts").first).to_be_visible()
    assert found == {"asked": {}, "shown": {}}


def faults_of(page: Page) -> dict[str, list[str]]:
    """Return what axe finds on a page, and whether it is wider than the window."""
    found = violations(page)
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found["width"] = ["the page is too wide"]
    return found
