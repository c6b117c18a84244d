"""The sign-in page, and the people the demo offers on it with their roles."""

from __future__ import annotations

from dataclasses import dataclass

from blankett.engine.store import Organisation
from blankett.web.identity import current_language
from blankett.web.services import services
from blankett.web.templating import render


@dataclass(frozen=True)
class DemoPerson:
    """One of the demo's people."""

    id: str
    name: str
    email: str
    #: In words: "Sales manager, Nordlys Trading".
    role: str


def demo_people(organisation: Organisation) -> list[DemoPerson]:
    """Return the demo's active people with their roles, administrators last."""
    titles = role_titles()
    with services().store.reading() as reading:
        workspaces = {workspace.id: workspace for workspace in reading.workspaces(organisation.id)}
        people = []
        for user in reading.all_users(organisation.id):
            members = reading.memberships(organisation.id, user.id)
            roles = sorted({titles.get(role, role) for member in members for role in member.roles})
            rooms = sorted({workspaces[member.workspace].title for member in members if member.workspace in workspaces})
            if user.active:
                people.append((user.is_admin, DemoPerson(user.id, user.name, user.email, ", ".join([*roles, *rooms]))))
    return [person for _, person in sorted(people, key=lambda item: (item[0], item[1].name))]


def role_titles() -> dict[str, str]:
    """Return the title of every role of every blueprint in the page's language."""
    language, engine = current_language(), services().engine
    organisation = services().organisation()
    if organisation is None:
        return {}
    with services().store.reading() as reading:
        catalog = engine.catalog.view(reading, organisation.id, services().clock())
        blueprints = [catalog.newest_blueprint(key) for key in catalog.newest]
    return {key: role.title.say(language) for found in blueprints if found for key, role in found.roles.items()}


def draw_sign_in(**context: object) -> str:
    """Return the sign-in page; the demo's shows its people."""
    organisation = services().organisation()
    people = demo_people(organisation) if services().settings.is_demo and organisation else []
    title = organisation.title if organisation else ""
    defaults = {"next": "/", "parked": "", "email": "", "mistakes": [], "people": people, "organisation": title}
    return render("pages/sign_in.html", **{**defaults, **context})
