"""The frame around every page: who is here, where they may go, what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask, session

from blankett.engine.access import Actor
from blankett.engine.records.read.inbox import TaskCount
from blankett.engine.records.read.navigation import BlueprintPlace, overview_of
from blankett.engine.store import StoredUser
from blankett.web.identity import DENSITIES, current_actor, current_language, current_reader, current_visitor
from blankett.web.request_unit import current_unit
from blankett.web.services import services
from blankett.words import say

#: Forms of a blueprint that stand in the phone's tab bar, counted over all.
MOST_TABS = 3


@dataclass(frozen=True, slots=True)
class NavigationPlace:
    """Somewhere to go."""

    #: ``order_management.order``, or a word of ours.
    key: str
    title: str
    icon: str
    address: str
    #: In the singular: "order".
    single: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """The places of one blueprint."""

    title: str
    places: tuple[NavigationPlace, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """Where somebody may go."""

    groups: tuple[PlaceGroup, ...] = ()
    studio: tuple[NavigationPlace, ...] = ()
    #: Forms they may make records of.
    creatable: tuple[NavigationPlace, ...] = ()
    #: The name of their workspace, when they have one only.
    room: str = ""
    #: How many tasks wait for them, in few words ("7", "7+" where there may be more); empty for none.
    waiting: str = ""
    #: The same as a sentence.
    waiting_words: str = ""


@dataclass(frozen=True, slots=True)
class PagePerson:
    """Who looks, with how they like their pages."""

    id: str
    name: str
    email: str
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
    return {"person": Later(lambda: person_of(visitor.user)), "places": Later(lambda: find_places(actor)), "here": ""}


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
    density = user.density if user.density in DENSITIES else "normal"
    return PagePerson(
        user.id, user.name, user.email, current_language(), user.theme, density, session.get("keys") != "off"
    )


def find_places(actor: Actor) -> Navigation:
    """Return where *actor* may go, the blueprints by title."""
    groups, creatable, tabs = [], [], 0
    blueprints, tasks = look_around(actor)
    for blueprint in blueprints:
        places = []
        for form in blueprint.forms:
            is_main = tabs < MOST_TABS and form.form.life == "process"
            tabs += is_main
            place = NavigationPlace(
                key=form.form.name,
                title=form.plural,
                icon=form.form.icon or "file-text",
                address=f"/forms/{form.form.blueprint}/{form.form.key}",
                single=form.title,
                is_main=is_main,
            )
            places.append(place)
            if form.may_create:
                creatable.append(place)
        if places:
            groups.append(PlaceGroup(blueprint.title, tuple(places)))
    return Navigation(
        groups=tuple(groups),
        studio=_studio(actor),
        creatable=tuple(creatable),
        room=room_of(),
        waiting="" if tasks.number == 0 and tasks.is_complete else f"{tasks.number}{'' if tasks.is_complete else '+'}",
        waiting_words=say(
            current_reader(), "nav.tasks" if tasks.is_complete else "nav.tasks_at_least", count=tasks.number
        ),
    )


def look_around(actor: Actor) -> tuple[tuple[BlueprintPlace, ...], TaskCount]:
    """Return the blueprints *actor* may look at, and how many tasks wait for them."""
    unit = current_unit().unit
    return overview_of(unit), services().badge.count(unit)


def room_of() -> str:
    """Return the name of the one workspace somebody is in; empty for several."""
    visitor = current_visitor()
    member_of = {member.workspace for member in visitor.memberships} if visitor else set()
    titles = [room.title for room in visitor.workspaces if room.id in member_of] if visitor else []
    return titles[0] if len(titles) == 1 else ""


def _studio(actor: Actor) -> tuple[NavigationPlace, ...]:
    """Return the pages of those who administer something."""
    if not actor.is_author:
        return ()
    language = current_language()
    room = NavigationPlace("rule_engine", say(language, "nav.rule_engine"), "engine", "/rule-engine")
    log = NavigationPlace("security_log", say(language, "nav.security_log"), "history", "/security-log")
    return (
        NavigationPlace("blueprints", say(language, "nav.blueprints"), "layout-grid", "/blueprints"),
        NavigationPlace("workspaces", say(language, "nav.workspaces"), "users", "/workspaces"),
        NavigationPlace("rates", say(language, "nav.rates"), "arrows-exchange", "/rates"),
        *((room, log) if actor.is_admin else ()),
    )
