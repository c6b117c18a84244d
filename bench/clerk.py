"""What the clerk of a run does: signs in once, then makes orders, takes actions, looks at lists and records, types."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.browser import Browser, forms_in
from bench.ground import EMAIL, PASSWORD, Ground

LIST = "/forms/bench/order"
LINES = 5
Fields = list[tuple[str, str]]


@dataclass
class Clerk:
    """One person at one browser."""

    browser: Browser
    ground: Ground
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    token: str = ""
    #: The cookies of somebody who has just signed in: a browser would follow each redirect and so use up what the page
    #: after it says, which would otherwise pile up in the session.
    cookies: Mapping[str, str] = field(default_factory=dict)
    #: Orders that were not acted on yet, and those to look at.
    waiting: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.waiting = iter(self.ground.in_review)

    def sign_in(self) -> None:
        """Sign in, and keep the token that every form carries."""
        (form,) = (each for each in forms_in(self.browser.get("/sign-in").body) if each.action == "/sign-in")
        self.browser.post("/sign-in", form.filled(email=EMAIL, password=PASSWORD))
        page = self.browser.get(f"{LIST}/new").body
        self.cookies = dict(self.browser.cookies)
        self.token = next(each for each in forms_in(page) if each.action == f"{LIST}/new").values["csrf_token"][0]

    def create(self) -> None:
        """Make an order with 12 fields and 5 lines, everything picked as a browser picks it."""
        answer = self.browser.post(f"{LIST}/new", [*self._order(), ("_do", "save")])
        assert answer.location.startswith("/records/"), answer.location

    def act(self) -> None:
        """Approve an order in review, as its page showed it: nobody has touched it since it was laid."""
        order = next(self.waiting)
        self.browser.post(f"/records/{order}/actions/approve", [*self._own(), ("_revision", "1")])

    def look_at_list(self) -> None:
        """Open a page of 50 orders: filtered by state, sorted by day, counted."""
        state = self.chance.choice(["shipped", "shipped", "approved", "review"])
        answer = self.browser.get(f"{LIST}?record.state={state}&sort=-ordered")
        assert answer.body.count("/records/") >= 1, "the list is empty"

    def look_at_record(self) -> None:
        """Open an order with 5 lines."""
        answer = self.browser.get(f"/records/{self.chance.choice(self.ground.in_review)}")
        assert "Product " in answer.body

    def type(self) -> None:
        """Let the form be worked out after a change, as the page does while somebody types."""
        fields = [*self._order(), ("_touched", "customer")]
        headers = {"HX-Request": "true", "X-CSRFToken": self.token}
        answer = self.browser.post(f"{LIST}/new/recalculate", fields, expect=200, headers=headers)
        assert "f-total" in answer.body

    def _own(self) -> Fields:
        self.browser.cookies = dict(self.cookies)
        return [("csrf_token", self.token), ("_intent", secrets.token_urlsafe(12))]

    def _channel(self) -> str:
        return self.chance.choice(["web", "phone", "email"])

    def _order(self) -> Fields:
        """Return the fields of a filled-in order form."""
        number = self.chance.randrange(len(self.ground.customers))
        today = datetime.now(UTC)
        typed: Mapping[str, str] = {
            "customer": f"Customer {number}",
            "_picked": f"customer={self.ground.customers[number]}|Customer {number}",
            "channel": self._channel(),
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
            fields += self._line()
        return fields

    def _line(self) -> Fields:
        name = f"lines.+{secrets.token_hex(8).upper()}"
        number = self.chance.randrange(len(self.ground.products))
        return [
            (f"{name}.product", f"Product {number}"),
            ("_picked", f"{name}.product={self.ground.products[number]}|Product {number}"),
            (f"{name}.quantity", str(self.chance.randint(1, 40))),
            (f"{name}.price", ""),
        ]


#: Key of the figure → what the clerk does for it.
TASKS: Mapping[str, Callable[[Clerk], None]] = {
    "create": Clerk.create,
    "action": Clerk.act,
    "list": Clerk.look_at_list,
    "record": Clerk.look_at_record,
    "recalculate": Clerk.type,
}
