"""The story as data: what `story.yaml` tells, read into dataclasses.

Playing it is the business of `plots`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from blankett.engine.language.problems import Report
from blankett.engine.language.source import decode_plain
from blankett.engine.language.yaml_reader import read_source


@dataclass(frozen=True)
class OrderLine:
    """A line of an order or a quotation."""

    article: str
    quantity: Decimal
    #: In the order's currency; None for the list price.
    price: Decimal | None = None


@dataclass(frozen=True)
class Say:
    """What a colleague said."""

    who: str
    text: str
    #: The stage of an order it was said at.
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order of the story."""

    #: The name other parts of the story call it by.
    label: str = ""
    #: Working days before now that somebody began to type it.
    age: float
    customer: str
    seller: str
    channel: str
    lines: tuple[OrderLine, ...]
    #: What goes its own way: a key of `plots.IN_REVIEW`, or below_floor, stopped, delayed, part_paid, reminded,
    #: credited.
    twist: str = ""
    #: The last stage that is reached; empty for the end.
    until: str = ""
    urgent: bool = False
    special: str = ""
    #: The code of a special order (RX, GT, RU), and why it is one.
    code: str = ""
    why: str = ""
    reference: str = ""
    #: What was agreed; 0 leaves what weight, zone and promise say.
    freight: Decimal = Decimal(0)
    #: The text of the twist: why it was sent back, asked, cancelled, delayed.
    reason: str = ""
    #: The answer of the customer, when they were asked.
    answer: str = ""
    #: The lines as they are after the order came back.
    amended: tuple[OrderLine, ...] = ()
    #: Calendar days from the order to the promised date; 0 leaves what the form fills in.
    promise: int = 0
    #: Working days from the invoice to the payment; beyond the end of the story it stays open.
    pays_after: float = 12.0
    says: tuple[Say, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Quotation:
    """One quotation of the story."""

    age: float
    customer: str
    seller: str
    subject: str
    lines: tuple[OrderLine, ...]
    #: accepted, declined, expired, revised (and then sent again), sent or draft.
    ends: str
    #: How they accepted, or why they did not.
    answer: str = ""
    reference: str = ""
    #: The stage the order that comes of it reaches, as in `Order.until`.
    until: str = ""
    says: tuple[Say, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One complaint of the story."""

    age: float
    #: The label of the order it is about, or empty.
    order: str = ""
    customer: str
    channel: str
    handler: str
    #: Who writes it down, when it is not the handler.
    clerk: str = ""
    category: str
    subject: str
    description: str
    #: closed, rejected, proposed, waiting, investigating or received.
    ends: str
    product: str = ""
    cause: str = ""
    solution: str = ""
    #: In the customer's currency, for refunds and discounts.
    compensation: Decimal | None = None
    #: The limit of customer service in EUR, where Mette had to raise it.
    limit: Decimal | None = None
    question: str = ""
    answer: str = ""
    satisfaction: str = "satisfied"
    #: Why they did not agree at first.
    disagrees: str = ""
    says: tuple[Say, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Return:
    """One return request of the story."""

    age: float
    #: The label of the order the goods were in.
    order: str
    customer: str
    clerk: str
    product: str
    quantity: Decimal
    reason: str
    condition: str
    story: str
    #: settled, refused, in_repair, inspected, awaited or requested.
    ends: str
    #: What Mette decides where the policy would refuse, and why.
    decided: str = ""
    text: str = ""
    #: What the warehouse finds.
    inspection: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoAbsence:
    """One leave request of the story."""

    #: Working days before now that it was asked for.
    age: float
    person: str
    kind: str
    #: Calendar days from the asking to the first day, and how many days it lasts.
    starts_in: int
    lasts: int
    #: Working days of it.
    days: Decimal
    #: taken, booked, approved, requested, refused, given_back or draft.
    ends: str
    #: Why it was refused.
    text: str = ""
    stand_in: str = ""


@dataclass(frozen=True)
class Tale:
    """The whole story, each part oldest first."""

    orders: tuple[Order, ...]
    quotations: tuple[Quotation, ...]
    complaints: tuple[Complaint, ...]
    returns: tuple[Return, ...]
    absences: tuple[DemoAbsence, ...]


def read_lines(text: str) -> tuple[OrderLine, ...]:
    """Return the lines that ``"8 PT-2000 at 389, 12 ST-60"`` tells."""
    return tuple(_read_line(part.split()) for part in text.split(","))


def _read_line(words: list[str]) -> OrderLine:
    price = Decimal(words[3]) if len(words) == 4 else None
    return OrderLine(words[1], Decimal(words[0]), price)


def _read_says(raw: list[dict[str, str]]) -> tuple[Say, ...]:
    return tuple(Say(**item) for item in raw)


#: The type of a field, as written above, to what reads it.
READERS: Mapping[str, Callable[[Any], object]] = {
    "str": str,
    "float": float,
    "int": int,
    "bool": lambda raw: raw == "yes",
    "Decimal": Decimal,
    "Decimal | None": Decimal,
    "tuple[OrderLine, ...]": read_lines,
    "tuple[Say, ...]": _read_says,
}

Item = TypeVar("Item", Order, Quotation, Complaint, Return, DemoAbsence)


def _read(kind: type[Item], raw: Mapping[str, Any]) -> Item:
    types = {field.name: str(field.type) for field in fields(kind)}
    told: dict[str, Any] = {key: READERS[types[key]](value) for key, value in raw.items()}
    return kind(**told)


@cache
def read_tale() -> Tale:
    """Return the story."""
    text = (files("blankett.demo") / "story.yaml").read_text(encoding="utf-8")
    report = Report()
    _, tree = read_source(text, "story.yaml", report)
    if tree is None:
        raise ValueError("\n".join(problem.line("story.yaml") for problem in report.finished()))
    # Read as blueprints are: every scalar stays a text, so `no` is no truth value and 4500117960 no number.
    raw: Any = decode_plain(tree)
    return Tale(
        tuple(_read(Order, item) for item in raw["orders"]),
        tuple(_read(Quotation, item) for item in raw["quotations"]),
        tuple(_read(Complaint, item) for item in raw["complaints"]),
        tuple(_read(Return, item) for item in raw["returns"]),
        tuple(_read(DemoAbsence, item) for item in raw["absences"]),
    )
