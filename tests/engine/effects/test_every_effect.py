"""Every effect and every outcome goes all the way: read, carried out, kept with the event, told in each language."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.engine.records.company import Company
from tests.engine.records.told import in_words

from blankett.engine.effects import EFFECTS, EFFECTS_BY_WORD, OF_ACTIONS, OF_RULES, Effect
from blankett.engine.language.diff import AS_WRITTEN
from blankett.engine.language.grammar import SHAPES_BY_NAME
from blankett.engine.language.loader import read_blueprint
from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.scenarios.stage import WORKSPACE
from blankett.words import LANGUAGES, say

DOCS = Path(__file__).resolve().parents[3] / "docs"
HOUSE = """
blueprint: house
language: 1
title: House
roles:
  clerk: {title: Clerk}
  boss: {title: Boss}
messages:
  news: "{record.title} has news."
forms:
  box:
    title: Box
    show: "{name}"
    fields:
      name: {type: text}
      size: {type: number}
    states: {closed: {start: true}, open: {final: true}}
    actions:
      lift: {from: closed, to: open}
    grants:
      - {who: clerk, may: all}
  ticket:
    title: Ticket
    show: "{name}"
    fields:
      name: {type: text}
      size: {type: number}
      box: {type: link, to: box}
    states: {fresh: {start: true}, done: {final: true}}
    actions:
      go:
        from: fresh
        to: done
        by: clerk
EFFECTS
    timers:
      call: {states: fresh, after: 1 day, then: [{set: {size: 9}}]}
    rules:
      always:
        at: POINT
        then:
          - OUTCOME
    grants:
      - {who: clerk, may: all}
"""
#: Word → how it is written, and what shows that it was done.
WRITTEN: dict[str, str] = {
    "set": "set: {size: 7}",
    "create": "create: {form: box, link: box, with: {name: made}}",
    "update": "update: {link: box, set: {size: 7}}",
    "assign": "assign: = user",
    "notify": "notify: {role: boss, send: news}",
    "act": "act: {link: box, action: lift}",
    "start": "start: call",
    "stop": "stop: call",
    "refuse": "refuse: Not today.",
    "warn": "warn: Look twice.",
    "require": "require: boss",
}


def house(effect: str = "", outcome: str = "warn: Look twice.", point: str = "go") -> str:
    """Return a blueprint whose action has an effect, and whose rule has an outcome."""
    effects = f"        effects:\n          - {effect}" if effect else ""
    return HOUSE.replace("EFFECTS", effects).replace("OUTCOME", outcome).replace("POINT", point)


def opened(text: str) -> tuple[Company, str, str]:
    """Return a company with a box and a ticket for it, as (company, box, ticket)."""
    company = Company(text, ann="clerk", bo="boss clerk")
    box = company.done("ann", "box", name="crate", size=Decimal(1)).record
    return company, box, company.done("ann", "ticket", name="first", size=Decimal(1), box=box).record


def taken(company: Company, ticket: str) -> Receipt | Refusal:
    """Take the action."""
    actor, key = company.actor("ann"), company.blueprint.key
    return company.engine.apply(
        Command(intent="", actor=actor, blueprint=key, form="ticket", record=ticket, workspace=WORKSPACE, action="go")
    )


def show(company: Company, box: str, ticket: str) -> dict[str, object]:
    """Return what the effects of this file can change."""
    organisation = company.actor("ann").organisation
    with company.stage.store.reading() as reading:
        old, own = (reading.record(organisation, id) for id in (box, ticket))
    assert old is not None
    assert own is not None
    return {
        "size": own.data.get("size"), "assignee": own.assignee, "box": own.data.get("box") != box,
        "box size": old.data.get("size"), "box state": old.state,
    }  # fmt: skip


#: What shows that it was done, where that is a value: all else stays as in `BEFORE`.
BEFORE = {"size": "1", "assignee": None, "box": False, "box size": "1", "box state": "closed"}
CHANGED: dict[str, dict[str, object]] = {
    "set": {"size": "7"},
    "create": {"box": True},
    "update": {"box size": "7"},
    "assign": {"assignee": "ann"},
    "notify": {},
    "act": {"box state": "open"},
    "start": {},
    "stop": {},
    "warn": {},
}


def test_every_class_of_an_effect_is_listed_once() -> None:
    found, waiting = set[type[Effect]](), [Effect]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "word" in vars(kind):
            found.add(kind)
    assert found == set(EFFECTS) == set(OF_ACTIONS) | set(OF_RULES)
    assert set(WRITTEN) == set(EFFECTS_BY_WORD)


@pytest.mark.parametrize("effect", OF_ACTIONS, ids=lambda effect: effect.word)
def test_an_action_has_it_and_does_it(effect: type[Effect]) -> None:
    company, box, ticket = opened(house(WRITTEN[effect.word]))
    (read,) = company.blueprint.forms["ticket"].actions["go"].effects
    assert type(read) is effect
    receipt = taken(company, ticket)
    assert isinstance(receipt, Receipt)
    assert show(company, box, ticket) == BEFORE | CHANGED[effect.word]
    assert receipt.notified == ((("bo", "news"), ("boss", "news")) if effect.word == "notify" else ())


@pytest.mark.parametrize("effect", OF_RULES, ids=lambda effect: effect.word)
def test_a_rule_comes_to_it_and_the_event_tells_so_in_every_language(effect: type[Effect]) -> None:
    company, box, ticket = opened(house(outcome=WRITTEN[effect.word]))
    (read,) = company.blueprint.forms["ticket"].rules["always"].then
    assert type(read) is effect
    answer = taken(company, ticket)
    if effect.may_refuse:
        assert isinstance(answer, Refusal)
        assert show(company, box, ticket) == BEFORE
        return
    assert isinstance(answer, Receipt)
    assert show(company, box, ticket) == BEFORE | CHANGED[effect.word]
    for language in LANGUAGES:
        explained = company.engine.explain_event(replace(company.actor("ann"), language=language), ticket, 2)
        assert explained is not None
        (decision,) = explained.decisions
        what = {"set": "Size", "create": "Box"}.get(effect.word, "")
        who = ("Boss",) if effect.word == "notify" else ()
        assert in_words(decision.outcomes, language) == (say(language, effect.told, title=what, who=who),)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.word)
def test_it_is_told_apart_described_and_documented(effect: type[Effect]) -> None:
    in_action = effect in OF_ACTIONS
    text = house(WRITTEN[effect.word]) if in_action else house(outcome=WRITTEN[effect.word])
    form = read_blueprint(text).forms["ticket"]
    (read,) = form.actions["go"].effects if in_action else form.rules["always"].then
    assert read.describe(AS_WRITTEN).split()[0] == effect.word
    assert list(read.meanings(AS_WRITTEN))
    assert all(done.split()[0] == effect.word for done in read.trace())
    assert {say(language, effect.told, title="", who=()) for language in LANGUAGES}.isdisjoint({effect.told})
    keys = {key.name for shape in ("effect", "outcome") for key in SHAPES_BY_NAME[shape].keys}
    assert effect.word in keys
    assert f"| `{effect.word}` | " in (DOCS / "language.md").read_text(encoding="utf-8")
