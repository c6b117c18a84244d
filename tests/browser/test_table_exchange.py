"""An administrator tries a table out while changing it, takes it to a spreadsheet, and brings it back changed."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from playwright.sync_api import expect

from .axe import violations
from .desk import Enter

TABLE = "/blueprints/order_management/tables/approvers"


def test_a_table_is_tried_and_goes_to_a_spreadsheet_and_back(enter: Enter, tmp_path: Path) -> None:
    desk = enter("Astrid Vik")
    page = desk.page
    desk.go(TABLE)

    # The rows as they stand on the page are tried, without leaving it and before they are saved.
    page.locator("[id='f-try.total']").fill("12,400")
    page.locator("[id='f-try.tier']").select_option("gold")
    page.locator("[id='f-try.urgent']").select_option("no")
    page.locator("[id='f-try.urgent']").press("Tab")
    desk.press("Enter")
    answer = page.locator("#tried")
    expect(answer).to_contain_text("Row 5 (large_gold) hits.")
    expect(answer).to_contain_text("Approved by Sales manager")
    expect(answer).to_contain_text("Total in EUR €12,400.00 is not < 500")
    page.locator("#r5 input[name=c0]").fill("[15000..20000)")
    page.locator("#tryout button").click()
    expect(answer).to_contain_text("No row matches")
    assert page.url.endswith(TABLE)

    # Out, changed in the spreadsheet, and in again after a look at what that changes.
    desk.go(TABLE)
    page.locator("details.b-menu summary", has_text="File").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="As a spreadsheet (.xlsx)").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    book = openpyxl.load_workbook(file)
    first = next(number for number in range(1, 20) if book.active.cell(number, 1).value == "default") + 1
    book.active.cell(first, 6, 5)
    book.save(file)
    desk.go("/blueprints/order_management/bring-in?table=approvers")
    page.locator("#i-file").set_input_files(file)
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_role("heading", name="What the file changes")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1 row changed")
    assert violations(page) == {}
    page.get_by_role("button", name="Put into the draft").click()
    page.wait_for_url(f"**{TABLE}")
    expect(page.locator("#r1 input[name=c4]")).to_have_value("5")
