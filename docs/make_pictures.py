"""Make the pictures of the README from the running demo: `python docs/make_pictures.py` rewrites docs/pictures.

Needs what the browser tests need: a chromium on the machine, and fonts with Chinese characters.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).with_name("pictures")
#: Seconds until the demo must answer; the first start tells its story.
PATIENCE = 120
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Picture:
    """One picture: who is signed in, on which screen, and what is done before it is taken."""

    person: str
    screen: Mapping[str, int]
    #: Returns the part of the page that the picture shows; None for all that the screen shows.
    prepare: Callable[[Page], str | None]
    dark: bool = False


# What is shown ---------------------------------------------------------------------------------------------------


def the_list(page: Page) -> None:
    """The open orders."""
    page.goto("/forms/order_management/order")


def the_record(page: Page) -> None:
    """An order that has come some way, with its timeline."""
    page.goto("/forms/order_management/order")
    page.locator("main tbody tr").filter(has_text="Released").get_by_role("link").first.click()
    page.wait_for_url("**/records/**")


def the_entry(page: Page) -> None:
    """An order being entered by keyboard: the customer filled the terms, the lines add up."""
    page.goto("/forms/order_management/order/new")
    type_customer(page)
    for product, quantity in (("PT-2000", "6"), ("TL-110", "12")):
        page.locator("[name^='lines.'][name$='.product']").last.focus()
        pick(page, product)
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_timeout(700)
    page.evaluate("window.scrollTo(0, 0)")


def the_excerpt(page: Page) -> str:
    """The section that the fields of the README's excerpt make."""
    page.goto("/forms/order_management/order/new")
    type_customer(page)
    page.wait_for_timeout(700)
    return "main form section"


def the_blueprint(page: Page) -> None:
    """The text of the blueprint with a mistake in it, and what the checker says."""
    page.goto("/blueprints/order_management")
    page.locator("textarea[name=source]").evaluate(
        """field => {
            const place = field.value.indexOf('channel = "phone"')
            field.focus()
            field.setRangeText("chanel", place, place + "channel".length, "end")
            field.dispatchEvent(new Event("input", {bubbles: true}))
        }"""
    )
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="order_management.yaml:").click()


def the_table(page: Page) -> None:
    """The approval matrix with a new row, and the rows it overlaps."""
    page.goto("/blueprints/order_management/tables/approvers")
    page.locator("#r6 [name=c0]").focus()
    page.keyboard.press("Alt+Shift+Enter")
    for text in ("[15000..25000)", "gold", "", "director", "2", ""):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.get_by_text("Overlaps").first.wait_for()


def the_reasons(page: Page) -> None:
    """An order on credit hold: why it is held, and who may approve it."""
    page.goto("/forms/order_management/order?list=on_hold")
    page.locator("main tbody tr").first.get_by_role("link").first.click()
    page.wait_for_url("**/records/**")
    page.get_by_text("actions for others").click()
    page.get_by_text("Why?").first.click()
    page.wait_for_timeout(700)
    page.evaluate("window.scrollTo(0, 0)")


def the_phone(page: Page) -> None:
    """What waits for the director, on a phone in the dark."""
    page.goto("/inbox")


def the_phone_record(page: Page) -> None:
    """The first of it."""
    page.goto("/inbox")
    page.locator("main a[href^='/records/']").first.click()
    page.wait_for_url("**/records/**")


MADE = {
    "list": Picture("Mette Holm", DESK, the_list),
    "record": Picture("Anna Lindqvist", DESK, the_record),
    "entry": Picture("Anna Lindqvist", DESK, the_entry),
    "excerpt": Picture("Anna Lindqvist", {"width": 940, "height": 700}, the_excerpt),
    "blueprint": Picture("Astrid Vik", DESK, the_blueprint),
    "table": Picture("Astrid Vik", DESK, the_table),
    "reasons": Picture("Mette Holm", {"width": 1280, "height": 1180}, the_reasons),
    "phone": Picture("Lars Bakke", PHONE, the_phone),
    "phone_record": Picture("Lars Bakke", PHONE, the_phone_record, dark=True),
}


def type_customer(page: Page) -> None:
    """Say that an order came in by phone, from whom, and for which customer."""
    page.locator("[name=channel]").select_option(label="Phone")
    page.locator("[name=caller]").fill("Katja Brandt")
    page.locator("[name=customer]").focus()
    pick(page, "Ostsee")
    page.wait_for_timeout(700)


def pick(page: Page, text: str) -> None:
    """Type into the focused picker and take the first record it offers."""
    page.keyboard.type(text)
    page.locator("[role=listbox]:not([hidden]) [role=option]").filter(has_text=text).first.wait_for()
    page.keyboard.press("Enter")


# The demo and the browser ----------------------------------------------------------------------------------------


@contextmanager
def running_demo() -> Iterator[str]:
    """Start a demo of its own and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).parent / "blankett"), "demo", "--port", str(port), "--data", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                wait_for(f"http://127.0.0.1:{port}/health", server)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until *url* answers; raise when the server stops, or takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The demo does not answer at {url}.")


def take(browser: Browser, address: str, name: str, picture: Picture) -> None:
    """Sign the person in, prepare the page and write the picture."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": picture.screen["width"], "height": picture.screen["height"]},
        locale="en-GB",
        timezone_id="Europe/Copenhagen",
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name=picture.person).click()
    page.wait_for_url("**/inbox")
    part = picture.prepare(page)
    page.wait_for_load_state("networkidle")
    path = PICTURES / f"{name}.png"
    if part is None:
        page.screenshot(path=path)
    else:
        page.locator(part).first.screenshot(path=path)
    context.close()


def main(names: list[str]) -> None:
    """Make the pictures that are named, or all."""
    PICTURES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with running_demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name in names or MADE:
            take(browser, address, name, MADE[name])
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
