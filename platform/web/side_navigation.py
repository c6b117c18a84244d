"""Where somebody may go, for the frame of every page: the forms of each blueprint, the pages of those who administer.

It follows from their standing alone, and is kept by it.
"""

from __future__ import annotations

from dataclasses import dataclass

from blankett.engine.access import Actor
from blankett.engine.records.read.inbox import Standing
from blankett.engine.records.read.navigation import overview_of
from blankett.engine.records.unit_of_work import Unit
from blankett.web.standing_cache import KeptByStanding
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
class SideList:
    """All places somebody may go to."""

    #: The blueprints by title.
    groups: tuple[PlaceGroup, ...]
    studio: tuple[NavigationPlace, ...]
    #: Forms they may make records of.
    creatable: tuple[NavigationPlace, ...]


class SideLists:
    """The side lists of people."""

    def __init__(self) -> None:
        self._kept: KeptByStanding[SideList] = KeptByStanding()

    def of(self, unit: Unit, now: Standing) -> SideList:
        """Return where the actor may go, whose standing is *now*."""
        return self._kept.of(now, lambda: side_list_of(unit))


def side_list_of(unit: Unit) -> SideList:
    """Return where the actor may go."""
    groups, creatable, tabs = [], [], 0
    for blueprint in overview_of(unit):
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
    return SideList(tuple(groups), _studio(unit.actor), tuple(creatable))


def _studio(actor: Actor) -> tuple[NavigationPlace, ...]:
    """Return the pages of those who administer something."""
    if not actor.is_author:
        return ()
    language = actor.language
    jobs = NavigationPlace("jobs", say(language, "nav.jobs"), "activity", "/jobs")
    mailbox = NavigationPlace("mailbox", say(language, "nav.mailbox"), "mail", "/mailbox")
    room = NavigationPlace("rule_engine", say(language, "nav.rule_engine"), "engine", "/rule-engine")
    log = NavigationPlace("security_log", say(language, "nav.security_log"), "history", "/security-log")
    return (
        NavigationPlace("blueprints", say(language, "nav.blueprints"), "layout-grid", "/blueprints"),
        NavigationPlace("workspaces", say(language, "nav.workspaces"), "users", "/workspaces"),
        NavigationPlace("departments", say(language, "nav.departments"), "building", "/departments"),
        NavigationPlace("calendars", say(language, "nav.calendars"), "calendar", "/calendars"),
        NavigationPlace("rates", say(language, "nav.rates"), "arrows-exchange", "/rates"),
        *((jobs, mailbox, room, log) if actor.is_admin else ()),
    )
