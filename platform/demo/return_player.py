"""How goods come back: see `order_player` for what a plot is."""

from __future__ import annotations

from datetime import datetime
from random import Random

from blankett.demo.actor_client import Desk
from blankett.demo.order_player import Plot, replacement_plot
from blankett.demo.story import Return
from blankett.demo.working_time import later

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
