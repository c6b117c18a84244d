"""Pages that stand by themselves: the front door, all places at once, whether the server is well."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from blankett.web import htmx
from blankett.web.policies import PUBLIC, SIGNED_IN, allow
from blankett.web.services import services
from blankett.web.templating import render

pages = flask.Blueprint("standing", __name__)


@pages.get("/")
@allow(PUBLIC)
def front_door() -> ResponseReturnValue:
    """Lead to the inbox, or to the set-up of an installation nobody has used yet."""
    return htmx.go_to("/inbox" if services().organisation() else "/set-up")


@pages.get("/places")
@allow(SIGNED_IN)
def places() -> str:
    """Show everything there is to go to: the phone's "More"."""
    return render("pages/places.html", here="places")


@pages.get("/health")
@allow(PUBLIC)
def health() -> ResponseReturnValue:
    """Say that the server and its store answer; for load balancers."""
    with services().store.reading() as reading:
        reading.organisations()
    return {"status": "ok"}
