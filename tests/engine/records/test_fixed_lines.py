"""Tables whose lines are fixed: what fills them may, people change cells only."""

from __future__ import annotations

from dataclasses import replace

from blankett.engine.records import Command, Refusal
from blankett.engine.scenarios.stage import WORKSPACE

from .company import Company
from .told import misses

PARCELS = """\
blueprint: parcels
language: 1
title: Parcels
roles: {clerk: {}}
forms:
  order:
    fields:
      lines: {type: table, fields: {what: {type: text, required: yes}}}
      parcel: {type: link, to: parcel}
    states: {open: {start: true}, gone: {final: true}}
    actions:
      pack:
        from: open
        to: gone
        by: clerk
        effects:
          - create: {form: parcel, link: parcel, with: {lines: "= for l in lines return {what: l.what}"}}
    grants: [{who: clerk, may: all}]
  parcel:
    fields:
      note: {type: text}
      lines:
        type: table
        fixed: yes
        fields:
          what: {type: text, editable: no}
          picked: {type: number}
    states: {begun: {start: true}, halved: {}, done: {final: true}}
    actions:
      halve:
        from: begun
        to: halved
        by: clerk
        effects:
          - set: {lines: "= sublist(lines, 1, 1)"}
      finish: {from: halved, to: done, by: clerk}
    grants: [{who: clerk, may: all}]
samples:
  parcel: [{lines: [{what: Sample}]}]
scenarios:
  what fills lines may and people change cells:
    as: ann (clerk)
    steps:
      - create: order
        with: {lines: [{what: Bolt}, {what: Nut}]}
      - do: pack
      - on: parcel
      - change: {lines: [{picked: 1}, {picked: 2}]}
      - expect: {values: {lines: [{what: Bolt, picked: 1}, {what: Nut, picked: 2}]}}
      - change: {lines: [{picked: 3}]}
      - expect: {refused: lines}
      - change: {lines: []}
      - expect: {refused: lines}
      - change: {lines: [{picked: 1}, {picked: 2}, {picked: 3}]}
      - expect: {refused: lines}
      - create: parcel
        with: {lines: [{picked: 1}]}
      - expect: {refused: lines}
"""


def packed() -> tuple[Company, str, list[str]]:
    """Return a company with a parcel of two lines, and their ids."""
    company = Company(PARCELS, ann="clerk")
    order = company.done("ann", "order", lines=[{"what": "Bolt"}, {"what": "Nut"}])
    company.done("ann", "order", order.record, action="pack")
    parcel = company.page("ann", "parcel").rows[0].id
    return company, parcel, line_ids(company, parcel)


def line_ids(company: Company, parcel: str) -> list[str]:
    view = company.view("ann", parcel)
    assert view is not None
    fields = [field for section in view.sections for field in section.fields if field.field.key == "lines"]
    return [line.id for line in fields[0].lines]


def refused(company: Company, parcel: str, **parts: object) -> Refusal:
    """Return why a post by hand is refused."""
    command = Command(
        intent="", actor=company.actor("ann"), blueprint="parcels", form="parcel", workspace=WORKSPACE, record=parcel
    )
    answer = company.engine.apply(replace(command, **parts))  # type: ignore[arg-type]
    assert isinstance(answer, Refusal)
    return answer


def test_only_what_fills_fixed_lines_brings_or_takes_them() -> None:
    assert misses(PARCELS) == []


def test_a_post_by_hand_neither_swaps_nor_slips_in_a_line() -> None:
    company, parcel, ids = packed()
    posts = [[{"id": ids[0]}], [{"id": ids[0]}, {"id": "+x"}], [{"id": ids[1]}, {"id": ids[0]}, {}]]
    told = [
        [(problem.path, problem.message) for problem in refused(company, parcel, values={"lines": lines}).problems]
        for lines in posts
    ]
    assert (told, line_ids(company, parcel)) == ([[(("lines",), "field.fixed_lines")]] * 3, ids)


def test_lines_come_and_go_by_an_action_and_not_by_what_is_posted_with_it() -> None:
    company, parcel, ids = packed()
    answer = refused(company, parcel, action="halve", values={"lines": []})
    assert [problem.message for problem in answer.problems] == ["field.fixed_lines"]
    company.done("ann", "parcel", parcel, action="halve")
    assert line_ids(company, parcel) == ids[:1]
