"""What is said of rules before they decide: never wrong, and for plain conditions all there is to say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from blankett.engine import feel
from blankett.engine.checks import check_blueprint
from blankett.engine.language.form_formulas import settings_of
from blankett.engine.language.model import SAVE, Form, Rule, rules_at
from blankett.engine.language.problems import Problem
from blankett.engine.rules import rule_set

#: How many sets of rules are made; `make nightly` makes more, and others every time.
CASES = int(os.environ.get("BLANKETT_CASES", "60"))
BOUNDED = settings(max_examples=CASES, deadline=None, derandomize="BLANKETT_CASES" not in os.environ)
MOMENT = feel.Moment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))
HEAD = """\
blueprint: shop
language: 1
title: Shop
forms:
  order:
    fields:
%s
    grants:
      - {who: everyone, may: all}
    rules:
"""
Record = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """The fields of a form, and values of which one lies in each segment that conditions can cut."""

    fields: str
    values: Mapping[str, Sequence[Any]]

    @property
    def head(self) -> str:
        """Return a blueprint up to its rules."""
        return HEAD % self.fields


NUMBERED = Desk(
    """\
      n: {type: number, decimals: 0, min: 0, max: 3}
      m: {type: number, decimals: 0, min: 0, max: 3}
      level: {type: choice, options: [low, high]}
      urgent: {type: yes_no}""",
    {
        "n": [None, *map(Decimal, range(4))],
        "m": [None, *map(Decimal, range(4))],
        "level": [None, "low", "high"],
        "urgent": [None, True, False],
    },
)
CLOCKED = Desk(
    """\
      opens: {type: time}
      since: {type: datetime}
      waits: {type: duration}
      urgent: {type: yes_no}""",
    {
        "opens": [None, *map(time, (7, 8, 9, 12, 13))],
        "since": [None, *(datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((1, 5), (1, 6), (1, 7), (2, 0)))],
        "waits": [None, *(timedelta(hours=hours) for hours in (1, 2, 5))],
        "urgent": [True, False],
    },
)


@dataclass(frozen=True)
class Written:
    """A rule as it is written."""

    when: str
    unless: str
    priority: int
    field: str
    value: str

    def text(self, number: int) -> str:
        """Return it in the language."""
        unless = f"        unless: '{self.unless}'\n" if self.unless else ""
        return (
            f"      r{number}:\n        at: save\n        priority: {self.priority}\n        when: '{self.when}'\n"
            f"{unless}        then:\n          - set: {{{self.field}: {self.value}}}\n"
        )


# ---- rules made by chance ----

NUMBERS = st.sampled_from(["n", "m"])
SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
#: Conditions on one thing each.
PLAIN = st.one_of(
    st.builds("{} {} {}".format, NUMBERS, SIGNS, st.integers(0, 3)),
    st.builds("{} in [{}..{}]".format, NUMBERS, st.integers(0, 2), st.integers(1, 3)),
    st.builds('level {} "{}"'.format, st.sampled_from(["=", "!="]), st.sampled_from(["low", "high"])),
    st.sampled_from(["urgent", "not(urgent)", "n = null", "level != null", "urgent = false", "m in (1, 3)"]),
)
#: Conditions on two things, or on something worked out.
MIXED = st.one_of(
    PLAIN,
    st.builds("n {} m".format, SIGNS),
    st.builds("m {} n".format, SIGNS),
    st.builds("n + m > {}".format, st.integers(0, 5)),
)
#: The same of clocks; a moment may be written in any zone.
CLOCKS = st.one_of(
    st.builds('opens {} @"{}:00:00"'.format, SIGNS, st.sampled_from(["08", "12"])),
    st.sampled_from(['opens in [@"08:00:00"..@"12:00:00")', 'opens in (@"08:00:00", @"12:00:00")']),
    st.builds(
        'since {} @"{}"'.format,
        SIGNS,
        st.sampled_from(["2026-03-01T06:00:00Z", "2026-03-01T07:00:00+01:00", "2026-03-01T01:00:00@America/New_York"]),
    ),
    st.builds('waits {} duration("PT2H")'.format, SIGNS),
    st.sampled_from(["urgent", "opens = null", "since != null", "waits = null"]),
)
CLOCK_SETS = st.sampled_from([("urgent", "yes"), ("urgent", "no"), ("waits", "PT2H"), ("opens", '"08:00"')])
SETS = st.sampled_from(
    [("n", "0"), ("n", "2"), ("n", "3"), ("level", "low"), ("level", "high"), ("urgent", "yes"), ("urgent", "no")]
)


def conditions(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return conditions of *leaves*."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not({})".format, inner),
        ),
        max_leaves=4,
    )


def rules(
    leaves: st.SearchStrategy[str], sets: st.SearchStrategy[tuple[str, str]] = SETS
) -> st.SearchStrategy[list[Written]]:
    """Return two to four rules with conditions of *leaves*."""
    written = st.builds(
        lambda when, unless, priority, given: Written(when, unless, priority, *given),
        conditions(leaves),
        st.one_of(st.just(""), conditions(leaves)),
        st.integers(0, 1),
        sets,
    )
    return st.lists(written, min_size=2, max_size=4)


# ---- what is true of them, by trying all records ----


class Tried:
    """Rules and every record there is."""

    def __init__(self, written: Sequence[Written], desk: Desk = NUMBERED) -> None:
        loaded = check_blueprint(desk.head + "".join(rule.text(number) for number, rule in enumerate(written)))
        assert loaded.partial is not None
        self.problems: tuple[Problem, ...] = loaded.problems
        self.form: Form = loaded.partial.forms["order"]
        self.ruled = rules_at(self.form.rules, SAVE)
        self.records: list[Record] = [
            dict(zip(desk.values, each, strict=True)) for each in product(*desk.values.values())
        ]
        self.fired = [self.firing(record) for record in self.records]
        self.living = frozenset().union(*self.fired)

    def firing(self, record: Record) -> frozenset[str]:
        """Return the rules that fire for a record."""
        return frozenset(rule_set(self.form, SAVE).fired(record, MOMENT).keys)

    def after(self, record: Record, fired: frozenset[str]) -> Record:
        """Return a record after a round in which rules fired."""
        given: Record = {}
        for rule in self.ruled:
            for key, setting in settings_of(rule).items() if rule.key in fired else ():
                given.setdefault(key, setting.constant)
        return {**record, **given}

    def loops(self) -> bool:
        """Tell whether the rules never come to rest from some record."""
        known = {tuple(record.items()): fired for record, fired in zip(self.records, self.fired, strict=True)}
        for record in self.records:
            for _ in range(12):
                after = self.after(record, known[tuple(record.items())])
                if after == record:
                    break
                record = after
            else:
                return True
        return False

    def told(self, name: str) -> list[Problem]:
        """Return the problems of a kind."""
        return [problem for problem in self.problems if problem.name == name]

    def rule_of(self, problem: Problem) -> Rule:
        """Return the rule at whose line, or below, a problem stands."""
        return max(
            (rule for rule in self.form.rules.values() if rule.place.line <= problem.place.line),
            key=lambda rule: rule.place.line,
        )

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield every two rules of one priority that set a field to two values."""
        for at, one in enumerate(self.ruled):
            for other in self.ruled[at + 1 :]:
                left, right = settings_of(one), settings_of(other)
                differ = any(key in right and left[key].constant != right[key].constant for key in left)
                if differ and one.priority == other.priority:
                    yield one.key, other.key


@BOUNDED
@given(rules(MIXED))
def test_nothing_is_said_that_is_not_true(written: list[Written]) -> None:
    tried = Tried(written)
    for problem in [*tried.told("never_holds"), *tried.told("rule_never_fires")]:
        assert all(tried.rule_of(problem).key not in fired for fired in tried.fired)
    for problem in tried.told("sets_twice"):
        # A rule that never fires, which cannot always be told, contradicts nothing.
        pairs = [frozenset(pair) for pair in tried.pairs() if tried.rule_of(problem).key in pair]
        assert any(pair <= fired or not pair <= tried.living for pair in pairs for fired in tried.fired)
    for problem in tried.told("sets_in_vain"):
        rule = tried.rule_of(problem)
        first = {
            other.key
            for other in tried.ruled
            if other.priority > rule.priority and settings_of(other).keys() >= settings_of(rule).keys()
        }
        assert all(fired & first for fired in tried.fired if rule.key in fired)
    for problem in tried.told("sets_as_is"):
        rule = tried.rule_of(problem)
        key, setting = next(iter(settings_of(rule).items()))
        assert all(
            record[key] == setting.constant
            for record, fired in zip(tried.records, tried.fired, strict=True)
            if rule.key in fired
        )
    for problem in tried.told("unless_excludes_nothing"):
        rule = tried.rule_of(problem)
        assert rule.when is not None
        assert rule.unless is not None
        assert not any(
            rule.when.evaluate(record, MOMENT) is True and rule.unless.evaluate(record, MOMENT) is True
            for record in tried.records
        )
    if tried.told("rules_loop"):
        assert tried.loops()


@BOUNDED
@given(rules(PLAIN))
def test_of_plain_conditions_all_is_said(written: list[Written]) -> None:
    _check_all_is_said(Tried(written))


@settings(BOUNDED, max_examples=CASES // 3)
@given(rules(CLOCKS, CLOCK_SETS))
def test_of_times_moments_and_lengths_all_is_said(written: list[Written]) -> None:
    _check_all_is_said(Tried(written, CLOCKED))


def _check_all_is_said(tried: Tried) -> None:
    silent = {rule.key for rule in tried.ruled if all(rule.key not in fired for fired in tried.fired)}
    said = {tried.rule_of(problem).key for name in ("never_holds", "rule_never_fires") for problem in tried.told(name)}
    assert said == silent
    both = {pair for pair in tried.pairs() if any(fired >= set(pair) for fired in tried.fired)}
    later = {max(pair, key=list(tried.form.rules).index) for pair in both}
    assert {tried.rule_of(problem).key for problem in tried.told("sets_twice")} == later
    assert tried.told("may_set_twice") == []
    assert bool(tried.told("rules_loop")) == tried.loops()
