"""Who acts: a person with the roles they hold in each workspace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from blankett.engine.feel.budget import Moment
from blankett.engine.feel.builtins.departments import department_reference
from blankett.engine.feel.values import Reference
from blankett.engine.store import FOR_DEPARTMENT, Member, Organisation, Reading, StoredUser, Workspace, workspaces_above

NO_ROLES: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, as access sees them."""

    organisation: str
    #: Their user id.
    user: str
    name: str
    email: str
    #: Workspace id → the roles held there or in a workspace above it. A member without a role is there with none.
    roles: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    #: Workspace id → (role, department) of roles that are held there for the records of a department, and those below
    #: it, alone.
    limited: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=lambda: MappingProxyType({}))
    #: Workspaces whose blueprints and members they may change.
    administers: frozenset[str] = frozenset()
    #: Administers the whole organisation. Opens no record by that alone.
    is_admin: bool = False
    language: str = "en"
    #: IANA name; empty: see `reading_zone`.
    zone: str = ""
    #: How numbers and days are written for them; empty: as in their language.
    numbers: str = ""
    days: str = ""
    #: The id of their main department.
    department: str | None = None

    @property
    def is_author(self) -> bool:
        """Tell whether there is a workspace whose blueprints they may change."""
        return self.is_admin or bool(self.administers)

    def may_administer(self, workspace: str) -> bool:
        """Tell whether they may change blueprints and members of *workspace*."""
        return self.is_admin or workspace in self.administers

    def as_reference(self, moment: Moment) -> Reference:
        """Return them as formulas see `user`."""
        return Reference(self.user, self.name, ActorFields(self, moment))


class ActorFields(Mapping[str, Any]):
    """What formulas may read of who acts. The departments are asked when a formula reads one."""

    __slots__ = ("_actor", "_moment")

    def __init__(self, actor: Actor, moment: Moment) -> None:
        self._actor = actor
        self._moment = moment

    def __getitem__(self, key: str) -> Any:
        actor = self._actor
        if key == "department":
            return department_reference(self._moment, actor.department)
        return {"id": actor.user, "name": actor.name, "email": actor.email}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(("id", "name", "email", "department"))

    def __len__(self) -> int:
        return 4


def reading_zone(own: str, organisation: Organisation | None) -> str:
    """Return the time zone in which a person reads and types moments, wherever these stand: their *own*, else the
    organisation's. Formulas have the workspace's.
    """
    return own or (organisation.zone if organisation is not None else "") or "UTC"


def split_role(held: str) -> tuple[str, str]:
    """Return ``("approver", "purchasing")`` for ``approver@purchasing``."""
    role, _, department = held.partition(FOR_DEPARTMENT)
    return role, department


def actor_of(user: StoredUser, workspaces: Iterable[Workspace], memberships: Iterable[Member]) -> Actor:
    """Return *user* as an actor: what is held in a workspace is held in those below it too."""
    rooms = tuple(workspaces)
    held = {member.workspace: member for member in memberships}
    roles: dict[str, frozenset[str]] = {}
    limited: dict[str, frozenset[tuple[str, str]]] = {}
    administers = set()
    for room in rooms:
        members = [held[above] for above in workspaces_above(rooms, room.id) if above in held]
        if members:
            every = NO_ROLES.union(*(member.roles for member in members))
            bounds = frozenset(split_role(role) for role in every if FOR_DEPARTMENT in role)
            roles[room.id] = every if not bounds else frozenset(role for role in every if FOR_DEPARTMENT not in role)
            if bounds:
                limited[room.id] = bounds
        if any(member.administers for member in members):
            administers.add(room.id)
    return Actor(
        organisation=user.organisation,
        user=user.id,
        name=user.name,
        email=user.email,
        roles=roles,
        limited=limited,
        administers=frozenset(administers),
        is_admin=user.is_admin,
        language=user.language,
        zone=user.zone,
        numbers=user.numbers,
        days=user.days,
        department=user.department,
    )


def people_in(
    reading: Reading, organisation: str, workspaces: Iterable[str], role: str | None = None
) -> list[StoredUser]:
    """Return the active people who are members of one of *workspaces*, there with *role* where one is told; by name."""
    members = (member for workspace in workspaces for member in reading.members(organisation, workspace))
    ids = {member.user for member in members if role is None or role in member.role_keys}
    found = reading.users(organisation, sorted(ids)).values()
    return sorted((user for user in found if user.active), key=lambda user: (user.name, user.id))


def load_actor(reading: Reading, organisation: str, user: str) -> Actor | None:
    """Return the user as an actor, or None when there is no such user or they are no longer active."""
    return load_actors(reading, organisation, [user])[user]


def load_actors(reading: Reading, organisation: str, users: Collection[str]) -> dict[str, Actor | None]:
    """Return the same of several users, by id."""
    found = {id: user for id, user in reading.users(organisation, users).items() if user.active}
    if not found:
        return dict.fromkeys(users)
    held: dict[str, list[Member]] = {}
    for member in reading.memberships_of(organisation, found):
        held.setdefault(member.user, []).append(member)
    rooms = reading.workspaces(organisation)
    return {id: actor_of(found[id], rooms, held.get(id, ())) if id in found else None for id in users}
