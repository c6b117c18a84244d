"""The pages, one module per family. Each has a `flask.Blueprint` called `pages`; this is the one list of them."""

from __future__ import annotations

from flask import Flask

from blankett.web import home as standing
from blankett.web.account import routes as account
from blankett.web.account import sign_in
from blankett.web.admin import people, rates, security_log, set_up, workspaces
from blankett.web.admin import rule_engine_status as engine_room
from blankett.web.entry import link_picker as picking
from blankett.web.entry import routes as entry
from blankett.web.inbox import routes as inbox
from blankett.web.list import routes as lists
from blankett.web.record import action as actions
from blankett.web.record import discard, what_if, why
from blankett.web.record import routes as records
from blankett.web.studio import new_blueprint as taking
from blankett.web.studio import publish as publishing
from blankett.web.studio import routes as blueprints
from blankett.web.tables import exchange as table_exchange
from blankett.web.tables import routes as tables
from blankett.web.tables import tryout as table_tryout

#: In the order they are registered.
FAMILIES = (
    set_up,
    sign_in,
    account,
    standing,
    inbox,
    lists,
    records,
    actions,
    discard,
    entry,
    picking,
    blueprints,
    publishing,
    tables,
    table_exchange,
    table_tryout,
    taking,
    workspaces,
    people,
    rates,
    engine_room,
    security_log,
    why,
    what_if,
)


def register(app: Flask) -> None:
    """Register every family's routes."""
    for family in FAMILIES:
        app.register_blueprint(family.pages)
