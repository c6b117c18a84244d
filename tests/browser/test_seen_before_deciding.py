"""A decision counts for what its taker has seen: what changed behind an open page is told before it is asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Demo
from .desk import Desk, Enter

BID = """\
blueprint: bidding
language: 1
languages: [en]
title: Bidding
roles: {sales: {}, sales_manager: {}}
forms:
  bid:
    title: Bid
    plural: Bids
    fields:
      subject: {type: text, required: yes}
      amount: {type: money, currency: EUR}
      note: {type: long_text}
    states: {draft: {start: true}, sent: {}, agreed: {final: true}}
    actions:
      send: {from: draft, to: sent, by: sales}
      approve: {from: sent, to: agreed, by: sales_manager}
    grants:
      - {who: [sales, sales_manager], may: [view, create, edit]}
"""


@pytest.fixture
def address(own_demo: Demo, tmp_path: Path) -> str:
    """The address of a demo with bids."""
    file = tmp_path / "bidding.yaml"
    file.write_text(BID, encoding="utf-8")
    command = [str(Path(sys.executable).parent / "blankett"), "publish", str(file), "--workspace", "Nordlys Trading"]
    subprocess.run([*command, "--database", f"sqlite:///{own_demo.database}"], check=True, capture_output=True)
    return own_demo.address


def change(desk: Desk, record: str, **texts: str) -> None:
    """Give fields of a record other texts, and save."""
    desk.go(f"{record}/edit")
    for label, text in texts.items():
        desk.fill(label, text)
    desk.page.locator("button[value=save]").first.click()
    desk.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))


def test_an_amount_that_was_never_on_the_screen_is_told_before_it_is_approved(enter: Enter) -> None:
    anna = enter("Anna Lindqvist")
    anna.go("/forms/bidding/bid/new")
    for label, text in {"Subject": "Ten euros", "Amount": "10", "Note": "pay to account 1"}.items():
        anna.fill(label, text)
    anna.press("Control+Enter")
    anna.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))
    if anna.state() == "Draft":
        anna.act("Send")
    record = anna.page.url.removeprefix(anna.address)
    mette = enter("Mette Holm")
    mette.go(record)
    expect(mette.page.locator("main")).to_contain_text("10.00")
    change(anna, record, Amount="99999", Note="pay to account 2")

    mette.press("1")
    dialog = mette.page.locator("dialog[open]")
    told = dialog.get_by_role("alert")
    expect(told).to_contain_text("Anna Lindqvist changed this record after you opened it")
    expect(told).to_contain_text("99,999.00")
    expect(told).to_contain_text("pay to account 2")
    # A hasty second Enter decides nothing: the focus stands on what is told.
    expect(told).to_be_focused()
    mette.press("Enter")
    expect(dialog).to_have_count(1)

    # Once more while the dialog is open: what is confirmed is what was shown.
    change(anna, record, Amount="5")
    dialog.locator("button[type=submit]").click()
    expect(told).to_contain_text("€5.00")
    mette.fits()
    dialog.locator("button[type=submit]").click()
    mette.expect_state("Agreed")
    expect(mette.page.locator("main")).to_contain_text("5.00")


def test_leaving_a_question_about_a_changed_record_shows_it_as_it_is(enter: Enter) -> None:
    anna = enter("Anna Lindqvist")
    anna.go("/forms/bidding/bid/new")
    anna.fill("Subject", "Ten euros")
    anna.fill("Amount", "10")
    anna.press("Control+Enter")
    anna.page.wait_for_url(re.compile("records/[0-9A-Z]+$"))
    record = anna.page.url.removeprefix(anna.address)
    if anna.state() == "Draft":
        anna.act("Send")
    mette = enter("Mette Holm")
    mette.go(record)
    change(anna, record, Amount="777")
    mette.page.get_by_role("group", name="Actions").get_by_role("button", name="Approve").click()
    mette.page.locator("dialog[open]").get_by_text("Cancel").click()
    expect(mette.page.locator("main")).to_contain_text("777.00")
