"""Departments to test with: a tree as a few tuples tell it, with posts and members."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from blankett.engine.departments import Absence, Department, Directory, Post


@dataclass(frozen=True)
class KnownStaff:
    """People as a test tells of them."""

    all_posts: tuple[Post, ...] = ()
    #: (user, department), the main one of each first.
    memberships: tuple[tuple[str, str], ...] = ()
    gone: frozenset[str] = frozenset()
    away: tuple[Absence, ...] = ()

    def posts(self) -> Collection[Post]:
        return self.all_posts

    def departments_of(self, user: str) -> tuple[str, ...]:
        return tuple(department for each, department in self.memberships if each == user)

    def members_of(self, departments: Collection[str]) -> frozenset[str]:
        return frozenset(user for user, department in self.memberships if department in departments)

    def inactive(self) -> frozenset[str]:
        return self.gone

    def absences(self) -> Collection[Absence]:
        return self.away


def directory_of(
    *departments: tuple[str, str | None, str | None],
    posts: Iterable[tuple[str, str, str | None, int]] = (),
    members: tuple[tuple[str, str], ...] = (),
) -> Directory:
    """Return a directory of departments (id, parent, head) and posts (id, department, holder, authority)."""
    tree = [
        Department(organisation="o", id=id, title=id.title(), parent=parent, head=head)
        for id, parent, head in departments
    ]
    held = tuple(
        Post(organisation="o", id=id, department=where, title=id, holder=holder, authority=Decimal(amount))
        for id, where, holder, amount in posts
    )
    return Directory(tree, KnownStaff(held, members))
