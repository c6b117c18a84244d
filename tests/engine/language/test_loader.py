"""What a blueprint becomes: the model, and what follows from its formulas."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from blankett.engine import feel
from blankett.engine.checks import check_blueprint
from blankett.engine.effects import CreateEffect, NotifyEffect
from blankett.engine.language.editions import EDITION
from blankett.engine.language.loader import BlueprintError, load_blueprint, read_blueprint
from blankett.engine.language.model import Blueprint, Form
from blankett.engine.language.problems import Report
from blankett.engine.language.yaml_reader import read_source

SHIPPED = sorted(path.name for path in files("blankett.blueprints").iterdir() if path.name.endswith(".yaml"))

SHOP = """
blueprint: shop
language: 1
languages: [en, zh]
title: Shop
roles:
  sales: {title: Sales}
  boss: {title: Boss, includes: [lead]}
  lead: {includes: [sales]}
forms:
  customer:
    life: reference
    key: code
    show: "{name}"
    fields:
      code: {type: text, unique: yes, required: yes}
      name: {type: text, required: yes}
      currency: {type: choice, options: [EUR, DKK], required: yes}
      tier: {type: choice, options: {gold: Gold, plain: Plain}}
      cost_rate: {type: percent, private: [boss]}
    grants:
      - {who: sales, may: all}
  order:
    plural: Orders
    number: {pattern: "SO-{year}-{counter:5}", at: submit}
    show: "{record.number} {customer.name}"
    currency: currency
    fields:
      customer: {type: link, to: customer, required: yes}
      currency:
        type: choice
        options: [EUR, DKK]
        fill: customer.currency
        required: yes
      lines:
        type: table
        min: 1
        fields:
          name: {type: text, required: yes}
          quantity: {type: number, decimals: 0, required: yes}
          price: {type: money, required: yes, fill: 'if parent.currency = "EUR" then 10 else 75'}
          amount: {type: money, compute: quantity * price}
      total: {type: money, compute: total(lines.amount)}
      in_eur:
        type: money
        currency: EUR
        compute: convert(total, "EUR", today())
      big: {type: yes_no, compute: in_eur > 1000, snapshot: [review]}
      cost: {type: money, compute: total * customer.cost_rate}
      rough_cost: {type: money, compute: cost, declassify: [customer.cost_rate]}
      bonus:
        type: percent
        max: 30
        visible: customer.tier = "gold"
      note: {type: text, visible: note != null}
      seller: {type: user, default: = user}
    checks:
      not_free:
        that: total > 0
        message: "{customer.name} pays nothing."
        field: lines
    states:
      draft: {start: true}
      review: {}
      approved: {}
      packed: {}
      waiting: {held: true}
      done: {final: true}
      cancelled: {final: stopped}
    actions:
      submit:
        from: draft
        to: review
        by: [owner, sales]
        when: total > 0
        ask:
          reason: {type: text, required: yes}
          who: {type: user}
        effects:
          - notify: {role: boss, send: submitted}
          - create:
              form: customer
              with: {code: = inputs.reason, name: New, currency: EUR, tier: gold}
      approve: {from: review, to: approved, by: "= seller"}
      pack: {from: approved, to: packed, by: sales}
      finish: {from: [packed, waiting], to: done, by: sales}
      wait: {from: packed, to: waiting, by: sales}
      cancel: {from: [draft, review], to: cancelled, by: everyone}
    grants:
      - {who: sales, may: [view, create, edit]}
      - {who: boss, may: all, states: [done], where: total > 100, hide: [lines.price]}
    lists:
      all:
        columns: [record.number, customer, total, big]
        where: record.state = "review" and seller = user
        sort: [-total, record.created_at]
messages:
  submitted: "{record.title}: {inputs.reason} by {inputs.who.name}"
translations:
  zh:
    title: 商店
    roles: {sales: 销售}
    forms:
      order:
        title: 订单
        fields:
          total: {title: 总额}
          lines:
            title: 明细
            fields: {name: 名称}
        checks: {not_free: "{customer.name} 不付款。"}
        actions:
          submit: {title: 提交, ask: {reason: 原因}}
    messages: {submitted: "{inputs.reason}"}
samples:
  customer:
    - {code: ACME, name: Acme, currency: EUR}
scenarios:
  an order is submitted:
    as: anna (sales)
    steps:
      - create: order
        with: {customer: ACME, lines: [{name: Pen, quantity: 3}]}
      - do: submit
        with: {reason: because}
      - wait: 2 days
      - expect: {state: review, values: {total: 30}, notified: [boss, lars]}
      - as: lars (boss)
      - comment: Fine.
"""


@pytest.fixture(scope="module")
def shop() -> Blueprint:
    """Return the shop."""
    loaded = load_blueprint(SHOP, file="shop.yaml")
    assert [problem.line("shop.yaml") for problem in loaded.problems if problem.is_error] == []
    assert loaded.blueprint is not None
    return loaded.blueprint


@pytest.fixture(scope="module")
def order(shop: Blueprint) -> Form:
    """Return the shop's order."""
    return shop.forms["order"]


def moment() -> feel.Moment:
    """Return a moment at which a euro is 7.5 crowns."""
    rates = {("EUR", "DKK"): Decimal("7.5"), ("DKK", "EUR"): Decimal("0.2")}
    return feel.Moment(
        datetime(2026, 11, 22, tzinfo=UTC), ZoneInfo("UTC"), lambda one, two, _day: rates.get((one, two))
    )


def test_roles_hold_the_roles_of_those_they_include(shop: Blueprint) -> None:
    assert {key: role.includes for key, role in shop.roles.items()} == {
        "sales": frozenset(),
        "lead": frozenset({"sales"}),
        "boss": frozenset({"lead", "sales"}),
    }


def test_texts_come_in_their_languages(shop: Blueprint, order: Form) -> None:
    said = [
        shop.title.say("zh"),
        order.title.say("zh"),
        order.plural.say("zh"),
        order.fields["total"].title.say("zh"),
        order.fields["customer"].title.say("zh"),
        order.fields["lines"].columns["name"].title.say("zh"),
        order.actions["submit"].ask["reason"].title.say("zh"),
        shop.roles["lead"].title.say("zh"),
    ]
    assert said == ["商店", "订单", "Orders", "总额", "Customer", "名称", "原因", "Lead"]


def test_templates_have_their_formulas_in_every_language(order: Form) -> None:
    message = order.checks["not_free"].message
    texts = {
        language: [piece if isinstance(piece, str) else piece.text for piece in message.parts(language)]
        for language in ("en", "zh", "da")
    }
    assert texts == {
        "en": ["customer.name", " pays nothing."],
        "zh": ["customer.name", " 不付款。"],
        "da": ["customer.name", " pays nothing."],
    }


def test_amounts_know_where_their_currency_is_read(order: Form) -> None:
    assert {field.path: field.currency for field in order.every_field() if field.type.name == "money"} == {
        ("lines", "price"): ("parent", "currency"),
        ("lines", "amount"): ("parent", "currency"),
        ("total",): ("currency",),
        ("in_eur",): "EUR",
        ("cost",): ("currency",),
        ("rough_cost",): ("currency",),
    }


def test_computes_are_live_when_they_read_other_records_or_rates_also_through_others(order: Form) -> None:
    computed = {".".join(field.path): field.live for field in order.every_field() if field.compute}
    assert computed == {
        "lines.amount": False,
        "total": False,
        "in_eur": True,
        "big": True,
        "cost": True,
        "rough_cost": True,
    }
    assert [field.key for field in order.fields.values() if not field.is_stored] == ["in_eur", "cost", "rough_cost"]


def test_fields_are_ordered_by_what_they_need(order: Form) -> None:
    place = {path: at for at, path in enumerate(order.order)}
    assert set(place) == {field.path for field in order.every_field()}
    chain = [("customer",), ("currency",), ("lines", "price"), ("lines", "amount"), ("total",), ("in_eur",), ("big",)]
    assert [place[path] for path in chain] == sorted(place[path] for path in chain)


def test_links_that_formulas_walk_or_show_are_known(order: Form) -> None:
    assert order.link_paths == {("customer",), ("inputs", "who"), ("seller",)}


def test_privacy_follows_values_and_stops_where_it_is_declassified(order: Form) -> None:
    source = ("customer", "cost_rate")
    assert dict(order.private_sources) == {("cost",): frozenset({source})}
    assert dict(order.private_roles) == {source: frozenset({"boss"})}


def test_states_get_their_kind_from_the_graph(order: Form) -> None:
    assert {state.key: state.kind for state in order.states.values()} == {
        "draft": "start",
        "review": "work",
        "approved": "half",
        "packed": "near",
        "waiting": "held",
        "done": "done",
        "cancelled": "stop",
    }


def test_editing_is_granted_in_states_that_are_not_final(order: Form) -> None:
    grants = [
        (sorted(grant.who.names), sorted(grant.may), grant.states and sorted(grant.states)) for grant in order.grants
    ]
    assert grants == [
        (["sales"], ["create", "view"], None),
        (["sales"], ["edit"], ["approved", "draft", "packed", "review", "waiting"]),
        (["boss"], ["comment", "create", "delete", "edit", "export", "pick", "view"], ["done"]),
    ]
    assert order.grants[2].hide == {"lines.price"}


def test_effects_are_read_with_the_types_of_what_they_touch(order: Form) -> None:
    notify, create = order.actions["submit"].effects
    assert isinstance(notify, NotifyEffect)
    assert isinstance(create, CreateEffect)
    values = {
        key: setting.formula.text if setting.formula else setting.constant for key, setting in create.values.items()
    }
    assert (sorted(notify.to.names), notify.message, create.form, values) == (
        ["boss"],
        "submitted",
        "shop.customer",
        {"code": "inputs.reason", "name": "New", "currency": "EUR", "tier": "gold"},
    )


def test_formulas_run(order: Form) -> None:
    lines = [{"amount": Decimal(3)}, {"amount": Decimal(4)}]
    compute = order.fields["total"].compute
    assert compute is not None
    assert compute.evaluate({"lines": lines}, moment()) == Decimal(7)


def test_percent_bounds_are_fractions(order: Form) -> None:
    assert order.fields["bonus"].options["max"] == Decimal("0.3")


def test_lists_numbers_and_sections(order: Form) -> None:
    view = order.lists["all"]
    number = order.number
    assert number is not None
    assert (view.columns, view.sort, number.pattern, number.policy, number.at) == (
        ("record.number", "customer", "total", "big"),
        (("total", True), ("record.created_at", False)),
        "SO-{year}-{counter:5}",
        "gapless",
        "submit",
    )
    assert [(section.key, len(section.fields)) for section in order.sections] == [("details", 10), ("lines", 1)]


def test_scenarios_keep_their_values_as_typed(shop: Blueprint) -> None:
    (scenario,) = shop.scenarios
    steps = [(step.kind, step.subject, dict(step.values)) for step in scenario.steps]
    assert (scenario.name, scenario.as_.key, scenario.as_.roles) == ("an order is submitted", "anna", {"sales"})
    assert steps == [
        ("create", "order", {"customer": "ACME", "lines": [{"name": "Pen", "quantity": "3"}]}),
        ("do", "submit", {"reason": "because"}),
        ("wait", "2 days", {"calendar": None}),
        ("expect", "", {"state": "review", "values": {"total": "30"}, "notified": ["boss", "lars"]}),
        ("as", "lars (boss)", {}),
        ("comment", "Fine.", {}),
    ]


def test_every_item_has_its_place(shop: Blueprint) -> None:
    place = shop.places["forms", "order", "fields", "lines", "fields", "price"]
    assert shop.source[place.start : place.end] == "price"


def test_constants_are_read_by_the_type_of_their_field() -> None:
    text = """
blueprint: a
language: 1
title: A
forms:
  f:
    fields:
      day: {type: date, default: 2026-01-31, min: 2026-01-01, max: = today()}
      part: {type: percent, default: 30}
      flag: {type: yes_no, default: no}
      word: {type: text, default: "== 3"}
      empty: {type: text, default: ""}
    grants:
      - {who: everyone, may: all}
"""
    fields = read_blueprint(text).forms["f"].fields
    constants = {key: field.default.constant for key, field in fields.items() if field.default}
    assert constants == {
        "day": date(2026, 1, 31),
        "part": Decimal("0.3"),
        "flag": False,
        "word": "= 3",
        "empty": None,
    }
    latest = fields["day"].options["max"]
    assert (fields["day"].options["min"], latest.evaluate({}, moment())) == (date(2026, 1, 1), date(2026, 11, 22))


OTHER = """
blueprint: crm
language: 1
title: CRM
forms:
  person:
    fields:
      name: {type: text, required: yes}
      age: {type: number}
    grants:
      - {who: everyone, may: all}
"""

LINKED = """
blueprint: shop
language: 1
title: Shop
forms:
  order:
    fields:
      person: {type: link, to: crm.person}
      age: {type: number, fill: person.%s}
    grants:
      - {who: everyone, may: all}
"""


def test_links_into_other_blueprints_are_checked_where_they_can_be_known() -> None:
    person = read_blueprint(OTHER).forms["person"]
    known = {"crm.person": person}.get
    told = {
        "right": load_blueprint(LINKED % "age", foreign=known),
        "wrong field": load_blueprint(LINKED % "agee", foreign=known),
        "wrong form": load_blueprint(LINKED.replace("crm.person", "crm.peron") % "age", foreign=known),
        "not known": load_blueprint(LINKED % "anything"),
    }
    assert {case: [problem.name for problem in loaded.problems] for case, loaded in told.items()} == {
        "right": [],
        "wrong field": ["unknown_member"],
        "wrong form": ["unknown_form"],
        "not known": [],
    }


def test_reading_raises_with_every_problem_in_its_text() -> None:
    with pytest.raises(BlueprintError) as raised:
        read_blueprint(OTHER.replace("text", "txt").replace("number", "nubmer"), file="crm.yaml")
    assert str(raised.value).split("\n") == [
        "crm.yaml:8:20 BL115 there is no type 'txt'; the types are barcode, choice, choices, clock, date, datetime,"
        " department, duration, email, link, long_text, money, number, percent, phone, rating, table, text, time, url,"
        " user, yes_no. Did you mean 'text'?",
        "crm.yaml:9:19 BL115 there is no type 'nubmer'; the types are barcode, choice, choices, clock, date, datetime,"
        " department, duration, email, link, long_text, money, number, percent, phone, rating, table, text, time, url,"
        " user, yes_no. Did you mean 'number'?",
    ]


def test_one_slip_in_a_key_gives_one_message() -> None:
    slipped = SHOP.replace("    fields:\n      code", "    feilds:\n      code")
    errors = [problem for problem in load_blueprint(slipped).problems if problem.is_error]
    assert [(problem.name, problem.suggestion) for problem in errors] == [("unknown_key", "fields")]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_blueprints_have_no_problems_and_load_quickly(name: str) -> None:
    text = (files("blankett.blueprints") / name).read_text(encoding="utf-8")
    assert [problem.line(name) for problem in check_blueprint(text, file=name).problems] == []
    checking = least_time(lambda: check_blueprint(text, file=name))
    reading = least_time(lambda: read_source(text, name, Report()))
    assert checking < 15 * reading, "checking took four times as long as reading when this was written"


def least_time(work: Callable[[], object]) -> float:
    """Return the processor's seconds of the quickest of three runs."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)


PLACES = """
blueprint: shop
language: 1
title: Shop
forms:
  product:
    fields:
      name: {type: text}
    grants:
      - {who: everyone, may: all}
  order:
    fields:
      customer: {type: text}
      best: {type: link, to: product, where: name = customer}
      lines:
        type: table
        fields:
          part: {type: number}
          note: {type: text, fill: customer}
      whole: {type: number, compute: total(part)}
    states:
      draft: {start: true}
      done: {final: true}
    actions:
      finish:
        from: draft
        to: done
        by: everyone
        when: reason != null
        ask:
          reason: {type: text}
    grants:
      - {who: everyone, may: all}
"""


def test_a_name_that_is_known_around_is_told_with_its_way() -> None:
    assert [problem.line("shop.yaml") for problem in load_blueprint(PLACES).problems] == [
        "shop.yaml:14:53 BL302 there is no 'customer' here. Did you mean 'this.customer'?",
        "shop.yaml:19:36 BL302 there is no 'customer' here. Did you mean 'parent.customer'?",
        "shop.yaml:20:44 BL302 there is no 'part' here. Did you mean 'lines.part'?",
        "shop.yaml:29:15 BL302 there is no 'reason' here. Did you mean 'inputs.reason'?",
    ]


EDITIONS = """blueprint: shop
language: 1
title: Shop
tables:
  first:
    hit: first
    in: {n: number}
    out: {r: number}
    rows:
      - ["[1,2,3][1.5]", 1]
      - ["-", "= count(for i in [n..1] return i)"]
forms:
  order:
    fields:
      n: {type: number}
      numbers: {type: number, compute: "count(for i in [n..1] return i)"}
      table: {type: number, compute: first(n)}
    grants: [{who: everyone, may: all}]
"""


@pytest.mark.parametrize(("edition", "counted"), [(0, Decimal(3)), (EDITION, None)])
def test_what_was_published_before_answers_as_before(edition: int, counted: Decimal | None) -> None:
    blueprint = read_blueprint(EDITIONS, edition=edition)
    moment = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))
    for field in ("numbers", "table"):
        compute = blueprint.forms["order"].fields[field].compute
        assert compute is not None
        found = compute.compiled.evaluate({"n": Decimal(3)}, moment)
        assert found == counted


def test_digits_of_another_script_are_refused_and_go_on_where_they_were_published() -> None:
    text = EDITIONS.replace("[1,2,3][1.5]", "１２")
    assert [problem.id for problem in load_blueprint(text).problems] == ["BL310"]
    assert load_blueprint(text, edition=0).problems == ()


def test_calls_that_never_answer_are_looked_for_in_a_new_text_only(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr("blankett.engine.language.loader.suspicious_cells.constant_of", lambda part: tried.append(part))
    text = SHOP.replace("      code: {", "      root: {type: number, compute: sqrt(-1)}\n      code: {", 1)
    assert check_blueprint(text).blueprint is not None
    assert tried
    tried.clear()
    load_blueprint(text)
    assert tried == []
