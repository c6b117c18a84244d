"""Scenarios: each kind of step and expectation, passed and failed, and nothing left behind by one for the next."""

from __future__ import annotations

import textwrap
from functools import partial
from pathlib import Path

import pytest
from tests.counted import counted

from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.scenarios import Budget, ScenarioReport, run_scenarios

TRADE = (Path(__file__).parent / "records" / "trade.yaml").read_text(encoding="utf-8")


def run(scenarios: str, text: str = TRADE) -> ScenarioReport:
    """Run *scenarios* over the trade blueprint with its samples."""
    return run_scenarios(read_blueprint(f"{text}\nscenarios:\n{textwrap.indent(textwrap.dedent(scenarios), '  ')}"))


def wrong(report: ScenarioReport) -> list[tuple[str, str, str]]:
    """Return (what, expected, found) of every mismatch."""
    return [(each.what, each.expected, each.found) for result in report.results for each in result.mismatches]


STORY = """
an order is sent back, amended, approved and shipped:
  as: anna (sales)
  steps:
    - create: order
      with: {customer: ACME, caller: Bob, lines: [{product: P-1, quantity: 3}, {product: P-2, quantity: 2}]}
    - expect: {state: draft, title: Acme, values: {total: 229, currency: EUR, discount: = null}, can: [submit, cancel]}
    - do: submit
    - expect: {state: review, number: SO-2026-0001, cannot: [approve], hidden: [margin, secret]}
    - as: max (manager)
    - comment: Too many gadgets.
    - do: send_back
      with: {reason: Too dear}
    - expect: {state: draft, values: {note: Too dear}, notified: [anna]}
    - as: anna (sales)
    - change: {lines: [{}, {quantity: 1}]}
    - expect:
        values: {total: 129.50, lines: [{product: P-1, quantity: 3, amount: 30}, {quantity: 1, price: 99.5}]}
    - do: submit
    - do: approve
    - expect: {refused: access, state: review}
    - as: max (manager)
    - do: approve
    - expect: {state: released, notified: [warehouse], values: {approver: max}}
    - as: wilma (warehouse)
    - do: ship
    - expect: {state: shipped, records: {shipment: 1, order: 1}, can: []}
    - on: shipment
    - expect: {state: packed, number: SH-001, values: {customer: ACME, parcels: [{quantity: 3}, {quantity: 1}]}}
    - wait: 2 days
    - create: order
      with: {customer: ACME}
    - expect: {refused: access}
"""


def test_a_story_is_played() -> None:
    report = run(STORY)
    assert (wrong(report), report.passed) == ([], True)
    assert report.untaken == (
        ("trade.order", "cancel"),
        ("trade.order", "flag"),
        ("trade.shipment", "send"),
        ("trade.shipment", "unpack_order"),
        ("trade.memo", "close"),
    )


def test_a_scenario_leaves_nothing_to_the_next() -> None:
    second = STORY.replace("an order is", "another order is")
    report = run(STORY + second)
    assert [result.passed for result in report.results] == [True, True]


FAILING = {
    "state": ("- expect: {state: review}", [("state", "review", "draft")]),
    "value": ("- expect: {values: {total: 230}}", [("values.total", "230", "229")]),
    "lines": ("- expect: {values: {lines: [{quantity: 3}]}}", None),
    "can": ("- expect: {can: [approve]}", [("can", "approve", "cancel, submit")]),
    "can nothing": ("- expect: {can: []}", [("can", "nothing", "cancel, submit")]),
    "cannot": ("- expect: {cannot: [submit]}", [("cannot", "submit", "they can be taken")]),
    "hidden": ("- expect: {hidden: [caller]}", [("hidden", "caller", "shown")]),
    "notified": ("- expect: {notified: [manager]}", [("notified", "manager", "nobody")]),
    "records": ("- expect: {records: {shipment: 1}}", [("records.shipment", "1", "0")]),
    "title": ("- expect: {title: Nord}", [("title", "Nord", "Acme")]),
    "nothing refused": ("- expect: {refused: guard}", [("refused", "guard", "accepted")]),
    "refused for another reason": (
        "- change: {discount: 31}\n    - expect: {refused: guard}",
        [("refused", "guard", "discount")],
    ),
    "a refusal nobody expects": (
        "- change: {discount: 31}\n    - comment: Hm",
        [("change", "accepted", "refused (invalid)")],
    ),
    "a refusal at the end": ("- do: approve", [("do approve", "accepted", "refused (state)")]),
    "a record that is nowhere": ("- on: shipment", [("on", "a record of shipment", "none")]),
}


@pytest.mark.parametrize(("step", "expected"), FAILING.values(), ids=FAILING)
def test_what_goes_another_way_is_told_with_its_place(step: str, expected: list[tuple[str, str, str]] | None) -> None:
    report = run(f"""
it fails:
  as: anna (sales)
  steps:
    - create: order
      with: {{customer: ACME, caller: Bob, lines: [{{product: P-1, quantity: 3}}, {{product: P-2, quantity: 2}}]}}
    {step}
""")
    assert not report.passed
    assert all(each.place.line > TRADE.count("\n") for result in report.results for each in result.mismatches)
    if expected is not None:
        assert wrong(report) == expected


REFUSED = {
    "a field": ("- change: {discount: 31}", "discount"),
    "a column": ("- change: {lines: [{quantity: 0}, {}]}", "lines.quantity"),
    "a record that cannot be chosen": ("- change: {customer: BAD}", "customer"),
    "a value that names nothing": ("- change: {customer: NOBODY}", "customer"),
    "a check": ("- change: {lines: [{price: 7}, {}]}\n    - do: submit", "floor_price"),
    "a guard": ("- change: {lines: []}\n    - do: submit", "guard"),
    "what an action asks": ("- do: submit\n    - as: max (manager)\n    - do: send_back", "reason"),
    "access": ("- as: wilma (warehouse)\n    - change: {note: x}", "access"),
}


@pytest.mark.parametrize(("steps", "name"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_expected_by_its_name(steps: str, name: str) -> None:
    report = run(f"""
it is refused:
  as: anna (sales)
  steps:
    - create: order
      with: {{customer: ACME, caller: Bob, lines: [{{product: P-1, quantity: 3}}, {{product: P-2, quantity: 2}}]}}
    {steps}
    - expect: {{refused: {name}}}
""")
    assert wrong(report) == []


def test_a_sample_that_is_wrong_stops_the_scenarios() -> None:
    report = run(STORY, TRADE.replace("{code: NORD, name: Nord,", "{code: ACME, name: Nord,"))
    assert (report.passed, report.results) == (False, ())
    assert [(each.what, [problem.message for problem in each.problems]) for each in report.samples] == [
        ("sample of customer", ["field.not_unique"])
    ]


def test_people_are_told_whoever_acts() -> None:
    report = run("""
the warehouse hears of it although nobody of it acts:
  as: max (manager)
  steps:
    - create: order
      with: {customer: ACME, caller: Bob, lines: [{product: P-1, quantity: 3}]}
    - do: submit
    - do: approve
    - expect: {notified: [warehouse]}
""")
    assert wrong(report) == []


def test_currencies_have_rates() -> None:
    report = run("""
a Danish order:
  as: anna (sales)
  steps:
    - create: order
      with: {customer: NORD, caller: Bob, lines: [{product: P-1, quantity: 1}]}
    - expect: {values: {currency: DKK, total: 74.60}}
""")
    assert wrong(report) == []


def many_stories(count: int) -> Blueprint:
    """Return a blueprint that tells the story so often."""
    many = "".join(STORY.replace("an order is", f"order {number} is") for number in range(count))
    return read_blueprint(f"{TRADE}\nscenarios:\n{textwrap.indent(many, '  ')}")


def test_each_scenario_costs_as_much_as_the_first() -> None:
    run_scenarios(many_stories(1))  # what is made once in a process is no scenario's
    first, second, twelve = (counted(partial(run_scenarios, many_stories(count)))[0] for count in (1, 2, 12))
    assert twelve - second <= 10.5 * (second - first)


def test_scenarios_that_take_too_long_are_left_out_and_counted() -> None:
    blueprint = many_stories(5)
    steps = len(blueprint.scenarios[0].steps) + 1
    report = run_scenarios(blueprint, budget=Budget(steps=3 * steps))
    assert (len(report.results), report.left_out, report.passed) == (3, 2, True)
    assert run_scenarios(blueprint, budget=Budget()).left_out == 0
    assert run_scenarios(blueprint).left_out == 0


def test_scenario_whose_formulas_are_cut_short_tells_nothing() -> None:
    report = run_scenarios(many_stories(3), budget=Budget(formula_steps=10))
    assert (report.results, report.left_out, report.passed) == ((), 3, True)


RULED = TRADE.replace(
    "    states:\n      draft: {start: true}\n      review: {title: In review}\n",
    """    rules:
      large:
        at: submit
        when: total != null and total > 100
        then:
          - warn: Large.
          - set: {note: large}
      noted:
        at: submit
        when: note = "large"
        then:
          - refuse: Too large.
        valid: {from: 2026-03-03}
    states:
      draft: {start: true}
      review: {title: In review}
""",
)
BEFORE = """
a large order:
  as: anna (sales)
  steps:
    - create: order
      with: {customer: ACME, caller: Bob, lines: [{product: P-1, quantity: 30}]}
    - expect: {fired: [], warned: []}
"""


def ruled(*steps: str) -> ScenarioReport:
    """Run *steps* on a large order that rules look at."""
    return run(BEFORE + "".join(f"    - {step}\n" for step in steps), RULED)


def test_rules_that_fire_and_warn_are_expected_by_their_keys() -> None:
    report = ruled("do: submit", "expect: {fired: [large], warned: [large], values: {note: large}}")
    assert wrong(report) == []
    assert [result.rules for result in report.results] == [{("trade.order", "large")}]


def test_a_rule_that_refuses_is_expected_by_its_key() -> None:
    report = ruled("wait: 1 day", "do: submit", "expect: {refused: noted, fired: [large, noted], warned: []}")
    assert wrong(report) == []
    assert [result.rules for result in report.results] == [{("trade.order", "large"), ("trade.order", "noted")}]


def test_rules_that_fire_otherwise_are_told() -> None:
    report = ruled("do: submit", "expect: {fired: [noted], warned: []}")
    assert wrong(report) == [("fired", "noted", "large"), ("warned", "none", "large")]


def test_an_action_that_a_rule_would_refuse_cannot_be_taken() -> None:
    report = ruled("expect: {can: [submit]}", "wait: 1 day", "expect: {cannot: [submit], can: [cancel]}")
    assert wrong(report) == []


MOMENTS = """
blueprint: moments
language: 1
title: Moments
roles: {clerk: {}}
forms:
  note:
    fields:
      text: {type: text, required: yes}
      secret: {type: number, visible: no, required: yes}
      made: {type: text, compute: string(record.created_at)}
      now: {type: text, compute: string(now())}
      alike: {type: yes_no, compute: made = now}
      seconds: {type: yes_no, compute: 'not(contains(now, "."))'}
      lines: {type: table, fields: {n: {type: number}}}
    states: {open: {start: true}, done: {final: true}}
    actions: {close: {from: open, to: done, by: clerk}}
    grants: [{who: clerk, may: all}]
"""


def test_moments_are_written_in_one_form_and_a_hidden_field_asks_nobody() -> None:
    story = """
    closed at once:
      as: anna (clerk)
      steps:
        - create: note
          with: {text: x}
        - expect: {values: {alike: yes, seconds: yes}, hidden: [secret], notified: []}
        - do: close
        - expect: {state: done}
    """
    assert wrong(run(story, MOMENTS)) == []


def test_an_empty_list_of_who_was_told_says_that_nobody_was() -> None:
    told = STORY.replace("{state: draft, values: {note: Too dear}, notified: [anna]}", "{state: draft, notified: []}")
    assert wrong(run(told)) == [("notified", "nobody", "anna")]


TWO = """
to a record by its name:
  as: anna (sales)
  steps:
    - create: order
      with: {customer: ACME, caller: Bob, lines: [{product: P-1, quantity: 3}]}
    - do: submit
    - create: order
      with: {customer: ACME, caller: Ann, lines: [{product: P-1, quantity: 1}]}
    - on: {order: SO-2026-0001}
    - expect: {state: review, values: {caller: Bob}}
    - on: order
    - expect: {state: draft, values: {caller: Ann}}
    - on: {customer: ACME}
    - expect: {values: {code: ACME}}
    - on: {customer: NOBODY}
"""


def test_a_step_goes_to_a_record_by_its_key_or_number() -> None:
    assert wrong(run(TWO)) == [("on", "the record NOBODY of customer", "none")]


def test_a_step_goes_to_one_record_of_a_form_that_exists() -> None:
    steps = "\nx:\n  as: anna (sales)\n  steps:\n    - on: {customer: ACME, product: P-1}\n    - on: {custmer: ACME}\n"
    found = load_blueprint(f"{TRADE}\nscenarios:\n{textwrap.indent(textwrap.dedent(steps), '  ')}").problems
    assert [(problem.name, problem.suggestion) for problem in found if problem.is_error] == [
        ("one_record", None),
        ("unknown_form", "customer"),
    ]


def test_without_all_samples_no_scenario_is_run() -> None:
    blueprint = many_stories(1)
    report = run_scenarios(blueprint, budget=Budget(samples=len(blueprint.samples) - 1))
    assert (report.results, report.samples, report.left_out) == ((), (), 1)


def test_a_sample_whose_formulas_take_too_long_says_so() -> None:
    price = "      name: {type: text}\n"
    assert price in SOLD
    loop = "      long: {type: number, compute: 'count(for i in 1..900, j in 1..900 return 1)'}\n"
    (wrong,) = run_scenarios(read_blueprint(SOLD.replace(price, price + loop))).samples
    assert [problem.message for problem in wrong.problems] == ["formula.budget"]


SOLD = """
blueprint: sold
language: 1
title: Sold
forms:
  item:
    fields:
      name: {type: text}
    grants:
      - {who: everyone, may: all}
samples:
  item:
    - {name: Bolt}
"""


TAGGED = """
blueprint: tagged
language: 1
title: Tagged
roles: {clerk: {}}
forms:
  part:
    show: "{name}"
    fields:
      name: {type: text}
      tags: {type: choices, options: [red, green, blue]}
      lines: {type: table, fields: {tags: {type: choices, options: [left, right]}}}
    grants: [{who: clerk, may: all}]
samples:
  part: [{name: Bolt, tags: [blue, red], lines: [{tags: [left]}]}]
scenarios:
  several options are a list:
    as: ann (clerk)
    steps:
      - on: {part: Bolt}
      - expect: {values: {tags: [red, blue], lines: [{tags: [left]}]}}
      - change: {tags: [green], lines: [{tags: [right, left]}]}
      - expect: {values: {tags: green, lines: [{tags: [left, right]}]}}
      - change: {tags: []}
      - expect: {values: {tags: = null}}
"""


def test_several_options_are_written_as_a_list() -> None:
    assert wrong(run_scenarios(read_blueprint(TAGGED))) == []
    wrong_one = load_blueprint(TAGGED.replace("[blue, red]", "[blue, rod]")).problems
    assert [(each.id, each.place.line) for each in wrong_one] == [("BL315", 15)]


CALLS = """\
blueprint: KEY
language: 1
title: Calls
roles: {service: {title: Service}}
calendars:
  office: {zone: Europe/Copenhagen, hours: {DAY: 8:00-16:00}}
forms:
  call:
    title: Call
    fields:
      due: {type: date, default: '= next working day(today())'}
    states: {open: {start: true}}
    grants: [{who: service, may: all}]
scenarios:
  a call is due on the day that the office works:
    as: anna (service)
    steps:
      - create: call
      - expect: {values: {due: 2026-03-05}}
"""


def test_scenarios_count_in_the_calendar_of_their_own_blueprint() -> None:
    calls, others = (
        read_blueprint(CALLS.replace("KEY", key).replace("DAY", day))
        for key, day in (("calls", "thursday"), ("others", "friday"))
    )
    assert wrong(run_scenarios(calls, [others])) == []
