"""What a live value is stored as: what it was when the record last entered one of its states."""

from __future__ import annotations

from .told import misses

LOANS = """\
blueprint: loans
language: 1
title: Loans
roles: {a: {}}
forms:
  loan:
    fields:
      policy: {type: link, to: policy, required: yes}
      until: {type: date, compute: policy.until, snapshot: [asked, given]}
      lines:
        type: table
        fields:
          policy: {type: link, to: policy}
          days: {type: number, compute: policy.days, snapshot: [asked, given]}
      total: {type: number, compute: total(lines.days), snapshot: [asked, given]}
    states: {draft: {start: true}, asked: {}, given: {}, back: {final: true}}
    actions:
      ask_for: {from: draft, to: asked, by: a}
      change_policy:
        from: [asked, given]
        by: a
        effects:
          - update: {link: policy, set: {until: = that.until + duration("P1D"), days: = that.days + 1}}
      stay: {from: asked, to: asked, by: a}
      give: {from: asked, to: given, by: a}
      again: {from: given, to: asked, by: a}
      end: {from: given, to: back, by: a}
    grants: [{who: a, may: all}]
  policy:
    life: reference
    key: code
    fields:
      code: {type: text, required: yes, unique: yes}
      until: {type: date}
      days: {type: number, decimals: 0, default: 1}
    grants: [{who: a, may: all}]
samples:
  policy: [{code: X, until: 2026-03-02}]
scenarios:
  each entry stores:
    as: k (a)
    steps:
      - create: loan
        with: {policy: X, lines: [{policy: X}]}
      - do: ask_for
      - do: change_policy
      - expect: {values: {until: 2026-03-02, total: 1}}
      - do: give
      - expect: {state: given, values: {until: 2026-03-03, total: 2}}
      - do: change_policy
      - do: again
      - expect: {state: asked, values: {until: 2026-03-04, total: 3}}
  who stays in a state does not enter it:
    as: k (a)
    steps:
      - create: loan
        with: {policy: X}
      - do: ask_for
      - do: change_policy
      - do: stay
      - expect: {state: asked, values: {until: 2026-03-02}}
  a state that is not named stores nothing:
    as: k (a)
    steps:
      - create: loan
        with: {policy: X}
      - do: ask_for
      - do: give
      - do: change_policy
      - do: end
      - expect: {state: back, values: {until: 2026-03-02}}
"""


def test_a_snapshot_is_taken_at_each_entry_of_each_of_its_states() -> None:
    assert misses(LOANS) == []
