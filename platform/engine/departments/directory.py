"""The tree of departments: who heads one, who is in it, who may decide for how much, and whom to ask next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal, Protocol

from blankett.engine.departments.absences import Absence, StandIn, stand_in

#: A tree is never deeper.
DEEPEST = 20

#: Why a department did not give somebody: it has neither head nor deputy · they have left · they are those who are not
#: to be asked (the requester) · none of its posts reaches the amount.
PassedReason = Literal["no_head", "inactive", "apart", "no_authority"]


@dataclass(frozen=True, kw_only=True)
class Department:
    """A unit of people in the tree of the organisation."""

    organisation: str
    #: By which formulas, files and the command line name it: ``purchasing``. It stays when the title changes.
    id: str
    title: str
    #: The department it is part of; None: at the top.
    parent: str | None = None
    #: User ids. The deputy acts where there is no head who can.
    head: str | None = None
    deputy: str | None = None
    #: Counts its changes, from 1.
    revision: int = 1
    #: When it was closed; it stays, for the records that name it. One that went into another is below that one.
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Post:
    """A named position in a department, held by a person or vacant."""

    organisation: str
    id: str
    department: str
    title: str
    holder: str | None = None
    #: Up to which amount, in the currency of the organisation, its holder may decide; None: it says nothing of amounts.
    authority: Decimal | None = None
    revision: int = 1


class Staff(Protocol):
    """What a directory asks about people, when it is asked itself."""

    def posts(self) -> Collection[Post]:
        """Return all posts."""
        ...

    def departments_of(self, user: str) -> tuple[str, ...]:
        """Return the departments somebody is a member of, the main one first."""
        ...

    def members_of(self, departments: Collection[str]) -> frozenset[str]:
        """Return who is a member of one of *departments*."""
        ...

    def inactive(self) -> frozenset[str]:
        """Return the people who have left, of those with a headship, a post or an absence."""
        ...

    def absences(self) -> Collection[Absence]:
        """Return the absences that are not over."""
        ...


class NoStaff:
    """Nobody."""

    def posts(self) -> Collection[Post]:
        """Return none."""
        return ()

    def departments_of(self, user: str) -> tuple[str, ...]:
        """Return none."""
        return ()

    def members_of(self, departments: Collection[str]) -> frozenset[str]:
        """Return nobody."""
        return frozenset()

    def inactive(self) -> frozenset[str]:
        """Return nobody."""
        return frozenset()

    def absences(self) -> Collection[Absence]:
        """Return none."""
        return ()


@dataclass(frozen=True)
class Passed:
    """A department that was asked and gave nobody."""

    department: str
    reason: PassedReason


@dataclass(frozen=True)
class HeadFound:
    """Who was found up the tree."""

    #: None: nobody, up to the top; `passed` tells why.
    user: str | None
    #: Where they were found.
    department: str | None = None
    #: The post that gave them their authority.
    post: Post | None = None
    passed: tuple[Passed, ...] = ()


class Directory:
    """The departments with their people, as one transaction sees them."""

    def __init__(self, departments: Iterable[Department], staff: Staff) -> None:
        self.departments: Mapping[str, Department] = {each.id: each for each in departments}
        self._staff = staff

    # The tree ---------------------------------------------------------------------------------------------------------

    def find(self, id: str | None) -> Department | None:
        """Return a department, also a closed one; None where there is none."""
        return None if id is None else self.departments.get(id)

    def find_open(self, id: str | None) -> Department | None:
        """Return a department that is not closed: one that somebody or something may be put into; else None."""
        found = self.find(id)
        return found if found is not None and found.closed_at is None else None

    def named(self, text: str) -> tuple[Department, ...]:
        """Return the department whose key is *text*, else those of that title."""
        exact = self.departments.get(text)
        wanted = text.strip().casefold()
        titled = (each for each in self.departments.values() if each.title.casefold() == wanted)
        return (exact,) if exact is not None else tuple(titled)

    def above(self, id: str) -> Iterator[Department]:
        """Yield the department and those it is part of, from below upwards."""
        seen: set[str] = set()
        found = self.departments.get(id)
        while found is not None and found.id not in seen and len(seen) < DEEPEST:
            seen.add(found.id)
            yield found
            found = self.find(found.parent)

    @cached_property
    def children(self) -> Mapping[str | None, tuple[Department, ...]]:
        """Return the departments directly below each, by title; under None those at the top."""
        found: dict[str | None, list[Department]] = {}
        for each in sorted(self.departments.values(), key=lambda each: (each.title.casefold(), each.id)):
            found.setdefault(each.parent if each.parent in self.departments else None, []).append(each)
        return {parent: tuple(below) for parent, below in found.items()}

    def within(self, id: str) -> frozenset[str]:
        """Return the department and all below it, closed ones too: their records are still there."""
        found: set[str] = set()
        waiting = [id] if id in self.departments else []
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting.extend(child.id for child in self.children.get(each, ()))
        return frozenset(found)

    def is_within(self, id: str, outer: str) -> bool:
        """Tell whether a department is *outer* or below it."""
        return any(each.id == outer for each in self.above(id))

    def outline(self) -> Iterator[tuple[int, Department]]:
        """Yield (depth, department) of the whole tree, each before those below it."""
        yield from self._outline(None, 0)

    def _outline(self, parent: str | None, depth: int) -> Iterator[tuple[int, Department]]:
        for each in self.children.get(parent, ()) if depth < DEEPEST else ():
            yield depth, each
            yield from self._outline(each.id, depth + 1)

    def path(self, id: str) -> tuple[Department, ...]:
        """Return the departments from the top down to this one."""
        return tuple(self.above(id))[::-1]

    def would_circle(self, id: str, parent: str | None) -> bool:
        """Tell whether a department would be inside itself below *parent*."""
        return parent is not None and any(each.id == id for each in self.above(parent))

    def depth_with(self, id: str, parent: str | None) -> int:
        """Return how deep the tree would be if the department, with all below it, were below *parent*."""
        above = 0 if parent is None else len(tuple(self.above(parent)))
        return above + self._height(id)

    def _height(self, id: str, left: int = DEEPEST) -> int:
        below = (self._height(child.id, left - 1) for child in self.children.get(id, ())) if left else ()
        return 1 + max(below, default=0)

    # People -----------------------------------------------------------------------------------------------------------

    @cached_property
    def posts(self) -> Mapping[str, Post]:
        """Return all posts by id."""
        return {post.id: post for post in self._staff.posts()}

    def posts_of(self, department: str) -> tuple[Post, ...]:
        """Return the posts of a department, by title."""
        found = (post for post in self.posts.values() if post.department == department)
        return tuple(sorted(found, key=lambda post: (post.title.casefold(), post.id)))

    def posts_held(self, user: str) -> tuple[Post, ...]:
        """Return the posts somebody holds, by title."""
        found = (post for post in self.posts.values() if post.holder == user)
        return tuple(sorted(found, key=lambda post: (post.title.casefold(), post.id)))

    def headed(self, user: str) -> tuple[Department, ...]:
        """Return the departments somebody heads, by title."""
        return tuple(each for _, each in self.outline() if each.head == user)

    @cached_property
    def inactive(self) -> frozenset[str]:
        """Return the people who have left, of those with a headship, a post or an absence."""
        return self._staff.inactive()

    def departments_of(self, user: str) -> tuple[str, ...]:
        """Return the departments somebody is a member of, the main one first."""
        if user not in self._memberships:
            self._memberships[user] = self._staff.departments_of(user)
        return self._memberships[user]

    @cached_property
    def _memberships(self) -> dict[str, tuple[str, ...]]:
        return {}

    def is_in(self, user: str, department: str) -> bool:
        """Tell whether somebody is a member of a department or of one below it, or heads one of them."""
        within = self.within(department)
        if not within.isdisjoint(self.departments_of(user)):
            return True
        return any(user in (each.head, each.deputy) for each in map(self.departments.get, within) if each is not None)

    def people_in(self, department: str) -> frozenset[str]:
        """Return the people for whom `is_in` holds."""
        within = self.within(department)
        leading = {user for id in within for user in (self.departments[id].head, self.departments[id].deputy) if user}
        return (self._staff.members_of(within) if within else frozenset()) | leading

    # Whom to ask ------------------------------------------------------------------------------------------------------

    def head(self, department: str | None, level: int = 1, apart_from: Collection[str] = ()) -> HeadFound:
        """Return the head of a department; with *level* 2 that of the one above it, and so on, at most the top's.

        Where there is no head who is still here, the deputy; where that gives nobody, or somebody of *apart_from* (who
        asks may not be asked), the department above is next.
        """
        return self._climb(department, level, lambda each: self._leader(each, apart_from))

    def authorised(
        self, department: str | None, amount: Decimal, apart_from: Collection[str] = (), level: int = 1
    ) -> HeadFound:
        """Return the holder of the first post up the tree whose authority reaches *amount*; the smallest that does."""
        return self._climb(department, level, lambda each: self._post_holder(each, amount, apart_from))

    def _climb(
        self, department: str | None, level: int, ask: Callable[[Department], HeadFound | PassedReason]
    ) -> HeadFound:
        above = tuple(self.above(department)) if department is not None else ()
        passed: list[Passed] = []
        for each in above[min(max(level, 1), len(above)) - 1 :] if above else ():
            found = ask(each)
            if isinstance(found, HeadFound):
                return HeadFound(found.user, each.id, found.post, tuple(passed))
            passed.append(Passed(each.id, found))
        return HeadFound(None, passed=tuple(passed))

    def _leader(self, department: Department, apart_from: Collection[str]) -> HeadFound | PassedReason:
        if department.head in apart_from:
            return "apart"  # a deputy does not decide for their head
        leaders = [user for user in (department.head, department.deputy) if user is not None]
        active = [user for user in leaders if user not in self.inactive]
        if not active:
            return "inactive" if leaders else "no_head"
        return HeadFound(active[0]) if active[0] not in apart_from else "apart"

    def _post_holder(
        self, department: Department, amount: Decimal, apart_from: Collection[str]
    ) -> HeadFound | PassedReason:
        reaching = [
            (post.authority, post.id, post)
            for post in self.posts_of(department.id)
            if post.authority is not None and post.authority >= amount and post.holder is not None
        ]
        active = [
            post for _, _, post in sorted(reaching, key=lambda each: each[:2]) if post.holder not in self.inactive
        ]
        if not active:
            return "inactive" if reaching else "no_authority"
        for post in active:
            if post.holder not in apart_from:
                return HeadFound(post.holder, post=post)
        return "apart"

    def stand_in(self, user: str, blueprint: str | None, day: date) -> StandIn | None:
        """Return who decides for somebody on a day in a blueprint; None while they are not away."""
        return stand_in(self.absences, user, blueprint, day, self.inactive)

    def stood_in_for(self, user: str, blueprint: str | None, day: date) -> dict[str, StandIn]:
        """Return for whom somebody decides on a day: user → how."""
        known = [absence for absence in self.absences if absence.covers(day, blueprint)]
        away = sorted({absence.user for absence in known})
        found = {each: stand_in(known, each, blueprint, day, self.inactive) for each in away}
        return {each: how for each, how in found.items() if how is not None and how.user == user}

    @cached_property
    def absences(self) -> Collection[Absence]:
        """Return the absences that are not over."""
        return self._staff.absences()


#: Of an organisation without any.
NO_DEPARTMENTS = Directory((), NoStaff())
