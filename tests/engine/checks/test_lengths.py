"""Cells of decision tables that `deadline` takes its length from are looked at as lengths written in formulas are."""

from __future__ import annotations

from blankett.engine.checks import check_blueprint

SERVICE = """
blueprint: service
language: 1
title: Service
calendars:
  office: {zone: UTC, hours: {monday: 8:00-16:00}}
tables:
  answer_within:
    hit: unique
    in: {level: text}
    out: {time: text}
    rows:
      - ['"stopped"', 4 working hours]
      - ['not("stopped")', 2 business days]
  escalate:
    hit: unique
    in: {level: text}
    out: {time: text, to: text}
    rows:
      - ['"stopped"', soon, head]
      - ['not("stopped")', 1 week, nobody]
forms:
  call:
    fields:
      level: {type: text, required: true}
      called_at: {type: datetime, required: true}
      whom: {type: text, compute: 'escalate(level).to'}
      answer_by: {type: datetime, compute: 'deadline(called_at, if level = "x" then "1 day" else answer_within(level))'}
      escalated: {type: datetime, compute: 'deadline(from: called_at, lasts: escalate(level).time, calendar: "office")'}
    grants:
      - {who: everyone, may: all}
"""


def told(text: str) -> list[str]:
    """Return what the check tells of a text, with its place."""
    return [
        f"{each.place.line}:{each.place.column} {each.id} {each.message}" for each in check_blueprint(text).problems
    ]


def test_a_cell_that_is_no_length_is_told_where_a_deadline_takes_it() -> None:
    assert told(SERVICE) == [
        '14:28 BL310 \'2 business days\' is no length such as "2 working days", "8 working hours" or "3 days"; '
        'write "2 working days".',
        '20:23 BL310 \'soon\' is no length such as "2 working days", "8 working hours" or "3 days".',
    ]


def test_cells_that_no_deadline_takes_may_say_anything() -> None:
    kept = SERVICE.replace("escalate(level).time", '"1 day"').replace("else answer_within(level)", 'else "2 days"')
    assert [each for each in told(kept) if "BL310" in each] == []
