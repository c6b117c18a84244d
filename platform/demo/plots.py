"""The plots of the story: generators that act through the desk and yield when they go on.

What a plot yields is a moment; the story resumes it then, so that many plots run side by side in the order of time. A
plot that waits beyond now is never resumed: its record stays as it is, and that is how records come to be under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from blankett.demo.actor_client import Desk, Values
from blankett.demo.people import BY_KEY
from blankett.demo.story import Complaint, DemoAbsence, Order, OrderLine, Quotation, Return
from blankett.demo.working_time import later

# Orders and quotations ------------------------------------------------------------------------------------------------


Plot = Iterator[datetime]

#: Working hours an order takes to reach each stage from the one before.
HOURS = {
    "draft": 0.0,
    "review": 0.4,
    "sent_back": 2.0,
    "clarification": 2.0,
    "approved": 3.5,
    "released": 4.0,
    "picking": 5.0,
    "packed": 2.0,
    "shipped": 2.0,
    "delayed": 9.0,
    "delivered": 24.0,
    "invoiced": 5.0,
}
#: An order under way takes at most so many times its usual hours.
SLOWEST = 6.0
#: The stages on the way to each other, in order; the twisted ones stand aside.
WAY = ("draft", "review", "approved", "released", "picking", "packed", "shipped", "delivered", "invoiced")

#: Who works where: warehouse code → warehouse, customer service.
HANDS = {"NGB": ("na", "zhang"), "RST": ("henrik", "signe"), "BGO": ("henrik", "signe")}
#: Warehouse code → who signs for what comes from there.
SIGNATURES = {
    "NGB": ("门卫 刘师傅", "仓库 何芳", "周敏"),
    "RST": ("P. Lund", "Gate 2, Kowalski", "S. Krüger"),
    "BGO": ("T. Haugen", "O. Vik", "Quay 3, Dahl"),
}


#: Where the credited invoice should have gone.
HOLDING = "Ostsee Holding SE, Speicherstadt 11, 20457 Hamburg, Germany"


class OrderPlot:
    """One order, from the first key to the payment."""

    def __init__(self, desk: Desk, random: Random, order: Order, begun: datetime) -> None:
        self.desk = desk
        self.random = random
        self.order = order
        self.now = begun
        self.pace = self._pace()
        self.id = ""
        self.shipment = ""
        self.invoice = ""
        customer = desk.sample("customer", order.customer)
        self.contact = str(customer["contact"])
        self.place = str(customer["warehouse"])
        self.picker, self.service = HANDS[self.place]

    def _pace(self) -> float:
        """Return how much slower than usual it goes: it stands at its stage since yesterday, not since last month."""
        way = (*WAY[: WAY.index("shipped") + 1], "delayed") if self.order.until == "delayed" else WAY
        if self.order.until not in way:
            return 1.0
        usual = sum(HOURS[stage] for stage in way[: way.index(self.order.until) + 1])
        return min(SLOWEST, max(0.4, self.order.age * 6.5 / max(usual, 1.0)))

    def wait(self, hours: float) -> datetime:
        """Return the moment *hours* working hours from here, give or take, and go there."""
        self.now = later(self.now, hours * self.pace * self.random.uniform(0.7, 1.2))
        return self.now

    def play(self) -> Plot:
        """Play the order to its stage."""
        yield self.now
        self.id = self.desk.create(self.order.seller, "order", self._typed())
        self.desk.note(self.order.label, self.id)
        if self.order.until == "draft":
            return
        yield self.wait(HOURS["review"])
        yield from self.into_review()
        if self.order.until in ("review", "sent_back", "clarification") or self.order.twist == "cancelled":
            return
        yield from self.to_the_warehouse()
        if self.order.until in ("approved", "released") or self.order.twist == "stopped":
            return
        yield from self.on_the_way()
        if self.order.until in ("picking", "packed", "shipped", "delayed", "delivered"):
            return
        yield from self.to_the_bank()

    def _typed(self) -> Values:
        order = self.order
        typed: dict[str, object] = {
            "channel": order.channel,
            "customer": self.desk.key("customer", order.customer),
            "customer_reference": order.reference or None,
            "freight": order.freight or None,
            "special": order.special or None,
            "special_code": order.code or None,
            "special_reason": order.why or None,
            "urgent": order.urgent or None,
            "lines": typed_lines(self.desk, order.lines),
        }
        if order.channel == "phone":
            typed["caller"] = self.contact
        if order.promise:
            typed["promised"] = self.now.date() + timedelta(days=order.promise)
        return typed

    def say(self, stage: str) -> Plot:
        """Let colleagues say what they said at *stage*."""
        for said in self.order.says:
            if said.at == stage:
                self.now = later(self.now, self.random.uniform(0.2, 0.6))
                yield self.now
                self.desk.say(said.who, self.id, said.text)

    def into_review(self) -> Plot:
        """Submit the order, through whatever keeps it back first."""
        if self.order.twist == "below_floor":
            yield from self.allowed_below_floor()
        if self.desk.value(self.order.seller, self.id, "unusual_meant") is False:
            yield from self.unusual_confirmed()
        self.desk.act(self.order.seller, self.id, "submit")
        yield from self.say("review")
        during = IN_REVIEW.get(self.order.twist)
        if during is not None:
            yield from during(self)
        yield from self.say("submitted")

    def allowed_below_floor(self) -> Plot:
        """Mette allows a price below the floor."""
        yield self.wait(2)
        self.desk.act("mette", self.id, "allow_below_floor", relief=Decimal("0.06"), reason=self.order.reason)
        yield self.wait(1)

    def unusual_confirmed(self) -> Plot:
        """The seller asks whether the quantity is meant."""
        yield self.wait(1.5)
        self.desk.change(self.order.seller, self.id, {"unusual_meant": True})

    def sent_back(self) -> Plot:
        """Mette sends the order back; the seller amends it and submits it again."""
        yield self.wait(HOURS["sent_back"])
        self.desk.act("mette", self.id, "send_back", reason=self.order.reason)
        if self.order.until == "sent_back":
            return
        yield self.wait(1.5)
        self.desk.change(self.order.seller, self.id, {"lines": typed_lines(self.desk, self.order.amended)})
        self.desk.act(self.order.seller, self.id, "submit")

    def clarified(self) -> Plot:
        """The customer is asked, and answers."""
        yield self.wait(HOURS["clarification"])
        self.desk.act("mette", self.id, "ask_customer", question=self.order.reason)
        if self.order.until == "clarification":
            return
        yield self.wait(6)
        self.desk.act(self.service, self.id, "note_answer", answer=self.order.answer)

    def cancelled(self) -> Plot:
        """The seller cancels it."""
        yield self.wait(2)
        self.desk.act(self.order.seller, self.id, "cancel", reason=self.order.reason)

    def to_the_warehouse(self) -> Plot:
        """Approve and release it; stop it there when that is its story."""
        yield self.wait(HOURS["approved"])
        who = "lars" if self.desk.value("lars", self.id, "needs_director") else "mette"
        self.desk.act(who, self.id, "approve")
        yield from self.say("approved")
        if self.order.until == "approved":
            return
        yield self.wait(HOURS["released"])
        if self.desk.value("mette", self.id, "hold"):
            yield from self.lifted()
        self.desk.act(self.order.seller, self.id, "release", confirmed_by=self.contact)
        yield from self.say("released")
        if self.order.twist == "stopped":
            yield self.wait(HOURS["picking"])
            self.desk.act(self.picker, self.id, "pick")
            yield self.wait(1)
            self.desk.act("mette", self.id, "cancel_released", reason=self.order.reason)

    def lifted(self) -> Plot:
        """Ellen lifts the credit hold when the money has come."""
        self.desk.act("ellen", self.id, "lift_hold", reason="The bank has confirmed the transfer.")
        yield self.wait(1)

    def on_the_way(self) -> Plot:
        """Pick, pack, ship and deliver it."""
        yield self.wait(HOURS["picking"])
        self.shipment = self.desk.act(self.picker, self.id, "pick")
        yield from self.say("picking")
        if self.order.until == "picking":
            return
        yield self.wait(HOURS["packed"])
        self._pick_everything()
        self.desk.act(self.picker, self.shipment, "pack")
        if self.order.until == "packed":
            return
        yield self.wait(HOURS["shipped"])
        self._hand_to_carrier()
        if self.order.until == "shipped":
            return
        if self.order.twist == "delayed":
            yield from self.delayed()
            if self.order.until == "delayed":
                return
        yield self.wait(HOURS["delivered"])
        signed = self.random.choice(SIGNATURES[self.place])
        self.desk.act(self.service, self.shipment, "deliver", received_by=signed, received_on=self.now.date())
        yield from self.say("delivered")

    def _pick_everything(self) -> None:
        lines = self.desk.lines(self.picker, self.shipment)
        picked = [{**line, "picked": line["quantity"]} for line in lines]
        self.desk.change(self.picker, self.shipment, {"lines": picked, "packages": Decimal(1 + len(lines) // 2)})

    def _hand_to_carrier(self) -> None:
        proposed = self.desk.value(self.picker, self.shipment, "proposed_carrier")
        self.desk.act(
            self.picker,
            self.shipment,
            "ship",
            carrier=self.desk.key("carrier", str(proposed)),
            tracking_number=f"{self.random.randrange(10**9, 10**10)}",
            expected=later(self.now, HOURS["delivered"] * 1.1).date(),
        )

    def delayed(self) -> Plot:
        """The lorry is late."""
        yield self.wait(HOURS["delayed"])
        expected = later(self.now, 27).date()
        self.desk.act(self.service, self.shipment, "report_delay", reason=self.order.reason, expected=expected)
        yield from self.say("delayed")

    def to_the_bank(self) -> Plot:
        """Invoice it and wait for the money."""
        yield self.wait(HOURS["invoiced"])
        if not self.desk.amount("ellen", self.id, "total"):
            self.desk.act("ellen", self.id, "close_free")
            return
        yield from self.invoiced()
        if self.order.until == "prepared":
            return
        if self.order.twist == "credited":
            yield self.wait(9)
            self.desk.act("ellen", self.invoice, "credit", reason=self.order.reason)
            yield self.wait(1)
            yield from self.invoiced({"bill_to": HOLDING})
        paid = later(self.now, self.order.pays_after * 9)
        if self.order.twist == "part_paid":
            yield self.wait(9 * 6)
            half = (self.desk.amount("ellen", self.invoice, "total") / 2).quantize(Decimal(1))
            part = {"amount": half, "method": "bank", "paid_on": self.now.date()}
            self.desk.act("ellen", self.invoice, "note_part_payment", **part)
        if self.order.twist == "reminded":
            yield from self.reminded()
        yield paid
        self.desk.act("ellen", self.invoice, "note_payment", method="bank", paid_on=paid.date())

    def invoiced(self, changed: Values | None = None) -> Plot:
        """Prepare and issue an invoice."""
        self.invoice = self.desk.act("ellen", self.id, "prepare_invoice")
        if changed:
            self.desk.change("ellen", self.invoice, changed)
        if self.order.until == "prepared":
            return
        yield self.wait(0.5)
        self.desk.act("ellen", self.invoice, "issue")
        yield from self.say("invoiced")

    def reminded(self) -> Plot:
        """Ellen reminds the customer two days after the invoice was due."""
        due = self.desk.value("ellen", self.invoice, "due")
        assert isinstance(due, date)
        yield later(datetime.combine(due + timedelta(days=2), self.now.timetz()), 1)
        self.desk.act("ellen", self.invoice, "remind")


#: Twist → what happens in the review.
IN_REVIEW: dict[str, Callable[[OrderPlot], Plot]] = {
    "sent_back": OrderPlot.sent_back,
    "clarified": OrderPlot.clarified,
    "cancelled": OrderPlot.cancelled,
}


def typed_lines(desk: Desk, lines: tuple[OrderLine, ...]) -> list[Values]:
    """Return lines as somebody types them: the price only where it is not the list price."""
    typed: list[Values] = []
    for line in lines:
        values: dict[str, object] = {"product": desk.key("product", line.article), "quantity": line.quantity}
        if line.price is not None:
            values["price"] = line.price
        typed.append(values)
    return typed


def quotation_plot(desk: Desk, random: Random, quotation: Quotation, begun: datetime) -> Plot:
    """Play a quotation, and the order it becomes."""
    who, now = quotation.seller, begun
    yield now
    typed = {
        "customer": desk.key("customer", quotation.customer),
        "subject": quotation.subject,
        "lines": typed_lines(desk, quotation.lines),
    }
    offer = desk.create(who, "quotation", typed)
    for said in quotation.says:
        yield (now := later(now, 0.4))
        desk.say(said.who, offer, said.text)
    if quotation.ends == "draft":
        return
    yield (now := later(now, random.uniform(0.5, 2)))
    desk.act(who, offer, "send")
    if quotation.ends == "sent":
        return
    yield (now := later(now, random.uniform(12, 30)))
    if quotation.ends == "revised":
        desk.act(who, offer, "revise")
        desk.act(who, offer, "send")
    elif quotation.ends == "declined":
        desk.act(who, offer, "decline", reason=quotation.answer)
    elif quotation.ends == "expired":
        yield later(begun + timedelta(days=31), 1)
        desk.act(who, offer, "expire")
    elif quotation.ends == "accepted":
        yield from _accepted(desk, random, quotation, offer, now)


def _accepted(desk: Desk, random: Random, quotation: Quotation, offer: str, now: datetime) -> Plot:
    """Let the customer accept, and play the order that comes of it."""
    asked: dict[str, object] = {"channel": quotation.answer, "customer_reference": quotation.reference or None}
    order_id = desk.act(quotation.seller, offer, "accept", **asked)
    order = Order(
        age=10.0,
        customer=quotation.customer,
        seller=quotation.seller,
        channel=quotation.answer,
        lines=quotation.lines,
        until=quotation.until,
    )
    yield from made_order_plot(desk, random, order, order_id, now)


def made_order_plot(desk: Desk, random: Random, order: Order, order_id: str, now: datetime) -> Plot:
    """Play an order that came of something else: a quotation, a return, a complaint."""
    plot = OrderPlot(desk, random, order, now)
    plot.id = order_id
    yield plot.wait(1)
    yield from plot.into_review()
    if order.until == "review":
        return
    yield from plot.to_the_warehouse()
    yield from plot.on_the_way()
    yield from plot.to_the_bank()


def replacement_plot(desk: Desk, random: Random, customer: str, clerk: str, order_id: str, now: datetime) -> Plot:
    """Play the replacement that *clerk* of customer service sends a customer."""
    order = Order(age=10.0, customer=customer, seller=clerk, channel="service_desk", lines=())
    return made_order_plot(desk, random, order, order_id, now)


# Returns --------------------------------------------------------------------------------------------------------------


#: Who writes it down → the warehouse the goods come back to.
WAREHOUSES = {"signe": "henrik", "zhang": "na"}


class ReturnPlot:
    """One return request, from the call to the money, the other goods or the repair."""

    def __init__(self, desk: Desk, random: Random, told: Return, begun: datetime) -> None:
        self.desk = desk
        self.random = random
        self.told = told
        self.now = begun
        self.id = ""
        self.warehouse = WAREHOUSES[told.clerk]

    def wait(self, hours: float) -> datetime:
        """Return the moment *hours* working hours from here, give or take, and go there."""
        self.now = later(self.now, hours * self.random.uniform(0.7, 1.2))
        return self.now

    def play(self) -> Plot:
        """Play the return to its end."""
        told = self.told
        yield self.now
        typed = {
            "order": self.desk.noted(told.order),
            "product": self.desk.key("product", told.product),
            "quantity": told.quantity,
            "reason": told.reason,
            "condition": told.condition,
            "story": told.story,
        }
        self.id = self.desk.create(told.clerk, "return_request", typed)
        if told.ends == "requested":
            return
        yield self.wait(2)
        if told.ends == "refused":
            self.desk.act(told.clerk, self.id, "refuse")
            return
        yield from self.decided()
        if told.ends == "awaited":
            return
        yield self.wait(20)
        self.desk.act(
            self.warehouse, self.id, "receive_goods", condition=told.condition, inspection=told.inspection or None
        )
        if told.ends == "inspected":
            return
        yield from self.settled()

    def decided(self) -> Plot:
        """Let the clerk accept it, or Mette where the policy refuses."""
        if self.told.decided:
            yield self.wait(3)
            self.desk.act("mette", self.id, "decide_otherwise", outcome=self.told.decided, reason=self.told.text)
        else:
            self.desk.act(self.told.clerk, self.id, "accept")

    def settled(self) -> Plot:
        """Do what was decided: money back, other goods, a repair."""
        yield self.wait(3)
        outcome = self.desk.value(self.told.clerk, self.id, "outcome")
        if outcome == "refund":
            self.desk.act("ellen", self.id, "refund")
        elif outcome == "exchange":
            order = self.desk.act(self.told.clerk, self.id, "exchange")
            yield from replacement_plot(self.desk, self.random, self.told.customer, self.told.clerk, order, self.now)
        else:
            self.desk.act(self.warehouse, self.id, "repair")
            if self.told.ends == "settled":
                yield self.wait(18)
                self.desk.act(self.warehouse, self.id, "give_back")


# Complaints and absences ----------------------------------------------------------------------------------------------


#: What is typed of a complaint as the story tells it.
TOLD = ("channel", "category", "subject", "description")


class ComplaintPlot:
    """One complaint, from the first call to a customer who says that it is solved."""

    def __init__(self, desk: Desk, random: Random, complaint: Complaint, begun: datetime) -> None:
        self.desk = desk
        self.random = random
        self.complaint = complaint
        self.now = begun
        self.id = ""

    def wait(self, hours: float) -> datetime:
        """Return the moment *hours* working hours from here, give or take, and go there."""
        self.now = later(self.now, hours * self.random.uniform(0.7, 1.2))
        return self.now

    def play(self) -> Plot:
        """Play the complaint to its end."""
        yield self.now
        clerk = self.complaint.clerk or self.complaint.handler
        self.id = self.desk.create(clerk, "complaint", self._typed())
        if self.complaint.ends == "received":
            return
        yield self.wait(1)
        yield from self.taken(clerk)
        for said in self.complaint.says:
            yield self.wait(1)
            self.desk.say(said.who, self.id, said.text)
        yield from self.investigate()
        if self.complaint.ends in ("proposed", "closed"):
            yield from self.solve()

    def taken(self, clerk: str) -> Plot:
        """Let the handler take it on; a severe one Mette takes, and hands over."""
        is_severe = self.desk.value(clerk, self.id, "severity") == "high"
        if is_severe and self.complaint.category != "invoice":
            self.desk.act("mette", self.id, "take")
            yield self.wait(1)
            self.desk.act("mette", self.id, "hand_over", to=self.complaint.handler)
        else:
            self.desk.act(self.complaint.handler, self.id, "take")

    def _typed(self) -> Values:
        told = self.complaint
        typed: dict[str, object] = {key: getattr(told, key) for key in TOLD}
        if told.order:
            typed["order"] = self.desk.noted(told.order)
        else:
            typed["customer"] = self.desk.key("customer", told.customer)
        if told.product:
            typed["product"] = self.desk.key("product", told.product)
        return typed

    def investigate(self) -> Plot:
        """Ask the customer where the story has a question; reject where it ends so."""
        told = self.complaint
        if told.question:
            yield self.wait(2)
            self.desk.act(told.handler, self.id, "ask_customer", question=told.question)
            if told.ends == "waiting":
                return
            yield self.wait(7)
            self.desk.act(told.handler, self.id, "note_answer", answer=told.answer)
        if told.ends == "rejected":
            yield self.wait(5)
            self.desk.act("mette", self.id, "reject", reason=told.answer)

    def solve(self) -> Plot:
        """Find the cause, propose a solution, and have the customer agree."""
        told = self.complaint
        yield self.wait(6)
        found: dict[str, object] = {"cause": told.cause, "solution": told.solution}
        if told.compensation is not None:
            found["compensation"] = told.compensation
        if told.limit is not None:
            self.desk.act("mette", self.id, "raise_limit", limit=told.limit)
        self.desk.change(told.handler, self.id, found)
        yield from self.propose()
        if told.disagrees:
            yield self.wait(8)
            self.desk.act(told.handler, self.id, "reopen", reason=told.disagrees)
            yield self.wait(3)
            yield from self.propose()
        if told.ends == "closed":
            yield self.wait(9)
            order = self.desk.act(told.handler, self.id, "close", satisfaction=told.satisfaction)
            if order:
                yield from replacement_plot(self.desk, self.random, told.customer, told.handler, order, self.now)

    def propose(self) -> Plot:
        """Propose the solution; money is given back when finance agrees."""
        if self.complaint.solution != "refund":
            self.desk.act(self.complaint.handler, self.id, "propose")
            return
        self.desk.act(self.complaint.handler, self.id, "ask_finance")
        yield self.wait(3)
        self.desk.act("ellen", self.id, "agree_refund")


def absence_plot(desk: Desk, random: Random, absence: DemoAbsence, begun: datetime) -> Plot:
    """Play a leave request."""
    who = absence.person
    now = begun
    yield now
    first = _weekday(now.date() + timedelta(days=absence.starts_in))
    typed: dict[str, object] = {
        "employee": desk.noted(f"employee {who}"),
        "kind": absence.kind,
        "first_day": first,
        "last_day": first + timedelta(days=absence.lasts - 1),
        "days": absence.days,
    }
    if absence.kind == "unpaid":
        typed["reason"] = "My brother moves house."
    if absence.stand_in:
        typed["stand_in"] = absence.stand_in
    wish = desk.create(who, "leave_request", typed)
    if absence.ends == "draft":
        return
    desk.act(who, wish, "report_sick" if absence.kind == "sick" else "request")
    if absence.ends == "requested":
        return
    yield (now := later(now, random.uniform(2, 6)))
    if absence.ends == "refused":
        desk.act(BY_KEY[who].manager, wish, "refuse", reason=absence.text)
        return
    if absence.kind != "sick":
        desk.act(BY_KEY[who].manager, wish, "approve")
    if absence.ends == "approved":
        return
    yield (now := later(now, random.uniform(2, 12)))
    desk.act("petra", wish, "book")
    if absence.ends == "given_back":
        yield later(now, 20)
        desk.act("petra", wish, "give_back")
    elif absence.ends == "taken":
        yield later(datetime.combine(first + timedelta(days=absence.lasts), now.timetz()), 1)
        desk.act("petra", wish, "finish")


def _weekday(day: date) -> date:
    """Return *day*, or the Monday after it when it is at a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= 5 else 0)
