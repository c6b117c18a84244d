"""What the clerk of a run does: signs in once, then makes orders, takes actions, looks at lists and records, types.

Before each look something on the page is changed, so that no answer of before serves. What is done for that, and what
it costs, is no part of the look.
"""

from __future__ import annotations

import itertools
import random
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.browser import Browser, forms_in
from bench.ground import EMAIL, PASSWORD, Ground

LIST = "/forms/bench/order"
REVIEWED = f"{LIST}?record.state=review&sort=-ordered"
LINES = 5
#: Pieces a line: of many an order is too large to be approved.
MANY = "90000"
Fields = list[tuple[str, str]]


@dataclass
class Clerk:
    """One person at one browser."""

    browser: Browser
    ground: Ground
    email: str = EMAIL
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    token: str = ""
    #: The cookies of somebody who has just signed in: a browser would follow each redirect and so use up what the page
    #: after it says, which would otherwise pile up in the session.
    cookies: Mapping[str, str] = field(default_factory=dict)
    #: An order that is changed again and again.
    own: str = ""

    def sign_in(self) -> None:
        """Sign in, and keep the token that every form carries."""
        (form,) = (each for each in forms_in(self.browser.get("/sign-in").body) if each.action == "/sign-in")
        self.browser.post("/sign-in", form.filled(email=self.email, password=PASSWORD))
        page = self.browser.get(f"{LIST}/new").body
        self.cookies = dict(self.browser.cookies)
        self.token = next(each for each in forms_in(page) if each.action == f"{LIST}/new").values["csrf_token"][0]

    def settle(self) -> None:
        """Forget what the answers so far would have the next page say."""
        self.browser.cookies = dict(self.cookies)

    # What is made ready before a request is measured ------------------------------------------------------------------

    def new_fields(self) -> Fields:
        """Return the fields of a new order, filled in."""
        return [*self.order(), ("_do", "save")]

    def submitted(self) -> str:
        """Make an order that waits to be approved, and return its address."""
        answer = self.browser.post(f"{LIST}/new", [*self.order(), ("_do", "action.submit")])
        assert answer.location.startswith("/records/"), answer.location
        return answer.location

    def six_events(self) -> str:
        """Make an order with six events, two of them edits, too large to be approved; return its address."""
        address = self.browser.post(f"{LIST}/new", [*self.order(quantity=MANY), ("_do", "save")]).location
        self._take(address, "submit", 1)
        self._take(address, "send_back", 2, reason="Look at it once more")
        self.change(address, reference=f"REF-{self.chance.randrange(10**6)}")
        self._take(address, "submit", 4)
        self.change(address, reference=f"REF-{self.chance.randrange(10**6)}")
        return address

    def change_list(self) -> None:
        """Change one of the orders that the list of those in review shows."""
        shown = re.findall(r'href="(/records/[^"/]+)">SO-', self.browser.get(REVIEWED).body)
        reference = f"REF-{self.chance.randrange(10**6)}"
        self.change(self.chance.choice(shown), channel=next(_CHANNELS), reference=reference)

    def change_inbox(self) -> None:
        """Have the first task of the inbox go: ship what is approved, and cancel what is not yet."""
        page = self.browser.get("/inbox").body
        address, asked = re.findall(r'href="(/records/[^"/]+)">(Submit|Approve|Ship)', page)[0]
        self.end(address, "ship" if asked == "Ship" else "cancel")

    def end(self, address: str, action: str) -> None:
        """Let an order wait for nobody any more."""
        self._take(address, action, int(_revision_on(self.browser.get(address).body)))

    def changed(self) -> str:
        """Change the clerk's own order and return its address."""
        if not self.own:
            self.own = self.browser.post(f"{LIST}/new", self.new_fields()).location
        self.change(self.own, reference=f"REF-{self.chance.randrange(10**6)}")
        return self.own

    def edited_fields(self) -> tuple[str, Fields]:
        """Return the address of the clerk's own order, and its form with one field changed."""
        address = self.own or self.changed()
        return address, self._form(address, reference=f"REF-{self.chance.randrange(10**6)}")

    # What is measured -------------------------------------------------------------------------------------------------

    def create(self, fields: Fields) -> str:
        """Make an order with 12 fields and 5 lines, everything picked as a browser picks it; return its address."""
        answer = self.browser.post(f"{LIST}/new", fields)
        assert answer.location.startswith("/records/"), answer.location
        return answer.location

    def act(self, address: str) -> str:
        """Approve an order in review, as its page showed it; return its address."""
        self._take(address, "approve", 1)
        return address

    def edit(self, prepared: tuple[str, Fields]) -> None:
        """Save an order with one field changed."""
        address, fields = prepared
        self.browser.post(f"{address}/edit", [*fields, ("_do", "save")])

    def look_at_list(self, _: None) -> None:
        """Open a page of 50 orders: filtered by state, sorted by day, counted."""
        assert self.browser.get(REVIEWED).body.count("/records/") >= 1, "the list is empty"

    def look_at_record(self, address: str) -> None:
        """Open an order with 5 lines, 6 events, and a refused action."""
        assert "must be less than" in self.browser.get(address).body

    def look_at_new(self, _: Any) -> None:
        """Open the form of a new order."""
        assert "f-promised" in self.browser.get(f"{LIST}/new").body

    def look_at_form(self, address: str) -> None:
        """Open the form of an order with 5 lines."""
        assert "f-promised" in self.browser.get(f"{address}/edit").body

    def look_at_inbox(self, _: None) -> None:
        """Open the inbox."""
        assert "What is asked" in self.browser.get("/inbox").body

    def type(self, fields: Fields) -> None:
        """Let the form be worked out after a change, as the page does while somebody types."""
        headers = {"HX-Request": "true", "X-CSRFToken": self.token}
        answer = self.browser.post(f"{LIST}/new/recalculate", fields, expect=200, headers=headers)
        assert "f-total" in answer.body

    # Posts ------------------------------------------------------------------------------------------------------------

    def change(self, address: str, **typed: str) -> None:
        """Change fields of an order."""
        self.edit((address, self._form(address, **typed)))

    def _form(self, address: str, **typed: str) -> Fields:
        page = self.browser.get(f"{address}/edit").body
        (form,) = (each for each in forms_in(page) if each.action == f"{address}/edit")
        self.settle()
        return form.filled(**typed)

    def _take(self, address: str, action: str, revision: int, **answers: str) -> None:
        fields = [*self._own(), ("_revision", str(revision)), *answers.items()]
        self.browser.post(f"{address}/actions/{action}", fields)

    def _own(self) -> Fields:
        self.settle()
        return [("csrf_token", self.token), ("_intent", secrets.token_urlsafe(12))]

    def order(self, quantity: str = "") -> Fields:
        """Return the fields of a filled-in order form; of each line *quantity*, or a few."""
        number = self.chance.randrange(len(self.ground.customers))
        today = datetime.now(UTC)
        typed: Mapping[str, str] = {
            "customer": f"Customer {number}",
            "_picked": f"customer={self.ground.customers[number]}|Customer {number}",
            "channel": next(_CHANNELS),
            "reference": f"REF-{self.chance.randrange(10**6)}",
            "ordered": f"{today:%Y-%m-%d}",
            "currency": "",
            "payment_days": "30",
            "deliver_to": "",
            "promised": f"{today + timedelta(days=20):%Y-%m-%d}",
            "urgent": "no",
            "discount": "",
            "lines": "",
        }
        fields = [*self._own(), *typed.items()]
        for _ in range(LINES):
            fields += self._line(quantity or str(self.chance.randint(1, 20)))
        return fields

    def _line(self, quantity: str) -> Fields:
        name = f"lines.+{secrets.token_hex(8).upper()}"
        number = self.chance.randrange(len(self.ground.products))
        return [
            (f"{name}.product", f"Product {number}"),
            ("_picked", f"{name}.product={self.ground.products[number]}|Product {number}"),
            (f"{name}.quantity", quantity),
            (f"{name}.price", ""),
        ]


_CHANNELS = itertools.cycle(["web", "phone", "email"])


def _revision_on(page: str) -> str:
    """Return the revision that a record's page is of."""
    return re.findall(r"revision (\d+)", page)[0]


@dataclass(frozen=True)
class Task:
    """Something the clerk does that is measured."""

    #: Makes ready what the request needs, or changes what the page showed; not measured.
    prepare: Callable[[Clerk], Any]
    #: The request, with what was made ready.
    ask: Callable[[Clerk, Any], object]
    #: Whether it is also measured a second time, with nothing changed in between.
    is_page: bool = True
    #: Whether what is made ready is others', too: two people at once would be in each other's way.
    is_shared: bool = False


#: Key of the figure → what the clerk does for it.
TASKS: Mapping[str, Task] = {
    "list": Task(Clerk.change_list, Clerk.look_at_list, is_shared=True),
    "record": Task(Clerk.six_events, Clerk.look_at_record),
    "new": Task(Clerk.submitted, Clerk.look_at_new),
    "form": Task(Clerk.changed, Clerk.look_at_form),
    "create": Task(Clerk.new_fields, Clerk.create, is_page=False),
    "action": Task(Clerk.submitted, Clerk.act, is_page=False),
    "edit": Task(Clerk.edited_fields, Clerk.edit, is_page=False),
    "recalculate": Task(Clerk.order, Clerk.type),
    "inbox": Task(Clerk.change_inbox, Clerk.look_at_inbox, is_shared=True),
}
