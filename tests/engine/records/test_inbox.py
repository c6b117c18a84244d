"""Tasks: exactly the records on which somebody could take a forward action now, or a word that there are more."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.records.company import Company

from blankett.engine.records.read import inbox
from blankett.engine.records.read.inbox import TaskCount, task_count

#: Guards of every kind: within the SQL subset, outside it, without an answer, by links, people and the clock.
GUARDS = {
    "always": "",
    "a field": "amount > 50",
    "two fields": 'amount > floor and kind = "a"',
    "empty": "note = null or kind != null",
    "no answer": "amount > floor",
    "not": "not(urgent)",
    "a person": "user != record.owner",
    "the clock": "due <= today()",
    "through a link": 'customer.tier = "gold"',
    "a long text": 'contains(remark, "x")',
    "the lines": "count(lines) > 1",
    "a function": 'upper case(note) = "N"',
    "worked out when shown": "age > 3",
}
WHO = ["clerk", "boss", "[clerk, owner]", "assignee", '\'= if amount > 60 then "boss" else "clerk"\'', "everyone"]


def blueprint_of(seed: int) -> str:
    """Return a blueprint with an action of each guard, from random states, by random people."""
    chance = random.Random(seed)
    states = ["one", "two", "three", "four"]
    actions = []
    for number, guard in enumerate(GUARDS.values()):
        here = chance.randrange(4)
        target = chance.choice([*states[here + 1 :], "done", "dropped", "one"])
        lines = [
            f"      act_{number}:",
            f"        from: [{', '.join(sorted({states[here], chance.choice(states)}))}]",
            f"        to: {target}",
            f"        by: {chance.choice(WHO)}",
        ]
        lines += [f"        when: '{guard}'"] if guard else []
        lines += [f"        task: {chance.choice(['yes', 'no'])}"] if chance.random() < 0.2 else []
        actions.append("\n".join(lines))
    return f"""
blueprint: work
language: 1
title: Work
roles: {{clerk: {{}}, boss: {{}}, guest: {{}}}}
forms:
  customer:
    life: reference
    key: code
    show: "{{code}}"
    fields:
      code: {{type: text, unique: yes}}
      tier: {{type: choice, options: [gold, plain]}}
    grants: [{{who: everyone, may: all}}]
  job:
    fields:
      amount: {{type: number, index: yes}}
      floor: {{type: number, index: yes}}
      kind: {{type: choice, options: [a, b], index: yes}}
      note: {{type: text, visible: 'kind = null or kind = "a"'}}
      urgent: {{type: yes_no, index: yes}}
      due: {{type: date, index: yes}}
      day: {{type: date}}
      age: {{type: number, compute: '(today() - day) / duration("P1D")'}}
      customer: {{type: link, to: customer}}
      remark: {{type: long_text}}
      hand: {{type: user}}
      place: {{type: choice, options: [one, two, three, four], index: yes}}
      lines: {{type: table, fields: {{what: {{type: text}}}}}}
    due: due
    states:
      new: {{start: true}}
      one: {{}}
      two: {{}}
      three: {{}}
      four: {{}}
      done: {{final: true}}
      dropped: {{final: stopped}}
    actions:
      begin_one: {{from: new, to: one, by: boss, task: no, effects: [assign: = hand]}}
      begin_two: {{from: new, to: two, by: boss, task: no, effects: [assign: = hand]}}
      begin_three: {{from: new, to: three, by: boss, task: no, effects: [assign: = hand]}}
      begin_four: {{from: new, to: four, by: boss, task: no, effects: [assign: = hand]}}
      finish: {{from: [one, two, three, four], to: done, by: guest}}
{chr(10).join(actions)}
    rules:
      too_dear:
        at: act_1
        when: amount > 90
        then: [refuse: Too dear.]
    grants:
      - {{who: [clerk, boss], may: all}}
      - {{who: guest, may: view, where: amount > 20}}
"""


def fill(company: Company, chance: random.Random, count: int) -> list[str]:
    """Make records with random values, in random states."""
    today = company.stage.now.date()
    customers = [
        company.done("bea", "customer", code=f"C{number}", tier=tier).record
        for number, tier in enumerate(["gold", "plain", None])
    ]

    def some(*values: Any) -> Any:
        return chance.choice([None, *values])

    made = []
    for _ in range(count):
        values = {
            "amount": some(Decimal(chance.randrange(100))), "floor": some(Decimal(50)), "kind": some("a", "b"),
            "note": some("n", "m"), "urgent": some(True, False), "due": some(today, today + timedelta(days=1)),
            "day": some(today - timedelta(days=5), today), "customer": some(*customers), "remark": some("x", "y"),
            "hand": some("cleo", "bea"), "lines": [{"id": f"+{n}", "what": "w"} for n in range(chance.randrange(3))],
        }  # fmt: skip
        maker = chance.choice(["bea", "cleo"])
        record = company.done(maker, "job", **{key: value for key, value in values.items() if value is not None}).record
        company.done("bea", "job", record, action=f"begin_{chance.choice(['one', 'two', 'three', 'four'])}")
        made.append(record)
    return made


def asked_one_by_one(company: Company, name: str, records: list[str]) -> dict[str, list[str]]:
    """Return the records on whose page somebody can press a button that leads forward: the one first, then all that
    can be pressed.
    """
    form = company.blueprint.forms["job"]
    found = {}
    for record in records:
        view = company.view(name, record)
        state = view.state.key if view is not None and view.state is not None else None
        enabled = [each.action for each in view.actions if each.is_enabled] if view is not None else []
        tasks = [each for each in enabled if (form.leads_nearer(each, state) if each.task is None else each.task)]
        if tasks:
            found[record] = [each.key for each in (tasks[0], *enabled)]
    return found


def count_of(company: Company, name: str) -> TaskCount:
    """Return how many tasks somebody has, as the badge says it."""
    actor = company.actor(name)
    with company.stage.store.reading() as reading:
        return task_count(company.engine.unit(reading, actor))


@pytest.mark.parametrize("seed", range(2))
def test_a_task_is_there_exactly_when_a_forward_action_can_be_taken_now(seed: int) -> None:
    company = Company(blueprint_of(seed), bea="boss", cleo="clerk", gus="guest", both="clerk boss")
    records = fill(company, random.Random(seed), 300)
    for name in company.people:
        found = company.engine.inbox(company.actor(name), 1_000)
        wanted = asked_one_by_one(company, name, records)
        assert {item.id: [key for key, _ in (item.task, *item.actions)] for item in found.items} == wanted
        assert (found.count.number, found.count.is_complete, found.long_queues) == (len(wanted), True, ())
        assert count_of(company, name).number == len(wanted)
        due = [item.due.by if item.due else date.max for item in found.items]
        assert due == sorted(due)


WAITING = """
blueprint: queue
language: 1
title: Queue
roles: {clerk: {}, boss: {}}
forms:
  job:
    fields:
      amount: {type: number}
      size: {type: number, index: yes}
      until: {type: date}
    due: until
    states:
      new: {start: true}
      open: {due: until}
      done: {final: true}
    actions:
      send: {from: new, to: open, by: clerk}
      small: {from: open, to: done, by: boss, when: amount > 0}
      back: {from: open, to: new, by: boss}
      call: {from: open, by: boss, when: size > 5, task: yes}
    grants: [{who: [clerk, boss], may: all}]
"""


@pytest.fixture
def queue() -> Company:
    return Company(WAITING, cleo="clerk", bea="boss")


def send(queue: Company, count: int, **values: Any) -> list[str]:
    """Make records that wait for the boss."""
    return [queue.done("cleo", "job", action="send", **values).record for _ in range(count)]


def test_records_whose_guards_fail_hide_none_of_those_that_wait(queue: Company) -> None:
    send(queue, 201)
    waiting = send(queue, 100, amount=Decimal(1))
    found = queue.engine.inbox(queue.actor("bea"), 200)
    assert [item.id for item in found.items] == waiting
    assert (found.count.number, found.count.is_complete, found.long_queues) == (100, True, ())


def test_what_was_not_asked_is_told_with_where_it_is(queue: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_ASKED", 5)
    send(queue, 6)
    send(queue, 2, amount=Decimal(1))
    found = queue.engine.inbox(queue.actor("bea"), 50)
    assert (found.items, found.count.number, found.count.is_complete) == ((), 0, False)
    assert [(long.blueprint, long.form, long.states) for long in found.long_queues] == [("queue", "job", ("open",))]


def test_the_badge_says_at_least_where_more_would_have_to_be_asked(queue: Company) -> None:
    send(queue, 3, amount=Decimal(1))
    bea = queue.actor("bea")
    with queue.stage.store.reading() as reading:
        unit = queue.engine.unit(reading, bea)
        counts = [task_count(unit, most_asked=most) for most in (2, 3)]
    assert counts == [TaskCount(2, False, 2), TaskCount(3, True, 3)]


def test_what_the_database_can_tell_is_not_asked(queue: Company) -> None:
    send(queue, 3, size=Decimal(6))
    send(queue, 4, size=Decimal(1))
    assert (count_of(queue, "bea").number, count_of(queue, "bea").asked) == (3, 4)
    assert (count_of(queue, "cleo").number, count_of(queue, "cleo").asked) == (0, 0)


def test_a_task_tells_what_when_from_whom_and_since(queue: Company) -> None:
    early, late = date(2026, 1, 5), date(2026, 1, 9)
    first, second, third = (send(queue, 1, amount=Decimal(1), until=day)[0] for day in (late, None, early))
    queue.done("bea", "job", first, amount=Decimal(2))
    items = queue.engine.inbox(queue.actor("bea")).items
    assert [(item.id, item.due and item.due.by) for item in items] == [(third, early), (first, late), (second, None)]
    assert {(item.task, item.sender.title if item.sender else "") for item in items} == {(("small", "Small"), "cleo")}


def test_a_step_back_is_no_task_and_a_page_of_tasks_leads_on(queue: Company) -> None:
    made = send(queue, 3, amount=Decimal(1))
    send(queue, 2)
    parts = [queue.engine.inbox(queue.actor("bea"), 2, skip) for skip in (0, 2)]
    assert [([item.id for item in part.items], part.has_more) for part in parts] == [
        (made[:2], True),
        (made[2:], False),
    ]


def test_of_more_actions_than_a_number_has_bits_the_record_is_asked() -> None:
    ways = "\n".join(f"      way_{n}: {{from: open, to: done, by: boss, when: size > {n}}}" for n in range(70))
    company = Company(WAITING.replace("      small: {from: open, to: done, by: boss, when: amount > 0}", ways),
                      cleo="clerk", bea="boss")  # fmt: skip
    send(company, 1, size=Decimal(40))
    (item,) = company.engine.inbox(company.actor("bea")).items
    assert [key for key, _ in item.actions] == [*(f"way_{n}" for n in range(40)), "back", "call"]
