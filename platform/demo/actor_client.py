"""The desk at which the people of the story work: commands to the engine, each by the right person at the right moment.

Nothing is inserted: what the demo shows has gone through the same door, checks and rights as what a person types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from blankett.demo.people import BY_KEY, LEAVE, ORDERS
from blankett.engine.records import Actor, Command, Engine, Receipt

#: Field → value, as the engine takes it.
Values = Mapping[str, object]

#: Form → its blueprint.
FORMS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "order",
            "quotation",
            "shipment",
            "invoice",
            "complaint",
            "return_request",
            "customer",
            "product",
            "carrier",
            "warehouse",
        ),
        ORDERS,
    ),
    **dict.fromkeys(("leave_request", "employee"), LEAVE),
}


#: Actions that make a record → the form of what they make.
MADE_BY: Mapping[str, str] = {
    "pick": "shipment",
    "prepare_invoice": "invoice",
    **dict.fromkeys(("accept", "exchange", "close"), "order"),
}


@dataclass(frozen=True)
class Samples:
    """The records of the blueprint's samples, by form and key: their ids, and what the samples say of them."""

    ids: Mapping[tuple[str, str], str]
    values: Mapping[tuple[str, str], Mapping[str, object]]


class StoryRefused(Exception):
    """Somebody in the story was refused: the story and the blueprint do not fit each other."""

    def __init__(self, who: str, what: str, refusal: object) -> None:
        super().__init__(f"{who} could not {what}: {refusal}")
        self.who = who
        self.what = what
        self.refusal = refusal


class StoryClock:
    """Tells the engine what time it is in the story."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the moment the story has reached."""
        return self.now


class Desk:
    """Where the people of the story act."""

    def __init__(self, engine: Engine, clock: StoryClock, actors: Mapping[str, Actor], samples: Samples) -> None:
        self.engine = engine
        self.clock = clock
        self.actors = actors
        self._samples = samples
        self._forms: dict[str, str] = {}
        self._notes: dict[str, str] = {}

    def create(self, who: str, form: str, values: Values) -> str:
        """Let *who* make a record; return its id."""
        typed = {key: value for key, value in values.items() if value is not None}
        receipt = self._apply(who, f"make a {form}", form=form, workspace=BY_KEY[who].home, values=typed)
        self._forms[receipt.record] = form
        return receipt.record

    def entrust(self, who: str, form: str, key: str, values: Values) -> None:
        """Let *who* type new values into the customer, product… of that code."""
        self._forms[self.key(form, key)] = form
        self.change(who, self.key(form, key), values)

    def change(self, who: str, record: str, values: Values) -> None:
        """Let *who* type new values; a table is given with all its lines."""
        self._apply(who, "change a record", form=self._forms[record], record=record, values=values)

    def act(self, who: str, record: str, action: str, **inputs: object) -> str:
        """Let *who* take an action; return the id of the record it made, or nothing."""
        answered = {key: value for key, value in inputs.items() if value is not None}
        receipt = self._apply(
            who, f"{action} a record", form=self._forms[record], record=record, action=action, inputs=answered
        )
        made = MADE_BY.get(action)
        if made is None or not receipt.created:
            return ""
        self._forms[receipt.created[0]] = made
        return receipt.created[0]

    def say(self, who: str, record: str, text: str) -> None:
        """Let *who* comment on a record."""
        self._apply(who, "comment on a record", form=self._forms[record], record=record, comment=text)

    def _apply(self, who: str, what: str, *, form: str, **command: Any) -> Receipt:
        answer = self.engine.apply(
            Command(intent="", actor=self.actors[who], blueprint=FORMS[form], form=form, **command)
        )
        if not isinstance(answer, Receipt):
            raise StoryRefused(who, what, answer)
        return answer

    # Looking ----

    def value(self, who: str, record: str, field: str) -> object:
        """Return a value as *who* sees it on the record's page; None for what is empty or hidden."""
        view = self.engine.open(self.actors[who], record)
        if view is None:
            raise StoryRefused(who, "see a record", record)
        return view.values.get(field)

    def amount(self, who: str, record: str, field: str) -> Decimal:
        """Return an amount as *who* sees it."""
        value = self.value(who, record, field)
        assert isinstance(value, Decimal)
        return value

    def lines(self, who: str, record: str) -> list[Values]:
        """Return the lines of a record as *who* sees them."""
        found = self.value(who, record, "lines")
        assert isinstance(found, list)
        return [dict(line) for line in found]

    # Names of the story ----

    def key(self, form: str, key: str) -> str:
        """Return the id of the customer, product, carrier or warehouse of that code."""
        return self._samples.ids[form, key]

    def sample(self, form: str, key: str) -> Mapping[str, object]:
        """Return what the blueprint's samples say of the record of that code."""
        return self._samples.values[form, key]

    def note(self, label: str, record: str) -> None:
        """Remember a record by a name of the story."""
        self._notes[label] = record

    def noted(self, label: str) -> str:
        """Return the record that was remembered as *label*."""
        return self._notes[label]
