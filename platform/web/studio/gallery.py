"""The gallery: which blueprints there are in which workspace, and the templates that ship with the product."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from blankett.engine.access import Actor
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.store import Reading, StoredBlueprint
from blankett.engine.store.query import COUNT_CAP
from blankett.web.admin.workspace_tree import TreeRoom, tree
from blankett.web.request_unit import RequestUnit


@dataclass(frozen=True)
class GalleryRow:
    """A blueprint as the gallery lists it."""

    key: str
    title: str
    #: The newest version; 0 when it was never published.
    version: int
    #: In words, and how many.
    forms: tuple[str, ...]
    #: Who published the newest version, and when.
    by: str
    at: datetime | None
    #: Records of processes that have not ended.
    open: int
    #: Somebody works on a next version.
    drafted: bool
    may_edit: bool
    #: Title of the blueprint it was cloned from, and that one's version.
    origin: str = ""
    origin_version: int | None = None


@dataclass(frozen=True)
class ShownTemplate:
    """A template as the gallery shows it."""

    key: str
    title: str
    help: str
    icon: str
    forms: int
    states: int
    scenarios: int
    #: Blueprints here that were taken from it, or have its key.
    in_use: int


KEY_LINE = re.compile(r"^blueprint:[ \t]+(\S+)", re.MULTILINE)

#: What a blueprint from nothing begins with: as little as runs, so that every line can be looked at.
STARTER = """blueprint: my_blueprint
language: 1
title: My blueprint

roles:
  clerk: {title: Clerk}

forms:
  request:
    title: Request
    show: "{subject}"
    fields:
      subject: {type: text, required: yes}
      wanted_on: {type: date, title: Wanted on}
    states:
      open: {title: Open, start: yes}
      done: {title: Done, final: yes}
    actions:
      finish: {title: Finish, from: open, to: done, by: clerk}
    grants:
      - {who: clerk, may: [view, create, edit, comment]}
"""


@lru_cache(maxsize=1)
def shipped() -> dict[str, Blueprint]:
    """Return the templates that ship, by key. Read once: they are files of the package."""
    sources = (path for path in files("blankett.blueprints").iterdir() if path.name.endswith(".yaml"))
    found = (read_blueprint(path.read_text(encoding="utf-8"), file=path.name) for path in sources)
    return {blueprint.key: blueprint for blueprint in sorted(found, key=lambda blueprint: blueprint.key)}


def find_templates(reading: Reading, actor: Actor, language: str) -> list[ShownTemplate]:
    """Return the shipped templates."""
    keys = {row.key for row in reading.blueprints(actor.organisation)}
    return [
        ShownTemplate(
            key=key,
            title=blueprint.title.say(language),
            help=blueprint.help.say(language) if blueprint.help else "",
            icon=next((form.icon for form in blueprint.forms.values() if form.life == "process"), "file"),
            forms=len(blueprint.forms),
            states=sum(len(form.states) for form in blueprint.forms.values()),
            scenarios=len(blueprint.scenarios),
            in_use=sum(other == key or other.startswith(f"{key}_") for other in keys),
        )
        for key, blueprint in shipped().items()
    ]


def find_groups(
    request_unit: RequestUnit, reading: Reading, actor: Actor, language: str
) -> list[tuple[TreeRoom, list[GalleryRow]]]:
    """Return the blueprints that *actor* may work on or clone, by workspace; workspaces without any are left out."""
    rooms = tree(reading.workspaces(actor.organisation))
    rows: dict[str, list[GalleryRow]] = {}
    everything = {stored.key: stored for stored in reading.blueprints(actor.organisation)}
    for stored in everything.values():
        if actor.may_administer(stored.workspace) or stored.workspace in actor.roles:
            rows.setdefault(stored.workspace, []).append(_row(request_unit, reading, actor, stored, language))
    return [(room, sorted(rows[room.id], key=lambda row: row.title.casefold())) for room in rooms if room.id in rows]


def _row(
    request_unit: RequestUnit, reading: Reading, actor: Actor, stored: StoredBlueprint, language: str
) -> GalleryRow:
    catalog = request_unit.catalog
    newest = catalog.newest_blueprint(stored.key)
    head = next(iter(reading.version_heads(actor.organisation, stored.key)), None)
    person = reading.user(actor.organisation, head.by) if head else None
    origin = catalog.newest_blueprint(stored.origin) if stored.origin else None
    return GalleryRow(
        key=stored.key,
        title=newest.title.say(language) if newest else stored.key,
        version=head.number if head else 0,
        forms=tuple(form.plural.say(language) for form in newest.forms.values()) if newest else (),
        by=person.name if person else (head.by if head else ""),
        at=head.at if head else None,
        open=_open_records(request_unit, reading, actor.organisation, stored.key),
        drafted=reading.draft(actor.organisation, stored.key) is not None,
        may_edit=actor.may_administer(stored.workspace),
        origin=origin.title.say(language) if origin else (stored.origin or ""),
        origin_version=stored.origin_version,
    )


def _open_records(request_unit: RequestUnit, reading: Reading, organisation: str, blueprint: str) -> int:
    """Return how many records of processes have not ended, counted a little beyond the cap."""
    catalog = request_unit.catalog
    line = catalog.line(blueprint, catalog.newest.get(blueprint, 0))
    found = 0
    for key, version, state, count in reading.pinned_counts_up_to(organisation, blueprint, COUNT_CAP + 1):
        form = line.outline(version).forms.get(key)
        if form is not None and form.life == "process" and not form.is_finished(state):
            found += count
    return found


def key_of(source: str) -> str | None:
    """Return the key that a text gives its blueprint, well formed or not; None when it gives none.

    Looks at the line only, so that a text with mistakes elsewhere has a key too.
    """
    found = KEY_LINE.search(source)
    return found[1].strip("\"'") if found else None
