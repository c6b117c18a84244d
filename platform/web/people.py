"""The sign-in page, and the people the demo offers on it."""

from __future__ import annotations

from dataclasses import dataclass

from blankett.engine.store import Organisation
from blankett.web.identity import current_language, current_visitor
from blankett.web.parked import can_show_again, read_parked, safe_path
from blankett.web.request_unit import current_unit
from blankett.web.services import services
from blankett.web.templating import render


@dataclass(frozen=True)
class DemoPerson:
    """One of the demo's people."""

    id: str
    name: str
    #: What they do, in words.
    work: str


def demo_people(organisation: Organisation) -> list[DemoPerson]:
    """Return the people of the demo who may sign in, in the order the story names them."""
    from blankett.demo.people import people  # the story's machinery comes along; only the demo needs it

    reading = current_unit().reading
    users = reading.users(organisation.id, [person.key for person in people()])
    return [
        DemoPerson(person.key, users[person.key].name, person.work_zh if current_language() == "zh" else person.work)
        for person in people()
        if person.key in users and users[person.key].active
    ]


def draw_sign_in(**context: object) -> str:
    """Return the sign-in page; the demo's shows its people."""
    organisation = services().organisation()
    offered = demo_people(organisation) if services().settings.is_demo and organisation else []
    title = organisation.title if organisation else ""
    visitor = current_visitor()
    defaults = {
        "next": "/",
        "parked": "",
        "email": "",
        "mistakes": [],
        "people": offered,
        "organisation": title,
        # Somebody else is signed in than the person whose text is parked.
        "other": visitor.user.name if visitor else "",
    }
    return render("pages/sign_in.html", **{**defaults, **context, "next": safe_path(str(context.get("next", "/")))})


def draw_parked(address: str, parked: str) -> str:
    """Return the page that leads back to *address* with what was typed there, for the person who typed it."""
    found = read_parked(parked)
    pairs = found.pairs if found else ()
    return render("pages/parked.html", next=address, pairs=pairs, may_show=can_show_again(address))
