"""Values that formulas see in another form than they are kept in, wherever a formula meets them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

from blankett.engine.language.loader import read_blueprint
from blankett.engine.records.compiled_form import shape_of
from blankett.engine.records.evaluation_context import formula_names
from blankett.engine.records.link_loader import Linked
from blankett.engine.scenarios import run_scenarios

TAGGED = """
blueprint: tagged
language: 1
languages: [en]
title: Tagged
roles: {clerk: {}}
forms:
  kind:
    life: reference
    key: code
    fields:
      code: {type: text, required: yes, unique: yes}
      tags: {type: choices, options: [dear, cheap]}
    grants: [{who: clerk, may: all}]
  thing:
    fields:
      kind: {type: link, to: kind, where: 'list contains(tags, "dear")'}
      colours: {type: choices, options: [red, blue]}
      is_red:
        type: yes_no
        compute: list contains(colours, "red")
      is_dear:
        type: yes_no
        compute: list contains(kind.tags, "dear")
      parts:
        type: table
        fields:
          finish: {type: choices, options: [matt, gloss]}
          is_matt:
            type: yes_no
            compute: list contains(finish, "matt")
      has_matt:
        type: yes_no
        compute: some part in parts satisfies list contains(part.finish, "matt")
      shade:
        type: text
        visible: list contains(colours, "red")
        required: yes
      told: {type: text}
    states: {draft: {start: yes}, sold: {final: yes}}
    rules:
      was_blue:
        at: save
        when: old != null and list contains(old.colours, "blue")
        then: [set: {told: It was blue}]
    actions:
      sell:
        from: draft
        to: sold
        by: clerk
        when: list contains(colours, "red")
        ask:
          why: {type: choices, options: [sale, gift]}
        effects:
          - set:
              told: '= if list contains(inputs.why, "gift") then "A gift" else "Sold"'
    grants: [{who: clerk, may: all}]
scenarios:
  a list of options is a list:
    as: ann (clerk)
    steps:
      - create: kind
        with: {code: K, tags: "dear, cheap"}
      - create: thing
        with: {kind: K, colours: "red, blue", shade: dark, parts: [{finish: "matt, gloss"}, {finish: gloss}]}
      - expect:
          values: {is_red: yes, is_dear: yes, has_matt: yes, shade: dark, parts: [{is_matt: yes}, {is_matt: no}]}
      - change: {colours: red}
      - expect: {values: {is_red: yes, told: It was blue}, can: [sell]}
      - do: sell
        with: {why: "sale, gift"}
      - expect: {state: sold, values: {told: A gift}}
  and another one too:
    as: ann (clerk)
    steps:
      - create: thing
        with: {colours: blue}
      - expect: {values: {is_red: no, shade: = null}, cannot: [sell]}
"""


def test_options_are_a_list_in_every_formula() -> None:
    report = run_scenarios(read_blueprint(TAGGED))
    assert [(each.what, each.expected, each.found) for result in report.results for each in result.mismatches] == []
    assert report.passed


def test_a_moment_that_was_stored_is_in_the_zone_of_the_workspace() -> None:
    form = read_blueprint(TAGGED.replace("told: {type: text}", "at: {type: datetime}\n      told: {type: text}")).forms[
        "thing"
    ]
    linked = cast(Linked, SimpleNamespace(moment=SimpleNamespace(zone=ZoneInfo("Asia/Shanghai"))))
    found = formula_names({"at": datetime(2026, 7, 1, 23, tzinfo=UTC)}, shape_of(form.fields), linked)
    assert (found["at"].isoformat(), found["colours"]) == ("2026-07-02T07:00:00+08:00", None)
