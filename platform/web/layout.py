"""The frame around every page: who is here, where they may go, what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask, session

from blankett.engine.store import StoredUser
from blankett.web.identity import DENSITIES, current_actor, current_language, current_visitor
from blankett.web.request_unit import current_unit
from blankett.web.services import services
from blankett.web.side_navigation import SideList
from blankett.web.templating import hue, initials, t


@dataclass(frozen=True, slots=True)
class WaitingTasks:
    """How many tasks wait for somebody."""

    #: In few words ("7", "7+" where there may be more); empty for none.
    number: str
    #: The same as a sentence.
    words: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """Where somebody may go, and what waits for them."""

    side: SideList
    #: The name of their workspace, when they have one only.
    room: str
    waiting: WaitingTasks


@dataclass(frozen=True, slots=True)
class PagePerson:
    """Who looks, with how they like their pages."""

    ONLY_SHOWN = ("id", "name", "email", "initials", "menu")

    id: str
    name: str
    email: str
    #: What stands in their face, and the class of its colour.
    initials: str
    hue: str
    #: What their menu is called.
    menu: str
    language: str
    theme: str
    density: str
    #: Whether single letters are shortcuts.
    shortcuts: bool


def init_shell(app: Flask) -> None:
    """Give every page its frame."""
    app.context_processor(shell)


def shell() -> dict[str, Any]:
    """Return the frame's context; nothing for somebody who is not signed in."""
    visitor, actor = current_visitor(), current_actor()
    if visitor is None or actor is None:
        return {}
    return {"person": Later(lambda: person_of(visitor.user)), "places": Later(find_places), "here": ""}


class Later:
    """Something that is made when a template first asks for a part of it: fragments never do."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    @cached_property
    def whole(self) -> object:
        """Return it itself."""
        return self._make()

    def __getattr__(self, name: str) -> object:
        return getattr(self.whole, name)


def person_of(user: StoredUser) -> PagePerson:
    """Return who looks, with how they like their pages."""
    return PagePerson(
        id=user.id,
        name=user.name,
        email=user.email,
        initials=initials(user.name),
        hue=hue(user.name),
        menu=t("nav.menu", name=user.name),
        language=current_language(),
        theme=user.theme,
        density=user.density if user.density in DENSITIES else "normal",
        shortcuts=session.get("keys") != "off",
    )


def find_places() -> Navigation:
    """Return where whoever is signed in may go."""
    unit, made = current_unit().unit, services()
    now = made.standings.of(unit)
    tasks = made.badge.count(unit, now)
    return Navigation(
        side=made.side_lists.of(unit, now),
        room=room_of(),
        waiting=WaitingTasks(
            "" if tasks.number == 0 and tasks.is_complete else f"{tasks.number}{'' if tasks.is_complete else '+'}",
            t("nav.tasks" if tasks.is_complete else "nav.tasks_at_least", count=tasks.number),
        ),
    )


def room_of() -> str:
    """Return the name of the one workspace somebody is in; empty for several."""
    visitor = current_visitor()
    member_of = {member.workspace for member in visitor.memberships} if visitor else set()
    titles = [room.title for room in visitor.workspaces if room.id in member_of] if visitor else []
    return titles[0] if len(titles) == 1 else ""
