"""Whom a tree of departments gives: heads up the tree, posts by their authority, who is below, who stands in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.departments import KnownStaff

from blankett.engine.departments import (
    NO_DEPARTMENTS,
    Absence,
    Department,
    Directory,
    HeadFound,
    Passed,
    Post,
    StandIn,
    absence_fault,
    stand_in,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
TODAY = NOW.date()


def department(id: str, parent: str | None = None, head: str | None = None, deputy: str | None = None) -> Department:
    return Department(organisation="o", id=id, title=id.title(), parent=parent, head=head, deputy=deputy)


def post(id: str, department: str, holder: str | None, authority: int | None) -> Post:
    amount = None if authority is None else Decimal(authority)
    return Post(organisation="o", id=id, department=department, title=id, holder=holder, authority=amount)


def absence(user: str, substitute: str, first: int, last: int, *blueprints: str, id: str = "") -> Absence:
    """Return an absence on days of December 2026."""
    return Absence(
        organisation="o",
        id=id or f"{user}-{first}",
        user=user,
        substitute=substitute,
        first=date(2026, 12, first),
        last=date(2026, 12, last),
        blueprints=frozenset(blueprints),
        by=user,
        at=NOW,
    )


TREE = (
    department("management", head="dora"),
    department("sales", "management", head="sven"),
    department("north", "sales", head="nils", deputy="nina"),
    department("empty", "sales"),
    department("stores", "management", head="left", deputy="lena"),
)
STAFF = KnownStaff(
    (
        post("buyer", "north", "nils", 1_000),
        post("leader", "sales", "sven", 5_000),
        post("vice", "sales", None, 9_000),
        post("director", "management", "dora", 100_000),
    ),
    (("ada", "north"), ("ada", "stores"), ("bo", "sales")),
    frozenset({"left"}),
)


def directory(*departments: Department) -> Directory:
    return Directory(departments or TREE, STAFF)


HEADS = {
    "its own head": (("north",), HeadFound("nils", "north")),
    "one level up": (("north", 2), HeadFound("sven", "sales")),
    "beyond the top it is the top": (("north", 9), HeadFound("dora", "management")),
    "no head: the one above": (("empty",), HeadFound("sven", "sales", passed=(Passed("empty", "no_head"),))),
    "a head who has left: the deputy": (("stores",), HeadFound("lena", "stores")),
    "the requester: the one above, not their deputy": (
        ("north", 1, {"nils"}),
        HeadFound("sven", "sales", passed=(Passed("north", "apart"),)),
    ),
    "the requester is the acting deputy": (
        ("stores", 1, {"lena"}),
        HeadFound("dora", "management", passed=(Passed("stores", "apart"),)),
    ),
    "nobody up to the top": (
        ("management", 1, {"dora"}),
        HeadFound(None, passed=(Passed("management", "apart"),)),
    ),
    "no department": ((None,), HeadFound(None)),
    "one that is not there": (("gone",), HeadFound(None)),
}


@pytest.mark.parametrize(("asked", "found"), HEADS.values(), ids=HEADS)
def test_the_head_is_found_up_the_tree_and_who_was_passed_is_told(asked: tuple[object, ...], found: HeadFound) -> None:
    assert directory().head(*asked) == found  # type: ignore[arg-type]


AUTHORITY = {
    "the smallest post that reaches it": (("north", 900), "nils", "north"),
    "up the tree by amount": (("north", 1_001), "sven", "sales"),
    "a vacant post decides nothing": (("north", 6_000), "dora", "management"),
    "more than anybody may": (("north", 100_001), None, None),
    "the requester may not": (("north", 900, {"nils"}), "sven", "sales"),
}


@pytest.mark.parametrize(("asked", "user", "where"), AUTHORITY.values(), ids=AUTHORITY)
def test_authority_is_found_up_the_tree(asked: tuple[object, ...], user: str | None, where: str | None) -> None:
    found = directory().authorised(asked[0], Decimal(str(asked[1])), *asked[2:])  # type: ignore[arg-type]
    assert (found.user, found.department) == (user, where)


def test_a_department_takes_in_those_below_it() -> None:
    assert directory().within("sales") == {"sales", "north", "empty"}
    assert directory().within("gone") == frozenset()
    assert [(depth, each.id) for depth, each in directory().outline()] == [
        (0, "management"),
        (1, "sales"),
        (2, "empty"),
        (2, "north"),
        (1, "stores"),
    ]


def test_people_are_in_their_departments_and_in_those_above() -> None:
    assert [each for each in ("north", "sales", "stores", "empty") if directory().is_in("ada", each)] == [
        "north",
        "sales",
        "stores",
    ]
    assert directory().people_in("sales") == {"ada", "bo", "sven", "nils", "nina"}
    assert NO_DEPARTMENTS.people_in("sales") == frozenset()


def test_a_tree_with_a_circle_ends_all_the_same() -> None:
    circle = directory(department("a", "b"), department("b", "a"))
    assert circle.head("a") == HeadFound(None, passed=(Passed("a", "no_head"), Passed("b", "no_head")))
    assert circle.within("a") == {"a", "b"}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10), st.integers(0, 9), st.integers(0, 9))
def test_a_move_that_is_no_circle_leaves_a_tree(parents: list[int], which: int, under: int) -> None:
    """Each department is below an earlier one, or at the top; then one of them moves."""
    tree = [department(f"d{n}", f"d{p % n}" if n and p else None) for n, p in enumerate(parents)]
    moved, target = f"d{which % len(tree)}", f"d{under % len(tree)}"
    before = Directory(tree, STAFF)
    if not before.would_circle(moved, target):
        after = Directory([department(each.id, target if each.id == moved else each.parent) for each in tree], STAFF)
        assert sorted(each.id for _, each in after.outline()) == sorted(each.id for each in tree)
    else:
        assert target in before.within(moved)


STAND_INS = {
    "not away": ("ada", None, 1, None),
    "away": ("mette", None, 3, StandIn("bo", date(2026, 12, 5), ("mette",))),
    "the last day counts": ("mette", None, 5, StandIn("bo", date(2026, 12, 5), ("mette",))),
    "back again": ("mette", None, 6, None),
    "a substitute who is away": ("ulf", None, 4, StandIn("bo", date(2026, 12, 9), ("ulf", "mette"))),
    "for another blueprint": ("cem", "orders", 3, None),
    "for that blueprint": ("cem", "leave", 3, StandIn("ada", date(2026, 12, 4), ("cem",))),
    "round in a circle": ("x", None, 3, StandIn(None, date(2026, 12, 4), ("x", "y"), "circle")),
    "to somebody who has left": ("z", None, 3, StandIn(None, date(2026, 12, 4), ("z",), "inactive")),
}
AWAY = (
    absence("mette", "bo", 2, 5),
    absence("ulf", "mette", 4, 9),
    absence("cem", "ada", 3, 4, "leave"),
    absence("x", "y", 1, 4),
    absence("y", "x", 3, 4),
    absence("z", "left", 1, 4),
)


@pytest.mark.parametrize(("user", "blueprint", "day", "found"), STAND_INS.values(), ids=STAND_INS)
def test_who_stands_in_on_a_day(user: str, blueprint: str | None, day: int, found: StandIn | None) -> None:
    assert stand_in(AWAY, user, blueprint, date(2026, 12, day), {"left"}) == found


def test_whom_somebody_stands_in_for() -> None:
    staff = KnownStaff(away=AWAY)
    found = Directory((), staff).stood_in_for("bo", "orders", date(2026, 12, 4))
    assert {user: how.until.day for user, how in found.items()} == {"mette": 5, "ulf": 9}


def test_absences_that_are_over_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    covers = Absence.covers

    def counted(self: Absence, day: date, blueprint: str | None) -> bool:
        looked.append(self.id)
        return covers(self, day, blueprint)

    monkeypatch.setattr(Absence, "covers", counted)
    over = [absence(f"p{number}", "bo", 1, 2, id=f"over{number}") for number in range(40)]
    away = (*over, absence("mette", "bo", 3, 5, id="now"))
    assert [*Directory((), KnownStaff(away=away)).stood_in_for("bo", None, date(2026, 12, 4))] == ["mette"]
    assert sorted(looked) == sorted([*(each.id for each in away), "now"])


FAULTS = {
    "oneself": (absence("ada", "ada", 2, 3), "absence.oneself"),
    "somebody unknown": (absence("ada", "who", 2, 3), "absence.nobody"),
    "somebody who has left": (absence("ada", "left", 2, 3), "absence.inactive"),
    "backwards": (absence("ada", "bo", 3, 2), "absence.backwards"),
    "over already": (absence("ada", "bo", 2, 3), None),
    "twice on one day": (absence("mette", "ada", 5, 6, id="new"), "absence.twice"),
    "twice, for a blueprint of all": (absence("mette", "ada", 5, 6, "leave", id="new"), "absence.twice"),
    "behind the other one": (absence("mette", "ada", 6, 7, id="new"), None),
    "for another blueprint": (absence("cem", "bo", 3, 4, "orders", id="new"), None),
    "round in a circle": (absence("bo", "mette", 5, 6), "absence.circle"),
    "no circle on other days": (absence("bo", "mette", 6, 7), None),
    "round over two": (absence("bo", "ulf", 4, 4), "absence.circle"),
}
NAMES = {name: name.title() for name in ("ada", "bo", "cem", "mette", "ulf", "left")}


@pytest.mark.parametrize(("wanted", "message"), FAULTS.values(), ids=FAULTS)
def test_an_absence_that_cannot_be_is_told(wanted: Absence, message: str | None) -> None:
    fault = absence_fault(wanted, AWAY[:3], TODAY, NAMES, {"left"})
    assert (fault.message if fault else None) == message


def test_a_chain_that_goes_on_too_far_is_told_with_its_names() -> None:
    long = [absence(f"u{n}", f"u{n + 1}", 1, 9) for n in range(4)]
    names = {f"u{n}": f"U{n}" for n in range(6)}
    assert absence_fault(long[2], [long[0], long[1]], TODAY, names, ()) is None
    fault = absence_fault(long[3], long[:3], TODAY, names, ())
    assert fault is not None
    assert (fault.message, fault.params["chain"]) == ("absence.too_far", ("U0", "U1", "U2", "U3"))
