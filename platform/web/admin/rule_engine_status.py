"""What decides business rules: which engine, and what went wrong with durable-rules since this process started."""

from __future__ import annotations

import os
from dataclasses import dataclass

import flask

from blankett.engine.rules import Faults, chosen_engine, faults, library_version
from blankett.engine.store import StoredTrial, stored_trials
from blankett.web.access_policy import ADMINISTRATORS, allow
from blankett.web.identity import the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import render

pages = flask.Blueprint("rule_engine", __name__)


@dataclass(frozen=True)
class EngineStatus:
    """What the page shows."""

    #: Whether durable-rules decides.
    is_durable: bool
    #: The version of durable-rules that is installed, or None.
    version: str | None
    faults: Faults
    #: Rules that were tried and are left to the predicates.
    left: tuple[StoredTrial, ...]
    #: The process that answered; there may be others, with faults of their own.
    process: int


@pages.get("/rule-engine")
@allow(ADMINISTRATORS)
def show_rule_engine_status(request_unit: RequestUnit) -> str:
    """Show which engine decides rules, and where it failed."""
    reading = request_unit.reading
    left = stored_trials(reading, the_actor().organisation)
    status = EngineStatus(chosen_engine() == "durable", library_version(), faults(), tuple(left), os.getpid())
    return render("pages/rule_engine_status.html", here="rule_engine", status=status)
