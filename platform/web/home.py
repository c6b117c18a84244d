"""Pages that stand by themselves: the front door, all places at once, whether the server is well."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from blankett.engine.store.database_faults import DatabaseFault
from blankett.web import htmx
from blankett.web.access_policy import PUBLIC, SIGNED_IN, allow
from blankett.web.errors import come_again
from blankett.web.services import services
from blankett.web.templating import render

pages = flask.Blueprint("standing", __name__)


@pages.get("/")
@allow(PUBLIC)
def front_door() -> ResponseReturnValue:
    """Lead to the inbox, or to the set-up of an installation nobody has used yet."""
    return htmx.go_to("/inbox" if services().organisation_id() else "/set-up")


@pages.get("/places")
@allow(SIGNED_IN)
def places() -> str:
    """Show everything there is to go to: the phone's "More"."""
    return render("pages/places.html", here="places")


@pages.get("/health")
@allow(PUBLIC)
def health() -> ResponseReturnValue:
    """Say at once whether the server and its database answer; for load balancers. Tells when saving last failed."""
    store = services().store
    try:
        store.probe()
    except DatabaseFault as fault:
        return {"status": "unavailable", "database": fault.kind}, 503, {"Retry-After": str(come_again(fault))}
    return {"status": "ok"} if store.write_fault is None else {"status": "ok", "saving": store.write_fault}
