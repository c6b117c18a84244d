"""Who may do what: deny by default, one answer for a record and for a list of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.departments import directory_of

from blankett.engine.access import (
    AccessSubject,
    Actor,
    FormAccess,
    Policy,
    RecordAccess,
    actor_of,
    load_actor,
    policy_of,
)
from blankett.engine.feel.budget import Moment
from blankett.engine.feel.builtins.departments import department_reference
from blankett.engine.feel.values import Reference
from blankett.engine.fields.base import SlotKind
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.store import (
    Member,
    Organisation,
    Share,
    SlotMap,
    Store,
    StoredRecord,
    StoredUser,
    Workspace,
    give_slots,
    new_id,
    slot_row,
    tables,
)
from blankett.engine.store.record_columns import FormColumns
from blankett.engine.store.slots import Want

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DIRECTORY = directory_of(
    ("sales", None, None), ("north", "sales", None), ("stores", None, None), members=(("anna", "north"),)
)
MOMENT = Moment(NOW, ZoneInfo("UTC"), directory=lambda: DIRECTORY)

BLUEPRINT = """
blueprint: desk
language: 1
title: Desk
roles:
  sales: {{title: Sales}}
  lead: {{title: Lead, includes: [sales]}}
  finance: {{title: Finance}}
forms:
  product:
    title: Product
    life: reference
    show: "{{name}}"
    fields:
      name: {{type: text}}
      cost: {{type: number, private: [lead]}}
    grants:
      - {{who: sales, may: view}}
  order:
    title: Order
    show: "{{subject}}"
    fields:
      subject: {{type: text}}
      total: {{type: number}}
      manager: {{type: user}}
      product: {{type: link, to: product}}
      cost: {{type: number, private: [finance]}}
      margin:
        type: number
        compute: total - cost
      shown:
        type: number
        compute: total - cost
        declassify: [cost]
      lines:
        type: table
        fields:
          quantity: {{type: number}}
          price: {{type: number}}
          bought:
            type: number
            compute: product_cost * 2
          product_cost:
            type: number
            fill: item.cost
          item: {{type: link, to: product}}
    states:
      draft: {{start: true}}
      review: {{}}
      done: {{final: true}}
    actions:
      submit: {{from: draft, to: review, by: sales}}
      approve: {{from: review, to: done, by: lead}}
      drop:
        from: review
        to: done
        by: "= manager"
    grants:
{grants}
"""


def desk(*grants: str) -> Blueprint:
    """Return the blueprint with *grants*, each a flow map without its braces."""
    written = "\n".join(f"      - {{{grant}}}" for grant in grants) or "      []"
    return read_blueprint(BLUEPRINT.format(grants=written))


def actor(user: str = "anna", administers: frozenset[str] = frozenset(), **roles: set[str]) -> Actor:
    """Return an actor with roles by workspace: ``actor(main={"sales"})``."""
    held = {workspace: frozenset(names) for workspace, names in roles.items()}
    return Actor(
        organisation="acme", user=user, name=user.title(), email=f"{user}@x", roles=held, administers=administers
    )


def access(who: Actor, *grants: str, **more: Any) -> FormAccess:
    """Return what *who* may do with orders under *grants*."""
    blueprint = desk(*grants)
    return FormAccess(who, policy_of(blueprint, blueprint.forms["order"]), **more)


def one(
    found: FormAccess, names: Mapping[str, Any] | None = None, state: str | None = "draft", **subject: Any
) -> RecordAccess:
    """Return what is allowed on one order."""
    standard = {"workspace": "main", "owner": "lars", "assignee": None}
    return found.for_record(AccessSubject(state=state, **{**standard, **subject}), names or {}, MOMENT)


def writable(found: RecordAccess) -> set[tuple[str, ...]]:
    """Return the paths of the fields and columns of an order that may be changed."""
    return {of.path for of in desk().forms["order"].every_field() if found.writes(of.path)}


SALES = actor(main={"sales"})


# Verbs and actions --------------------------------------------------------------------------------------------------


def test_nothing_is_open_without_a_grant() -> None:
    found = one(access(SALES))
    assert (found.verbs, found.actions, found.readable, writable(found)) == (set(), set(), set(), set())


def test_a_role_opens_what_its_grant_says() -> None:
    found = one(access(SALES, "who: sales, may: [view, comment]"))
    assert found.verbs == {"view", "pick", "comment"}
    assert found.actions == {"submit"}


@pytest.mark.parametrize(
    ("who", "subject", "sees"),
    [
        (actor(main={"lead"}), {}, True),
        (actor(other={"sales"}), {}, False),
        (actor(main={"finance"}), {}, False),
        (actor(main=set()), {}, False),
        (replace(actor(), is_admin=True), {}, False),
    ],
    ids=["a role that includes it", "elsewhere", "another role", "no role", "administrator"],
)
def test_a_role_counts_where_it_is_held(who: Actor, subject: dict[str, Any], sees: bool) -> None:
    assert one(access(who, "who: sales, may: view"), **subject).may("view") is sees


@pytest.mark.parametrize(
    ("grant", "who", "subject", "sees"),
    [
        ("who: everyone, may: view", actor(main=set()), {}, True),
        ("who: everyone, may: view", actor(other=set()), {}, False),
        ("who: owner, may: view", actor("lars", main=set()), {}, True),
        ("who: owner, may: view", actor("anna", main=set()), {}, False),
        ("who: owner, may: view", actor("lars", other=set()), {}, False),
        ("who: assignee, may: view", actor("mei", main=set()), {"assignee": "mei"}, True),
        ("who: assignee, may: view", actor("mei", main=set()), {"assignee": None}, False),
    ],
    ids=["member", "stranger", "owner", "not the owner", "owner who left", "assignee", "not assigned"],
)
def test_standing_names(grant: str, who: Actor, subject: dict[str, Any], sees: bool) -> None:
    assert one(access(who, grant), **subject).may("view") is sees


@pytest.mark.parametrize(
    ("formula", "names", "sees"),
    [
        ("= manager", {"manager": Reference("anna")}, True),
        ("= manager", {"manager": Reference("lars")}, False),
        ("= manager", {"manager": None}, False),
        ("= [manager, record.created_by]", {"manager": None, "record": {"created_by": Reference("anna")}}, True),
        ('= if total > 10 then \\"sales\\" else \\"lead\\"', {"total": D(11)}, True),
        ('= if total > 10 then \\"sales\\" else \\"lead\\"', {"total": D(10)}, False),
    ],
    ids=["named", "another", "nobody", "in a list", "role", "another role"],
)
def test_a_formula_says_who(formula: str, names: dict[str, Any], sees: bool) -> None:
    found = access(SALES, f'who: "{formula}", may: view')
    assert one(found, names).may("view") is sees


def test_conditions_look_at_the_record() -> None:
    found = access(SALES, "who: sales, may: [view, edit], where: total > 10 and manager = user")
    names = {"total": D(11), "manager": Reference("anna")}
    assert one(found, names).may("edit")
    assert not one(found, {**names, "total": D(10)}).may("edit")
    assert not one(found, {**names, "total": None}).may("view")


def test_names_are_made_only_when_a_grant_asks() -> None:
    def names() -> dict[str, Any]:
        raise AssertionError

    plain = access(SALES, "who: sales, may: view")
    # `drop` is for the manager, so that this form asks for names; without it none does.
    policy = replace(plain.policy, rules=tuple(rule for rule in plain.policy.rules if rule.who is None))
    found = FormAccess(SALES, policy)
    assert found.for_record(
        AccessSubject(workspace="main", state="draft", owner=None, assignee=None), names, MOMENT
    ).may("view")


def test_states_bound_a_grant_and_editing_ends_with_the_process() -> None:
    found = access(SALES, "who: sales, may: [view, edit]", "who: sales, may: delete, states: [draft]")
    assert {state: one(found, state=state).verbs for state in ("draft", "review", "done")} == {
        "draft": {"view", "pick", "edit", "delete"},
        "review": {"view", "pick", "edit"},
        "done": {"view", "pick"},
    }


def test_a_deny_wins() -> None:
    found = access(
        SALES, "who: sales, may: all", "who: sales, may: edit, where: total > 10, deny: yes",
        "who: everyone, may: export, deny: yes",
    )  # fmt: skip
    assert one(found, {"total": D(11)}).verbs == {"view", "pick", "comment", "delete", "create"}
    assert one(found, {"total": D(10)}).verbs == {"view", "pick", "comment", "delete", "create", "edit"}


def test_what_is_not_seen_can_not_be_touched() -> None:
    found = one(access(SALES, "who: sales, may: [edit, comment, pick]"))
    assert (found.verbs, found.actions, found.readable) == ({"pick"}, set(), set())


def test_a_formula_in_by_is_asked_of_the_record() -> None:
    found = access(SALES, "who: sales, may: view")
    assert one(found, {"manager": Reference("anna")}, state="review").actions == {"submit", "drop"}


# Fields -------------------------------------------------------------------------------------------------------------

OPEN = {
    ("subject",), ("total",), ("manager",), ("product",), ("shown",), ("lines",),
    ("lines", "quantity"), ("lines", "price"), ("lines", "item"),
}  # fmt: skip


def test_private_fields_and_what_is_made_of_them_are_closed() -> None:
    assert one(access(SALES, "who: sales, may: all")).readable == OPEN


def test_each_role_opens_its_own_private_fields() -> None:
    finance = one(access(actor(main={"sales", "finance"}), "who: sales, may: all"))
    lead = one(access(actor(main={"lead"}), "who: sales, may: all"))
    assert finance.readable == OPEN | {("cost",), ("margin",)}
    assert lead.readable == OPEN | {("lines", "product_cost"), ("lines", "bought")}


def test_a_private_role_counts_in_the_workspace_of_the_record() -> None:
    found = access(actor(main={"sales"}, other={"sales", "finance"}), "who: sales, may: all")
    assert [one(found, workspace=workspace).reads(("cost",)) for workspace in ("main", "other")] == [False, True]


def test_what_follows_from_a_policy_is_worked_out_once_for_all_who_hold_the_same_roles() -> None:
    blueprint = desk("who: sales, may: all", "who: finance, may: [view]")
    policy = policy_of(blueprint, blueprint.forms["order"])
    people = [actor("anna", main={"sales"}), actor("ben", main={"sales"}), actor("fia", main={"finance"})]
    anna, ben, fia = (one(FormAccess(who, policy)) for who in people)
    assert (anna is ben, anna.may("edit"), fia.may("edit"), fia.may("view")) == (True, True, False, True)
    assert one(FormAccess(actor("anna", main=set()), policy)).verbs == set()


SHOP = """
blueprint: shop
language: 1
title: Shop
roles:
  lead: {{title: Lead}}
forms:
  product:
    title: Product
    life: reference
    show: "{{name}}"
    fields:
      name: {{type: text}}
      cost: {{type: number, private: [{reader}]}}
    grants:
      - {{who: lead, may: view}}
"""


def test_what_also_hangs_on_other_blueprints_is_asked_anew() -> None:
    of_lead = read_blueprint(SHOP.format(reader="lead")).forms
    desk_ = BLUEPRINT.replace("to: product", "to: shop.product").format(grants="      - {who: sales, may: all}")
    blueprint = read_blueprint(desk_, foreign={"shop.product": of_lead["product"]}.get)
    policy = policy_of(blueprint, blueprint.forms["order"])
    sees = [
        one(FormAccess(actor(main={"sales", role}), policy, find_form={"shop.product": form}.get)).reads(
            ("lines", "bought")
        )
        for form in (of_lead["product"], replace(of_lead["product"], fields={}))
        for role in ("lead", "finance")
    ]
    assert (sees, policy.own_privacy, policy.record_accesses) == ([True, False, False, False], None, {})


def test_fields_come_from_the_grants_that_match_this_record() -> None:
    found = access(
        SALES,
        "who: sales, may: view, read: [subject]",
        "who: sales, may: [view, edit], where: total > 10, read: [total, lines.price], write: [total]",
    )
    assert one(found, {"total": D(10)}).readable == {("subject",)}
    large = one(found, {"total": D(11)})
    assert large.readable == {("subject",), ("total",), ("lines",), ("lines", "price")}
    assert writable(large) == {("total",)}


def test_hidden_fields_are_closed_by_their_grant_and_opened_by_another() -> None:
    first = one(access(SALES, "who: sales, may: all, hide: [total, lines.price]"))
    both = one(access(SALES, "who: sales, may: all, hide: [total]", "who: everyone, may: view, read: [total]"))
    assert OPEN - first.readable == {("total",), ("lines", "price")}
    assert both.readable == OPEN
    assert OPEN - writable(both) == {("total",)}


def test_a_deny_of_fields_leaves_the_verbs() -> None:
    found = one(
        access(SALES, "who: sales, may: all", "who: sales, may: view, hide: [lines], write: [total], deny: yes")
    )
    assert found.may("view")
    assert OPEN - found.readable == {path for path in OPEN if path[0] == "lines"}
    assert found.readable - writable(found) == {("total",)}


def test_a_field_that_cannot_be_read_cannot_be_written() -> None:
    assert writable(one(access(SALES, "who: sales, may: all, read: [subject], write: [subject, total]"))) == {
        ("subject",)
    }


def test_a_new_record_opens_what_a_grant_to_create_does() -> None:
    found = access(SALES, "who: sales, may: create, read: [subject, total], write: [subject]")
    new = one(found, is_new=True)
    assert (new.verbs, new.readable, writable(new)) == ({"create"}, {("subject",), ("total",)}, {("subject",)})
    assert one(found).readable == set()


@pytest.mark.parametrize(
    ("grants", "rooms"),
    [
        (["who: sales, may: create"], {"main"}),
        (["who: everyone, may: create"], {"main", "other"}),
        (["who: owner, may: all"], set()),
        (["who: sales, may: create, states: [review]"], set()),
        (["who: everyone, may: create", "who: sales, may: create, deny: yes"], {"other"}),
        (["who: everyone, may: create", "who: sales, may: create, where: total > 5, deny: yes"], {"main", "other"}),
    ],
    ids=["role", "everyone", "owner", "another state", "denied", "denied for some"],
)
def test_where_records_can_be_begun(grants: list[str], rooms: set[str]) -> None:
    assert access(actor(main={"sales"}, other=set()), *grants).creatable_in == rooms


# Versions and sharing -----------------------------------------------------------------------------------------------


def test_what_the_current_version_lacks_is_as_the_last_version_had_it() -> None:
    before = desk("who: sales, may: all")
    order = before.forms["order"]
    left = {"fields": ("subject", "total"), "actions": ("submit",)}
    now = replace(
        order,
        fields={key: order.fields[key] for key in left["fields"]},
        actions={"submit": order.actions["submit"]},
        private_sources={},
    )
    found = FormAccess(actor(main={"lead"}), policy_of(before, now, older=[order]))
    assert one(found).actions == {"submit", "approve"}
    assert (one(found).reads(("product",)), one(found).reads(("cost",)), one(found).reads(("nothing",))) == (
        True,
        False,
        False,
    )
    assert one(found).readable == {("subject",), ("total",)}


def test_a_renamed_state_keeps_its_grants() -> None:
    blueprint = desk("who: sales, may: view, states: [review]")
    found = FormAccess(SALES, policy_of(blueprint, blueprint.forms["order"], old_states={"checking": "review"}))
    assert [one(found, state=state).may("view") for state in ("checking", "review", "draft")] == [True, True, False]


def test_a_shared_form_is_seen_and_picked_by_the_same_role_and_not_changed() -> None:
    clone = actor(north={"sales"})
    grants = ("who: sales, may: all", "who: lead, may: view, read: [total]")
    assert one(access(clone, *grants)).verbs == set()
    shared = one(access(clone, *grants, shares=[Share("order", "north"), Share("product", "south")]))
    assert (shared.verbs, shared.actions, shared.readable) == ({"view", "pick"}, set(), OPEN)
    assert writable(shared) == set()
    elsewhere = one(access(clone, *grants, shares=[Share("product", "north"), Share("order", "south")]))
    assert elsewhere.verbs == set()


def test_a_guest_reads_no_private_field() -> None:
    found = one(access(actor(north={"sales", "finance"}), "who: sales, may: all", shares=[Share("order", "north")]))
    assert not found.reads(("cost",))


# Actors -------------------------------------------------------------------------------------------------------------


def test_an_actor_holds_roles_in_the_rooms_below() -> None:
    user = StoredUser(
        organisation="acme", id="anna", email="a@x", name="Anna", created_at=NOW, changed_at=NOW, language="zh"
    )
    rooms = [
        Workspace(organisation="acme", id=id, title=id, parent=parent)
        for id, parent in (("top", None), ("sales", "top"), ("north", "sales"), ("ware", "top"))
    ]
    held = [
        Member(organisation="acme", workspace="sales", user="anna", roles=frozenset({"a"}), administers=True),
        Member(organisation="acme", workspace="north", user="anna", roles=frozenset({"b"})),
    ]
    found = actor_of(user, rooms, held)
    assert found.roles == {"sales": {"a"}, "north": {"a", "b"}}
    assert found.administers == {"sales", "north"}
    assert [found.may_administer(room) for room in ("top", "north")] == [False, True]
    assert found.language == "zh"


def test_somebody_who_is_gone_is_no_actor() -> None:
    store = Store("sqlite://")
    store.create_schema()
    anna = StoredUser(organisation="acme", id="anna", email="a@x", name="Anna", created_at=NOW, changed_at=NOW)
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=NOW))
        writing.insert_user(anna)
        first = load_actor(writing, "acme", "anna")
        writing.update_user(replace(anna, active=False))
        assert first is not None
        assert (first.user, first.roles) == ("anna", {})
        assert load_actor(writing, "acme", "anna") is None
        assert load_actor(writing, "acme", "nobody") is None
    store.close()


# One answer for a record and for a list -----------------------------------------------------------------------------

WHO = st.sampled_from(
    [
        "sales",
        "lead",
        "finance",
        "everyone",
        "owner",
        "assignee",
        '"= manager"',
        '"= record.created_by"',
        "[sales, owner]",
    ]
)
WHERE = st.sampled_from(
    [
        None, "total > 10", "manager = user", "total = null", 'not(subject = \\"a\\")',
        "total > 0 and subject != null", "record.owner = user", 'subject in (\\"a\\", \\"b\\") or total < 5',
        'belongs to(record.department, \\"sales\\")', "belongs to(record.department, user.department)",
        "record.department = user.department", 'belongs to(record.owner, \\"north\\")',
        'record.created_at > @\\"2026-03-02T08:00:00Z\\"',
    ]
)  # fmt: skip
FIELDS = st.lists(
    st.sampled_from(["subject", "total", "manager", "cost", "margin"]), min_size=1, max_size=3, unique=True
)


@st.composite
def some_grant(draw: st.DrawFn) -> str:
    """Draw a grant as a flow map without braces."""
    parts = [f"who: {draw(WHO)}"]
    verbs = st.lists(
        st.sampled_from(["view", "edit", "comment", "pick", "export"]), min_size=1, max_size=3, unique=True
    )
    parts.append(f"may: [{', '.join(draw(verbs))}]")
    if draw(st.booleans()):
        states = st.lists(st.sampled_from(["draft", "review", "done"]), min_size=1, max_size=2, unique=True)
        parts.append(f"states: [{', '.join(draw(states))}]")
    where = draw(WHERE)
    if where:
        parts.append(f'where: "{where}"')
    for key in ("read", "hide"):
        if draw(st.integers(0, 3)) == 0:
            parts.append(f"{key}: [{', '.join(draw(FIELDS))}]")
    if draw(st.integers(0, 3)) == 0:
        parts.append("deny: yes")
    return ", ".join(parts)


PEOPLE = st.sampled_from([None, "anna", "lars"])
DEPARTMENTS = st.sampled_from([None, "sales", "north", "stores"])
BOUNDS = st.sets(
    st.tuples(st.sampled_from(["sales", "lead", "finance"]), st.sampled_from(["sales", "stores"])), max_size=2
)


@st.composite
def some_record(draw: st.DrawFn) -> StoredRecord:
    """Draw an order."""
    at = NOW - timedelta(hours=draw(st.integers(0, 3)))
    data = {
        "subject": draw(st.sampled_from([None, "a", "b", "c"])),
        "total": draw(st.sampled_from([None, "0", "4.999999", "10", "11"])),
        "manager": draw(PEOPLE),
        "cost": draw(st.sampled_from([None, "1"])),
        "margin": draw(st.sampled_from([None, "2"])),
    }
    return StoredRecord(
        organisation="acme", id=new_id(at), workspace=draw(st.sampled_from(["main", "other", "third"])),
        blueprint="desk", version=1, form="order", state=draw(st.sampled_from(["draft", "review", "done"])),
        owner=draw(PEOPLE), assignee=draw(PEOPLE), department=draw(DEPARTMENTS), created_at=at,
        created_by=draw(st.sampled_from(["anna", "lars"])),
        changed_at=at, data=data,
    )  # fmt: skip


ROLES = st.sets(st.sampled_from(["sales", "lead", "finance"]), max_size=2)
KINDS: dict[str, SlotKind] = {
    "subject": "text", "total": "number", "manager": "text", "cost": "number", "margin": "number",
}  # fmt: skip
WANTS = [Want(key, "value", kind) for key, kind in KINDS.items()]
SLOTS = SlotMap(give_slots(SlotMap(), WANTS, {}, ready=True).new)
STORE = Store("sqlite://")
STORE.create_schema()


def names_of(record: StoredRecord) -> dict[str, Any]:
    """Return a record as formulas see it."""

    def person(id: Any) -> Reference | None:
        return None if id is None else Reference(id)

    return {
        "subject": record.data["subject"],
        "total": None if record.data["total"] is None else D(str(record.data["total"])),
        "manager": person(record.data["manager"]),
        "record": {
            "created_by": person(record.created_by), "owner": person(record.owner), "created_at": record.created_at,
            "state": record.state, "department": department_reference(MOMENT, record.department),
        },
    }  # fmt: skip


def listed(policy: Policy, who: Actor, records: list[StoredRecord]) -> tuple[FormAccess, FormColumns]:
    """Put *records* into the store alone, and return the actor's access and the columns."""
    form = policy.form
    with STORE.writing() as writing:
        writing.connection.execute(sa.delete(tables.record))
        for record in records:
            values = {
                key: form.fields[key].type.from_stored(value, form.fields[key]) for key, value in record.data.items()
            }
            writing.insert_record(record, slot_row(SLOTS, form, values, {}))
    return FormAccess(who, policy, shares=[Share("order", "fourth")], directory=lambda: DIRECTORY), FormColumns(
        form, SLOTS
    )


def ids_where(condition: Any) -> set[str]:
    with STORE.reading() as reading:
        return set(reading.connection.execute(sa.select(tables.record.c.id).where(condition)).scalars())


@settings(max_examples=60)
@given(
    grants=st.lists(some_grant(), min_size=1, max_size=4),
    roles=st.dictionaries(st.sampled_from(["main", "other", "fourth"]), ROLES),
    bounds=BOUNDS,
    records=st.lists(some_record(), min_size=1, max_size=12),
)
def test_a_list_shows_what_each_record_allows(
    grants: list[str], roles: dict[str, set[str]], bounds: set[tuple[str, str]], records: list[StoredRecord]
) -> None:
    blueprint = desk(*grants)
    limited = {room: frozenset(bounds) for room in roles if bounds}
    who = replace(actor("anna", **roles), limited=limited, department="north")
    found, columns = listed(policy_of(blueprint, blueprint.forms["order"]), who, records)
    each = {
        record.id: found.for_record(
            AccessSubject(
                workspace=record.workspace,
                state=record.state,
                owner=record.owner,
                assignee=record.assignee,
                department=record.department,
            ),
            names_of(record),
            MOMENT,
        )
        for record in records
    }
    for verb in ("view", "pick", "edit", "comment", "export"):
        assert ids_where(found.scope(verb, columns, MOMENT)) == {id for id, may in each.items() if may.may(verb)}, verb
    seen = found.scope("view", columns, MOMENT)
    for key in ("subject", "total", "cost", "margin", "shown"):
        opened = found.opens((key,), columns, MOMENT)
        assert ids_where(sa.and_(seen, opened)) == {id for id, may in each.items() if may.reads((key,))}, key
    for action in ("submit", "drop"):
        reach = found.act_reach(action, columns, MOMENT)
        may_act = {id for id, may in each.items() if action in may.actions}
        assert ids_where(reach.sure) <= may_act <= ids_where(reach.possible)


def test_a_grant_that_sql_cannot_tell_opens_no_list_and_a_deny_closes_all() -> None:
    record = StoredRecord(
        organisation="acme", id=new_id(NOW), workspace="main", blueprint="desk", version=1, form="order",
        state="draft", created_at=NOW, created_by="lars", changed_at=NOW,
        data={"subject": "a", "total": "1", "manager": None, "cost": None},
    )  # fmt: skip
    blueprint = desk("who: sales, may: view")
    untold = replace(policy_of(blueprint, blueprint.forms["order"]).rules[0])
    policy = policy_of(blueprint, blueprint.forms["order"])
    found, columns = listed(policy, SALES, [record])
    formula = desk('who: sales, may: view, where: "total > 0"').forms["order"].grants[0].where
    bare = FormColumns(policy.form, SlotMap())
    opened = FormAccess(SALES, replace(policy, rules=(replace(untold, where=formula),)))
    denied = FormAccess(SALES, replace(policy, rules=(untold, replace(untold, where=formula, deny=True))))
    assert ids_where(found.scope("view", columns, MOMENT)) == {record.id}
    assert ids_where(opened.scope("view", columns, MOMENT)) == {record.id}
    assert ids_where(opened.scope("view", bare, MOMENT)) == set()
    assert ids_where(denied.scope("view", bare, MOMENT)) == set()


# Private values of other records -------------------------------------------------------------------------------------

CHAIN = """
blueprint: chain
language: 1
title: Chain
roles: {staff: {title: Staff}, boss: {title: Boss}, cfo: {title: Chief, includes: [boss]}}
forms:
  firm:
    title: Firm
    life: reference
    show: "{name}"
    fields:
      name: {type: text}
      over: {type: link, to: firm}
      deals:
        type: table
        fields:
          worth: {type: number, private: [boss]}
          open: {type: number}
      worth: {type: number, compute: = total(deals.worth)}
      plan: {type: number, private: [cfo]}
      both: {type: number, compute: = worth + plan}
      told: {type: number, compute: = worth + plan, declassify: [deals.worth, plan]}
      all: {type: number, fill: = both + over.all}
    grants: [{who: everyone, may: all}]
  order:
    title: Order
    show: "{record.number}"
    fields:
      firm: {type: link, to: firm}
      lines: {type: number, fill: = total(firm.deals.worth)}
      opens: {type: number, fill: = total(firm.deals.open)}
      worth: {type: number, fill: = firm.worth}
      both: {type: number, fill: = firm.both}
      all: {type: number, fill: = firm.all}
      told: {type: number, fill: = firm.told}
      own: {type: number, fill: = firm.both, declassify: [firm.both]}
      counted: {type: number, default: 0}
    grants: [{who: everyone, may: all}]
    facts:
      sums: {title: Sums, sum: order.both}
    rules:
      count: {at: save, then: [{set: {counted: = facts.sums}}]}
"""


def test_what_is_private_by_what_it_is_made_of_stays_so_behind_links_and_in_tables() -> None:
    blueprint = read_blueprint(CHAIN)
    form = blueprint.forms["order"]
    policy = policy_of(blueprint, form)
    read = {
        role: {".".join(path) for path in one(FormAccess(actor(main={role}), policy), state=None).readable}
        for role in ("staff", "boss", "cfo")
    }
    open_ = {"firm", "opens", "told", "own"}
    assert read == {
        "staff": open_,
        "boss": open_ | {"lines", "worth"},
        "cfo": open_ | {"lines", "worth", "both", "all", "counted"},
    }
    made_of = {".".join(path): {".".join(source) for source in found} for path, found in form.private_sources.items()}
    assert made_of == {
        "lines": {"firm.deals.worth"},
        "worth": {"firm.deals.worth"},
        "both": {"firm.deals.worth", "firm.plan"},
        "all": {"firm.deals.worth", "firm.plan"},
        "counted": {"facts.sums"},
    }
    # It adds up what the boss may read and what the cfo may, who is a boss too.
    assert form.private_roles[("facts", "sums")] == {"cfo"}
    apart = read_blueprint(CHAIN.replace(", includes: [boss]", "")).forms["order"]
    assert apart.private_roles[("facts", "sums")] == frozenset()


# Roles for a department ----------------------------------------------------------------------------------------------


def test_a_role_for_a_department_counts_for_its_records_and_those_below_it_alone() -> None:
    grants = ("who: everyone, may: view, read: [subject]", "who: lead, may: [view, edit]")
    who = replace(actor(main=set()), limited={"main": frozenset({("lead", "sales")})})
    found = access(who, *grants, directory=lambda: DIRECTORY)
    may = {department: one(found, department=department).verbs for department in ("sales", "north", "stores", None)}
    assert {department: "edit" in verbs for department, verbs in may.items()} == {
        "sales": True,
        "north": True,
        "stores": False,
        None: False,
    }
    assert [found.roles_at("main", "north"), found.roles_at("main", "stores"), found.roles_somewhere("main")] == [
        {"lead", "sales"},
        frozenset(),
        {"lead", "sales"},
    ]
    assert found.plan_key is None


def test_who_holds_a_role_for_their_own_department_begins_records_of_it() -> None:
    who = replace(actor(main=set()), limited={"main": frozenset({("sales", "sales")})})
    begins = {
        department: access(
            replace(who, department=department), "who: sales, may: [create, view]", directory=lambda: DIRECTORY
        ).creatable_in
        for department in ("north", "stores", None)
    }
    assert begins == {"north": {"main"}, "stores": set(), None: set()}


def test_an_actor_has_the_roles_they_hold_for_a_department_apart() -> None:
    user = StoredUser(organisation="o", id="ada", email="a@x", name="Ada", created_at=NOW, changed_at=NOW)
    rooms = [
        Workspace(organisation="o", id="top", title="T"),
        Workspace(organisation="o", id="low", title="L", parent="top"),
    ]
    members = [
        Member(organisation="o", workspace="top", user="ada", roles=frozenset({"sales", "lead@north"})),
        Member(organisation="o", workspace="low", user="ada", roles=frozenset({"lead@stores"})),
    ]
    found = actor_of(user, rooms, members)
    assert found.roles == {"top": {"sales"}, "low": {"sales"}}
    assert found.limited == {"top": {("lead", "north")}, "low": {("lead", "north"), ("lead", "stores")}}
