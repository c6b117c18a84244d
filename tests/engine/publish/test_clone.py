"""Clones: another department's own blueprint, with the origin's reference records shared."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.publish import Published, Refused
from blankett.engine.publish.clone import also_shared, clone_text
from blankett.engine.records import Command, ListPage, ListRequest, Receipt
from blankett.engine.store import Member, Share

from .conftest import SHOP, Office, put_in, told

SPOKEN = (
    put_in(
        SHOP,
        ("language: 1\n", "language: 1   # the first\nlanguages: [en, zh]\n"),
        (
            "      - expect: {state: shipped",
            "      - expect: {records: {order: 1, customer: 0}}\n      - expect: {state: shipped",
        ),
    )
    + """\
translations:
  zh:
    title: 商店
    forms:
      customer: {title: 客户}
      order: {title: 订单}
"""
)


@pytest.fixture
def shared_shop(shop: Office) -> Office:
    """Give an office where Bert, who administers Service, may administer Sales too."""
    with shop.store.writing() as writing:
        writing.put_member(
            Member(organisation="acme", workspace="sales", user="bert", roles=frozenset(), administers=True)
        )
    return shop


def cloned(office: Office, **more: Any) -> Published:
    wish = {"key": "repairs", "title": "Repairs", "workspace": "service", **more}
    answer = office.publisher.clone(office.actor("bert"), "shop", **wish)
    assert isinstance(answer, Published), told(answer)
    return answer


def refused(office: Office, user: str = "bert", **more: Any) -> list[str]:
    wish = {"key": "repairs", "title": "Repairs", "workspace": "service", **more}
    answer = office.publisher.clone(office.actor(user), "shop", **wish)
    assert isinstance(answer, Refused)
    return told(answer)


def source_of(office: Office, blueprint: str) -> str:
    found = office.publisher.version_source(office.actor("bert"), blueprint, 1)
    assert isinstance(found, str)
    return found


# The text -------------------------------------------------------------------------------------------------------------


def test_a_clone_is_the_origins_text_with_little_changed() -> None:
    text = clone_text(SHOP, "shop", "repairs", "Repairs", {"customer"})
    start, end = SHOP.index("  customer:\n    title: Customer"), SHOP.index("  order:\n    title: Order")
    assert text == put_in(
        SHOP[:start] + SHOP[end:],
        ("blueprint: shop", "blueprint: repairs"),
        ("title: Shop\n", "title: Repairs\n"),
        ("to: customer", "to: shop.customer"),
        ("samples:\n  customer:\n    - {code: ACME, name: Acme}\n", ""),
    )


def test_a_clone_keeps_comments_and_is_translated() -> None:
    text = clone_text(SPOKEN, "shop", "repairs", "Repairs: north", {"customer"})
    assert "language: 1   # the first\n" in text
    assert '    title: "Repairs: north"\n    forms:\n      order: {title: 订单}\n' in text
    assert "{records: {order: 1, shop.customer: 0}}" in text


def test_a_copied_form_stays_in_the_text() -> None:
    text = clone_text(SHOP, "shop", "repairs", "Repairs", set())
    assert text == put_in(SHOP, ("blueprint: shop", "blueprint: repairs"), ("title: Shop\n", "title: Repairs\n"))


#: Names reference forms wherever the language lets one, and is called like one of them.
NAMING = """\
blueprint: device
language: 1
title: Devices
roles: {clerk: {}}
forms:
  maker:
    life: reference
    key: code
    fields:
      code: {type: text, required: yes, unique: yes}
      rank: {type: choice, options: [top, plain]}
      count: {type: number}
    grants: [{who: clerk, may: all}]
  site:
    life: reference
    key: code
    fields:
      code: {type: text, required: yes, unique: yes}
      maker: {type: link, to: maker}
      parts:
        type: table
        fields: {kind: {type: choice, options: [big, small]}}
    grants: [{who: clerk, may: all}]
  device:
    fields:
      maker: {type: link, to: maker}
      site: {type: link, to: site, where: maker = this.maker}
      level: {type: number, compute: levels(maker.rank)}
      parts:
        type: table
        fields:
          from: {type: link, to: site}
    states: {draft: {start: true}, used: {}, gone: {final: true}}
    actions:
      use:
        from: draft
        to: used
        by: clerk
        ask: {other: {type: link, to: maker}}
        effects:
          - update: {form: site, where: maker = this.maker, set: {maker: = maker}}
          - create: {form: maker, with: {code: = record.id}}
      drop: {from: used, to: gone, by: clerk}
    rules:
      many: {at: use, when: facts.makers > 900 and facts.counted > 900, then: [{refuse: Too many.}]}
    facts:
      makers: {count: maker}
      counted: {sum: maker.count}
      newest: {max: site.record.created_at}
    grants: [{who: clerk, may: all}]
tables:
  levels:
    in: {rank: maker.rank}
    out: {level: number}
    rows: [[top, 1], [plain, 2]]
  kinds:
    in: {kind: {type: site.parts.kind}}
    out: {rank: maker.rank}
    rows: [[big, top], [small, plain]]
samples:
  maker: [{code: M, rank: top}]
  site: [{code: S, maker: M}]
scenarios:
  a device is used:
    as: ann (clerk)
    steps:
      - create: device
        with: {maker: M, site: S}
      - expect: {values: {level: 1}, records: {maker: 0, site: 0}}
      - do: use
      - expect: {state: used, records: {maker: 1}}
"""
SHIPPED = {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path("blueprints").glob("*.yaml"))}


def choices_of(source: str) -> list[frozenset[str]]:
    """Return every choice of reference forms to share; of many: all, none, each alone, and all but one."""
    forms = frozenset(form.key for form in read_blueprint(source).forms.values() if form.life == "reference")
    if len(forms) <= 3:
        return [frozenset(found) for size in range(len(forms) + 1) for found in combinations(sorted(forms), size)]
    alone = [frozenset({one}) for one in sorted(forms)]
    return [frozenset(), forms, *alone, *(forms - one for one in alone)]


def clone_errors(source: str, shared: frozenset[str]) -> list[str]:
    """Return what the loader finds wrong in the clone of *source*."""
    origin = read_blueprint(source)
    forms = {form.name: form for form in origin.forms.values()}
    every = shared | also_shared(origin, shared)
    loaded = load_blueprint(clone_text(source, origin.key, "the_copy", "A copy", every), foreign=forms.get)
    return [problem.message for problem in loaded.problems if problem.is_error]


@pytest.mark.parametrize(
    ("source", "shared"),
    [
        pytest.param(source, shared, id=f"{name}-{'-'.join(sorted(shared)) or 'none'}")
        for name, source in {**SHIPPED, "naming": NAMING}.items()
        for shared in choices_of(source)
    ],
)
def test_every_blueprint_is_cloned_with_any_choice_of_shared_forms(source: str, shared: frozenset[str]) -> None:
    assert clone_errors(source, shared) == []


@pytest.mark.parametrize("shared", choices_of(NAMING), ids=lambda found: "-".join(sorted(found)) or "none")
def test_a_clone_runs_its_scenarios_whatever_it_shares(shared_shop: Office, shared: frozenset[str]) -> None:
    shared_shop.publish(NAMING)
    copied = {"maker", "site"} - shared
    answer = shared_shop.publisher.clone(
        shared_shop.actor("bert"), "device", key="copy", title="Copy", workspace="service", copied=copied
    )
    assert isinstance(answer, Published), (told(answer), [problem.message for problem in answer.problems])


def test_what_a_shared_form_links_to_is_shared_with_it(shared_shop: Office) -> None:
    shared_shop.publish(NAMING)
    answer = shared_shop.publisher.clone(
        shared_shop.actor("bert"), "device", key="copy", title="Copy", workspace="service", copied={"maker"}
    )
    assert isinstance(answer, Published)
    with shared_shop.store.reading() as reading:
        stored = reading.blueprint("acme", "device")
    assert stored is not None
    assert sorted(share.form for share in stored.shares) == ["maker", "site"]
    assert "\n  maker:\n" not in source_of(shared_shop, "copy")


def test_a_blueprint_of_reference_forms_alone_keeps_one_for_the_clone(shared_shop: Office) -> None:
    start, samples, scenarios = map(NAMING.index, ("  device:\n    fields", "samples:\n", "scenarios:\n"))
    shared_shop.publish(NAMING[:start] + NAMING[samples:scenarios])
    answer = shared_shop.publisher.clone(
        shared_shop.actor("bert"), "device", key="copy", title="Copy", workspace="service"
    )
    assert isinstance(answer, Refused)
    nothing = "All its forms are reference forms, so nothing would be left for the clone"
    assert told(answer) == [f"{nothing}: let it have at least one of its own."]


# Cloning --------------------------------------------------------------------------------------------------------------


def test_a_clone_remembers_its_origin_and_what_it_shares(shared_shop: Office) -> None:
    shared_shop.publish(put_in(SHOP, ("title: Shop\n", "title: The shop\n")))
    cloned(shared_shop, note="for the workshop")
    with shared_shop.store.reading() as reading:
        stored, origin = reading.blueprint("acme", "repairs"), reading.blueprint("acme", "shop")
    assert stored is not None
    assert origin is not None
    assert (stored.workspace, stored.origin, stored.origin_version) == ("service", "shop", 2)
    assert origin.shares == (Share("customer", "service"),)
    assert shared_shop.preview(SHOP).clones == ("repairs",)


def test_a_clone_is_used_with_the_origins_customers(shared_shop: Office) -> None:
    buyer = shared_shop.customer()
    cloned(shared_shop)
    order = in_service(shared_shop, "order", buyer=buyer, channel="web", lines=[])
    record = shared_shop.record(order.record)
    assert (record.blueprint, record.workspace, record.title) == ("repairs", "service", "Acme")
    other = shared_shop.order(buyer)
    assert shared_shop.record(other).blueprint == "shop"


def test_members_of_the_clones_workspace_see_shared_records_and_change_none(shared_shop: Office) -> None:
    buyer = shared_shop.customer()
    cloned(shared_shop)
    view = shared_shop.engine.open(service_only(shared_shop), buyer)
    assert view is not None
    assert not view.may_edit
    command = Command(
        intent="x",
        actor=service_only(shared_shop),
        blueprint="shop",
        form="customer",
        record=buyer,
        values={"name": "B"},
    )
    answer = shared_shop.engine.apply(command)
    assert not isinstance(answer, Receipt)
    assert answer.kind == "forbidden"


def test_without_a_clone_members_of_other_workspaces_see_nothing(shared_shop: Office) -> None:
    assert shared_shop.engine.open(service_only(shared_shop), shared_shop.customer()) is None


def test_the_orders_of_the_origin_stay_closed_to_the_clone(shared_shop: Office) -> None:
    order = shared_shop.order(shared_shop.customer())
    cloned(shared_shop)
    assert shared_shop.engine.open(service_only(shared_shop), order) is None
    page = shared_shop.engine.query(service_only(shared_shop), ListRequest(blueprint="shop", form="order"))
    assert not isinstance(page, ListPage) or page.rows == ()


def test_a_clone_with_its_own_customers(shared_shop: Office) -> None:
    shared_shop.customer()
    cloned(shared_shop, copied=["customer"])
    mine = in_service(shared_shop, "customer", code="MINE", name="Mine")
    assert shared_shop.record(mine.record).blueprint == "repairs"
    with shared_shop.store.reading() as reading:
        origin = reading.blueprint("acme", "shop")
    assert origin is not None
    assert origin.shares == ()


def test_a_clones_scenarios_run_with_the_origins_samples(shared_shop: Office) -> None:
    cloned(shared_shop)
    report = shared_shop.publisher.run_scenarios(shared_shop.actor("bert"), source_of(shared_shop, "repairs"))
    assert not isinstance(report, Refused)
    assert [(result.name, result.passed) for result in report.results] == [("an order is shipped", True)]


def test_a_clone_is_adapted_and_published_by_its_own_people(shared_shop: Office) -> None:
    cloned(shared_shop)
    adapted = put_in(source_of(shared_shop, "repairs"), ("      note: {type: text}\n", "      fault: {type: text}\n"))
    answer = shared_shop.publish(adapted, user="bert")
    assert (answer.blueprint, answer.number) == ("repairs", 2)
    again = put_in(adapted, ("title: Repairs\n", "title: R\n"))
    assert shared_shop.refused(again, user="dora").kind == "forbidden"


def test_a_clone_of_a_clone_shares_what_the_first_one_shared(shared_shop: Office) -> None:
    cloned(shared_shop)
    answer = shared_shop.publisher.clone(
        shared_shop.actor("bert"), "repairs", key="upkeep", title="Upkeep", workspace="sales"
    )
    assert isinstance(answer, Published), told(answer)
    blueprint = read_blueprint(source_of(shared_shop, "upkeep"))
    assert blueprint.forms["order"].fields["buyer"].options["to"] == "shop.customer"


def test_the_origin_cannot_lose_a_field_that_the_clones_orders_read(shared_shop: Office) -> None:
    buyer = shared_shop.customer()
    cloned(shared_shop)
    in_service(shared_shop, "order", buyer=buyer, channel="web", lines=[])
    plain = put_in(
        SHOP,
        ("      tier: {type: choice, options: [gold, plain], default: plain}\n", ""),
        (', visible: buyer.tier = "gold"', ""),
    )
    answer = shared_shop.refused(plain, move="move")
    assert told(answer) == [
        "Tier of Customer is read by version 1 of Order, and 1 record under way has that version. "
        "Keep the field with `retired: true`."
    ]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"key": "Repairs!"}, "“Repairs!” cannot be a key: use small letters, digits and _, beginning with a letter."),
        ({"key": ""}, "“” cannot be a key: use small letters, digits and _, beginning with a letter."),
        ({"key": "shop"}, "There is a blueprint “shop” already. Choose another key."),
        ({"title": "  "}, "Enter a title."),
        ({"workspace": "nowhere"}, "There is no such workspace."),
    ],
)
def test_a_bad_wish_is_refused(shared_shop: Office, wish: dict[str, str], words: str) -> None:
    assert refused(shared_shop, **wish) == [words]


def test_sharing_is_for_those_who_administer_the_origin(shop: Office) -> None:
    with shop.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="bert", roles=frozenset({"sales"})))
    assert refused(shop) == ["Only people who may administer “Sales” can share Customer with others. Copy it instead."]
    assert cloned(shop, copied=["customer"]).number == 1


def test_who_does_not_see_the_origin_cannot_clone_it(shop: Office) -> None:
    assert refused(shop) == ["There is no blueprint “shop”."]


def test_who_does_not_administer_the_target_cannot_clone_into_it(shared_shop: Office) -> None:
    assert refused(shared_shop, user="dora") == ["Only people who may administer the workspace can publish here."]


def in_service(office: Office, form: str, **values: Any) -> Receipt:
    command = Command(
        intent=f"service {next(office.counter)}", actor=office.actor("bert"), blueprint="repairs", form=form,
        workspace="service", values=values,
    )  # fmt: skip
    answer = office.engine.apply(command)
    assert isinstance(answer, Receipt), answer
    return answer


def service_only(office: Office) -> Any:
    """Return Bert as he is in Service alone."""
    with office.store.writing() as writing:
        writing.remove_member("acme", "sales", "bert")
    return office.actor("bert")
