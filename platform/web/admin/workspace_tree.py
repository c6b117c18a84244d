"""Workspaces as their administrators see them: the tree, who administers what, which roles may be given where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import abort

from blankett.engine.access import Actor, split_role
from blankett.engine.departments import Directory
from blankett.engine.language.model import Blueprint
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.store import FOR_DEPARTMENT, Reading, Workspace, workspaces_above
from blankett.web.identity import current_language, the_actor
from blankett.web.templating import t


@dataclass(frozen=True)
class TreeRoom:
    """A workspace in its tree."""

    workspace: Workspace
    #: 0 for one that is inside no other.
    depth: int
    #: Titles of those it is inside of, from the top.
    above: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the workspace's id."""
        return self.workspace.id

    @property
    def title(self) -> str:
        """Return the workspace's title."""
        return self.workspace.title

    @property
    def path(self) -> str:
        """Return the titles from the top down: ``Nordlys / Sales / Sales North``."""
        return " / ".join((*self.above, self.title))


@dataclass(frozen=True)
class RoleChoice:
    """A role that may be given in a workspace."""

    key: str
    title: str
    #: Titles of the blueprints that have it; empty for a role that somebody holds and no blueprint has any more.
    blueprints: tuple[str, ...]


def require_administering(workspace: str) -> Actor:
    """Return who is signed in; 403 unless they administer *workspace*."""
    actor = the_actor()
    if not actor.may_administer(workspace):
        abort(403)
    return actor


def tree(workspaces: Sequence[Workspace]) -> list[TreeRoom]:
    """Return all workspaces, each followed by those inside it. One whose parent is not among them is at the top."""
    known = {workspace.id for workspace in workspaces}
    inside: dict[str | None, list[Workspace]] = {}
    for workspace in workspaces:
        inside.setdefault(workspace.parent if workspace.parent in known else None, []).append(workspace)
    return [*_rooms(inside, None, 0, ())]


def _rooms(
    inside: Mapping[str | None, Sequence[Workspace]], parent: str | None, depth: int, above: tuple[str, ...]
) -> Iterator[TreeRoom]:
    for workspace in inside.get(parent, ()):
        yield TreeRoom(workspace, depth, above)
        yield from _rooms(inside, workspace.id, depth + 1, (*above, workspace.title))


def administered_rooms(reading: Reading) -> list[TreeRoom]:
    """Return the workspaces that whoever is signed in administers, as a tree."""
    actor = the_actor()
    everything = reading.workspaces(actor.organisation)
    return tree([workspace for workspace in everything if actor.may_administer(workspace.id)])


def newest_blueprints(catalog: Catalog) -> dict[str, Blueprint]:
    """Return the newest version of every published blueprint, by key."""
    found = ((key, catalog.newest_blueprint(key)) for key in catalog.newest)
    return {key: blueprint for key, blueprint in found if blueprint is not None}


def role_titles(catalog: Catalog) -> dict[str, str]:
    """Return the title of every role of every blueprint, in the page's language; of two with one key the first's."""
    titles: dict[str, str] = {}
    for blueprint in newest_blueprints(catalog).values():
        for key, role in blueprint.roles.items():
            titles.setdefault(key, role.title.say(current_language()))
    return titles


def held_title(held: str, titles: Mapping[str, str], directory: Directory) -> str:
    """Return what a role that somebody holds is called, also one that is held for a department alone."""
    if FOR_DEPARTMENT not in held:
        return titles.get(held, held)
    role, department = split_role(held)
    found = directory.find(department)
    return t("people.for_department", role=titles.get(role, role), department=found.title if found else department)


def role_choices(catalog: Catalog, workspace: str, held: frozenset[str]) -> list[RoleChoice]:
    """Return the roles that mean something in *workspace*, then those in *held* that no longer do.

    They are those of the blueprints of the workspace, of the ones above it (their records may be inside it), of the
    ones below it (a role holds downwards), and of blueprints that share a form with it.
    """
    organisation, language = the_actor().organisation, current_language()
    workspaces, newest = catalog.reading.workspaces(organisation), newest_blueprints(catalog)
    near = {*workspaces_above(workspaces, workspace)}
    near.update(other.id for other in workspaces if workspace in workspaces_above(workspaces, other.id))
    titles: dict[str, str] = {}
    where: dict[str, list[str]] = {}
    for row in catalog.reading.blueprints(organisation):
        is_near = row.workspace in near or any(share.workspace in near for share in row.shares)
        blueprint = newest.get(row.key) if is_near else None
        for key, role in blueprint.roles.items() if blueprint else ():
            titles.setdefault(key, role.title.say(language))
            where.setdefault(key, []).append(blueprint.title.say(language) if blueprint else "")
    found = [RoleChoice(key, title, tuple(where[key])) for key, title in titles.items()]
    directory = catalog.reading.directory(organisation)
    for key in sorted(held - titles.keys()):
        found.append(RoleChoice(key, held_title(key, titles, directory), tuple(where.get(split_role(key)[0], ()))))
    return found
