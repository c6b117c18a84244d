"""When conditions bind that move by themselves, and choices that hang on another field of the record."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.language.loader import load_blueprint

from .told import misses

HEAD = """\
blueprint: bounds
language: 1
title: Bounds
roles: {clerk: {}, boss: {}}
forms:
  firm:
    life: reference
    key: code
    show: "{code}"
    fields:
      code: {type: text, required: yes, unique: yes}
      limit: {type: number}
      open: {type: yes_no, default: yes}
    grants: [{who: clerk, may: all}]
  deal:
    fields:
      firm: {type: link, to: firm}
      note: {type: text}
      day: {type: date}
      total: {type: number}
      lines:
        type: table
        fields:
          day: {type: date}
          what: {type: text}
    states: {draft: {start: true}, sent: {}, done: {final: true}}
    actions:
      send: {from: draft, to: sent, by: clerk}
      tick: {from: sent, by: clerk}
      lower: {from: sent, by: clerk, effects: [{update: {link: firm, set: {limit: 1}}}]}
      raise: {from: sent, by: clerk, effects: [{set: {total: 90}}]}
      finish: {from: sent, to: done, by: clerk}
    grants: [{who: clerk, may: all}]
samples:
  firm: [{code: F1, limit: 50}, {code: F2, limit: 5}]
scenarios:
"""


def told(scenario: str, *changes: tuple[str, str]) -> list[str]:
    source = HEAD + scenario
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return misses(source)


TODAY = """\
  later:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, day: 2026-03-03, lines: [{day: 2026-03-03, what: a}]}
      - do: send
      - wait: 5 days
      - do: tick
      - change: {note: x}
      - do: finish
      - expect: {state: done}
"""
BY_CLOCK = {
    "a bound": ("      day: {type: date}\n      total", "      day: {type: date, min: = today()}\n      total"),
    "a bound of a column": ("          day: {type: date}", "          day: {type: date, min: = today()}"),
    "a field's check": (
        "      day: {type: date}\n      total",
        "      day: {type: date, check: {that: day >= today()}}\n      total",
    ),
    "a form's check": (
        "    states: {draft",
        "    checks:\n      day: {that: day >= today(), message: Too late.}\n    states: {draft",
    ),
    "required": (
        "      note: {type: text}",
        "      note: {type: text}\n      why: {type: text, required: day < today()}",
    ),
    "a field that the clock shows": (
        "      note: {type: text}",
        "      note: {type: text}\n      why: {type: text, required: yes, visible: day < today()}",
    ),
    "a check of what the clock works out": (
        "    states: {draft",
        "    checks:\n      left: {that: left > -1, message: Too late.}\n    states: {draft",
    ),
}
LEFT = (
    "      note: {type: text}\n",
    "      note: {type: text}\n      left: {type: number, compute: (day - today()).days}\n",
)


@pytest.mark.parametrize("change", BY_CLOCK.values(), ids=BY_CLOCK.keys())
def test_the_clock_alone_locks_no_record(change: tuple[str, str]) -> None:
    assert told(TODAY, *([LEFT] if "left >" in change[1] else []), change) == []


@pytest.mark.parametrize("write", ["- change: {day: 2026-03-04}", "- change: {firm: F1, day: 2026-03-05}"])
def test_a_bound_binds_when_its_value_is_written(write: str) -> None:
    late = TODAY[: TODAY.index("      - change")] + f"      {write}\n      - expect: {{refused: day}}\n"
    assert told(late, BY_CLOCK["a bound"]) == []


def test_a_check_binds_when_anything_it_reads_of_the_record_is_written() -> None:
    steps = """\
  later:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, total: 40}
      - do: send
      - do: lower
      - expect: {state: sent}
      - do: tick
      - expect: {state: sent}
      - do: raise
      - expect: {refused: limit}
      - change: {total: 39}
      - expect: {refused: limit}
      - change: {note: x}
      - do: finish
      - expect: {state: done}
"""
    that = "    checks:\n      limit: {that: total <= firm.limit, message: Too much.}\n"
    check = ("    states: {draft", f"{that}    states: {{draft")
    assert told(steps, check) == []


def test_everything_binds_at_the_first_action_out_of_the_start() -> None:
    steps = """\
  late:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, day: 2026-03-03}
      - wait: 5 days
      - change: {note: x}
      - do: send
      - expect: {refused: day, state: draft}
"""
    assert told(steps, BY_CLOCK["a bound"]) == []


@pytest.mark.parametrize(
    "change",
    [
        ("      day: {type: date}\n      total", "      day: {type: date, min: = today(), binds: always}\n      total"),
        (
            "      day: {type: date}\n      total",
            "      day: {type: date, check: {that: day >= today(), binds: always}}\n      total",
        ),
        (
            "    states: {draft",
            "    checks:\n      day: {that: day >= today(), message: Late, field: day, binds: always}\n"
            "    states: {draft",
        ),
    ],
    ids=["bound", "field's check", "check"],
)
def test_binds_always_looks_again_at_every_save(change: tuple[str, str]) -> None:
    late = TODAY[: TODAY.index("      - change")] + "      - expect: {refused: day}\n"
    assert told(late, change) == []


def test_what_was_published_before_keeps_its_meaning() -> None:
    source = HEAD.replace(*BY_CLOCK["a bound"]).replace(*BY_CLOCK["a form's check"]) + TODAY
    now, before = load_blueprint(source).blueprint, load_blueprint(source, edition=0).blueprint
    assert now is not None
    assert before is not None
    assert sorted(now.forms["deal"].conditions) == [("bound", "day"), ("check", "day")]
    assert before.forms["deal"].conditions == {}
    found = before.forms["deal"]
    assert (found.fields["day"].binds, found.checks["day"].binds) == ("always", "always")
    assert found.fields["note"].binds == "written"


# Choices ------------------------------------------------------------------------------------------------------------

CHOICES = """\
blueprint: depend
language: 1
title: Depend
roles: {clerk: {}}
forms:
  firm:
    life: reference
    key: code
    show: "{code}"
    fields: {code: {type: text, required: yes, unique: yes}}
    grants: [{who: clerk, may: all}]
  person:
    life: reference
    key: name
    show: "{name}"
    fields:
      name: {type: text, required: yes, unique: yes}
      firm: {type: link, to: firm}
    grants: [{who: clerk, may: all}]
  deal:
    fields:
      firm: {type: link, to: firm, required: yes}
      note: {type: text}
      contact: {type: link, to: person, where: firm = this.firm}
      lines:
        type: table
        fields:
          firm: {type: link, to: firm}
          who: {type: link, to: person, where: firm = this.parent.firm}
          other: {type: link, to: person, where: firm = this.firm}
    states: {draft: {start: true}, sent: {}, done: {final: true}}
    actions:
      send: {from: draft, to: sent, by: clerk}
      swap: {from: sent, by: clerk, effects: [{update: {form: deal, where: note = "x", set: {firm: = firm}}}]}
      turn: {from: [draft, sent], by: clerk, ask: {to: {type: link, to: firm}}, effects: [{set: {firm: = inputs.to}}]}
      move: {from: sent, by: clerk, effects: [{update: {link: contact, set: {firm: = null}}}]}
      finish: {from: sent, to: done, by: clerk}
    grants: [{who: clerk, may: all}]
samples:
  firm: [{code: F1}, {code: F2}]
  person: [{name: Paula, firm: F1}, {name: Quinn, firm: F2}]
scenarios:
  a column that reads the header:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, lines: [{who: Paula}]}
      - do: send
      - change: {firm: F2}
      - expect: {refused: lines.who}
      - change: {note: y}
      - expect: {state: sent, values: {note: y}}
  a column that reads its own line:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, lines: [{firm: F1, other: Paula}]}
      - do: send
      - change: {lines: [{firm: F2, other: Paula}]}
      - expect: {refused: lines.other}
  an effect that writes:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, contact: Paula}
      - do: turn
        with: {to: F2}
      - do: send
      - expect: {refused: contact, state: draft}
  an effect in a record under way:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, contact: Paula}
      - do: send
      - do: turn
        with: {to: F2}
      - expect: {refused: contact, values: {firm: F1}}
  the other record moves and nobody is locked:
    as: ann (clerk)
    steps:
      - create: deal
        with: {firm: F1, contact: Paula}
      - do: send
      - do: move
      - expect: {state: sent}
      - change: {note: z}
      - do: finish
      - expect: {state: done}
"""


def test_a_choice_is_looked_at_again_when_what_it_reads_is_written() -> None:
    assert misses(CHOICES) == []


def test_choices_of_versions_published_before_are_left_alone() -> None:
    before = load_blueprint(CHOICES, edition=0).blueprint
    assert before is not None
    assert before.forms["deal"].conditions == {}
    checked = check_blueprint(CHOICES).blueprint
    assert checked is not None
    assert len(checked.forms["deal"].conditions) == 3
