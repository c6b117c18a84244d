"""How complaints and absences are played: see `order_player` for what a plot is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from blankett.demo.actor_client import Desk, Values
from blankett.demo.order_player import Plot, replacement_plot
from blankett.demo.people import BY_KEY
from blankett.demo.story import Absence, Complaint
from blankett.demo.working_time import later

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


def absence_plot(desk: Desk, random: Random, absence: Absence, begun: datetime) -> Plot:
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
