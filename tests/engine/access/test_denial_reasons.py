"""Why a field is closed to somebody: told exactly when it is, with the grant that could have opened it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blankett.engine.access import (
    AccessQuestion,
    AccessSubject,
    Actor,
    FormAccess,
    field_obstacles,
    policy_of,
    record_obstacles,
)
from blankett.engine.feel.values import Reference

from .test_access import MOMENT, actor, desk


def asked(who: Actor, *grants: str, state: str = "draft", **names: Any) -> AccessQuestion:
    """Return *who* before an order of Bo's under *grants*."""
    blueprint = desk(*grants)
    form_access = FormAccess(who, policy_of(blueprint, blueprint.forms["order"]))
    subject = AccessSubject(workspace="main", state=state, owner="bo", assignee=None)
    user = Reference(who.user, who.name, {"id": who.user, "name": who.name, "email": who.email})
    seen = {"total": None, "subject": None, "manager": None, "record": None, **names, "user": user}
    return AccessQuestion(form_access, form_access.for_record(subject, seen, MOMENT), subject, seen, MOMENT)


SALES = actor(main={"sales"})
LEAD = actor(main={"lead"})


def kinds(found: AccessQuestion, *path: str) -> list[str]:
    """Return the kinds of what keeps somebody from a field."""
    return [obstacle.kind for obstacle in field_obstacles(found, path)]


CASES: dict[str, tuple[Actor, list[str], str, dict[str, Any], list[str]]] = {
    "open": (SALES, ["who: sales, may: view"], "total", {}, []),
    "no grant at all": (SALES, [], "total", {}, ["nothing"]),
    "for somebody else": (SALES, ["who: finance, may: view"], "total", {}, ["who"]),
    "for the owner": (SALES, ["who: owner, may: view"], "total", {}, ["who"]),
    "in another state": (SALES, ["who: sales, may: view, states: [review]"], "total", {}, ["states"]),
    "for other records": (SALES, ["who: sales, may: view, where: total > 10"], "total", {"total": 5}, ["where"]),
    "opens other fields": (SALES, ["who: sales, may: view, read: [subject]"], "total", {}, ["unnamed"]),
    "leaves it out": (SALES, ["who: sales, may: view, hide: [total]"], "total", {}, ["hides"]),
    "denied": (
        SALES,
        ["who: sales, may: view", "who: sales, deny: true, may: view, hide: [total]"],
        "total",
        {},
        ["denied"],
    ),
    "private": (SALES, ["who: sales, may: view"], "cost", {}, ["private"]),
    "made of what is private": (LEAD, ["who: sales, may: view"], "margin", {}, ["private"]),
    "no such field": (SALES, ["who: sales, may: view"], "colour", {}, ["ended"]),
    "each grant that could have": (
        SALES,
        ["who: finance, may: view", "who: sales, may: view, states: [review]", "who: lead, may: view, read: [subject]"],
        "total",
        {},
        ["who", "states"],
    ),
}


@pytest.mark.parametrize(("who", "grants", "path", "names", "expected"), CASES.values(), ids=CASES)
def test_what_keeps_somebody_from_a_field(
    who: Actor, grants: list[str], path: str, names: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(asked(who, *grants, **names), path) == expected


def test_the_grant_is_told_with_its_place() -> None:
    (obstacle,) = field_obstacles(asked(SALES, "who: finance, may: view"), ("total",))
    assert obstacle.rule is not None
    assert obstacle.rule.place is not None
    assert obstacle.rule.place.path == ("forms", "order", "grants", "0")


def test_a_private_field_tells_whose_it_is() -> None:
    (obstacle,) = field_obstacles(asked(SALES, "who: sales, may: view"), ("cost",))
    assert obstacle.roles == {"finance"}


def test_why_a_record_is_not_seen_at_all() -> None:
    assert record_obstacles(asked(SALES, "who: sales, may: view")) == ()
    assert [found.kind for found in record_obstacles(asked(SALES))] == ["nothing"]
    assert [found.kind for found in record_obstacles(asked(SALES, "who: finance, may: view"))] == ["who"]
    denied = asked(SALES, "who: sales, may: view", "who: everyone, may: view, deny: true")
    assert [found.kind for found in record_obstacles(denied)] == ["denied"]


GRANTS = st.lists(
    st.builds(
        "{}, {}{}{}".format,
        st.sampled_from(["who: sales", "who: lead", "who: finance", "who: owner", "who: everyone", 'who: "= manager"']),
        st.sampled_from(["may: view", "may: edit", "may: [view, edit]", "may: all", "may: create"]),
        st.sampled_from(["", ", states: [draft]", ", states: [review, done]", ", where: total > 10"]),
        st.sampled_from(
            ["", ", read: [subject]", ", hide: [total]", ", deny: true", ", deny: true, hide: [total, lines]"]
        ),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(GRANTS, st.sampled_from([SALES, LEAD, actor(main={"finance"}), actor("bo", main=set()), actor(away={"lead"})]),
       st.sampled_from(["draft", "review", "done"]), st.sampled_from([None, 5, 50]))  # fmt: skip
def test_there_is_a_reason_exactly_where_access_says_no(
    grants: list[str], who: Actor, state: str, total: int | None
) -> None:
    found = asked(who, *grants, state=state, total=total, manager=Reference("anna", "Anna", {}))
    form = found.form_access.policy.form
    for field in form.every_field():
        assert (field_obstacles(found, field.path) == ()) is found.access.reads(field.path)
    assert (record_obstacles(found) == ()) is found.access.may("view")
