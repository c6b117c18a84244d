"""What a person does at the pages, with the keyboard where they can: the verbs of the browser tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from .quiet import settle
from .sign_in import step_in

#: So often Tab is pressed at most to get somewhere.
FAR = 60
#: Seconds until what is waited for must be there.
SOON = 30


def expect_soon(read: Callable[[], object], wanted: object) -> None:
    """Wait until *read* gives *wanted*, where no `expect` of playwright's can look for it."""
    end = time.monotonic() + SOON
    while (found := read()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert found == wanted


class Desk:
    """One person at one browser page of the demo company."""

    def __init__(self, page: Page, address: str, name: str, at: str = "/inbox") -> None:
        """Let who is called *name* (or whose name holds it) be signed in, and look at the page *at*."""
        self.page = page
        self.address = address
        step_in(page, address, name)
        self.go(at)

    def go(self, path: str) -> None:
        """Open a page of the application."""
        self.page.goto(self.address + path)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, on a page that is all there: before its scripts it knows none."""
        self.page.wait_for_load_state()
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.page.keyboard.type(text)

    def type_quickly(self, text: str) -> None:
        """Type into whatever has the focus, a key every 25 milliseconds."""
        self.page.keyboard.type(text, delay=25)

    def settle(self) -> None:
        """Wait until nothing is being asked of the server any more."""
        settle(self.page)

    # Where the focus is ---------------------------------------------------------------------------------------------

    def focused(self) -> str:
        """Return the name of the focused control: ``customer``, ``lines.+01J….price``; its text for a button."""
        return str(self.page.evaluate("(e => e.name || e.innerText || e.id)(document.activeElement)"))

    def expect_focus(self, name: str) -> None:
        """Wait until a control whose name matches the expression *name* has the focus."""
        expect(self.page.locator(":focus")).to_have_attribute("name", re.compile(name))

    def tab_to(self, name: str) -> None:
        """Press Tab until a control whose name matches the expression *name* has the focus."""
        for _ in range(FAR):
            if re.search(name, self.focused()):
                return
            here = self.page.evaluate_handle("document.activeElement")
            self.press("Tab")
            # A Tab may wait for the server to say what is shown next.
            self.page.wait_for_function("here => here !== document.activeElement", arg=here)
        raise AssertionError(f"Tab does not lead to {name}; it stands at {self.focused()}")

    # Typing ---------------------------------------------------------------------------------------------------------

    def pick(self, text: str) -> None:
        """Type *text* into the focused picker and take the first record it offers."""
        self.type(text)
        option = self.page.locator("[role=listbox]:not([hidden]) [role=option]").first
        expect(option).to_contain_text(re.compile(re.escape(text), re.IGNORECASE))
        self.press("Enter")

    def fill(self, label: str, text: str) -> None:
        """Type *text* over what stands in the control labelled *label*, and go on to the next."""
        control = self.control(label)
        control.fill(text)
        control.press("Tab")

    def choose(self, label: str, option: str) -> None:
        """Choose *option* in the list labelled *label*."""
        self.control(label).select_option(option)

    def control(self, label: str) -> Locator:
        """Return the control labelled *label*, in the dialog when one is open."""
        return self.frame().get_by_label(re.compile(f"^{re.escape(label)}")).first

    def frame(self) -> Locator:
        """Return the open dialog, or the page."""
        dialog = self.page.locator("dialog[open]")
        return dialog if dialog.count() else self.page.locator("main")

    # Acting ---------------------------------------------------------------------------------------------------------

    def act(self, action: str, **answers: str) -> None:
        """Take an action of the record, answer what it asks (label with underscores → text) and confirm."""
        self.settle()  # before htmx has begun, the button leads to a page instead of a dialog
        self.page.get_by_role("group", name="Actions").get_by_role("button", name=action).click()
        dialog = self.page.locator("dialog[open]")
        expect(dialog.get_by_role("heading", level=1)).to_be_visible()
        for label, text in answers.items():
            control = dialog.get_by_label(re.compile(f"^{re.escape(label.replace('_', ' '))}")).first
            if control.get_attribute("role") == "combobox":
                control.focus()
                self.pick(text)
            elif control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(text)
            else:
                control.fill(text)
        dialog.locator("button[type=submit]").click()
        expect(dialog).to_have_count(0)

    def state(self) -> str:
        """Return the state the record's page shows."""
        return self.page.locator(".b-head .b-state").inner_text()

    def expect_state(self, state: str) -> None:
        """Wait until the record's page shows *state*."""
        expect(self.page.locator(".b-head .b-state")).to_have_text(state)

    def open_from_list(self, path: str, text: str) -> None:
        """Open the first record of the list at *path* whose row holds *text*."""
        self.go(path)
        row = self.page.locator("main tbody tr").filter(has_text=text).first
        row.get_by_role("link").first.click()
        self.page.wait_for_url("**/records/**")

    def fits(self) -> None:
        """Look whether the page is no wider than the window."""
        wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{self.page.url} is {wider} px wider than the window"


#: Signs somebody in, by (the beginning of) their name.
Enter = Callable[[str], Desk]
