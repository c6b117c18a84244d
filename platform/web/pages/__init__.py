"""The pages, one module per family. Each has a `flask.Blueprint` called `pages`; this is the one list of them."""

from __future__ import annotations

from flask import Flask

from blankett.web.pages import (
    account,
    actions,
    blueprints,
    discard,
    engine_room,
    entry,
    inbox,
    lists,
    people,
    picking,
    publishing,
    rates,
    records,
    security_log,
    set_up,
    sign_in,
    standing,
    table_exchange,
    table_tryout,
    tables,
    taking,
    what_if,
    why,
    workspaces,
)

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
